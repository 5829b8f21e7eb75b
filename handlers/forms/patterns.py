"""Regular expressions that cannot run away: as many steps as the text is long, whatever the pattern.

The patterns of `regex()` come from spreadsheets, so they are not given to a backtracking matcher.
A pattern is compiled to a small machine whose states are followed side by side (Thompson 1968).
Understood: characters, `.`, classes, `\\d \\w \\s` and their opposites (ASCII, as in Java), groups,
`|`, `* + ? {m,n}`, `^` at the start and `$` at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from handlers.talk import Text, t

Test = Callable[[str], bool]
"""Does this character fit?"""

MOST_STATES = 3000
_DEEPEST = 30
_LARGEST_COUNT = 1000


class BadPattern(ValueError):
    """This is no pattern we can match: where (from 1) and why."""

    def __init__(self, position: int, reason: Text) -> None:
        super().__init__(reason.message)
        self.position = position
        self.reason = reason


# A pattern as it was read: a test is one character, the rest say how parts are joined.


@dataclass(frozen=True, slots=True)
class _Chain:
    parts: tuple["_Part", ...]


@dataclass(frozen=True, slots=True)
class _Either:
    branches: tuple["_Part", ...]


@dataclass(frozen=True, slots=True)
class _Times:
    part: "_Part"
    least: int
    most: int | None


_Part = Test | _Chain | _Either | _Times


@dataclass(slots=True)
class Pattern:
    """A compiled pattern. `steps[i]`: what state i reads and where it leads; `free[i]`: where it leads unread."""

    steps: list[tuple[Test, int] | None] = field(default_factory=list)
    free: list[tuple[int, ...]] = field(default_factory=list)
    start: int = 0

    def fits(self, text: str) -> bool:
        """Does the whole text match? State 0 is the end of the pattern."""
        states = self._reach({self.start})
        for char in text:
            follow = {step[1] for state in states if (step := self.steps[state]) and step[0](char)}
            if not follow:
                return False
            states = self._reach(follow)
        return 0 in states

    def _reach(self, states: set[int]) -> set[int]:
        waiting = list(states)
        while waiting:
            for state in self.free[waiting.pop()]:
                if state not in states:
                    states.add(state)
                    waiting.append(state)
        return states

    def _add(self, step: tuple[Test, int] | None, *free: int) -> int:
        if len(self.steps) >= MOST_STATES:
            raise BadPattern(1, t("the pattern is too large"))
        self.steps.append(step)
        self.free.append(free)
        return len(self.steps) - 1

    def _build(self, part: _Part, then: int) -> int:
        """Adds the states of this part, which leads on to state `then`; returns where it begins."""
        match part:
            case _Chain(parts):
                for inner in reversed(parts):
                    then = self._build(inner, then)
                return then
            case _Either(branches):
                return self._add(None, *[self._build(branch, then) for branch in branches])
            case _Times(inner, least, most):
                return self._repeat(inner, least, most, then)
            case _:
                return self._add((part, then))

    def _repeat(self, part: _Part, least: int, most: int | None, then: int) -> int:
        if most is None:
            loop = self._add(None, then)
            self.free[loop] = (self._build(part, loop), then)
            then = loop
        else:
            end = then
            for _ in range(most - least):
                then = self._add(None, self._build(part, then), end)
        for _ in range(least):
            before, then = then, self._build(part, then)
            if then == before:  # an empty part: as often as one likes, it stays empty
                break
        return then


def pattern(source: str) -> Pattern:
    """The pattern, compiled. Raises BadPattern."""
    read = _Reader(source).whole()
    made = Pattern()
    made._add(None)
    made.start = made._build(read, 0)
    return made


# Reading -------------------------------------------------------------------------------------------------


def _digit(char: str) -> bool:
    return "0" <= char <= "9"


def _word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _space(char: str) -> bool:
    return char in " \t\n\x0b\f\r"


def _any(char: str) -> bool:
    return char not in "\n\r\x85\u2028\u2029"


def _one(wanted: str) -> Test:
    return lambda char: char == wanted


def _between(low: str, high: str) -> Test:
    return lambda char: low <= char <= high


def _none_of(test: Test) -> Test:
    return lambda char: not test(char)


def _any_of(tests: list[Test]) -> Test:
    return lambda char: any(test(char) for test in tests)


_CLASSES: dict[str, Test] = {
    "d": _digit,
    "w": _word,
    "s": _space,
    "D": _none_of(_digit),
    "W": _none_of(_word),
    "S": _none_of(_space),
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0

    def whole(self) -> _Part:
        part = self.either()
        if self.at < len(self.source):
            raise self.bad(t("“{sign}” has no partner", sign=")"))
        return part

    def bad(self, reason: Text) -> BadPattern:
        return BadPattern(self.at + 1, reason)

    def peek(self, count: int = 1) -> str:
        return self.source[self.at : self.at + count]

    def take(self, expected: str = "") -> str:
        char = self.peek()
        if not char or (expected and char != expected):
            raise self.bad(t("the pattern ends too early") if not char else t("“{sign}” was expected", sign=expected))
        self.at += 1
        return char

    def either(self) -> _Part:
        branches = [self.chain()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.chain())
        return branches[0] if len(branches) == 1 else _Either(tuple(branches))

    def chain(self) -> _Part:
        if self.peek() == "^" and self.at == 0:
            self.at += 1
        parts: list[_Part] = []
        while (char := self.peek()) and char not in "|)":
            if char == "$" and self.at == len(self.source) - 1:
                self.at += 1
            else:
                parts.append(self.times(self.atom()))
        return _Chain(tuple(parts))

    def times(self, part: _Part) -> _Part:
        sign = self.peek()
        if sign not in ("*", "+", "?", "{"):
            return part
        self.at += 1
        least, most = self.counts() if sign == "{" else {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        if self.peek() == "?":  # a lazy match of the whole text is the same match
            self.at += 1
        if self.peek() in ("*", "+", "{"):
            raise self.bad(t("“{sign}” has nothing to repeat", sign=self.peek()))
        return _Times(part, least, most)

    def counts(self) -> tuple[int, int | None]:
        inside, closed, _ = self.source[self.at :].partition("}")
        least, comma, most = inside.partition(",")
        if not closed or not least.isdecimal() or (most and not most.isdecimal()) or len(inside) > 9:
            raise self.bad(t("“{sign}” needs numbers, as in {example}", sign="{", example="{2,5}"))
        self.at += len(inside) + 1
        low = int(least)
        high = (int(most) if most else None) if comma else low
        if max(low, high or 0) > _LARGEST_COUNT or (high is not None and high < low):
            raise self.bad(t("“{sign}” needs numbers, as in {example}", sign="{", example="{2,5}"))
        return low, high

    def atom(self) -> _Part:
        match char := self.take():
            case "(":
                return self.group()
            case "[":
                return self.choice()
            case ".":
                return _any
            case "\\":
                return self.escape()
            case "^" | "$":
                raise (
                    self.bad(t("“{sign}” can only stand at the end of the pattern", sign=char))
                    if char == "$"
                    else (self.bad(t("“{sign}” can only stand at the start of the pattern", sign=char)))
                )
            case "*" | "+" | "?" | "{":
                raise self.bad(t("“{sign}” has nothing to repeat", sign=char))
        return _one(char)

    def group(self) -> _Part:
        if self.peek(2) == "?:":
            self.at += 2
        elif self.peek() == "?":
            raise self.bad(t("look-ahead, look-behind, named groups and flags are not understood"))
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.bad(t("it is nested too deeply"))
        part = self.either()
        self.take(")")
        self.depth -= 1
        return part

    def escape(self) -> Test:
        char = self.take()
        if char in _CLASSES:
            return _CLASSES[char]
        return _one(self.escaped(char))

    def escaped(self, char: str) -> str:
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in ("u", "x"):
            digits = self.peek(4 if char == "u" else 2)
            self.at += len(digits)
            try:
                return chr(int(digits, 16))
            except ValueError:
                raise self.bad(t("“{sign}” is not understood", sign=f"\\{char}{digits}")) from None
        if char.isascii() and char.isalnum():
            raise self.bad(t("“{sign}” is not understood", sign=f"\\{char}"))
        return char

    def choice(self) -> Test:
        negated = self.peek() == "^"
        self.at += negated
        tests: list[Test] = []
        while not tests or self.peek() != "]":
            tests.append(self.member())
        self.at += 1
        return _none_of(_any_of(tests)) if negated else _any_of(tests)

    def member(self) -> Test:
        """One character, range or class inside brackets."""
        low = self.take()
        if low == "[" or (low == "&" and self.peek() == "&"):
            raise self.bad(t("“{sign}” is not understood", sign=low + self.peek()))
        if low == "\\":
            if self.peek() in _CLASSES:
                return _CLASSES[self.take()]
            low = self.escaped(self.take())
        if self.peek() != "-" or self.peek(2) == "-]":
            return _one(low)
        self.at += 1
        high = self.take()
        high = self.escaped(self.take()) if high == "\\" else high
        if high < low:
            raise self.bad(t("the range {low} to {high} is empty", low=low, high=high))
        return _between(low, high)
