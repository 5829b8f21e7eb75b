"""Bands by which results are told apart: none too small, everybody in exactly one."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.surveys.rules.bands import LEAST, bands, places
from storage.records import (
    Attribute,
    Band,
    Breakdown,
    Crowd,
    Disposition,
    Invitation,
    Level,
    PostClass,
    StaffKind,
)

UNITS = (Breakdown(Attribute.UNIT),)


def crowd(unit: int, eligible: int, post_class: PostClass = PostClass.GENERAL) -> Crowd:
    return Crowd(unit, post_class, Level.STAFF, StaffKind.CIVIL_SERVANT, eligible + 1, eligible)


def line(unit: int) -> Invitation:
    return Invitation(1, 1, unit, PostClass.GENERAL, Disposition.PLANNED)


def test_small_units_stand_together() -> None:
    (found,) = bands(UNITS, [crowd(1, 8), crowd(2, 3), crowd(3, 9), crowd(4, 2)])
    assert found.bands == (Band(("3",), 9), Band(("1",), 8), Band(("2", "4"), 5))
    assert [places((found,), line(unit)) for unit in (3, 1, 2, 4)] == [(0,), (1,), (2,), (2,)]


def test_too_few_even_together_stand_with_the_smallest_of_the_others() -> None:
    (found,) = bands(UNITS, [crowd(1, 8), crowd(2, 3), crowd(3, 9)])
    assert found.bands == (Band(("3",), 9), Band(("1", "2"), 11))


def test_where_nobody_is_large_all_are_one() -> None:
    (found,) = bands(UNITS, [crowd(1, 4), crowd(2, 4), crowd(3, 0)])
    assert found.bands == (Band(("1", "2", "3"), 8),)


def test_whoever_came_meanwhile_is_with_the_last() -> None:
    (found,) = bands(UNITS, [crowd(1, 8), crowd(2, 9)])
    assert places((found,), line(77)) == (1,)


def test_the_same_category_counts_together_however_else_it_differs() -> None:
    one, other = bands(
        (Breakdown(Attribute.POST_CLASS), *UNITS), [crowd(1, 3), crowd(1, 2, PostClass.GRID), crowd(2, 6)]
    )
    assert one.bands == (Band(("general", "grid"), 11),)
    assert other.bands == (Band(("2",), 6), Band(("1",), 5))


@given(st.dictionaries(st.integers(1, 30), st.integers(0, 20), min_size=1))
def test_no_band_is_too_small_and_everybody_is_in_one(sizes: dict[int, int]) -> None:
    (found,) = bands(UNITS, [crowd(unit, size) for unit, size in sizes.items()])
    values = [value for band in found.bands for value in band.values]
    assert sorted(values) == sorted(map(str, sizes))
    assert sum(band.invited for band in found.bands) == sum(sizes.values())
    assert all(band.invited >= LEAST for band in found.bands) or len(found.bands) == 1
    for unit in sizes:
        (place,) = places((found,), line(unit))
        assert str(unit) in found.bands[place].values
