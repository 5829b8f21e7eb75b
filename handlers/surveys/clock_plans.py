"""What is due of the plans: their rounds are drawn up, weeks ahead; the clock opens and closes them like any other.

A round stands once for each part of a plan's calendar, whatever crashes and whenever the tick comes: it is computed
anew each time, and what there is already is left alone.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers import doors
from handlers.days import Calendar, NoCalendar
from handlers.surveys.drawing import AHEAD, days_of_people
from handlers.surveys.rules.plans import round_of
from handlers.surveys.rules.schedules import Every, Occurrence, Schedule, load, on_day, outlook
from storage.records import Audience, Plan, PlanState, Round
from storage.store import Store

_NEXT = timedelta(microseconds=1)


async def running(now: datetime, store: Store) -> list[int]:
    """The plans that are running."""
    return [plan.id for plan in await store.plans.plans() if plan.state is PlanState.RUNNING]


@doors.each(seconds=30, due=running)
async def draw_up(plan_id: int, now: datetime, store: Store) -> int:
    """Draws up the rounds of a plan; returns how many. Those slept through whole are recorded as closed.

    Where a year has no calendar yet, the rounds that need it wait for it.
    """
    plan = await store.plans.hold(plan_id)
    if plan is None or plan.state is not PlanState.RUNNING:
        return 0
    schedule, calendar = load(plan.schedule), Calendar(await store.calendar.days())
    rounds = await store.surveys.rounds_of_plan(plan.id)
    if schedule.every is Every.DATE_OF:
        return await _draw_up_today(plan, schedule, rounds, now, calendar, store)
    coming, _ = outlook(schedule, plan.since or now, now + AHEAD, calendar)
    known = {round.period for round in rounds}
    new = [one for one in coming if one.period not in known]
    for occurrence in new:
        rounds.append(await _put(plan, occurrence, rounds, now, store))
    if new:
        await store.plans.save(replace(plan, since=coming[-1].opens + _NEXT))
    return len(new)


async def _draw_up_today(
    plan: Plan, schedule: Schedule, rounds: list[Round], now: datetime, calendar: Calendar, store: Store
) -> int:
    """The round of today for those whose date it is, if there is anybody."""
    today = now.date()
    try:
        occurrence = on_day(schedule, today, now.tzinfo, calendar)
    except NoCalendar:
        return 0  # as the plan's outlook says
    if occurrence is None or not occurrence.opens <= now < occurrence.closes:
        return 0
    if any(round.period == occurrence.period for round in rounds):
        return 0
    found, _ = await days_of_people(plan, schedule, today, today, rounds, calendar, store)
    if not found:
        return 0
    whole = plan.audience
    alone = Audience(person_ids=tuple(found[today]), excused=whole.excused, exempt=whole.exempt)
    await _put(replace(plan, audience=alone), occurrence, rounds, now, store)
    return 1


async def _put(plan: Plan, occurrence: Occurrence, rounds: list[Round], now: datetime, store: Store) -> Round:
    earlier = [round for round in rounds if round.opens is not None and round.opens < occurrence.opens]
    return await store.surveys.put_round(round_of(plan, occurrence, len(earlier) + 1, now))
