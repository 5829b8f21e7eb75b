"""A11: those in league take their own answers out.

**What the attacker has.** He and up to three others in his unit, or four accounts that he controls, answered as they
agreed; so he knows four of the answers in each table. He knows how many answered, though the table says only a band,
and every rule by which tables are shown, hidden or cut down to “mostly”. Of each table he knows the exact numbers.

**What he tries.** He thinks of every way in which the whole unit could have answered, lets the product count it, and
keeps those ways that look like what was really released and have his own four answers in them. If in all of these
everybody who is not in league gave one and the same answer, he knows it.

**What must hold.** For thresholds of 5 and 10, whatever was answered and whoever is in league: among the ways that are
left there is one in which somebody who is not in league answered otherwise. From twenty people on a table in which all
agree is shown (`docs/anonymity.md`); that all agree is then the result.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product

import pytest

from tests.handlers.surveys.counted import Counted, form, question, round_of

PATH = "/data/q"
OPTIONS = ("1", "2", "3")
LEAGUE = 4

World = tuple[tuple[int, ...], ...]
"""By unit, how many gave each answer."""


def worlds(sizes: Iterable[int], options: int) -> Iterator[World]:
    """Every way in which units of these sizes can have answered."""
    return product(*(list(_ways(size, options)) for size in sizes))


def _ways(size: int, options: int) -> Iterator[tuple[int, ...]]:
    if options == 1:
        yield (size,)
        return
    for first in range(size + 1):
        for rest in _ways(size - first, options - 1):
            yield (first, *rest)


def seen(world: World, threshold: int) -> str:
    """What is released, the numbers exact where shares are shown."""
    options = OPTIONS[: len(world[0])]
    ballots = [
        ((unit,), {PATH: option})
        for unit, counts in enumerate(world)
        for option, count in zip(options, counts, strict=True)
        for _ in range(count)
    ]
    asked = form(question(PATH, choices=options))
    counted = Counted(asked, round_of((len(world),), threshold), ballots)
    found = []
    for one in counted.release().tables:
        figures = dict(one.figures or {})
        if "shares" in figures:
            units = [int(one.group[2:])] if one.group else range(len(world))
            figures["shares"] = [sum(world[unit][at] for unit in units) for at in range(len(options))]
        figures.pop("n", None)
        found.append([one.about, one.group, figures])
    return json.dumps(found)


def leagues(world: World) -> Iterator[World]:
    """Every league of four within one unit or across units, by the answers they gave."""
    flat = [count for counts in world for count in counts]
    width = len(world[0])
    for some in _ways(LEAGUE, len(flat)):
        if all(one <= count for one, count in zip(some, flat, strict=True)):
            yield tuple(some[at : at + width] for at in range(0, len(flat), width))


def certain(world: World, league: World) -> set[tuple[int, int]]:
    """Units of whom all the rest gave one answer, and that answer."""
    found = set()
    for unit, (counts, ours) in enumerate(zip(world, league, strict=True)):
        rest = [count - mine for count, mine in zip(counts, ours, strict=True)]
        if sum(rest) and max(rest) == sum(rest):
            found.add((unit, rest.index(max(rest))))
    return found


def exposed(sizes: tuple[int, ...], threshold: int, options: int) -> list[tuple[World, World]]:
    """The worlds and leagues in which somebody's answer is certain."""
    looks: dict[str, list[World]] = defaultdict(list)
    for world in worlds(sizes, options):
        looks[seen(world, threshold)].append(world)
    return [
        (next(world for world in group if _within(league, world)), league)
        for group in looks.values()
        for league in {ours for world in group for ours in leagues(world)}
        if _is_certain(group, league)
    ]


def _is_certain(group: list[World], league: World) -> bool:
    possible = [world for world in group if _within(league, world)]
    return bool(possible) and bool(set.intersection(*(certain(world, league) for world in possible)))


def _within(league: World, world: World) -> bool:
    return all(
        mine <= count
        for ours, counts in zip(league, world, strict=True)
        for mine, count in zip(ours, counts, strict=True)
    )


@pytest.mark.parametrize("size", range(5, 17))
def test_of_one_unit_nobody_is_certain_at_five(size: int) -> None:
    assert exposed((size,), 5, 3) == []


@pytest.mark.parametrize("size", range(10, 20))
def test_of_one_unit_nobody_is_certain_at_ten(size: int) -> None:
    assert exposed((size,), 10, 3) == []


@pytest.mark.parametrize(
    ("sizes", "threshold"), [((7, 9), 5), ((10, 12), 5), ((15, 18), 5), ((10, 11), 10), ((12, 16), 10), ((12, 25), 10)]
)
def test_of_two_units_nobody_is_certain(sizes: tuple[int, int], threshold: int) -> None:
    """But for what everybody may see: that at least twenty people all but agree."""
    assert [world for world, _ in exposed(sizes, threshold, 2) if not large_and_agreed(world)] == []


def large_and_agreed(world: World) -> bool:
    """Do all but four of the whole, or of a unit, of at least twenty people agree?"""
    whole = tuple(sum(counts) for counts in zip(*world, strict=True))
    return any(sum(counts) >= 20 and sum(counts) - max(counts) <= LEAGUE for counts in (*world, whole))


def test_the_attacker_would_win_without_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no heed were paid to how many differ, four who differ would know all others."""
    monkeypatch.setattr("handlers.surveys.rules.disclosure.SPARE", -1)
    assert exposed((12,), 10, 3) != []
