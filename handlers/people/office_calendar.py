"""The organ's own table of holidays and make-up days, imported and shown."""

import asyncio
from dataclasses import dataclass

from handlers.days import Calendar
from handlers.doors import office
from handlers.people.rules import holidays
from handlers.refusals import BadInput
from handlers.talk import t
from storage.records import Clerk, SpecialDay
from storage.store import Store


@dataclass(frozen=True, slots=True)
class ImportCalendar:
    """Holidays and make-up days as .xlsx or .csv, in place of what the organ had for the years in it."""

    content: bytes
    filename: str


@dataclass(frozen=True, slots=True)
class ShowCalendar:
    """The calendar of one year."""

    year: int


@dataclass(frozen=True, slots=True)
class CalendarReport:
    """How many days were imported, and of which years."""

    days: int
    years: tuple[int, ...]


@office("POST", "/calendar/import", "rounds:write")
async def import_calendar(order: ImportCalendar, clerk: Clerk, store: Store) -> CalendarReport:
    """Takes the organ's own table, all or nothing; its days count before the published ones.

    Raises BadInput with every bad row, and where a year nobody else knows is not there whole.
    """
    read = await asyncio.to_thread(holidays.read, order.content, order.filename)
    await store.calendar.put_days(read.spans, read.days)
    return CalendarReport(len(read.days), tuple(sorted({one.day.year for one in read.days})))


@office("GET", "/calendar/{year}", "rounds:read")
async def show_calendar(order: ShowCalendar, clerk: Clerk, store: Store) -> list[SpecialDay]:
    """The holidays and make-up days of a year in their order, published ones and the organ's own.

    Raises BadInput where the year has no table.
    """
    if not 1 <= order.year <= 9999:
        raise BadInput(t("{year} is no year.", year=str(order.year)))
    return Calendar(await store.calendar.days()).special_days(order.year)
