"""The life of a plan: drafted, approved by a second person, running, paused, ended; and the rounds it has."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from string import Formatter

from handlers.forms.form import Form
from handlers.refusals import AlreadyDone, BadInput, NotAllowed, TooLate
from handlers.surveys.rules import letters, reminders, secrecy
from handlers.surveys.rules.faults import faults
from handlers.surveys.rules.schedules import Every, Occurrence, Schedule, load
from handlers.talk import Text, t
from storage.records import Clerk, Plan, PlanState, Round, RoundState

PLACES = ("year", "half", "quarter", "month", "week", "date", "n")
"""What may stand in braces in a plan's name. `n` is the number of the round in its plan."""


def check(plan: Plan, schedule: Schedule, form: Form, today: date) -> None:
    """Raises BadInput with everything that is wrong with a plan, at once; `form`: what it asks."""
    problems = [*_name_faults(plan.name), *faults(schedule, today)]
    problems += letters.problems(plan.letter, plan.anonymous, has_end=True)
    problems += [*secrecy.planned(plan, has_end=True), *secrecy.asked(plan, form)]
    if plan.anonymous and schedule.every is Every.DATE_OF:
        problems.append(t("Who is asked by a date of their own is asked one by one: such a plan is a named one."))
    try:
        reminders.check(plan.reminding)
    except BadInput as no:
        problems.append(no.text)
    if problems:
        raise BadInput(t("The plan was not taken."), problems)


def _name_faults(name: str) -> list[Text]:
    if not name.strip():
        return [t("Give the rounds a name: people will see it.")]
    try:
        parts = [part for part in Formatter().parse(name) if part[1] is not None]
    except ValueError:
        return [t("A brace in the name is not closed: write {example}.", example="{year}")]
    wrong = [place for _, place, form, turned in parts if place not in PLACES or form or turned]
    known = ", ".join(f"{{{place}}}" for place in PLACES)
    return [t("The name has no place “{place}”: known are {known}.", place=f"{{{one}}}", known=known) for one in wrong]


def named(name: str, every: Every, occurrence: Occurrence, n: int) -> str:
    """The name of the `n`-th round of a plan. Year, month and the like are those of its day; of a week those of its
    Thursday, as ISO 8601 has it."""
    opens = occurrence.opens.date()
    day = opens + timedelta(days=3 - opens.weekday()) if every is Every.WEEK else opens
    half, quarter = (day.month + 5) // 6, (day.month + 2) // 3
    places = {"year": day.year, "half": half, "quarter": quarter, "month": day.month, "week": day.isocalendar().week}
    return name.format(**places, date=opens.isoformat(), n=n)


def round_of(plan: Plan, occurrence: Occurrence, n: int, now: datetime) -> Round:
    """The `n`-th round of a plan, approved by what approved the plan. One whose closing time is past never opens."""
    missed = occurrence.closes <= now
    return Round(
        0,
        named(plan.name, load(plan.schedule).every, occurrence, n),
        plan.questionnaire_id,
        RoundState.CLOSED if missed else RoundState.PLANNED,
        plan.audience,
        plan.anonymous,
        occurrence.opens,
        occurrence.closes,
        now,
        plan.created_by,
        plan.approved,
        plan.approved_by,
        plan.voluntary,
        plan.letter,
        plan.reminding,
        plan.id,
        occurrence.period,
        plan.secrecy,
    )


def approved(plan: Plan, form: Form, by: Clerk) -> Plan:
    """The draft, running from now on. Raises AlreadyDone, TooLate, NotAllowed, or BadInput where its end is past."""
    _must_live(plan)
    if plan.state is not PlanState.DRAFT:
        raise AlreadyDone(
            t("The plan “{plan}” has been approved already, by {name}.", plan=plan.name, name=plan.approved_by)
        )
    if plan.created_by == by.name:
        raise NotAllowed(t("You have drawn up “{plan}” yourself: somebody else must approve it.", plan=plan.name))
    check(plan, load(plan.schedule), form, by.now.date())
    return replace(plan, state=PlanState.RUNNING, approved=by.now, approved_by=by.name, since=by.now)


def changed(before: Plan, plan: Plan, form: Form, by: Clerk) -> Plan:
    """The plan, a draft again, drawn up by whoever changed it last. Raises TooLate, or BadInput if it is wrong now."""
    _must_live(plan)
    check(plan, load(plan.schedule), form, by.now.date())
    if problems := secrecy.lowered(before.secrecy, plan.secrecy):
        raise BadInput(t("The plan was not taken."), problems)
    return replace(
        plan, state=PlanState.DRAFT, created=by.now, created_by=by.name, approved=None, approved_by="", since=None
    )


def paused(plan: Plan) -> Plan:
    """The running plan, paused. Raises AlreadyDone, TooLate or BadInput."""
    _must_live(plan)
    if plan.state is PlanState.PAUSED:
        raise AlreadyDone(t("The plan “{plan}” is paused already.", plan=plan.name))
    _must_be_approved(plan)
    return replace(plan, state=PlanState.PAUSED)


def resumed(plan: Plan, now: datetime) -> Plan:
    """The paused plan, running from now on. Raises AlreadyDone, TooLate or BadInput."""
    _must_live(plan)
    if plan.state is PlanState.RUNNING:
        raise AlreadyDone(t("The plan “{plan}” is running already.", plan=plan.name))
    _must_be_approved(plan)
    return replace(plan, state=PlanState.RUNNING, since=now)


def ended(plan: Plan) -> Plan:
    """The plan, ended for good. Raises AlreadyDone."""
    if plan.state is PlanState.ENDED:
        raise AlreadyDone(t("The plan “{plan}” has ended already.", plan=plan.name))
    return replace(plan, state=PlanState.ENDED)


def _must_live(plan: Plan) -> None:
    if plan.state is PlanState.ENDED:
        raise TooLate(t("The plan “{plan}” has ended; draw up a new one.", plan=plan.name))


def _must_be_approved(plan: Plan) -> None:
    if plan.state is PlanState.DRAFT:
        raise BadInput(t("“{plan}” is a draft: a second person must approve it first.", plan=plan.name))
