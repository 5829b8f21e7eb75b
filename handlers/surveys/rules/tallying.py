"""Ballots of an anonymous round become columns of numbers, one an answer, without anything of who or when. Pure.

A `Box` is filled batch by batch, each in a thread if one likes; when it is `shut`, it is a `Tally`: what
`handlers.surveys.rules.release` counts. Import this where the counting begins: numpy comes with it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handlers.forms.form import Form, Group, Item, Question
from storage.records import Round

Codes = NDArray[np.int16]
"""The places of choices; -1 where there is no answer."""
Column = NDArray[Any]

KINDS: Mapping[str, str] = {
    "select_one": "choices",
    "select_multiple": "several",
    "rank": "order",
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "acknowledge": "confirmed",
    "text": "words",
}
"""What is made of each type of question; of those that are not here, nothing."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The choices of a question that stand for 1 to `points`, by their places in the list from 1 on; others, such as
    “don't know”, are no points. 量表"""

    points: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is tabulated. `kind`: what it becomes; `reversed`: agreeing means the opposite of what the others
    of its dimension mean."""

    path: str
    name: str
    kind: str
    choices: tuple[str, ...] = ()
    scale: Scale | None = None
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Dimension:
    """Items that stand in one group of a form and share a scale: the group's path and the items' paths. 维度"""

    path: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What of a form is tabulated. `left_out`: paths of what is asked and is not, with the reason: `repeat` or
    `type`."""

    questions: tuple[Asked, ...]
    dimensions: tuple[Dimension, ...]
    left_out: Mapping[str, str]


def sheet(form: Form) -> Sheet:
    """What of this form is tabulated.

    A scale: choices named 1, 2, 3 … (at least three of them, whatever stands beside them), of a question that looks
    like a line of a matrix (`likert`) or shares its list with another one: the bands of an age are none. A dimension: a
    group, the innermost one, in which at least two questions have the same scale.
    """
    flat = list(_flat(form.items, "", False))
    lists = [one.choices for one, _, repeated in flat if one.type == "select_one" and not repeated]
    asked, left_out, inside = list[Asked](), dict[str, str](), dict[str, list[Asked]]()
    for question, group, repeated in flat:
        if repeated:
            left_out[question.path] = "repeat"
        elif question.type not in KINDS:
            left_out[question.path] = "type"
        else:
            one = _asked(question, lists.count(question.choices) > 1)
            asked.append(one)
            if one.scale:
                inside.setdefault(group, []).append(one)
    dimensions = [dimension for group, some in inside.items() if (dimension := _dimension(group, some))]
    return Sheet(tuple(asked), tuple(dimensions), left_out)


_NOT_ASKED = frozenset(("note", "calculate", "hidden", "today", "start", "end"))


def _flat(items: Iterable[Item], group: str, repeated: bool) -> Iterable[tuple[Question, str, bool]]:
    for item in items:
        if isinstance(item, Group):
            yield from _flat(item.items, item.path, repeated or item.repeat)
        elif item.type not in _NOT_ASKED:
            yield item, group, repeated


def _asked(question: Question, shared: bool) -> Asked:
    choices = tuple(choice.name for choice in question.choices)
    looks = question.appearance.split()
    scale = _scale(choices) if question.type == "select_one" and (shared or "likert" in looks) else None
    return Asked(question.path, question.name, KINDS[question.type], choices, scale, question.reversed)


def _scale(names: Sequence[str]) -> Scale | None:
    places = {name: at for at, name in enumerate(names)}
    points: list[int] = []
    while str(len(points) + 1) in places:
        points.append(places[str(len(points) + 1)])
    return Scale(tuple(points)) if len(points) >= 3 else None


def _dimension(group: str, some: Sequence[Asked]) -> Dimension | None:
    lengths = [len(one.scale or ()) for one in some]
    usual = max(lengths, key=lengths.count)
    items = tuple(one.path for one, length in zip(some, lengths, strict=True) if length == usual)
    return Dimension(group, items) if group and len(items) > 1 else None


@dataclass(frozen=True, slots=True)
class Tally:
    """All ballots of a round, as columns.

    `cells`: by ballot the place of its cell in `names`, the cells as places in the breakdowns' bands. `columns` by
    path: codes of choices (-1: none); of several choices one column each of 0 and 1, -1 in all where there is no
    answer; of an order each choice's place from 1 on, -1 likewise; numbers (NaN: none). `words`: comments by path.
    `invalid`: ballots that could not be read; `strange`: answers that are none of their question's.
    """

    sheet: Sheet
    names: tuple[tuple[int, ...], ...]
    cells: NDArray[np.int32]
    columns: Mapping[str, Column]
    words: Mapping[str, Sequence[str]]
    invalid: int = 0
    strange: int = 0


@dataclass(slots=True)
class _Batch:
    cells: NDArray[np.int32]
    columns: dict[str, Column]
    words: dict[str, list[str]]
    invalid: int
    strange: int


class Box:
    """Takes the opened ballots of a round. Batches may be added from several threads at once."""

    def __init__(self, form: Form, round: Round) -> None:
        self.round = round
        self.sheet = sheet(form)
        self._shape = tuple(len(one.bands) for one in round.secrecy.breakdowns)
        self._batches: list[_Batch] = []

    def add(self, plain: Iterable[bytes]) -> None:
        """Counts these ballots in; one that is none is counted as invalid."""
        read = [_read(one, self._shape) for one in plain]
        good = [one for one in read if one is not None]
        answers = [one[0] for one in good]
        cells = np.array([self._cell(one[1]) for one in good], np.int32)
        batch = _Batch(cells, {}, {}, len(read) - len(good), 0)
        for one in self.sheet.questions:
            given = [ballot.get(one.path) for ballot in answers]
            if one.kind == "words":
                batch.words[one.path] = [words for word in given if (words := _words(word))]
            else:
                column = _COLUMNS[one.kind](one, given)
                batch.strange += sum(value is not None for value in given) - int(_answered(column).sum())
                batch.columns[one.path] = column
        self._batches.append(batch)

    def shut(self) -> Tally:
        """All that was added; the box is empty then."""
        batches, self._batches = self._batches, []
        columns = {
            one.path: _joined([batch.columns[one.path] for batch in batches], _empty(one))
            for one in self.sheet.questions
            if one.kind != "words"
        }
        words = {
            one.path: [words for batch in batches for words in batch.words[one.path]]
            for one in self.sheet.questions
            if one.kind == "words"
        }
        cells = _joined([batch.cells for batch in batches], np.zeros(0, np.int32))
        invalid, strange = sum(one.invalid for one in batches), sum(one.strange for one in batches)
        return Tally(self.sheet, self._names(), cells, columns, words, invalid, strange)

    def _cell(self, places: Sequence[int]) -> int:
        number = 0
        for size, place in zip(self._shape, places, strict=True):
            number = number * size + place
        return number

    def _names(self) -> tuple[tuple[int, ...], ...]:
        return tuple(np.ndindex(*self._shape)) if self._shape else ((),)


def answered(column: Column) -> NDArray[np.bool_]:
    """Who answered, by a column of a `Tally`."""
    return _answered(column)


def _answered(column: Column) -> NDArray[np.bool_]:
    if column.dtype.kind == "f":
        return ~np.isnan(column)
    found: NDArray[np.bool_] = (column if column.ndim == 1 else column[:, 0]) >= 0
    return found


def _read(plain: bytes, shape: Sequence[int]) -> tuple[Mapping[str, Any], Sequence[int]] | None:
    """Answers and places of a ballot; None where it is none."""
    try:
        ballot = json.loads(plain)
        answers, places = ballot["a"], ballot["b"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(answers, dict) or not isinstance(places, list) or len(places) != len(shape):
        return None
    fits = all(type(place) is int and 0 <= place < size for place, size in zip(places, shape, strict=True))
    return (answers, places) if fits else None


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _chosen(one: Asked, given: Sequence[Any]) -> Column:
    places = {name: at for at, name in enumerate(one.choices)}
    return np.array([places.get(value, -1) if type(value) is str else -1 for value in given], np.int16)


def _ticked(one: Asked, given: Sequence[Any]) -> Column:
    places = {name: at for at, name in enumerate(one.choices)}
    column = np.full((len(given), len(one.choices)), -1, np.int8)
    for at, value in enumerate(given):
        if _names(value) and all(name in places for name in value):
            column[at] = 0
            column[at, [places[name] for name in value]] = 1
    return column


def _placed(one: Asked, given: Sequence[Any]) -> Column:
    wanted = sorted(one.choices)
    places = {name: at for at, name in enumerate(one.choices)}
    column = np.full((len(given), len(one.choices)), -1, np.int16)
    for at, value in enumerate(given):
        if _names(value) and sorted(value) == wanted:
            column[at, [places[name] for name in value]] = range(1, len(wanted) + 1)
    return column


def _names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(name) is str for name in value)


def _numbers(one: Asked, given: Sequence[Any]) -> Column:
    fits = [value if type(value) in (int, float) and abs(value) < 1e15 else np.nan for value in given]
    return np.array(fits, np.float64)


def _confirmed(one: Asked, given: Sequence[Any]) -> Column:
    return np.array([0 if value == "OK" else -1 for value in given], np.int16)


_COLUMNS: Mapping[str, Callable[[Asked, Sequence[Any]], Column]] = {
    "choices": _chosen,
    "several": _ticked,
    "order": _placed,
    "number": _numbers,
    "confirmed": _confirmed,
}


def _empty(one: Asked) -> Column:
    return _COLUMNS[one.kind](one, [])


def _joined(columns: Sequence[Column], empty: Column) -> Column:
    return np.concatenate(columns) if columns else empty
