"""How far ahead rounds are drawn up, and whom a plan by dates of people comes to: for the clock, which asks them, and
for the office, which looks ahead."""

from collections.abc import Iterable
from datetime import date, timedelta

from handlers.days import Calendar, NoCalendar
from handlers.surveys.rules.audience import units_of
from handlers.surveys.rules.schedules import Schedule, distance, due_day
from storage.records import Plan, Round, RoundState
from storage.store import Store

AHEAD = timedelta(days=60)
"""So long before they open rounds are drawn up, for HR to see; those by dates of people only on the day itself."""
LATE = timedelta(days=30)
"""Somebody whose day was this long ago at most, and whose date came late onto the roster, is still asked."""


async def days_of_people(
    plan: Plan, schedule: Schedule, today: date, until: date, rounds: Iterable[Round], calendar: Calendar, store: Store
) -> tuple[dict[date, list[int]], int | None]:
    """Who is to be asked on which day up to `until`, those of the last 30 days with today if it has not asked them in
    its `rounds`; and the year whose table is missing for somebody's day."""
    least, most = distance(schedule)
    inside = units_of(plan.audience, await store.people.units())
    first, last = today - LATE - timedelta(days=most), until - timedelta(days=least)
    # One that closed without ever opening has asked nobody.
    waiting = [round for round in rounds if round.state is not RoundState.CLOSED]
    asked = await store.plans.asked(plan.id) | {id for round in waiting for id in round.audience.person_ids}
    found: dict[date, list[int]] = {}
    missing = None
    for person_id, on in await store.plans.dated(plan.audience, inside, schedule.date_of, first, last):
        try:
            day = due_day(schedule, on, calendar)
        except NoCalendar as unknown:
            missing = missing or unknown.year
            continue
        if person_id not in asked and day is not None and today - LATE <= day <= until:
            found.setdefault(max(day, today), []).append(person_id)
    return found, missing
