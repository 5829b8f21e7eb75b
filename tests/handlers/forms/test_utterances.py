"""The whole table of utterances is understood: each reading right, each unclear one asked back, none misread."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Misfit, Value, kinds
from handlers.talk import Label, Text
from tests.handlers.forms.reading import said
from tests.handlers.forms.utterances import TODAY, Utterance, utterances

TABLE = tuple(utterances())
QUESTIONS = {each.question.name: each.question for each in TABLE}
FEWEST = 400
SLOWEST = 0.1
"""Seconds for one hearing, whatever is typed; alone it is under 5 ms; more is for a busy machine."""


def test_the_table_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = [(each, each.verdict()) for each in TABLE]
    typical = median(_seconds(each.question, each.words) for each in TABLE)
    counts = Counter(verdict for _, verdict in verdicts)
    wrong = [_told(each, verdict) for each, verdict in verdicts if verdict not in ("read", "asked back")]
    with capsys.disabled():
        print(  # noqa: T201 (the measured coverage is to be seen)
            f"\nunderstanding: {len(TABLE)} utterances, {len({each.question.type for each in TABLE})} kinds: "
            f"{counts['read']} read, {counts['asked back']} asked back, {counts['MISREAD']} silently misread, "
            f"{counts['not read'] + counts['not named']} asked back wrongly; median {typical * 1e6:.0f} µs"
        )
    assert not wrong, "\n".join(wrong)
    assert len(TABLE) >= FEWEST
    assert typical < SLOWEST / 10
    assert {each.question.type for each in TABLE} == {
        name for name, kind in kinds().items() if kind.asked and not kind.silent
    }


def _told(each: Utterance, verdict: str) -> str:
    heard = each.heard()
    answer = said(heard.message) if isinstance(heard, Misfit) else heard
    return f"{verdict}: {each.question.name} {each.words!r}: expected {each.expected}, heard {answer}"


def _heard(question: Question, words: str, today: date | None = TODAY) -> Value | Misfit:
    return kinds()[question.type].hear(question, question.choices, words, today)


@pytest.mark.parametrize(
    "changed",
    [
        lambda words: "".join(
            chr(ord(char) + 0xFEE0) if "!" <= char <= "~" and char != "'" else char for char in words
        ),
        str.upper,
        str.lower,
        lambda words: words + "。",
        lambda words: words + "!",
        lambda words: f"  {words}\n",
        lambda words: "\u200b".join(words),
    ],
    ids=["wide", "upper", "lower", "full stop", "exclamation", "spaces", "zero width"],
)
def test_how_it_is_typed_makes_no_difference(changed: Callable[[str], str]) -> None:
    for each in TABLE:
        if each.question.type != "text" and not each.words.endswith(("?", "？")):
            assert _heard(each.question, changed(each.words)) == each.heard(), each.words


pieces = st.lists(
    st.sampled_from(
        sorted({each.words for each in TABLE} | set("不没是第个半点万十两,，、-:/ 和或了吧吗?？差除都前后先最"))
    ),
    max_size=4,
)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
@given(
    words=st.one_of(st.text(max_size=40), pieces.map("".join), pieces.map(" ".join)),
    today=st.sampled_from([TODAY, None]),
)
def test_whatever_is_typed_is_read_or_asked_back(name: str, words: str, today: date | None) -> None:
    question = QUESTIONS[name]
    kind = kinds()[question.type]
    heard = kind.hear(question, question.choices, words, today)
    if isinstance(heard, Misfit):
        assert said(heard.message)
        assert heard.reason in ("type", "choice")
    else:
        assert kind.take(question, question.choices, heard) == heard
        assert said(kind.shown(question, heard))


def test_what_is_asked_back_about_can_be_typed() -> None:
    for each in TABLE:
        heard = each.heard()
        if isinstance(heard, Misfit) and isinstance(heard.message, Text) and not each.question.choices:
            for meant in (heard.message.args.get(name) for name in ("value", "first", "second")):
                assert meant is None or isinstance(_heard(each.question, str(meant)), str | int | float), each.words


@pytest.mark.parametrize("name", sorted(QUESTIONS))
@pytest.mark.parametrize(
    "words",
    ["1" * 10_000, "一" * 300, "点" * 300, "1," * 150, "1 " * 150, "除了" * 150, "先A再" * 75, "半" * 300,
     "a" * 10_000, "差" * 299, "第" * 300, "1:" * 150, "是" * 300, "是 " * 150, "不" * 300, "的" * 300, "?" * 300,
     "(" * 300, "1月" * 150, "对" * 299 + "x", "昨天 " * 100, "1.1" * 100, " " * 10_000, "三千" * 150,
     "twenty-" * 40, "and a half " * 27],
)  # fmt: skip
def test_no_words_take_long(name: str, words: str) -> None:
    question = QUESTIONS[name]
    _heard(question, "1")
    fastest = min(_seconds(question, words) for _ in range(5))
    assert fastest < SLOWEST


def _seconds(question: Question, words: str) -> float:
    begun = perf_counter()
    _heard(question, words)
    return perf_counter() - begun


def test_a_long_list_is_searched_quickly() -> None:
    units = tuple(Choice(f"u{place}", Label({"": f"第{place}街道办事处综合科（{place}）"})) for place in range(300))
    question = Question("/data/unit", "unit", "select_one", Label({"": "Q"}), choices=units)
    assert _heard(question, "第 7 街道办事处综合科") == "u7"
    assert isinstance(_heard(question, "街道办事外综合科"), Misfit)
    assert min(_seconds(question, "街道办事外综合科") for _ in range(5)) < 0.1
