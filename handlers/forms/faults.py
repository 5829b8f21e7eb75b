"""What is wrong with the expressions of a form, found before anybody is asked.

`faults(items)` reads and compiles every expression, and every `${name}` in a label, just as `handlers.forms.plan`
does later: a form without faults can be planned and walked. The caller knows from which row an item was read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from handlers.forms.compiling import Compiler
from handlers.forms.expressions import Malformed, Name, parse
from handlers.forms.form import Choice, Group, Item, Question
from handlers.forms.places import TOP, Places
from handlers.forms.plan import INSERTED
from handlers.talk import Label, Text, t


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong (`text`), with which item, in which of its fields as `Question` and `Group` name them: relevant,
    required, constraint, calculation, default, read_only, choice_filter, seed, count, trigger, or one of its labels.
    With `choice`, it is the label of that choice."""

    item: Item
    field: str
    text: Text
    choice: Choice | None = None


def faults(items: Sequence[Item]) -> Iterator[Fault]:
    """Every fault of every expression and label; then each circle of relevance and calculations once, at its first
    row: what stands in a group waits for the group, and a repeat counts as one, as in ODK."""
    places = Places(items)
    waits: dict[int, set[int]] = {}
    for place, item in enumerate(places.items):
        waits[place] = {places.parents[place]} - {TOP}
        for field, source in _expressions(item):
            compiler = Compiler(places, place)
            try:
                compiler.run(parse(source), places.standing(place, field))
            except Malformed as bad:
                reason = t("character {place}: {reason}", place=str(bad.position), reason=bad.reason)
                yield Fault(item, field, reason)
            else:
                triggered = isinstance(item, Question) and item.trigger and field == "calculation"
                if field in _AWAITED and not triggered:
                    waits[place] |= compiler.reads
        yield from _in_words(places, place, item)
    yield from _circles(places, waits)


_AWAITED = ("relevant", "calculation", "count")
"""The fields that are worked out again and again, in the order of what depends on what."""


def _expressions(item: Item) -> Iterator[tuple[str, str]]:
    fields = ["relevant", "count"] if isinstance(item, Group) else [
        *("relevant", "required", "constraint", "calculation", "read_only", "choice_filter", "seed"),
        *(["default"] if item.dynamic else []),
    ]  # fmt: skip
    yield from ((field, source) for field in fields if (source := getattr(item, field)))


def _in_words(places: Places, place: int, item: Item) -> Iterator[Fault]:
    """Faults of what is named in labels, and as a trigger."""
    for field, label, choice in _labels(item):
        if fault := _unnamed(places, place, label):
            yield Fault(item, field, fault, choice)
    for name in item.trigger if isinstance(item, Question) else ():
        if fault := _misnamed(places, place, name):
            yield Fault(item, "trigger", fault)


def _labels(item: Item) -> Iterator[tuple[str, Label, Choice | None]]:
    yield "label", item.label, None
    if isinstance(item, Question):
        for field in ("hint", "guidance", "required_message", "constraint_message"):
            yield field, getattr(item, field), None
        yield from (("label", choice.label, choice) for choice in item.choices)


_ELSEWHERE = re.compile(r"""\binstance\(\s*(['"])[^'"]+\1\s*\)\s*/""")
"""ODK fills in what this finds in another file or list."""


def _unnamed(places: Places, place: int, label: Label) -> Text | None:
    for words in label.words.values():
        if _ELSEWHERE.search(words):
            return t("the function {function}() looks into other files, which cannot be done here", function="instance")
        named = INSERTED.findall(words)
        if words.count("${") > len(named):
            return t("an answer is named like {example}", example="${name}")
        for name in named:
            if fault := _misnamed(places, place, name):
                return fault
    return None


def _misnamed(places: Places, place: int, name: str) -> Text | None:
    try:
        Compiler(places, place).run(Name(name, 1), places.standing(place))
    except Malformed as bad:
        return bad.reason
    return None


def _circles(places: Places, waits: dict[int, set[int]]) -> Iterator[Fault]:
    while circle := _circle(waits):
        first = min(
            place for place in circle if any(field in _AWAITED for field, _ in _expressions(places.items[place]))
        )
        item = places.items[first]
        field = next(field for field, _ in _expressions(item) if field in _AWAITED)
        named = " → ".join(places.items[place].name for place in circle)
        yield Fault(item, field, t("the conditions depend on one another in a circle: {names}", names=named))
        waits[first] = set()


def _circle(waits: dict[int, set[int]]) -> list[int]:
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle: list[int] = error.args[1]
        return circle
    return []
