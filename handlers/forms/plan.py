"""A form made ready to be walked: rows in order, expressions compiled, who depends on whom.

Made once per form and kept with it: a step then only runs functions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import TopologicalSorter

from handlers.forms.compiling import Compiler
from handlers.forms.expressions import Name, Node, parse
from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.frames import Run
from handlers.forms.kind import Kind, Value, kinds
from handlers.forms.places import TOP, Places
from handlers.forms.turns import Turn, answer, calculation, condition, entries, reckoning
from handlers.talk import Label

INSERTED = re.compile(r"\$\{([^\s{}]+)\}")
"""`${name}` in a label: the answer, as text."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A question or note, compiled; where the sheet says nothing, there is no function. `tail`: its path behind that
    of the entry it stands in. `groups`: those it stands in, repeats too, the outermost first. `default`: what it holds
    from the start. `inserts`: the answers that its words name. `always`: it is asked whenever it is relevant."""

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
    always: bool

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
    triggers. `words`: by place of a group, it and the answers its label names. `speaks`: does any expression read a
    label? `timely`: does any look at the clock? `unsteady`: can questions become read-only?
    `unsettled`: how far down stands what can still change how many questions there are."""

    places: Places
    body: tuple[Stop, ...]
    rows: tuple[Row, ...]
    by_path: Mapping[str, Stop]
    turns: tuple[Turn, ...]
    kept: frozenset[int]
    named: frozenset[int]
    triggered: Mapping[int, tuple[Row, ...]]
    words: Mapping[int, tuple[Group, Mapping[str, Run]]]
    speaks: bool
    unsettled: int
    waiting: Mapping[int, frozenset[int]]
    timely: bool
    unsteady: bool
    _followers: dict[int, frozenset[int]] = field(default_factory=dict)
    _affected: dict[int, tuple[frozenset[int], tuple[Turn, ...]]] = field(default_factory=dict)

    def affected(self, place: int) -> tuple[frozenset[int], tuple[Turn, ...]]:
        """What is touched when the answer at this place changes, and what must be worked out again then."""
        found = self._affected.get(place)
        if found is None:
            touched = self.followers([place])
            turns = (turn for turn in self.turns if turn.about in touched or ~turn.place in touched)
            found = self._affected[place] = touched - {place}, tuple(turns)
        return found

    def followers(self, touched: Iterable[int]) -> frozenset[int]:
        """What is touched when these are, however indirectly. Here a place stands for a value, and `~place` for whether
        it is relevant."""
        return frozenset().union(*map(self._following, touched))

    def _following(self, one: int) -> frozenset[int]:
        known = self._followers.get(one)
        if known is None:
            found, left = {one}, [one]
            while left:
                new = self.waiting.get(left.pop(), frozenset()) - found
                found |= new
                left += new
            known = self._followers[one] = frozenset(found)
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
        self.waiting: dict[int, set[int]] = {}
        self.named: set[int] = set()
        self.influences: set[int] = set()
        self.relevant: dict[int, Run] = {}
        self.rows: dict[int, Row] = {}
        self.circuits: dict[int, Circuit] = {}
        self.words: dict[int, tuple[Group, Mapping[str, Run]]] = {}
        self.speaks = self.timely = False
        self.open_ended = TOP
        """The last row of a repeat that goes on as long as the person wants."""

    def plan(self) -> Plan:
        body = tuple(self.body(TOP))
        triggered: dict[int, list[Row]] = {}
        for row in self.rows.values():
            for name in row.question.trigger:
                triggered.setdefault(self.places.find(Name(name, 1)), []).append(row)
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
            timely=self.timely,
            unsteady=any(row.read_only for row in self.rows.values()),
            waiting={place: frozenset(after) for place, after in self.waiting.items()},
        )

    # Rows, in order -----------------------------------------------------------------------------------

    def body(self, within: int) -> Iterator[Stop]:
        """What stands in an entry or in the whole form, groups opened up."""
        own = self.places.own(within)
        for place, scope in enumerate(self.places.scopes):
            if scope == own and place > within and (within == TOP or place <= self.places.ends[within]):
                yield from self.stop(place)

    def stop(self, place: int) -> Iterator[Stop]:
        item, parent = self.places.items[place], self.places.parents[place]
        self.awaited[place] = {parent} - {TOP}
        if parent != TOP:
            self.touch(~parent, ~place)
            if self.places.repeats(parent):
                self.touch(parent, ~place)
        if relevant := self.run(place, "relevant", item.relevant):
            self.relevant[place] = relevant
        if isinstance(item, Question):
            self.rows[place] = self.row(place, item)
            yield self.rows[place]
            return
        if item.repeat:
            self.circuits[place] = self.circuit(place, item)
            yield self.circuits[place]
        self.words[place] = item, self.inserts(place, item)

    def row(self, place: int, question: Question) -> Row:
        kind = kinds()[question.type]
        return Row(
            place=place,
            path=question.path,
            tail=self.places.tail(place),
            question=question,
            kind=kind,
            groups=self.groups(place),
            required=self.run(place, "required", question.required),
            constraint=self.run(place, "constraint", question.constraint),
            read_only=self.run(place, "read_only", question.read_only),
            calculation=self.run(place, "calculation", question.calculation),
            choice_filter=self.run(place, "choice_filter", question.choice_filter),
            seed=self.run(place, "seed", question.seed),
            default=None if question.dynamic or not question.default else kind.stored(question.default),
            dynamic=self.run(place, "default", question.default) if question.dynamic else None,
            inserts=self.inserts(place, question),
            always=kind.asked and not question.read_only,
        )

    def circuit(self, place: int, group: Group) -> Circuit:
        count = self.run(place, "count", group.count)
        if count is None:
            self.open_ended = max(self.open_ended, self.places.ends[place])
        body = tuple(self.body(place))
        return Circuit(place, group.path, self.places.tail(place), group, self.groups(place), count, body)

    def groups(self, place: int) -> tuple[int, ...]:
        found: list[int] = []
        while (place := self.places.parents[place]) != TOP:
            found.insert(0, place)
        return tuple(found)

    def inserts(self, place: int, item: Item) -> Mapping[str, Run]:
        words = (words for label in labels(item) for words in label.words.values())
        found = dict.fromkeys(name for one in words if "${" in one for name in INSERTED.findall(one))
        return {name: self.compiled(place, "label", Name(name, 1)) for name in found}

    def run(self, place: int, field: str, expression: str) -> Run | None:
        return self.compiled(place, field, parse(expression)) if expression else None

    def compiled(self, place: int, field: str, node: Node) -> Run:
        compiler = Compiler(self.places, place)
        run = compiler.run(node, self.places.standing(place, field))
        self.named |= compiler.reads
        self.speaks = self.speaks or compiler.speaks
        self.timely = self.timely or compiler.timely
        self.depend(place, field, compiler.reads)
        return run

    def depend(self, place: int, field: str, reads: set[int]) -> None:
        """Notes what must be worked out before, and what is touched with what."""
        item = self.places.items[place]
        triggered = isinstance(item, Question) and item.trigger and field == "calculation"
        if field not in ("relevant", "calculation", "count") or triggered:
            reads_decide = field == "read_only"
        else:
            self.awaited[place] |= reads
            for one in reads:
                for cause in (one, ~one):
                    self.touch(cause, ~place if field == "relevant" else place)
            reads_decide = field != "calculation"
        if reads_decide and (isinstance(item, Group) or kinds()[item.type].asked):
            self.influences |= reads

    def touch(self, cause: int, effect: int) -> None:
        self.waiting.setdefault(cause, set()).add(effect)

    # What is worked out, and when ---------------------------------------------------------------------

    def is_kept(self, row: Row) -> bool:
        return bool(row.calculation and not row.calculated and not row.question.trigger)

    def ordered(self) -> Iterator[Turn]:
        """In the order of what depends on what."""
        conditional: dict[int, bool] = {TOP: False}
        never: dict[int, bool] = {TOP: False}  # `relevant` is just no, which is known before computed defaults are set
        for place, parent in enumerate(self.places.parents):
            above = not self.places.repeats(parent) and conditional[parent]
            conditional[place] = place in self.relevant or above
            never[place] = self.places.items[place].relevant == "false()" or never[parent]
        for place in TopologicalSorter(self.awaited).static_order():
            scope = (TOP, *self.places.scopes[place])[-1]
            if conditional[place]:
                work = condition(place, self.places.parents[place], self.relevant.get(place))
                yield Turn(scope, ~place, not never[place], work)
            if circuit := self.circuits.get(place):
                yield Turn(scope, place, False, entries(place, circuit.tail, circuit.count))
            if row := self.rows.get(place):
                yield from self.values(scope, row)

    def values(self, scope: int, row: Row) -> Iterator[Turn]:
        """What becomes the value of a row, if it is not only its answer that nobody names."""
        if row.calculation and row.calculated:
            work = calculation(row.place, row.tail, row.calculation, once="once(" in row.question.calculation)
            yield Turn(scope, row.place, True, work)
            return
        if row.calculation and self.is_kept(row):
            stages = self.places.stages(row.place)
            yield Turn(TOP, row.place, False, reckoning(row.place, row.tail, row.calculation, row.kind, stages))
        if row.place in self.named:
            yield Turn(scope, row.place, False, answer(row.place, row.tail, row.kind))

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
