"""How far the closing of anonymous rounds is, and what was released of them. 计票、发布"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Count, CountStage, Event, Released, Remark
from storage.tables import INSERTS, CountRow, ReleasedRow, RemarkRow, table

_counts, _released, _remarks = table(CountRow), table(ReleasedRow), table(RemarkRow)


class Counts:
    """The counting of each anonymous round, from the opening on, and its results."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def count(self, round_id: int) -> Count | None:
        """The count of this round."""
        row = (await self._db.execute(select(_counts).where(_counts.c.round_id == round_id))).first()
        return _count(row) if row else None

    async def hold(self, round_id: int) -> Count | None:
        """The count of this round, which nobody else changes until the transaction ends."""
        mine = select(_counts).where(_counts.c.round_id == round_id).with_for_update()
        row = (await self._db.execute(mine)).first()
        return _count(row) if row else None

    async def at(self, stages: Collection[CountStage]) -> list[Count]:
        """The counts at one of these stages, the oldest round first."""
        these = select(_counts).where(_counts.c.stage.in_([stage.value for stage in stages]))
        return [_count(row) for row in await self._db.execute(these.order_by(_counts.c.round_id))]

    async def save(self, count: Count) -> None:
        """Everything about this count as it is now."""
        put = INSERTS[self._db.dialect.name](_counts).values(_values(count))
        fields = {name: put.excluded[name] for name in _values(count) if name != "round_id"}
        await self._db.execute(put.on_conflict_do_update(index_elements=["round_id"], set_=fields))

    async def release(self, tables: Sequence[Released], remarks: Sequence[Remark]) -> None:
        """Keeps the results of a round, once; the comments in the order of their keys."""
        if tables:
            await self._db.execute(insert(_released), [asdict(one) for one in tables])
        if remarks:
            rows = [asdict(one) for one in sorted(remarks, key=lambda one: (one.about, one.key))]
            await self._db.execute(insert(_remarks), rows)

    async def released(self, round_id: int) -> list[Released]:
        """The tables of a round as they were released, in their order."""
        rows = await self._db.execute(
            select(_released).where(_released.c.round_id == round_id).order_by(_released.c.place)
        )
        return [Released(*row) for row in rows]

    async def remarks(self, round_id: int) -> list[Remark]:
        """The released comments of a round, in the order of their random keys."""
        mine = select(_remarks).where(_remarks.c.round_id == round_id).order_by(_remarks.c.about, _remarks.c.key)
        return [Remark(*row) for row in await self._db.execute(mine)]


def _count(row: Row[Any]) -> Count:
    events = tuple(Event(one["what"], datetime.fromisoformat(one["at"]), one["by"]) for one in row.events)
    plain = {**row._mapping, "stage": CountStage(row.stage), "unlocked_by": tuple(row.unlocked_by), "events": events}
    return Count(**plain)


def _values(count: Count) -> Mapping[str, Any]:
    plain = asdict(count)
    events = [{"what": one.what, "at": one.at.astimezone(UTC).isoformat(), "by": one.by} for one in count.events]
    return {**plain, "stage": count.stage.value, "unlocked_by": list(count.unlocked_by), "events": events}
