"""Answers -> one table: a line for each person, columns in the order of the questionnaire.

A question is headed by its `name`, or by its path where another column has that name. A select has
its codes under `name` and the words under `name (label)`; a select_multiple also 0 or 1 under
`name/choice`. Numbers stay numbers; what was not answered is None.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from handlers.forms.form import Form, Question
from handlers.forms.kind import kinds
from handlers.forms.walk import Value, answers
from handlers.surveys.rules.sheets import counted
from handlers.talk import Label
from storage.records import Disposition, Invitation, Person, Sheet, Unit

Cell = str | int | float | None

ABOUT = ("staff_number", "person", "unit", "post_class", "status", "handed_in")
"""The columns before the answers."""


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of plain values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tabulate(
    form: Form,
    language: str,
    sheets: Iterable[Sheet],
    roll: Iterable[Invitation],
    people: Iterable[Person],
    units: Iterable[Unit],
) -> Table:
    """Everybody who has answered anything, by unit code and staff number; labels in `language` where there are any."""
    questions = [question for question in form.questions() if kinds()[question.type].asked]
    lines = {line.person_id: line for line in roll}
    unit_of = {unit.id: unit for unit in units}
    person_of = {person.id: person for person in people}
    found: list[tuple[tuple[str, str], tuple[Cell, ...]]] = []
    for sheet in sheets:
        given = answers(form, counted(sheet))
        if given or sheet.handed_in:
            line, person = lines[sheet.person_id], person_of[sheet.person_id]
            unit = unit_of[line.unit_id]
            cells = [cell for question in questions for cell in _cells(question, given.get(question.path), language)]
            found.append(((unit.code, person.number), (*_about(person, unit, line, sheet), *cells)))
    names = _names(questions)
    columns = [column for question in questions for column in _columns(question, names[question.path])]
    return Table((*ABOUT, *columns), tuple(row for _, row in sorted(found, key=lambda pair: pair[0])))


def _names(questions: Sequence[Question]) -> Mapping[str, str]:
    """The heading of each question by path: its name, where nothing else has it."""
    counts = Counter([*ABOUT, *(question.name for question in questions)])
    return {question.path: question.name if counts[question.name] == 1 else question.path for question in questions}


def _columns(question: Question, name: str) -> list[str]:
    if not question.choices:
        return [name]
    columns = [name, f"{name} (label)"]
    if kinds()[question.type].several:
        columns += [f"{name}/{choice.name}" for choice in question.choices]
    return columns


def _cells(question: Question, value: Value, language: str) -> list[Cell]:
    if not question.choices:
        return [" ".join(value) if isinstance(value, list | tuple) else value]
    picked = value if isinstance(value, list | tuple) else [value]
    chosen = [choice for choice in question.choices if choice.name in picked]
    cells: list[Cell] = [None, None]
    if chosen:
        cells = [
            " ".join(choice.name for choice in chosen),
            "; ".join(_worded(choice.label, language) for choice in chosen),
        ]
    if kinds()[question.type].several:
        cells += [int(choice in chosen) if chosen else None for choice in question.choices]
    return cells


def _about(person: Person, unit: Unit, line: Invitation, sheet: Sheet) -> tuple[Cell, ...]:
    handed_in = sheet.handed_in.astimezone(UTC).isoformat(timespec="seconds") if sheet.handed_in else None
    status = Disposition.HANDED_IN if sheet.handed_in else Disposition.STARTED
    return person.number, person.name, unit.name, line.post_class.value, status.value, handed_in


def _worded(label: Label, language: str) -> str:
    for tag in (language, label.default):
        if words := label.words.get(tag):
            return words
    return next(iter(label.words.values()), "")
