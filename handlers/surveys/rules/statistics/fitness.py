"""Would a factor analysis of these items make sense? KMO and Bartlett's test. 效度检验"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special


@dataclass(frozen=True, slots=True)
class Fitness:
    """`kmo`: Kaiser's measure of sampling adequacy; `chi2`, `df`, `p`: Bartlett's test of sphericity."""

    kmo: float
    chi2: float
    df: int
    p: float


def correlations(rows: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Pearson's, of all columns; None where one of them never varies."""
    if (rows.std(axis=0) == 0).any():
        return None
    return np.atleast_2d(np.corrcoef(rows, rowvar=False))


def fitness(r: NDArray[np.float64], people: int) -> Fitness | None:
    """Of a matrix of correlations; None where one item follows from the others.

    KMO: Kaiser and Rice 1974, by partial correlations out of the inverse. Bartlett 1951:
    -(n - 1 - (2k + 5) / 6) ln |R|.
    """
    items = len(r)
    sign, logarithm = np.linalg.slogdet(r)
    if sign <= 0 or np.linalg.cond(r) > 1e12:
        return None
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    apart = ~np.eye(items, dtype=bool)
    plain, rest = float((r[apart] ** 2).sum()), float((partial[apart] ** 2).sum())
    df = items * (items - 1) // 2
    chi2 = max(0.0, -(people - 1 - (2 * items + 5) / 6) * float(logarithm))
    return Fitness(plain / (plain + rest) if plain + rest else math.nan, chi2, df, float(special.chdtrc(df, chi2)))
