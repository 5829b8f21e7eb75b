"""What is PostgreSQL's own: several processes, and a server that goes and comes back."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database, Unavailable
from storage.records import Account, Person
from storage.store import Store
from tests.conftest import Postgres
from tests.storage.organ import NOW, bound, people


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
async def second(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def frail() -> Iterator[Postgres]:
    """A server of this test's own, to be stopped at will."""
    postgres = Postgres(Path(tempfile.mkdtemp(prefix="huiyin-pg-")))
    yield postgres
    postgres.server.start()
    postgres.server.cleanup()


async def test_a_commit_is_acknowledged_only_when_it_is_on_disk(database: Database) -> None:
    async with database._writer.connect() as connection:
        assert (await connection.execute(text("SHOW synchronous_commit"))).scalar() == "on"


async def somebody_waits(database: Database) -> None:
    """Returns when a connection to this database waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database._writer.connect() as connection:
        while not (await connection.execute(waiting)).scalar():
            await connection.rollback()


async def told(store: Store, address: str) -> tuple[Account, Person | None]:
    place = ("telegram", address)
    return (await store.people.recognise([place]))[place]


@pytest.mark.parametrize("address", ["7", "8"], ids=["same account", "another account of the same person"])
async def test_two_processes_take_turns_with_one_person(database: Database, second: Database, address: str) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        ids = {known: await bound(store, person, known) for known in ("7", "8")}

    async def later() -> str:
        async with second.transaction() as other:
            await told(other, address)
            return {account.address: account.flow for account in await other.people.all_accounts()}["7"]

    async with asyncio.TaskGroup() as tasks, database.transaction() as store:
        await told(store, "7")
        task = tasks.create_task(later())
        await somebody_waits(database)
        assert not task.done()
        await store.people.set_flow(ids["7"], "answer:1")
    assert task.result() == "answer:1"


async def test_what_was_said_in_the_other_process_is_seen_by_the_one_that_waited(
    database: Database, second: Database
) -> None:
    async with database.transaction() as store:
        account, _ = await told(store, "7")
    async with asyncio.TaskGroup() as tasks:

        async def later() -> str:
            async with second.transaction() as other:
                return (await told(other, "7"))[0].flow

        async with database.transaction() as store:
            await told(store, "7")
            await store.people.set_flow(account.id, "bind")
            task = tasks.create_task(later())
            await somebody_waits(database)
    assert task.result() == "bind"


async def test_two_processes_meet_a_stranger_at_once(database: Database, second: Database) -> None:
    async with asyncio.TaskGroup() as tasks:

        async def later() -> Account:
            async with second.transaction() as other:
                return (await told(other, "7"))[0]

        async with database.transaction() as store:
            account, _ = await told(store, "7")
            task = tasks.create_task(later())
            await somebody_waits(database)
    assert task.result() == account


async def test_writing_about_a_person_does_not_wait_for_his_turn(database: Database, second: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        await bound(store, person, "7")
    async with database.transaction() as store, second.transaction() as other:
        await told(store, "7")
        account, _ = await told(other, "8")
        await other.people.bind(account.id, person.id)


async def test_the_same_update_in_two_processes_is_new_to_one(database: Database, second: Database) -> None:
    ids = [("telegram", str(number)) for number in range(5)]

    async def later() -> set[tuple[str, str]]:
        async with second.transaction() as other:
            return await other.inbox.unseen(list(reversed(ids)), NOW)

    async with asyncio.TaskGroup() as tasks, database.transaction() as store:
        assert await store.inbox.unseen(ids[:3], NOW) == set(ids[:3])
        task = tasks.create_task(later())
        await somebody_waits(database)
    assert task.result() == set(ids[3:])


async def test_a_server_that_stops_is_unavailable_until_it_is_back(frail: Postgres) -> None:
    database = Database(frail.url(frail.lend()))
    await database.start()
    with pytest.raises(Unavailable):
        await _stopped_in_the_middle(database, frail)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await _units(database)
    await asyncio.to_thread(frail.server.start)
    assert await _units(database) == 0
    await database.stop()


async def _stopped_in_the_middle(database: Database, postgres: Postgres) -> None:
    async with database.transaction() as store:
        await store.people.put_unit("01", "one", None)
        await asyncio.to_thread(postgres.server.stop)
        await store.people.put_unit("02", "two", None)


async def _units(database: Database) -> int:
    async with database.transaction() as store:
        return len(await store.people.units())


async def test_connections_closed_while_nobody_looked_are_replaced(database: Database, postgres: Postgres) -> None:
    async with database._writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await asyncio.to_thread(
        postgres.run, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'huiyin'"
    )
    while not driver.is_closed():
        await asyncio.sleep(0)
    assert await _units(database) == 0


async def test_a_deadlock_is_worth_another_try(database: Database, second: Database) -> None:
    async with database.transaction() as store:
        await people(store, "1")
        await store.people.put_unit("a", "a", None)
        await store.people.put_unit("b", "b", None)

    async def crossing(which: Database, codes: tuple[str, str], ready: asyncio.Event, other: asyncio.Event) -> str:
        try:
            async with which.transaction() as store:
                await store.people.put_unit(codes[0], "new", None)
                ready.set()
                await other.wait()
                await store.people.put_unit(codes[1], "new", None)
        except Unavailable as error:
            return error.reason
        return ""

    first, then = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        one = tasks.create_task(crossing(database, ("a", "b"), first, then))
        two = tasks.create_task(crossing(second, ("b", "a"), then, first))
    assert sorted(["deadlock" in one.result(), "deadlock" in two.result()]) == [False, True]
