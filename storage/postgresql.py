"""PostgreSQL: how we open it, and read its errors."""

from collections.abc import Mapping

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, PoolProxiedConnection

from storage.tables import from_json, to_json

_SETTINGS = {
    "application_name": "huiyin",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "lock_timeout": "15s",
    # What a process that hangs in a transaction has locked nobody else can take over: it must be free well within the
    # half minute in which another process takes over the rest.
    "idle_in_transaction_session_timeout": "20s",
    "jit": "off",
}
_OUT_OF_ORDER = {
    "08",  # connection
    "25",  # read-only after a switch to another server
    "28",  # not let in
    "3D",  # no such database
    "40",  # deadlock or serialisation: the same again will do
    "53",  # disk full, too many connections, out of memory
    "55",  # lock not available
    "57",  # shut down, starting up, cancelled
    "58",  # I/O
}


def engine(url: str) -> AsyncEngine:
    """A pool of connections that each acknowledge a commit only when it is on disk."""
    return _pool(url, 8, _SETTINGS)


def reader(url: str) -> AsyncEngine:
    """A pool that only reads, each statement by itself: however long is worked at what was read, nothing is held."""
    return _pool(url, 8, {**_SETTINGS, "default_transaction_read_only": "on"}, isolation_level="AUTOCOMMIT")


def quick_engine(url: str) -> AsyncEngine:
    """A small pool where each statement is a transaction, acknowledged before it is on disk: a power cut undoes it."""
    return _pool(url, 2, {**_SETTINGS, "synchronous_commit": "off"}, isolation_level="AUTOCOMMIT")


def role_engine(url: str, role: str, schema: str) -> AsyncEngine:
    """A pool of connections that act in another role, in its own schema alone; the role must be there."""
    return _pool(url, 4, {**_SETTINGS, "role": role, "search_path": schema})


def _pool(url: str, size: int, settings: Mapping[str, str], **more: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=10,
        pool_reset_on_return=None,
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=from_json,
        connect_args={"timeout": 5, "command_timeout": 20, "server_settings": settings},
        **more,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_the_dead)
    return engine


def lone_engine(url: str, silence: float) -> AsyncEngine:
    """Connections outside the pool, each statement a transaction; one that says nothing for so many seconds is ended
    by the server (PostgreSQL 14 and newer)."""
    settings = {**_SETTINGS, "idle_session_timeout": f"{silence:.0f}s"}
    return create_async_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"timeout": 5, "command_timeout": 5, "server_settings": settings},
    )


def _refuse_the_dead(connection: object, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
    """A connection that the server closed while it lay in the pool is replaced, with no question to the server."""
    driver = record.driver_connection
    if driver is None or driver.is_closed():
        raise DisconnectionError


def judge(error: BaseException) -> str:
    """If the database is out of order and not we: the reason, without any values; else an empty string."""
    state = getattr(error, "sqlstate", None) or ""
    return f"{state} {error}" if state[:2] in _OUT_OF_ORDER else ""
