"""Everything still to be said, and what became of it. 发件"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, bindparam, delete, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from storage.bulk import Bulk
from storage.records import BroadcastKind, DeadLetter, Disposition, Lane, Letter, LetterState, NewLetter, RoundState
from storage.tables import (
    AT_ONCE,
    DONE,
    HELD,
    IDS,
    LANES,
    UNSENT,
    WORDS,
    BroadcastRow,
    InvitationRow,
    LetterRow,
    RoundRow,
    among,
    table,
)

_letters, _broadcasts, _rounds = table(LetterRow), table(BroadcastRow), table(RoundRow)
_invitations = table(InvitationRow)
_ids = bindparam("ids", type_=IDS)
_SHOWN = (
    _letters.c.id,
    _letters.c.channel,
    _letters.c.address,
    _letters.c.language,
    _letters.c.rank,
    _letters.c.body,
    _letters.c.attempts,
    _letters.c.broadcast_id,
    _letters.c.person_id,
)

_POST = Bulk(
    insert(_letters),
    *("id", "channel", "address", "language", "rank", "body", "broadcast_id", "person_id", "state", "due", "holder"),
)
_LAST_ID = select(func.coalesce(func.max(_letters.c.id), 0))
_DRAW_IDS = select(func.nextval(func.pg_get_serial_sequence("letters", "id"))).select_from(
    func.generate_series(1, bindparam("count"))
)


def _claim(whose: ColumnElement[bool]) -> ReturningUpdate[Any]:
    """Some of these letters, those that come first, are this process's until then."""
    due = select(_letters.c.id).where(
        whose, _letters.c.channel == bindparam("of"), UNSENT, _letters.c.due <= bindparam("now")
    )
    first = due.order_by(_letters.c.rank, _letters.c.id).limit(bindparam("most")).with_for_update(skip_locked=True)
    mine = update(_letters).where(_letters.c.id.in_(first))
    claimed = {"state": LetterState.SENDING.value, "due": bindparam("until"), "holder": bindparam("me")}
    return mine.values(claimed).returning(*_SHOWN)


_CLAIM = _claim(_letters.c.broadcast_id.is_(None))
_CLAIM_OF = _claim(_letters.c.broadcast_id == bindparam("broadcast"))
# One that is being marked at this moment need not stay anybody's; to wait for it could be to wait for each other.
_RENEW = (
    update(_letters)
    .where(
        _letters.c.id.in_(
            select(_letters.c.id)
            .where(HELD, _letters.c.holder == bindparam("me"), among(_letters.c.id, _ids))
            .with_for_update(skip_locked=True)
        )
    )
    .values(due=bindparam("until"))
    .returning(_letters.c.id)
)
_SPEAKING = (
    select(_broadcasts.c.id, _broadcasts.c.body)
    .join(_rounds, _rounds.c.id == _broadcasts.c.round_id)
    .where(
        _broadcasts.c.ended.is_(False),
        _broadcasts.c.waits.is_(False),
        (_broadcasts.c.kind == BroadcastKind.NOTICE.value) | (_rounds.c.state == RoundState.OPEN.value),
    )
    .order_by(_broadcasts.c.id)
)
_SENT = Bulk(
    update(_letters)
    .where(_letters.c.id == bindparam("letter"))
    .values(state=text("'sent'"), message_id=bindparam("message"), at=bindparam("now"), holder=text("''")),
    "letter",
    "message",
    "now",
)


# One statement, so that a letter's mark and its line of the roll need no transaction around them. Lines are locked in
# the order in which turns lock them, so that neither waits for the other for ever.
_MARK = text(
    """
    WITH sent AS (
        UPDATE letters SET state = 'sent', message_id = marks.message, at = :now, holder = ''
        FROM unnest(:ids, :messages) AS marks (id, message) WHERE letters.id = marks.id
        RETURNING letters.broadcast_id, letters.person_id
    ), arrived AS (
        SELECT invitations.round_id, invitations.person_id FROM sent
        JOIN broadcasts ON broadcasts.id = sent.broadcast_id AND broadcasts.kind = 'invitation'
        JOIN invitations
            ON invitations.round_id = broadcasts.round_id AND invitations.person_id = sent.person_id
        WHERE :delivered AND invitations.disposition = 'invited'
        ORDER BY 1, 2 FOR NO KEY UPDATE OF invitations
    )
    UPDATE invitations SET disposition = 'delivered' FROM arrived
    WHERE invitations.round_id = arrived.round_id AND invitations.person_id = arrived.person_id
        AND invitations.disposition = 'invited'
    """
).bindparams(
    bindparam("ids", type_=IDS),
    bindparam("messages", type_=WORDS),
    bindparam("now", type_=_letters.c.at.type),
    bindparam("delivered", type_=Boolean()),
)
_DELIVERED = (
    update(_invitations)
    .where(
        tuple_(_invitations.c.round_id, _invitations.c.person_id).in_(
            select(_broadcasts.c.round_id, _letters.c.person_id)
            .join(_broadcasts, _broadcasts.c.id == _letters.c.broadcast_id)
            .where(among(_letters.c.id, _ids), _broadcasts.c.kind == BroadcastKind.INVITATION.value)
        ),
        _invitations.c.disposition == Disposition.INVITED.value,
    )
    .values(disposition=Disposition.DELIVERED.value)
)


def _letter(row: Sequence[Any], until: datetime) -> Letter:
    id, channel, address, language, rank, body, attempts, broadcast_id, person_id = row
    return Letter(id, channel, address, language, LANES[rank], body, attempts, broadcast_id, person_id, until)


class Outbox:
    """Letters wait, are claimed by one process for a while, and are sent or given up."""

    def __init__(
        self, connection: AsyncConnection, holder: str, clock: Callable[[], datetime], lease: timedelta
    ) -> None:
        self._db = connection
        self._holder = holder
        self._clock = clock
        self._lease = lease
        self._new: list[tuple[NewLetter, bool]] = []
        self._posted: list[Letter] = []

    async def post(self, letter: NewLetter, *, held: bool) -> None:
        """Adds a letter, written when the transaction ends.

        A held one is this process's to send: `posted` gives it after `flush`. The others wait for `claim`.
        """
        self._new.append((letter, held))

    def posted(self) -> list[Letter]:
        """The held letters written by this transaction, in the order they were posted."""
        return self._posted

    async def claim(self, channel: str, limit: int, now: datetime, until: datetime) -> list[Letter]:
        """Up to `limit` letters of this channel that are due, for this process to send until then.

        Replies come before broadcasts, older before newer; the broadcasts that may speak now get equal shares. A
        claim that ran out is anybody's.
        """
        await self._flush()
        values = {"of": channel, "now": now, "until": until, "me": self._holder}
        letters = await self._claimed(_CLAIM, {**values, "most": limit})
        speaking = (await self._db.execute(_SPEAKING)).all()
        for place, (id, body) in enumerate(speaking):
            share = -((len(letters) - limit) // (len(speaking) - place))
            if share > 0:
                some = await self._claimed(_CLAIM_OF, {**values, "most": share, "broadcast": id})
                letters += [letter if letter.body else replace(letter, body=body) for letter in some]
        return letters

    async def _claimed(self, claim: ReturningUpdate[Any], values: Mapping[str, Any]) -> list[Letter]:
        rows = (await self._db.execute(claim, values)).all()
        return [_letter(row, values["until"]) for row in sorted(rows, key=lambda row: (row.rank, row.id))]

    async def sent(self, done: Sequence[tuple[int, str]], now: datetime, *, delivered: bool = False) -> None:
        """These letters went out: letter id, and the message id the platform gave.

        `delivered`: they have arrived, by the word of a platform that counts: who was invited by one has it.
        """
        if self._db.dialect.name == "postgresql":
            ids, messages = zip(*sorted(done), strict=True) if done else ((), ())
            marks = {"ids": ids, "messages": messages, "now": now, "delivered": delivered}
            await self._db.execute(_MARK, marks)
            return
        await self._db.run_sync(_SENT.run, [(id, message, now) for id, message in sorted(done)])
        if delivered:
            await self._db.execute(_DELIVERED, {"ids": [id for id, _ in done]})

    async def again(self, id: int, due: datetime, reason: str, attempts: int) -> None:
        """This letter waits until `due` for another try."""
        await self._settle(id, state=LetterState.WAITING.value, due=due, reason=reason, attempts=attempts)

    async def dead(self, id: int, reason: str, now: datetime) -> None:
        """This letter is given up."""
        await self._settle(id, state=LetterState.DEAD.value, reason=reason, at=now)

    async def _settle(self, id: int, **values: object) -> None:
        await self._db.execute(update(_letters).where(_letters.c.id == id).values(holder="", **values))

    async def dead_letters(self) -> list[DeadLetter]:
        """What was given up, newest first."""
        query = select(_letters.c.channel, _letters.c.id, _letters.c.reason, _letters.c.at)
        dead = query.where(DONE, _letters.c.state == LetterState.DEAD.value).order_by(_letters.c.at.desc())
        return [DeadLetter(channel, str(id), reason, at) for channel, id, reason, at in await self._db.execute(dead)]

    async def renew(self, ids: Sequence[int], until: datetime) -> set[int]:
        """Those of these letters that are still this process's to send stay its own until then; which those are."""
        return set((await self._db.execute(_RENEW, {"ids": ids, "me": self._holder, "until": until})).scalars())

    async def reclaim(self) -> int:
        """At start-up: what was being sent waits again; how many.

        On SQLite there is no other process and everything does; on PostgreSQL only what is this holder's.
        """
        back = update(_letters).where(HELD).values(state=LetterState.WAITING.value, holder="", due=AT_ONCE)
        if self._db.dialect.name != "sqlite":
            back = back.where(_letters.c.holder == self._holder)
        return (await self._db.execute(back)).rowcount

    async def sent_since(self, broadcast_ids: Sequence[int], since: datetime) -> int:
        """How many letters of these broadcasts went out since then."""
        query = select(func.count()).where(among(_letters.c.broadcast_id, _ids), DONE, _letters.c.at >= since)
        return int((await self._db.execute(query, {"ids": broadcast_ids})).scalar_one())

    async def waiting(self) -> dict[tuple[str, Lane], int]:
        """How many letters are not out yet, by channel and lane."""
        await self._flush()
        lanes = (_letters.c.channel, _letters.c.rank)
        rows = await self._db.execute(select(*lanes, func.count()).where(UNSENT).group_by(*lanes))
        return {(channel, LANES[rank]): number for channel, rank, number in rows}

    async def next_due(self, channel: str) -> datetime | None:
        """When the next letter of this channel is due or its claim ends; long past if at once."""
        await self._flush()
        query = select(func.min(_letters.c.due)).where(_letters.c.channel == channel, UNSENT)
        due: datetime | None = (await self._db.execute(query)).scalar_one()
        return due

    async def sweep(self, before: datetime) -> int:
        """Forgets what was sent or given up before then; how many."""
        # The newest stays: its id must never be given again, what was sent is known by it.
        newest = select(func.max(_letters.c.id)).scalar_subquery()
        old = delete(_letters).where(DONE, _letters.c.at < before, _letters.c.id < newest)
        return (await self._db.execute(old)).rowcount

    async def _flush(self) -> None:
        if self._new:
            await self._db.run_sync(self.write)

    def write(self, db: Connection) -> None:
        """Writes the letters posted."""
        if not self._new:
            return
        new, self._new = self._new, []
        until = self._clock() + self._lease
        ids = _draw(db, len(new))
        rows = []
        for id, (letter, held) in zip(ids, new, strict=True):
            standing = ("sending", until, self._holder) if held else ("waiting", AT_ONCE, "")
            rank = LANES.index(letter.lane)
            about = (letter.body, letter.broadcast_id, letter.person_id)
            rows.append((id, letter.channel, letter.address, letter.language, rank, *about, *standing))
            if held:
                what = (letter.channel, letter.address, letter.language, letter.lane, letter.body)
                self._posted.append(Letter(id, *what, until=until))
        _POST.run(db, rows)


def _draw(db: Connection, count: int) -> Sequence[int]:
    """Ids for so many letters: on SQLite nobody else writes now, on PostgreSQL the sequence gives them."""
    if db.dialect.name == "sqlite":
        last: int = db.execute(_LAST_ID).scalar_one()
        return range(last + 1, last + 1 + count)
    return sorted(db.execute(_DRAW_IDS, {"count": count}).scalars())
