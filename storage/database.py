"""The engine and its transactions: where SQLite and PostgreSQL differ, and what happens when they fail."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, event, func, inspect, select, text
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateTable

from storage import ballots, postgresql, sqlite
from storage.access import Access
from storage.ballots import Ballots
from storage.broadcasts import Broadcasts
from storage.calendar import Days
from storage.counts import Counts
from storage.groups import Groups
from storage.inbox import Inbox
from storage.lead import SILENCE
from storage.lead import Lead as Lead
from storage.mailbox import Mailbox
from storage.outbox import Outbox
from storage.people import People
from storage.plans import Plans
from storage.records import Questionnaire
from storage.roll import Roll
from storage.sqlite import DatabaseBusy as DatabaseBusy
from storage.store import Store
from storage.surveys import Surveys
from storage.tables import REVISION
from storage.tabulators import Tabulators
from storage.transcripts import Transcripts
from storage.vault import Vault

_MIGRATING = 0x48756979
"""The advisory lock under which one process at a time migrates."""


class Unavailable(Exception):
    """The database is gone, full or locked: nothing was committed, and the same again may do later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _now() -> datetime:
    return datetime.now(UTC)


class Database:
    """One database, for one process.

    `holder` is the name under which this process claims letters (a random one if empty); `lease` is how long
    a letter posted as held stays claimed, by `clock`. `keys`: where the keys of anonymous rounds lie; beside a SQLite
    file where nothing is said.
    """

    def __init__(
        self,
        url: str,
        *,
        holder: str = "",
        clock: Callable[[], datetime] = _now,
        lease: timedelta = timedelta(seconds=60),
        keys: Path | None = None,
    ) -> None:
        parsed = make_url(url)
        self._url = url
        self._file = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
        self._writer, self._reader, self._marker = _engines(url, self._file)
        self._urn = _urn(url, self._file)
        self._ballots = Ballots(partial(_connected, self._urn))
        self.vault = Vault(keys or (self._file.parent if self._file else Path("var")) / "keys")
        self._holder = holder or secrets.token_hex(8)
        self._clock = clock
        self._lease = lease
        self._questionnaires: dict[int, Questionnaire] = {}
        self._lock: IO[bytes] | None = None
        self._writing = asyncio.Lock() if self._file else nullcontext()

    async def start(self, *, serving: bool = False) -> None:
        """Opens the database; Unavailable if that cannot be done.

        With `serving`, a SQLite file is claimed for this process alone among those that serve, else DatabaseBusy;
        other commands may still read and write beside it.
        """
        if self._file:
            self._claim(self._file, serving)
        async with self.reading():
            """Whatever is wrong shows now."""

    def _claim(self, file: Path, serving: bool) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            self._lock = sqlite.lock(file) if serving else None
        except OSError as error:
            raise Unavailable(str(error)) from error

    async def stop(self) -> None:
        """Closes every connection, and gives the file free."""
        await self._writer.dispose()
        await self._marker.dispose()
        await self._reader.dispose()
        await self._urn.dispose()
        if self._lock:
            self._lock.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Store]:
        """Everything done with the store becomes durable at the end, or nothing does.

        Raises Unavailable when the database is gone, full or locked; a later transaction finds it again by itself.
        """
        async with self._writing, _connected(self._writer) as connection:
            store = self._store(connection)
            yield store
            await store.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Store]:
        """A store to read from beside the writer. Raises Unavailable as `transaction` does."""
        async with _connected(self._reader) as connection:
            yield self._store(connection)

    @asynccontextmanager
    async def marking(self) -> AsyncIterator[Store]:
        """As `transaction`, but for one statement that a power cut at PostgreSQL may undo. Raises Unavailable."""
        async with self._writing, _connected(self._marker) as connection:
            store = self._store(connection)
            yield store
            await store.commit()

    def _store(self, connection: AsyncConnection) -> Store:
        surveys = Surveys(connection, self._questionnaires)
        return Store(
            people=People(connection),
            groups=Groups(connection),
            surveys=surveys,
            plans=Plans(connection),
            roll=Roll(connection, surveys.forget),
            inbox=Inbox(connection),
            broadcasts=Broadcasts(connection),
            calendar=Days(connection),
            outbox=Outbox(connection, self._holder, self._clock, self._lease),
            mailbox=Mailbox(connection),
            transcripts=Transcripts(connection),
            access=Access(connection),
            tabulators=Tabulators(connection),
            counts=Counts(connection),
            ballots=self._ballots,
            vault=self.vault,
            _connection=connection,
        )

    def lead(self, names: Sequence[str], told: Callable[[str, bool], None]) -> Lead:
        """What leads these things, once it runs, as long as no other process on this database does."""
        return Lead(None if self._file else postgresql.lone_engine(self._url, SILENCE), names, told)

    async def schema(self) -> tuple[str, str]:
        """The revision the tables are at (empty if there are none), and the one this program wants."""
        async with _connected(self._reader) as connection:
            return await connection.run_sync(_revision), REVISION

    async def migrate(self) -> None:
        """Brings the tables to this program's revision, all or nothing; processes take turns."""
        found, wanted = await self.schema()
        if found != wanted:
            async with self._writing, _connected(self._writer) as connection:
                await connection.begin()  # SQLite's write lock; alembic comes in only when it is ours
                if self._file is None:
                    await connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
                await connection.run_sync(_upgrade)
                if self._file is None:
                    await ballots.prepare(connection)
                await connection.commit()


def _engines(url: str, file: Path | None) -> tuple[AsyncEngine, AsyncEngine, AsyncEngine]:
    """What writes, what reads, and what marks (on SQLite what writes)."""
    if file:
        engines = (writer := sqlite.writer(file)), sqlite.reader(file), writer
    else:
        engines = postgresql.engine(url), postgresql.reader(url), postgresql.quick_engine(url)
    for engine in set(engines):
        event.listen(engine.sync_engine, "handle_error", _translate)
    return engines


def _urn(url: str, file: Path | None) -> AsyncEngine:
    """What reaches the ballots, and nothing else."""
    if file:
        tables = [
            str(CreateTable(one, if_not_exists=True).compile(dialect=sqlite_dialect()))
            for one in ballots.METADATA.sorted_tables
        ]
        engine = sqlite.traceless(file.with_name(f"{file.stem}-ballots{file.suffix}"), tables)
    else:
        engine = postgresql.role_engine(url, ballots.ROLE, ballots.SCHEMA)
    event.listen(engine.sync_engine, "handle_error", _translate)
    return engine


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _upgrade(connection: Connection) -> None:
    # Only this needs alembic, and a process whose tables are up to date does without its weight.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, "head")


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose transaction begins with its first statement; rolled back and given back come what may."""
    try:
        connection = await engine.connect()
    except (OSError, TimeoutError, PoolTimeout) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error
    try:
        yield connection
    finally:
        await asyncio.shield(connection.close())


def _translate(context: ExceptionContext) -> None:
    """SQLAlchemy is about to raise: if the database is out of order, let it be Unavailable."""
    error = context.original_exception
    if not isinstance(error, Exception):
        return
    if sqlite.is_lost(error):
        context.is_disconnect = True
    reason = sqlite.judge(error) or postgresql.judge(error)
    if context.is_disconnect or isinstance(error, OSError | TimeoutError):
        reason = reason or f"{type(error).__name__}: {error}"
    if reason:
        raise Unavailable(reason) from error
