"""Expressions become functions, once per form: names are looked up here, so running meets no unknown one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.forms.expressions import Chain, Here, Literal, Match, Name, Negative, Node
from handlers.forms.patterns import Pattern
from handlers.forms.values import FUNCTIONS, Value, divided, equal, number, remainder, text, truth

LONGEST_MATCHED = 10_000
"""Characters of a text that `regex` looks at; a longer one does not match."""


@dataclass(slots=True)
class Moment:
    """What an expression sees: the answers that count now, by place; the day; the answer being checked."""

    values: dict[int, Value] = field(default_factory=dict)
    today: date | None = None
    here: Value = ""


Run = Callable[[Moment], Value]


def compiled(node: Node, places: Mapping[str, int]) -> Run:
    """The expression as a function. `places`: where in `Moment.values` each name is found; a name that has
    no place there is the question's own in a constraint: the answer being checked."""
    match node:
        case Literal(value):
            return lambda moment: value
        case Here():
            return lambda moment: moment.here
        case Name(name):
            return _name(places.get(name))
        case Negative(inner):
            return _negative(compiled(inner, places))
        case Chain(first, rest):
            return _chain(compiled(first, places), [(sign, compiled(operand, places)) for sign, operand in rest])
        case Match(inner, machine):
            return _matching(compiled(inner, places), machine)
    return _call(node.function, [compiled(argument, places) for argument in node.arguments])


def _name(place: int | None) -> Run:
    if place is None:
        return lambda moment: moment.here
    return lambda moment: moment.values.get(place, "")


def _negative(run: Run) -> Run:
    return lambda moment: -number(run(moment))


_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": lambda left, right: number(left) < number(right),
    "<=": lambda left, right: number(left) <= number(right),
    ">": lambda left, right: number(left) > number(right),
    ">=": lambda left, right: number(left) >= number(right),
    "+": lambda left, right: number(left) + number(right),
    "-": lambda left, right: number(left) - number(right),
    "*": lambda left, right: number(left) * number(right),
    "div": lambda left, right: divided(number(left), number(right)),
    "mod": lambda left, right: remainder(number(left), number(right)),
}


def _chain(first: Run, rest: list[tuple[str, Run]]) -> Run:
    match rest:
        case [("and" | "or" as sign, _), *_]:
            return _logical(sign == "or", [first, *(run for _, run in rest)])
        case [(sign, second)]:
            operator = _OPERATORS[sign]
            return lambda moment: operator(first(moment), second(moment))
    return _folded(first, [(_OPERATORS[sign], run) for sign, run in rest])


def _logical(either: bool, runs: list[Run]) -> Run:
    """`and`, `or`: no further than to the first that settles it."""

    def run(moment: Moment) -> bool:
        for operand in runs:  # a loop: twice as fast as any() and all() for two of them
            if truth(operand(moment)) is either:
                return either
        return not either

    return run


def _folded(first: Run, rest: list[tuple[Callable[[Value, Value], Value], Run]]) -> Run:
    def run(moment: Moment) -> Value:
        value = first(moment)
        for operator, operand in rest:
            value = operator(value, operand(moment))
        return value

    return run


def _matching(run: Run, machine: Pattern) -> Run:
    def matches(moment: Moment) -> bool:
        value = text(run(moment))
        return len(value) <= LONGEST_MATCHED and machine.fits(value)

    return matches


def _call(function: str, runs: list[Run]) -> Run:
    if function == "today":
        return lambda moment: moment.today or ""
    if function == "if":
        condition, then, otherwise = runs
        return lambda moment: then(moment) if truth(condition(moment)) else otherwise(moment)
    call = FUNCTIONS[function].call
    match runs:
        case [one]:
            return lambda moment: call(one(moment))
        case [one, two]:
            return lambda moment: call(one(moment), two(moment))
    return lambda moment: call(*[run(moment) for run in runs])
