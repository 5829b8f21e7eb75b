"""`form talk --script`: JSON lines as `interface.md` promises them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.forms.form import Form
from handlers.forms.script import Talk
from handlers.refusals import BadInput
from tests.handlers.forms.made import form, q, repeat
from tests.handlers.forms.reading import YES_NO, read, said, survey

FORM = survey(
    "type | name | label::中文 (zh) | label::English (en) | required | constraint | relevant",
    "note | n | 您好 | Hello | | |",
    "select_one yn | a | 甲 | A | yes | |",
    "begin group | g | | | | | ${a} = 'yes'",
    "integer | i | 几 | How many | | . > 0 |",
    "end group | | | | | |",
    "date | d | 日 | Day | | |",
) + YES_NO.replace("label", "label::English (en) | label::中文 (zh)").replace("Yes |", "Yes | 是 |").replace(
    "No |", "No | 否 |"
)


def talk(form: Form, *lines: dict[str, Any]) -> tuple[Talk, list[dict[str, Any]]]:
    conversation = Talk(form, said, "en", datetime(2026, 10, 17, 9, tzinfo=UTC))
    out = conversation.begin()
    for line in lines:
        out += conversation.hear(json.dumps(line))
    return conversation, out


def test_a_whole_conversation() -> None:
    conversation, out = talk(
        read(FORM), {"answer": "maybe"}, {"answer": "yes"}, {"say": "三次"}, {"back": True}, {"answer": 0},
        {"skip": True}, {"say": "昨天"}, {"submit": True},
    )  # fmt: skip
    ask_a: dict[str, Any] = {
        "path": "/data/a",
        "name": "a",
        "type": "select_one",
        "label": "A",
        "hint": "",
        "required": True,
        "choices": [{"name": "yes", "label": "Yes"}, {"name": "no", "label": "No"}],
    }
    ask_i = {"path": "/data/g/i", "name": "i", "type": "integer", "label": "How many", "hint": "", "required": False}
    ask_d = {"path": "/data/d", "name": "d", "type": "date", "label": "Day", "hint": "", "required": False}
    whole = {"a": "yes", "g": {"i": 3}, "d": "2026-10-16"}
    choose = "Please choose one of the answers: tap it, or type its number or its words."
    unfit = "This answer does not fit here. Please give another one."
    assert out == [
        {"note": {"path": "/data/n", "label": "Hello"}},
        {"ask": ask_a},
        {"refused": {"path": "/data/a", "reason": "choice", "message": choose}},
        {"ask": ask_a},
        {"ask": ask_i},
        {"ask": ask_d},
        {"ask": ask_i},
        {"refused": {"path": "/data/g/i", "reason": "constraint", "message": unfit}},
        {"ask": ask_i},
        {"ask": ask_d},
        {"review": whole},
        {"done": {"answers": whole}},
    ]
    assert conversation.done
    json.dumps(out)


def test_the_language_changes_in_the_middle() -> None:
    conversation, out = talk(read(FORM), {"language": "zh-CN"}, {"answer": "no"})
    assert [event["ask"]["label"] for event in out if "ask" in event] == ["A", "甲", "日"]
    assert conversation.open() == {"open": {"a": "no"}}
    assert not conversation.done


def test_no_entry_of_a_repeat_waits() -> None:
    _, out = talk(read(FORM), {"again": True})
    assert out[-1] == out[-2]


def test_what_fell_away_is_not_a_line() -> None:
    _, out = talk(read(FORM), {"answer": "yes"}, {"answer": 5}, {"back": True}, {"back": True}, {"answer": "no"})
    assert [next(iter(event)) for event in out] == ["note", "ask", "ask", "ask", "ask", "ask", "ask"]


def test_after_the_check_at_the_end_the_walk_goes_on_row_by_row() -> None:
    form = read(
        survey(
            "type | name | label | required | relevant",
            "text | a | A | yes | ${b} = '1'",
            "text | b | B | |",
            "text | c | C | |",
        )
    )
    _, out = talk(form, {"answer": "1"}, {"skip": True}, {"submit": True}, {"answer": "x"})
    assert [next(iter(event)) for event in out] == ["ask", "ask", "review", "refused", "ask", "ask"]
    assert out[-1]["ask"]["name"] == "b"


@pytest.mark.parametrize("line", ["", "{", "[]", '"answer"', "5", "{}", '{"say": 5}', '{"other": 1}', "[" * 100_000])
def test_lines_that_say_nothing(line: str) -> None:
    conversation, _ = talk(read(FORM))
    with pytest.raises(BadInput) as caught:
        conversation.hear(line)
    assert "This line" in said(caught.value.text)


def test_a_repeat_waits_for_again_and_is_handed_in_as_a_list() -> None:
    made = form(
        repeat("o", q("text", "t"), repeat("i", q("integer", "n"))), q("calculate", "c", calculation="sum(${n})")
    )
    conversation, out = talk(
        made, {"answer": "a"}, {"answer": 1}, {"again": True}, {"answer": 2}, {"again": False}, {"again": True},
        {"answer": "b"}, {"answer": None}, {"again": False}, {"again": False}, {"submit": True},
    )  # fmt: skip
    assert [event["repeat"] for event in out if "repeat" in event] == [
        {"path": "/data/o[1]/i", "count": 1}, {"path": "/data/o[1]/i", "count": 2}, {"path": "/data/o", "count": 1},
        {"path": "/data/o[2]/i", "count": 1}, {"path": "/data/o", "count": 2},
    ]  # fmt: skip
    whole = {"o": [{"t": "a", "i": [{"n": 1}, {"n": 2}]}, {"t": "b", "i": [{}]}], "c": 3}
    assert out[-2:] == [{"review": whole}, {"done": {"answers": whole}}]
    assert conversation.done
