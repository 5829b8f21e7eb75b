"""The expressions authors write: ODK's XPath dialect, read into a tree.

`parse` makes a tree of frozen nodes or raises Malformed with the place; what its names and paths lead to is
found by `handlers.forms.places`, and `handlers.forms.compiling` makes of the tree a function.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from handlers.forms.functions import FUNCTIONS
from handlers.forms.patterns import BadPattern, Pattern, pattern
from handlers.talk import Text, t

LONGEST = 32_767
"""Characters of an expression: as many as a cell of a spreadsheet takes."""
DEEPEST = 40
"""Parentheses, calls and signs inside one another."""


class Malformed(ValueError):
    """The expression cannot be read: where (character, from 1) and why."""

    def __init__(self, position: int, reason: Text) -> None:
        super().__init__(reason.message)
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or number as it stands."""

    value: str | float


@dataclass(frozen=True, slots=True)
class Name:
    """`${name}`: the answer to another question; `position` is where it stands, from 1."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Here:
    """`.`: the answer being checked; in a predicate, what it looks at."""

    position: int


@dataclass(frozen=True, slots=True)
class Pace:
    """One step of a path: a name, `.` or `..`, and the conditions in brackets behind it."""

    name: str
    predicates: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A way through the form. It starts at `origin`: `/` the top, `.` where the expression stands (in a predicate:
    what it looks at), `current()` where the expression stands whatever brackets it is in, or a `${name}`."""

    origin: str | Name
    paces: tuple[Pace, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Negative:
    """The minus sign before something."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators that bind alike, from the left: `a - b + c`. Flat, so that a long one is not a deep one."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given; `position` is where it stands."""

    function: str
    arguments: tuple["Node", ...]
    position: int


@dataclass(frozen=True, slots=True)
class Match:
    """`regex(text, 'pattern')`, the pattern compiled when the expression was read."""

    node: "Node"
    pattern: Pattern = field(compare=False)


Node = Literal | Name | Here | Path | Negative | Chain | Call | Match


# Reading -------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<name>\$\{[^\s{}]+\}) | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+) | (?P<text>"[^"]*"|'[^']*') |
    (?P<sign><=|>=|!=|\.\.|//|[=<>+\-*(),./\[\]|@]) | (?P<word>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)
    )""",
    re.VERBOSE,
)
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_BINDS = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
"""Loosest first; all bind from the left."""
_CONSTANTS = {"yes": "true()", "true": "true()", "no": "false()", "false": "false()"}
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


def written(cell: str) -> str:
    """The expression in a cell: `yes` and `no` spelled out, word processors' quotes made straight."""
    cell = cell.strip().translate(_QUOTES)
    return _CONSTANTS.get(cell.lower(), cell)


def parse(source: str) -> Node:
    """The expression as a tree. Raises Malformed."""
    return _Reader(source).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(source: str) -> Iterator[_Token]:
    at = 0
    while match := _TOKEN.match(source, at):
        kind = match.lastgroup or ""
        yield _Token(kind, match[kind], match.start(kind) + 1)
        at = match.end()
    rest = source[at:].lstrip()
    if rest:
        raise Malformed(len(source) - len(rest) + 1, t("“{sign}” is not understood", sign=rest[:12]))
    yield _Token("end", "", len(source) + 1)


class _Reader:
    def __init__(self, source: str) -> None:
        if len(source) > LONGEST:
            raise Malformed(LONGEST, t("it is too long"))
        self.tokens = list(_tokens(source))
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.level(0)
        if self.now.kind != "end":
            raise self.unexpected()
        return node

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def unexpected(self) -> Malformed:
        if self.now.kind == "end":
            return Malformed(self.now.position, t("something is missing at the end"))
        return Malformed(self.now.position, t("“{sign}” does not belong here", sign=self.now.text))

    def accept(self, *texts: str) -> str:
        """Takes the next sign or word if it is one of these."""
        found = self.now.text if self.now.kind in ("sign", "word") and self.now.text in texts else ""
        self.at += bool(found)
        return found

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise self.unexpected()

    def level(self, loosest: int) -> Node:
        """An expression of operators that bind at least as tightly as this."""
        node = self.signed()
        while (level := self.operator()) >= loosest:
            rest: list[tuple[str, Node]] = []
            while operator := self.accept(*_LEVELS[level]):
                rest.append((operator, self.level(level + 1)))
            node = Chain(node, tuple(rest))
        return node

    def operator(self) -> int:
        """How tightly the operator that follows binds; -1 if none does."""
        return _BINDS.get(self.now.text, -1) if self.now.kind in ("sign", "word") else -1

    def signed(self) -> Node:
        if self.accept("-"):
            return Negative(self.inner(self.signed))
        return self.primary()

    def inner(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Malformed(self.now.position, t("it is nested too deeply"))
        node = read()
        self.depth -= 1
        return node

    def primary(self) -> Node:
        token = self.now
        self.at += token.kind != "end"
        match token:
            case _Token("number"):
                return Literal(float(token.text))
            case _Token("text"):
                return Literal(token.text[1:-1])
            case _Token("sign", "("):
                node = self.inner(lambda: self.level(0))
                self.expect(")")
                return node
            case _Token("word") if self.accept("("):
                return self.call(token)
        self.at -= token.kind != "end"
        return self.path(token)

    # Paths --------------------------------------------------------------------------------------------

    def path(self, token: _Token) -> Node:
        """A `${name}`, `.`, or a way through the form. Raises Malformed if it is none of them."""
        match token:
            case _Token("name"):
                self.at += 1
                name = Name(token.text[2:-1], token.position)
                first = Pace(".", self.predicates())
                paces = (first, *self.paces()) if self.accept("/") else (first,)
                return Path(name, paces, token.position) if len(paces) > 1 or first.predicates else name
            case _Token("sign", "/"):
                self.at += 1
                return Path("/", self.paces(), token.position)
        paces = self.paces()
        return Here(token.position) if paces == (Pace("."),) else Path(".", paces, token.position)

    def paces(self) -> tuple[Pace, ...]:
        found = [self.pace()]
        while self.accept("/"):
            found.append(self.pace())
        return tuple(found)

    def pace(self) -> Pace:
        token = self.now
        if (token.kind != "word" or token.text in _BINDS) and token.text not in (".", ".."):
            raise self.unexpected()
        self.at += 1
        if self.now.text == "(":
            raise self.unexpected()
        return Pace(token.text, self.predicates())

    def predicates(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.accept("["):
            found.append(self.inner(lambda: self.level(0)))
            self.expect("]")
        return tuple(found)

    # Functions ----------------------------------------------------------------------------------------

    def call(self, token: _Token) -> Node:
        name = token.text
        known = FUNCTIONS.get(name)
        least, most = (known.least, known.most) if known else ODD.get(name, (-1, None))
        if least < 0:
            raise Malformed(token.position, _unknown(name))
        arguments: list[Node] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.inner(lambda: self.level(0)))
        if len(arguments) < least or (most is not None and len(arguments) > most):
            problem = t("the function {function}() takes another number of values", function=name)
            raise Malformed(token.position, problem)
        if name == "current":
            self.expect("/")
            return Path("current()", self.paces(), token.position)
        return _match(token, *arguments) if name == "regex" else Call(name, tuple(arguments), token.position)


ODD: dict[str, tuple[int, int | None]] = {
    "if": (3, 3),
    "once": (1, 1),
    "regex": (2, 2),
    "today": (0, 0),
    "now": (0, 0),
    "random": (0, 0),
    "uuid": (0, 1),
    "current": (0, 0),
    "position": (0, 1),
    "indexed-repeat": (3, 7),
    "jr:choice-name": (2, 2),
}
"""Functions that are compiled in their own way, and how many values they take."""
_ELSEWHERE = {"pulldata", "instance", "search", "extract-signed"}
_DEVICES = {"area", "distance", "enclosed-area", "geofence", "intersects", "property"}


def _unknown(function: str) -> Text:
    if function in _ELSEWHERE:
        return t("the function {function}() looks into other files, which cannot be done here", function=function)
    if function in _DEVICES:
        return t("the function {function}() needs a map or a device, which there is not here", function=function)
    return t("the function {function}() is not known", function=function)


def _match(token: _Token, node: Node, source: Node) -> Node:
    if not isinstance(source, Literal) or not isinstance(source.value, str):
        raise Malformed(token.position, t("the pattern of regex() must be written out in quotes"))
    try:
        return Match(node, pattern(source.value))
    except BadPattern as bad:
        raise Malformed(
            token.position,
            t("the pattern of regex(), character {place}: {reason}", place=str(bad.position), reason=bad.reason),
        ) from None


def parts(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for inner in _inside(node):
        yield from parts(inner)


def _inside(node: Node) -> Iterator[Node]:
    match node:
        case Chain(first, rest):
            yield first
            yield from (operand for _, operand in rest)
        case Call(_, arguments):
            yield from arguments
        case Negative(inner) | Match(inner):
            yield inner
        case Path(origin, paces):
            if isinstance(origin, Name):
                yield origin
            yield from (predicate for pace in paces for predicate in pace.predicates)


def names(node: Node) -> list[Name]:
    """The `${name}`s in it, in order."""
    return [part for part in parts(node) if isinstance(part, Name)]
