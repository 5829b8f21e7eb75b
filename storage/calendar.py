"""The organ's own holidays and make-up days, which count before the published ones. 节假日安排"""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import DayKind, SpecialDay
from storage.tables import SpecialDayRow, table

_days = table(SpecialDayRow)


class Days:
    """The organ's table."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def days(self) -> list[SpecialDay]:
        """All days of the organ's table, in their order."""
        rows = await self._db.execute(select(_days).order_by(_days.c.day))
        return [SpecialDay(day, DayKind(kind), name) for day, kind, name in rows]

    async def put_days(self, spans: Collection[tuple[date, date]], days: Iterable[SpecialDay]) -> None:
        """These days in place of all that stand between the first and the last day of each span, both included."""
        for first, last in spans:
            await self._db.execute(delete(_days).where(_days.c.day.between(first, last)))
        if rows := [{"day": one.day, "kind": one.kind.value, "name": one.name} for one in days]:
            await self._db.execute(insert(_days), rows)
