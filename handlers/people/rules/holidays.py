"""The organ's own table of holidays and make-up days: every row right, or every wrong one named.

One row a day; the headings may stand in any of the first rows and in any order:

==========  =========  ========================================================
日期 date   needed     a cell with a date, or `2027-02-06`, `2027年2月6日`
类别 kind   needed     休息日 holiday (people rest), 上班 workday (they work)
名称 name   optional   of the holiday the day belongs to
==========  =========  ========================================================
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from handlers.days import FIXED, Calendar, whole_years
from handlers.people.rules import columns, files
from handlers.people.rules.cells import Cell, Row, Table, Wrong, key, short, whole
from handlers.refusals import BadInput
from handlers.talk import Text, t, tn
from storage.records import DayKind, SpecialDay

HEADINGS: Mapping[str, Sequence[str]] = {
    "day": ("日期", "date", "day"),
    "kind": ("类别", "類別", "类型", "類型", "安排", "kind", "type"),
    "name": ("名称", "名稱", "节日", "節日", "节假日", "節假日", "假期", "name", "holiday"),
}
KINDS: Mapping[DayKind, Sequence[str]] = {
    DayKind.HOLIDAY: ("休息日", "休息", "休", "放假", "假日", "节假日", "節假日", "holiday", "rest", "off"),
    DayKind.WORKDAY: ("上班", "班", "补班", "補班", "调休上班", "調休上班", "工作日", "workday", "working day", "work"),
}
NAME_LENGTH = 50
EVE = (12, 25)
"""from this day on a year's last days may belong to the table of the next year, whose New Year they prepare"""

_Value = TypeVar("_Value")
_FIELDS = {key(heading): field for field, headings in HEADINGS.items() for heading in headings}
_KINDS = {key(word): kind for kind, words in KINDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days of a file, and the spans (first and last day) whose days they replace."""

    days: tuple[SpecialDay, ...]
    spans: tuple[tuple[date, date], ...]


def read(content: bytes, filename: str) -> Holidays:
    """The table in an .xlsx or .csv. Raises BadInput with every problem at once, in the order of rows."""
    at, headings, table = _find(content, filename)
    reader = _Reader(at, headings)
    days: dict[date, SpecialDay] = {}
    for row in table.rows:
        found = reader.day(row)
        if found and found.day in days:
            reader.note(row, "day", t("{day} stands here twice.", day=found.day.isoformat()))
        elif found:
            days[found.day] = found
    problems = [*reader.problems, *table.problems] or _parts(days.values())
    if problems:
        raise BadInput(
            tn(
                "The table of holidays has one problem. Nothing was imported.",
                "The table of holidays has {count} problems. Nothing was imported.",
                len(problems),
            ),
            problems,
        )
    if not days:
        raise BadInput(t("{file} has headings, but no days below them.", file=filename))
    return Holidays(tuple(one for _, one in sorted(days.items())), _spans(days.values()))


def _find(content: bytes, filename: str) -> tuple[Mapping[str, int], Mapping[str, str], Table]:
    """Where each field stands (from 0), what its heading is called, and the rows below the headings."""
    for table in files.tables(content, filename):
        for number, row in enumerate(table.rows):
            said = [(column, cell) for column, cell in enumerate(row.cells) if isinstance(cell, str)]
            fields = {_FIELDS[key(cell)]: (column, cell) for column, cell in reversed(said) if key(cell) in _FIELDS}
            if {"day", "kind"} <= fields.keys():
                at = {field: column for field, (column, _) in fields.items()}
                headings = {field: cell for field, (_, cell) in fields.items()}
                return at, headings, Table(table.rows[number + 1 :], table.problems)
    raise BadInput(
        t(
            "{file} has no row of headings that can be read. One of the first rows must name the columns {columns}; "
            "a .csv must be in UTF-8 or GB18030.",
            file=filename,
            columns="日期 date, 类别 kind, 名称 name",
        )
    )


class _Reader:
    """Reads rows by column and notes what is wrong where."""

    def __init__(self, at: Mapping[str, int], headings: Mapping[str, str]) -> None:
        self._at = at
        self._headings = headings
        self.problems: list[Text] = []

    def day(self, row: Row) -> SpecialDay | None:
        """The day a row names; None where something is wrong with it."""
        day = self._read(row, "day", _date)
        kind = self._read(row, "kind", _kind)
        name = self._read(row, "name", _name) if "name" in self._at else ""
        return SpecialDay(day, kind, name) if day and kind and name is not None else None

    def _read(self, row: Row, field: str, value: Callable[[Cell], _Value]) -> _Value | None:
        try:
            return value(row.cell(self._at[field]))
        except Wrong as wrong:
            self.note(row, field, wrong.text)
            return None

    def note(self, row: Row, field: str, what: Text) -> None:
        """Something is wrong in that row and column."""
        where = self._headings[field]
        self.problems.append(t("Row {row}, {column}: {what}", row=str(row.number), column=where, what=what))


def _date(cell: Cell) -> date:
    day = columns.day(cell)
    if day is None:
        raise Wrong(t("the cell is empty. Write the date, or delete the row."))
    return day


def _kind(cell: Cell) -> DayKind:
    text = whole(cell)
    found = _KINDS.get(key(text))
    if found is None:
        allowed = ", ".join(f"{words[0]} {kind.value}" for kind, words in KINDS.items())
        if not text:
            raise Wrong(t("the cell is empty. Write one of: {allowed}.", allowed=allowed))
        raise Wrong(t("{value} is unknown. Write one of: {allowed}.", value=short(text), allowed=allowed))
    return found


def _name(cell: Cell) -> str:
    text = whole(cell)
    if len(text) > NAME_LENGTH:
        raise Wrong(t("the name is too long: at most {count} characters.", count=NAME_LENGTH))
    return text


def _parts(days: Collection[SpecialDay]) -> list[Text]:
    """A sentence for each year that nobody else knows and of which this is not the whole table."""
    published, whole = Calendar(), whole_years(days)
    own = {_year(one.day, whole) for one in days}
    return [
        t(
            "{year}: this is not the whole table of the year, and no other is known. Add all its holidays and make-up "
            "days; {days} at least are holidays every year.",
            year=str(year),
            days=", ".join(f"{month:02}-{day:02}" for month, day in FIXED),
        )
        for year in sorted(own)
        if year not in whole and not published.covers(year)
    ]


def _year(day: date, whole: Collection[int]) -> int:
    """The year to whose table a day belongs: its own, or the next whose New Year it prepares."""
    return day.year + 1 if (day.month, day.day) >= EVE and day.year + 1 in whole else day.year


def _spans(days: Collection[SpecialDay]) -> tuple[tuple[date, date], ...]:
    """A file replaces what was known of its years; of one of which it has only the last days, these alone."""
    whole = whole_years(days)
    first: dict[int, date] = {}
    for one in days:
        only_end = all(_year(other.day, whole) != one.day.year for other in days if other.day.year == one.day.year)
        first[one.day.year] = date(one.day.year, *EVE) if only_end else date(one.day.year, 1, 1)
    return tuple((start, date(year, 12, 31)) for year, start in sorted(first.items()))
