"""The clock: it lets time in, sweeps, and a missing database is no end of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import SEEN, SENT, Clock
from bot.courier import Courier
from bot.words import Words
from handlers import doors
from handlers.refusals import BadInput
from handlers.talk import t
from storage.database import Database, Unavailable
from storage.records import Lane, NewLetter

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def clock(database: Database) -> Clock:
    return Clock(database, Courier(database, {}, Words(ZoneInfo("Asia/Shanghai")), "en"), lambda: NOW)


@pytest.fixture
def knocks(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    found: list[datetime] = []

    async def due(now: datetime, _store: Any) -> int:
        found.append(now)
        return len(found) % 2

    monkeypatch.setattr(doors, "_ticks", {"room.due": doors.Tick(3600, due)})
    return found


async def test_a_tick_knocks_with_the_time_until_nothing_is_due(clock: Clock, knocks: list[datetime]) -> None:
    clock.start()
    await clock.tick("room.due")
    clock.stop()
    assert knocks == [NOW, NOW]


async def test_what_goes_wrong_with_one_is_undone_and_holds_up_no_other(
    clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def due(_now: datetime, _store: Any) -> list[int]:
        return [1, 2, 3, 4]

    async def one(id: int, _now: datetime, store: Any) -> int:
        asked.append(id)
        await store.people.put_unit(str(id), "", None)
        if id == 1:
            raise BadInput(t("Nobody is there."))
        if id == 2:
            raise LookupError("a mistake of ours")
        return id % 2

    monkeypatch.setattr(doors, "_ticks", {"room.one": doors.TickEach(3600, due, one)})
    await clock.tick("room.one")
    assert asked == [1, 2, 3, 4]
    async with database.reading() as store:
        assert [unit.code for unit in await store.people.units()] == ["3", "4"]


async def test_a_missing_database_is_for_the_next_tick(
    clock: Clock, database: Database, knocks: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", gone)
        await clock.tick("room.due")
        await clock.sweep()
    await clock.tick("room.due")
    assert knocks == [NOW, NOW]


async def test_what_served_its_time_is_swept(clock: Clock, database: Database) -> None:
    async with database.transaction() as store:
        await store.inbox.unseen([("fake", "old")], NOW - SEEN - timedelta(days=2))
        await store.inbox.unseen([("fake", "new")], NOW)
        await store.outbox.post(NewLetter("fake", "1", "en", Lane.REPLY, {"parts": ["x"]}), held=True)
        await store.flush()
        sent = store.outbox.posted()[0].id
        await store.outbox.sent([(sent, "9")], NOW - SENT - timedelta(days=1))
    await clock.sweep()
    async with database.transaction() as store:
        assert await store.inbox.unseen([("fake", "old"), ("fake", "new")], NOW) == {("fake", "old")}
        assert await store.outbox.sweep(NOW) == 0
