"""The calendar: which day is a working day, how days are counted, and when the bot may speak. Pure.

Working days follow the State Council's yearly notice on holidays and make-up days (节假日安排, 调休), out of the
package `chinesecalendar`, and the organ's own table, which counts before it day by day. A year that neither has is
refused and never guessed: the notice for a year comes out only in the autumn before it.

"Days" and "working days" are different counters. Both leave out the first day; a number of days whose last one is
a day of rest ends with the next working day instead (Civil Code, Articles 201 and 203).
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

import chinese_calendar

from handlers.refusals import BadInput
from handlers.talk import t
from storage.records import DayKind, SpecialDay

FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
"""Months and days that are holidays every year (全国年节及纪念日放假办法, 2024): no year's table is without them."""
MORNING, EVENING = time(8), time(21)
"""Between these, on working days, the bot may speak of itself; else it is quiet."""

_PUBLISHED = frozenset(day.year for day in chinese_calendar.holidays)
_DAY = timedelta(days=1)


class NoCalendar(BadInput):
    """The year has no table of holidays yet."""

    def __init__(self, year: int) -> None:
        super().__init__(
            t(
                "The holidays and make-up days of {year} are not known yet. Import your organ's table for {year} "
                "with `huiyin calendar import FILE`, then do this again.",
                year=str(year),
            )
        )
        self.year = year


class Calendar:
    """The working days, by the published calendars and the organ's own days."""

    def __init__(self, special: Iterable[SpecialDay] = ()) -> None:
        self._special = {one.day: one for one in special}
        self._years = _PUBLISHED | whole_years(self._special.values())

    def covers(self, year: int) -> bool:
        """Does this year have a table?"""
        return year in self._years

    def is_working_day(self, day: date) -> bool:
        """Is it one on which people work? Raises NoCalendar."""
        if own := self._special.get(day):
            return own.kind is DayKind.WORKDAY
        if not self.covers(day.year):
            raise NoCalendar(day.year)
        return chinese_calendar.is_workday(day) if day.year in _PUBLISHED else day.weekday() < 5

    def special_days(self, year: int) -> list[SpecialDay]:
        """The holidays and make-up days of a year in their order, the organ's own among them. Raises NoCalendar."""
        if not self.covers(year):
            raise NoCalendar(year)
        published = {one.day: one for one in _published(year)} if year in _PUBLISHED else {}
        own = {day: one for day, one in self._special.items() if day.year == year}
        return [one for _, one in sorted({**published, **own}.items())]


def whole_years(special: Iterable[SpecialDay]) -> frozenset[int]:
    """The years of which these days are plainly the whole table: all that are fixed by law are among the holidays."""
    holidays = {one.day for one in special if one.kind is DayKind.HOLIDAY}
    years = {day.year for day in holidays}
    return frozenset(year for year in years if all(date(year, *fixed) in holidays for fixed in FIXED))


def _published(year: int) -> Iterator[SpecialDay]:
    for kind, days in (
        (DayKind.HOLIDAY, chinese_calendar.holidays),
        (DayKind.WORKDAY, chinese_calendar.workdays),
    ):
        for day, name in days.items():
            if day.year == year:
                yield SpecialDay(day, kind, chinese_calendar.Holiday(name).chinese)


def working_day_from(day: date, calendar: Calendar) -> date:
    """This day, or the next working day after it. Raises NoCalendar."""
    while not calendar.is_working_day(day):
        day += _DAY
    return day


def working_days_after(start: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day after `start`, which is not counted itself. Raises NoCalendar.

    `count` is at least 0; with 0 it is `start`.
    """
    day = start
    for _ in range(count):
        day = working_day_from(day + _DAY, calendar)
    return day


def days_after(start: date, count: int, calendar: Calendar) -> date:
    """The last of `count` days from `start`, which is not counted itself; from a day of rest it moves on to the next
    working day (Civil Code, Articles 201 and 203). Raises NoCalendar."""
    return working_day_from(start + timedelta(days=count), calendar)


def nth_working_day(year: int, month: int, n: int, calendar: Calendar) -> date:
    """The `n`-th working day of a month; the last is -1. Raises NoCalendar, and BadInput if it has not so many."""
    first = date(year, month, 1)
    days = (first + timedelta(days=ahead) for ahead in range(31))
    working = [day for day in days if day.month == month and calendar.is_working_day(day)]
    if not 0 < abs(n) <= len(working):
        raise BadInput(
            t(
                "{month} has {count} working days: name one from 1 to {count}, or from -1 (the last) to -{count}.",
                month=f"{year}-{month:02}",
                count=len(working),
            )
        )
    return working[n - 1 if n > 0 else n]


def may_speak(moment: datetime, calendar: Calendar) -> bool:
    """Is it neither night nor a day of rest? `moment` as the organ's clock shows it. Raises NoCalendar."""
    return MORNING <= moment.time() < EVENING and calendar.is_working_day(moment.date())


def speaks_again(moment: datetime, calendar: Calendar) -> datetime:
    """The first moment from this one on at which the bot may speak. Raises NoCalendar."""
    if may_speak(moment, calendar):
        return moment
    today = moment.date() if moment.time() < MORNING else moment.date() + _DAY
    return datetime.combine(working_day_from(today, calendar), MORNING, moment.tzinfo)
