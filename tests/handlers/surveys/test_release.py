"""What is released of the ballots of an anonymous round, rule by rule."""

import json
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from handlers.forms.form import NOTHING, Group
from handlers.surveys.rules.release import METHODS, Earlier
from handlers.surveys.rules.screening import RECENT
from handlers.surveys.rules.tallying import Box
from storage.records import Released
from tests.handlers.surveys.counted import Counted, form, question, round_of, scale, tables

Q = "/data/q"
ONE = form(question(Q, choices=("yes", "no")))


def said(path: str, *answers: Any, cell: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], dict[str, Any]]]:
    """A ballot for each answer to one question; None: skipped."""
    return [(cell, {} if answer is None else {path: answer}) for answer in answers]


def test_of_too_few_answers_nothing_is_released() -> None:
    counted = Counted(ONE, round_of(), said(Q, *["yes", "no"] * 4, "yes"))
    outcome = counted.release({((),): 40})
    assert outcome.withheld
    assert outcome.tables == outcome.remarks == ()


def test_shares_are_whole_percent_and_small_numbers_bands() -> None:
    few = Counted(ONE, round_of(), said(Q, *["yes"] * 20, *["no"] * 9)).release({((),): 50})
    assert tables(few) == {
        ("round", ""): {"kind": "round", "asked": 50, "n": "20–49", "rate": 60},
        (Q, ""): {"kind": "choices", "n": "20–49", "shares": {"yes": 69, "no": 31}},
    }
    many = Counted(ONE, round_of(), said(Q, *["yes"] * 40, *["no"] * 17)).release()
    assert tables(many)[Q, ""] == {"kind": "choices", "n": 57, "shares": {"yes": 70, "no": 30}}


def test_where_few_have_not_answered_no_rate_and_no_number_is_told() -> None:
    outcome = Counted(ONE, round_of(), said(Q, *["yes"] * 40, *["no"] * 17)).release({((),): 59})
    assert tables(outcome)["round", ""] == {"kind": "round", "asked": 59, "n": "50+", "rate": None}
    assert tables(outcome)[Q, ""]["n"] == "50+"


def test_a_unit_too_small_and_its_complement_are_hidden() -> None:
    ballots = [
        *said(Q, *["yes", "no"] * 12, cell=(0,)),
        *said(Q, *["yes", "no"] * 10, cell=(1,)),
        *said(Q, *["yes", "no"] * 3, cell=(2,)),
    ]
    outcome = Counted(ONE, round_of((3,)), ballots).release()
    shown = tables(outcome)
    assert shown["round", "0=0"] is not None
    assert shown["round", "0=1"] is None
    assert shown["round", "0=2"] is None
    assert {group for about, group in shown if about == Q} == {"", "0=0"}
    assert outcome.report["by_rule"] == {"few": 1, "beside": 1}


def test_a_question_that_few_answered_is_hidden_and_its_complement_too() -> None:
    """All were asked and handed in; of the second unit only three answered this question."""
    ballots = [
        *said(Q, *["yes", "no"] * 12, cell=(0,)),
        *said(Q, "yes", "no", "no", *[None] * 17, cell=(1,)),
    ]
    shown = tables(Counted(ONE, round_of((2,)), ballots).release())
    assert shown["round", "0=1"] is not None
    assert shown[Q, ""] is not None
    assert shown[Q, "0=0"] is None
    assert shown[Q, "0=1"] is None


def test_a_group_that_all_but_agrees_shows_no_distribution() -> None:
    ballots = [*said(Q, *["yes", "no"] * 15, cell=(0,)), *said(Q, *["yes"] * 14, "no", cell=(1,))]
    shown = tables(Counted(ONE, round_of((2,)), ballots).release())
    assert shown[Q, "0=1"] is None
    assert shown[Q, "0=0"] is None, "or the other could be had as a difference"


def test_of_a_small_round_that_all_but_agrees_only_the_answer_is_told() -> None:
    shown = tables(Counted(ONE, round_of(), said(Q, *["yes"] * 14, "no")).release())
    assert shown[Q, ""] == {"kind": "choices", "n": "10–19", "mostly": "yes"}
    shown = tables(Counted(ONE, round_of(threshold=5), said(Q, *["yes"] * 8)).release())
    assert shown[Q, ""] is None


def test_a_scale_has_mean_share_and_who_does_not_know_stands_apart() -> None:
    path = "/data/d/q0"
    ballots = said(path, *["5"] * 20, *["4"] * 20, *["1"] * 20, *["9"] * 20)
    shown = tables(Counted(form(scale("/data/d", 2)), round_of(), ballots).release({((),): 160}))
    assert shown[path, ""] == {
        "kind": "choices",
        "n": 60,
        "shares": {"1": 33, "2": 0, "3": 0, "4": 33, "5": 33},
        "scale": 5,
        "mean": 3.3,
        "positive": 67,
        "unknown": 25,
        "sd": 1.7,
        "margin": 9,
    }
    assert shown["/data/d/q1", ""] is None
    assert shown["dimension:/data/d", ""] is None, "nobody answered one of its items"


def test_of_every_kind_the_figures_that_belong_to_it() -> None:
    asked = form(
        question("/data/m", "select_multiple", ("a", "b", "c")),
        question("/data/r", "rank", ("x", "y")),
        question("/data/n", "integer"),
        question("/data/k", "acknowledge"),
        question("/data/w", "text"),
    )
    ballots = []
    for at in range(60):
        ballots.append(
            (
                (),
                {
                    "/data/m": ["a"] if at % 2 else ["a", "c"],
                    "/data/r": ["x", "y"] if at % 3 else ["y", "x"],
                    "/data/n": at % 4,
                    "/data/k": "OK",
                    "/data/w": f"comment {at}",
                },
            )
        )
    outcome = Counted(asked, round_of(), ballots).release()
    shown = tables(outcome)
    assert shown["/data/m", ""] == {"kind": "several", "n": 60, "shares": {"a": 100, "b": 0, "c": 50}}
    assert shown["/data/r", ""] == {"kind": "order", "n": 60, "places": {"x": 1.3, "y": 1.7}}
    assert shown["/data/n", ""] == {"kind": "number", "n": 60, "mean": 1.5, "sd": 1.1}
    assert shown["/data/k", ""] == {"kind": "confirmed", "n": 60}
    assert shown["/data/w", ""] == {"kind": "words", "n": 60}
    assert {one.words for one in outcome.remarks} == {f"comment {at}" for at in range(60)}
    assert [one.words for one in outcome.remarks] != [f"comment {at}" for at in range(60)]


def test_comments_need_ten_and_the_threshold() -> None:
    asked = form(question("/data/w", "text"), question(Q, choices=("yes", "no")))
    for count, threshold, told in ((9, 5, False), (10, 5, True), (14, 15, False), (15, 15, True)):
        ballots = [*said("/data/w", *[f"{at}" for at in range(count)]), *said(Q, *["yes", "no"] * 15)]
        outcome = Counted(asked, round_of(threshold=threshold), ballots).release()
        assert bool(outcome.remarks) is told
        assert (tables(outcome)["/data/w", ""] is not None) is told


def test_ballots_that_are_none_are_counted_as_invalid() -> None:
    box = Box(form(question(Q, choices=("yes", "no")), question("/data/r", "rank", ("x", "y"))), round_of((2,)))
    box.add(
        [
            *(b"", b"\xff", b"null", b"[]", b"{}", b'{"a":{}}', b'{"a":[],"b":[0]}', b'{"a":{},"b":[]}'),
            *(b'{"a":{},"b":[2]}', b'{"a":{},"b":[-1]}', b'{"a":{},"b":[true]}', b"[" * 100_000),
            b'{"a":{"/data/q":"perhaps","/data/r":["x","x"]},"b":[1]}',
            b'{"a":{"/data/q":"yes","/data/r":["y","x"],"/data/other":1},"b":[1]}',
        ]
    )
    tally = box.shut()
    assert (tally.invalid, tally.strange, tally.cells.tolist()) == (12, 2, [1, 1])
    assert tally.columns[Q].tolist() == [-1, 0]
    assert tally.columns["/data/r"].tolist() == [[-1, -1], [2, 1]]


def test_what_stands_in_a_repeat_is_left_out_and_the_report_says_so() -> None:
    repeat = Group("/data/kid", "kid", NOTHING, items=(question("/data/kid/name", "text"),), repeat=True)
    asked = form(question(Q, choices=("yes", "no")), repeat, question("/data/day", "date"))
    report = Counted(asked, round_of(), said(Q, *["yes", "no"] * 10)).release().report
    assert report["left_out"] == {"/data/kid/name": "repeat", "/data/day": "type"}


def test_the_bands_of_an_age_are_no_scale() -> None:
    asked = form(question("/data/age", choices=("1", "2", "3")), question("/data/years", choices=("1", "2", "3", "4")))
    shown = tables(Counted(asked, round_of(), said("/data/age", *["1", "2"] * 10)).release())
    assert "mean" not in shown["/data/age", ""]


def attitudes(people: int, turned: bool, declared: bool, seed: int = 7) -> Counted:
    """Four items that measure one thing; of the last, if `turned`, the opposite was asked."""
    random = Random(seed)
    ballots = []
    for _ in range(people):
        liking = random.gauss(3, 1)
        points = [min(5, max(1, round(liking + random.gauss(0, 0.6)))) for _ in range(4)]
        points[3] = 6 - points[3] if turned else points[3]
        ballots.append(((), {f"/data/d/q{at}": str(point) for at, point in enumerate(points)}))
    return Counted(form(scale("/data/d", 4, [3] if declared else [])), round_of(), ballots)


def test_reverse_keyed_items_are_turned_before_dimensions_and_reliability() -> None:
    straight = tables(attitudes(200, turned=False, declared=False).release())
    turned = tables(attitudes(200, turned=True, declared=True).release())
    assert turned["dimension:/data/d", ""] == straight["dimension:/data/d", ""]
    one, other = straight["reliability:/data/d", ""], turned["reliability:/data/d", ""]
    assert {**other, "reversed": []} == one
    assert other["reversed"] == ["/data/d/q3"]
    assert turned["/data/d/q3", ""]["reversed"]
    assert one["alpha"] > 0.85


def test_an_item_that_was_forgotten_to_be_turned_shows() -> None:
    """The negative control: alpha falls below what anybody would accept, and the item points the other way."""
    shown = tables(attitudes(200, turned=True, declared=False).release())["reliability:/data/d", ""]
    assert shown["alpha"] < 0.5
    assert [one["r"] < -0.5 for one in shown["per_item"]] == [False, False, False, True]
    assert shown["per_item"][3]["without"] > 0.85


def test_scales_are_examined_from_thirty_people_on() -> None:
    for people, told in ((29, False), (30, True)):
        shown = tables(attitudes(people, turned=False, declared=False).release())
        assert ("alpha" in shown["reliability:/data/d", ""]) is told
        assert ("few" in shown["reliability:/data/d", ""]) is not told
        assert ("kmo" in shown["fitness", ""]) is told


def test_every_method_has_its_words() -> None:
    counted = attitudes(200, turned=False, declared=False)
    counted = Counted(counted.form, round_of(pairs=[("q0", "q1")]), counted.ballots)
    named = {
        one[key] for one in tables(counted.release()).values() if one for key in ("method", "missing") if key in one
    }
    assert named
    assert named <= set(METHODS)


PAIR = form(question("/data/a", choices=("x", "y")), question("/data/b", choices=("x", "y", "z")))


def crossed(*counts: tuple[str | None, str | None, int], threshold: int = 10) -> Any:
    """The cross table of so many ballots with these two answers."""
    ballots = [
        ((), {path: answer for path, answer in (("/data/a", one), ("/data/b", two)) if answer})
        for one, two, count in counts
        for _ in range(count)
    ]
    round = round_of(threshold=threshold, pairs=[("a", "b")])
    return tables(Counted(PAIR, round, ballots).release())["cross:/data/a|/data/b", ""]


def test_a_declared_pair_is_shown_with_its_test() -> None:
    assert crossed(("x", "x", 30), ("x", "y", 10), ("y", "x", 10), ("y", "y", 30)) == {
        "kind": "cross",
        "n": 80,
        "rows": ["x", "y"],
        "columns": ["x", "y"],
        "shares": [[75, 25], [25, 75]],
        "test": "chi2",
        "method": "chi2",
        "missing": "both",
        "chi2": 20.0,
        "df": 1,
        "p": 0.0,
        "v": 0.5,
    }


@pytest.mark.parametrize(
    "counts",
    [
        [("x", "x", 30), ("x", "y", 9), ("y", "x", 10), ("y", "y", 30)],  # nine share two answers
        [("x", "x", 30), ("x", "y", 10), ("y", "x", 19)],  # whoever said y all say x
        [("x", "x", 30), ("x", "y", 10), ("y", "x", 10), ("y", "y", 30), ("x", None, 3)],  # three answered only one
        [("x", "x", 30), ("x", "y", 10), ("y", "x", 10), ("y", "y", 30), ("x", None, 15)],  # and fifteen all alike
    ],
)
def test_a_pair_that_would_tell_of_few_is_hidden(counts: list[tuple[str | None, str | None, int]]) -> None:
    assert crossed(*counts) is None


def test_who_answered_both_is_no_band_and_a_few_more() -> None:
    """The second question is for one unit; two of another answered it, too: the difference of two shown groups."""

    def shown(strangers: int) -> Any:
        cells = [((0,), "x", "x"), ((0,), "x", "y"), ((0,), "y", "x"), ((0,), "y", "y")]
        ballots: list[Any] = [(cell, {"/data/a": one, "/data/b": two}) for cell, one, two in cells for _ in range(20)]
        ballots += [((1,), {"/data/a": "xy"[at % 2], "/data/b": "xy"[at // 2 % 2]}) for at in range(strangers)]
        ballots += [((1,), {"/data/a": "xy"[at % 2]}) for at in range(40)]
        return tables(Counted(PAIR, round_of((2,), pairs=[("a", "b")]), ballots).release())

    assert shown(0)["/data/a", "0=0"] is not None
    assert shown(0)["cross:/data/a|/data/b", ""] is not None
    assert shown(2)["cross:/data/a|/data/b", ""] is None
    assert shown(20)["cross:/data/a|/data/b", ""] is not None


def twice(first: int, second: int, both: int, days: int = 30) -> Any:
    """Two rounds of which so many were asked in the first, the second and both: what is released of the second."""
    before = Counted(ONE, round_of(id=1), said(Q, *["yes", "no"] * (first // 2)))
    earlier = Earlier(before.round, before.release().tables)
    after = Counted(ONE, round_of(id=2, days=days), said(Q, *["yes"] * (second // 2), *["no"] * (second - second // 2)))
    asked = Counter({((), ()): both, (None, ()): first - both, ((), None): second - both})
    return tables(after.release(asked, [earlier]))


def test_one_joiner_between_two_rounds_hides_what_would_tell_of_them() -> None:
    assert twice(60, 61, 60)[Q, ""] is None
    assert twice(60, 60, 60)[Q, ""] is not None
    assert twice(60, 60, 50)[Q, ""] is not None
    assert twice(60, 60, 57)[Q, ""] is None, "three who left and three who came"


def test_a_trend_compares_only_what_can_be_compared() -> None:
    same = twice(60, 60, 60)[f"trend:{Q}", ""]
    point = {"n": 60, "comparable": True, "shares": {"yes": 50, "no": 50}}
    assert same == {"kind": "trend", "points": [{"round": 1, **point}, {"round": 2, **point}]}
    later = twice(60, 61, 60, days=200)[f"trend:{Q}", ""]["points"]
    assert later[0] == {"round": 1, "n": 60, "comparable": False, "shares": {"yes": "50–59", "no": "50–59"}}
    assert later[1]["shares"] == {"yes": 49, "no": 51}


KEYS = {
    "round": {"kind", "asked", "n", "rate"},
    "choices": {
        *("kind", "n", "shares", "scale", "unknown", "mean", "positive", "sd", "margin", "reversed", "mostly"),
    },
    "several": {"kind", "n", "shares", "mostly"},
    "number": {"kind", "n", "mean", "sd"},
    "words": {"kind", "n"},
    "dimension": {"kind", "n", "items", "index", "positive"},
}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_release_breaks_a_rule(data: st.DataObject) -> None:
    """Whatever was answered: nothing is shown of fewer than k, no number below 50, no spread below 20, whole percent,
    and every table is plain JSON of known shape."""
    random = data.draw(st.randoms(use_true_random=False))
    threshold = data.draw(st.sampled_from([5, 7, 10]))
    shape = data.draw(st.sampled_from([(), (2,), (4,), (2, 2), (3, 4)]))
    agreed = data.draw(st.sampled_from([0.0, 0.5, 0.9]))
    asked = form(
        scale("/data/d", 3, [1]), question("/data/n", "integer"), question("/data/m", "select_multiple", ("a", "b"))
    )

    def point() -> str | None:
        return "4" if random.random() < agreed else random.choice(["1", "2", "3", "4", "5", "9", None])

    ballots = []
    for _ in range(data.draw(st.integers(0, 90))):
        answers = {f"/data/d/q{at}": point() for at in range(3)} | {
            "/data/n": random.choice([None, 3, random.randint(0, 9)]),
            "/data/m": random.choice([None, ["a"], ["b", "a"]]),
        }
        given_ = {path: answer for path, answer in answers.items() if answer is not None}
        ballots.append((tuple(random.randrange(size) for size in shape), given_))
    silent = data.draw(st.integers(0, 12))
    crowd = Counter((cell,) for cell, _ in ballots)
    crowd.update((tuple(random.randrange(size) for size in shape),) for _ in range(silent))
    counted = Counted(asked, round_of(shape, threshold), ballots)
    outcome = counted.release(crowd)
    assert outcome.withheld is (len(ballots) < threshold)
    assert json.loads(json.dumps([one.figures for one in outcome.tables])) == [one.figures for one in outcome.tables]
    for one in outcome.tables:
        if one.figures is not None and one.figures["kind"] in KEYS:
            follows_the_rules(one, counted, threshold)


def follows_the_rules(table: Released, counted: Counted, threshold: int) -> None:
    """One shown table, looked at with the ballots in hand."""
    figures = table.figures
    assert figures is not None
    pairs = [tuple(map(int, pair.split("="))) for pair in table.group.split(",") if pair]
    group = [answers for cell, answers in counted.ballots if all(cell[at] == place for at, place in pairs)]
    people = [one[table.about] for one in group if table.about in one] if table.about.startswith("/") else group
    assert set(figures) <= KEYS[figures["kind"]]
    assert len(people) >= threshold
    known = len([answer for answer in people if answer != "9"])
    assert known >= threshold or "mostly" in figures or figures["kind"] == "round"
    low = figures["n"] if isinstance(figures["n"], int) else None
    assert low is None or low >= 50
    assert "sd" not in figures or known >= 20
    assert all(type(share) is int for share in figures.get("shares", {}).values())
    if "shares" in figures and figures["kind"] == "choices" and len(people) < 20:
        assert len(people) - max(Counter(people).values()) > 5
    if figures["kind"] == "number" and len(people) < 20:
        assert len(people) - max(Counter(people).values()) > 5


def test_the_period_in_which_rounds_are_taken_from_one_another_is_half_a_year() -> None:
    assert timedelta(days=180) == RECENT
    assert twice(60, 61, 60, days=187)[Q, ""] is None
    assert twice(60, 61, 60, days=188)[Q, ""] is not None


def test_dimensions_are_set_beside_each_other() -> None:
    """Two that go together, one that goes the other way, and every item's part in a factor analysis."""
    random, ballots = Random(3), []
    for _ in range(120):
        liking = random.choice([1, 2, 3, 4, 5])
        points = [liking, liking, 6 - liking]
        answers = {}
        for at, point in enumerate(points):
            for item in range(2):
                answers[f"/data/d{at}/q{item}"] = str(min(5, max(1, point + random.choice([-1, 0, 0, 1]))))
        ballots.append(((), answers))
    asked = form(*(scale(f"/data/d{at}", 2) for at in range(3)))
    shown = tables(Counted(asked, round_of(), ballots).release())
    found = shown["correlations", ""]
    assert found["dimensions"] == ["/data/d0", "/data/d1", "/data/d2"]
    assert [found["r"][at][at] for at in range(3)] == [1, 1, 1]
    assert found["r"][0][1] > 0.7
    assert found["r"][0][2] < -0.7
    assert found["n"] == 120
    assert 0.5 < shown["fitness", ""]["kmo"] < 1
    assert shown["fitness", ""]["p"] == 0
    assert shown["reliability:/data/d0", ""]["per_item"][0]["without"] is None


def test_two_by_two_of_few_is_tested_by_fishers() -> None:
    found = crossed(("x", "x", 6), ("x", "y", 7), ("y", "x", 1), threshold=5)
    assert found is None, "one shares two answers"
    found = crossed(("x", "x", 7), ("x", "y", 6), ("y", "x", 6), ("y", "y", 5), threshold=5)
    assert found is None, "all but five of a small group agree"
    found = crossed(("x", "x", 40), ("x", "y", 6), ("y", "x", 6), ("y", "y", 6), threshold=5)
    assert (found["test"], found["method"], set(found) & {"chi2", "df", "v"}) == ("fisher", "fisher", set())
    assert found["p"] == round(stats.fisher_exact([[40, 6], [6, 6]]).pvalue, 3)


def test_three_by_three_of_few_is_not_tested() -> None:
    pairs = [(one, two, 40 if one == two == "x" else 6) for one in "xy" for two in "xyz"]
    found = crossed(*pairs, threshold=5)
    assert (found["test"], found["method"]) == (None, "none")
    assert "p" not in found


def test_a_number_that_nearly_all_gave_is_hidden() -> None:
    asked = form(question("/data/n", "integer"))
    for other, told in ((5, False), (6, True)):
        ballots = said("/data/n", *[3] * (15 - other), *range(10, 10 + other))
        assert (tables(Counted(asked, round_of(), ballots).release())["/data/n", ""] is not None) is told


def test_many_different_numbers_are_shown_of_twenty_people_or_more() -> None:
    asked = form(question("/data/n", "decimal"))
    cells = [*((0,) for _ in range(40)), *((1,) for _ in range(15))]
    ballots = [(cell, {"/data/n": at * 1.5}) for at, cell in enumerate(cells)]
    shown = tables(Counted(asked, round_of((2,)), ballots).release())
    assert shown["/data/n", ""]["mean"] == 40.5
    assert shown["/data/n", "0=1"] is None
    assert shown["/data/n", "0=0"] is None, "or the other's mean could be computed"
