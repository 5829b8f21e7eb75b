"""Released tables as plain values, for REST and for spreadsheets. Both say what is stored, number by number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.forms.form import Form
from handlers.surveys.rules import groups
from handlers.surveys.rules.published import Published, title_of
from handlers.surveys.rules.table import Cell, Entries, Row, Table, worded
from handlers.talk import Label

COLUMNS = ("about", "question", "group", "of", "measure", "choice", "label", "value")
REMARKS = ("about", "question", "comment")


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One released table. `about`: the path of a question, or what the table is of (`round`, `dimension:/data/a`);
    `question`, `choices`: their words. `group`: of whom (`""`: everybody; `0=2`: the third band of the first
    breakdown), `of`: the units or values in that band. `figures` is null where it is not shown, whatever the reason."""

    about: str
    question: str
    group: str
    of: Sequence[str]
    choices: Mapping[str, str]
    figures: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Remarks:
    """What was written about one question, in an order that is chance."""

    about: str
    question: str
    comments: Sequence[str]


@dataclass(frozen=True, slots=True)
class Results:
    """What was released of a round. `withheld`: too few answered, nothing is ever released."""

    round: int
    title: str
    threshold: int
    withheld: bool
    tables: Sequence[ResultTable]
    comments: Sequence[Remarks]


def results(of: Published, language: str) -> Results:
    """Everything that was released; the questionnaire's words in `language` where it has it."""
    words: dict[str, list[str]] = {}
    for one in of.remarks:
        words.setdefault(one.about, []).append(one.words)
    return Results(
        of.round.id,
        of.round.name,
        of.round.secrecy.threshold,
        of.withheld,
        [
            ResultTable(
                *(one.about, _title(of.form, one.about, language), one.group, _of(of, one.group)),
                *(_choices(of.form, one.about, language), one.figures),
            )
            for one in of.tables
        ],
        [Remarks(about, _title(of.form, about, language), said) for about, said in words.items()],
    )


def table(of: Published, language: str) -> Table:
    """The same with one line for each figure; a table that is not shown is one line, `hidden`."""
    rows: list[Row] = []
    for one in of.tables:
        about = one.about, _title(of.form, one.about, language), one.group, "; ".join(_of(of, one.group))
        labels = _choices(of.form, one.about, language)
        if one.figures is None:
            rows.append((*about, "hidden", None, None, None))
        else:
            rows += [
                (*about, measure, inner or None, labels.get(inner), value)
                for measure, inner, value in _leaves(one.figures)
            ]
    said = [(one.about, _title(of.form, one.about, language), one.words) for one in of.remarks]
    return Table(COLUMNS, tuple(rows), (Entries("comments", REMARKS, tuple(said)),))


def _leaves(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, Cell]]:
    """Every single figure: its name, what it is of inside that, and itself."""
    for name, value in figures.items():
        yield from ((name, inner, leaf) for inner, leaf in _inside(value, ""))


def _inside(value: Any, path: str) -> Iterator[tuple[str, Cell]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _inside(inner, f"{path}/{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, 1):
            yield from _inside(inner, f"{path}/{number}" if path else str(number))
    else:
        yield path, str(value).lower() if isinstance(value, bool) else value


def _title(form: Form, about: str, language: str) -> str:
    """The words of the question or group a table is of; empty where it is of the round as a whole."""
    path = about.partition(":")[2] or about
    if not path.startswith("/"):
        return ""
    title = title_of(form, path)
    return worded(title, language) if isinstance(title, Label) else str(title)


def _choices(form: Form, about: str, language: str) -> Mapping[str, str]:
    question = next((one for one in form.questions() if one.path == about), None)
    return {one.name: worded(one.label, language) for one in question.choices} if question else {}


def _of(of: Published, group: str) -> list[str]:
    """Names of units, or values as they stand on the roll."""
    breakdowns = of.round.secrecy.breakdowns
    return [
        of.units.get(value, value)
        for breakdown, band in groups.places(group)
        for value in breakdowns[breakdown].bands[band].values
    ]
