"""A form made ready to be walked: rows in order, expressions compiled, who depends on whom.

Made once per form and kept with it: a step then only runs functions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import TopologicalSorter

from handlers.forms import turns
from handlers.forms.compiling import Compiler
from handlers.forms.expressions import Name, parse
from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.frames import Run
from handlers.forms.kind import Kind, Value, kinds
from handlers.forms.places import TOP, Places
from handlers.talk import Label

INSERTED = re.compile(r"\$\{([^\s{}]+)\}")
"""`${name}` in a label: the answer, as text."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A question or note, compiled; where the sheet says nothing, there is no function. `tail`: its path behind that
    of the entry it stands in. `groups`: those it stands in, repeats too, the outermost first. `default`: what it holds
    from the start. `inserts`: the answers that its words name."""

    place: int
    path: str
    tail: str
    question: Question
    kind: Kind
    groups: tuple[int, ...]
    required: Run | None
    constraint: Run | None
    read_only: Run | None
    calculation: Run | None
    choice_filter: Run | None
    seed: Run | None
    default: Value
    dynamic: Run | None
    inserts: Mapping[str, Run]

    @property
    def calculated(self) -> bool:
        """Is its value worked out anew each time, and no answer?"""
        return bool(self.calculation and not self.kind.asked and not self.question.trigger)


@dataclass(frozen=True, slots=True, eq=False)
class Circuit:
    """A repeat, compiled. `body`: what stands in each entry, in order. `count`: how many entries there shall be; None:
    as many as the person wants."""

    place: int
    path: str
    tail: str
    group: Group
    groups: tuple[int, ...]
    count: Run | None
    body: tuple["Row | Circuit", ...]


Stop = Row | Circuit


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """`turns`: what is worked out at each look, each with the repeat in whose entries (TOP: in the whole form).
    `kept`: questions with a calculation in place of an answer. `triggered`: by place, the rows whose calculation it
    triggers. `words`: by place of a group, it and the answers its label names. `speaks`: does any expression read a label?
    `unsettled`: how far down stands what can still change how many questions there are."""

    places: Places
    body: tuple[Stop, ...]
    rows: tuple[Row, ...]
    by_path: Mapping[str, Stop]
    turns: tuple[tuple[int, turns.Work], ...]
    kept: frozenset[int]
    named: frozenset[int]
    triggered: Mapping[int, tuple[Row, ...]]
    words: Mapping[int, tuple[Group, Mapping[str, Run]]]
    speaks: bool
    unsettled: int
    waiting: Mapping[int, frozenset[int]]
    _followers: dict[int, frozenset[int]] = field(default_factory=dict)

    def followers(self, places: Iterable[int]) -> frozenset[int]:
        """These places, and all whose relevance or calculation depends on them, however indirectly."""
        return frozenset().union(*map(self._following, places))

    def _following(self, place: int) -> frozenset[int]:
        known = self._followers.get(place)
        if known is None:
            found, left = {place}, [place]
            while left:
                new = self.waiting.get(left.pop(), frozenset()) - found
                found |= new
                left += new
            known = self._followers[place] = frozenset(found)
        return known


@lru_cache(maxsize=64)
def plan(form: Form) -> Plan:
    """The plan of this form, made once. The form must have passed `xlsform.read`, which finds every fault."""
    return _Planner(form).plan()


def labels(item: Item) -> list[Label]:
    """All the words of an item in which answers can be named."""
    if isinstance(item, Group):
        return [item.label]
    own = [item.label, item.hint, item.guidance, item.required_message, item.constraint_message]
    return own + [choice.label for choice in item.choices]


class _Planner:
    def __init__(self, form: Form) -> None:
        self.places = Places(form.items)
        self.awaited: dict[int, set[int]] = {}
        self.named: set[int] = set()
        self.influences: set[int] = set()
        self.relevant: dict[int, Run] = {}
        self.rows: dict[int, Row] = {}
        self.circuits: dict[int, Circuit] = {}
        self.words: dict[int, tuple[Group, Mapping[str, Run]]] = {}
        self.speaks = False
        self.open_ended = TOP
        """The last row of a repeat that goes on as long as the person wants."""

    def plan(self) -> Plan:
        body = tuple(self.body(TOP))
        triggered: dict[int, list[Row]] = {}
        for row in self.rows.values():
            for name in row.question.trigger:
                triggered.setdefault(self.places.find(Name(name, 1)), []).append(row)
        waiting: dict[int, set[int]] = {}
        for place, awaited in self.awaited.items():
            for one in awaited:
                waiting.setdefault(one, set()).add(place)
        stops: list[Stop] = [*self.rows.values(), *self.circuits.values()]
        return Plan(
            places=self.places,
            body=body,
            rows=tuple(self.rows[place] for place in sorted(self.rows)),
            by_path={stop.path: stop for stop in stops},
            turns=tuple(self.ordered()),
            kept=frozenset(place for place, row in self.rows.items() if self.is_kept(row)),
            named=frozenset(self.named),
            triggered={place: tuple(rows) for place, rows in triggered.items()},
            words=self.words,
            speaks=self.speaks,
            unsettled=self.unsettled(),
            waiting={place: frozenset(after) for place, after in waiting.items()},
        )

    # Rows, in order -----------------------------------------------------------------------------------

    def body(self, within: int) -> Iterator[Stop]:
        """What stands in an entry or in the whole form, groups opened up."""
        own = self.places.own(within)
        for place, scope in enumerate(self.places.scopes):
            if scope == own and place > within and (within == TOP or place <= self.places.ends[within]):
                yield from self.stop(place)

    def stop(self, place: int) -> Iterator[Stop]:
        item, compiler = self.places.items[place], Compiler(self.places, place)
        parent = self.places.parents[place]
        if relevant := self.run(compiler, "relevant", item.relevant):
            self.relevant[place] = relevant
        self.influence(item, compiler)
        self.awaited[place] = {parent} - {TOP} | compiler.reads
        if isinstance(item, Question):
            self.rows[place] = self.row(place, item, compiler)
            yield self.rows[place]
        else:
            if item.repeat:
                self.circuits[place] = self.circuit(place, item, compiler)
                yield self.circuits[place]
            self.words[place] = item, self.inserts(item, compiler)
        self.named |= compiler.reads
        self.speaks = self.speaks or compiler.speaks

    def row(self, place: int, question: Question, compiler: Compiler) -> Row:
        calculation = self.run(compiler, "calculation", question.calculation)
        if not question.trigger:
            self.awaited[place] |= compiler.reads
        read_only = self.run(compiler, "read_only", question.read_only)
        if question.read_only:
            self.influence(question, compiler)
        kind = kinds()[question.type]
        return Row(
            place=place,
            path=question.path,
            tail=self.places.tail(place),
            question=question,
            kind=kind,
            groups=self.groups(place),
            required=self.run(compiler, "required", question.required),
            constraint=self.run(compiler, "constraint", question.constraint),
            read_only=read_only,
            calculation=calculation,
            choice_filter=self.run(compiler, "choice_filter", question.choice_filter),
            seed=self.run(compiler, "seed", question.seed),
            default=None if question.dynamic or not question.default else kind.stored(question.default),
            dynamic=self.run(compiler, "default", question.default) if question.dynamic else None,
            inserts=self.inserts(question, compiler),
        )

    def circuit(self, place: int, group: Group, compiler: Compiler) -> Circuit:
        count = self.run(compiler, "count", group.count)
        self.awaited[place] |= compiler.reads
        if group.count:
            self.influence(group, compiler)
        else:
            self.open_ended = max(self.open_ended, self.places.ends[place])
        body = tuple(self.body(place))
        return Circuit(place, group.path, self.places.tail(place), group, self.groups(place), count, body)

    def groups(self, place: int) -> tuple[int, ...]:
        found: list[int] = []
        while (place := self.places.parents[place]) != TOP:
            found.insert(0, place)
        return tuple(found)

    def run(self, compiler: Compiler, field: str, expression: str) -> Run | None:
        if not expression:
            return None
        return compiler.run(parse(expression), self.places.standing(compiler.place, field))

    def inserts(self, item: Item, compiler: Compiler) -> Mapping[str, Run]:
        words = (words for label in labels(item) for words in label.words.values())
        found = dict.fromkeys(name for one in words if "${" in one for name in INSERTED.findall(one))
        return {name: compiler.run(Name(name, 1), self.places.standing(compiler.place)) for name in found}

    # What is worked out, and when ---------------------------------------------------------------------

    def is_kept(self, row: Row) -> bool:
        return bool(row.calculation and not row.calculated and not row.question.trigger)

    def ordered(self) -> Iterator[tuple[int, turns.Work]]:
        """In the order of what depends on what."""
        conditional: dict[int, bool] = {TOP: False}
        for place, parent in enumerate(self.places.parents):
            above = not self.places.repeats(parent) and conditional[parent]
            conditional[place] = place in self.relevant or above
        for place in TopologicalSorter(self.awaited).static_order():
            scope = (TOP, *self.places.scopes[place])[-1]
            if conditional[place]:
                yield scope, turns.condition(place, self.places.parents[place], self.relevant.get(place))
            if place in self.circuits:
                circuit = self.circuits[place]
                yield scope, turns.entries(place, circuit.tail, circuit.count)
            if place in self.rows:
                yield from ((scope, work) for work in self.value(self.rows[place]))

    def value(self, row: Row) -> Iterator[turns.Work]:
        if row.calculation and row.calculated:
            once = "once(" in row.question.calculation
            yield turns.calculation(row.place, row.tail, row.calculation, row.kind if once else None)
            return
        if row.calculation and self.is_kept(row):
            yield turns.reckoning(row.place, row.tail, row.calculation, row.kind)
        if row.place in self.named:
            yield turns.answer(row.place, row.tail, row.kind)

    def unsettled(self) -> int:
        """The last place whose answer can change how many questions there are; in a repeat, its end: there are
        more entries to come."""
        found, left = set(self.influences), list(self.influences)
        while left:
            new = self.awaited.get(left.pop(), set()) - found
            found |= new
            left += new
        asked = [place for place in found if place in self.rows and self.rows[place].kind.asked]
        scopes = [(place, self.places.scopes[place]) for place in asked]
        return max(self.open_ended, TOP, *(self.places.ends[scope[0]] if scope else place for place, scope in scopes))

    def influence(self, item: Item, compiler: Compiler) -> None:
        """What has been read decides whether there is something to ask."""
        if isinstance(item, Group) or kinds()[item.type].asked:
            self.influences |= compiler.reads
