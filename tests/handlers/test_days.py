"""Working days and the counting of days, against the State Council's notices and worked examples."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import (
    Calendar,
    NoCalendar,
    days_after,
    may_speak,
    nth_working_day,
    speaks_again,
    whole_years,
    working_day_from,
    working_days_after,
)
from handlers.refusals import BadInput
from storage.records import DayKind, SpecialDay
from tests.samples.holidays import noticed, year_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
PUBLISHED = Calendar()

days = st.dates(date(2023, 1, 1), date(2026, 9, 1))
counts = st.integers(0, 40)
own_days = st.dictionaries(days, st.sampled_from(DayKind), max_size=30)
moments = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001 - the zone is added by hypothesis
    datetime(2026, 9, 1),  # noqa: DTZ001
    timezones=st.sampled_from([SHANGHAI, NEW_YORK]),
)


def calendar(own: dict[date, DayKind]) -> Calendar:
    return Calendar(SpecialDay(day, kind) for day, kind in own.items())


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_day_of_a_year_is_as_the_notice_says(year: int) -> None:
    special = {one.day: one.kind for one in noticed()}
    day = date(year, 1, 1)
    while day.year == year:
        works = special[day] is DayKind.WORKDAY if day in special else day.weekday() < 5
        assert PUBLISHED.is_working_day(day) == works, day
        day += timedelta(days=1)


def test_the_calendar_of_a_year_to_read() -> None:
    named = {one.day: one for one in PUBLISHED.special_days(2025)}
    assert named[date(2025, 1, 28)] == SpecialDay(date(2025, 1, 28), DayKind.HOLIDAY, "春节")
    assert named[date(2025, 2, 8)] == SpecialDay(date(2025, 2, 8), DayKind.WORKDAY, "春节")
    assert list(named) == sorted(named)
    assert set(named) == {one.day for one in noticed() if one.day.year == 2025}


def test_the_organs_own_days_count_before_the_published_ones() -> None:
    mine = Calendar(
        [
            SpecialDay(date(2025, 3, 8), DayKind.WORKDAY, "抗洪"),
            SpecialDay(date(2025, 3, 10), DayKind.HOLIDAY, "补休"),
            SpecialDay(date(2025, 10, 1), DayKind.WORKDAY, "值班"),
        ]
    )
    assert not PUBLISHED.is_working_day(date(2025, 3, 8))
    assert mine.is_working_day(date(2025, 3, 8))
    assert not mine.is_working_day(date(2025, 3, 10))
    assert mine.is_working_day(date(2025, 10, 1))
    shown = {one.day: one for one in mine.special_days(2025)}
    assert shown[date(2025, 10, 1)].kind is DayKind.WORKDAY
    assert shown[date(2025, 10, 2)].kind is DayKind.HOLIDAY


@pytest.mark.parametrize(
    "asks",
    [
        lambda: PUBLISHED.is_working_day(date(2031, 3, 3)),
        lambda: PUBLISHED.is_working_day(date(2003, 12, 31)),
        lambda: PUBLISHED.special_days(2031),
        lambda: working_days_after(date(2026, 12, 25), 30, PUBLISHED),
        lambda: days_after(date(2026, 12, 25), 30, PUBLISHED),
        lambda: nth_working_day(2031, 3, 1, PUBLISHED),
        lambda: may_speak(datetime(2031, 3, 3, 12, tzinfo=SHANGHAI), PUBLISHED),
    ],
)
def test_a_year_without_a_table_is_refused_and_said_what_to_do(asks) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NoCalendar) as refused:
        asks()
    assert "huiyin calendar import" in refused.value.text.message
    assert refused.value.text.args["year"] == str(refused.value.year)


def test_the_organs_table_makes_a_year_known_only_if_it_is_whole() -> None:
    whole = year_of(2031)
    known = Calendar(whole)
    assert whole_years(whole) == {2031}
    assert known.covers(2031)
    assert known.is_working_day(date(2031, 3, 3))  # a Monday
    assert not known.is_working_day(date(2031, 5, 1))
    assert not known.is_working_day(date(2031, 3, 2))  # a Sunday
    assert not known.covers(2032)
    for missing in whole[:6]:
        rest = [one for one in whole if one != missing]
        assert not Calendar(rest).covers(2031)
    worked = [*whole[1:], SpecialDay(date(2031, 1, 1), DayKind.WORKDAY)]
    assert not Calendar(worked).covers(2031)


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        ((2024, 9, 20), 15, (2024, 10, 8)),  # 10-05 lies in the National Day holiday
        ((2024, 9, 20), 10, (2024, 9, 30)),
        ((2025, 1, 10), 30, (2025, 2, 10)),  # 02-09 is a Sunday
        ((2025, 1, 9), 30, (2025, 2, 8)),  # a Saturday on which people work
        ((2024, 2, 14), 15, (2024, 2, 29)),  # a leap day
        ((2025, 12, 2), 30, (2026, 1, 4)),  # 01-01 to 01-03 holiday, Sunday the 4th is worked
        ((2025, 6, 6), 0, (2025, 6, 6)),
        ((2025, 6, 7), 0, (2025, 6, 9)),
    ],
)
def test_days_are_counted_as_the_civil_code_says(
    start: tuple[int, int, int], count: int, last: tuple[int, int, int]
) -> None:
    assert days_after(date(*start), count, PUBLISHED) == date(*last)


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [
        ((2025, 6, 6), 1, (2025, 6, 9)),  # Friday to Monday
        ((2025, 9, 26), 1, (2025, 9, 28)),  # a Sunday that is worked
        ((2025, 9, 30), 1, (2025, 10, 9)),
        ((2025, 9, 30), 3, (2025, 10, 11)),  # 9th, 10th, and Saturday the 11th
        ((2024, 9, 20), 15, (2024, 10, 16)),  # Sunday 09-29 and Saturday 10-12 are worked, 10-01 to 10-07 not
        ((2026, 2, 13), 2, (2026, 2, 24)),  # Saturday the 14th, then after Spring Festival
        ((2025, 10, 4), 1, (2025, 10, 9)),
        ((2025, 10, 4), 0, (2025, 10, 4)),
    ],
)
def test_working_days_are_another_counter(start: tuple[int, int, int], count: int, day: tuple[int, int, int]) -> None:
    assert working_days_after(date(*start), count, PUBLISHED) == date(*day)


def test_the_nth_working_day_of_a_month() -> None:
    assert nth_working_day(2025, 10, 1, PUBLISHED) == date(2025, 10, 9)
    assert nth_working_day(2025, 10, -1, PUBLISHED) == date(2025, 10, 31)
    assert nth_working_day(2026, 2, -1, PUBLISHED) == date(2026, 2, 28)  # a Saturday that is worked
    assert nth_working_day(2024, 2, -1, PUBLISHED) == date(2024, 2, 29)
    assert nth_working_day(2026, 1, 1, PUBLISHED) == date(2026, 1, 4)
    for n in (0, 24, -24):
        with pytest.raises(BadInput):
            nth_working_day(2025, 10, n, PUBLISHED)


@pytest.mark.parametrize(
    ("moment", "speaks"),
    [
        ("2025-06-06T07:59:59", False),
        ("2025-06-06T08:00:00", True),
        ("2025-06-06T20:59:59", True),
        ("2025-06-06T21:00:00", False),
        ("2025-06-07T12:00:00", False),  # Saturday
        ("2025-09-28T12:00:00", True),  # a Sunday that is worked
        ("2025-10-01T12:00:00", False),
    ],
)
def test_no_word_at_night_or_on_days_of_rest(moment: str, speaks: bool) -> None:
    assert may_speak(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI), PUBLISHED) is speaks


@pytest.mark.parametrize(
    ("moment", "again"),
    [
        ("2025-06-06T12:00:00", "2025-06-06T12:00:00"),
        ("2025-06-06T03:00:00", "2025-06-06T08:00:00"),
        ("2025-06-06T21:00:00", "2025-06-09T08:00:00"),
        ("2025-09-30T22:00:00", "2025-10-09T08:00:00"),
        ("2025-10-03T05:00:00", "2025-10-09T08:00:00"),
    ],
)
def test_when_the_bot_may_speak_again(moment: str, again: str) -> None:
    found = speaks_again(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI), PUBLISHED)
    assert found == datetime.fromisoformat(again).replace(tzinfo=SHANGHAI)


@given(days, counts, own_days)
def test_a_period_ends_on_a_working_day_and_never_early(start: date, count: int, own: dict[date, DayKind]) -> None:
    mine = calendar(own)
    last = days_after(start, count, mine)
    assert mine.is_working_day(last)
    nominal = start + timedelta(days=count)
    assert last >= nominal
    between = [nominal + timedelta(days=n) for n in range((last - nominal).days)]
    assert not any(mine.is_working_day(day) for day in between)


@given(days, counts, own_days)
def test_so_many_working_days_lie_between(start: date, count: int, own: dict[date, DayKind]) -> None:
    mine = calendar(own)
    end = working_days_after(start, count, mine)
    after = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(mine.is_working_day(day) for day in after) == count
    assert not count or mine.is_working_day(end)


@given(days, counts, counts, own_days)
def test_counting_on_is_counting_further(start: date, one: int, more: int, own: dict[date, DayKind]) -> None:
    mine = calendar(own)
    assert working_days_after(working_days_after(start, one, mine), more, mine) == working_days_after(
        start, one + more, mine
    )


@given(days, own_days)
def test_the_nth_from_both_ends_is_every_working_day(day: date, own: dict[date, DayKind]) -> None:
    mine = calendar(own)
    first = working_day_from(day.replace(day=1), mine)
    found, n = [], 1
    while first.month == day.month:
        assert nth_working_day(day.year, day.month, n, mine) == first
        found.append(first)
        first, n = working_days_after(first, 1, mine), n + 1
    back = [nth_working_day(day.year, day.month, -k, mine) for k in range(len(found), 0, -1)]
    assert back == found


@given(moments, own_days)
def test_the_bot_is_quiet_until_it_speaks_again(moment: datetime, own: dict[date, DayKind]) -> None:
    mine = calendar(own)
    again = speaks_again(moment, mine)
    assert again >= moment
    assert may_speak(again, mine)
    assert (again == moment) == may_speak(moment, mine)
    if again > moment:
        assert again.time() == time(8)
        earlier = again - timedelta(hours=13)
        assert earlier < moment or not may_speak(earlier, mine)
