"""When the rounds of a plan open and close. 周期

A schedule is a rule; `occurrences` is what comes of it in a stretch of time, in the organ's time zone and by its
calendar of working days. The same question gives the same answer whenever it is asked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import chain
from typing import Any

from handlers.days import Calendar, NoCalendar, days_after, nth_working_day, working_days_after
from handlers.surveys.rules.slots import LONGEST_REST, MONTHS, Slot, cron_slots, month_slots, week_slots

_DAY = timedelta(days=1)
OPENING, CLOSING = "09:00", "18:00"
OPEN_DAYS = 7
"""How long a round is open where nothing is said of it (a self-assessment: seven days)."""


class Every(StrEnum):
    """How often."""

    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    CRON = "cron"
    """as five fields of cron say"""
    DATE_OF = "date-of"
    """once for each person, by a date on the roster"""


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class Rest(StrEnum):
    """What becomes of an opening day that is no working day."""

    FORWARD = "forward"
    """the next working day, or the one before where that would be in another month or week"""
    BACK = "back"
    """the working day before, or the next where that would be in another month or week"""
    KEEP = "keep"
    """nothing: the plan knows no calendar, and its closing days move neither"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule for the days on which rounds open, and how long they are open. 周期规则

    `month`: which month of the quarter, half-year or year, 1 the first, -1 the last. `day`: day of that month, the
    31st is its last; or `working_day`: its n-th working day, -1 the last. Without either: the first working day.
    `weekday`: for every week, Monday if none. `cron`: five fields, minute and hour one number each. `date_of`:
    `joined` or `probation_ends`, and the day so many days (`offset`) or working days (`offset_working`) after
    it, before it if negative. `rest`: where that is a day of rest.
    A round opens at `opens_at` (09:00; cron says it itself) and closes at `closes_at` (18:00), `open_days` (7) or
    `open_working_days` later. Rounds open on `first` or later, and on `last` at the latest.
    """

    every: Every
    month: int | None = None
    day: int | None = None
    working_day: int | None = None
    weekday: Weekday | None = None
    cron: str = ""
    date_of: str = ""
    offset: int | None = None
    offset_working: int | None = None
    rest: Rest = Rest.FORWARD
    opens_at: str = ""
    closes_at: str = ""
    open_days: int | None = None
    open_working_days: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One round to come: its part of the calendar (`2026Q1`), and when it is open. 期次"""

    period: str
    opens: datetime
    closes: datetime


def to_plain(schedule: Schedule) -> dict[str, Any]:
    """As plain JSON, without what nothing is said about."""
    said = {one.name: getattr(schedule, one.name) for one in fields(Schedule)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in said.items()
        if value not in (None, "")
    }


def load(plain: Mapping[str, Any]) -> Schedule:
    """The schedule out of its plain JSON."""
    read: Mapping[str, Callable[[Any], Any]] = {
        "every": Every,
        "weekday": Weekday,
        "rest": Rest,
        "first": date.fromisoformat,
        "last": date.fromisoformat,
    }
    return Schedule(**{name: read[name](value) if name in read else value for name, value in plain.items()})


def occurrences(schedule: Schedule, start: datetime, end: datetime, calendar: Calendar) -> Iterator[Occurrence]:
    """What opens at `start` or later and before `end`, in order; nothing of a schedule by dates of people. Days are
    those of the zone in which `end` is given.

    Raises NoCalendar on coming to the first that cannot be told without the table of a year; those before it have
    been given. A week without any working day has no occurrence.
    """
    zone = end.tzinfo
    first, last = start.astimezone(zone).date(), end.date()
    first, last = max(first, schedule.first or first), min(last, schedule.last or last)
    for slot in _slots(schedule, first, last) if first <= last else ():
        day = _settled(slot, schedule, calendar)
        if day is None or not _within(day, schedule):
            continue
        opens = local(day, slot.opens_at or opening_time(schedule), zone)
        if start <= opens < end:
            yield Occurrence(slot.period, opens, closing(schedule, day, zone, calendar))


def outlook(
    schedule: Schedule, start: datetime, end: datetime, calendar: Calendar
) -> tuple[list[Occurrence], int | None]:
    """The same as far as it can be told, and the year whose table is missing for the rest."""
    found: list[Occurrence] = []
    try:
        found.extend(occurrences(schedule, start, end, calendar))
    except NoCalendar as unknown:
        return found, unknown.year
    return found, None


def _slots(schedule: Schedule, first: date, last: date) -> Iterator[Slot]:
    match schedule.every:
        case Every.DATE_OF:
            return iter(())
        case Every.CRON:
            return cron_slots(schedule.cron, first, last, schedule.rest)
        case Every.WEEK:
            return week_slots(list(Weekday).index(schedule.weekday or Weekday.MONDAY), first, last)
        case _:
            return month_slots(MONTHS[schedule.every], schedule.month or 1, schedule.day, first, last)


def _settled(slot: Slot, schedule: Schedule, calendar: Calendar) -> date | None:
    """The day on which the round of a slot opens; None where it holds no working day."""
    if slot.day is None:
        return nth_working_day(slot.first.year, slot.first.month, schedule.working_day or 1, calendar)
    if schedule.rest is Rest.KEEP:
        return slot.day
    ahead = [slot.day + _DAY * n for n in range((slot.last - slot.day).days + 1)]
    behind = [slot.day - _DAY * n for n in range((slot.day - slot.first).days + 1)]
    order = chain(ahead, behind) if schedule.rest is Rest.FORWARD else chain(behind, ahead)
    return next(filter(calendar.is_working_day, order), None)


def _within(day: date, schedule: Schedule) -> bool:
    return (schedule.first is None or schedule.first <= day) and (schedule.last is None or day <= schedule.last)


def due_day(schedule: Schedule, on: date, calendar: Calendar) -> date | None:
    """The day on which somebody with this date is asked; None if the plan does not reach it. Raises NoCalendar."""
    if schedule.offset_working is None:
        day = on + _DAY * (schedule.offset or 0)
    elif schedule.offset_working >= 0:
        day = working_days_after(on, schedule.offset_working, calendar)
    else:
        day = _working_days_before(on, -schedule.offset_working, calendar)
    step = -_DAY if schedule.rest is Rest.BACK else _DAY
    while schedule.rest is not Rest.KEEP and not calendar.is_working_day(day):
        day += step
    return day if _within(day, schedule) else None


def distance(schedule: Schedule) -> tuple[int, int]:
    """How many days at least and at most lie between a person's date and the day he is asked: a wide guess."""
    days, working = schedule.offset or 0, schedule.offset_working
    least, most = (days, days) if working is None else sorted((working, 3 * working))
    return least - LONGEST_REST, most + LONGEST_REST


def _working_days_before(day: date, count: int, calendar: Calendar) -> date:
    for _ in range(count):
        day -= _DAY
        while not calendar.is_working_day(day):
            day -= _DAY
    return day


def on_day(schedule: Schedule, day: date, zone: tzinfo | None, calendar: Calendar) -> Occurrence | None:
    """The round of this day in a plan by dates of people; None on a day on which none opens. Raises NoCalendar."""
    if not _within(day, schedule) or (schedule.rest is not Rest.KEEP and not calendar.is_working_day(day)):
        return None
    opens = local(day, opening_time(schedule), zone)
    return Occurrence(day.isoformat(), opens, closing(schedule, day, zone, calendar))


def opening_time(schedule: Schedule) -> time:
    """When rounds open, by the organ's clock."""
    return time.fromisoformat(schedule.opens_at or OPENING)


def closing(schedule: Schedule, day: date, zone: tzinfo | None, calendar: Calendar) -> datetime:
    """When a round that opens on this day closes. Raises NoCalendar."""
    if schedule.open_working_days is not None:
        day = working_days_after(day, schedule.open_working_days, calendar)
    else:
        days = OPEN_DAYS if schedule.open_days is None else schedule.open_days
        day = day + _DAY * days if schedule.rest is Rest.KEEP else days_after(day, days, calendar)
    return local(day, time.fromisoformat(schedule.closes_at or CLOSING), zone)


def local(day: date, at: time, zone: tzinfo | None) -> datetime:
    """This moment by the organ's clock. An hour that is left out in spring is the one after it; of one that comes
    twice in autumn it is the first."""
    return datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone)
