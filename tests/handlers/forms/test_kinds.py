"""Exact answers by kind, and how answers are seen by expressions and shown to people."""

from datetime import date
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Misfit, kinds
from handlers.talk import Label
from tests.handlers.forms.reading import said

OFFERED = (
    Choice("1", Label({"zh_CN": "甲", "en": "A"}, "zh_CN")),
    Choice("b", Label({"zh_CN": "乙", "en": "B"}, "zh_CN")),
)
ASKED = sorted(name for name, kind in kinds().items() if kind.asked)


def question(kind: str) -> Question:
    return Question("/data/q", "q", kind, Label({"": "Q"}), choices=OFFERED)


def test_every_kind_stands_in_its_own_file() -> None:
    asked = {name for name, kind in kinds().items() if kind.asked}
    silent = {name for name, kind in kinds().items() if kind.silent}
    assert asked == {
        *("acknowledge", "date", "dateTime", "decimal", "file", "image", "integer", "range", "rank", "select_multiple"),
        *("select_one", "text", "time"),
    }
    assert silent == {"calculate", "hidden", "today", "start", "end"}
    assert kinds().keys() - asked - silent == {"note"}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("select_one", "b", "b"), ("select_one", 1, "1"), ("select_one", "A", "choice"), ("select_one", 2, "choice"),
        ("select_one", True, "type"), ("select_one", ["b"], "type"), ("select_one", 1.0, "1"),
        ("select_one", 10**400, "type"), ("select_multiple", ["b", "1"], ["b", "1"]),
        ("select_multiple", "1 b", ["1", "b"]), ("select_multiple", ("1",), ["1"]),
        ("select_multiple", ["b", "b"], ["b"]), ("select_multiple", ["x"], "choice"),
        ("select_multiple", [1], "type"), ("select_multiple", {"b": 1}, "type"), ("select_multiple", 5, "type"),
        ("integer", 5, 5), ("integer", "-12", -12), ("integer", " 7 ", 7), ("integer", 3.0, 3),
        ("integer", "3.5", "type"), ("integer", 3.5, "type"), ("integer", "+3", "type"), ("integer", True, "type"),
        ("integer", "１２", "type"), ("integer", 10**15, "type"), ("integer", "9" * 15, 999_999_999_999_999),
        ("integer", "9" * 16, "type"), ("integer", nan, "type"), ("integer", inf, "type"), ("integer", 1e300, "type"),
        ("integer", 10**400, "type"), ("integer", ["1"], "type"), ("decimal", 2, 2.0), ("decimal", "2.50", 2.5),
        ("decimal", ".5", 0.5), ("decimal", "5.", 5.0), ("decimal", "-3", -3.0), ("decimal", "1e3", "type"),
        ("decimal", "2,5", "type"), ("decimal", nan, "type"), ("decimal", inf, "type"), ("decimal", False, "type"),
        ("decimal", 10**400, "type"), ("decimal", "", "type"), ("decimal", None, "type"),
        ("text", "a\u200b b", "a b"), ("text", 5, "5"), ("text", 2.5, "2.5"), ("text", 3.0, "3"),
        ("text", True, "type"), ("text", nan, "type"), ("text", "\u200b", "type"), ("text", ["a"], "type"),
        ("text", 10**400, "type"), ("date", "2026-10-01", "2026-10-01"), ("date", "2026-02-29", "type"),
        ("date", "2026-1-1", "type"), ("date", 20261001, "type"), ("date", "20261001", "type"),
        ("date", "٢٠٢٦-10-01", "type"),
    ],
)  # fmt: skip
def test_exact_answers(kind: str, value: object, expected: Any) -> None:
    taken = kinds()[kind].take(question(kind), OFFERED, value)
    if isinstance(taken, Misfit):
        assert taken.reason == expected
        assert said(taken.message)
    else:
        assert taken == expected
        assert type(taken) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "seen", "shown"),
    [
        ("select_one", "b", "b", "B"), ("select_one", "gone", "gone", "gone"),
        ("select_multiple", ["b", "1"], "b 1", "B, A"), ("select_multiple", ["gone"], "gone", "gone"),
        ("select_multiple", [], "", ""), ("integer", 12, 12.0, "12"), ("decimal", 2.5, 2.5, "2.5"),
        ("decimal", 2.0, 2.0, "2"), ("text", "words", "words", "words"),
        ("date", "2026-10-01", date(2026, 10, 1), "2026-10-01"),
    ],
)  # fmt: skip
def test_answers_seen_and_shown(kind: str, value: Any, seen: object, shown: str) -> None:
    assert kinds()[kind].seen(value) == seen
    assert said(kinds()[kind].shown(question(kind), value)) == shown


def test_several_labels_are_joined_as_the_language_does() -> None:
    shown = kinds()["select_multiple"].shown(question("select_multiple"), ["1", "b"])
    assert [said(shown, language) for language in ("zh_CN", "en")] == ["甲、乙", "A, B"]


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("kind", ASKED)
@given(value=anything)
def test_whatever_is_taken_can_be_stored_seen_and_shown(kind: str, value: object) -> None:
    taken = kinds()[kind].take(question(kind), OFFERED, value)
    if not isinstance(taken, Misfit):
        assert kinds()[kind].take(question(kind), OFFERED, taken) == taken
        assert isinstance(kinds()[kind].seen(taken), str | float | date)
        said(kinds()[kind].shown(question(kind), taken)).encode()


def test_what_is_only_shown_takes_nothing() -> None:
    with pytest.raises(NotImplementedError):
        kinds()["note"].take(question("note"), (), "x")
    with pytest.raises(NotImplementedError):
        kinds()["note"].hear(question("note"), (), "x", None)
