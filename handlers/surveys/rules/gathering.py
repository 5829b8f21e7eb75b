"""The answers to one question summed up by cell, and the figures of a group out of these sums. Pure.

All a group's figures are sums over its people, so they are sums over its cells; nothing here knows a single answer.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handlers.surveys.rules.disclosure import Counts
from handlers.surveys.rules.tallying import Asked, Column, Tally, answered

Sums = NDArray[np.float64]
EXACT_FROM = 50
SPREAD_FROM = 20
_BANDS = ((5, "5–9"), (10, "10–19"), (20, "20–49"), (50, "50+"))
MOST_VALUES = 30
"""Different numbers up to which it is looked whether all say the same; beyond, no group below `SMALL` is shown."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """By cell (rows): how many `people` answered; `sums`, which depend on the kind; how many are `agreeing` on each
    answer, or None where that cannot be said."""

    asked: Asked
    people: NDArray[np.int64]
    sums: Sums
    agreeing: NDArray[np.int64] | None

    def counts(self, names: Sequence[tuple[int, ...]]) -> Counts:
        """For the audit."""
        rest = self.agreeing if self.agreeing is not None else np.zeros((len(self.people), 0), np.int64)
        table = np.column_stack((self.people, rest)).tolist()
        return {name: row for name, row in zip(names, table, strict=True) if row[0]}


def gather(asked: Asked, tally: Tally) -> Gathered:
    """What a question's column says, by cell."""
    column = tally.columns[asked.path]
    given = answered(column)
    cells, column, size = tally.cells[given], column[given], len(tally.names)
    people = np.bincount(cells, minlength=size)
    sums, agreeing = _SUMS[asked.kind](asked, cells, column, size)
    return Gathered(asked, people, sums, agreeing)


def _by_cell(cells: NDArray[np.int32], codes: Column, width: int, size: int) -> NDArray[np.int64]:
    flat = np.bincount(cells.astype(np.int64) * width + codes, minlength=size * width)
    return flat.reshape(size, width)


def _of_columns(cells: NDArray[np.int32], columns: Column, size: int) -> NDArray[np.int64]:
    sums = [np.bincount(cells, weights=column, minlength=size) for column in columns.T]
    return np.array(sums, np.float64).reshape(len(sums), size).T.astype(np.int64)


_Gathering = tuple[Sums, NDArray[np.int64] | None]


def _choices(asked: Asked, cells: NDArray[np.int32], column: Column, size: int) -> _Gathering:
    table = _by_cell(cells, column, len(asked.choices), size)
    return table.astype(np.float64), table


def _several(asked: Asked, cells: NDArray[np.int32], column: Column, size: int) -> _Gathering:
    table = _of_columns(cells, column, size)
    return table.astype(np.float64), table


def _order(asked: Asked, cells: NDArray[np.int32], column: Column, size: int) -> _Gathering:
    first, last = _of_columns(cells, column == 1, size), _of_columns(cells, column == len(asked.choices), size)
    return _of_columns(cells, column, size).astype(np.float64), np.hstack((first, last))


def _number(asked: Asked, cells: NDArray[np.int32], column: Column, size: int) -> _Gathering:
    middle = float(column.mean()) if len(column) else 0.0
    apart = column - middle  # sums of squares of large numbers would lose their digits
    totals = [np.bincount(cells, weights=some, minlength=size) for some in (apart, apart**2)]
    values, codes = np.unique(column, return_inverse=True)
    agreeing = _by_cell(cells, codes, len(values), size) if len(values) <= MOST_VALUES else None
    return np.column_stack((*totals, np.full(size, middle))), agreeing


def _confirmed(asked: Asked, cells: NDArray[np.int32], column: Column, size: int) -> _Gathering:
    return np.zeros((size, 0)), None


_SUMS: Mapping[str, Callable[[Asked, NDArray[np.int32], Column, int], _Gathering]] = {
    "choices": _choices,
    "several": _several,
    "order": _order,
    "number": _number,
    "confirmed": _confirmed,
}


def shown_number(count: int, exact: bool) -> int | str:
    """How many, as it may be said: a number from 50 on, if it may be `exact`; else a band."""
    if exact and count >= EXACT_FROM:
        return count
    return [words for least, words in _BANDS if count >= least][-1]


def percent(part: float, whole: float) -> int:
    """A share in whole percent, halves upwards."""
    return math.floor(100 * part / whole + 0.5)


def decimal(value: float, places: int = 1) -> float:
    """Rounded, and never -0.0."""
    return round(float(value), places) + 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """One group's part of a question, exact and not to be shown as it is: how many `answered`, how many of these
    `known` (gave a point of the scale, where there is one), their `sums`."""

    answered: int
    known: int
    sums: Sums


def sight(gathered: Gathered, inside: Sequence[int]) -> Sight:
    """What a group of cells, by their places, answered."""
    rows = list(inside)
    people, sums = int(gathered.people[rows].sum()), gathered.sums[rows].sum(axis=0)
    if gathered.asked.kind == "number" and rows:
        sums[-1] = gathered.sums[0, -1]
    scale = gathered.asked.scale
    return Sight(people, int(sums[list(scale.points)].sum()) if scale else people, sums)


@dataclass(frozen=True, slots=True)
class Level:
    """Where a group stands on a scale, exact: `mean` in points, the share that is `positive`, the `index` from 0 to 1;
    of a reverse-keyed item turned."""

    mean: float
    positive: float
    index: float
    spread: float


def level(asked: Asked, seen: Sight, turned: bool) -> Level:
    """Of a question with a scale to which somebody gave a point. Positive are the points above the middle."""
    points = seen.sums[list(asked.scale.points if asked.scale else ())]
    if turned and asked.reversed:
        points = points[::-1]
    values, most = np.arange(1, len(points) + 1), len(points)
    mean = float((points * values).sum() / seen.known)
    positive = float(points[values > (most + 1) / 2].sum() / seen.known)
    squares = float((points * (values - mean) ** 2).sum())
    spread = math.sqrt(squares / (seen.known - 1)) if seen.known > 1 else 0.0
    return Level(mean, positive, (mean - 1) / (most - 1), spread)


def figures(gathered: Gathered, seen: Sight, exact: bool, crowd: int) -> dict[str, Any]:
    """What is shown of a group that may be; `crowd`: how many of it were asked."""
    plain: dict[str, Any] = {"kind": gathered.asked.kind, "n": shown_number(seen.known, exact)}
    return plain | _FIGURES[gathered.asked.kind](gathered.asked, seen, exact, crowd)


def _shown_choices(asked: Asked, seen: Sight, exact: bool, crowd: int) -> dict[str, Any]:
    if not asked.scale:
        return {"shares": _shares(asked.choices, seen.sums, seen.known)}
    points = asked.scale.points
    names = [asked.choices[at] for at in points]
    at = level(asked, seen, turned=False)
    plain: dict[str, Any] = {
        "shares": _shares(names, seen.sums[list(points)], seen.known),
        "scale": len(points),
        "mean": decimal(at.mean),
        "positive": percent(at.positive, 1),
    }
    plain |= {"reversed": True} if asked.reversed else {}
    plain |= {"unknown": percent(seen.answered - seen.known, seen.answered)} if len(asked.choices) > len(points) else {}
    plain |= {"sd": decimal(at.spread)} if seen.known >= SPREAD_FROM else {}
    if exact and seen.known >= EXACT_FROM:
        plain["margin"] = percent(margin(at.positive, seen.known, crowd), 1)
    return plain


def margin(share: float, people: int, crowd: int) -> float:
    """Half the width of the 95 % interval around a share of `people` out of a finite `crowd`: the Civil Service People
    Survey's, 1.96 sqrt(p (1 - p) / n) sqrt((N - n) / (N - 1))."""
    rest = max(0, crowd - people) / (crowd - 1) if crowd > 1 else 0.0
    return 1.96 * math.sqrt(share * (1 - share) / people * rest)


def _shares(names: Sequence[str], sums: Sums, whole: int) -> dict[str, int]:
    return {name: percent(float(count), whole) for name, count in zip(names, sums, strict=True)}


def _shown_several(asked: Asked, seen: Sight, exact: bool, crowd: int) -> dict[str, Any]:
    return {"shares": _shares(asked.choices, seen.sums, seen.known)}


def _shown_order(asked: Asked, seen: Sight, exact: bool, crowd: int) -> dict[str, Any]:
    places = seen.sums / seen.known
    return {"places": {name: decimal(place) for name, place in zip(asked.choices, places, strict=True)}}


def _shown_number(asked: Asked, seen: Sight, exact: bool, crowd: int) -> dict[str, Any]:
    total, squares, middle = (float(one) for one in seen.sums)
    plain = {"mean": decimal(middle + total / seen.known)}
    if seen.known >= SPREAD_FROM:
        plain["sd"] = decimal(math.sqrt(max(0.0, squares - total**2 / seen.known) / (seen.known - 1)))
    return plain


def _shown_confirmed(asked: Asked, seen: Sight, exact: bool, crowd: int) -> dict[str, Any]:
    return {}


_FIGURES: Mapping[str, Callable[[Asked, Sight, bool, int], dict[str, Any]]] = {
    "choices": _shown_choices,
    "several": _shown_several,
    "order": _shown_order,
    "number": _shown_number,
    "confirmed": _shown_confirmed,
}


def mostly(asked: Asked, seen: Sight) -> dict[str, Any] | None:
    """What at least half of people say who all but agree; None where that cannot be said of so few, or is no choice.

    Ten or more, of whom at most five differ: so at least half.
    """
    if asked.kind not in ("choices", "several") or seen.answered < 10:
        return None
    most = int(seen.sums.argmax())
    plain = {"kind": asked.kind, "n": shown_number(seen.answered, exact=False)}
    return plain | {"mostly": _said(asked, most)}


def _said(asked: Asked, most: int) -> str:
    points = asked.scale.points if asked.scale else ()
    if most not in points:
        return asked.choices[most]
    value, middle = points.index(most) + 1, (len(points) + 1) / 2
    return asked.choices[most] if value == middle else "agree" if value > middle else "disagree"
