"""The organ's spreadsheet becomes a roster: every row right, or every wrong one named.

One table is enough, one row a person; the headings may stand in any of the first rows and in any
order (`columns.py` has all their names):

====================  =========  ==========================================================
工号 number           needed     the organ's own staff number, unique; a cell of text
姓名 name             needed
单位 unit             needed     a path from the top, `某镇/党政综合办公室`, or a unit's name
上级单位 parent unit  optional   the unit above, where 单位 is a name only
岗位类别 post class   needed     审批 approval, 服务 service, 综合执法 enforcement, 网格 grid, …
层次 level            optional   领导成员 leading, 一般工作人员 staff; empty means staff
主管领导工号          optional   the supervisor's staff number
supervisor
角色 roles            optional   组织人事部门 hr, 主管领导 supervisor, …; several with commas
人员类别 staff kind   optional   公务员 civil_servant, 事业编制人员 institution, …; empty: civil servant
在岗情况 standing     optional   在岗 normal, 试用期 probation, 长期请假 long_leave, …; empty: normal
入职日期 joined       optional   2026-03-01, 2026/3/1, 2026年3月1日 or a cell with a date
试用期满日期          optional   the same
probation ends
====================  =========  ==========================================================
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from handlers.people.rules import columns, files, tree
from handlers.people.rules.cells import Cell, Row, Wrong, whole
from handlers.people.rules.columns import Columns
from handlers.people.rules.tree import UnitLine
from handlers.refusals import BadInput
from handlers.talk import Text, t, tn
from storage.records import Level, PostClass, Role, RosterLine, StaffKind, Standing

_Value = TypeVar("_Value")
SHOWN = 5
"""rows with the same number that are named in one problem"""
SEARCHED = 30
"""rows with something in them among which the headings are looked for"""


@dataclass(frozen=True, slots=True)
class Roster:
    """The units, those above first, and the people, as the sheet orders them."""

    units: tuple[UnitLine, ...]
    lines: tuple[RosterLine, ...]


def read(content: bytes, filename: str) -> Roster:
    """The roster in an .xlsx or .csv. Raises BadInput with every problem at once, in the order of rows."""
    found, rows, unread = _find(content, filename)
    sheet = _Sheet(found)
    entries = [sheet.entry(row) for row in rows if not _headings_again(row, found)]
    planted = tree.plant(entry.mention for entry in entries if entry.mention)
    for entry in entries:
        if entry.mention and (wrong := planted.wrong.get(entry.mention)):
            sheet.note(entry.row, "unit", wrong)
    _check_numbers(entries, sheet)
    _check_supervisors(entries, sheet)
    _check_probation(entries, sheet)
    if problems := (*found.problems, *sheet.problems(), *unread):
        raise _refused(problems)
    if not entries:
        raise BadInput(t("{file} has headings, but no people below them.", file=filename))
    return Roster(planted.units, tuple(_line(entry, planted) for entry in entries))


def _headings_again(row: Row, found: Columns) -> bool:
    """Sheets made for printing repeat their headings on every page."""
    return all(row.cell(column) == found.headings[field] for field, column in found.at.items())


def _refused(problems: Sequence[Text]) -> BadInput:
    headline = tn(
        "The roster has one problem. Nothing was imported.",
        "The roster has {count} problems. Nothing was imported.",
        len(problems),
    )
    return BadInput(headline, problems)


def _find(content: bytes, filename: str) -> tuple[Columns, tuple[Row, ...], tuple[Text, ...]]:
    """The columns, the rows below the headings, and what kept the reader from reading on."""
    for table in files.tables(content, filename):
        for at, row in enumerate(table.rows[:SEARCHED]):
            if found := columns.find(row):
                return found, table.rows[at + 1 :], table.problems
    raise BadInput(
        t(
            "{file} has no row of headings that can be read. One of the first rows must name the columns {columns}; "
            "a .csv must be in UTF-8 or GB18030.",
            file=filename,
            columns=", ".join(columns.NEEDED.values()),
        )
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row as far as it could be read; what could not, is empty and has been noted."""

    row: int
    number: str
    name: str
    mention: tree.Mention | None
    post_class: PostClass
    level: Level
    supervisor: str
    roles: frozenset[Role]
    language: str
    kind: StaffKind
    standing: Standing
    joined: date | None
    probation_ends: date | None


class _Sheet:
    """Reads rows by column and notes what is wrong where."""

    def __init__(self, found: Columns) -> None:
        self._columns = found
        self._notes: list[tuple[int, int, Text]] = []

    def entry(self, row: Row) -> _Entry:
        unit = self._read(row, "unit", columns.unit, None)
        parent = self._read(row, "parent", columns.parent, "")
        return _Entry(
            row.number,
            self._read(row, "number", columns.number, ""),
            self._read(row, "name", columns.name, ""),
            None if unit is None else (unit, parent),
            self._read(row, "post_class", columns.post_class, PostClass.GENERAL),
            self._read(row, "level", columns.level, Level.STAFF),
            self._read(row, "supervisor", columns.supervisor, ""),
            self._read(row, "roles", columns.roles, frozenset()),
            self._read(row, "language", columns.language, ""),
            self._read(row, "kind", columns.kind, StaffKind.CIVIL_SERVANT),
            self._read(row, "standing", columns.standing, Standing.NORMAL),
            self._read_cell(row, "joined", columns.day, None),
            self._read_cell(row, "probation_ends", columns.day, None),
        )

    def _read(self, row: Row, field: str, value: Callable[[str], _Value], otherwise: _Value) -> _Value:
        return self._read_cell(row, field, lambda cell: value(whole(cell)), otherwise)

    def _read_cell(self, row: Row, field: str, value: Callable[[Cell], _Value], otherwise: _Value) -> _Value:
        column = self._columns.at.get(field)
        if column is None:
            return otherwise
        try:
            return value(row.cell(column))
        except Wrong as wrong:
            self.note(row.number, field, wrong.text)
            return otherwise

    def note(self, row: int, field: str, what: Text) -> None:
        """Something is wrong in that row and column."""
        place = t("Row {row}, {column}: {what}", row=str(row), column=self._columns.headings[field], what=what)
        self._notes.append((row, self._columns.at[field], place))

    def problems(self) -> tuple[Text, ...]:
        """All that was noted, in the order of rows and columns."""
        return tuple(text for _, _, text in sorted(self._notes, key=lambda note: note[:2]))


def _check_numbers(entries: Sequence[_Entry], sheet: _Sheet) -> None:
    rows: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        rows[entry.number].append(entry.row)
    width = _width(rows)
    for entry in entries:
        same = rows[entry.number]
        if entry.number and len(same) > 1:
            others = ", ".join(str(row) for row in same[:SHOWN] if row != entry.row)
            sheet.note(entry.row, "number", _taken(entry.number, others))
        if entry.number.isdigit() and len(entry.number) < width:
            sheet.note(entry.row, "number", _zeros(entry.number, entry.number.zfill(width)))


def _taken(number: str, others: str) -> Text:
    return t("the number {number} stands in row {others} too. Each person has one.", number=number, others=others)


def _width(numbers: Iterable[str]) -> int:
    """How long numbers are where those that begin with a zero all have one length; else 0."""
    lengths = {len(number) for number in numbers if number.startswith("0") and number.isdigit()}
    return lengths.pop() if len(lengths) == 1 else 0


def _zeros(number: str, meant: str) -> Text:
    return t(
        "{number} seems to have lost the zeros of {meant}. Format the column as text and type the number again.",
        number=number,
        meant=meant,
    )


def _check_supervisors(entries: Sequence[_Entry], sheet: _Sheet) -> None:
    people = {entry.number: entry for entry in entries if entry.number}
    if not people:
        return
    bare = {number.lstrip("0"): number for number in people}
    above: dict[str, str] = {}
    for entry in entries:
        if not entry.supervisor:
            continue
        if entry.supervisor == entry.number:
            sheet.note(entry.row, "supervisor", t("nobody is their own supervisor. Correct it or leave it empty."))
        elif entry.supervisor in people:
            above[entry.number] = entry.supervisor
        elif meant := bare.get(entry.supervisor.lstrip("0")):
            sheet.note(entry.row, "supervisor", _zeros(entry.supervisor, meant))
        else:
            unknown = t(
                "{number} is nobody's staff number in this roster. Correct it or add the person.",
                number=entry.supervisor,
            )
            sheet.note(entry.row, "supervisor", unknown)
    for loop in tree.loops(above):
        way = " → ".join(f"{people[number].name} ({number})" for number in (*loop, loop[0]))
        sheet.note(
            people[loop[0]].row, "supervisor", t("supervisors lead in a circle: {way}. Correct one of them.", way=way)
        )


def _check_probation(entries: Sequence[_Entry], sheet: _Sheet) -> None:
    for entry in entries:
        if entry.joined and entry.probation_ends and entry.probation_ends < entry.joined:
            early = t("probation ends before the person joined. Correct one of the dates.")
            sheet.note(entry.row, "probation_ends", early)


def _line(entry: _Entry, planted: tree.Planted) -> RosterLine:
    unit = planted.paths[entry.mention] if entry.mention else ()
    return RosterLine(
        entry.number,
        entry.name,
        tree.code(unit),
        entry.post_class,
        entry.level,
        entry.supervisor,
        entry.roles,
        entry.language,
        entry.kind,
        entry.standing,
        entry.joined,
        entry.probation_ends,
    )
