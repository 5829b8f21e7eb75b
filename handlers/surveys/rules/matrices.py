"""Questions that belong together: the headings they stand under, the matrix they are lines of, the entry they are in.

Paths with the numbers of entries (`/data/kid[2]/name`) are an answer's; without them they are the form's.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from handlers.forms.form import Form, Group, Item, Question
from handlers.talk import Label

_MATRIX = frozenset({"table-list", "list-nolabel", "likert", "list", "label"})
"""Appearances of questions, or of their group, that make lines of one matrix of them."""
_ENTRY = re.compile(r"(.*)\[(\d+)\]")


def line_before(form: Form, path: str) -> str:
    """The path of the question just before in the same matrix, with the same choices; empty if there is none."""
    before = _lines(form).get(general(path), "")
    return f"{path.rpartition('/')[0]}/{before}" if before else ""


def is_line(form: Form, path: str) -> bool:
    """Is this question a line of a matrix?"""
    return general(path) in _lines(form)


def heading(form: Form, path: str) -> Label | None:
    """The label of the innermost labelled group around this question; none whose words name answers."""
    return _headings(form).get(general(path))


def entry_of(form: Form, path: str) -> str:
    """The innermost entry this path is in that can be taken away: of a repeat that goes on as a person wants."""
    while found := _ENTRY.match(path):
        if general(found[1]) in _open_repeats(form):
            return found[0]
        path = found[1]
    return ""


def general(path: str) -> str:
    """The path as the form has it."""
    return re.sub(r"\[\d+\]", "", path)


def numbered(form: Form, path: str, number: str) -> str:
    """The form's path as an answer's: `number` behind the name of each repeat it stands in."""
    steps = path.split("/")
    ends = ("/".join(steps[: end + 1]) for end in range(len(steps)))
    repeats = _all_repeats(form)
    return "/".join(step + (number if so_far in repeats else "") for step, so_far in zip(steps, ends, strict=True))


@lru_cache(maxsize=64)
def _lines(form: Form) -> Mapping[str, str]:
    return dict(_lines_in(form.items, False))


def _lines_in(items: Iterable[Item], matrix: bool) -> Iterable[tuple[str, str]]:
    last: Question | None = None
    for item in items:
        if isinstance(item, Group):
            yield from _lines_in(item.items, not _MATRIX.isdisjoint(item.appearance.split()))
            last = None
            continue
        inside = item.type == "select_one" and (matrix or not _MATRIX.isdisjoint(item.appearance.split()))
        if inside:
            yield item.path, last.name if last and _names(last) == _names(item) else ""
        last = item if inside else None


def _names(question: Question) -> list[str]:
    return [choice.name for choice in question.choices]


@lru_cache(maxsize=64)
def _headings(form: Form) -> Mapping[str, Label]:
    return dict(_labelled(form.items, None))


def _labelled(items: Iterable[Item], above: Label | None) -> Iterable[tuple[str, Label]]:
    for item in items:
        if isinstance(item, Group):
            own = item.label.words and not any("${" in words for words in item.label.words.values())
            yield from _labelled(item.items, item.label if own else above)
        elif above:
            yield item.path, above


@lru_cache(maxsize=64)
def _open_repeats(form: Form) -> frozenset[str]:
    return frozenset(group.path for group in _repeats(form.items) if not group.count)


@lru_cache(maxsize=64)
def _all_repeats(form: Form) -> frozenset[str]:
    return frozenset(group.path for group in _repeats(form.items))


def _repeats(items: Iterable[Item]) -> Iterable[Group]:
    for item in items:
        if isinstance(item, Group):
            if item.repeat:
                yield item
            yield from _repeats(item.items)
