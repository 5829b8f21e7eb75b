"""Rounds that repeat themselves: what HR orders of them, and what time makes of it."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound, Refusal, TooLate
from handlers.surveys import clock, clock_plans, office, office_plans
from handlers.surveys.office_plans import ChangePlan, LookAhead, OnePlan, PlanRounds, PlanView
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules.audience import Named
from handlers.surveys.rules.schedules import Every, Rest, Schedule, Weekday
from storage.database import Database
from storage.records import (
    DayKind,
    Level,
    Plan,
    PlanState,
    PostClass,
    Reminding,
    RosterLine,
    Round,
    RoundState,
    SpecialDay,
)
from tests.handlers.surveys.player import Organ, organ_on

ZONE = ZoneInfo("Asia/Shanghai")
MONTHLY = Schedule(Every.MONTH, day=10)
PROBATION = Schedule(Every.DATE_OF, date_of="probation_ends", offset_working=-5)


def at(day: str, time: str = "08:00") -> datetime:
    """A moment by the organ's clock."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZONE)


@pytest.fixture
async def organ(database: Database) -> Organ:
    organ = await organ_on(database)
    organ.now = at("2026-03-02")
    return organ


async def drafted(organ: Organ, schedule: Schedule = MONTHLY, **more: object) -> Plan:
    facts = {
        "name": "{year} 年 {month} 月问卷",
        "questionnaire_id": organ.questionnaire.id,
        "schedule": schedule,
        **more,
    }
    plan = await organ.order(office_plans.plan_rounds, PlanRounds(**facts))  # type: ignore[arg-type]
    assert isinstance(plan, Plan)
    return plan


async def ordered(organ: Organ, door: object, plan: Plan, by: str = "李科长") -> Plan:
    """What a change of state makes of a plan."""
    async with organ.database.transaction() as store:
        changed = await door(OnePlan(plan.id), organ.clerk(by), store)  # type: ignore[operator]
    assert isinstance(changed, Plan)
    return changed


async def running(organ: Organ, schedule: Schedule = MONTHLY, **more: object) -> Plan:
    return await ordered(organ, office_plans.approve_plan, await drafted(organ, schedule, **more), "王主任")


async def passed(organ: Organ, until: datetime | None = None) -> list[Round]:
    """The rounds in the order of their opening, once all is done that is due at this moment."""
    organ.now = until or organ.now
    await organ.tick(clock_plans.draw_up, clock.close_due, clock.open_due)
    async with organ.database.reading() as store:
        return sorted(await store.surveys.rounds(), key=lambda round: round.opens or organ.now)


def brief(rounds: list[Round]) -> list[tuple[str, str]]:
    return [(round.period, round.state.value) for round in rounds]


async def seen(organ: Organ, plan: Plan) -> PlanView:
    view = await organ.order(office_plans.show_plan, LookAhead(plan.id))
    assert isinstance(view, PlanView)
    return view


async def employ(organ: Organ, number: str, ends: date) -> int:
    async with organ.database.transaction() as store:
        line = RosterLine(number, f"新人{number}", "11", PostClass.GENERAL, Level.STAFF, probation_ends=ends)
        await store.people.put_people([line])
    return (await organ.person(number)).id


async def test_a_plan_runs_once_a_second_person_has_approved_it(organ: Organ) -> None:
    plan = await drafted(organ)
    assert (plan.state, plan.created_by, plan.approved) == (PlanState.DRAFT, "李科长", None)
    assert await passed(organ) == []
    with pytest.raises(NotAllowed):
        await ordered(organ, office_plans.approve_plan, plan)
    approved = await ordered(organ, office_plans.approve_plan, plan, "王主任")
    assert (approved.state, approved.approved, approved.approved_by) == (PlanState.RUNNING, organ.now, "王主任")
    with pytest.raises(AlreadyDone):
        await ordered(organ, office_plans.approve_plan, plan, "王主任")


async def test_rounds_are_drawn_up_weeks_ahead_and_once(organ: Organ) -> None:
    plan = await running(organ, letter="请抽空填写。", voluntary=True)
    rounds = await passed(organ)
    assert [(round.name, round.period, round.opens, round.closes) for round in rounds] == [
        ("2026 年 3 月问卷", "2026-03", at("2026-03-10", "09:00"), at("2026-03-17", "18:00")),
        ("2026 年 4 月问卷", "2026-04", at("2026-04-10", "09:00"), at("2026-04-17", "18:00")),
    ]
    first = rounds[0]
    assert (first.created_by, first.approved_by, first.plan_id) == ("李科长", "王主任", plan.id)
    assert (first.letter, first.voluntary, first.state) == ("请抽空填写。", True, RoundState.PLANNED)
    assert await passed(organ) == rounds
    assert brief(await passed(organ, at("2026-03-12", "10:00"))) == [
        ("2026-03", "open"),
        ("2026-04", "planned"),
        ("2026-05", "planned"),
    ]
    async with organ.database.reading() as store:
        assert sum((await store.surveys.progress(first.id)).values()) == 3


async def test_two_processes_that_tick_at_once_draw_up_once(organ: Organ) -> None:
    await running(organ)
    await asyncio.gather(*(organ.tick(clock_plans.draw_up) for _ in range(3)))
    assert [round.period for round in await passed(organ)] == ["2026-03", "2026-04"]


async def test_what_a_whole_downtime_swallowed_is_closed_and_says_that_it_never_opened(organ: Organ) -> None:
    plan = await running(organ)
    await passed(organ)
    rounds = await passed(organ, at("2026-09-12"))
    assert brief(rounds) == [
        *((f"2026-{month:02}", "closed") for month in range(3, 9)),
        ("2026-09", "open"),
        ("2026-10", "planned"),
        ("2026-11", "planned"),
    ]
    assert [round.closes for round in rounds[:2]] == [at("2026-03-17", "18:00"), at("2026-04-17", "18:00")]
    past = (await seen(organ, plan)).past
    assert [(one.state, one.asked) for one in past] == [(RoundState.OPEN, 3)] + [(RoundState.CLOSED, 0)] * 6


async def test_a_change_touches_what_is_not_open_yet_and_waits_for_approval(organ: Organ) -> None:
    plan = await running(organ)
    await passed(organ, at("2026-03-10", "09:00"))
    change = ChangePlan(plan.id, name="{n}. 问卷", schedule=replace(MONTHLY, day=20), audience=Named(units=("2",)))
    changed = await organ.order(office_plans.change_plan, change)
    assert isinstance(changed, Plan)
    assert (changed.state, changed.approved, len(changed.audience.unit_ids)) == (PlanState.DRAFT, None, 1)
    assert brief(await passed(organ)) == [("2026-03", "open")]
    with pytest.raises(NotAllowed):
        await ordered(organ, office_plans.approve_plan, plan)
    await ordered(organ, office_plans.approve_plan, plan, "王主任")
    rounds = await passed(organ)
    assert [(round.name, round.opens) for round in rounds] == [
        ("2026 年 3 月问卷", at("2026-03-10", "09:00")),
        ("2. 问卷", at("2026-04-20", "09:00")),
    ]


async def test_who_changes_a_plan_has_drawn_it_up(organ: Organ) -> None:
    plan = await drafted(organ)
    async with organ.database.transaction() as store:
        await office_plans.change_plan(ChangePlan(plan.id, name="x"), organ.clerk("王主任"), store)
    with pytest.raises(NotAllowed):
        await ordered(organ, office_plans.approve_plan, plan, "王主任")
    assert (await ordered(organ, office_plans.approve_plan, plan)).approved_by == "李科长"


async def test_a_pause_leaves_out_what_falls_into_it(organ: Organ) -> None:
    plan = await running(organ)
    await passed(organ, at("2026-03-10", "09:00"))
    await ordered(organ, office_plans.pause_plan, plan)
    assert (await seen(organ, plan)).coming == ()
    with pytest.raises(AlreadyDone):
        await ordered(organ, office_plans.pause_plan, plan)
    assert brief(await passed(organ, at("2026-04-12"))) == [("2026-03", "closed")]
    await ordered(organ, office_plans.resume_plan, plan)
    assert brief(await passed(organ)) == [("2026-03", "closed"), ("2026-05", "planned"), ("2026-06", "planned")]
    with pytest.raises(AlreadyDone):
        await ordered(organ, office_plans.resume_plan, plan)


async def test_an_ended_plan_has_no_more_rounds_and_no_way_back(organ: Organ) -> None:
    plan = await running(organ)
    await passed(organ, at("2026-03-10", "09:00"))
    await ordered(organ, office_plans.end_plan, plan)
    assert brief(await passed(organ, at("2026-05-12"))) == [("2026-03", "closed")]
    for door in (office_plans.approve_plan, office_plans.pause_plan, office_plans.resume_plan):
        with pytest.raises(TooLate):
            await ordered(organ, door, plan, "王主任")
    with pytest.raises(AlreadyDone):
        await ordered(organ, office_plans.end_plan, plan)
    with pytest.raises(TooLate):
        await organ.order(office_plans.change_plan, ChangePlan(plan.id, name="x"))


async def test_a_draft_is_neither_paused_nor_resumed(organ: Organ) -> None:
    plan = await drafted(organ)
    for door in (office_plans.pause_plan, office_plans.resume_plan):
        with pytest.raises(BadInput):
            await ordered(organ, door, plan)


async def test_a_round_called_off_by_hand_is_not_drawn_up_again(organ: Organ) -> None:
    plan = await running(organ)
    first, *_ = await passed(organ)
    await organ.order(office.close_round, OneRound(first.id))
    assert brief(await passed(organ, at("2026-03-11")))[0] == ("2026-03", "closed")
    assert next(one.period for one in (await seen(organ, plan)).coming) == "2026-04"


async def test_hr_reads_the_calendar_before_and_after_approval(organ: Organ) -> None:
    plan = await drafted(organ, Schedule(Every.WEEK, weekday=Weekday.WEDNESDAY, open_days=1), name="第{week}周（{n}）")
    before = await seen(organ, plan)
    assert [(one.name, one.people) for one in before.coming[:2]] == [("第10周（1）", 3), ("第11周（2）", 3)]
    assert len(before.coming) == 12
    await ordered(organ, office_plans.approve_plan, plan, "王主任")
    await passed(organ)
    assert (await seen(organ, plan)).coming == before.coming
    await passed(organ, at("2026-03-04", "09:00"))
    after = await seen(organ, plan)
    assert (after.coming[0].name, after.past[0].name) == ("第11周（2）", "第10周（1）")
    assert [len(view.coming) for view in await organ.order(office_plans.list_plans, office_plans.ListPlans())] == [1]  # type: ignore[attr-defined]


async def test_a_plan_waits_for_the_calendar_and_says_so(organ: Organ) -> None:
    organ.now = at("2026-11-20")
    plan = await running(organ)
    assert brief(await passed(organ)) == [("2026-12", "planned")]
    view = await seen(organ, plan)
    assert ([one.period for one in view.coming], view.missing_year, view.waits) == (["2026-12"], 2027, True)
    fixed = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
    async with organ.database.transaction() as store:
        table = [SpecialDay(date(2027, *day), DayKind.HOLIDAY) for day in fixed]
        await store.calendar.put_days([(date(2027, 1, 1), date(2027, 12, 31))], table)
    assert brief(await passed(organ)) == [("2026-12", "planned"), ("2027-01", "planned")]
    view = await seen(organ, plan)
    assert (view.missing_year, view.waits) == (2028, False)


async def test_people_are_asked_by_their_own_date_and_once(organ: Organ) -> None:
    first, second = await employ(organ, "101", date(2026, 3, 20)), await employ(organ, "102", date(2026, 3, 20))
    third = await employ(organ, "103", date(2026, 4, 3))
    plan = await running(organ, PROBATION, name="试用期小结 {date}", units=("1",))
    view = await seen(organ, plan)
    assert [(one.period, one.people) for one in view.coming] == [("2026-03-13", 2), ("2026-03-27", 1)]
    assert await passed(organ, at("2026-03-13", "08:59")) == []
    (round,) = await passed(organ, at("2026-03-13", "09:00"))
    assert (round.name, round.state, set(round.audience.person_ids)) == (
        "试用期小结 2026-03-13",
        RoundState.OPEN,
        {first, second},
    )
    async with organ.database.reading() as store:
        assert [line.person_id for line in await store.surveys.roll(round.id)] == [first, second]
    for day in range(14, 27):
        assert len(await passed(organ, at(f"2026-03-{day}", "12:00"))) == 1
    *_, last = await passed(organ, at("2026-03-27", "12:00"))
    assert last.audience.person_ids == (third,)
    await employ(organ, "101", date(2026, 4, 20))
    for day in range(1, 30):
        assert len(await passed(organ, at(f"2026-04-{day:02}", "12:00"))) == 2


async def test_whose_date_comes_late_onto_the_roster_is_still_asked_once(organ: Organ) -> None:
    plan = await running(organ, PROBATION)
    await passed(organ, at("2026-03-27", "12:00"))
    late = await employ(organ, "101", date(2026, 3, 13))
    await employ(organ, "102", date(2026, 2, 27))
    organ.now = at("2026-03-27", "12:00")
    assert [(one.period, one.people) for one in (await seen(organ, plan)).coming] == [("2026-03-27", 1)]
    (round,) = await passed(organ, at("2026-03-28", "12:00")) or await passed(organ, at("2026-03-30", "12:00"))
    assert (round.period, round.audience.person_ids) == ("2026-03-30", (late,))
    assert await passed(organ, at("2026-04-01", "12:00")) == [round]


async def test_who_is_not_in_the_audience_is_not_asked_by_a_date(organ: Organ) -> None:
    await employ(organ, "101", date(2026, 3, 20))
    await running(organ, PROBATION, units=("2",))
    assert await passed(organ, at("2026-03-13", "12:00")) == []


async def test_people_a_downtime_swallowed_are_asked_after_it(organ: Organ) -> None:
    person = await employ(organ, "101", date(2026, 3, 20))
    await running(organ, replace(PROBATION, rest=Rest.KEEP, offset_working=None, offset=-1))
    (round,) = await passed(organ, at("2026-03-29", "10:00"))
    assert (round.period, round.audience.person_ids, round.state) == ("2026-03-29", (person,), RoundState.OPEN)


async def test_people_of_a_round_that_never_opened_are_asked_after_all(organ: Organ) -> None:
    person = await employ(organ, "101", date(2026, 3, 20))
    await running(organ, PROBATION)
    organ.now = at("2026-03-13", "09:00")
    await organ.tick(clock_plans.draw_up)
    await passed(organ, at("2026-03-27", "12:00"))
    first, second = await passed(organ)
    assert (first.period, first.state) == ("2026-03-13", RoundState.CLOSED)
    assert (second.period, second.audience.person_ids) == ("2026-03-27", (person,))


@pytest.mark.parametrize(
    ("changes", "no"),
    [
        ({"questionnaire_id": 999}, NotFound),
        ({"units": ("nowhere",)}, BadInput),
        ({"units": ("3",)}, BadInput),
        ({"anonymous": True, "voluntary": True}, BadInput),
        ({"name": " "}, BadInput),
        ({"name": "{yaer}"}, BadInput),
        ({"name": "{year"}, BadInput),
        ({"name": "{year:>9}"}, BadInput),
        ({"letter": "{nmae}，请抽空填写。"}, BadInput),
        ({"schedule": Schedule(Every.YEAR, month=13)}, BadInput),
        ({"reminding": Reminding(most=4)}, BadInput),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(organ: Organ, changes: dict[str, object], no: type[Refusal]) -> None:
    async with organ.database.transaction() as store:
        await store.people.put_unit("3", "空单位", None)
    with pytest.raises(no):
        await drafted(organ, **changes)  # type: ignore[arg-type]
    assert await organ.order(office_plans.list_plans, office_plans.ListPlans()) == []
    plan = await drafted(organ)
    if "units" in changes:
        changes = {"audience": Named(**changes)}  # type: ignore[arg-type]
    if "anonymous" not in changes:
        with pytest.raises(no):
            await organ.order(office_plans.change_plan, ChangePlan(plan.id, **changes))  # type: ignore[arg-type]


async def test_a_plan_that_is_not_there_is_said_to_be_missing(organ: Organ) -> None:
    for door, order in ((office_plans.show_plan, LookAhead(77)), (office_plans.approve_plan, OnePlan(77))):
        with pytest.raises(NotFound):
            await organ.order(door, order)


async def test_an_approval_too_late_is_refused(organ: Organ) -> None:
    plan = await drafted(organ, replace(MONTHLY, last=date(2026, 3, 31)))
    organ.now += timedelta(days=60)
    with pytest.raises(BadInput):
        await ordered(organ, office_plans.approve_plan, plan, "王主任")
