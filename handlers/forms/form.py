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
    """One thing to choose; `name` is what is stored."""

    name: str
    label: Label


@dataclass(frozen=True, slots=True)
class Question:
    """One row that is put to the person. A `note` is one too: shown, never asked.

    `path` is `/data/group/name`. `required`, `constraint` and `relevant` are expressions, empty where
    the sheet says nothing: never required, always fitting, always relevant.
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


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together; what is not relevant hides all that is in it."""

    path: str
    name: str
    label: Label
    relevant: str = ""
    items: tuple["Question | Group", ...] = ()
    appearance: str = ""


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


_LABELS = ("label", "hint", "required_message", "constraint_message")
_WORDS = ("path", "name", "type", "required", "constraint", "relevant", "appearance")


def _plain_item(item: Item) -> dict[str, Any]:
    plain: dict[str, Any] = {key: value for key in _WORDS if (value := getattr(item, key, ""))}
    for key in _LABELS:
        label = getattr(item, key, NOTHING)
        if label.words:
            plain[key] = _plain_label(label)
    if isinstance(item, Group):
        plain["items"] = [_plain_item(inner) for inner in item.items]
        return plain
    if item.choices:
        plain["choices"] = [[choice.name, _plain_label(choice.label)] for choice in item.choices]
    if item.parameters:
        plain["parameters"] = dict(item.parameters)
    return plain


def _item(plain: Mapping[str, Any]) -> Item:
    if "items" in plain:
        return Group(
            plain["path"],
            plain["name"],
            _label(plain.get("label")),
            plain.get("relevant", ""),
            tuple(_item(inner) for inner in plain["items"]),
            plain.get("appearance", ""),
        )
    words = {key: plain[key] for key in _WORDS if key in plain}
    labels = {key: _label(plain[key]) for key in _LABELS if key in plain}
    return Question(
        choices=tuple(Choice(name, _label(label)) for name, label in plain.get("choices", ())),
        parameters=plain.get("parameters", {}),
        **{"label": NOTHING, **words, **labels},
    )
