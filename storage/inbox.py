"""What was heard already, and what could not be taken: never its content. 收件"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import Date, String, bindparam, delete, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from storage.records import DeadLetter
from storage.tables import INSERTS, WORDS, FailureRow, HeardRow, each, table

_heard, _failures = table(HeardRow), table(FailureRow)


def _hear(dialect: str) -> ReturningInsert[str]:
    id = each(dialect, bindparam("ids", type_=WORDS))
    rows = select(bindparam("of", type_=String()), id, bindparam("day", type_=Date())).where(true())
    statement = INSERTS[dialect](_heard).from_select(["channel", "external_id", "day"], rows)
    return statement.on_conflict_do_nothing().returning(_heard.c.external_id)


_HEAR = {dialect: _hear(dialect) for dialect in INSERTS}


class Inbox:
    """De-duplication by the platform's own ids, and the count of failures."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def unseen(self, ids: Sequence[tuple[str, str]], now: datetime) -> set[tuple[str, str]]:
        """Which of these (channel, external id) were never heard before; from now on they have been."""
        new = set()
        day = now.astimezone(UTC).date()
        for channel, group in groupby(sorted(set(ids)), key=lambda id: id[0]):
            values = {"of": channel, "ids": [id for _, id in group], "day": day}
            rows = await self._db.execute(_HEAR[self._db.dialect.name], values)
            new |= {(channel, id) for id in rows.scalars()}
        return new

    async def failed(self, channel: str, external_id: str, reason: str, now: datetime) -> int:
        """This one failed once more; how often by now."""
        return await self._fail(channel, external_id, reason, now, buried=False)

    async def bury(self, channel: str, external_id: str, reason: str, now: datetime) -> None:
        """This one failed for good: it counts as heard, and the office sees it."""
        await self._fail(channel, external_id, reason, now, buried=True)
        await self.unseen([(channel, external_id)], now)

    async def _fail(self, channel: str, external_id: str, reason: str, now: datetime, *, buried: bool) -> int:
        news = {"reason": reason, "at": now, "buried": buried}
        statement = INSERTS[self._db.dialect.name](_failures).values(
            channel=channel, external_id=external_id, times=1, **news
        )
        counted = statement.on_conflict_do_update(
            index_elements=["channel", "external_id"], set_={"times": _failures.c.times + 1, **news}
        )
        times: int = (await self._db.execute(counted.returning(_failures.c.times))).scalar_one()
        return times

    async def dead(self) -> list[DeadLetter]:
        """What was given up, newest first."""
        query = select(_failures).where(_failures.c.buried.is_(True)).order_by(_failures.c.at.desc())
        return [DeadLetter(row.channel, row.external_id, row.reason, row.at) for row in await self._db.execute(query)]

    async def sweep(self, before: datetime) -> int:
        """Forgets what was heard on earlier days, and failures that were overcome; how many de-duplication rows."""
        await self._db.execute(delete(_failures).where(_failures.c.buried.is_(False), _failures.c.at < before))
        day = before.astimezone(UTC).date()
        return (await self._db.execute(delete(_heard).where(_heard.c.day < day))).rowcount
