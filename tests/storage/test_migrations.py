"""Migrations: up, down, up, and the tables are what they say."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

import storage
from storage.database import Database
from storage.tables import REVISION, Base

T = TypeVar("T")


def config(connection: Connection | None = None) -> Config:
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(storage.__path__[0]) / "migrations"))
    return made


async def run(database: Database, work: Callable[[Connection], T]) -> T:
    async with database._writer.begin() as connection:
        return await connection.run_sync(work)


def _go(move: Callable[[Config, str], None], revision: str, connection: Connection) -> None:
    move(config(connection), revision)


async def test_the_wanted_revision_is_the_newest() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == REVISION


async def test_an_empty_database_is_brought_up_to_date(empty_url: str) -> None:
    database = Database(empty_url)
    await database.start()
    assert await database.schema() == ("", REVISION)
    await database.migrate()
    assert await database.schema() == (REVISION, REVISION)
    await database.migrate()
    await database.stop()


async def test_every_migration_goes_up_down_and_up(empty_url: str) -> None:
    database = Database(empty_url)
    await database.start()
    for script in reversed(list(ScriptDirectory.from_config(config()).walk_revisions())):
        up, down = script.revision, str(script.down_revision or "base")
        await run(database, partial(_go, command.upgrade, up))
        await run(database, partial(_go, command.downgrade, down))
        await run(database, partial(_go, command.upgrade, up))
    await run(database, partial(_go, command.downgrade, "base"))
    assert await run(database, lambda connection: inspect(connection).get_table_names()) == ["alembic_version"]
    assert await database.schema() == ("", REVISION)
    await database.migrate()
    assert await database.schema() == (REVISION, REVISION)
    await database.stop()


async def test_the_tables_are_what_the_migrations_leave(database: Database) -> None:
    def differences(connection: Connection) -> object:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)

    assert await run(database, differences) == []


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    first, second = Database(empty_url), Database(empty_url)
    await first.start()
    await second.start()
    await asyncio.gather(first.migrate(), second.migrate())
    assert await first.schema() == await second.schema() == (REVISION, REVISION)
    await first.stop()
    await second.stop()


async def test_alembic_runs_by_hand(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'by-hand.db'}"
    by_hand = config()
    by_hand.attributes.clear()
    by_hand.cmd_opts = type("Options", (), {"x": [f"url={url}"]})()
    await asyncio.to_thread(command.upgrade, by_hand, "head")
    database = Database(url)
    await database.start()
    assert await database.schema() == (REVISION, REVISION)
    await database.stop()
