"""What an author should know of a form that can be asked: how long it gets, what nobody reaches, what is not
translated, and what is too long for a channel.

Only what is certain is said. A condition is decided where it asks for single choices, or compares a number with
numbers that are written out; everything else may hold or not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from handlers.forms.compiling import Moment, compiled
from handlers.forms.expressions import Call, Chain, Literal, Name, Node, names, parse, parts
from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.kind import kinds
from handlers.forms.values import Value, truth
from handlers.talk import Label, Text, t, tn

BUTTON = 40
"""Characters of a choice's label that a button shows; where one is longer, the choices become a numbered list."""
KEYBOARD = 100
"""Buttons under one message (Telegram); more are shown page by page."""
MESSAGES = {"Telegram": (4096, "utf-16-le", 2), "WeCom": (2048, "utf-8", 1)}
"""The longest message of a channel, the encoding in which it is measured, and the bytes of one unit."""
_MOST_CASES = 1024
"""Combinations of answers that are looked at, for one condition and for the whole form."""
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_UNCERTAIN = frozenset(("today", "now", "random", "position", "once", "uuid"))
"""Functions whose value does not hang on answers alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text of the form: of which question, group or choice, and in which language."""

    path: str
    field: str
    language: str = ""
    choice: str = ""
    size: int = 0
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`shortest` and `longest`: questions asked at least and at most, each repeat counted once."""

    questions: int
    shortest: int
    longest: int
    repeats: tuple[str, ...]
    unreachable: tuple[str, ...]
    untranslated: tuple[Place, ...]
    long_labels: tuple[Place, ...]
    long_texts: tuple[Place, ...]
    long_lists: tuple[Place, ...]


def report(form: Form) -> Report:
    """Looks through a form that `xlsform.read` has taken."""
    rows = list(_rows(form.items, ()))
    asked = [row for row in rows if row.asked]
    cases = _Cases(rows)
    shortest, longest = cases.lengths(asked)
    texts = list(_texts(form.items))
    return Report(
        questions=len(asked),
        shortest=shortest,
        longest=longest,
        repeats=tuple(row.item.path for row in rows if isinstance(row.item, Group) and row.item.repeat),
        unreachable=tuple(row.item.path for row in rows if cases.never(row)),
        untranslated=tuple(_untranslated(form, texts)),
        long_labels=tuple(_long_labels(texts)),
        long_texts=tuple(_long_texts(form)),
        long_lists=tuple(
            Place(question.path, "choices", size=len(question.choices))
            for question in form.questions()
            if len(question.choices) > KEYBOARD
        ),
    )


# Which questions are asked -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A question or group, and all conditions under which it is there: its own and those of its groups."""

    item: Item
    conditions: tuple[str, ...]
    may_be_empty: bool = False
    """It stands in a repeat that may have no entry."""

    @property
    def asked(self) -> bool:
        item = self.item
        return isinstance(item, Question) and kinds()[item.type].asked and item.read_only != "true()"


def _rows(items: Iterable[Item], conditions: tuple[str, ...], may_be_empty: bool = False) -> Iterator[_Row]:
    for item in items:
        own = (*conditions, item.relevant) if item.relevant else conditions
        yield _Row(item, own, may_be_empty)
        if isinstance(item, Group):
            yield from _rows(item.items, own, may_be_empty or (item.repeat and not _sure_of_one(item.count)))


def _sure_of_one(count: str) -> bool:
    return not count or (count.isascii() and count.isdecimal() and int(count) > 0)


class _Cases:
    """The answers that decide conditions: for each question that matters, all that make a difference."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.nodes = {condition: parse(condition) for row in rows for condition in row.conditions}
        self.questions = {row.item.name: row for row in rows if isinstance(row.item, Question)}
        self.places = {name: place for place, name in enumerate(self.questions)}
        used = {name.name for node in self.nodes.values() for name in names(node)}
        self.domains = {name: values for name in used if (values := self._domain(name))}
        self.known: dict[tuple[str, tuple[tuple[str, Value], ...]], bool | None] = {}

    def _domain(self, name: str) -> tuple[Value, ...]:
        """What the answer may be, as far as conditions can tell; empty if that is not certain."""
        question = self.questions[name].item if name in self.questions else None
        if not isinstance(question, Question):
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
        between = {place + step for place in limits for step in (-1.0, -0.5, 0.0, 0.5, 1.0)}
        return ("", *sorted(number for number in between if question.type == "decimal" or number.is_integer()))

    def never(self, row: _Row) -> bool:
        """Can no answers whatever make it relevant?"""
        among = {name.name for condition in row.conditions for name in names(self.nodes[condition])}
        cases = self._all(sorted(among & self.domains.keys()))
        return bool(row.conditions) and all(self._holds(row, case) is False for case in cases)

    def lengths(self, asked: Sequence[_Row]) -> tuple[int, int]:
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

    def _holds(self, row: _Row, case: Mapping[str, Value]) -> bool | None:
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
            case Call("not", (inner,)):
                held = self._decide(inner, case)
                return None if held is None else not held
        if any(name.name not in case for name in names(node)) or not _certain(node):
            return None
        return truth(compiled(node, self.places)(Moment({self.places[name]: case[name] for name in case})))


def _certain(node: Node) -> bool:
    return not any(isinstance(part, Call) and part.function in _UNCERTAIN for part in parts(node))


def _limits(node: Node, name: str) -> set[float] | None:
    """The numbers with which the answer to this question is compared; None if it is used in another way."""
    match node:
        case Chain(Name(left), ((sign, Literal(float() as limit)),)) if left == name and sign in _COMPARISONS:
            return {limit}
        case Chain(Literal(float() as limit), ((sign, Name(right)),)) if right == name and sign in _COMPARISONS:
            return {limit}
        case Chain(first, rest):
            inner = [first, *(part for _, part in rest)]
        case Call("not", arguments):
            inner = list(arguments)
        case _:
            return None if any(found.name == name for found in names(node)) else set()
    if isinstance(node, Chain) and node.rest[0][0] not in ("and", "or"):
        return None if any(found.name == name for found in names(node)) else set()
    limits = [_limits(part, name) for part in inner]
    return None if None in limits else set().union(*filter(None, limits))


# What is written ---------------------------------------------------------------------------------------------


def _texts(items: Iterable[Item]) -> Iterator[tuple[Place, Label]]:
    """Every text of the form once; choices at the first question that offers them."""
    seen: set[int] = set()
    for item in items:
        yield Place(item.path, "label"), item.label
        if isinstance(item, Group):
            yield from _texts(item.items)
            continue
        yield Place(item.path, "hint"), item.hint
        yield Place(item.path, "guidance_hint"), item.guidance
        yield Place(item.path, "required_message"), item.required_message
        yield Place(item.path, "constraint_message"), item.constraint_message
        for choice in item.choices:
            if id(choice) not in seen:
                seen.add(id(choice))
                yield Place(item.path, "choices", choice=choice.name), choice.label


def _untranslated(form: Form, texts: Iterable[tuple[Place, Label]]) -> Iterator[Place]:
    for place, label in texts:
        if label.words:
            for language in form.languages:
                if not label.words.get(language):
                    yield Place(place.path, place.field, language, place.choice)


def _long_labels(texts: Iterable[tuple[Place, Label]]) -> Iterator[Place]:
    for place, label in texts:
        for language, words in label.words.items():
            if place.choice and len(words) > BUTTON:
                yield Place(place.path, place.field, language, place.choice, len(words))


def _long_texts(form: Form) -> Iterator[Place]:
    """Questions whose label and hint together are longer than a message."""
    for question in form.questions():
        for language in dict.fromkeys((*question.label.words, *question.hint.words)):
            words = "\n\n".join(filter(None, (question.label.words.get(language), question.hint.words.get(language))))
            for channel, (most, codec, unit) in MESSAGES.items():
                if (size := len(words.encode(codec)) // unit) > most:
                    yield Place(question.path, "label", language, size=size, channel=channel)


# In words and as JSON ----------------------------------------------------------------------------------------


def told(found: Report) -> Iterator[Text]:
    """The report in sentences."""
    if found.shortest == found.longest:
        yield tn("{count} question is asked of everybody.", "{count} questions are asked of everybody.", found.longest)
    else:
        yield t(
            "{questions} questions in all; a person is asked {shortest} at least and {longest} at most.",
            questions=found.questions,
            shortest=found.shortest,
            longest=found.longest,
        )
    if found.repeats:
        yield t("Each repeat is counted once: {paths}.", paths=", ".join(found.repeats))
    for path in found.unreachable:
        yield t("{path} is never shown: no answers make its condition true.", path=path)
    for place in found.untranslated:
        yield t("{place} is missing in {language}.", place=_named(place), language=place.language)
    for path, language, longest in _longest(found.long_labels):
        yield t(
            "Choices of {path} ({language}) have up to {size} characters; a button shows {most}, so they become a "
            "numbered list there.",
            path=path,
            language=language or "-",
            size=longest,
            most=BUTTON,
        )
    for place in found.long_texts:
        yield t("{place} is too long for one message on {channel}.", place=_named(place), channel=place.channel)
    for place in found.long_lists:
        yield t("{place}: {size} choices are too many for one keyboard.", place=place.path, size=place.size)


def _longest(places: Iterable[Place]) -> Iterator[tuple[str, str, int]]:
    """Of each question and language the longest label."""
    longest: dict[tuple[str, str], int] = {}
    for place in places:
        at = (place.path, place.language)
        longest[at] = max(longest.get(at, 0), place.size)
    for (path, language), size in longest.items():
        yield path, language, size


def _named(place: Place) -> str:
    """Where a text stands: `/data/q hint (en)`."""
    what = f"{place.path} {place.field}" + (f" {place.choice}" if place.choice else "")
    return f"{what} ({place.language})" if place.language and place.size else what


def plain(found: Report) -> dict[str, object]:
    """The report as JSON."""

    def places(among: tuple[Place, ...]) -> list[dict[str, object]]:
        return [{key: value for key in Place.__slots__ if (value := getattr(place, key))} for place in among]

    return {
        "questions": found.questions,
        "shortest": found.shortest,
        "longest": found.longest,
        "repeats": list(found.repeats),
        "unreachable": list(found.unreachable),
        "untranslated": places(found.untranslated),
        "long_labels": places(found.long_labels),
        "long_texts": places(found.long_texts),
        "long_lists": places(found.long_lists),
    }
