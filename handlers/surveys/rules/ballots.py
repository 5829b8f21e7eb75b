"""What a ballot of an anonymous round holds, and what is kept of one that is not handed in yet. Pure."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from handlers.forms.form import Form
from handlers.forms.kind import kinds
from handlers.forms.paging import bare
from handlers.forms.walk import answers
from handlers.refusals import BadInput
from handlers.talk import Label, t


def packed(form: Form, walk: Mapping[str, Any], bands: Sequence[int], now: Any) -> bytes:
    """The ballot: JSON `{"a": {path: answer}, "b": [places in the bands]}`, and nothing else.

    Answers are those to what was asked, as `handlers.forms.walk.answers` gives them; what a form notes by itself, such
    as times, is no part of it.
    """
    asked = {question.path for question in form.questions() if kinds()[question.type].asked}
    given = {path: value for path, value in answers(form, walk, now).items() if bare(path) in asked}
    return _plain({"a": given, "b": list(bands)})


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
            "Your answers are too long for a ballot: all ballots are of the same few sizes, so that none is told by "
            "its length. Please shorten what you wrote under “{question}”.",
            question=label,
        )
    )


def _plain(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
