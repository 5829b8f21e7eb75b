"""What is said to many of a roll, written into the outbox batch after batch. 群发"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Broadcast, BroadcastKind, Disposition, Person, Whom
from storage.rows import person_of
from storage.tables import BroadcastRow, InvitationRow, PersonRow, RoundRow, table

_broadcasts, _rounds = table(BroadcastRow), table(RoundRow)
_invitations, _people = table(InvitationRow), table(PersonRow)

REACHES = {
    Whom.PLANNED: (Disposition.PLANNED,),
    Whom.PENDING: (Disposition.INVITED, Disposition.DELIVERED, Disposition.STARTED),
    Whom.BEGUN: (Disposition.STARTED, Disposition.PARTLY),
    Whom.EVERYBODY: tuple(one for one in Disposition if one not in (Disposition.PLANNED, Disposition.EXCUSED)),
}
"""The lines of the roll by their dispositions."""


def _broadcast(row: Sequence[Any]) -> Broadcast:
    id, round_id, kind, whom, *rest = row
    return Broadcast(id, round_id, BroadcastKind(kind), Whom(whom), *rest)


class Broadcasts:
    """Broadcasts under way and over. Each batch moves the cursor in the transaction that writes its letters."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def put(self, new: Broadcast) -> Broadcast:
        """A new broadcast; its id is given here."""
        values = {
            "round_id": new.round_id,
            "kind": new.kind.value,
            "whom": new.whom.value,
            "body": dict(new.body),
            "created": new.created,
            "number": new.number,
            "cursor": new.cursor,
            "done": new.done,
        }
        row = (await self._db.execute(insert(_broadcasts).values(values).returning(*_broadcasts.c))).one()
        return _broadcast(row)

    async def under_way(self) -> list[Broadcast]:
        """Those that have not reached all they are meant for, oldest first; locked until the transaction ends."""
        query = select(_broadcasts).where(_broadcasts.c.done.is_(False)).order_by(_broadcasts.c.id)
        return [_broadcast(row) for row in await self._db.execute(query.with_for_update())]

    async def of(self, round_id: int) -> list[Broadcast]:
        """All of one round, oldest first."""
        query = select(_broadcasts).where(_broadcasts.c.round_id == round_id).order_by(_broadcasts.c.id)
        return [_broadcast(row) for row in await self._db.execute(query)]

    async def reminders_since(self, moment: datetime) -> list[Broadcast]:
        """The reminders begun since then, and those that have not reached all they are meant for, of all rounds."""
        recent = (_broadcasts.c.created >= moment) | _broadcasts.c.done.is_(False)
        query = select(_broadcasts).where(_broadcasts.c.kind == BroadcastKind.REMINDER.value, recent)
        return [_broadcast(row) for row in await self._db.execute(query.order_by(_broadcasts.c.id))]

    async def next_people(self, broadcast: Broadcast, most: int) -> list[Person]:
        """The next people it is for, in the order of their ids; fewer than `most` are the last."""
        query = (
            select(_people)
            .join(_invitations, _invitations.c.person_id == _people.c.id)
            .where(
                _invitations.c.round_id == broadcast.round_id,
                _invitations.c.disposition.in_([one.value for one in REACHES[broadcast.whom]]),
                _invitations.c.person_id > broadcast.cursor,
                _people.c.has_left.is_(False),
            )
            .order_by(_invitations.c.person_id)
            .limit(most)
        )
        return [person_of(row) for row in await self._db.execute(query)]

    async def move(self, broadcast_id: int, cursor: int, *, done: bool) -> None:
        """All up to `cursor` have their letters now."""
        change = update(_broadcasts).where(_broadcasts.c.id == broadcast_id).values(cursor=cursor, done=done)
        await self._db.execute(change)
