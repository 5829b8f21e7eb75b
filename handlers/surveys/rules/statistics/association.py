"""Do the answers to two questions hang together? Chi-square with Cramér's V, or Fisher's exact test. 列联分析"""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import special


@dataclass(frozen=True, slots=True)
class Association:
    """`test`: `chi2` with `chi2`, `df`, `p` and Cramér's `v`; or `fisher` with `p` alone."""

    test: str
    p: float
    chi2: float = 0.0
    df: int = 0
    v: float = 0.0


def association(table: NDArray[np.int64]) -> Association | None:
    """Of a table of counts without empty rows and columns.

    Chi-square (without Yates's correction) where at least 80 % of the expected counts are 5 or more; else, of two by
    two, Fisher's exact test, two-sided by the sum of what is no likelier; else, and of less than two by two, nothing.
    """
    rows, columns = table.shape
    if rows < 2 or columns < 2:
        return None
    people = int(table.sum())
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / people
    if (expected >= 5).mean() >= 0.8:
        chi2 = float(((table - expected) ** 2 / expected).sum())
        df = (rows - 1) * (columns - 1)
        v = (chi2 / (people * (min(rows, columns) - 1))) ** 0.5
        return Association("chi2", float(special.chdtrc(df, chi2)), chi2, df, v)
    return Association("fisher", _fisher(table.tolist())) if rows == columns == 2 else None


def _fisher(table: list[list[int]]) -> float:
    (a, b), (c, d) = table
    above, left, people = a + b, a + c, a + b + c + d
    ways = {
        one: comb(left, one) * comb(people - left, above - one)
        for one in range(max(0, above + left - people), min(above, left) + 1)
    }
    return sum(way for way in ways.values() if way <= ways[a]) / comb(people, above)
