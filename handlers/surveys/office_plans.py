"""What HR orders of plans: rounds that repeat themselves, drawn up by one and approved by another."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from handlers import doors
from handlers.days import Calendar, NoCalendar
from handlers.refusals import NotFound
from handlers.surveys.audiences import find_audience, weigh
from handlers.surveys.drawing import AHEAD, days_of_people
from handlers.surveys.rolls import must_have_questions
from handlers.surveys.rules import plans
from handlers.surveys.rules.audience import Named
from handlers.surveys.rules.rounds import UNOPENED
from handlers.surveys.rules.schedules import Every, Occurrence, Schedule, load, on_day, outlook, to_plain
from handlers.surveys.rules.secrecy import Terms, secrecy_of
from handlers.surveys.secrecy import must_be_possible
from handlers.surveys.wording import form_of
from handlers.talk import t
from storage.records import Clerk, Plan, PlanState, Reminding, Round, RoundState
from storage.store import Store

FAR = timedelta(days=2 * 366)
"""So far ahead a plan is looked at."""


@dataclass(frozen=True, slots=True)
class PlanRounds(Named):
    """Rounds that repeat themselves, all of the same audience. The rest is as with one round.

    `name` may have places: {year} {half} {quarter} {month} {week} {date} {n}.
    """

    name: str
    questionnaire_id: int
    schedule: Schedule
    anonymous: bool = False
    voluntary: bool = False
    letter: str = ""
    reminding: Reminding = field(default_factory=Reminding)
    secrecy: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What is to be different; what is not given stays. Rounds that are open go on as they are."""

    plan_id: int
    name: str | None = None
    questionnaire_id: int | None = None
    schedule: Schedule | None = None
    audience: Named | None = None
    voluntary: bool | None = None
    letter: str | None = None
    reminding: Reminding | None = None
    secrecy: Terms | None = None


@dataclass(frozen=True, slots=True)
class ListPlans:
    """All plans."""


@dataclass(frozen=True, slots=True)
class OnePlan:
    """The plan with this id."""

    plan_id: int


@dataclass(frozen=True, slots=True)
class LookAhead:
    """The plan with this id, and its next rounds, so many at most."""

    plan_id: int
    count: int = 12


@dataclass(frozen=True, slots=True)
class Coming:
    """A round to come, and how many would be asked as the roster is now. 待开展轮次"""

    period: str
    name: str
    opens: datetime
    closes: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Past:
    """A round that has been; `asked` is how long its roll is, 0: it never opened. 已开展轮次"""

    round: int
    name: str
    state: RoundState
    opens: datetime | None
    closes: datetime | None
    asked: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan, what has become of it and what comes. 计划一览

    `missing_year`: further rounds wait until the holidays of this year are known; `waits`: one does that would open
    within the weeks for which rounds are drawn up. `past`: newest first.
    """

    plan: Plan
    coming: tuple[Coming, ...]
    missing_year: int | None
    waits: bool
    past: tuple[Past, ...]


@doors.office("POST", "/plans", "rounds:write")
async def plan_rounds(order: PlanRounds, clerk: Clerk, store: Store) -> Plan:
    """Draws up a plan of rounds that repeat themselves; it runs as soon as a second person has approved it."""
    plan = Plan(
        0,
        order.name.strip(),
        order.questionnaire_id,
        PlanState.DRAFT,
        to_plain(order.schedule),
        await find_audience(order, store),
        order.anonymous,
        order.voluntary,
        order.letter,
        order.reminding,
        clerk.now,
        clerk.name,
        secrecy=secrecy_of(order.secrecy),
    )
    await must_have_questions(plan.questionnaire_id, store)
    plans.check(plan, order.schedule, await form_of(plan, store), clerk.now.date())
    return await store.plans.put(plan)


@doors.office("GET", "/plans", "rounds:read")
async def list_plans(order: ListPlans, clerk: Clerk, store: Store) -> list[PlanView]:
    """All plans, the newest first, each with its next round."""
    return [await _view(plan, 1, clerk.now, store) for plan in await store.plans.plans()]


@doors.office("GET", "/plans/{plan_id}", "rounds:read")
async def show_plan(order: LookAhead, clerk: Clerk, store: Store) -> PlanView:
    """One plan with the calendar of its next rounds."""
    plan = await store.plans.plan(order.plan_id)
    if plan is None:
        raise _unknown(order.plan_id)
    return await _view(plan, order.count, clerk.now, store)


@doors.office("POST", "/plans/{plan_id}/approve", "rounds:write")
async def approve_plan(order: OnePlan, clerk: Clerk, store: Store) -> Plan:
    """Lets a plan run that somebody else has drawn up. Of an anonymous one everything is told that speaks against
    asking so now; each of its rounds is looked at again when it opens."""
    plan = await _held(order.plan_id, store)
    approved = plans.approved(plan, await form_of(plan, store), clerk)
    if approved.anonymous:
        await must_be_possible(approved, clerk.now, store)
    return await _saved(approved, store)


@doors.office("POST", "/plans/{plan_id}/change", "rounds:write")
async def change_plan(order: ChangePlan, clerk: Clerk, store: Store) -> Plan:
    """Changes a plan, which is a draft again; rounds not open yet are drawn up anew once it is approved."""
    plan = await _held(order.plan_id, store)
    given = {name: value for name in _CHANGES if (value := getattr(order, name)) is not None}
    if order.schedule is not None:
        given["schedule"] = to_plain(order.schedule)
    if order.audience is not None:
        given["audience"] = await find_audience(order.audience, store)
    if order.secrecy is not None:
        given["secrecy"] = secrecy_of(order.secrecy)
    new = replace(plan, **given)
    await must_have_questions(new.questionnaire_id, store)
    return await _withdrawn(plans.changed(plan, new, await form_of(new, store), clerk), store)


_CHANGES = ("name", "questionnaire_id", "voluntary", "letter", "reminding")


@doors.office("POST", "/plans/{plan_id}/pause", "rounds:write")
async def pause_plan(order: OnePlan, clerk: Clerk, store: Store) -> Plan:
    """Pauses a plan: no round of it opens until it is resumed; rounds that are open go on."""
    return await _withdrawn(plans.paused(await _held(order.plan_id, store)), store)


@doors.office("POST", "/plans/{plan_id}/resume", "rounds:write")
async def resume_plan(order: OnePlan, clerk: Clerk, store: Store) -> Plan:
    """Lets a paused plan run on; what would have opened meanwhile is left out."""
    return await _saved(plans.resumed(await _held(order.plan_id, store), clerk.now), store)


@doors.office("POST", "/plans/{plan_id}/end", "rounds:write")
async def end_plan(order: OnePlan, clerk: Clerk, store: Store) -> Plan:
    """Ends a plan for good; rounds that are open go on."""
    return await _withdrawn(plans.ended(await _held(order.plan_id, store)), store)


async def _held(plan_id: int, store: Store) -> Plan:
    plan = await store.plans.hold(plan_id)
    if plan is None:
        raise _unknown(plan_id)
    return plan


def _unknown(plan_id: int) -> NotFound:
    return NotFound(t("There is no plan {id}.", id=plan_id))


async def _saved(plan: Plan, store: Store) -> Plan:
    await store.plans.save(plan)
    return plan


async def _withdrawn(plan: Plan, store: Store) -> Plan:
    """The plan, saved; its rounds that have not been opened are gone."""
    await store.surveys.withdraw(plan.id)
    return await _saved(plan, store)


async def _view(plan: Plan, count: int, now: datetime, store: Store) -> PlanView:
    rounds = await store.surveys.rounds_of_plan(plan.id)
    coming: list[Coming] = []
    missing, waits = None, None
    if plan.state in (PlanState.DRAFT, PlanState.RUNNING):
        coming, missing = await _ahead(plan, rounds, now, now + FAR, store)
        _, waits = await _ahead(plan, rounds, now, now + AHEAD, store)
    past = [
        Past(one.id, one.name, one.state, one.opens, one.closes, sum((await store.surveys.progress(one.id)).values()))
        for one in reversed(rounds)
        if one.state not in UNOPENED
    ]
    return PlanView(plan, tuple(coming[:count]), missing, waits is not None, tuple(past))


async def _ahead(
    plan: Plan, rounds: list[Round], now: datetime, until: datetime, store: Store
) -> tuple[list[Coming], int | None]:
    """What comes, as far as the calendar is known; a round that has been drawn up stands as it is."""
    schedule, calendar = load(plan.schedule), Calendar(await store.calendar.days())
    if schedule.every is Every.DATE_OF:
        return await _people_ahead(plan, schedule, rounds, now, until, calendar, store)
    found, missing = outlook(schedule, now, until, calendar)
    people = (await weigh(plan.audience, store)).asked
    drawn = {round.period: round for round in rounds}
    done = sum(round.state not in UNOPENED for round in rounds)
    coming = []
    for n, one in enumerate((one for one in found if _waits(drawn.get(one.period))), done + 1):
        round = drawn.get(one.period)
        if round and round.opens and round.closes:
            coming.append(Coming(one.period, round.name, round.opens, round.closes, people))
        else:
            coming.append(_coming(plan, schedule, one, n, people))
    return coming, missing


def _waits(round: Round | None) -> bool:
    return round is None or round.state in UNOPENED


def _coming(plan: Plan, schedule: Schedule, one: Occurrence, n: int, people: int) -> Coming:
    return Coming(one.period, plans.named(plan.name, schedule.every, one, n), one.opens, one.closes, people)


async def _people_ahead(
    plan: Plan,
    schedule: Schedule,
    rounds: list[Round],
    now: datetime,
    until: datetime,
    calendar: Calendar,
    store: Store,
) -> tuple[list[Coming], int | None]:
    """The days on which somebody is asked; who is late comes with the next day on which a round can open."""
    found, missing = await days_of_people(plan, schedule, now.date(), until.date(), rounds, calendar, store)
    coming: list[Coming] = []
    late = 0
    for n in range((until.date() - now.date()).days if found else 0):
        day = now.date() + timedelta(days=n)
        people = late + len(found.get(day, ()))
        try:
            one = on_day(schedule, day, now.tzinfo, calendar) if people else None
        except NoCalendar as unknown:
            return coming, unknown.year
        late = 0 if one else people
        if one:
            coming.append(_coming(plan, schedule, one, len(rounds) + len(coming) + 1, people))
    return coming, missing
