"""A form made ready to be walked: rows in order, expressions compiled, who depends on whom.

Made once per form and kept with it: a step then only runs functions.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

from handlers.forms.compiling import Moment, Run, compiled
from handlers.forms.expressions import names, parse
from handlers.forms.form import Choice, Form, Group, Item, Question
from handlers.forms.kind import Kind, kinds
from handlers.forms.values import text, truth
from handlers.talk import Label

INSERTED = re.compile(r"\$\{([^\s{}]+)\}")
"""`${name}` in a label: the answer, as text."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A question or note, compiled. `place` is where `View.relevant` and `Moment.values` have it."""

    place: int
    path: str
    question: Question
    kind: Kind
    required: Run
    constraint: Run
    inserts: bool
    """Do its words name answers?"""
    named: bool
    """Does any expression or do any words name its answer?"""


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """What is worked out about one row, when all that it depends on has been."""

    place: int
    parent: int
    relevant: Run | None
    path: str
    kind: Kind | None
    """Of a question that expressions or words name: its answer is looked up. Else None."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The rows in the order of the sheet, and the order in which relevance is worked out."""

    rows: tuple[Row, ...]
    places: tuple[int, ...]
    """Of the rows, for finding one by its place."""
    asked: tuple[Row, ...]
    by_path: Mapping[str, Row]
    by_name: Mapping[str, int]
    turns: tuple[_Turn, ...]
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How the form stands with these answers: which places are relevant, and what expressions see."""

    plan: Plan
    relevant: list[bool]
    """By place."""
    moment: Moment

    def following(self, place: int) -> Iterator[Row]:
        """The relevant questions and notes behind this place."""
        relevant = self.relevant
        return (row for row in self.plan.rows[bisect_right(self.plan.places, place) :] if relevant[row.place])

    def asked(self) -> list[Row]:
        """The relevant questions."""
        relevant = self.relevant
        return [row for row in self.plan.asked if relevant[row.place]]

    def required(self, row: Row) -> bool:
        """Must it be answered, as things stand?"""
        return truth(row.required(self.moment))

    def fits(self, row: Row, value: Any) -> bool:
        """Does a (not empty) answer keep the author's constraint?"""
        moment = Moment(self.moment.values, self.moment.today, row.kind.seen(value))
        return truth(row.constraint(moment))

    def filled(self, row: Row) -> Question:
        """The question, the answers its words name filled in."""
        if not row.inserts:
            return row.question
        question = row.question
        return replace(
            question,
            label=self._label(question.label),
            hint=self._label(question.hint),
            constraint_message=self._label(question.constraint_message),
            required_message=self._label(question.required_message),
            choices=tuple(Choice(choice.name, self._label(choice.label)) for choice in question.choices),
        )

    def _label(self, label: Label) -> Label:
        return Label({tag: INSERTED.sub(self._answer, words) for tag, words in label.words.items()}, label.default)

    def _answer(self, named: re.Match[str]) -> str:
        return text(self.moment.values.get(self.plan.by_name[named[1]], ""))


def look(plan: Plan, answers: Mapping[str, Any], today: date | None) -> View:
    """Works out what is relevant. A hidden question's answer counts as empty in every expression."""
    relevant = [True] * plan.size
    moment = Moment({}, today)
    values = moment.values
    for turn in plan.turns:
        here = relevant[turn.parent] and (turn.relevant is None or truth(turn.relevant(moment)))
        relevant[turn.place] = here
        if turn.kind and here and (value := answers.get(turn.path)) is not None:
            values[turn.place] = turn.kind.seen(value)
    return View(plan, relevant, moment)


# Making --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def plan(form: Form) -> Plan:
    """The plan of this form, made once. The form must have passed `xlsform.read`, which finds every fault."""
    items: list[tuple[Item, int]] = []
    _list(form.items, -1, items)
    questions = [(place, item) for place, (item, _) in enumerate(items) if isinstance(item, Question)]
    by_name = {question.name: place for place, question in questions}
    named = _named(items)
    rows = tuple(_row(place, question, by_name, question.name in named) for place, question in questions)
    return Plan(
        rows,
        tuple(row.place for row in rows),
        tuple(row for row in rows if row.kind.asked),
        {row.path: row for row in rows},
        by_name,
        tuple(_turns(items, by_name, {by_name[name] for name in named})),
        len(items) + 1,
    )


def _list(items: tuple[Item, ...], parent: int, found: list[tuple[Item, int]]) -> None:
    """Every item with the place of its group; the root's place is -1, past the end, and always relevant."""
    for item in items:
        found.append((item, parent))
        if isinstance(item, Group):
            _list(item.items, len(found) - 1, found)


def _row(place: int, question: Question, by_name: Mapping[str, int], named: bool) -> Row:
    constraint = parse(question.constraint or "true()")
    others = {name.name: by_name[name.name] for name in names(constraint) if name.name != question.name}
    return Row(
        place,
        question.path,
        question,
        kinds()[question.type],
        compiled(parse(question.required or "false()"), by_name),
        compiled(constraint, others),
        any(INSERTED.search(words) for label in labels(question) for words in label.words.values()),
        named,
    )


def labels(item: Item) -> list[Label]:
    """All the words of an item."""
    if isinstance(item, Group):
        return [item.label]
    own = [item.label, item.hint, item.required_message, item.constraint_message]
    return own + [choice.label for choice in item.choices]


def _turns(items: list[tuple[Item, int]], by_name: Mapping[str, int], named: set[int]) -> Iterator[_Turn]:
    nodes = {place: parse(item.relevant) for place, (item, _) in enumerate(items) if item.relevant}
    awaited = {place: {parent} for place, (_, parent) in enumerate(items)}
    for place, node in nodes.items():
        awaited[place].update(by_name[name.name] for name in names(node))
    conditional = {-1: False}
    for place, (_, parent) in enumerate(items):
        conditional[place] = place in nodes or conditional[parent]
    for place in TopologicalSorter(awaited).static_order():
        if place >= 0 and (conditional[place] or place in named):
            item, parent = items[place]
            run = compiled(nodes[place], by_name) if place in nodes else None
            kind = kinds()[item.type] if isinstance(item, Question) and place in named else None
            yield _Turn(place, parent, run, item.path, kind)


def _named(items: list[tuple[Item, int]]) -> set[str]:
    """The questions that some expression or some words name."""
    found: set[str] = set()
    for item, _ in items:
        sources = [item.relevant] if isinstance(item, Group) else [item.relevant, item.required, item.constraint]
        found.update(name.name for source in sources if source for name in names(parse(source)))
        found.update(
            name for label in labels(item) for words in label.words.values() for name in INSERTED.findall(words)
        )
    return found
