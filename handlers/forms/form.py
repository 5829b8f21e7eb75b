"""What is asked: a questionnaire as plain, frozen facts.

Expressions stay text here (`relevant`, `constraint`, `required`); `handlers.forms.plan` compiles them
once. `to_plain` and `from_plain` carry a form through storage as JSON.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.talk import Label

NOTHING = Label({})
"""The label of what has none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `name` is what is stored.

    `columns`: the author's own columns of the choices sheet, for filters; `synonyms`: other words people may
    type for it; `image`: the file name of its picture, by language.
    """

    name: str
    label: Label
    columns: Mapping[str, str] = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    image: Label = NOTHING


@dataclass(frozen=True, slots=True)
class Question:
    """One row that holds a value, or words: what is asked, a `note` that is shown, a `calculate` that is neither.

    `path` is `/data/group/name`, without the numbers of repeats' entries. `required`, `constraint`, `relevant`,
    `calculation`, `read_only` and `choice_filter` are expressions, empty where the sheet says nothing: never
    required, always fitting, always relevant, asked, not read-only, all choices. `default` is a value as it is
    written, or an expression where `dynamic`. `trigger` names the questions at whose change the calculation
    is worked out, if not at every change of what it reads. `randomize` puts the choices in another order for
    each walk, after `seed` (an expression) if there is one. `reversed`: to agree means the opposite of what it means
    in the other questions of the same scale.
    """

    path: str
    name: str
    type: str
    label: Label
    hint: Label = NOTHING
    required: str = ""
    required_message: Label = NOTHING
    constraint: str = ""
    constraint_message: Label = NOTHING
    relevant: str = ""
    choices: tuple[Choice, ...] = ()
    appearance: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    guidance: Label = NOTHING
    calculation: str = ""
    trigger: tuple[str, ...] = ()
    default: str = ""
    dynamic: bool = False
    read_only: str = ""
    choice_filter: str = ""
    randomize: bool = False
    seed: str = ""
    image: Label = NOTHING
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together; what is not relevant hides all that is in it.

    A `repeat` may be filled in several times: as often as the expression `count` says, or, where that is empty,
    as often as the person wants.
    """

    path: str
    name: str
    label: Label
    relevant: str = ""
    items: tuple["Question | Group", ...] = ()
    appearance: str = ""
    repeat: bool = False
    count: str = ""


Item = Question | Group


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A questionnaire. Two are the same only if they are the same object: what is compiled hangs on it.

    `languages` are tags (`zh_CN`, `en`), in the sheet's order; none when the sheet names none.
    """

    name: str
    title: Label
    version: str
    languages: tuple[str, ...]
    default_language: str
    items: tuple[Item, ...]

    def questions(self) -> Iterator[Question]:
        """All questions and notes, in the order of the rows."""
        return _questions(self.items)


def _questions(items: tuple[Item, ...]) -> Iterator[Question]:
    for item in items:
        if isinstance(item, Group):
            yield from _questions(item.items)
        else:
            yield item


def to_plain(form: Form) -> dict[str, Any]:
    """Plain JSON of a form, without what is empty; `from_plain` is its inverse."""
    return {
        "name": form.name,
        "title": _plain_label(form.title),
        "version": form.version,
        "languages": list(form.languages),
        "default_language": form.default_language,
        "items": [_plain_item(item) for item in form.items],
    }


def from_plain(plain: Mapping[str, Any]) -> Form:
    """The form that `to_plain` made plain."""
    return Form(
        plain["name"],
        _label(plain["title"]),
        plain["version"],
        tuple(plain["languages"]),
        plain["default_language"],
        tuple(_item(item) for item in plain["items"]),
    )


def digest(plain: Mapping[str, Any]) -> str:
    """The fingerprint (SHA-256, hex) of a plain form: same questions, same words, same digest."""
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


_LOADED: dict[str, Form] = {}
_MOST_LOADED = 64


def load(plain: Mapping[str, Any], digest: str) -> Form:
    """The form with this digest, built at most once while it is in use (the 64 last built are kept)."""
    form = _LOADED.get(digest)
    if form is None:
        form = from_plain(plain)
        if len(_LOADED) >= _MOST_LOADED:
            _LOADED.pop(next(iter(_LOADED)))
        _LOADED[digest] = form
    return form


def _plain_label(label: Label) -> list[Any]:
    return [dict(label.words), label.default]


def _label(plain: list[Any] | None) -> Label:
    return Label(plain[0], plain[1]) if plain else NOTHING


_LABELS = ("label", "hint", "guidance", "required_message", "constraint_message", "image")
_AS_THEY_ARE = (
    *("path", "name", "type", "required", "constraint", "relevant", "appearance", "calculation", "default"),
    *("dynamic", "read_only", "choice_filter", "randomize", "seed", "repeat", "count", "reversed"),
)


def _plain_item(item: Item | Choice) -> dict[str, Any]:
    """What is said of an item; where the sheet says nothing, nothing is."""
    plain: dict[str, Any] = {key: value for key in _AS_THEY_ARE if (value := getattr(item, key, ""))}
    plain |= {key: _plain_label(label) for key in _LABELS if (label := getattr(item, key, NOTHING)).words}
    match item:
        case Group():
            plain["items"] = [_plain_item(inner) for inner in item.items]
        case Choice():
            plain |= {"columns": dict(item.columns)} if item.columns else {}
            plain |= {"synonyms": list(item.synonyms)} if item.synonyms else {}
        case Question():
            plain |= {"choices": [_plain_item(choice) for choice in item.choices]} if item.choices else {}
            plain |= {"parameters": dict(item.parameters)} if item.parameters else {}
            plain |= {"trigger": list(item.trigger)} if item.trigger else {}
    return plain


def _known(plain: Mapping[str, Any]) -> dict[str, Any]:
    words = {key: plain[key] for key in _AS_THEY_ARE if key in plain}
    return {"label": NOTHING, **words, **{key: _label(plain[key]) for key in _LABELS if key in plain}}


def _item(plain: Mapping[str, Any]) -> Item:
    if "items" in plain:
        return Group(items=tuple(_item(inner) for inner in plain["items"]), **_known(plain))
    return Question(
        choices=tuple(_choice(choice) for choice in plain.get("choices", ())),
        parameters=plain.get("parameters", {}),
        trigger=tuple(plain.get("trigger", ())),
        **_known(plain),
    )


def _choice(plain: Mapping[str, Any]) -> Choice:
    return Choice(columns=plain.get("columns", {}), synonyms=tuple(plain.get("synonyms", ())), **_known(plain))
