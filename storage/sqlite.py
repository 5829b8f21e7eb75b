"""SQLite: how we open it, lock it, and read its errors.

One connection writes, a few read beside it. aiosqlite gives each its own thread; our cursor crosses to it
once a statement and brings all rows back, where the stock one crosses four times.
"""

import fcntl
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import aiosqlite
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.tables import from_json, to_json

_PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY")
_TRACELESS = ("journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY")
"""What is deleted is gone with the commit: no write-ahead log keeps it."""
_OUT_OF_ORDER = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class DatabaseBusy(Exception):
    """Another process serves from this SQLite file."""


class _Cursor:
    """A cursor that has all its rows as soon as it has executed."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection.work(self._execute, sql, parameters)

    def _execute(self, sql: str, parameters: Sequence[Any]) -> None:
        self._take(self._connection.open.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._connection.work(self._executemany, sql, parameters)

    def _executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._take(self._connection.open.executemany(sql, parameters))

    def _take(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall()
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        cursor.close()

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        """There is nothing left to close."""


def _cursor(connection: "_Connection") -> _Cursor:
    return _Cursor(connection)


class _Connection(aiosqlite.Connection):
    """aiosqlite's connection with our cursor, and a thread that does not keep the program alive."""

    def __init__(self, path: Path) -> None:
        connect = partial(sqlite3.connect, path, timeout=_PATIENCE, isolation_level=None)
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True

    @property
    def open(self) -> sqlite3.Connection:
        return self._conn

    work: Any = aiosqlite.Connection._execute
    cursor: Any = _cursor


async def _connect(path: Path, pragmas: Sequence[str], schema: Sequence[str]) -> _Connection:
    connection = _Connection(path)
    await connection
    try:
        for statement in (*(f"PRAGMA {pragma}" for pragma in pragmas), *schema):
            await connection.cursor().execute(statement)
    except BaseException:
        await connection.close()
        raise
    return connection


def writer(path: Path) -> AsyncEngine:
    """The one connection that writes; its transactions take the write lock when they begin."""
    return _engine(path, 1, "BEGIN IMMEDIATE", _PRAGMAS)


def traceless(path: Path, schema: Sequence[str]) -> AsyncEngine:
    """The one connection to a file that keeps nothing of what is deleted from it. `schema`: statements that make what
    is not there yet."""
    return _engine(path, 1, "BEGIN IMMEDIATE", _TRACELESS, schema)


def reader(path: Path) -> AsyncEngine:
    """A few connections that cannot write, each transaction seeing one moment of the database."""
    return _engine(path, 4, "BEGIN", (*_PRAGMAS, "query_only = ON"))


def _engine(
    path: Path, connections: int, begin: str, pragmas: Sequence[str], schema: Sequence[str] = ()
) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=lambda *_, **__: _connect(path, pragmas, schema),
        pool_size=connections,
        max_overflow=0,
        pool_reset_on_return=None,
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=from_json,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def judge(error: BaseException) -> str:
    """If the database is out of order and not we: the reason; else an empty string."""
    code = getattr(error, "sqlite_errorcode", 0)
    return str(error) if code & 0xFF in _OUT_OF_ORDER else ""


def is_lost(error: BaseException) -> bool:
    """Whether a connection that met this error is better opened anew."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OUT_OF_ORDER - _PASSING


def lock(path: Path) -> IO[bytes]:
    """Claims the file for one serving process until the returned file is closed; DatabaseBusy if it is taken."""
    held = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise DatabaseBusy(
            f"Another process is serving from {path}. SQLite serves one process: stop the other one, or use PostgreSQL."
        ) from None
    return held
