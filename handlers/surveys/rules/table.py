"""Answers -> tables: one with a line for each person, one for each repeat with a line for each entry.

Columns stand in the order of the questionnaire: answers, calculations and hidden values. A question is headed by its
`name`, or by its path where another column has that name. A select has its codes under `name` and the words under
`name (label)`; a select_multiple also 0 or 1 under `name/choice`, a rank the place each choice has. Of a repeat the
main table says how many entries there are; its own table has in the column of its name the entry's number. Numbers
stay numbers, dates and times are ISO 8601; what was not answered is None.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from handlers.forms.form import Choice, Form, Group, Item, Question
from handlers.forms.kind import Value, kinds
from handlers.forms.walk import nested
from handlers.surveys.rules.sheets import answered, counted
from handlers.talk import Label
from storage.records import Disposition, Invitation, Person, Sheet, Unit

Cell = str | int | float | None
Row = tuple[Cell, ...]

ABOUT = ("staff_number", "person", "unit", "post_class", "status", "handed_in", "entered_by")
"""The columns before the answers; `entered_by`: who of HR entered a form on paper."""
WHOSE = ("staff_number", "person")
"""The columns before an entry's number."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of one repeat: its name, column names and rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of plain values, and the tables of the repeats."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    repeats: tuple[Entries, ...] = ()


@dataclass(slots=True)
class _Sheaf:
    """What becomes a table: of the whole form (`path` empty), or of a repeat inside `above`.

    `items`: what stands directly in it, each with the groups on the way there.
    """

    path: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    items: list[tuple[tuple[str, ...], Question | Group]] = field(default_factory=list)
    rows: list[tuple[Row, Row]] = field(default_factory=list)


def tabulate(
    form: Form,
    language: str,
    sheets: Iterable[Sheet],
    roll: Iterable[Invitation],
    people: Iterable[Person],
    units: Iterable[Unit],
) -> Table:
    """Everybody who has answered anything, by unit code and staff number; labels in `language` where there are any."""
    lines = {line.person_id: line for line in roll}
    unit_of = {unit.id: unit for unit in units}
    person_of = {person.id: person for person in people}
    whole, *repeats = _sheaves(form)
    for sheet in sheets:
        if sheet.handed_in or answered(form, sheet):
            given = nested(form, counted(sheet), sheet.handed_in)
            line, person = lines[sheet.person_id], person_of[sheet.person_id]
            unit = unit_of[line.unit_id]
            key: Row = (unit.code, person.number)
            about = _about(person, unit, line, sheet)
            whole.rows.append((key, (*about, *_line(whole, given, language))))
            for repeat in repeats:
                for numbers, entry in _entries(given, repeat):
                    row = (person.number, person.name, *numbers, *_line(repeat, entry, language))
                    repeat.rows.append(((*key, *numbers), row))
    counts = Counter(repeat.path[-1] for repeat in repeats)
    return Table(
        *_table(whole, ABOUT),
        tuple(
            Entries(
                repeat.path[-1] if counts[repeat.path[-1]] == 1 else ".".join(repeat.path),
                *_table(repeat, (*WHOSE, *(one.rpartition("/")[2] for one in repeat.above), repeat.path[-1])),
            )
            for repeat in repeats
        ),
    )


def _table(sheaf: _Sheaf, about: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    names = _names(sheaf, about)
    columns = [column for _, item in sheaf.items for column in _columns(item, names[item.path])]
    return (*about, *columns), tuple(row for _, row in sorted(sheaf.rows, key=lambda pair: pair[0]))


def _sheaves(form: Form) -> list[_Sheaf]:
    """The whole form's first, then each repeat's in the order of the form."""
    sheaves = [_Sheaf()]
    _gather(form.items, (), sheaves[0], sheaves)
    return sheaves


def _gather(items: Iterable[Item], way: tuple[str, ...], sheaf: _Sheaf, sheaves: list[_Sheaf]) -> None:
    for item in items:
        match item:
            case Group(repeat=True):
                sheaf.items.append((way, item))
                above = (*sheaf.above, "/".join(sheaf.path)) if sheaf.path else ()
                inner = _Sheaf((*sheaf.path, *way, item.name), above)
                sheaves.append(inner)
                _gather(item.items, (), inner, sheaves)
            case Group():
                _gather(item.items, (*way, item.name), sheaf, sheaves)
            case Question() if kinds()[item.type].asked or kinds()[item.type].silent:
                sheaf.items.append((way, item))


def _entries(given: Mapping[str, Any], repeat: _Sheaf) -> Iterator[tuple[tuple[int, ...], Mapping[str, Any]]]:
    """Each entry with its number, and before it those of the entries around."""
    found: list[tuple[tuple[int, ...], Any]] = [((), given)]
    for name in repeat.path:
        deeper: list[tuple[tuple[int, ...], Any]] = []
        for numbers, inside in found:
            value = inside.get(name)
            if isinstance(value, list):
                deeper += [((*numbers, number), entry) for number, entry in enumerate(value, 1)]
            elif value is not None:
                deeper.append((numbers, value))
        found = deeper
    yield from found


def _names(sheaf: _Sheaf, about: Sequence[str]) -> Mapping[str, str]:
    """The heading of each item by path: its name, where nothing else has it."""
    counts = Counter([*about, *(item.name for _, item in sheaf.items)])
    return {item.path: item.name if counts[item.name] == 1 else item.path for _, item in sheaf.items}


def _columns(item: Question | Group, name: str) -> list[str]:
    if isinstance(item, Group):
        return [f"{name} (entries)"]
    if not item.choices:
        return [name]
    columns = [name, f"{name} (label)"]
    if kinds()[item.type].several:
        columns += [f"{name}/{choice.name}" for choice in item.choices]
    return columns


def _line(sheaf: _Sheaf, given: Mapping[str, Any], language: str) -> Iterator[Cell]:
    for way, item in sheaf.items:
        inside: Any = given
        for name in way:
            inside = inside.get(name, {})
        value = inside.get(item.name)
        if isinstance(item, Group):
            yield len(value) if value is not None else 0
        else:
            yield from _cells(item, value, language)


def _cells(question: Question, value: Value, language: str) -> list[Cell]:
    if not question.choices:
        return [_plain(value)]
    picked = value if isinstance(value, list | tuple) else [value]
    chosen = _chosen(question, picked)
    cells: list[Cell] = [None, None]
    if chosen:
        cells = [
            " ".join(choice.name for choice in chosen),
            "; ".join(worded(choice.label, language) for choice in chosen),
        ]
    if question.type == "rank":
        cells += [chosen.index(choice) + 1 if choice in chosen else None for choice in question.choices]
    elif kinds()[question.type].several:
        cells += [int(choice in chosen) if chosen else None for choice in question.choices]
    return cells


def _chosen(question: Question, picked: Sequence[object]) -> list[Choice]:
    """The choices picked: of a rank in their order, else in that of the list."""
    by_name = {choice.name: choice for choice in question.choices}
    if question.type == "rank":
        return [by_name[name] for name in picked if isinstance(name, str) and name in by_name]
    return [choice for choice in question.choices if choice.name in picked]


def _plain(value: Value) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, list | tuple) else value


def _about(person: Person, unit: Unit, line: Invitation, sheet: Sheet) -> Row:
    handed_in = sheet.handed_in.astimezone(UTC).isoformat(timespec="seconds") if sheet.handed_in else None
    status = Disposition.HANDED_IN if sheet.handed_in else line.disposition
    whose = person.number, person.name, unit.name, line.post_class.value
    return *whose, status.value, handed_in, sheet.entered_by or None


def worded(label: Label, language: str) -> str:
    """The author's words in this language, else in the one they are written in."""
    for tag in (language, label.default):
        if words := label.words.get(tag):
            return words
    return next(iter(label.words.values()), "")
