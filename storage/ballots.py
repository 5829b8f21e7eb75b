"""Sealed ballots of anonymous rounds, in a place of their own: no name, no time, no order. 选票

On SQLite a file of its own that leaves nothing behind (rollback journal, `secure_delete`), on PostgreSQL a schema
of a role of its own without rights on any other table. Each call is a transaction of its own (ballots that come at
once may share one), and never shares one with anything that names a person. What is sealed, and how, is `vault`'s.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    LargeBinary,
    MetaData,
    Table,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import INSERTS, Id

ROLE = "huiyin_ballots"
"""The role on PostgreSQL that may do nothing but this."""
SCHEMA = "ballots"
METADATA = MetaData()
_UNLESS_THERE = "DO $$ BEGIN {}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
BATCH = 2000
"""Ballots read at once."""


def _row(name: str, *columns: Column[Any]) -> Table:
    return Table(name, METADATA, *columns, sqlite_with_rowid=False)


urns = _row(
    "urns",
    Column("round_id", Id, primary_key=True, autoincrement=False),
    Column("is_open", Boolean, nullable=False),
)
ballots = _row(
    "ballots",
    Column("round_id", Id, primary_key=True, autoincrement=False),
    Column("tag", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
drafts = _row(
    "drafts",
    Column("round_id", Id, primary_key=True, autoincrement=False),
    Column("tag", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

TOGETHER = 64
"""Ballots kept in one transaction, at most."""


@dataclass(slots=True, eq=False)
class _Cast:
    """One ballot on its way; `taken` once that is durable."""

    round_id: int
    tag: bytes
    sealed: bytes
    draft: bytes | None
    taken: bool | None = None


Connected = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
"""A connection of the ballots' own engine."""


class Ballots:
    """Urns, ballots and drafts. Every method raises `database.Unavailable` where the database is out of order."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected
        self._waiting: list[_Cast] = []
        self._casting = asyncio.Lock()

    async def open(self, round_id: int) -> None:
        """From now on ballots of this round are taken."""
        async with self._connected() as db:
            put = INSERTS[db.dialect.name](urns).values(round_id=round_id, is_open=True)
            await db.execute(put.on_conflict_do_nothing())
            await db.commit()

    async def cast(self, round_id: int, tag: bytes, sealed: bytes, draft: bytes | None = None) -> bool:
        """Keeps a ballot, durably; an earlier one of the same tag is replaced, and the draft of this key goes. False
        where the urn is not open. Those that wait for the disk meanwhile reach it together."""
        mine = _Cast(round_id, tag, sealed, draft)
        self._waiting.append(mine)
        try:
            async with self._casting:
                while mine.taken is None:
                    await self._cast(self._waiting[:TOGETHER])
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)
        return bool(mine.taken)

    async def _cast(self, some: list["_Cast"]) -> None:
        """Keeps these, the last of a tag for good; sorted, so that two processes never wait for one another."""
        async with self._connected() as db:
            is_open = {id: bool(await db.scalar(_open(id))) for id in sorted({one.round_id for one in some})}
            for one in sorted(some, key=lambda one: (one.round_id, one.tag)):
                if is_open[one.round_id]:
                    await _put(db, ballots, one.round_id, one.tag, one.sealed)
                if is_open[one.round_id] and one.draft is not None:
                    mine = (drafts.c.round_id == one.round_id) & (drafts.c.tag == one.draft)
                    await db.execute(delete(drafts).where(mine))
            await db.commit()
        for one in some:
            one.taken = is_open[one.round_id]
        self._waiting = [one for one in self._waiting if one.taken is None]

    async def has(self, round_id: int, tag: bytes) -> bool:
        """Is there a ballot of this tag?"""
        mine = exists().where(ballots.c.round_id == round_id, ballots.c.tag == tag)
        async with self._connected() as db:
            return bool(await db.scalar(select(mine)))

    async def put_draft(self, round_id: int, key: bytes, sealed: bytes) -> bool:
        """Keeps a draft in the place of the one before. False where the urn is not open."""
        async with self._connected() as db:
            if not await db.scalar(_open(round_id)):
                return False
            await _put(db, drafts, round_id, key, sealed)
            await db.commit()
            return True

    async def draft(self, round_id: int, key: bytes) -> bytes | None:
        """The draft kept under this key."""
        mine = select(drafts.c.sealed).where(drafts.c.round_id == round_id, drafts.c.tag == key)
        async with self._connected() as db:
            return await db.scalar(mine)

    async def seal(self, round_id: int) -> None:
        """No ballot is taken any more: whoever was told theirs is in has it in."""
        async with self._connected() as db:
            await db.execute(update(urns).where(urns.c.round_id == round_id).values(is_open=False))
            await db.execute(delete(drafts).where(drafts.c.round_id == round_id))
            await db.commit()

    async def count(self, round_id: int) -> int | None:
        """How many there are; None while the urn is open: nobody is ever told."""
        async with self._connected() as db:
            if await db.scalar(select(urns.c.is_open).where(urns.c.round_id == round_id)) is not False:
                return None
            mine = select(func.count()).select_from(ballots).where(ballots.c.round_id == round_id)
            return int(await db.scalar(mine) or 0)

    async def read(self, round_id: int) -> AsyncIterator[list[bytes]]:
        """All ballots, some thousands at a time, in the order of their tags, which is chance."""
        last = b""
        while True:
            some = select(ballots.c.tag, ballots.c.sealed).where(ballots.c.round_id == round_id, ballots.c.tag > last)
            async with self._connected() as db:
                rows = (await db.execute(some.order_by(ballots.c.tag).limit(BATCH))).all()
            if not rows:
                return
            last = rows[-1].tag
            yield [row.sealed for row in rows]

    async def erase(self, round_id: int) -> None:
        """Urn, ballots and drafts of a round are gone, and nothing of them is left where they lay."""
        async with self._connected() as db:
            for one in (drafts, ballots, urns):
                await db.execute(delete(one).where(one.c.round_id == round_id))
            await db.commit()
        async with self._connected() as db:
            await _vacuum(db)


def _open(round_id: int) -> Any:
    """The urn's line, held so that it is not sealed before the transaction ends."""
    return select(urns.c.is_open).where(urns.c.round_id == round_id).with_for_update(read=True)


async def _put(db: AsyncConnection, where: Table, round_id: int, tag: bytes, sealed: bytes) -> None:
    put = INSERTS[db.dialect.name](where).values(round_id=round_id, tag=tag, sealed=sealed)
    await db.execute(
        put.on_conflict_do_update(index_elements=["round_id", "tag"], set_={"sealed": put.excluded.sealed})
    )


async def _vacuum(db: AsyncConnection) -> None:
    """Writes the tables anew without what was deleted; neither database does that inside a transaction."""
    raw = (await db.get_raw_connection()).driver_connection
    if raw is None:
        raise RuntimeError("no connection")
    if db.dialect.name == "sqlite":
        await raw.cursor().execute("VACUUM")
    else:
        for one in METADATA.tables:
            await raw.execute(f"VACUUM FULL {SCHEMA}.{one}")


async def prepare(db: AsyncConnection) -> None:
    """On PostgreSQL, once, as a login that may: the role, its schema and the tables. Nothing is done twice."""
    for statement in (
        _UNLESS_THERE.format(f"CREATE ROLE {ROLE} NOLOGIN"),
        _UNLESS_THERE.format(f"EXECUTE format('GRANT {ROLE} TO %I', current_user)"),
        f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {ROLE}",
        f"SET LOCAL ROLE {ROLE}",
        f"SET LOCAL search_path TO {SCHEMA}",
    ):
        await db.exec_driver_sql(statement)
    await db.run_sync(METADATA.create_all)
    await db.exec_driver_sql("RESET ROLE")
    await db.exec_driver_sql("RESET search_path")
