"""The clock: it lets time in, sweeps, and a missing database is no end of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import SEEN, SENT, Clock
from bot.courier import Courier
from bot.words import Words
from handlers import doors
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

    monkeypatch.setattr(doors, "_ticks", {"room.due": (3600, due)})
    return found


async def test_a_tick_knocks_with_the_time_until_nothing_is_due(clock: Clock, knocks: list[datetime]) -> None:
    clock.start()
    await clock.tick("room.due")
    clock.stop()
    assert knocks == [NOW, NOW]


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
