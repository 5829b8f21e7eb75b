"""Who opens ballots, and their wrapped keys. 开箱人"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Tabulator, WrappedKey
from storage.tables import INSERTS, TabulatorRow, table

_tabulators = table(TabulatorRow)


class Tabulators:
    """The tabulators of the organ."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def all(self) -> list[Tabulator]:
        """Every tabulator, invited ones too, in the order of person ids."""
        rows = await self._db.execute(select(_tabulators).order_by(_tabulators.c.person_id))
        return [_tabulator(row) for row in rows]

    async def hold(self, person_id: int) -> Tabulator | None:
        """The tabulator who is this person, whom nobody else changes until the transaction ends."""
        mine = select(_tabulators).where(_tabulators.c.person_id == person_id)
        row = (await self._db.execute(mine.with_for_update(key_share=True))).first()
        return _tabulator(row) if row else None

    async def invited(self, digest: bytes) -> Tabulator | None:
        """The tabulator whose enrolment link has this digest."""
        row = (await self._db.execute(select(_tabulators).where(_tabulators.c.invited == digest))).first()
        return _tabulator(row) if row and digest else None

    async def save(self, tabulator: Tabulator) -> None:
        """Everything about this tabulator as it is now."""
        put = INSERTS[self._db.dialect.name](_tabulators).values(_values(tabulator))
        fields = {name: put.excluded[name] for name in _values(tabulator) if name != "person_id"}
        await self._db.execute(put.on_conflict_do_update(index_elements=["person_id"], set_=fields))

    async def remove(self, person_id: int) -> None:
        """The tabulator is none any more, and the wrapped key is gone."""
        await self._db.execute(delete(_tabulators).where(_tabulators.c.person_id == person_id))


def _tabulator(row: Row[Any]) -> Tabulator:
    key = WrappedKey(row.public, row.wrapped, row.spare) if row.public else None
    return Tabulator(row.person_id, row.invited, row.expires, key, row.tested, row.failures, row.rests)


def _values(tabulator: Tabulator) -> Mapping[str, Any]:
    plain = asdict(tabulator)
    key = plain.pop("key") or {"public": None, "wrapped": None, "spare": None}
    return {**plain, **key}
