"""The roll as a whole: many lines changed at once, each only as its disposition may change. 应答名册"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import audience as audiences
from storage.records import (
    LEFT,
    UNINVITED,
    Audience,
    Crowd,
    Difference,
    Disposition,
    Level,
    Person,
    PostClass,
    Round,
    RoundState,
    StaffKind,
    Standing,
    Weighed,
    before,
)
from storage.rows import person_of
from storage.tables import IDS, INSERTS, AccountRow, InvitationRow, PersonRow, RoundRow, SheetRow, among, table

_lines, _people, _accounts = table(InvitationRow), table(PersonRow), table(AccountRow)
_rounds, _sheets = table(RoundRow), table(SheetRow)

UNREACHABLE = "unreachable"
"""The reason beside `UNANSWERED` where nobody could be reached."""

_ids = bindparam("ids", type_=IDS)
_running = _lines.c.round_id.in_(select(_rounds.c.id).where(_rounds.c.state.in_([RoundState.OPEN, RoundState.PAUSED])))
_named = _lines.c.round_id.in_(select(_rounds.c.id).where(_rounds.c.anonymous.is_(False)))
_left = _lines.c.person_id.in_(select(_people.c.id).where(_people.c.has_left.is_(True)))
_begun = exists().where(_sheets.c.round_id == _lines.c.round_id, _sheets.c.person_id == _lines.c.person_id)
_reached = exists().where(_accounts.c.person_id == _lines.c.person_id, _accounts.c.gone.is_(False))


def _eligible(since: date) -> ColumnElement[int]:
    """How many people of a query have been on the roster since then and can be reached."""
    living = exists().where(_accounts.c.person_id == _people.c.id, _accounts.c.gone.is_(False))
    return func.coalesce(func.sum(case((and_(_people.c.listed <= since, living), 1), else_=0)), 0)


def _change(new: Disposition) -> Update:
    """Lines that may become this do so."""
    allowed = _lines.c.disposition.in_([one.value for one in before(new)])
    return update(_lines).where(allowed).values(disposition=new.value)


def _answered(dialect: str, silent: Collection[str]) -> ColumnElement[bool]:
    """There is an answer on the sheet of a line: a path in its walk that is like none of `silent`."""
    if dialect == "postgresql":
        paths = func.json_object_keys(_sheets.c.state["walk"]["answers"]).table_valued("key").render_derived()
    else:
        paths = func.json_each(_sheets.c.state, "$.walk.answers").table_valued("key")
    asked = select(paths.c.key).where(*(paths.c.key.not_like(one, escape="\\") for one in silent))
    same = and_(_sheets.c.round_id == _lines.c.round_id, _sheets.c.person_id == _lines.c.person_id)
    return exists().where(same, exists(asked))


class Roll:
    """Lines of rolls, many at a time. `forget`: lets go of what was read of them, and writes what is held back."""

    def __init__(self, connection: AsyncConnection, forget: Callable[[], Awaitable[None]]) -> None:
        self._db = connection
        self._forget = forget

    async def weigh(self, audience: Audience, unit_ids: Collection[int]) -> Weighed:
        """How many this audience is on the roster as it is now; `unit_ids`: all units it means."""
        reasons = {one.person_id: one.reason for one in audience.exempt}
        asked = unreachable = 0
        excused: dict[str, int] = {}
        for standing, exempt, reached, number in await self._db.execute(audiences.weigh(audience, unit_ids)):
            if reason := reasons.get(exempt, standing):
                excused[reason] = excused.get(reason, 0) + number
            else:
                asked += number
                unreachable += 0 if reached else number
        return Weighed(asked, unreachable, excused)

    async def crowds(self, audience: Audience, unit_ids: Collection[int], since: date) -> list[Crowd]:
        """Everybody in the units of this audience, those too whom its filters and excuses leave out, by what they have
        in common. Eligible is who has been on the roster since then and has an account that is not gone."""
        whole = replace(audience, post_classes=(), levels=(), kinds=())
        same = (*(_people.c.unit_id, _people.c.post_class, _people.c.level, _people.c.kind), _people.c.standing)
        query = select(*same, func.count(), _eligible(since)).where(audiences.asked(whole, unit_ids)).group_by(*same)
        return [
            Crowd(unit_id, PostClass(post_class), Level(level), StaffKind(kind), people, eligible, Standing(standing))
            for unit_id, post_class, level, kind, standing, people, eligible in await self._db.execute(query)
        ]

    async def difference(
        self, round: Round, then: date, audience: Audience, unit_ids: Collection[int], since: date
    ) -> Difference:
        """Between this audience and those whom the round has asked, who left meanwhile among them. Eligible is, of
        whom only the audience asks, who has been on the roster since `since`, of the others since `then`."""
        here = and_(audiences.asked(audience, unit_ids), ~audiences.spared(audience))
        line = and_(
            _lines.c.round_id == round.id,
            or_(_lines.c.disposition != Disposition.EXCUSED.value, _lines.c.reason == LEFT),
        )
        there = _people.c.id.in_(select(_lines.c.person_id).where(line))
        counted: list[int] = []
        for only, day in ((and_(here, ~there), since), (and_(there, ~here), then)):
            counted += (await self._db.execute(select(func.count(), _eligible(day)).where(only))).one()
        return Difference(round.name, *counted)

    async def joiners(self, round: Round, unit_ids: Collection[int]) -> list[Person]:
        """Who would be asked if the round opened now and is not on its roll, by staff number."""
        there = exists().where(_lines.c.round_id == round.id, _lines.c.person_id == _people.c.id)
        wanted = audiences.asked(round.audience, unit_ids)
        query = select(_people).where(wanted, ~audiences.spared(round.audience), ~there).order_by(_people.c.number)
        return [person_of(row) for row in await self._db.execute(query)]

    async def join(self, round_id: int, person_ids: Collection[int]) -> None:
        """Puts these people on the roll as they are now, planned; whoever is there stays as they are."""
        chosen = select(
            *(literal(round_id), _people.c.id, _people.c.unit_id, _people.c.post_class),
            *(literal(Disposition.PLANNED.value), _people.c.level, _people.c.kind, literal("")),
        ).where(among(_people.c.id, _ids))
        statement = INSERTS[self._db.dialect.name](_lines).from_select([column.name for column in _lines.c], chosen)
        await self._db.execute(statement.on_conflict_do_nothing(), {"ids": person_ids})
        await self._forget()

    async def excuse(self, round_id: int, person_ids: Collection[int], reason: str) -> None:
        """These people are not asked, for this reason; whoever has handed in stays as they are."""
        mine = _lines.c.round_id == round_id, among(_lines.c.person_id, _ids)
        await self._run(_change(Disposition.EXCUSED).where(*mine).values(reason=reason), ids=person_ids)

    async def readmit(self, round_id: int, person_ids: Collection[int]) -> None:
        """These people are excused no longer: begun where there is a sheet, else to be invited."""
        mine = and_(_lines.c.round_id == round_id, among(_lines.c.person_id, _ids))
        await self._readmit(mine, ids=person_ids)

    async def excuse_leavers(self, round_id: int | None = None) -> int:
        """Who left the organ is excused in the open and paused named rounds (or in this one); returns how many."""
        mine = and_(_running, _named) if round_id is None else _lines.c.round_id == round_id
        return await self._run(_change(Disposition.EXCUSED).where(mine, _left).values(reason=LEFT))

    async def readmit_returners(self) -> int:
        """Who was excused as having left and is back is asked again; returns how many."""
        return await self._readmit(and_(_running, _lines.c.reason == LEFT, ~_left))

    async def reach_again(self) -> int:
        """Who could not be reached and has an account now is to be invited; returns how many."""
        lost = _lines.c.disposition == Disposition.UNREACHABLE.value
        return await self._run(_change(Disposition.PLANNED).where(_running, lost, _reached))

    async def planned(self) -> list[int]:
        """The open and paused rounds in which somebody is still to be invited."""
        query = select(_lines.c.round_id).distinct().where(_running, _lines.c.disposition == Disposition.PLANNED.value)
        return list((await self._db.execute(query.order_by(_lines.c.round_id))).scalars())

    async def settle(self, round_id: int, silent: Sequence[str]) -> None:
        """The last word on everybody of a round that is over: partly with answers, unanswered without.

        `silent`: patterns (of LIKE, with a backslash before what is meant as it stands) of the paths on a sheet that
        are no answers.
        """
        mine = _lines.c.round_id == round_id
        await self._run(_change(Disposition.PARTLY).where(mine, _answered(self._db.dialect.name, silent)))
        lost = case(
            (_lines.c.disposition == Disposition.UNREACHABLE.value, UNREACHABLE),
            (_lines.c.disposition == Disposition.PLANNED.value, UNINVITED),
            else_=_lines.c.reason,
        )
        await self._run(_change(Disposition.UNANSWERED).where(mine).values(reason=lost))

    async def unreached(self, round_id: int) -> int:
        """How many of a round that is over could not be reached."""
        mine = _lines.c.round_id == round_id, _lines.c.disposition == Disposition.UNANSWERED.value
        query = select(func.count()).select_from(_lines).where(*mine, _lines.c.reason == UNREACHABLE)
        return int((await self._db.execute(query)).scalar_one())

    async def _readmit(self, mine: ColumnElement[bool], **values: object) -> int:
        excused = _lines.c.disposition == Disposition.EXCUSED.value
        begun = await self._run(_change(Disposition.STARTED).where(excused, mine, _begun).values(reason=""), **values)
        back = _change(Disposition.PLANNED).where(excused, mine).values(reason="")
        return begun + await self._run(back, **values)

    async def _run(self, change: Update, **values: object) -> int:
        await self._forget()
        return (await self._db.execute(change, values)).rowcount
