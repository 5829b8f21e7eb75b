"""The conditions of a form: readable, about questions that exist, and not in a circle."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from handlers.forms.expressions import Here, Malformed, Node, names, parse, parts
from handlers.forms.form import Group, Item, Question
from handlers.forms.kind import Misfit, kinds
from handlers.forms.lists import Lists
from handlers.forms.plan import INSERTED
from handlers.forms.records import Record
from handlers.forms.types import not_yet
from handlers.talk import Label, Text, t


@dataclass(frozen=True, slots=True)
class Source:
    """A question or group, and the row it was read from."""

    record: Record
    item: Item


class Names:
    """What a `${name}` may stand for."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.questions: dict[str, list[Question]] = {}
        self.groups: set[str] = set()
        for source in sources:
            if isinstance(source.item, Group):
                self.groups.add(source.item.name)
            else:
                self.questions.setdefault(source.item.name, []).append(source.item)

    def fault(self, name: str) -> Text | None:
        """Why this name stands for no answer, if it does not."""
        if name.startswith("last-saved#"):
            return not_yet("last-saved#")
        match self.questions.get(name, []):
            case [_]:
                return None
            case []:
                if name in self.groups:
                    return t("“{name}” is a group, not a question", name=name)
                return t("there is no question “{name}”", name=name)
        return t("several questions are called “{name}”", name=name)

    def check_words(self, record: Record, field: str, label: Label) -> None:
        """Notes the names in a label that stand for nothing."""
        for words in label.words.values():
            if words.count("${") > len(INSERTED.findall(words)):
                record.bad(field, t("an answer is named like {example}", example="${name}"))
                return
            for name in INSERTED.findall(words):
                if fault := self.fault(name):
                    record.bad(field, fault)
                    return


def check_question(record: Record, question: Question) -> None:
    """Notes what does not go together in one row, by the kind of question it is."""
    kind = kinds()[question.type]
    if not kind.silent and not question.label.words:
        record.bad("label", t("the label is missing"))
    if question.type == "calculate" and not question.calculation and not question.dynamic:
        record.bad("calculation", t("the calculation is missing"))
    if question.type == "note" and question.required:
        record.bad("required", t("a note is only shown, so it cannot be required"))
    if question.choice_filter and not kind.chooses:
        record.bad("choice_filter", t("there are no choices to filter"))
    if question.type == "rank" and len(question.choices) == 1:
        record.bad("type", t("one choice alone cannot be put in order"))
    if record.text("repeat_count"):
        record.bad("repeat_count", t("only a repeat can have a count; this is a question"))
    if "search(" in question.appearance.replace(" ", ""):
        record.bad("appearance", not_yet("search()"))
    _check_default(record, question)


_TAKES_NO_DEFAULT = frozenset(("today", "start", "end", "image", "file"))
_TAKES_ANY_TEXT = frozenset(("calculate", "hidden", "note"))


def _check_default(record: Record, question: Question) -> None:
    if not question.default:
        return
    if question.type in _TAKES_NO_DEFAULT:
        record.bad("default", t("a question of the type “{type}” takes no default", type=question.type))
    elif not question.dynamic and question.type not in _TAKES_ANY_TEXT:
        taken = kinds()[question.type].take(question, question.choices, question.default)
        if isinstance(taken, Misfit):
            record.bad("default", t("“{value}” is no answer to this question", value=question.default))


def check(sources: Sequence[Source], names: Names, lists: Lists) -> None:
    """Notes every fault of the conditions and of the answers named in labels."""
    read: dict[str, Node] = {}
    for source in sources:
        for field, expression in _expressions(source.item):
            node = _read(source.record, field, expression, names)
            if node and field == "relevant":
                read[source.item.path] = node
        for field, label in _labels(source.item):
            names.check_words(source.record, field, label)
        if isinstance(source.item, Question):
            _check_trigger(source, names)
    _check_circles(sources, names, read)


def _check_trigger(source: Source, names: Names) -> None:
    for name in source.item.trigger if isinstance(source.item, Question) else ():
        if fault := names.fault(name):
            source.record.bad("trigger", fault)
        elif not kinds()[names.questions[name][0].type].asked:
            source.record.bad("trigger", t("“{name}” is not asked, so its answer never changes", name=name))


def _expressions(item: Item) -> Iterator[tuple[str, str]]:
    yield "relevant", item.relevant
    if isinstance(item, Question):
        yield "required", item.required
        yield "constraint", item.constraint
        yield "calculation", item.calculation
        yield "read_only", item.read_only
        yield "parameters", item.seed
        if item.dynamic:
            yield "default", item.default
    else:
        yield "repeat_count", item.count


def _labels(item: Item) -> Iterator[tuple[str, Label]]:
    yield "label", item.label
    if isinstance(item, Question):
        yield "hint", item.hint
        yield "guidance_hint", item.guidance
        yield "required_message", item.required_message
        yield "constraint_message", item.constraint_message
        yield "image", item.image


def _read(record: Record, field: str, expression: str, known: Names) -> Node | None:
    """The expression, if it is one and all it names is there; else the fault is noted."""
    if not expression:
        return None
    try:
        node = parse(expression)
    except Malformed as bad:
        record.bad(field, t("character {place}: {reason}", place=str(bad.position), reason=bad.reason))
        return None
    faults = [(name.position, fault) for name in names(node) if (fault := known.fault(name.name))]
    if field != "constraint":
        here = t("“.” is the answer being checked, which only a constraint knows")
        faults += [(part.position, here) for part in parts(node) if isinstance(part, Here)]
    for position, reason in sorted(faults, key=lambda fault: fault[0]):
        record.bad(field, t("character {place}: {reason}", place=str(position), reason=reason))
    return None if faults else node


def _check_circles(sources: Sequence[Source], known: Names, read: dict[str, Node]) -> None:
    """Notes each circle of conditions once, at its first row; what is in a group waits for the group."""
    waits = {}
    for source in sources:
        path = source.item.path
        asked = [known.questions[name.name][0].path for name in names(read[path])] if path in read else []
        waits[path] = {path.rpartition("/")[0], *asked}
    records = {source.item.path: source.record for source in sources if source.item.path in read}
    while circle := _circle(waits):
        first = min((path for path in circle if path in records), key=lambda path: records[path].row)
        named = " → ".join(path.rpartition("/")[2] for path in circle)
        records[first].bad("relevant", t("the conditions depend on one another in a circle: {names}", names=named))
        waits[first] = set()


def _circle(waits: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []
