"""Rounds open and close by themselves."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.surveys import clock, office
from handlers.surveys.rolls import OneRound
from storage.database import Database
from storage.records import RoundState
from tests.handlers.surveys.player import START, Organ, organ_on

DAY = timedelta(days=1)


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


async def tick(organ: Organ) -> tuple[int, int]:
    """One tick of each: how many were closed, how many opened."""
    before = Counter((await states(organ)).values())
    await organ.tick(clock.close_due)
    await organ.tick(clock.open_due)
    after = Counter((await states(organ)).values())
    return after[RoundState.CLOSED] - before[RoundState.CLOSED], after[RoundState.OPEN] - before[RoundState.OPEN]


async def states(organ: Organ) -> dict[int, RoundState]:
    async with organ.database.reading() as store:
        return {round.id: round.state for round in await store.surveys.rounds()}


async def test_a_round_opens_and_closes_once_on_time(organ: Organ) -> None:
    round = await organ.planned(opens=START + DAY, closes=START + 3 * DAY)
    assert await tick(organ) == (0, 0)
    organ.now = START + DAY
    assert await tick(organ) == (0, 1)
    assert await tick(organ) == (0, 0)
    async with organ.database.reading() as store:
        assert len(await store.surveys.roll(round.id)) == 3
    organ.now = START + 5 * DAY
    assert await tick(organ) == (1, -1)
    assert await tick(organ) == (0, 0)
    async with organ.database.reading() as store:
        closed = await store.surveys.round(round.id)
    assert closed is not None
    assert (closed.state, closed.closes) == (RoundState.CLOSED, START + 3 * DAY)


async def test_a_round_slept_through_is_closed_without_ever_opening(organ: Organ) -> None:
    round = await organ.planned(opens=START + DAY, closes=START + 2 * DAY)
    organ.now = START + 9 * DAY
    assert await tick(organ) == (1, 0)
    assert (await states(organ))[round.id] is RoundState.CLOSED


async def test_a_paused_round_is_closed_too_and_one_without_times_is_left_alone(organ: Organ) -> None:
    paused = await organ.opened(closes=START + DAY)
    await organ.order(office.pause_round, OneRound(paused.id))
    waits = await organ.planned()
    organ.now = START + 9 * DAY
    assert await tick(organ) == (1, 0)
    assert await states(organ) == {paused.id: RoundState.CLOSED, waits.id: RoundState.PLANNED}


async def test_a_round_that_cannot_be_opened_leaves_nothing_behind_and_holds_up_no_other(organ: Organ) -> None:
    broken = {"name": "broken", "title": {"zh_CN": "坏"}, "form": {"items": 1}, "digest": "broken"}
    other = await organ.planned(opens=START + DAY)
    async with organ.database.transaction() as store:
        questionnaire = await store.surveys.put_questionnaire(**broken)  # type: ignore[arg-type]
        first = await store.surveys.put_round(replace(other, questionnaire_id=questionnaire.id))
    organ.now = START + DAY
    assert await tick(organ) == (0, 1)
    assert await states(organ) == {first.id: RoundState.PLANNED, other.id: RoundState.OPEN}
    async with organ.database.reading() as store:
        assert await store.surveys.roll(first.id) == []


async def test_a_round_nobody_is_in_waits_and_holds_up_no_other(organ: Organ) -> None:
    empty = await organ.planned(units=("2",), opens=START + DAY)
    other = await organ.planned(units=("1",), opens=START + DAY)
    async with organ.database.transaction() as store:
        await store.people.mark_left(["003"])
    organ.now = START + DAY
    assert await tick(organ) == (0, 1)
    assert await states(organ) == {empty.id: RoundState.PLANNED, other.id: RoundState.OPEN}
