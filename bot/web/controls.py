"""Every kind of question as a native control of a page: what it shows, and how what it posts is read."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.kind import Value, kinds
from handlers.forms.kinds.range import scale
from handlers.forms.moves import Another, Ask, Block, Heading, Note
from handlers.forms.paging import bare
from handlers.talk import Label, Part, t

ANSWER = "a:"
"""What the name of a field that holds an answer begins with; its path follows."""
MANY = 12
"""More choices than this are a list to open."""
STEPS = 11
"""A range of no more steps than this is shown as its numbers."""
NOTHING = t("(no answer)")

Typed = Mapping[str, Sequence[str]]
"""What stands in the fields of a page, by path."""
Word = Callable[[Part], str]

_NUMBER = ("integer", "decimal", "range")
_PLAIN = {
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "rank": "rank",
    "acknowledge": "acknowledge",
    "image": "file",
    "file": "file",
}


def control(ask: Ask, form: Form) -> str:
    """Which control a question is shown as. Those of a table (appearance `table-list` of their group) are scales."""
    question = ask.question
    group = _group(form.items, question.path.rpartition("/")[0])
    looks = [*question.appearance.split(), *(["likert"] if group and "table-list" in group.appearance else [])]
    match question.type:
        case "select_multiple":
            return "checks"
        case "select_one" if "likert" in looks and len(ask.choices) <= MANY:
            return "scale"
        case "select_one":
            return "select" if "minimal" in looks or len(ask.choices) > MANY else "radios"
        case "range":
            return "numbers" if steps(question) else "decimal"
        case "text":
            return "area" if "multiline" in looks else "text"
    return _PLAIN[question.type]


def steps(question: Question) -> list[str]:
    """The numbers of a range, as they are written; none where there are too many to show."""
    start, end, step = scale(question)
    if not step or abs(end - start) > step * (STEPS - 1):
        return []
    count = int(abs(end - start) / step) + 1
    return [f"{start + number * (step if end >= start else -step):f}" for number in range(count)]


# What is read ----------------------------------------------------------------------------------------------


def read(question: Question, typed: Sequence[str]) -> Value:
    """The exact answer that stands in the fields of a question; None where nothing does."""
    given = [text.strip() for text in typed if text.strip()]
    if not given:
        return None
    match question.type:
        case "select_multiple" | "rank":
            return given
        case "text":
            return typed[0]
        case kind if kind in _NUMBER:
            return unicodedata.normalize("NFKC", given[0]).replace(",", "").replace("\N{MINUS SIGN}", "-")
        case "date":
            return unicodedata.normalize("NFKC", given[0]).replace("/", "-")
        case "time":
            return unicodedata.normalize("NFKC", given[0])[:5]
        case "dateTime":
            return unicodedata.normalize("NFKC", given[0]).replace(" ", "T")[:16]
    return given[0]


def written(value: Value) -> list[str]:
    """A stored answer as it stands in the fields."""
    match value:
        case None:
            return []
        case list():
            return value
        case float() if value.is_integer():
            return [str(int(value))]
    return [str(value)]


# What is shown ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Showing:
    """How a page is shown: in whose words, what was typed in place of what is stored, what is wrong with it
    (by path), what has another answer elsewhere, and where the questionnaire's pictures are."""

    form: Form
    word: Word
    typed: Typed = field(default_factory=dict)
    refused: Mapping[str, Part] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    pictures: str = ""


Node = dict[str, Any]


def tree(blocks: Sequence[Block], showing: Showing) -> list[Node]:
    """The blocks as the templates take them, each group with what is in it."""
    top: list[Node] = []
    open_groups: list[tuple[str, list[Node]]] = [("", top)]
    for block in blocks:
        while open_groups[-1][0] and not block.path.startswith(open_groups[-1][0] + "/"):
            open_groups.pop()
        node = _node(block, showing)
        open_groups[-1][1].append(node)
        if isinstance(block, Heading):
            open_groups.append((block.path, node["nodes"]))
    return top


def key_of(path: str) -> str:
    """What the element of a block is called: a name that any selector takes."""
    return "q" + hashlib.sha256(path.encode()).hexdigest()[:10]


def questions(nodes: Sequence[Node]) -> list[Node]:
    """All questions in these, in order."""
    found: list[Node] = []
    for node in nodes:
        found += questions(node["nodes"]) if node["kind"] == "group" else [node] if node["kind"] == "question" else []
    return found


def _node(block: Block, showing: Showing) -> Node:
    word = showing.word
    key = key_of(block.path)
    match block:
        case Heading(path, label):
            remove = path if _removable(showing.form, path) else ""
            node: Node = {"kind": "group", "label": word(label), "remove": remove}
        case Note(_, label, shown, image):
            node = {"kind": "note", "label": word(label), "shown": word(shown), "image": _picture(image, showing)}
        case Another(path, label, _):
            add = t("Add an entry: {name}", name=label) if word(label) else t("Add an entry")
            node = {"kind": "another", "label": word(add)}
        case Ask():
            node = _question(block, key, showing)
    node |= {"key": key, "path": block.path}
    node["sign"] = _sign(node)
    if isinstance(block, Heading):
        node["nodes"] = []
    if isinstance(block, Ask):
        node |= _state(block, showing)
    return node


def _question(ask: Ask, key: str, showing: Showing) -> Node:
    word, question, shape = showing.word, ask.question, control(ask, showing.form)
    names = [(choice.name, word(choice.label)) for choice in ask.choices]
    if question.type == "range":
        names = [(number, number) for number in steps(question)]
    return {
        "kind": "question",
        "control": shape,
        "label": word(question.label),
        "hint": word(question.hint) or (word(_limits(question)) if shape == "decimal" else ""),
        "guidance": word(question.guidance),
        "image": _picture(question.image, showing),
        "pictures": {choice.name: _picture(choice.image, showing) for choice in ask.choices if choice.image.words},
        "required": ask.required,
        "choices": [(name, label, f"{key}-{number}") for number, (name, label) in enumerate(names)],
        "accept": "image/*" if question.type == "image" else "",
    }


def _limits(question: Question) -> Part:
    """What numbers fit, for a range too long to be shown."""
    if question.type != "range":
        return ""
    start, end, step = scale(question)
    low, high = f"{min(start, end):f}", f"{max(start, end):f}"
    if step in {0, 1}:
        return t("A number from {low} to {high}", low=low, high=high)
    return t("A number from {low} to {high}, in steps of {step}", low=low, high=high, step=f"{step:f}")


def _picture(image: Label, showing: Showing) -> str:
    """Where a picture is; empty for none."""
    name = showing.word(image)
    return showing.pictures + quote(name, safe="") if name and showing.pictures else ""


def _state(ask: Ask, showing: Showing) -> Node:
    """What stands in the fields, and what is wrong with it."""
    word, path = showing.word, ask.path
    error = word(showing.refused[path]) if path in showing.refused else ""
    if path in showing.changed:
        shown = NOTHING if ask.value is None else kinds()[ask.question.type].shown(ask.question, ask.value)
        meanwhile = t("Meanwhile another answer was given elsewhere: {answer}. Save again to keep yours.", answer=shown)
        error = word(meanwhile)
    return {"values": list(showing.typed.get(path, written(ask.value))), "kept": written(ask.value), "error": error}


def _sign(node: Node) -> str:
    """What tells a script whether a block must be put in place of the one that stands there."""
    return hashlib.sha256(json.dumps(node, ensure_ascii=False, default=str).encode()).hexdigest()[:12]


def _removable(form: Form, path: str) -> bool:
    """Whether it is an entry of a repeat that goes on as long as the person wants."""
    if not path.endswith("]"):
        return False
    group = _group(form.items, bare(path))
    return group is not None and group.repeat and not group.count


def _group(items: Sequence[Item], path: str) -> Group | None:
    for item in items:
        if isinstance(item, Group):
            if item.path == path:
                return item
            if path.startswith(item.path + "/"):
                return _group(item.items, path)
    return None
