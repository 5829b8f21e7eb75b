"""Do the items of a scale measure one thing? Cronbach's alpha and what belongs to it. 信度"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reliability:
    """`alpha` with the ends of its interval (none where alpha is 1); by item its corrected item-total `correlations`
    (NaN where it or the rest never varies) and alpha `without` it (empty with two items)."""

    alpha: float
    low: float
    high: float
    correlations: tuple[float, ...]
    without: tuple[float, ...]


def reliability(rows: Rows, sure: float = 0.95) -> Reliability | None:
    """Of at least two people and two items; None where the total never varies.

    Alpha: Cronbach 1951, of covariances (not standardised). Interval: Feldt 1965, as in Feldt, Woodruff and Salih 1987,
    by the F distribution with n - 1 and (n - 1)(k - 1) degrees of freedom.
    """
    alpha = _alpha(rows)
    if alpha is None:
        return None
    people, items = rows.shape
    one, two = people - 1, (people - 1) * (items - 1)
    tail = (1 - sure) / 2
    low = 1 - (1 - alpha) * float(special.fdtri(one, two, 1 - tail))
    high = 1 - (1 - alpha) * float(special.fdtri(one, two, tail))
    total = rows.sum(axis=1)
    correlations = tuple(_correlation(rows[:, at], total - rows[:, at]) for at in range(items))
    rest = (_alpha(np.delete(rows, at, axis=1)) for at in range(items)) if items > 2 else ()
    return Reliability(alpha, low, high, correlations, tuple(np.nan if one is None else one for one in rest))


def _alpha(rows: Rows) -> float | None:
    items = rows.shape[1]
    total = float(rows.sum(axis=1).var(ddof=1))
    return items / (items - 1) * (1 - float(rows.var(axis=0, ddof=1).sum()) / total) if total > 0 else None


def _correlation(one: Rows, other: Rows) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else float("nan")
