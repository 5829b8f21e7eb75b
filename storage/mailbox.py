"""What the web chat shows: it has no platform behind it that would keep its messages. 网页会话"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Posted
from storage.tables import PostedRow, table

_mailbox = table(PostedRow)
_shown = (_mailbox.c.key, _mailbox.c.version, _mailbox.c.body)
_appeared = case((_mailbox.c.first == 0, _mailbox.c.version), else_=_mailbox.c.first)
_TOMBSTONE = {"gone": True}


class Mailbox:
    """Messages by address and key, each with a version that grows with every change."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def post(self, address: str, key: str, body: Mapping[str, Any]) -> int:
        """Shows this message, in the place of the one with the same key; its version.

        The same body again changes nothing.
        """
        if self._db.dialect.name == "postgresql":
            # Versions of one address must become visible in their order, or `since` would miss one.
            await self._db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address, 0))))
        mine = (_mailbox.c.address == address) & (_mailbox.c.key == key)
        before = (await self._db.execute(select(_mailbox).where(mine))).first()
        if before and before.body == body:
            return int(before.version)
        if before:
            await self._db.execute(delete(_mailbox).where(mine))
        values = {
            "address": address,
            "key": key,
            "first": (before.first or before.version) if before else 0,
            "body": dict(body),
            "gone": body == _TOMBSTONE,
        }
        statement = insert(_mailbox).values(values).returning(_mailbox.c.version)
        version: int = (await self._db.execute(statement)).scalar_one()
        return version

    async def remove(self, address: str, key: str) -> None:
        """Takes the message away; what stays is only that it is gone."""
        there = select(_mailbox.c.key).where(_mailbox.c.address == address, _mailbox.c.key == key)
        if (await self._db.execute(there)).first():
            await self.post(address, key, _TOMBSTONE)

    async def since(self, address: str, version: int) -> list[Posted]:
        """What changed after this version, in order of versions, removals included."""
        mine = select(*_shown).where(_mailbox.c.address == address, _mailbox.c.version > version)
        return [Posted(*row) for row in await self._db.execute(mine.order_by(_mailbox.c.version))]

    async def history(self, address: str, limit: int) -> list[Posted]:
        """The last messages still shown, in the order they first appeared, oldest first."""
        mine = select(*_shown).where(_mailbox.c.address == address, _mailbox.c.gone.is_(False))
        rows = (await self._db.execute(mine.order_by(_appeared.desc()).limit(limit))).all()
        return [Posted(*row) for row in reversed(rows)]
