"""Who is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.refusals import BadInput
from handlers.surveys.rules.audience import named_units, subtree, units_of
from storage.records import Audience, Unit

UNITS = [Unit(1, "1", "机关"), Unit(2, "11", "办公室", 1), Unit(3, "111", "文秘组", 2), Unit(4, "12", "执法队", 1)]


def test_units_are_found_by_code_or_name_and_counted_once() -> None:
    assert named_units(["11", " 执法队 ", "办公室"], UNITS) == (2, 4)


def test_a_code_wins_over_a_name() -> None:
    assert named_units(["11"], [*UNITS, Unit(9, "9", "11")]) == (2,)


def test_every_unknown_or_doubtful_unit_is_named_at_once() -> None:
    with pytest.raises(BadInput) as no:
        named_units(["nowhere", "文秘组", "财政"], [*UNITS, Unit(5, "121", "文秘组", 4)])
    assert [problem.args["name"] for problem in no.value.problems] == ["nowhere", "文秘组", "财政"]
    assert no.value.problems[1].args["codes"] == "111, 121"


@pytest.mark.parametrize(("chosen", "inside"), [((), set()), ((2,), {2, 3}), ((3, 4), {3, 4}), ((1, 3), {1, 2, 3, 4})])
def test_a_unit_means_all_below_it(chosen: tuple[int, ...], inside: set[int]) -> None:
    assert subtree(chosen, UNITS) == inside


def test_an_audience_means_units_with_all_below_and_units_alone() -> None:
    assert units_of(Audience(unit_ids=(2,), alone_ids=(1,)), UNITS) == {1, 2, 3}
    assert units_of(Audience(), UNITS) == set()


@given(st.data())
def test_a_subtree_is_closed_downwards_and_holds_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    parents = [None, *(data.draw(st.integers(0, n - 1)) for n in range(1, size))]
    units = [Unit(n, str(n), str(n), parent) for n, parent in enumerate(parents)]
    chosen = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    inside = subtree(chosen, units)
    for unit in units:
        assert (unit.id in inside) == (unit.id in chosen or unit.parent_id in inside)
