"""Transactions: all or nothing, whoever interrupts."""

import asyncio
from contextlib import suppress

import pytest

from storage.database import Database, DatabaseBusy, Unavailable
from storage.records import Speaker, Utterance
from tests.storage.organ import NOW, bound, letter, people


async def codes(database: Database) -> list[str]:
    async with database.reading() as store:
        return [unit.code for unit in await store.people.units()]


async def test_what_is_done_stays_and_what_is_held_back_is_written(database: Database, database_url: str) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        account = await bound(store, person, "7")
        await store.people.set_flow(account, "answer:1")
        await store.transcripts.add(Utterance(account, person.id, NOW, Speaker.PERSON, {}))
        await store.outbox.post(letter("7"), held=True)
    again = Database(database_url)
    await again.start()
    async with again.reading() as store:
        assert (await store.people.all_accounts())[0].flow == "answer:1"
        assert len(await store.transcripts.of(person.id, 9)) == 1
        assert len(await store.outbox.waiting()) == 1
    await again.stop()


@pytest.mark.parametrize("error", [ZeroDivisionError, OSError, TimeoutError, KeyboardInterrupt])
async def test_an_error_undoes_everything_and_comes_out_as_it_is(
    database: Database, error: type[BaseException]
) -> None:
    caught: BaseException | None = None
    try:
        async with database.transaction() as store:
            await store.people.put_unit("01", "one", None)
            await store.outbox.post(letter("7"), held=False)
            await store.flush()
            raise error
    except BaseException as raised:
        caught = raised
    assert type(caught) is error
    async with database.transaction() as store:
        assert await store.people.units() == []
        assert await store.outbox.waiting() == {}


async def test_cancelled_in_the_middle_nothing_stays(database: Database) -> None:
    inside = asyncio.Event()

    async def interrupted() -> None:
        async with database.transaction() as store:
            await store.people.put_unit("01", "one", None)
            inside.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(interrupted())
        await inside.wait()
        waiting = tasks.create_task(codes_after(database, "02"))
        task.cancel()
    assert task.cancelled()
    assert waiting.result() == ["02"]


async def codes_after(database: Database, code: str) -> list[str]:
    async with database.transaction() as store:
        await store.people.put_unit(code, code, None)
    return await codes(database)


async def test_cancelled_anywhere_it_is_all_or_nothing_and_the_next_works(database: Database) -> None:
    async def work(number: int) -> None:
        async with database.transaction() as store:
            await store.people.put_unit(f"{number}a", "a", None)
            await store.people.put_unit(f"{number}b", "b", None)

    for steps in range(60):
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(work(steps))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
    await work(99)
    found = await codes(database)
    assert {"99a", "99b"} <= set(found)
    assert {code[:-1] for code in found if code.endswith("a")} == {code[:-1] for code in found if code.endswith("b")}


async def test_cancelled_while_waiting_for_the_writer(database: Database) -> None:
    async with asyncio.TaskGroup() as tasks, database.transaction() as store:
        await store.people.put_unit("01", "one", None)
        task = tasks.create_task(codes_after(database, "01"))
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
    assert await codes_after(database, "02") == ["01", "02"]


async def test_readers_do_not_wait_for_the_writer(database: Database) -> None:
    async with database.transaction() as store:
        await store.people.put_unit("01", "one", None)
        assert await codes(database) == []
    assert await codes(database) == ["01"]


async def test_many_transactions_at_once_all_happen(database: Database) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(codes_after(database, f"{number:02}"))
    assert await codes(database) == [f"{number:02}" for number in range(20)]


async def test_reading_cannot_write(database: Database) -> None:
    async with database.reading() as store:
        with pytest.raises(Unavailable, match=r"readonly|read-only"):
            await store.people.put_unit("01", "one", None)
    assert await codes(database) == []


async def test_a_broken_rule_of_the_tables_is_no_unavailability(database: Database) -> None:
    async with database.transaction() as store:
        with pytest.raises(Exception, match=r"(?i)foreign key") as caught:
            await store.people.put_unit("01", "one", 404)
    assert not isinstance(caught.value, Unavailable)
    assert "404" not in str(caught.value).replace("sqlalche.me/e/21", "")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_one_process_serves_from_a_file_and_commands_work_beside_it(database_url: str) -> None:
    serving, second, command = Database(database_url), Database(database_url), Database(database_url)
    await serving.start(serving=True)
    with pytest.raises(DatabaseBusy, match="Another process is serving"):
        await second.start(serving=True)
    await command.start()
    assert await codes_after(command, "01") == ["01"]
    assert await codes(serving) == ["01"]
    await serving.stop()
    await second.start(serving=True)
    await second.stop()
    await command.stop()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_many_processes_serve_from_postgresql(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    await first.start(serving=True)
    await second.start(serving=True)
    assert await codes_after(first, "01") == await codes(second)
    await first.stop()
    await second.stop()


async def test_a_database_that_cannot_be_opened_says_so() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="Connect call failed"):
        await database.start()
    await database.stop()


async def test_a_stopped_database_can_be_stopped_again(database: Database) -> None:
    with suppress(ZeroDivisionError):
        async with database.transaction():
            raise ZeroDivisionError
    await database.stop()
