"""What a ballot of an anonymous round holds, and what is kept of one that is not handed in yet. Pure."""

import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from handlers.forms.form import Form, Question
from handlers.forms.kind import kinds
from handlers.forms.paging import bare
from handlers.forms.walk import answers
from handlers.refusals import BadInput
from handlers.surveys.rules.matrices import numbered
from handlers.talk import Label, t

_LONGEST = 32
"""Characters of a number or a time, at most."""


def packed(form: Form, walk: Mapping[str, Any], bands: Sequence[int], now: Any) -> bytes:
    """The ballot: JSON `{"a": {path: answer}, "b": [places in the bands]}`, and nothing else.

    Answers are those to what was asked, as `handlers.forms.walk.answers` gives them; what a form notes by itself, such
    as times, is no part of it.
    """
    asked = {question.path for question in form.questions() if kinds()[question.type].asked}
    given = {path: value for path, value in answers(form, walk, now).items() if bare(path) in asked}
    return _plain({"a": given, "b": list(bands)})


def most(form: Form) -> int:
    """The most bytes a ballot of this form can take, so that all can be filled up to the same length; without a bound
    where somebody writes words, or as many entries as they like."""
    asked = [question for question in form.questions() if kinds()[question.type].asked]
    if any(one.type == "text" or numbered(form, one.path, "[]") != one.path for one in asked):
        return sys.maxsize
    return len(_plain({"a": {one.path: _longest(one) for one in asked}, "b": [255, 255]}))


def _longest(question: Question) -> Any:
    """The longest answer there is, or one as long."""
    names = [choice.name for choice in question.choices]
    match question.type:
        case "select_one":
            return max(names, key=lambda name: len(name.encode()), default="")
        case "select_multiple" | "rank":
            return names
    return "9" * _LONGEST


def kept(walk: Mapping[str, Any]) -> bytes:
    """A walk that is not at its end, as a draft."""
    return zlib.compress(_plain(walk))


def resumed(draft: bytes) -> dict[str, Any]:
    """The walk that `kept` kept."""
    walk: dict[str, Any] = json.loads(zlib.decompress(draft))
    return walk


def too_long(form: Form, walk: Mapping[str, Any], now: Any) -> BadInput:
    """The no to answers that no ballot can hold; it names the question with the most words."""
    labels = {question.path: question.label for question in form.questions()}
    given = {path: value for path, value in answers(form, walk, now).items() if bare(path) in labels}
    longest = max(given, key=lambda path: len(_plain(given[path])), default="")
    label = labels.get(bare(longest), Label({}))
    return BadInput(
        t(
            "Your answers are too long for a ballot: all ballots of a questionnaire are of one length, so that none is "
            "told by it. Please shorten what you wrote under “{question}”.",
            question=label,
        )
    )


def _plain(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
