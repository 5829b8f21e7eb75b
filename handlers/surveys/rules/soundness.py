"""Do the scales of a questionnaire hold? What needs single answers is worked out here, of the whole round alone. Pure.

Missing answers: listwise; who left out one of the items that a figure needs, or gave no point of the scale, is not in
it. 信度与效度
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handlers.surveys.rules.gathering import decimal, shown_number
from handlers.surveys.rules.statistics.fitness import correlations, fitness
from handlers.surveys.rules.statistics.reliability import reliability
from handlers.surveys.rules.tallying import Asked, Dimension, Tally

LEAST = 30
"""People of whom such figures are worked out."""
AN_ITEM = 5
"""People an item, for KMO and Bartlett's test."""

Rows = NDArray[np.float64]


def points(asked: Asked, tally: Tally) -> Rows:
    """Each ballot's point on a question's scale, turned where it is reverse-keyed; NaN where there is none."""
    scale = asked.scale.points if asked.scale else ()
    values = np.full(len(asked.choices) + 1, np.nan)
    for value, place in enumerate(scale, 1):
        values[place] = len(scale) + 1 - value if asked.reversed else value
    return values[tally.columns[asked.path]]


def _matrix(paths: Sequence[str], tally: Tally) -> Rows:
    asked = {one.path: one for one in tally.sheet.questions}
    return np.column_stack([points(asked[path], tally) for path in paths])


def _complete(rows: Rows) -> Rows:
    return rows[~np.isnan(rows).any(axis=1)]


def reliable(dimension: Dimension, tally: Tally, exact: bool) -> dict[str, Any]:
    """The figures of "reliability:…"."""
    rows = _complete(_matrix(dimension.items, tally))
    found = reliability(rows) if len(rows) >= LEAST else None
    if found is None:
        return {"kind": "reliability", "few": True}
    without = found.without or (np.nan,) * len(dimension.items)
    per_item = [
        {"path": path, "r": _number(r), "without": _number(rest)}
        for path, r, rest in zip(dimension.items, found.correlations, without, strict=True)
    ]
    turned = {one.path for one in tally.sheet.questions if one.reversed}
    return {
        "kind": "reliability",
        "n": shown_number(len(rows), exact),
        "items": len(dimension.items),
        "alpha": decimal(found.alpha, 2),
        "low": decimal(found.low, 2),
        "high": decimal(found.high, 2),
        "per_item": per_item,
        "reversed": [path for path in dimension.items if path in turned],
        "method": "alpha",
        "missing": "listwise",
    }


def related(dimensions: Sequence[Dimension], tally: Tally, exact: bool) -> dict[str, Any]:
    """The figures of "correlations": of the means of each person's items."""
    rows = _complete(np.column_stack([_matrix(one.items, tally).mean(axis=1) for one in dimensions]))
    r = correlations(rows) if len(rows) >= LEAST else None
    if r is None:
        return {"kind": "correlations", "few": True}
    return {
        "kind": "correlations",
        "n": shown_number(len(rows), exact),
        "dimensions": [one.path for one in dimensions],
        "r": [[decimal(one, 2) for one in row] for row in r],
        "method": "pearson",
        "missing": "listwise",
    }


def fit(dimensions: Sequence[Dimension], tally: Tally, exact: bool) -> dict[str, Any]:
    """The figures of "fitness": of all items of all dimensions."""
    paths = [path for one in dimensions for path in one.items]
    rows = _complete(_matrix(paths, tally))
    r = correlations(rows) if len(rows) >= max(LEAST, AN_ITEM * len(paths)) else None
    found = fitness(r, len(rows)) if r is not None else None
    if found is None:
        return {"kind": "fitness", "few": True}
    return {
        "kind": "fitness",
        "n": shown_number(len(rows), exact),
        "items": len(paths),
        "kmo": decimal(found.kmo, 2),
        "chi2": decimal(found.chi2),
        "df": found.df,
        "p": decimal(found.p, 3),
        "method": "kmo_bartlett",
        "missing": "listwise",
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else decimal(value, 2)
