"""The parts of the calendar in which a plan has one round each: which they are, and where in them it may open."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cronsim import CronSim

_DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
"""How many months each has."""
LONGEST_REST = 30
"""More days than ever follow one another without a working day."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the calendar and the days from `first` to `last` on one of which its round opens: on `day` where that
    is a working day; None: its month counts working days. `opens_at`: only where the rule says it (cron)."""

    period: str
    first: date
    last: date
    day: date | None
    opens_at: time | None = None


def month_slots(length: int, month: int, day: int | None, first: date, last: date) -> Iterator[Slot]:
    """One in every `length` months (a divisor of 12): in the `month`-th of them, from the end if negative, on its
    `day`-th, at most its last. Those whose month has a day between `first` and `last`."""
    offset = month - 1 if month > 0 else length + month
    number = (first.year * 12 + first.month - 1) // length
    while (begin := _month(number * length + offset)) <= last:
        end = begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
        if first <= end:
            chosen = None if day is None else begin.replace(day=min(day, end.day))
            yield Slot(_key(length, number), begin, end, chosen)
        number += 1


def _month(number: int) -> date:
    """The first day of a month, counted from year 0."""
    return date(number // 12, number % 12 + 1, 1)


def _key(length: int, number: int) -> str:
    year, part = divmod(number, 12 // length)
    match length:
        case 1:
            return f"{year}-{part + 1:02}"
        case 3:
            return f"{year}Q{part + 1}"
        case 6:
            return f"{year}H{part + 1}"
        case _:
            return str(year)


def week_slots(weekday: int, first: date, last: date) -> Iterator[Slot]:
    """One in every week (ISO 8601), Monday is 0. Those that have a day between `first` and `last`."""
    monday = first - _DAY * first.weekday()
    while monday <= last:
        year, week, _ = monday.isocalendar()
        yield Slot(f"{year}-W{week:02}", monday, monday + _DAY * 6, monday + _DAY * weekday)
        monday += _DAY * 7


def cron_slots(cron: str, first: date, last: date, rest: str) -> Iterator[Slot]:
    """One for every day of a cron rule: it may move (`forward` or `back`) as far as to the next such day, which then
    counts alone, and over no more days of rest than there ever are. Those that may lie between `first` and `last`."""
    before = next(CronSim(cron, datetime.combine(first, time()), reverse=True))
    earlier = next(CronSim(cron, before, reverse=True))
    ahead = CronSim(cron, before - _DAY)
    at = next(ahead)
    room = _DAY * LONGEST_REST
    while (begin := max(earlier.date() + _DAY, at.date() - room) if rest == "back" else at.date()) <= last:
        after = next(ahead)
        end = min(after.date() - _DAY, at.date() + room) if rest == "forward" else at.date()
        yield Slot(at.date().isoformat(), begin, end, at.date(), at.time())
        earlier, at = at, after
