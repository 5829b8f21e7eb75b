"""Which of the processes that serve from one PostgreSQL leads what: each thing is led by one at a time.

What is led is an advisory lock, held by a connection of its own. The server frees it as soon as that connection ends,
and ends it when nothing is heard on it for `SILENCE`: a process that was killed is followed at once, one that hangs
or whose machine is gone after that time. A process counts as leading only for the shorter time `TRUST` after it last
asked the server, so that one that comes back from a long sleep does not lead beside its successor.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.tables import WORDS, each

BEAT = 2.0
"""Seconds between two questions to the server: so long nobody leads after a leader has stopped."""
TRUST = 8.0
"""Seconds a process may count on what the server last said."""
SILENCE = 12.0
"""Seconds after which the server gives up a leader that says nothing."""

_LEADING = 0x48756979
"""The class of our advisory locks."""

log = structlog.get_logger("storage.lead")


class Lead:
    """What this process leads, of the things with these names. `told(name, leads)` hears of every change.

    Without an engine (SQLite) this process is the only one, and leads everything.
    """

    def __init__(self, engine: AsyncEngine | None, names: Sequence[str], told: Callable[[str, bool], None]) -> None:
        self._engine = engine
        self._names = tuple(names)
        self._told = told
        self._connection: AsyncConnection | None = None
        self._held: frozenset[str] = frozenset()
        self._led: frozenset[str] = frozenset()
        self._until = 0.0
        self._beaten = asyncio.Event()

    def leads(self, name: str) -> bool:
        """Does this process lead it at this moment?"""
        return self._engine is None or (name in self._held and monotonic() < self._until)

    async def turn(self, name: str) -> None:
        """Returns once this process leads it; or led it last, and the database that would know more cannot be asked."""
        while not (self.leads(name) or name in self._led):
            self._beaten.clear()
            await self._beaten.wait()

    async def run(self) -> None:
        """Asks again and again; when cancelled, gives everything free at once."""
        if self._engine is None:
            self._hold(frozenset(self._names))
            return
        try:
            while True:
                await self._beat(self._engine)
                await asyncio.sleep(BEAT)
        finally:
            await asyncio.shield(self._resign())

    async def _beat(self, engine: AsyncEngine) -> None:
        asked = monotonic()
        try:
            async with asyncio.timeout(TRUST / 2):
                if self._connection is None:
                    self._connection = await engine.connect()
                rows = (await self._connection.execute(_TRY, {"names": self._names})).all()
        except (SQLAlchemyError, OSError, TimeoutError) as problem:
            self._led |= self._held
            await self._resign()
            log.warning("leading nothing, the database cannot be asked", reason=type(problem).__name__)
            return
        self._until = asked + TRUST
        self._led = frozenset()
        self._hold(frozenset(name for name, mine in rows if mine))

    def _hold(self, names: frozenset[str]) -> None:
        before, self._held = self._held, names
        for name in sorted(before ^ names):
            if self._engine:  # where there is one process, nobody need hear of it
                log.info("leads" if name in names else "leads no more", channel=name)
            self._told(name, name in names)
        self._beaten.set()

    async def _resign(self) -> None:
        self._hold(frozenset())
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError, OSError, TimeoutError):
                async with asyncio.timeout(TRUST / 2):
                    await connection.invalidate()
                    await connection.close()


_NAMES = each("postgresql", bindparam("names", type_=WORDS))
_TRY = select(_NAMES, func.pg_try_advisory_lock(_LEADING, func.hashtext(_NAMES)))
