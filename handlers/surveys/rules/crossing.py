"""Two questions against each other, of the whole round, where that tells nothing of few people. Pure. 交叉表

A cross table shows three things more: who answered both questions is a new group of either, so it is audited beside the
groups that are shown of both, and of whoever answered only one there are none or enough, who do not all but agree. Each
number in the table is of people who share two answers: there are none or enough of them. And whoever gave one answer
is a group of whom the other answer is shown: it is not small and all but agreed. Of who gave none of the points of a
scale nothing is shown.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handlers.surveys.rules.disclosure import Group, Spans, TooHard, agrees, holds
from handlers.surveys.rules.gathering import decimal, percent, shown_number
from handlers.surveys.rules.statistics.association import association
from handlers.surveys.rules.tallying import Asked, Tally, answered

Those = NDArray[np.bool_]


class Crossing:
    """The cross tables of one round, audited one after the other. `shown`: by path, the groups of which a question is
    shown."""

    def __init__(self, tally: Tally, shown: Mapping[str, Collection[Group]], least: int) -> None:
        self._tally, self._shown, self._least = tally, shown, least
        self._both: dict[str, list[Those]] = {}

    def figures(self, one: Asked, other: Asked, exact: bool) -> dict[str, Any] | None:
        """The table of two questions with choices; None where it is hidden."""
        pair = _points(one, self._tally), _points(other, self._tally)
        both: Those = (pair[0] >= 0) & (pair[1] >= 0)
        table = np.zeros((len(_names(one)), len(_names(other))), np.int64)
        np.add.at(table, (pair[0][both], pair[1][both]), 1)
        if not self._may(table) or not all(self._fits(asked, both) for asked in (one, other)):
            return None
        for asked in (one, other):
            self._both.setdefault(asked.path, []).append(both)
        return _figures(one, other, table, exact)

    def _may(self, table: NDArray[np.int64]) -> bool:
        filled = table[table > 0]
        lines = [*table.tolist(), *table.T.tolist()]
        small = any(agrees((sum(line), *line)) for line in lines if any(line))
        return int(table.sum()) >= self._least and bool((filled >= self._least).all()) and not small

    def _fits(self, asked: Asked, both: Those) -> bool:
        column = self._tally.columns[asked.path]
        given = answered(column)
        rest = np.bincount(column[given & ~both])
        if rest.sum() and (rest.sum() < self._least or agrees((int(rest.sum()), *rest.tolist()))):
            return False
        return () in self._shown.get(asked.path, ()) and self._spans(asked, given, both)

    def _spans(self, asked: Asked, given: Those, both: Those) -> bool:
        """Does this group bring no small support beside all that is shown of the question?"""
        sides = [*self._both.get(asked.path, ()), both]
        marks = np.column_stack([self._tally.cells[given], *(side[given] for side in sides)])
        classes, weights = np.unique(marks, axis=0, return_counts=True)
        spans = Spans(weights.tolist(), self._least)
        for group in self._shown[asked.path]:
            spans.show(at for at, row in enumerate(classes) if holds(group, self._tally.names[row[0]]))
        for side in range(1, len(sides)):
            spans.show(np.flatnonzero(classes[:, side]).tolist())
        try:
            return spans.take(np.flatnonzero(classes[:, -1]).tolist())
        except TooHard:
            return False


def _names(asked: Asked) -> Sequence[str]:
    return [asked.choices[at] for at in asked.scale.points] if asked.scale else asked.choices


def _points(asked: Asked, tally: Tally) -> NDArray[np.int64]:
    """The place of each ballot's answer among `_names`; -1 where there is none."""
    values = np.full(len(asked.choices) + 1, -1)
    places = asked.scale.points if asked.scale else range(len(asked.choices))
    values[list(places)] = range(len(places))
    return values[tally.columns[asked.path]]


def _figures(one: Asked, other: Asked, table: NDArray[np.int64], exact: bool) -> dict[str, Any]:
    rows, columns = table.sum(axis=1) > 0, table.sum(axis=0) > 0
    filled = table[rows][:, columns]
    found = association(filled)
    plain: dict[str, Any] = {
        "kind": "cross",
        "n": shown_number(int(table.sum()), exact),
        "rows": [name for name, there in zip(_names(one), rows, strict=True) if there],
        "columns": [name for name, there in zip(_names(other), columns, strict=True) if there],
        "shares": [[percent(count, sum(row)) for count in row] for row in filled.tolist()],
        "test": found.test if found else None,
        "method": found.test if found else "none",
        "missing": "both",
    }
    if found:
        plain["p"] = decimal(found.p, 3)
    if found and found.test == "chi2":
        plain |= {"chi2": decimal(found.chi2), "df": found.df, "v": decimal(found.v, 2)}
    return plain
