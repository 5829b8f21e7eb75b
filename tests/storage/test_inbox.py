"""De-duplication and dead letters of what was heard."""

from datetime import timedelta

from storage.database import Database
from storage.records import DeadLetter
from tests.storage.organ import NOW


async def test_nothing_is_new_twice(database: Database) -> None:
    async with database.transaction() as store:
        ids = [("telegram", "1"), ("telegram", "2"), ("webchat", "1"), ("telegram", "1")]
        assert await store.inbox.unseen(ids, NOW) == set(ids)
        assert await store.inbox.unseen(ids, NOW) == set()
    async with database.transaction() as store:
        assert await store.inbox.unseen([("telegram", "3"), ("telegram", "2")], NOW) == {("telegram", "3")}
        assert await store.inbox.unseen([], NOW) == set()


async def test_failures_are_counted_and_then_buried(database: Database) -> None:
    async with database.transaction() as store:
        assert [await store.inbox.failed("telegram", "1", "KeyError", NOW) for _ in range(3)] == [1, 2, 3]
        assert await store.inbox.failed("telegram", "2", "KeyError", NOW) == 1
        assert await store.inbox.dead() == []
        later = NOW + timedelta(minutes=1)
        await store.inbox.bury("telegram", "1", "ValueError", later)
        await store.inbox.bury("webchat", "9", "TypeError", NOW)
    async with database.transaction() as store:
        assert await store.inbox.dead() == [
            DeadLetter("telegram", "1", "ValueError", later),
            DeadLetter("webchat", "9", "TypeError", NOW),
        ]
        assert await store.inbox.unseen([("telegram", "1"), ("telegram", "2")], NOW) == {("telegram", "2")}


async def test_sweeping_forgets_old_days_but_no_dead_letters(database: Database) -> None:
    async with database.transaction() as store:
        await store.inbox.unseen([("telegram", "old"), ("telegram", "older")], NOW - timedelta(days=1))
        await store.inbox.unseen([("telegram", "today")], NOW)
        await store.inbox.failed("telegram", "overcome", "KeyError", NOW - timedelta(days=1))
        await store.inbox.bury("telegram", "buried", "KeyError", NOW - timedelta(days=1))
        assert await store.inbox.sweep(NOW) == 3
        assert [letter.reference for letter in await store.inbox.dead()] == ["buried"]
        assert await store.inbox.failed("telegram", "overcome", "KeyError", NOW) == 1
        assert await store.inbox.unseen([("telegram", "today"), ("telegram", "old")], NOW) == {("telegram", "old")}
