"""One process at a time leads; another follows as soon as it is gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from storage import lead as module
from storage.database import Database
from storage.lead import Lead
from tests.conftest import Postgres

NAMES = ("clock", "telegram")
_END_LEADERS = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", 0.02)


@asynccontextmanager
async def leading(database: Database, *names: str) -> AsyncIterator[tuple[Lead, list[tuple[str, bool]]]]:
    """One that runs, and what it has told."""
    told: list[tuple[str, bool]] = []
    lead = database.lead(names or NAMES, lambda name, leads: told.append((name, leads)))
    task = asyncio.get_running_loop().create_task(lead.run())
    yield lead, told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(fits: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not fits():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_on_sqlite_the_one_process_leads_everything(database: Database) -> None:
    async with leading(database) as (lead, told):
        await lead.turn("clock")
        assert lead.leads("telegram")
        await until(lambda: told == [("clock", True), ("telegram", True)])


@on_postgresql
async def test_one_leads_and_the_other_follows(database: Database) -> None:
    async with leading(database) as (second, told):
        await second.turn("clock")
        async with leading(database) as (third, _):
            await asyncio.sleep(0.1)
            assert second.leads("clock")
            assert second.leads("telegram")
            assert not third.leads("clock")
            waiting = asyncio.get_running_loop().create_task(third.turn("clock"))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            waiting.cancel()
    assert told == [("clock", True), ("telegram", True), ("clock", False), ("telegram", False)]
    assert not second.leads("clock")


@on_postgresql
async def test_each_thing_is_led_by_itself(database: Database) -> None:
    async with leading(database, "webchat") as (one, _):
        await one.turn("webchat")
        async with leading(database, "webchat", "telegram") as (other, _):
            await other.turn("telegram")
            assert not other.leads("webchat")


@on_postgresql
async def test_a_lost_connection_resigns_at_once_and_leads_again_later(
    database: Database, database_url: str, postgres: Postgres
) -> None:
    async with leading(database) as (lead, told):
        await lead.turn("clock")
        name = database_url.partition("?")[0].rpartition("/")[2]
        await asyncio.to_thread(postgres.run, _END_LEADERS, name)
        await until(lambda: ("clock", False) in told)
        await lead.turn("clock")


@on_postgresql
async def test_who_has_slept_does_not_believe_to_lead(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with leading(database) as (lead, _):
        await lead.turn("clock")
        now = module.monotonic()
        monkeypatch.setattr(module, "monotonic", lambda: now + module.TRUST)
        assert not lead.leads("clock")


@on_postgresql
async def test_who_says_nothing_is_given_up_by_the_server(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.SILENCE", 1)
    async with leading(database) as (hangs, _):
        await hangs.turn("clock")
        monkeypatch.setattr(module, "BEAT", 60.0)
        await asyncio.sleep(0.1)
        monkeypatch.setattr(module, "BEAT", 0.02)
        async with leading(database) as (successor, _):
            await successor.turn("clock")
