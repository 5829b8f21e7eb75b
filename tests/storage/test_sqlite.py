"""What is SQLite's own."""

import os
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import sqlite
from storage.database import Database, Unavailable


@pytest.fixture
def kind() -> str:
    return "sqlite"


async def pragma(engine: AsyncEngine, name: str) -> object:
    async with engine.connect() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()


async def test_every_commit_is_on_disk_and_rules_are_checked(database: Database) -> None:
    for engine in (database._writer, database._reader):
        assert await pragma(engine, "journal_mode") == "wal"
        assert await pragma(engine, "synchronous") == 2
        assert await pragma(engine, "foreign_keys") == 1
    assert await pragma(database._writer, "query_only") == 0
    assert await pragma(database._reader, "query_only") == 1


async def test_a_full_disk_is_unavailable_and_then_recovers(database: Database) -> None:
    pages = await pragma(database._writer, "page_count")
    await pragma(database._writer, f"max_page_count = {pages}")
    with pytest.raises(Unavailable, match="full"):
        await _put_unit(database, "x" * 100_000)
    await pragma(database._writer, "max_page_count = 100000")
    await _put_unit(database, "x" * 100_000)
    async with database.reading() as store:
        assert len(await store.people.units()) == 1


async def _put_unit(database: Database, name: str) -> None:
    async with database.transaction() as store:
        await store.people.put_unit("01", name, None)


async def test_a_lock_held_too_long_is_unavailable(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.01)
    database = Database(database_url)
    await database.start()
    other = sqlite3.connect(tmp_path / "huiyin.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        await _put_unit(database, "one")
    other.execute("ROLLBACK")
    other.close()
    await _put_unit(database, "one")
    await database.stop()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 1000)
    database = Database(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(Unavailable, match="not a database"):
        await database.start()
    await database.stop()


async def test_a_place_that_is_no_directory_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        await Database(f"sqlite+aiosqlite:///{tmp_path / 'file' / 'huiyin.db'}").start(serving=True)


async def test_the_file_is_its_owners_alone(empty_url: str, tmp_path: Path) -> None:
    database = Database(empty_url)
    await database.start()
    await database.migrate()
    assert {entry.stat().st_mode & 0o777 for entry in os.scandir(tmp_path) if entry.is_file()} == {0o600}
    await database.stop()


async def test_a_broken_connection_is_opened_anew(database: Database) -> None:
    async with database._writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
    await driver.close()
    with pytest.raises(Unavailable):
        await _put_unit(database, "one")
    await _put_unit(database, "one")
