"""Questionnaires, rounds, their rolls and the sheets of named rounds. 问卷、轮次"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import audience as audiences
from storage.bulk import Bulk
from storage.records import (
    FOLLOWING,
    Audience,
    Disposition,
    Invitation,
    Level,
    Picture,
    PostClass,
    Questionnaire,
    Reminding,
    Round,
    RoundState,
    Secrecy,
    Sheet,
    StaffKind,
    Upload,
    before,
)
from storage.tables import (
    IDS,
    INSERTS,
    WORDS,
    InvitationRow,
    PersonRow,
    PictureRow,
    QuestionnaireRow,
    RoundRow,
    SheetRow,
    TallyRow,
    UploadRow,
    among,
    table,
)

Words = Mapping[str, str]

_questionnaires, _rounds = table(QuestionnaireRow), table(RoundRow)
_invitations, _sheets = table(InvitationRow), table(SheetRow)
_people, _tallies = table(PersonRow), table(TallyRow)
_pictures, _uploads = table(PictureRow), table(UploadRow)

_AT_A_TIME = 200_000
"""Lines of a roll drawn up by one statement: one of a million would outlast the driver's patience."""
_MANY = 10_000
"""People on the roster, living or gone, from which on the database is told that a roll is long."""
_CROWDED = 64
"""Changes of one round's counts that need not be summed up."""
_LETTERS = "letters"

_RUNNING = select(_rounds).where(_rounds.c.state.in_([RoundState.OPEN, RoundState.PAUSED])).order_by(_rounds.c.id)
_WITH_SHEETS = (
    select(_invitations, _sheets)
    .outerjoin(
        _sheets, (_sheets.c.round_id == _invitations.c.round_id) & (_sheets.c.person_id == _invitations.c.person_id)
    )
    .where(
        among(_invitations.c.person_id, bindparam("people", type_=IDS)),
        among(_invitations.c.round_id, bindparam("rounds", type_=IDS)),
    )
)
_SET_DISPOSITION = Bulk(
    update(_invitations)
    .where(
        _invitations.c.round_id == bindparam("round"),
        _invitations.c.person_id == bindparam("person"),
        among(_invitations.c.disposition, bindparam("before", type_=WORDS)),
    )
    .values(disposition=bindparam("new")),
    "round",
    "person",
    "before",
    "new",
)
_SAVE_SHEET = Bulk(
    {
        dialect: statement.on_conflict_do_update(
            index_elements=["round_id", "person_id"],
            set_={name: statement.excluded[name] for name in ("state", "handed_in", "receipt", "entered_by")},
        )
        for dialect, statement in ((dialect, make(_sheets)) for dialect, make in INSERTS.items())
    },
    "round_id",
    "person_id",
    "state",
    "handed_in",
    "receipt",
    "entered_by",
)
_PUT_PICTURE = Bulk(
    {dialect: make(_pictures).on_conflict_do_nothing() for dialect, make in INSERTS.items()},
    "digest",
    "mime",
    "content",
)
_PUT_UPLOAD = Bulk(
    {dialect: make(_uploads).on_conflict_do_nothing() for dialect, make in INSERTS.items()},
    "round_id",
    "name",
    "person_id",
    "mime",
    "content",
)
_PUT_ROLL = Bulk(
    {dialect: make(_invitations).on_conflict_do_nothing() for dialect, make in INSERTS.items()},
    "round_id",
    "person_id",
    "unit_id",
    "post_class",
    "disposition",
    "level",
    "kind",
    "reason",
)


_LINE = len(_invitations.c)
_NAMES = tuple(column.name for column in _rounds.c)
_TREES = {"audience": Audience, "reminding": Reminding, "secrecy": Secrecy}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "state": RoundState,
    **{name: partial(msgspec.convert, type=kind) for name, kind in _TREES.items()},
}
_POST_CLASSES = {kind.value: kind for kind in PostClass}
_LEVELS = {level.value: level for level in Level}
_KINDS = {kind.value: kind for kind in StaffKind}
_DISPOSITIONS = {disposition.value: disposition for disposition in Disposition}
_BEFORE = {one: [earlier.value for earlier in before(one)] for one in Disposition}


def _questionnaire(row: Sequence[Any]) -> Questionnaire:
    return Questionnaire(*row)


def _round(row: Sequence[Any]) -> Round:
    return Round(
        **{name: _READ[name](value) if name in _READ else value for name, value in zip(_NAMES, row, strict=True)}
    )


def _values(round: Round) -> dict[str, Any]:
    """All columns of a round but its id."""
    plain = {name: getattr(round, name) for name in _NAMES if name != "id"}
    return {**plain, "state": round.state.value, **{name: msgspec.to_builtins(plain[name]) for name in _TREES}}


def _invitation(row: Sequence[Any]) -> Invitation:
    round_id, person_id, unit_id, post_class, disposition, level, kind, reason = row
    terms = _DISPOSITIONS[disposition], _LEVELS[level], _KINDS[kind]
    return Invitation(round_id, person_id, unit_id, _POST_CLASSES[post_class], *terms, reason)


def _sheet(row: Sequence[Any]) -> Sheet:
    return Sheet(*row)


class Surveys:
    """Named rounds from the form to the answers.

    Within its transaction it remembers what `preload` fetched, and holds back what changes with every answer
    until `flush`; reads see both.
    """

    def __init__(self, connection: AsyncConnection, questionnaires: dict[int, Questionnaire]) -> None:
        self._db = connection
        self._questionnaires = questionnaires
        self._uncommitted: set[int] = set()
        self._new_sheets: dict[tuple[int, int], Sheet] = {}
        self._new_dispositions: dict[tuple[int, int], Disposition] = {}
        self._forget()

    def _forget(self) -> None:
        self._running: dict[int, Round] | None = None
        self._roll: dict[tuple[int, int], Invitation | None] = {}
        self._sheets: dict[tuple[int, int], Sheet | None] = {}
        self._rounds_of: dict[int, list[int]] = {}

    async def put_questionnaire(
        self,
        name: str,
        title: Words,
        form: Mapping[str, Any],
        digest: str,
        pictures: Mapping[str, Picture] | None = None,
    ) -> Questionnaire:
        """The version of this questionnaire with this digest: the one stored already, else the next. `pictures`: by
        the names the form has for them."""
        pictures = pictures or {}
        mine = select(_questionnaires).where(_questionnaires.c.name == name)
        same = (await self._db.execute(mine.where(_questionnaires.c.digest == digest))).first()
        if same:
            return _questionnaire(same)
        last = select(func.coalesce(func.max(_questionnaires.c.version), 0)).where(_questionnaires.c.name == name)
        version = (await self._db.execute(last)).scalar_one() + 1
        rows = [(one.digest, one.mime, one.content) for one in pictures.values()]
        await self._db.run_sync(_PUT_PICTURE.run, rows)
        values = {"name": name, "version": version, "title": dict(title), "form": dict(form), "digest": digest}
        values["media"] = {name: one.digest for name, one in pictures.items()}
        row = (await self._db.execute(insert(_questionnaires).values(values).returning(*_questionnaires.c))).one()
        # A row that is rolled back leaves its id to another one: not for the memory of the whole process yet.
        self._uncommitted.add(row.id)
        return _questionnaire(row)

    async def questionnaire(self, id: int) -> Questionnaire:
        """The questionnaire version with this id; LookupError if there is none. Remembered for the process."""
        if id in self._questionnaires:
            return self._questionnaires[id]
        row = (await self._db.execute(select(_questionnaires).where(_questionnaires.c.id == id))).first()
        if row is None:
            raise LookupError(f"there is no questionnaire {id}")
        found = _questionnaire(row)
        if id not in self._uncommitted:
            self._questionnaires[id] = found
        return found

    async def picture(self, digest: str) -> Picture | None:
        """What a questionnaire shows under this digest."""
        row = (await self._db.execute(select(_pictures).where(_pictures.c.digest == digest))).first()
        return Picture(*row) if row else None

    async def put_round(self, new: Round) -> Round:
        """A new round; its id is given here."""
        return _round((await self._db.execute(insert(_rounds).values(_values(new)).returning(*_rounds.c))).one())

    async def round(self, id: int) -> Round | None:
        """The round with this id."""
        if self._running and id in self._running:
            return self._running[id]
        row = (await self._db.execute(select(_rounds).where(_rounds.c.id == id))).first()
        return _round(row) if row else None

    async def rounds(self) -> list[Round]:
        """All rounds, newest first."""
        return [_round(row) for row in await self._db.execute(select(_rounds).order_by(_rounds.c.id.desc()))]

    async def rounds_of_plan(self, plan_id: int) -> list[Round]:
        """The rounds that come from this plan, in the order in which they open."""
        mine = select(_rounds).where(_rounds.c.plan_id == plan_id).order_by(_rounds.c.opens, _rounds.c.id)
        return [_round(row) for row in await self._db.execute(mine)]

    async def withdraw(self, plan_id: int) -> None:
        """Takes away the rounds of this plan that have not been opened."""
        unopened = _rounds.c.state.in_([RoundState.DRAFT.value, RoundState.PLANNED.value])
        await self._db.execute(delete(_rounds).where(_rounds.c.plan_id == plan_id, unopened))
        self._forget()

    async def save_round(self, round: Round) -> None:
        """Everything about this round as it is now."""
        await self._flush()
        await self._db.execute(update(_rounds).where(_rounds.c.id == round.id).values(_values(round)))
        self._forget()

    async def count_asked(self, audience: Audience, unit_ids: Collection[int]) -> int:
        """How many of the roster this audience asks, without those it excuses; `unit_ids`: all units it means, those
        below included."""
        return int((await self._db.execute(audiences.count(audience, unit_ids))).scalar_one())

    async def newest_questionnaires(self) -> list[Questionnaire]:
        """The newest version of each questionnaire, the last stored first."""
        newest = select(func.max(_questionnaires.c.id)).group_by(_questionnaires.c.name)
        query = select(_questionnaires).where(_questionnaires.c.id.in_(newest)).order_by(_questionnaires.c.id.desc())
        return [_questionnaire(row) for row in await self._db.execute(query)]

    async def draw_up_roll(self, round: Round, unit_ids: Collection[int]) -> None:
        """The roll of a round out of the roster as it is now: everybody planned or excused. `unit_ids` as above."""
        chosen = audiences.lines(round.id, round.audience, unit_ids)
        last = (await self._db.execute(select(func.max(_people.c.id)))).scalar_one() or 0
        for first in range(0, last, _AT_A_TIME):
            some = chosen.where(_people.c.id > first, _people.c.id <= first + _AT_A_TIME)
            await self._db.execute(insert(_invitations).from_select([column.name for column in _invitations.c], some))
        if last > _MANY and self._db.dialect.name == "postgresql":
            # Until it looks by itself, the database thinks there were few lines, and would sort all for each batch.
            await self._db.execute(text("ANALYZE invitations"))
        for one in round.audience.exempt:
            mine = (_invitations.c.round_id == round.id) & (_invitations.c.person_id == one.person_id)
            excused = {"disposition": Disposition.EXCUSED.value, "reason": one.reason}
            await self._db.execute(update(_invitations).where(mine).values(excused))
        self._forget()

    async def put_roll(self, invitations: Sequence[Invitation]) -> None:
        """Adds these lines to their rolls; a line that is there stays as it is."""
        await self._flush()
        await self._db.run_sync(
            _PUT_ROLL.run,
            [
                (
                    i.round_id,
                    i.person_id,
                    i.unit_id,
                    *(i.post_class.value, i.disposition.value),
                    *(i.level.value, i.kind.value, i.reason),
                )
                for i in invitations
            ],
        )
        self._forget()

    async def roll(self, round_id: int) -> list[Invitation]:
        """Who was asked, in order of person ids."""
        await self._flush()
        query = select(_invitations).where(_invitations.c.round_id == round_id).order_by(_invitations.c.person_id)
        return [_invitation(row) for row in await self._db.execute(query)]

    async def preload(self, person_ids: Sequence[int]) -> None:
        """Fetches at once the open and paused rounds these people are asked in, with their sheets."""
        if strangers := set(person_ids) - self._rounds_of.keys():
            await self._db.run_sync(self._fetch, strangers)

    def _fetch(self, db: Connection, strangers: set[int]) -> None:
        self.write(db)
        if self._running is None:
            self._running = {row.id: _round(row) for row in db.execute(_RUNNING).all()}
        self._rounds_of.update({id: [] for id in strangers})
        if not self._running:
            return
        rows = db.execute(_WITH_SHEETS, {"people": strangers, "rounds": self._running.keys()})
        for row in rows.all():
            key = row[0], row[1]
            self._rounds_of[row[1]].append(row[0])
            line, sheet = row[:_LINE], row[_LINE:]
            self._roll[key] = _invitation(line)
            self._sheets[key] = None if sheet[0] is None else _sheet(sheet)

    async def invitation(self, round_id: int, person_id: int) -> Invitation | None:
        """This person's line of the roll."""
        key = round_id, person_id
        if key not in self._roll:
            await self._flush()
            mine = (_invitations.c.round_id == round_id) & (_invitations.c.person_id == person_id)
            row = (await self._db.execute(select(_invitations).where(mine))).first()
            self._roll[key] = _invitation(row) if row else None
        return self._roll[key]

    async def invitations(self, person_id: int) -> list[tuple[Round, Invitation]]:
        """The open and paused rounds this person is asked in, oldest first."""
        await self.preload([person_id])
        running = self._running or {}
        found = [(running[id], self._roll[id, person_id]) for id in sorted(self._rounds_of[person_id])]
        return [(round, line) for round, line in found if line]

    async def asked_anonymously(self, person_id: int, since: datetime) -> bool:
        """Is this person on the roll of an anonymous round that is open or paused, or ended after `since`?"""
        if any(round.anonymous for round, _ in await self.invitations(person_id)):
            return True
        lately = _rounds.c.closes.is_(None) | (_rounds.c.closes > since)
        mine = exists().where(
            *(_invitations.c.person_id == person_id, _invitations.c.round_id == _rounds.c.id),
            *(_rounds.c.anonymous, _rounds.c.state.in_([RoundState.CLOSED, RoundState.CANCELLED]), lately),
        )
        return bool(await self._db.scalar(select(mine)))

    async def set_disposition(self, round_id: int, person_id: int, disposition: Disposition) -> None:
        """How far this person has come; written when the transaction ends.

        What may not follow on what is there (`records.FOLLOWING`) is not written: somebody else was quicker.
        """
        key = round_id, person_id
        line = self._roll.get(key)
        if line and disposition not in FOLLOWING[line.disposition]:
            return
        if key in self._new_dispositions:
            await self._flush()
        self._new_dispositions[key] = disposition
        if line:
            self._roll[key] = replace(line, disposition=disposition)

    async def sheet(self, round_id: int, person_id: int) -> Sheet | None:
        """What this person has answered so far."""
        key = round_id, person_id
        if key not in self._sheets:
            mine = (_sheets.c.round_id == round_id) & (_sheets.c.person_id == person_id)
            row = (await self._db.execute(select(_sheets).where(mine))).first()
            self._sheets[key] = _sheet(row) if row else None
        return self._sheets[key]

    async def save_sheet(self, sheet: Sheet) -> None:
        """Keeps the sheet; written when the transaction ends."""
        key = sheet.round_id, sheet.person_id
        self._sheets[key] = self._new_sheets[key] = sheet

    async def sheets(self, round_id: int) -> list[Sheet]:
        """All sheets of a round, in order of person ids."""
        await self._flush()
        query = select(_sheets).where(_sheets.c.round_id == round_id).order_by(_sheets.c.person_id)
        return [_sheet(row) for row in await self._db.execute(query)]

    async def sheets_of(self, round_id: int, person_ids: Sequence[int]) -> dict[int, Sheet]:
        """The sheets of these people in a round, by person; those who have none are left out."""
        await self._flush()
        mine = (_sheets.c.round_id == round_id) & among(_sheets.c.person_id, bindparam("people", type_=IDS))
        rows = await self._db.execute(select(_sheets).where(mine), {"people": person_ids})
        return {row.person_id: _sheet(row) for row in rows}

    async def drop_sheets(self, round_id: int, person_id: int | None = None) -> None:
        """Deletes the sheets of a round with what was sent for them: this person's, or all. For previews alone."""
        await self._flush()
        for rows in (_sheets, _uploads):
            mine = rows.c.round_id == round_id
            await self._db.execute(
                delete(rows).where(mine if person_id is None else mine & (rows.c.person_id == person_id))
            )
        self._forget()

    async def put_upload(self, upload: Upload) -> None:
        """Keeps what somebody answered with; what is there under this name already stays."""
        row = (upload.round_id, upload.name, upload.person_id, upload.mime, upload.content)
        await self._db.run_sync(_PUT_UPLOAD.run, [row])

    async def upload(self, round_id: int, name: str) -> Upload | None:
        """What somebody answered with under this name."""
        mine = (_uploads.c.round_id == round_id) & (_uploads.c.name == name)
        row = (await self._db.execute(select(_uploads).where(mine))).first()
        return Upload(*row) if row else None

    async def keep_uploads(self, round_id: int, person_id: int, names: Collection[str]) -> None:
        """Deletes what this person sent and answers with no longer: all but these names."""
        mine = (_uploads.c.round_id == round_id) & (_uploads.c.person_id == person_id)
        await self._db.execute(delete(_uploads).where(mine, _uploads.c.name.not_in(names)))

    async def progress(self, round_id: int) -> dict[Disposition, int]:
        """How many of the roll have come how far; every disposition is there."""
        await self._flush()
        tally = await self._tally(round_id)
        return {disposition: tally.get(disposition.value, 0) for disposition in Disposition}

    async def letters(self, round_id: int) -> int:
        """How many letters of its broadcasts are not out yet."""
        return (await self._tally(round_id)).get(_LETTERS, 0)

    async def _tally(self, round_id: int) -> dict[str, int]:
        total = func.sum(_tallies.c.change)
        query = select(_tallies.c.what, total).where(_tallies.c.round_id == round_id).group_by(_tallies.c.what)
        return {what: int(number) for what, number in await self._db.execute(query)}

    async def tidy(self) -> int:
        """Sums up what has been counted change by change; how many changes that were."""
        crowded = select(_tallies.c.round_id).group_by(_tallies.c.round_id).having(func.count() > _CROWDED)
        taken = delete(_tallies).where(_tallies.c.round_id.in_(crowded))
        changes = (await self._db.execute(taken.returning(*_tallies.c))).all()
        sums: dict[tuple[int, str], int] = {}
        for change in changes:
            key = change.round_id, change.what
            sums[key] = sums.get(key, 0) + change.change
        rows = [{"round_id": id, "what": what, "change": total} for (id, what), total in sums.items() if total]
        if rows:
            await self._db.execute(insert(_tallies), rows)
        return len(changes)

    async def forget(self) -> None:
        """Writes what is held back and reads anew what was read: the roll is about to change by itself."""
        await self._flush()
        self._forget()

    async def _flush(self) -> None:
        if self._new_sheets or self._new_dispositions:
            await self._db.run_sync(self.write)

    def write(self, db: Connection) -> None:
        """Writes sheets and dispositions."""
        if self._new_sheets:
            sheets = [
                (*key, new.state, new.handed_in, new.receipt, new.entered_by)
                for key, new in sorted(self._new_sheets.items())
            ]
            self._new_sheets.clear()
            _SAVE_SHEET.run(db, sheets)
        if self._new_dispositions:
            rows = [(*key, _BEFORE[new], new.value) for key, new in sorted(self._new_dispositions.items())]
            self._new_dispositions.clear()
            _SET_DISPOSITION.run(db, rows)
