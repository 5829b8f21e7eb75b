"""The audit between rounds: which groups may be shown beside those of a round before."""

from collections import Counter
from random import Random

import pytest

from handlers.surveys.rules import disclosure
from handlers.surveys.rules.disclosure import key
from handlers.surveys.rules.screening import Between, Earlier
from storage.records import Released
from tests.handlers.surveys.counted import round_of

Q = "/data/q"


def before(*groups: str, about: str = Q, id: int = 1) -> Earlier:
    """A round of which these groups were shown."""
    tables = [Released(id, at, about, group, {"kind": "choices"}) for at, group in enumerate(groups)]
    return Earlier(round_of((9,), id=id), tables)


def shown(asked: dict[tuple[tuple[int] | None, tuple[int] | None], int], *groups: str, path: str = Q) -> set[str]:
    """What may be shown of the second round."""
    between = Between(round_of((9,), id=2, days=30), asked, [before(*groups)])
    return {key(group) for group in between.shown(path)[0]}


def test_the_same_people_in_the_same_units_may_see_the_same_tables() -> None:
    same = {((0,), (0,)): 30, ((1,), (1,)): 20}
    assert shown(same, "", "0=0", "0=1") == {"", "0=0", "0=1"}


def test_a_unit_shown_before_and_a_whole_shown_now_leave_a_small_rest() -> None:
    """Before, only the first unit was shown; now everybody would be, and the other seven are the difference."""
    same = {((0,), (0,)): 30, ((1,), (1,)): 7}
    assert shown(same, "0=0") == set()
    assert shown(same, "") == {""}
    assert shown({((0,), (0,)): 30, ((1,), (1,)): 10}, "0=0") == {"", "0=0", "0=1"}


def test_three_who_moved_to_another_unit_hide_both() -> None:
    moved = {((0,), (0,)): 30, ((1,), (0,)): 3, ((1,), (1,)): 20, ((2,), (2,)): 15}
    assert shown(moved, "", "0=0", "0=1", "0=2") == {"", "0=2"}
    moved[(1,), (0,)] = 12
    assert shown(moved, "", "0=0", "0=1", "0=2") == {"", "0=0", "0=1", "0=2"}


def test_another_question_is_not_computed_with() -> None:
    joined = {((0,), (0,)): 30, ((0,), None): 1}
    assert shown(joined, "") == set()
    assert shown(joined, "", path="/data/other") == {"", "0=0"}
    assert shown(joined, "", path="/data/group/q") == set(), "it stands in another group now"


def test_what_takes_too_long_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "EFFORT", 10)
    moved = {((0,), (0,)): 30, ((1,), (0,)): 12, ((1,), (1,)): 20}
    between = Between(round_of((9,), id=2, days=30), moved, [before("", "0=0", "0=1")])
    fine, unexamined = between.shown(Q)
    assert fine == {()}, "it tells nothing that the first one has not told"
    assert unexamined == {((0, 0),), ((0, 1),)}


def test_a_large_organ_with_many_moves_takes_no_ages() -> None:
    """A hundred units by eight classes, 3000 people, one in ten of whom moved: seconds, and nothing is left to it."""
    random, asked, groups = Random(1), Counter[tuple[tuple[int, int], tuple[int, int]]](), {""}
    for _ in range(3000):
        place = (random.randrange(100), random.randrange(8))
        asked[(random.randrange(100), place[1]) if random.random() < 0.1 else place, place] += 1
        groups |= {f"0={place[0]}", f"1={place[1]}"}
    between = Between(round_of((100, 8), id=2, days=30), asked, [before(*sorted(groups))])
    fine, unexamined = between.shown(Q)
    assert () in fine
    assert {((1, place),) for place in range(8)} <= set(fine)
    assert len(fine) + len(unexamined) < 909
