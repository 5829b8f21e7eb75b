"""Broadcasts: batch after batch, each once; they wait, go on and end with their round, and keep the quiet hours."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import Calendar
from handlers.surveys import clock, fanning, office
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules.fanning import Course, course
from storage.database import Database
from storage.records import (
    Broadcast,
    BroadcastKind,
    DayKind,
    Disposition,
    Letter,
    Level,
    PostClass,
    RosterLine,
    Round,
    RoundState,
    SpecialDay,
    Whom,
)
from tests.handlers.surveys.player import Organ, organ_on

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 12, tzinfo=ZONE)
NIGHT, MORNING = NOON.replace(hour=22), NOON.replace(day=3, hour=8)
SUNDAY = NOON.replace(day=8)
MINUTE = timedelta(minutes=1)
ROUND = Round(7, "一季度", 1, RoundState.OPEN)
INVITATION = Broadcast(1, 7, BroadcastKind.INVITATION, Whom.PLANNED, {}, NOON)
REMINDER, NOTICE = (replace(INVITATION, kind=kind) for kind in (BroadcastKind.REMINDER, BroadcastKind.NOTICE))
PAUSED, CLOSED, CANCELLED = (
    replace(ROUND, state=state) for state in (RoundState.PAUSED, RoundState.CLOSED, RoundState.CANCELLED)
)


@pytest.mark.parametrize(
    ("broadcast", "round", "now", "expected"),
    [
        (INVITATION, ROUND, NOON, Course.GO),
        (INVITATION, PAUSED, NOON, Course.WAIT),
        (INVITATION, CLOSED, NOON, Course.END),
        (REMINDER, CANCELLED, NOON, Course.END),
        (INVITATION, replace(ROUND, closes=NOON), NOON, Course.END),
        (NOTICE, CLOSED, NOON, Course.GO),
        (NOTICE, PAUSED, NOON, Course.GO),
        (INVITATION, ROUND, NIGHT, Course.WAIT),
        (NOTICE, ROUND, NIGHT, Course.WAIT),
        (INVITATION, ROUND, MORNING, Course.GO),
        (INVITATION, ROUND, SUNDAY, Course.WAIT),
        (replace(INVITATION, created=NIGHT), ROUND, NIGHT + MINUTE, Course.GO),
        (replace(INVITATION, created=SUNDAY), ROUND, SUNDAY + MINUTE, Course.GO),
        (replace(REMINDER, created=NIGHT), ROUND, NIGHT + MINUTE, Course.WAIT),
    ],
)
def test_how_a_broadcast_goes_on(broadcast: Broadcast, round: Round, now: datetime, expected: Course) -> None:
    assert course(broadcast, round, now, Calendar()) is expected


def test_where_the_days_of_rest_are_not_known_reminders_wait_and_invitations_keep_the_night() -> None:
    someday = NOON.replace(year=2093)
    begun = replace(INVITATION, created=someday)
    assert course(begun, ROUND, someday, Calendar()) is Course.GO
    assert course(begun, ROUND, someday.replace(hour=22), Calendar()) is Course.WAIT
    assert course(replace(begun, kind=BroadcastKind.REMINDER), ROUND, someday, Calendar()) is Course.WAIT


@given(st.integers(0, 365 * 24 * 60))
def test_no_reminder_goes_out_at_night(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=ZONE) + minutes * MINUTE
    if course(REMINDER, ROUND, now, Calendar()) is Course.GO:
        assert 8 <= now.hour < 21


@pytest.fixture
async def organ(database: Database, monkeypatch: pytest.MonkeyPatch) -> Organ:
    """Seven more people with an account each; batches of two."""
    monkeypatch.setattr(fanning, "BATCH", 2)
    organ = await organ_on(database)
    organ.now = NOON
    async with database.transaction() as store:
        unit = (await store.people.units())[0]
        await store.people.put_people(
            [RosterLine(f"9{n}", f"人员{n}", unit.code, PostClass.GENERAL, Level.STAFF) for n in range(7)]
        )
    for n in range(7):
        await organ.player(f"9{n}")
    return organ


async def tick(organ: Organ) -> int:
    async with organ.database.transaction() as store:
        return await clock.fan_out(organ.now, store)


async def until_written(organ: Organ) -> int:
    """How many ticks it took."""
    ticks = 1
    while await tick(organ):
        ticks += 1
    return ticks


async def claimed(organ: Organ, most: int = 100, of: str = "webchat") -> list[Letter]:
    async with organ.database.transaction() as store:
        return await store.outbox.claim(of, most, organ.now, organ.now + MINUTE)


async def sent(organ: Organ, letters: list[Letter]) -> None:
    async with organ.database.transaction() as store:
        await store.outbox.sent([(letter.id, "1") for letter in letters], organ.now, delivered=True)


async def progress(organ: Organ, round: Round) -> office.Progress:
    found = await organ.order(office.round_progress, OneRound(round.id))
    assert isinstance(found, office.Progress)
    return found


async def dispositions(organ: Organ, round: Round) -> dict[Disposition, int]:
    async with organ.database.reading() as store:
        counts = await store.surveys.progress(round.id)
        lines = [line.disposition for line in await store.surveys.roll(round.id)]
    assert {one: lines.count(one) for one in Disposition} == counts
    return {one: count for one, count in counts.items() if count}


async def test_everybody_is_told_once_batch_after_batch(organ: Organ) -> None:
    round = await organ.opened()
    assert (await progress(organ, round)).letters == 8  # two of the first three have no account
    assert await until_written(organ) == 5
    letters = await claimed(organ)
    assert len({letter.address for letter in letters}) == len(letters) == 7
    assert [letter.person_id for letter in letters] == sorted(letter.person_id or 0 for letter in letters)
    assert all(letter.body["parts"] for letter in letters)
    assert await dispositions(organ, round) == {Disposition.INVITED: 7, Disposition.UNREACHABLE: 3}
    assert await tick(organ) == 0
    assert await claimed(organ) == []
    await sent(organ, letters)
    assert await dispositions(organ, round) == {Disposition.DELIVERED: 7, Disposition.UNREACHABLE: 3}
    assert not (await progress(organ, round)).letters
    await tick(organ)
    async with organ.database.transaction() as store:
        assert await store.broadcasts.under_way() == []


async def test_a_paused_round_waits_and_goes_on(organ: Organ) -> None:
    round = await organ.opened()
    await tick(organ)
    await organ.order(office.pause_round, OneRound(round.id))
    assert await claimed(organ) == []
    assert await tick(organ) == 0
    assert (await progress(organ, round)).ends is None
    await organ.order(office.resume_round, OneRound(round.id))
    await until_written(organ)
    assert len(await claimed(organ)) == 7


async def test_of_a_closed_round_nothing_goes_out_any_more(organ: Organ) -> None:
    round = await organ.opened()
    await tick(organ)
    await tick(organ)
    asked = await addressed(organ, round)
    on_its_way = await claimed(organ, 1)
    await organ.order(office.close_round, OneRound(round.id))
    assert await claimed(organ) == []
    assert await tick(organ) == 0
    assert (await progress(organ, round)).letters == 1
    await sent(organ, on_its_way)
    assert not (await progress(organ, round)).letters
    async with organ.database.transaction() as store:
        assert await store.outbox.dead_letters() == []
        assert await store.outbox.sweep(organ.now + MINUTE) > 1
        notice = Broadcast(0, round.id, BroadcastKind.NOTICE, Whom.EVERYBODY, {"parts": ["closed"]}, organ.now)
        await store.broadcasts.put(notice)
    await until_written(organ)
    assert [letter.body["parts"] for letter in await claimed(organ)] == [["closed"]] * len(asked)


async def addressed(organ: Organ, round: Round) -> list[int]:
    """Who on the roll has been invited."""
    async with organ.database.reading() as store:
        lines = await store.surveys.roll(round.id)
    return [line.person_id for line in lines if line.disposition in (Disposition.INVITED, Disposition.DELIVERED)]


async def test_at_night_it_waits_for_the_morning(organ: Organ) -> None:
    round = await organ.opened()
    organ.now = NIGHT
    assert await tick(organ) == 0
    assert await claimed(organ) == []
    organ.now = MORNING
    await until_written(organ)
    assert len(await claimed(organ)) == 7
    assert (await progress(organ, round)).letters == 7


async def test_what_began_at_night_goes_out_at_night(organ: Organ) -> None:
    organ.now = NIGHT
    await organ.opened()
    await until_written(organ)
    assert len(await claimed(organ)) == 7


async def test_two_broadcasts_share_fairly(organ: Organ) -> None:
    first, second = await organ.opened(), await organ.opened(name="二")
    await until_written(organ)
    some = await claimed(organ, 6)
    async with organ.database.reading() as store:
        whose = {one.id: round.id for round in (first, second) for one in await store.broadcasts.of(round.id)}
    assert sorted(whose[letter.broadcast_id or 0] for letter in some) == [first.id] * 3 + [second.id] * 3
    assert len(await claimed(organ)) == 8


async def test_two_processes_never_work_at_one_broadcast(organ: Organ) -> None:
    await organ.opened()
    if organ.database._file:
        return  # there is one process
    async with organ.database.transaction() as one, organ.database.transaction() as other:
        assert len(await one.broadcasts.under_way()) == 1
        assert await other.broadcasts.under_way() == []


@pytest.mark.parametrize("gone", [True, False])
async def test_who_cannot_be_reached_any_more(organ: Organ, gone: bool) -> None:
    """Only who has no other account, and has not begun."""
    await organ.player("91", "second")
    begun = await organ.player("92")
    round = await organ.opened()
    await until_written(organ)
    await begun.tap(f"ao:{round.id}")
    letters = {letter.address: letter for letter in await claimed(organ)}
    async with organ.database.transaction() as store:
        for address in ("at-90", "at-91", "at-92"):
            letter = letters[address]
            await store.outbox.dead(letter.id, "403", organ.now)
            if gone:
                await store.people.mark_gone("webchat", address)
            await store.broadcasts.unreached("webchat", address, None if gone else letter.broadcast_id)
    assert await dispositions(organ, round) == {
        Disposition.INVITED: 5,
        Disposition.UNREACHABLE: 4,
        Disposition.STARTED: 1,
    }


async def test_somebody_who_began_before_he_was_invited_is_not_invited(organ: Organ) -> None:
    early = await organ.player("96")
    round = await organ.opened()
    await early.tap(f"ao:{round.id}")
    await until_written(organ)
    assert "at-96" not in {letter.address for letter in await claimed(organ)}
    assert (await dispositions(organ, round))[Disposition.STARTED] == 1


async def test_counts_stay_right_when_they_are_summed_up(organ: Organ, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.surveys._CROWDED", 3)
    round = await organ.opened()
    await until_written(organ)
    before = await dispositions(organ, round)
    async with organ.database.transaction() as store:
        assert await store.surveys.tidy() > 3
    assert await dispositions(organ, round) == before
    assert (await progress(organ, round)).letters == 7
    async with organ.database.transaction() as store:
        assert await clock.tidy(organ.now, store) == 0


async def test_the_end_is_estimated_over_the_night_and_the_weekend(organ: Organ) -> None:
    async with organ.database.transaction() as store:
        await store.calendar.put_days([], [SpecialDay(NOON.date() + timedelta(days=1), DayKind.HOLIDAY)])
    organ.now = NOON.replace(hour=20, minute=59, second=0)
    round = await organ.opened()
    await until_written(organ)
    await sent(organ, await claimed(organ, 1))
    organ.now += timedelta(seconds=45)
    await sent(organ, await claimed(organ, 1))
    organ.now += timedelta(seconds=10)
    found = await progress(organ, round)
    # One in fifteen seconds: the first of the five left goes today, the others on the day after the holiday.
    assert found.letters == 5
    assert found.ends == datetime(2026, 3, 4, 8, 1, 10, tzinfo=ZONE)
