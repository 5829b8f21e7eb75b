"""Plans and the rounds that come from them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.records import Audience, Plan, PlanState, PostClass, Reminding, Round, RoundState
from tests.storage.organ import NOW, line, people


async def _plan(database: Database, **more: object) -> Plan:
    async with database.transaction() as store:
        questionnaire = await store.surveys.put_questionnaire("self", {"en": "Self"}, {"items": []}, "digest")
        plan = Plan(0, "{year}", questionnaire.id, PlanState.DRAFT, {"every": "year"}, created=NOW, created_by="hr")
        return await store.plans.put(replace(plan, **more))  # type: ignore[arg-type]


async def test_a_plan_comes_back_as_it_was_put(database: Database) -> None:
    audience = Audience(unit_ids=(1, 2), post_classes=(PostClass.PARTY,))
    plan = await _plan(database, audience=audience, letter="请填写", reminding=Reminding(1, 2, 3), voluntary=True)
    approved = replace(plan, state=PlanState.RUNNING, approved=NOW, approved_by="second", since=NOW + timedelta(1))
    async with database.transaction() as store:
        assert await store.plans.hold(plan.id) == plan
        await store.plans.save(approved)
    other = await _plan(database)
    async with database.reading() as store:
        assert await store.plans.plan(plan.id) == approved
        assert await store.plans.plans() == [other, approved]
        assert await store.plans.plan(99) is None


async def test_a_part_of_the_calendar_has_one_round_and_only_unopened_ones_are_withdrawn(database: Database) -> None:
    plan = await _plan(database)
    states = (RoundState.CLOSED, RoundState.OPEN, RoundState.CANCELLED, RoundState.DRAFT, RoundState.PLANNED)
    async with database.transaction() as store:
        for n, state in enumerate(states):
            opens = NOW - timedelta(days=n)
            new = Round(0, "x", plan.questionnaire_id, state, opens=opens, plan_id=plan.id, period=str(n))
            await store.surveys.put_round(new)
        await store.surveys.put_round(replace(new, plan_id=None, period=""))
    with pytest.raises(IntegrityError):
        async with database.transaction() as store:
            await store.surveys.put_round(new)
    async with database.transaction() as store:
        assert [one.period for one in await store.surveys.rounds_of_plan(plan.id)] == ["4", "3", "2", "1", "0"]
        await store.surveys.withdraw(plan.id)
        assert [one.period for one in await store.surveys.rounds_of_plan(plan.id)] == ["2", "1", "0"]
        assert len(await store.surveys.rounds()) == 4


async def test_people_of_an_audience_are_found_by_their_dates(database: Database) -> None:
    async with database.transaction() as store:
        await people(store, "1")
        await store.people.put_people(
            [
                line("2", joined=date(2026, 3, 1)),
                line("3", joined=date(2026, 3, 31), probation_ends=date(2026, 3, 5)),
                line("4", joined=date(2026, 4, 1)),
                line("5", joined=date(2026, 3, 15), post_class=PostClass.PARTY),
                line("6", joined=date(2026, 3, 15)),
            ]
        )
        await store.people.mark_left(["6"])
        ids = {one.number: one.id for one in await store.people.people()}
    march = date(2026, 3, 1), date(2026, 3, 31)
    general = Audience(post_classes=(PostClass.GENERAL,))
    async with database.reading() as store:
        assert await store.plans.dated(general, (), "joined", *march) == [(ids["2"], march[0]), (ids["3"], march[1])]
        assert await store.plans.dated(Audience(), (), "probation_ends", *march) == [(ids["3"], date(2026, 3, 5))]
