"""What is said to many of a roll, written into the outbox batch after batch. 群发

The letters are written by the database out of the roll, the roster and the accounts: however many there are, none of
it passes through this process.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.bulk import Bulk
from storage.records import (
    REACHES,
    UNINVITED,
    Broadcast,
    BroadcastKind,
    Disposition,
    Lane,
    LetterState,
    Person,
    RoundState,
    Whom,
)
from storage.rows import person_of
from storage.tables import (
    AT_ONCE,
    LANES,
    UNSENT,
    AccountRow,
    BroadcastRow,
    InvitationRow,
    LetterRow,
    PersonRow,
    RoundRow,
    SheetRow,
    table,
)

_broadcasts, _rounds, _letters = table(BroadcastRow), table(RoundRow), table(LetterRow)
_invitations, _people, _accounts = table(InvitationRow), table(PersonRow), table(AccountRow)
_sheets = table(SheetRow)
_REACHED = (Disposition.INVITED.value, Disposition.DELIVERED.value)

_WORD = Bulk(
    update(_letters)
    .where(_letters.c.broadcast_id == bindparam("broadcast"), _letters.c.person_id == bindparam("person"), UNSENT)
    .values(body=bindparam("new", type_=_letters.c.body.type)),
    "broadcast",
    "person",
    "new",
)


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
        """Those with letters to be written or sent, oldest first; this transaction's alone until it ends.

        One that another transaction works at is left out: nobody waits for it.
        """
        query = select(_broadcasts).where(_broadcasts.c.ended.is_(False)).order_by(_broadcasts.c.id)
        return [_broadcast(row) for row in await self._db.execute(query.with_for_update(skip_locked=True))]

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
        """The next people it is for, in the order of their ids; fewer than `most` are the last.

        An invitation passes over those in the middle of another round; not so one with a `number`.
        """
        query = (
            select(_people)
            .join(_invitations, _invitations.c.person_id == _people.c.id)
            .where(_meant(broadcast))
            .order_by(_invitations.c.person_id)
            .limit(most)
        )
        return [person_of(row) for row in await self._db.execute(query)]

    async def again(self, broadcast_id: int, number: int) -> None:
        """This broadcast once more from the beginning: for those it passed over."""
        await self._change(broadcast_id, cursor=0, done=False, ended=False, number=number)

    async def say(self, broadcast_id: int, body: Mapping[str, Any]) -> None:
        """What is still to be said of this broadcast is said so from now on, also in letters that wait."""
        await self._change(broadcast_id, body=dict(body))

    async def word(self, broadcast_id: int, bodies: Mapping[int, Mapping[str, Any]]) -> None:
        """These people's letters of the broadcast say something of their own, by person id."""
        rows = [(broadcast_id, person_id, dict(body)) for person_id, body in bodies.items()]
        await self._db.run_sync(_WORD.run, rows)

    async def move(self, broadcast_id: int, cursor: int, *, done: bool) -> None:
        """All up to `cursor` have their letters now."""
        await self._change(broadcast_id, cursor=cursor, done=done)

    async def write_letters(self, broadcast: Broadcast, most: int) -> int:
        """Writes the letters of the next `most` people it is for, one to each account they are reached at, and moves
        the cursor; of an invitation the lines of the roll say what became of it. Returns how many people those were."""
        people = (
            select(_invitations.c.person_id)
            .join(_people, _people.c.id == _invitations.c.person_id)
            .where(_meant(broadcast))
            .order_by(_invitations.c.person_id)
            .limit(most)
            .subquery()
        )
        range_ = select(func.count(), func.coalesce(func.max(people.c.person_id), broadcast.cursor))
        count, last = (await self._db.execute(range_)).one()
        if count:
            await self._db.execute(insert(_letters).from_select(_WRITTEN, _to_write(broadcast, last)))
        if count and broadcast.kind is BroadcastKind.INVITATION:
            await self._db.execute(_invited(broadcast, last))
        await self.move(broadcast.id, last, done=count < most)
        return int(count)

    async def has_letters(self, broadcast_id: int) -> bool:
        """Is any of its letters still to be sent?"""
        left = select(exists().where(_letters.c.broadcast_id == broadcast_id, UNSENT))
        return bool((await self._db.execute(left)).scalar_one())

    async def set_waits(self, broadcast_id: int, waits: bool) -> None:
        """None of its letters goes out as long as it waits."""
        await self._change(broadcast_id, waits=waits)

    async def end(self, broadcast_id: int, now: datetime) -> int:
        """Nothing more of it goes out but what is on its way: letters that wait are withdrawn; how many."""
        await self._change(broadcast_id, ended=True, done=True)
        waiting = update(_letters).where(
            _letters.c.broadcast_id == broadcast_id, UNSENT, _letters.c.state == LetterState.WAITING.value
        )
        withdrawn = {"state": LetterState.WITHDRAWN.value, "at": now}
        return (await self._db.execute(waiting.values(withdrawn))).rowcount

    async def unreached(self, channel: str, address: str, broadcast_id: int | None = None) -> None:
        """Nothing arrives at this place. Who has no other account is not reached in the open rounds, or in the one
        this broadcast belongs to; whoever has begun there was reached."""
        owner = select(_accounts.c.person_id).where(_accounts.c.channel == channel, _accounts.c.address == address)
        running = select(_rounds.c.id).where(_rounds.c.state.in_([RoundState.OPEN, RoundState.PAUSED]))
        of_broadcast = select(_broadcasts.c.round_id).where(_broadcasts.c.id == broadcast_id)
        other = exists().where(
            _accounts.c.person_id == _invitations.c.person_id,
            _accounts.c.gone.is_(False),
            (_accounts.c.channel != channel) | (_accounts.c.address != address),
        )
        change = update(_invitations).where(
            _invitations.c.person_id == owner.scalar_subquery(),
            _invitations.c.round_id.in_(running if broadcast_id is None else of_broadcast),
            _invitations.c.disposition.in_(_REACHED),
            ~other,
        )
        await self._db.execute(change.values(disposition=Disposition.UNREACHABLE.value))

    async def _change(self, broadcast_id: int, **values: object) -> None:
        await self._db.execute(update(_broadcasts).where(_broadcasts.c.id == broadcast_id).values(**values))


_WRITTEN = (
    *("channel", "address", "language", "rank", "body"),
    *("state", "due", "holder", "broadcast_id", "person_id"),
)


def _meant(broadcast: Broadcast) -> ColumnElement[bool]:
    """The condition on roll and roster for those who are still to be told."""
    reminded = _people.c.muted.is_(False) if broadcast.kind is BroadcastKind.REMINDER else literal(True)
    return and_(
        _invitations.c.round_id == broadcast.round_id,
        _invitations.c.disposition.in_([one.value for one in REACHES[broadcast.whom]]),
        _invitations.c.person_id > broadcast.cursor,
        _people.c.id > broadcast.cursor,
        _people.c.has_left.is_(False),
        _invitations.c.reason != UNINVITED,
        reminded,
        _free(broadcast),
    )


def _free(broadcast: Broadcast) -> ColumnElement[bool]:
    """The condition on people: an invitation is not for those who are, at any account, in the middle of another open
    round, unless it has a `number`: then it has waited long enough."""
    if broadcast.kind is not BroadcastKind.INVITATION or broadcast.number:
        return literal(True)
    account, other, sheet = _accounts.alias(), _rounds.alias(), _sheets.alias()
    flow = "answer:" + cast(other.c.id, String)
    middle = exists().where(
        account.c.person_id == _people.c.id,
        account.c.flow.like("answer:%"),
        or_(account.c.flow == flow, account.c.flow.like(flow + ":%")),
        other.c.id != broadcast.round_id,
        other.c.state == RoundState.OPEN.value,
        sheet.c.round_id == other.c.id,
        sheet.c.person_id == _people.c.id,
        sheet.c.handed_in.is_(None),
    )
    return ~middle.correlate(_people)


def _to_write(broadcast: Broadcast, last: int) -> Select[Any]:
    """The letters to those who are still to be told, up to the person `last`."""
    return (
        select(
            _accounts.c.channel,
            _accounts.c.address,
            case((_accounts.c.language != "", _accounts.c.language), else_=_people.c.language),
            literal(LANES.index(Lane.BROADCAST)),
            literal({}, _letters.c.body.type),
            literal(LetterState.WAITING.value),
            literal(AT_ONCE, _letters.c.due.type),
            literal(""),
            literal(broadcast.id),
            _people.c.id,
        )
        .join_from(_invitations, _people, _people.c.id == _invitations.c.person_id)
        .join(_accounts, _accounts.c.person_id == _people.c.id)
        .where(_meant(broadcast), _accounts.c.gone.is_(False))
        # The same limits for each table, so that of none more is read than it takes.
        .where(*(column <= last for column in (_invitations.c.person_id, _people.c.id, _accounts.c.person_id)))
        .where(_accounts.c.person_id > broadcast.cursor)
        .order_by(_people.c.id, _accounts.c.id)
    )


def _invited(broadcast: Broadcast, last: int) -> Any:
    """What the lines up to the person `last` say once their letters are written."""
    reachable = exists().where(_accounts.c.person_id == _invitations.c.person_id, _accounts.c.gone.is_(False))
    reached = case((reachable, Disposition.INVITED.value), else_=Disposition.UNREACHABLE.value)
    here = select(_people.c.id).where(
        _people.c.id > broadcast.cursor, _people.c.id <= last, _people.c.has_left.is_(False), _free(broadcast)
    )
    lines = update(_invitations).where(
        _invitations.c.round_id == broadcast.round_id,
        _invitations.c.disposition == Disposition.PLANNED.value,
        _invitations.c.person_id > broadcast.cursor,
        _invitations.c.person_id <= last,
        _invitations.c.person_id.in_(here),
    )
    return lines.values(disposition=reached)
