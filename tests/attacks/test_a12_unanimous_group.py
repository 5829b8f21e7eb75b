"""A12: a unit in which all say the same.

**What the attacker has.** All that was released, and who is in which unit.

**What he tries.** If a table of a unit says 100 %, he knows what each of its people answered; he needs no arithmetic.
If it is hidden, he takes the other units from the whole, or reads it off a mean, a dimension, a cross table, a trend.

**What must hold.** Of a unit of fewer than twenty people who all (or all but five) gave the same answer no distribution
and no mean is shown, and none can be computed. Of a whole round of so few, but ten or more, it is said which answer
most gave, without a number; of a unit not even that, because with the table of the whole it would tell who differs
(A11).
"""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.attacks.test_a10_filter_differencing import fewest
from tests.handlers.surveys.counted import Counted, form, question, round_of, scale, tables

PATH = "/data/d/q0"
FORM = form(scale("/data/d", 2), question("/data/n", "integer"))


def organ(sizes: Sequence[int], differ: int, threshold: int = 10) -> tuple[Counted, dict[tuple[str, str], Any]]:
    """Units of these sizes; in the first all but `differ` strongly agree, in the others people differ."""
    ballots = []
    for unit, size in enumerate(sizes):
        for person in range(size):
            mixed = unit > 0 or person < differ
            point = "1234"[person % 4] if mixed else "5"
            ballots.append(((unit,), {PATH: point, "/data/d/q1": point, "/data/n": int(point)}))
    counted = Counted(FORM, round_of((len(sizes),), threshold), ballots)
    return counted, tables(counted.release())


@pytest.mark.parametrize("differ", range(6))
@pytest.mark.parametrize("size", [10, 14, 19])
def test_a_small_unit_that_all_but_agrees_shows_no_number(size: int, differ: int) -> None:
    _, shown = organ([size, 40, 30], differ)
    assert shown[PATH, "0=0"] is None
    assert shown["/data/n", "0=0"] is None
    assert shown["dimension:/data/d", "0=0"] is None


@pytest.mark.parametrize("sizes", [[12, 40], [12, 40, 30], [15, 12, 40, 60], [19, 20, 20, 20]])
def test_it_cannot_be_had_as_a_difference_either(sizes: list[int]) -> None:
    """The numbers that are shown tell of no group that lies within the unit."""
    counted, shown = organ(sizes, 0)
    people = [cell[0] for cell, _ in counted.ballots]
    for about in (PATH, "/data/d/q1", "/data/n", "dimension:/data/d"):
        groups = [
            [person for person, unit in enumerate(people) if group in ("", f"0={unit}")]
            for (what, group), figures in shown.items()
            if what == about and figures is not None and "mostly" not in figures
        ]
        found = fewest(groups, 20)
        assert found is None or not found <= set(range(sizes[0])), about


def test_an_unanimous_unit_below_ten_shows_nothing_at_all() -> None:
    _, shown = organ([8, 40, 30], 0, threshold=5)
    assert shown[PATH, "0=0"] is None


def test_from_twenty_on_agreement_is_a_result() -> None:
    _, shown = organ([20, 40, 30], 0)
    assert shown[PATH, "0=0"]["shares"]["5"] == 100


def test_an_unanimous_round_of_few_shows_no_number_anywhere() -> None:
    _, shown = organ([12], 0)
    assert shown[PATH, ""] == {"kind": "choices", "n": "10–19", "mostly": "agree"}
    assert shown["/data/n", ""] is None
    assert all(figures is None for (about, _), figures in shown.items() if about.startswith(("dimension", "reliab")))
