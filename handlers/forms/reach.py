"""Which questions of a form are asked at least and at most, and which never.

Only what is certain is said. A condition is decided where it asks for single choices, or compares a number with
numbers that are written out; everything else may hold or not.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from handlers.forms.compiling import Compiler
from handlers.forms.expressions import (
    Call,
    Chain,
    Here,
    Literal,
    Match,
    Name,
    Negative,
    Node,
    Path,
    names,
    parse,
    parts,
)
from handlers.forms.form import Group, Item, Question
from handlers.forms.frames import Frame, Moment
from handlers.forms.kind import kinds
from handlers.forms.places import TOP, Places, Standing
from handlers.forms.values import Value, text, truth

_MOST_CASES = 1024
"""Combinations of answers that are looked at, for one condition and for the whole form."""
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_UNCERTAIN = frozenset(("today", "now", "random", "position", "once", "uuid", "jr:choice-name", "indexed-repeat"))
"""Functions whose value does not hang on answers alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question or group, and all conditions under which it is there: its own and those of its groups."""

    item: Item
    conditions: tuple[str, ...]
    repeated: bool = False
    """It stands in a repeat."""
    may_be_empty: bool = False
    """It stands in a repeat that may have no entry."""

    @property
    def asked(self) -> bool:
        """Is it put to people, where it is relevant?"""
        item = self.item
        return isinstance(item, Question) and kinds()[item.type].asked and item.read_only != "true()"


def rows_of(items: Iterable[Item]) -> Iterator[Row]:
    """Every question and group, in order."""
    for item in items:
        yield from _rows(item, Row(item, ()))


def _rows(item: Item, around: Row) -> Iterator[Row]:
    conditions = (*around.conditions, item.relevant) if item.relevant else around.conditions
    yield Row(item, conditions, around.repeated, around.may_be_empty)
    if isinstance(item, Group):
        repeated = around.repeated or item.repeat
        may_be_empty = around.may_be_empty or (item.repeat and not _sure_of_one(item.count))
        for inner in item.items:
            yield from _rows(inner, Row(item, conditions, repeated, may_be_empty))


def _sure_of_one(count: str) -> bool:
    return not count or (count.isascii() and count.isdecimal() and int(count) > 0)


class Cases:
    """The answers that decide conditions: for each question that matters, all that make a difference."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.nodes = {condition: parse(condition) for row in rows for condition in row.conditions}
        self.questions = {row.item.name: row for row in rows if isinstance(row.item, Question)}
        used = {name.name for node in self.nodes.values() for name in names(node)}
        self.domains = {name: values for name in used if (values := self._domain(name))}
        self.known: dict[tuple[str, tuple[tuple[str, Value], ...]], bool | None] = {}

    def _domain(self, name: str) -> tuple[Value, ...]:
        """What the answer may be, as far as conditions can tell; empty if that is not certain."""
        row = self.questions.get(name)
        question = row.item if row and not row.repeated else None
        if not isinstance(question, Question) or question.calculation or question.dynamic:
            return ()
        if question.type == "select_one":
            return ("", *(choice.name for choice in question.choices))
        if question.type not in ("integer", "decimal", "range"):
            return ()
        limits: set[float] = set()
        for node in self.nodes.values():
            found = _limits(node, name)
            if found is None:
                return ()
            limits |= found
        return ("", *(_whole(limits) if question.type == "integer" else _any(sorted(limits))))

    def never(self, row: Row) -> bool:
        """Can no answers whatever make it relevant?"""
        among = {name.name for condition in row.conditions for name in names(self.nodes[condition])}
        cases = self._all(sorted(among & self.domains.keys()))
        return bool(row.conditions) and all(self._holds(row, case) is False for case in cases)

    def lengths(self, asked: Sequence[Row]) -> tuple[int, int]:
        """How many of these are asked at least and at most."""
        often = sorted(self.domains, key=lambda name: -sum(name in condition for condition in self.nodes))
        least, most = len(asked), 0
        for case in self._all(often):
            if not self._possible(case):
                continue
            found = [self._holds(row, case) for row in asked]
            least = min(least, sum(held is True for held in found))
            most = max(most, sum(held is not False for held in found))
        return least, most

    def _all(self, among: Sequence[str]) -> Iterator[Mapping[str, Value]]:
        """The combinations of answers to the first of these questions, as many as can be looked at."""
        chosen: list[str] = []
        count = 1
        for name in among:
            count *= len(self.domains[name])
            if count > _MOST_CASES:
                break
            chosen.append(name)
        for values in product(*(self.domains[name] for name in chosen)):
            yield dict(zip(chosen, values, strict=True))

    def _possible(self, case: Mapping[str, Value]) -> bool:
        """Not where a hidden question has an answer, or one that must be answered has none."""
        for name, value in case.items():
            row = self.questions[name]
            held = self._holds(row, case)
            question = row.item
            if (held is False and value != "") or (
                held is True and value == "" and isinstance(question, Question) and question.required == "true()"
            ):
                return False
        return True

    def _holds(self, row: Row, case: Mapping[str, Value]) -> bool | None:
        """Is it asked in this case? None: that hangs on more."""
        found = [self._decided(condition, case) for condition in row.conditions]
        if False in found:
            return False
        return None if None in found or row.may_be_empty else True

    def _decided(self, condition: str, case: Mapping[str, Value]) -> bool | None:
        node = self.nodes[condition]
        own = tuple((name.name, case[name.name]) for name in names(node) if name.name in case)
        if (condition, own) not in self.known:
            self.known[condition, own] = self._decide(node, dict(own))
        return self.known[condition, own]

    def _decide(self, node: Node, case: Mapping[str, Value]) -> bool | None:
        match node:
            case Chain(first, ((("and" | "or") as sign, _), *_) as rest):
                found = [self._decide(part, case) for part in (first, *(part for _, part in rest))]
                settles = sign == "or"
                return settles if settles in found else None if None in found else not settles
            case Call("not", (inner,), _):
                held = self._decide(inner, case)
                return None if held is None else not held
        if any(name.name not in case for name in names(node)) or not _certain(node):
            return None
        return truth(_NOWHERE.run(_answered(node, case), _HERE)(Frame(Moment())))


def _certain(node: Node) -> bool:
    """Does it hang on the answers it names alone?"""
    return not any(
        isinstance(part, Path | Here) or (isinstance(part, Call) and part.function in _UNCERTAIN)
        for part in parts(node)
    )


def _answered(node: Node, case: Mapping[str, Value]) -> Node:
    """With the answers in place of the names."""
    match node:
        case Name(name):
            value = case[name]
            return Literal(value if isinstance(value, str | float) else text(value))
        case Negative(inner):
            return Negative(_answered(inner, case))
        case Match(inner, pattern):
            return Match(_answered(inner, case), pattern)
        case Chain(first, rest):
            return Chain(_answered(first, case), tuple((sign, _answered(part, case)) for sign, part in rest))
        case Call(function, arguments, position):
            return Call(function, tuple(_answered(part, case) for part in arguments), position)
    return node


_NOWHERE = Compiler(Places(()), TOP)
"""Compiles what names nothing."""
_HERE = Standing(TOP, ())


def _whole(limits: Iterable[float]) -> list[float]:
    """A whole number from every stretch between the limits that has one."""
    return sorted({float(math.floor(limit) + step) for limit in limits for step in (-1, 0, 1, 2)})


def _any(limits: list[float]) -> list[float]:
    """The limits, and a number from every stretch between them and beyond."""
    if not limits:
        return []
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    return sorted((limits[0] - 1, *limits, *between, limits[-1] + 1))


def _limits(node: Node, name: str) -> set[float] | None:
    """The numbers with which the answer to this question is compared; None if it is used in another way."""
    match node:
        case Chain(Name(left), ((sign, Literal(float() as limit)),)) if left == name and sign in _COMPARISONS:
            return {limit}
        case Chain(Literal(float() as limit), ((sign, Name(right)),)) if right == name and sign in _COMPARISONS:
            return {limit}
        case Chain(first, rest):
            inner = [first, *(part for _, part in rest)]
        case Call("not", arguments, _):
            inner = list(arguments)
        case _:
            return None if any(found.name == name for found in names(node)) else set()
    if isinstance(node, Chain) and node.rest[0][0] not in ("and", "or"):
        return None if any(found.name == name for found in names(node)) else set()
    limits = [_limits(part, name) for part in inner]
    return None if None in limits else set().union(*filter(None, limits))
