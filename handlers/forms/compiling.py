"""Expressions become functions, once per form: names are looked up here, so running meets no unknown one."""

import uuid
from collections.abc import Callable, Sequence

from handlers.forms.expressions import Call, Chain, Here, Literal, Malformed, Match, Name, Negative, Node, Path, parse
from handlers.forms.form import Choice
from handlers.forms.frames import Frame, Run
from handlers.forms.functions import FUNCTIONS, Function
from handlers.forms.kind import kinds
from handlers.forms.patterns import Pattern
from handlers.forms.places import Places, Stage, Standing, Way
from handlers.forms.values import Value, divided, equal, number, remainder, text, truth
from handlers.talk import t

LONGEST_MATCHED = 10_000
"""Characters of a text that `regex` looks at; a longer one does not match."""

Frames = Callable[[Frame], list[Frame]]


class Compiler:
    """Makes functions of the expressions of one item. `reads` gathers the places they depend on; `speaks`: does
    any of them read a label, which each language has another of? `timely`: does any look at the clock?"""

    def __init__(self, places: Places, place: int) -> None:
        self.places = places
        self.place = place
        self.reads: set[int] = set()
        self.speaks = self.timely = False

    def run(self, node: Node, at: Standing) -> Run:
        """The expression as a function of one value. Raises Malformed where a name or path leads nowhere."""
        match node:
            case Literal(value):
                return lambda frame: value
            case Here(position):
                return self._here(position, at)
            case Name() | Path():
                return self._one(node, at)
            case Negative(inner):
                run = self.run(inner, at)
                return lambda frame: -number(run(frame))
            case Chain(first, rest):
                return _chain(self.run(first, at), [(sign, self.run(operand, at)) for sign, operand in rest], rest)
            case Match(inner, machine):
                return _matching(self.run(inner, at), machine)
            case Call(function, arguments, position):
                return self._call(function, arguments, position, at)

    # Names and paths ----------------------------------------------------------------------------------

    def _here(self, position: int, at: Standing) -> Run:
        if at.origin is None:
            raise Malformed(position, t("“.” is the answer being checked, which only a constraint knows"))
        return lambda frame: frame.here

    def _one(self, node: Name | Path, at: Standing) -> Run:
        """One answer."""
        if at.columns is not None and isinstance(node, Path) and node.origin == ".":
            return _column(node, at.columns)
        way = self._way(node, at)
        if self.places.question(way.place) is None:
            raise Malformed(node.position, t("“{name}” is a group, not a question", name=_named(node)))
        if way.many:
            many = t(
                "“{name}” has an answer in each entry of its repeat, and here one is wanted: "
                "say which, or use sum(), count(), join() and the like",
                name=_named(node),
            )
            raise Malformed(node.position, many)
        if not way.down and not way.predicates and not way.outside:
            return self._own(way, at)
        found = self._values(way, at)
        return lambda frame: next(iter(found(frame)), "")

    def _own(self, way: Way, at: Standing) -> Run:
        """The answer of this entry, or of one it is in; in its constraint, the one being checked."""
        place = way.place
        if place == self.place and at.origin is not None and at.place == place and not way.up:
            return lambda frame: frame.here
        match way.up:
            case 0:
                return lambda frame: frame.values.get(place, "")
            case 1:
                return lambda frame: frame.parent.values.get(place, "")  # type: ignore[union-attr]
        up = way.up
        return lambda frame: frame.above(up).values.get(place, "")

    def _way(self, node: Name | Path, at: Standing, chosen: Sequence[Stage] = ()) -> Way:
        way = self.places.way(node, at, chosen)
        self.reads.add(way.place)
        self.reads.update(stage.repeat for stage in way.down)
        return way

    def _values(self, way: Way, at: Standing) -> Callable[[Frame], list[Value]]:
        """All relevant answers that a way leads to; an empty text for each entry, where it leads to a repeat."""
        place, frames = way.place, self._frames(way, at)
        if self.places.question(place) is None:
            return lambda frame: ["" for _ in frames(frame)]
        runs = [self.run(predicate, self.places.looking(place, at)) for predicate in way.predicates]

        def values(frame: Frame) -> list[Value]:
            outside = frame.outside or frame
            found = [there for there in frames(frame) if place not in there.hidden]
            for run in runs:
                looks = [
                    there.looking(there.values.get(place, ""), float(at), outside) for at, there in enumerate(found, 1)
                ]
                found = [there for there, look in zip(found, looks, strict=True) if _keeps(run, look)]
            return [there.values.get(place, "") for there in found]

        return values

    def _frames(self, way: Way, at: Standing) -> Frames:
        """The entries at the end of a way."""
        stages = [(repeat, self._predicates(repeat, predicates, at)) for repeat, predicates in way.down]
        up, outside = way.up, way.outside

        def frames(frame: Frame) -> list[Frame]:
            found = [((frame.outside or frame) if outside else frame).above(up)]
            for repeat, choose in stages:
                found = [inner for one in found for inner in choose(one.entries.get(repeat, []), frame)]
            return found

        return frames

    def _predicates(
        self, repeat: int, predicates: Sequence[Node], at: Standing
    ) -> Callable[[list[Frame], Frame], list[Frame]]:
        looking = self.places.looking(repeat, at)
        runs = [self.run(predicate, looking) for predicate in predicates]

        def choose(entries: list[Frame], frame: Frame) -> list[Frame]:
            outside = frame.outside or frame
            for run in runs:
                entries = [e for at, e in enumerate(entries, 1) if _keeps(run, e.looking("", float(at), outside))]
            return entries

        return choose

    # Functions ----------------------------------------------------------------------------------------

    def _call(self, function: str, arguments: tuple[Node, ...], position: int, at: Standing) -> Run:
        match function:
            case "today":
                self.timely = True
                return lambda frame: now.date() if (now := frame.moment.now) else ""
            case "now":
                self.timely = True
                return lambda frame: now.replace(tzinfo=None) if (now := frame.moment.now) else ""
            case "if":
                condition, then, otherwise = (self.run(argument, at) for argument in arguments)
                return lambda frame: then(frame) if truth(condition(frame)) else otherwise(frame)
            case "once":
                return self._once(self.run(arguments[0], at))
            case "random":
                return self._random(position)
            case "uuid":
                return self._uuid(position, self.run(arguments[0], at) if arguments else None)
            case "position":
                return self._position(arguments, position, at)
            case "indexed-repeat":
                return self._indexed(arguments, position, at)
            case "jr:choice-name":
                return self._choice_name(arguments, position, at)
        return self._plain(FUNCTIONS[function], function, arguments, position, at)

    def _plain(self, known: Function, function: str, arguments: tuple[Node, ...], position: int, at: Standing) -> Run:
        call = known.call
        lists = [
            self._many(argument, at, hidden=not known.paths and function != "join")
            if known.many is not None and number >= known.many and isinstance(argument, Name | Path)
            else None
            for number, argument in enumerate(arguments)
        ]
        if known.paths and None in lists:
            raise Malformed(position, t("the function {function}() wants a name or a path", function=function))
        if any(lists):
            return _flat(call, [values or _alone(self.run(arguments[n], at)) for n, values in enumerate(lists)])
        match [self.run(argument, at) for argument in arguments]:
            case [one]:
                return lambda frame: call(one(frame))
            case [one, two]:
                return lambda frame: call(one(frame), two(frame))
            case runs:
                return lambda frame: call(*[run(frame) for run in runs])

    def _many(self, node: Name | Path, at: Standing, hidden: bool) -> Callable[[Frame], list[Value]] | None:
        """The values of a path where several may stand. None where one can be taken as it is, `hidden` meaning that
        an answer that is not relevant may count as an empty one."""
        if at.columns is not None and isinstance(node, Path) and node.origin == ".":
            return _alone(_column(node, at.columns))
        way = self._way(node, at)
        return None if hidden and not way.down and not way.predicates else self._values(way, at)

    def _once(self, run: Run) -> Run:
        """The first value that was not empty, for good: it is among the answers."""
        tail = self.places.tail(self.place)
        question = self.places.question(self.place)
        seen = kinds()[question.type].seen if question else text

        def once(frame: Frame) -> Value:
            kept = frame.moment.answers.get(frame.path + tail)
            return run(frame) if kept is None else seen(kept)

        return once

    def _random(self, position: int) -> Run:
        tail = self.places.tail(self.place)
        return lambda frame: int.from_bytes(frame.moment.chance(frame.path + tail, position)[:6], "big") / 2**48

    def _uuid(self, position: int, length: Run | None) -> Run:
        tail = self.places.tail(self.place)

        def unique(frame: Frame) -> Value:
            chance = frame.moment.chance("uuid", frame.path + tail, position)
            if length is None:
                return str(uuid.UUID(bytes=chance[:16], version=4))
            wanted = number(length(frame))
            return "".join(_SIGNS[byte % len(_SIGNS)] for byte in chance[: int(wanted) if 0 < wanted < 32 else 0])

        return unique

    def _position(self, arguments: tuple[Node, ...], position: int, at: Standing) -> Run:
        """The number of an entry. Of what is in no repeat of its own, 1."""
        if not arguments:
            if at.origin is None:
                raise Malformed(position, t("position() is written {example} here", example="position(..)"))
            return lambda frame: frame.position
        match arguments[0]:
            case Name() | Path() as node:
                way = self.places.way(node, at)
            case _:
                raise Malformed(position, t("the function {function}() wants a name or a path", function="position"))
        if way.down:
            raise Malformed(position, t("position() can only tell the number of an entry that it stands in"))
        if not self.places.repeats(way.place):
            return lambda frame: 1.0
        up, outside = way.up, way.outside
        return lambda frame: float(((frame.outside or frame) if outside else frame).above(up).number)

    def _indexed(self, arguments: tuple[Node, ...], position: int, at: Standing) -> Run:
        """`indexed-repeat(${name}, ${repeat}, number, ...)`: the answer in the entries with these numbers."""
        name, *pairs = arguments
        if len(pairs) % 2 or not isinstance(name, Name | Path):
            raise Malformed(position, t("indexed-repeat() is written {example}", example=_INDEXED))
        runs: dict[int, Run] = {}
        for repeat, index in zip(pairs[::2], pairs[1::2], strict=True):
            place = self.places.way(repeat, at).place if isinstance(repeat, Name | Path) else -1
            if not self.places.repeats(place):
                raise Malformed(position, t("indexed-repeat() is written {example}", example=_INDEXED))
            runs[place] = self.run(index, at)
        way = self._way(name, at, [Stage(repeat, (Literal("indexed"),)) for repeat in runs])
        if way.many or self.places.question(way.place) is None:
            raise Malformed(position, t("indexed-repeat() is written {example}", example=_INDEXED))
        place, up, down = way.place, way.up, [(stage.repeat, runs[stage.repeat]) for stage in way.down]

        def indexed(frame: Frame) -> Value:
            there = frame.above(up)
            for repeat, index in down:
                entries, wanted = there.entries.get(repeat, []), number(index(frame))
                if not 1 <= wanted <= len(entries):
                    return ""
                there = entries[int(wanted) - 1]
            return there.values.get(place, "")

        return indexed

    def _choice_name(self, arguments: tuple[Node, ...], position: int, at: Standing) -> Run:
        """The label of a choice, in the language in which labels are read at this moment."""
        value, source = arguments
        try:
            node = parse(source.value) if isinstance(source, Literal) and isinstance(source.value, str) else source
            place = self.places.way(node, at).place if isinstance(node, Name | Path) else -1
        except Malformed as bad:
            raise Malformed(position, bad.reason) from None
        question = self.places.question(place)
        if question is None or not question.choices:
            problem = t("the second value of jr:choice-name() is a question with choices, in quotes")
            raise Malformed(position, problem)
        self.speaks = True
        choices = {choice.name: choice.label for choice in question.choices}
        run = self.run(value, at)

        def name(frame: Frame) -> Value:
            label = choices.get(text(run(frame)))
            return (label.words.get(frame.moment.language) or label.words.get(label.default, "")) if label else ""

        return name


_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INDEXED = "indexed-repeat(${question}, ${repeat}, 1)"


def _named(node: Name | Path) -> str:
    if isinstance(node, Name):
        return node.name
    names = [pace.name for pace in node.paces if pace.name not in (".", "..")]
    return names[-1] if names else node.origin.name if isinstance(node.origin, Name) else ".."


def _column(node: Path, columns: frozenset[str]) -> Run:
    """A column of the choices sheet."""
    column = node.paces[0].name
    if len(node.paces) != 1 or column not in columns:
        problem = t(
            "the choices have no column “{name}”; an answer is named like {example}", name=column, example="${q}"
        )
        raise Malformed(node.position, problem)
    return lambda frame: cell(frame.choice, column)


def cell(choice: Choice | None, column: str) -> str:
    """What stands in a column of a choice."""
    if choice is None:
        return ""
    return choice.name if column == "name" else choice.columns.get(column, "")


def _keeps(run: Run, look: Frame) -> bool:
    """Does the predicate keep it? A number stands for a position."""
    value = run(look)
    return value == look.position if type(value) is float else truth(value)


def _alone(run: Run) -> Callable[[Frame], list[Value]]:
    return lambda frame: [run(frame)]


def _flat(call: Callable[..., Value], lists: list[Callable[[Frame], list[Value]]]) -> Run:
    return lambda frame: call(*[value for values in lists for value in values(frame)])


# Operators -------------------------------------------------------------------------------------------------

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


def _chain(first: Run, rest: list[tuple[str, Run]], nodes: Sequence[tuple[str, Node]]) -> Run:
    match rest:
        case [("and" | "or" as sign, _), *_]:
            return _logical(sign == "or", [first, *(run for _, run in rest)])
        case [(sign, second)]:
            operator = _OPERATORS[sign]
            return lambda frame: operator(first(frame), second(frame))
    return _folded(first, [(_OPERATORS[sign], run) for sign, run in rest])


def _logical(either: bool, runs: list[Run]) -> Run:
    """`and`, `or`: no further than to the first that settles it."""

    def run(frame: Frame) -> bool:
        for operand in runs:  # a loop: twice as fast as any() and all() for two of them
            if truth(operand(frame)) is either:
                return either
        return not either

    return run


def _folded(first: Run, rest: list[tuple[Callable[[Value, Value], Value], Run]]) -> Run:
    def run(frame: Frame) -> Value:
        value = first(frame)
        for operator, operand in rest:
            value = operator(value, operand(frame))
        return value

    return run


def _matching(run: Run, machine: Pattern) -> Run:
    def matches(frame: Frame) -> bool:
        value = text(run(frame))
        return len(value) <= LONGEST_MATCHED and machine.fits(value)

    return matches
