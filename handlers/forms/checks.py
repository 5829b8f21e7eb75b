"""What is wrong with a form beyond its single cells: rows whose columns do not go together, and the engine's faults."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from handlers.forms.expressions import written
from handlers.forms.faults import faults
from handlers.forms.form import Group, Item, Question
from handlers.forms.kind import Misfit, kinds
from handlers.forms.plan import INSERTED
from handlers.forms.records import Record
from handlers.forms.types import not_yet
from handlers.talk import t

_COLUMNS = {"guidance": "guidance_hint", "count": "repeat_count", "seed": "parameters"}
"""Fields of an item whose column is called otherwise."""


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
    if question.reversed and not _can_be_turned(record, question):
        record.bad(
            "huiyin_reverse", t("write “yes” here only for a select_one whose choices are named 1, 2, 3 and so on")
        )
    if "search(" in question.appearance.replace(" ", ""):
        record.bad("appearance", not_yet("search()"))
    _check_default(record, question)


def _can_be_turned(record: Record, question: Question) -> bool:
    numbered = {"1", "2", "3"} <= {choice.name for choice in question.choices}
    return question.type == "select_one" and numbered and written(record.text("huiyin_reverse")) == "true()"


_TAKES_NO_DEFAULT = frozenset(("today", "start", "end", "image", "file"))
_TAKES_ANY_TEXT = frozenset(("calculate", "hidden", "note"))


def _check_default(record: Record, question: Question) -> None:
    if not question.default:
        return
    if question.type in _TAKES_NO_DEFAULT:
        record.bad("default", t("a question of the type “{type}” takes no default", type=question.type))
    elif not question.dynamic and "${" in question.default:
        record.bad("default", t("an answer is named like {example}", example="${name}"))
    elif not question.dynamic and question.type not in _TAKES_ANY_TEXT:
        taken = kinds()[question.type].take(question, question.choices, question.default)
        if isinstance(taken, Misfit):
            record.bad("default", t("“{value}” is no answer to this question", value=question.default))


def check(items: Sequence[Item], records: Mapping[int, Record]) -> None:
    """Notes every fault of expressions and of the answers named in labels. `records`: by the `id` of each item and
    choice the row it was read from."""
    told: set[tuple[str, int, str, str]] = set()
    for fault in faults(items):
        record = records[id(fault.item if fault.choice is None else fault.choice)]
        field = _COLUMNS.get(fault.field, fault.field)
        key = (record.table.name, record.row, field, repr(fault.text))
        if key not in told:  # a choice stands in every question of its list
            told.add(key)
            record.bad(field, fault.text)
    everything = list(every(items))
    silent = {item.name for item in everything} - {
        item.name for item in everything if isinstance(item, Question) and kinds()[item.type].asked
    }
    for item in everything:
        for name in item.trigger if isinstance(item, Question) else ():
            if name in silent:
                records[id(item)].bad("trigger", t("“{name}” is not asked, so its answer never changes", name=name))


def every(items: Iterable[Item]) -> Iterator[Item]:
    """All questions and groups."""
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from every(item.items)


def check_named(record: Record, field: str, words: str, names: Container[str]) -> None:
    """Notes the first name in words that is none, or none of these. For words in which nothing is filled in here, but
    in ODK."""
    found = INSERTED.findall(words)
    if words.count("${") > len(found):
        record.bad(field, t("an answer is named like {example}", example="${name}"))
    elif missing := next((name for name in found if name not in names), ""):
        record.bad(field, t("there is no question “{name}”", name=missing))
