"""Units are placed in a tree as rows mention them; circles are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.people.rules.tree import Mention, UnitLine, below, loops, plant
from handlers.talk import Text
from storage.records import Unit


def placed(*mentions: Mention) -> list[str]:
    planted = plant(mentions)
    assert not planted.wrong
    return ["/".join(planted.paths[mention]) for mention in mentions]


def wrong(*mentions: Mention) -> dict[Mention, str]:
    return {mention: text.message for mention, text in plant(mentions).wrong.items()}


def test_bare_names_stand_at_the_top() -> None:
    planted = plant([("甲科", ""), ("乙科", ""), ("甲科", "")])
    assert planted.units == (UnitLine("乙科", "乙科"), UnitLine("甲科", "甲科"))


def test_a_path_brings_all_units_on_its_way_those_above_first() -> None:
    planted = plant([("县/镇/科", "")])
    assert planted.units == (UnitLine("县", "县"), UnitLine("县/镇", "镇", "县"), UnitLine("县/镇/科", "科", "县/镇"))


def test_a_name_is_looked_up_among_the_paths() -> None:
    assert placed(("科", ""), ("镇", ""), ("镇/科", "")) == ["镇/科", "镇", "镇/科"]


def test_names_of_the_units_above_make_the_tree_in_any_order() -> None:
    assert placed(("科", "镇"), ("镇", "县"), ("股", "科"), ("县", ""), ("股", "")) == [
        "县/镇/科",
        "县/镇",
        "县/镇/科/股",
        "县",
        "县/镇/科/股",
    ]


def test_the_unit_above_may_be_a_path_or_the_end_of_one() -> None:
    assert placed(("科", "县/镇"), ("股", "镇"), ("县/镇/室", "x"), ("所", "村")) == [
        "县/镇/科",
        "县/镇/股",
        "县/镇/室",
        "村/所",
    ]


def test_a_slash_alone_puts_a_unit_at_the_top() -> None:
    assert placed(("/镇", ""), ("县/镇/科", "")) == ["镇", "县/镇/科"]


def test_what_cannot_be_told() -> None:
    found = wrong(("综合科", "甲镇"), ("综合科", "乙镇"), ("股", "综合科"), ("综合科", ""), ("财政所", ""))
    assert {mention: message.split(" ")[0] for mention, message in found.items()} == {
        ("股", "综合科"): "several",
        ("综合科", ""): "several",
        ("财政所", ""): "the",
    }
    assert wrong(("县/镇/科", ""), ("州/镇/科", ""), ("股", "镇"))[("股", "镇")].startswith("several units")


@pytest.mark.parametrize("mentions", [[("甲", "甲")], [("甲", "乙"), ("乙", "丙"), ("丙", "甲")]])
def test_units_in_a_circle(mentions: list[Mention]) -> None:
    planted = plant(mentions)
    assert planted.paths == {}
    assert planted.units == ()
    way = str(planted.wrong[mentions[0]].args["way"]).split(" → ")
    assert way[0] == way[-1] == "甲"
    assert len(way) == len(mentions) + 1


def test_a_chain_that_is_too_long_is_refused() -> None:
    mentions = [(f"u{at}", f"u{at + 1}") for at in range(40)]
    found = wrong(*mentions)
    assert found[mentions[0]].startswith("the unit {unit} is too long")
    assert mentions[39] not in found


def test_below() -> None:
    units = [Unit(1, "a", "a"), Unit(2, "a/b", "b", 1), Unit(3, "a/b/c", "c", 2), Unit(4, "d", "d")]
    assert below(units[0], units) == {1, 2, 3}
    assert below(units[3], units) == {4}


people = st.sampled_from("ABCDEFGH")


@given(st.dictionaries(people, people))
def test_loops_are_found_each_once(above: dict[str, str]) -> None:
    found = loops(above)
    for loop in found:
        assert all(above[one] == loop[(at + 1) % len(loop)] for at, one in enumerate(loop))
    on_loops = {one for loop in found for one in loop}
    assert sum(map(len, found)) == len(on_loops)
    for one in above:
        at = one
        for _ in above:
            at = above.get(at, "nobody")
        assert (at in on_loops) == (at in above)


cells = st.text("ab/ ", max_size=6).map(str.strip)


@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_every_mention_is_placed_or_explained(mentions: list[Mention]) -> None:
    planted = plant(mentions)
    assert planted.paths.keys() | planted.wrong.keys() == set(mentions)
    assert not planted.paths.keys() & planted.wrong.keys()
    assert all(isinstance(text, Text) for text in planted.wrong.values())
    codes = [unit.code for unit in planted.units]
    assert len(codes) == len(set(codes))
    for at, unit in enumerate(planted.units):
        assert not unit.parent or unit.parent in codes[:at]
    assert {"/".join(path) for path in planted.paths.values()} <= set(codes)


@given(
    st.lists(st.tuples(cells, cells), max_size=6).flatmap(
        lambda found: st.tuples(st.just(found), st.permutations(found))
    )
)
def test_the_order_of_rows_does_not_matter(two: tuple[list[Mention], list[Mention]]) -> None:
    one, other = map(plant, two)
    assert one.paths == other.paths
    assert one.units == other.units
