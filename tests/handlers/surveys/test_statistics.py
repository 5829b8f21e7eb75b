"""The statistics against published figures of public data, and against what must hold of any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from handlers.surveys.rules.statistics.association import association
from handlers.surveys.rules.statistics.fitness import correlations, fitness
from handlers.surveys.rules.statistics.reliability import reliability

ATTITUDE = np.fromstring(
    """
    43 51 30 39 61 92 45  63 64 51 54 63 73 47  71 70 68 69 76 86 48  61 63 45 47 54 84 35  81 78 56 66 71 83 47
    43 55 49 44 54 49 34  58 67 42 56 66 68 35  71 75 50 55 70 66 41  72 82 72 67 71 83 31  67 61 45 47 62 80 41
    64 53 53 58 58 67 34  67 60 47 39 59 74 41  69 62 57 42 55 63 25  68 83 83 45 59 77 35  77 77 54 72 79 77 46
    81 90 50 72 60 54 36  74 85 64 69 79 79 63  65 60 65 75 55 80 60  65 70 46 57 75 85 46  50 58 68 54 64 78 52
    50 40 33 34 43 64 33  64 61 52 62 66 80 41  53 66 52 50 63 80 37  40 37 42 58 50 57 49  63 54 42 48 66 75 33
    66 77 66 63 88 76 72  78 75 58 74 80 78 49  48 57 44 45 51 83 38  85 85 71 71 77 74 55  82 82 39 59 64 78 39
    """,
    sep=" ",
).reshape(30, 7)
"""Chatterjee and Price 1977, `attitude` in R: 30 departments, seven items (rating, complaints, privileges, learning,
raises, critical, advance)."""
MTCARS = np.fromstring(
    """
    21.0 6 160.0 110 3.90 2.620 16.46 0 1 4 4  21.0 6 160.0 110 3.90 2.875 17.02 0 1 4 4
    22.8 4 108.0 93 3.85 2.320 18.61 1 1 4 1  21.4 6 258.0 110 3.08 3.215 19.44 1 0 3 1
    18.7 8 360.0 175 3.15 3.440 17.02 0 0 3 2  18.1 6 225.0 105 2.76 3.460 20.22 1 0 3 1
    14.3 8 360.0 245 3.21 3.570 15.84 0 0 3 4  24.4 4 146.7 62 3.69 3.190 20.00 1 0 4 2
    22.8 4 140.8 95 3.92 3.150 22.90 1 0 4 2  19.2 6 167.6 123 3.92 3.440 18.30 1 0 4 4
    17.8 6 167.6 123 3.92 3.440 18.90 1 0 4 4  16.4 8 275.8 180 3.07 4.070 17.40 0 0 3 3
    17.3 8 275.8 180 3.07 3.730 17.60 0 0 3 3  15.2 8 275.8 180 3.07 3.780 18.00 0 0 3 3
    10.4 8 472.0 205 2.93 5.250 17.98 0 0 3 4  10.4 8 460.0 215 3.00 5.424 17.82 0 0 3 4
    14.7 8 440.0 230 3.23 5.345 17.42 0 0 3 4  32.4 4 78.7 66 4.08 2.200 19.47 1 1 4 1
    30.4 4 75.7 52 4.93 1.615 18.52 1 1 4 2  33.9 4 71.1 65 4.22 1.835 19.90 1 1 4 1
    21.5 4 120.1 97 3.70 2.465 20.01 1 0 3 1  15.5 8 318.0 150 2.76 3.520 16.87 0 0 3 2
    15.2 8 304.0 150 3.15 3.435 17.30 0 0 3 2  13.3 8 350.0 245 3.73 3.840 15.41 0 0 3 4
    19.2 8 400.0 175 3.08 3.845 17.05 0 0 3 2  27.3 4 79.0 66 4.08 1.935 18.90 1 1 4 1
    26.0 4 120.3 91 4.43 2.140 16.70 0 1 5 2  30.4 4 95.1 113 3.77 1.513 16.90 1 1 5 2
    15.8 8 351.0 264 4.22 3.170 14.50 0 1 5 4  19.7 6 145.0 175 3.62 2.770 15.50 0 1 5 6
    15.0 8 301.0 335 3.54 3.570 14.60 0 1 5 8  21.4 4 121.0 109 4.11 2.780 18.60 1 1 4 2
    """,
    sep=" ",
).reshape(32, 11)
"""Henderson and Velleman 1981, `mtcars` in R."""


def test_the_data_are_those_that_were_published() -> None:
    """The means of `attitude` as `summary()` gives them, and its correlations as the huxtable package's README does."""
    assert ATTITUDE.mean(axis=0).round(2).tolist() == [64.63, 66.6, 53.13, 56.37, 64.63, 74.77, 42.93]
    r = correlations(ATTITUDE)
    assert r is not None
    assert r[0].round(2).tolist() == [1, 0.83, 0.43, 0.62, 0.59, 0.16, 0.16]
    assert r[6].round(2).tolist() == [0.16, 0.22, 0.34, 0.53, 0.57, 0.28, 1]


def test_alpha_and_alpha_without_each_item_are_those_of_psych() -> None:
    """`psych::alpha(attitude)`: raw alpha 0.843; if an item is dropped 0.810, 0.797, 0.828, 0.803, 0.795, 0.864,
    0.840. Of complaints, learning and raises alone 0.833."""
    found = reliability(ATTITUDE)
    assert found is not None
    assert round(found.alpha, 3) == 0.843
    assert [round(one, 3) for one in found.without] == [0.81, 0.797, 0.828, 0.803, 0.795, 0.864, 0.84]
    three = reliability(ATTITUDE[:, [1, 3, 4]])
    assert three is not None
    assert round(three.alpha, 3) == 0.833


def test_the_interval_is_feldts() -> None:
    """Its ends are where the F distribution leaves 2.5 % on either side: integrated here by hand."""
    found = reliability(ATTITUDE)
    assert found is not None
    random = np.random.default_rng(1)
    ratio = random.chisquare(29, 400_000) / 29 / (random.chisquare(29 * 6, 400_000) / (29 * 6))
    low, high = 1 - (1 - found.alpha) * np.quantile(ratio, [0.975, 0.025])
    assert found.low == pytest.approx(low, abs=0.003)
    assert found.high == pytest.approx(high, abs=0.003)


def test_kmo_and_bartlett_are_those_of_performance() -> None:
    """`performance::check_factorstructure(mtcars)`: KMO 0.83, chi-square(55) = 408.01, p < .001."""
    r = correlations(MTCARS)
    assert r is not None
    found = fitness(r, len(MTCARS))
    assert found is not None
    assert (round(found.kmo, 2), round(found.chi2, 2), found.df) == (0.83, 408.01, 55)
    assert found.p < 0.001


def test_chi_square_is_that_of_agresti() -> None:
    """Agresti 2007, p. 39 (R's `chisq.test`): party by sex, X-squared = 30.07, df = 2, p = 2.954e-07."""
    found = association(np.array([[762, 327, 468], [484, 239, 477]]))
    assert found is not None
    assert (found.test, round(found.chi2, 2), found.df) == ("chi2", 30.07, 2)
    assert found.p == pytest.approx(2.954e-07, rel=1e-3)
    assert found.v == pytest.approx((30.07 / 2757) ** 0.5, abs=1e-4)


def test_fisher_is_that_of_the_lady_tasting_tea() -> None:
    """Fisher 1935 (R's `fisher.test`): three of four right each way; two-sided p = 0.4857."""
    tea = association(np.array([[3, 1], [1, 3]]))
    assert tea is not None
    assert (tea.test, round(tea.p, 4)) == ("fisher", 0.4857)


@given(st.lists(st.integers(1, 8), min_size=4, max_size=4))
def test_fisher_is_scipys(counts: list[int]) -> None:
    table = np.array(counts).reshape(2, 2)
    found = association(table)
    assert found is not None
    if found.test == "fisher":
        assert found.p == pytest.approx(stats.fisher_exact(table).pvalue)


def test_too_few_for_any_test() -> None:
    assert association(np.array([[1, 2, 1], [2, 1, 2]])) is None
    assert association(np.array([[30, 20]])) is None


def test_what_never_varies_has_no_figures() -> None:
    same = np.ones((40, 3))
    assert reliability(same) is None
    assert correlations(same) is None
    assert fitness(np.ones((2, 2)), 40) is None


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_alpha_does_not_depend_on_where_a_scale_begins_nor_on_the_order_of_people(seed: int, items: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(1, 6, (30, items)).astype(float)
    one, other = reliability(rows), reliability(random.permutation(rows) * 25 - 25)
    assert (one is None) is (other is None)
    if one and other:
        assert one.alpha == pytest.approx(other.alpha)
        assert one.low <= one.alpha <= one.high <= 1
