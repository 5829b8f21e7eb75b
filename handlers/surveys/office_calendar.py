"""What the calendar lacks: years without a table of holidays, and the rounds that wait for one."""

from dataclasses import dataclass
from datetime import timedelta

from handlers import doors
from handlers.days import Calendar
from handlers.surveys.reminding import missing_calendar
from storage.records import Clerk
from storage.store import Store

AHEAD = timedelta(days=61)
"""how long before a year begins its missing table is told: the State Council's notice comes out in autumn"""


@dataclass(frozen=True, slots=True)
class CheckCalendar:
    """Whether all years have a table of holidays that should have one."""


@dataclass(frozen=True, slots=True)
class WaitingRound:
    """A round that needs a year without a table to remind."""

    round: int
    name: str
    year: int


@dataclass(frozen=True, slots=True)
class CalendarState:
    """`missing`: this year, where it has no table, else 0; `coming`: the next, where it is near; and who waits."""

    missing: int
    coming: int
    waiting: tuple[WaitingRound, ...]


@doors.office("GET", "/calendar-check", "rounds:read")
async def check_calendar(order: CheckCalendar, clerk: Clerk, store: Store) -> CalendarState:
    """Which years have no table of holidays though they should, and which rounds need one."""
    calendar = Calendar(await store.calendar.days())
    this, soon = clerk.now.year, (clerk.now + AHEAD).year
    waiting = [
        WaitingRound(round.id, round.name, year)
        for round in await store.surveys.rounds()
        if (year := await missing_calendar(round, clerk.now, store))
    ]
    return CalendarState(
        0 if calendar.covers(this) else this,
        0 if soon == this or calendar.covers(soon) else soon,
        tuple(waiting),
    )
