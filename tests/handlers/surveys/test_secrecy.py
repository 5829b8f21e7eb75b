"""An anonymous round from the draft to the opening: what may change, what a crash leaves, and plans of such rounds."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.form import Form, Question
from handlers.refusals import BadInput, NotAllowed
from handlers.surveys import clock, clock_plans, office_changes, office_plans
from handlers.surveys.office_changes import ChangeRound, CopyRound, ExtendRound
from handlers.surveys.office_plans import ChangePlan, OnePlan, PlanRounds
from handlers.surveys.rules import fitness, secrecy
from handlers.surveys.rules.schedules import Every, Schedule
from handlers.surveys.rules.secrecy import Keeper, Terms
from storage.counts import Counts
from storage.database import Database
from storage.records import (
    Attribute,
    Level,
    Person,
    Plan,
    PlanState,
    PostClass,
    Round,
    RoundState,
    Secrecy,
    Tabulator,
    WrappedKey,
)
from tests.attacks.conftest import weak_passphrases
from tests.attacks.world import APPROVED_BY, LIKERT, START, World, furnished, label, questions

__all__ = ["weak_passphrases"]
TODAY = date(2026, 3, 2)
KEY = WrappedKey(b"public", b"wrapped", b"spare")


# Changes --------------------------------------------------------------------------------------------------


async def changed(world: World, round: Round, **news: object) -> Round:
    async with world.database.transaction() as store:
        order = ChangeRound(round.id, **news)  # type: ignore[arg-type]
        return await office_changes.change_round(order, world.clerk(), store)


async def test_a_change_is_approved_again_and_only_raises_the_threshold(database: Database) -> None:
    world = await furnished(database)
    approved = await world.approved(await world.drafted(secrecy=Terms(12)))
    with pytest.raises(BadInput) as no:
        await changed(world, approved, secrecy=Terms(11))
    assert "never lowered" in no.value.problems[0].message
    higher = await changed(world, approved, secrecy=Terms(15, breakdowns=(Attribute.UNIT,)))
    assert (higher.state, higher.approved, higher.secrecy.threshold) == (RoundState.DRAFT, None, 15)
    with pytest.raises(NotAllowed):
        await world.order(office_changes.extend_round, ExtendRound(higher.id, world.now + timedelta(days=30)))
    opened = await world.sent(await world.approved(higher))
    assert len(opened.secrecy.breakdowns[0].bands) == 4


async def test_a_copy_is_a_draft_on_the_same_terms_with_nothing_of_the_opening(database: Database) -> None:
    world = await furnished(database)
    terms = Terms(12, 2, True, (Attribute.UNIT,), (("trust", "fair"),))
    round = await world.anonymous(secrecy=terms)
    async with database.transaction() as store:
        order = CopyRound(round.id, closes=world.now + timedelta(days=30))
        copy = await office_changes.copy_round(order, world.clerk(), store)
    assert (copy.state, copy.secrecy) == (RoundState.DRAFT, secrecy.secrecy_of(terms))
    assert (await world.sent(await world.approved(copy))).secrecy.box != round.secrecy.box


async def test_a_named_round_has_no_terms(database: Database) -> None:
    world = await furnished(database)
    with pytest.raises(BadInput) as no:
        await world.drafted(anonymous=False, secrecy=Terms(12))
    assert "for anonymous rounds only" in no.value.problems[0].message


# Opening --------------------------------------------------------------------------------------------------


async def test_a_crash_between_the_keys_and_the_opening_leaves_what_the_next_one_replaces(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await furnished(database)
    approved = await world.approved(await world.drafted())

    async def crash(_counts: Counts, _count: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Counts, "save", crash)
        with pytest.raises(RuntimeError):
            await world.sent(approved)
    keys = database.vault
    assert keys.is_ready(approved.id)
    left_over = keys.tag(approved.id, 1)
    async with database.reading() as store:
        assert await store.surveys.round(approved.id) == approved
        assert await store.surveys.roll(approved.id) == []
    opened = await world.sent(approved)
    assert opened.state is RoundState.OPEN
    assert keys.tag(approved.id, 1) != left_over


async def test_the_clock_opens_what_may_open_and_leaves_what_may_not(database: Database) -> None:
    world = await furnished(database, (10, 10, 10, 10))
    tomorrow = world.now + timedelta(days=1)
    one = await world.approved(await world.drafted(units=("1", "2"), opens=tomorrow))
    other = await world.approved(await world.drafted(units=("3",), opens=tomorrow))
    async with database.transaction() as store:
        await store.people.mark_left(["3009"])
    world.now = tomorrow
    await world.tick(clock.open_due)
    async with database.reading() as store:
        states = [found.state for id in (one.id, other.id) if (found := await store.surveys.round(id))]
    assert states == [RoundState.OPEN, RoundState.PLANNED]


async def test_what_is_fixed_has_a_digest_that_anybody_can_work_out_again(database: Database) -> None:
    world = await furnished(database)
    await world.anonymous(secrecy=Terms(breakdowns=(Attribute.UNIT,)))
    async with database.reading() as store:
        (kept,) = await store.surveys.rounds()

    def worked_out(round: Round) -> str:
        return secrecy.fingerprint(secrecy.fixed(round, world.questionnaire.digest))

    assert worked_out(kept) == kept.secrecy.digest
    for other in (replace(kept, name="x"), replace(kept, secrecy=replace(kept.secrecy, threshold=11))):
        assert worked_out(other) != kept.secrecy.digest


# Plans ----------------------------------------------------------------------------------------------------


async def test_a_plan_of_anonymous_rounds(database: Database) -> None:
    world = await furnished(database)
    monthly = Schedule(Every.MONTH, day=10, open_days=7)
    order = PlanRounds("作风 {month} 月", world.questionnaire.id, monthly, anonymous=True, secrecy=Terms(12))
    plan = await world.order(office_plans.plan_rounds, order)
    assert isinstance(plan, Plan)
    with pytest.raises(BadInput) as no:
        await world.order(office_plans.change_plan, ChangePlan(plan.id, secrecy=Terms(11)))
    assert "never lowered" in no.value.problems[0].message
    async with database.transaction() as store:
        approved = await office_plans.approve_plan(OnePlan(plan.id), world.clerk(APPROVED_BY), store)
    assert approved.state is PlanState.RUNNING
    world.now = START + timedelta(days=9)
    await world.tick(clock_plans.draw_up, clock.open_due)
    async with database.reading() as store:
        opened = [one for one in await store.surveys.rounds() if one.state is RoundState.OPEN]
    assert [(one.anonymous, one.secrecy.threshold, bool(one.secrecy.box)) for one in opened] == [(True, 12, True)]


async def test_a_plan_that_cannot_be_anonymous(database: Database) -> None:
    world = await furnished(database, (4,), tabulators=1)
    born = Schedule(Every.DATE_OF, date_of="joined", offset=1)
    with pytest.raises(BadInput) as no:
        await world.order(office_plans.plan_rounds, PlanRounds("x", world.questionnaire.id, born, anonymous=True))
    assert "one by one" in no.value.problems[-1].message
    monthly = Schedule(Every.MONTH, day=10)
    plan = await world.order(office_plans.plan_rounds, PlanRounds("x", world.questionnaire.id, monthly, anonymous=True))
    assert isinstance(plan, Plan)
    async with database.transaction() as store:
        with pytest.raises(BadInput) as no:
            await office_plans.approve_plan(OnePlan(plan.id), world.clerk(APPROVED_BY), store)
    assert len(no.value.problems) == 2


# Tabulators -----------------------------------------------------------------------------------------------

keepers = st.lists(st.tuples(st.integers(1, 3), st.integers(-60, 0), st.booleans(), st.booleans()), max_size=6).map(
    lambda found: [
        Keeper(
            Person(id, str(id), "x", unit, PostClass.GENERAL, Level.STAFF, left=left),
            Tabulator(id, key=KEY if has_key else None, tested=TODAY + timedelta(days=days)),
        )
        for id, (unit, days, has_key, left) in enumerate(found, 1)
    ]
)


@given(keepers)
def test_who_may_open_the_box_together(found: list[Keeper]) -> None:
    able = [
        one
        for one in found
        if one.tabulator.key and not one.person.left and one.tabulator.tested >= TODAY - secrecy.TESTED
    ]
    pairs = {(a.person.id, b.person.id) for a, b in combinations(able, 2) if a.person.unit_id != b.person.unit_id}
    assert set(secrecy.allowed(Secrecy(), found, TODAY)) == pairs
    assert secrecy.allowed(Secrecy(tabulators=1), found, TODAY) == tuple((one.person.id,) for one in able)


# Questionnaires -------------------------------------------------------------------------------------------


def test_pairs_name_questions_of_which_one_answer_is_chosen() -> None:
    form = questions()
    assert fitness.problems(form, [("trust", "fair")]) == []
    for pair, why in (
        (("trust", "trust"), "against itself"),
        (("trust", "help"), "no question of which one answer"),
        (("words", "trust"), "no question of which one answer"),
        (("trust", "nothing"), "no question of which one answer"),
    ):
        assert why in fitness.problems(form, [pair])[0].message


def test_what_cannot_fit_into_a_ballot_is_told_when_it_is_planned() -> None:
    items = tuple(
        Question(f"/data/{n:03}{'x' * 60}", f"q{n}", "select_one", label(f"题 {n}"), choices=LIKERT) for n in range(120)
    )
    form = Form("long", label("长"), "1", ("zh_CN",), "zh_CN", items)
    assert "would not fit" in fitness.problems(form)[0].message
    assert fitness.problems(replace(form, items=items[:80])) == []
    assert len(json.dumps({one.path: "1" for one in items[:80]})) < 8188
