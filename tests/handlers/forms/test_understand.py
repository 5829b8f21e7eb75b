"""What people type, and how it is read: as one answer, or asked back; never as a wrong one."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.forms.days import day
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Misfit, kinds
from handlers.forms.numerals import number
from handlers.forms.understand import LONGEST, clean, fold
from handlers.talk import Label
from tests.handlers.forms.reading import said

TODAY = date(2026, 10, 17)
BACK = "asked back"


def choices(*labels: str, names: str = "") -> tuple[Choice, ...]:
    """Choices with labels `中文/English`, named c1, c2 … or as given."""
    named = names.split() or [f"c{place}" for place in range(1, len(labels) + 1)]
    words = (dict(zip(("zh_CN", "en"), label.split("/"), strict=False)) for label in labels)
    return tuple(Choice(name, Label(each, "zh_CN")) for name, each in zip(named, words, strict=True))


def hear(kind: str, words: str, offered: tuple[Choice, ...] = (), today: date | None = TODAY) -> Any:
    question = Question("/data/q", "q", kind, Label({"": "Q"}), choices=offered)
    heard = kinds()[kind].hear(question, offered, words, today)
    return BACK if isinstance(heard, Misfit) else heard


SATISFIED = choices(
    "非常满意/Very satisfied", "满意/Satisfied", "一般/So-so", "不满意/Dissatisfied", "很不满意/Very dissatisfied"
)
YES_NO = choices("是/Yes", "否/No", names="yes no")
HAVE = choices("有/Yes", "没有/No", "不清楚/Not sure")
MARKED = choices("A. 优秀", "B. 称职", "C. 基本称职", "D. 不称职")
SCORED = choices("5分（最好）", "4分", "3分", "2分", "1分（最差）", names="5 4 3 2 1")
COUNTS = choices("没有", "1次", "2次", "3次及以上")
NORTH = choices("东/East", "南/South", "西/West", "北/North", names="e s w n")


@pytest.mark.parametrize(
    ("offered", "words", "expected"),
    [
        # numbers
        (SATISFIED, "1", "c1"), (SATISFIED, "１", "c1"), (SATISFIED, "1、", "c1"), (SATISFIED, "①", "c1"),
        (SATISFIED, "⑴", "c1"), (SATISFIED, "1️⃣", "c1"), (SATISFIED, "一", "c1"), (SATISFIED, "㈠", "c1"),
        (SATISFIED, "（2）", "c2"), (SATISFIED, "2.", "c2"), (SATISFIED, "第二个", "c2"), (SATISFIED, "第二個", "c2"),
        (SATISFIED, "第2项", "c2"), (SATISFIED, "第 2 项。", "c2"), (SATISFIED, "第二", "c2"),
        (SATISFIED, "选2", "c2"), (SATISFIED, "我选2", "c2"), (SATISFIED, "選擇第三項", "c3"),
        (SATISFIED, "我选择的是3", "c3"), (SATISFIED, "答案是3", "c3"), (SATISFIED, "option 3", "c3"),
        (SATISFIED, "No. 3", "c3"), (SATISFIED, "#3", "c3"), (SATISFIED, "3rd", "c3"),
        (SATISFIED, "the second one", "c2"), (SATISFIED, "First", "c1"), (SATISFIED, "3号", "c3"),
        (SATISFIED, "选项4", "c4"), (SATISFIED, "I choose 4", "c4"), (SATISFIED, "my answer is 4.", "c4"),
        (SATISFIED, "0", BACK), (SATISFIED, "6", BACK), (SATISFIED, "十二", BACK), (SATISFIED, "²", BACK),
        (SATISFIED, "-1", BACK), (SATISFIED, "1.5", BACK), (SATISFIED, "2个", BACK), (SATISFIED, "两三", BACK),
        # letters
        (SATISFIED, "B", "c2"), (SATISFIED, "b", "c2"), (SATISFIED, "Ｂ。", "c2"), (SATISFIED, "Ⓑ", "c2"),
        (SATISFIED, "选B", "c2"), (SATISFIED, "B项", "c2"), (SATISFIED, "Option B", "c2"),
        (SATISFIED, "我选 Ｂ！", "c2"), (SATISFIED, "F", BACK),
        # labels, in any language, whole
        (SATISFIED, "满意", "c2"), (SATISFIED, "非常满意", "c1"), (SATISFIED, " 不满意。 ", "c4"),
        (SATISFIED, "very satisfied", "c1"), (SATISFIED, "SATISFIED!", "c2"), (SATISFIED, "“一般”", "c3"),
        (SATISFIED, "2、满意", "c2"), (SATISFIED, "B. 满意", "c2"), (SATISFIED, "我选满意", "c2"),
        (SATISFIED, "So-so", "c3"), (SATISFIED, "满\u200b意", "c2"), (SATISFIED, "\u202e满意\u202c", "c2"),
        # not whole: never taken
        (SATISFIED, "非常", BACK), (SATISFIED, "不是很满意", BACK), (SATISFIED, "我不满意", "c4"),
        (SATISFIED, "很满意", BACK), (SATISFIED, "1、不满意", BACK), (SATISFIED, "不选2", BACK),
        (SATISFIED, "我不选2", BACK), (SATISFIED, "除了2", BACK), (SATISFIED, "", BACK), (SATISFIED, "。", BACK),
        (SATISFIED, "随便", BACK), (SATISFIED, "2或3", BACK), (SATISFIED, "1-3", BACK), (SATISFIED, "1、2", BACK),
        (SATISFIED, "满意和一般", BACK), (SATISFIED, "满意" * 200, BACK), (SATISFIED, "嗯", BACK),
        (SATISFIED, "c2", "c2"),
        # yes and no
        (YES_NO, "是", "yes"), (YES_NO, "是的", "yes"), (YES_NO, "嗯", "yes"), (YES_NO, "对", "yes"),
        (YES_NO, "對", "yes"), (YES_NO, "有", "yes"), (YES_NO, "Yes", "yes"), (YES_NO, "y", "yes"),
        (YES_NO, "否", "no"), (YES_NO, "不", "no"), (YES_NO, "没有", "no"), (YES_NO, "沒有。", "no"),
        (YES_NO, "无", "no"), (YES_NO, "不是", "no"), (YES_NO, "no", "no"), (YES_NO, "N", "no"),
        (YES_NO, "不知道", BACK), (YES_NO, "是不是", BACK), (YES_NO, "也许", BACK), (YES_NO, "maybe", BACK),
        (HAVE, "有", "c1"), (HAVE, "没", "c2"), (HAVE, "是", "c1"), (HAVE, "no", "c2"), (HAVE, "不清楚", "c3"),
        (HAVE, "not", BACK),
        # signs of the author's own
        (MARKED, "A", "c1"), (MARKED, "d", "c4"), (MARKED, "称职", "c2"), (MARKED, "B. 称职", "c2"),
        (MARKED, "基本称职", "c3"), (MARKED, "2", "c2"), (MARKED, "不", BACK),
        # a number that may be a score or a place
        (SCORED, "3", "3"), (SCORED, "5", BACK), (SCORED, "1", BACK), (SCORED, "5分", "5"), (SCORED, "4分", "4"),
        (SCORED, "第1个", "5"), (SCORED, "5分（最好）", "5"),
        # a label of a number
        (COUNTS, "2次", "c3"), (COUNTS, "1次", "c2"), (COUNTS, "没有", "c1"), (COUNTS, "1", BACK),
        (COUNTS, "3次", BACK),
        # a name that is also a letter
        (NORTH, "北", "n"), (NORTH, "w", "w"), (NORTH, "a", "e"), (NORTH, "e", "e"), (NORTH, "north", "n"),
        (NORTH, "d", "n"), (choices("甲", "乙", "丙", names="b c a"), "a", BACK),
        (choices("甲", "乙", "丙", names="b c a"), "丙", "a"), (choices("同样", "同样"), "同样", BACK),
        (choices("同样", "同样"), "2", "c2"),
    ],
)  # fmt: skip
def test_one_choice(offered: tuple[Choice, ...], words: str, expected: str) -> None:
    assert hear("select_one", words, offered) == expected


TASKS = choices("值班/Duty", "走访和调研/Visits", "材料、报告/Papers", "会议/Meetings", "其他/Other")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2,3 和 5", [2, 3, 5]), ("1", [1]), ("１，３", [1, 3]), ("①③", [1, 3]), ("1、3、4。", [1, 3, 4]),
        ("5 1", [5, 1]), ("A、C", [1, 3]), ("ACD", [1, 3, 4]), ("ＡＣ", [1, 3]), ("a,c", [1, 3]), ("acd", [1, 3, 4]),
        ("CAB", BACK), ("ABF", BACK), ("值班", [1]), ("值班和会议", [1, 4]), ("走访和调研", [2]),
        ("走访和调研，会议", [2, 4]), ("材料、报告", [3]), ("材料、报告,其他", [3, 5]), ("duty and meetings", [1, 4]),
        ("Duty, Papers & Other", [1, 3, 5]), ("我选1和3", [1, 3]), ("第一个和第三个", [1, 3]), ("1;3", [1, 3]),
        ("1\n3", [1, 3]), ("1+3", [1, 3]), ("1/3", [1, 3]), ("1以及3", [1, 3]), ("1 1 3", [1, 3]), ("一、三", [1, 3]),
        ("1-3", BACK), ("13", BACK), ("1,6", BACK), ("不选2", BACK), ("1,不选2", BACK), ("全部", [1, 2, 3, 4, 5]),
        ("", BACK), ("、、", BACK), ("1,2" * 200, BACK), ("走访", BACK), ("1到3", BACK),
    ],
)  # fmt: skip
def test_several_choices(words: str, expected: Any) -> None:
    wanted = expected if expected == BACK else [f"c{place}" for place in expected]
    assert hear("select_multiple", words, TASKS) == wanted


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12", 12), ("１２", 12), ("3次", 3), ("3 次。", 3), ("三次", 3), ("十", 10), ("十二", 12), ("二十", 20),
        ("廿", BACK), ("三百二十", 320), ("两千零五", 2005), ("两个", 2), ("兩個", 2), ("一百零二", 102),
        ("一千零五十人", 1050), ("三萬五千", 35000), ("1.5万", 15000), ("3万", 30000), ("一亿三千万", 130_000_000),
        ("零", 0), ("〇", 0), ("-3", -3), ("负三", -3), ("minus 3", -3), ("1,000", 1000), ("1，000", 1000),
        ("20%", BACK), ("约20%", BACK), ("大约20次", 20), ("about 20 times", 20), ("20左右", 20), ("共5人", 5),
        ("12 days", BACK), ("0", 0), ("007", 7), ("3百", 300), ("壹佰", 100), ("3.5", BACK), ("三百二", 320),
        ("三万五", 35000), ("两三次", BACK), ("3-5", BACK), ("3到5次", BACK), ("一二三", BACK), ("半", BACK),
        ("20多", BACK), ("1,5", BACK), ("①②", BACK), ("2²", BACK), ("½", BACK), ("十万十", 100_010), ("百", BACK),
        ("一万亿", BACK), ("万", BACK), ("很多", BACK), ("", BACK), ("9" * 16, BACK), ("9" * 999, BACK),
        ("1e3", BACK), ("3年2个月", BACK), ("١٢", BACK), ("3点", BACK), ("一千五", 1500), ("3,00", BACK),
    ],
)  # fmt: skip
def test_whole_numbers(words: str, expected: Any) -> None:
    assert hear("integer", words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12.5", 12.5), ("１２．５", 12.5), ("12", 12.0), ("2.5小时", BACK), ("1,234.5元", 1234.5), ("三", 3.0),
        ("-0.5", -0.5), ("1.5万", 15000.0), ("20%", BACK), ("2,5", BACK), ("1.2.3", BACK), ("", BACK),
        ("9" * 16, BACK), ("1" * 400, BACK),
    ],
)  # fmt: skip
def test_numbers(words: str, expected: Any) -> None:
    found = hear("decimal", words)
    assert found == expected
    assert isinstance(found, float) or expected == BACK


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2026-10-01", "2026-10-01"), ("2026/10/1", "2026-10-01"), ("２０２６／１０／１", "2026-10-01"),
        ("2026.10.1", "2026-10-01"), ("2026年10月1日", "2026-10-01"), ("2026年10月1号", "2026-10-01"),
        ("2026 年 10 月 1 日。", "2026-10-01"), ("20261001", "2026-10-01"), ("二〇二六年十月一日", "2026-10-01"),
        ("二零二六年十月二十三號", "2026-10-23"), ("10月1日", "2026-10-01"), ("十月一号", "2026-10-01"),
        ("今天", "2026-10-17"), ("昨天", "2026-10-16"), ("前天", "2026-10-15"), ("大前天", "2026-10-14"),
        ("明天", "2026-10-18"), ("後天", "2026-10-19"), ("Today", "2026-10-17"), ("yesterday.", "2026-10-16"),
        ("今年10月1日", "2026-10-01"), ("去年12月28日", "2025-12-28"), ("明年1月5日", "2027-01-05"),
        ("1 Oct 2026", "2026-10-01"), ("October 1, 2026", "2026-10-01"), ("Oct. 1st 2026", "2026-10-01"),
        ("on the 1st", BACK), ("1st of October 2026", "2026-10-01"), ("Oct 1", "2026-10-01"), ("10/13", "2026-10-13"),
        ("13/10", "2026-10-13"), ("10/10", "2026-10-10"), ("31/12/2026", "2026-12-31"), ("12/31/2026", "2026-12-31"),
        ("5/5/2026", "2026-05-05"), ("2024-02-29", "2024-02-29"), ("1月5日", BACK), ("10/9", BACK),
        ("1/2/2026", BACK), ("2026-02-29", BACK), ("2026-13-01", BACK), ("10月", BACK), ("1号", BACK),
        ("26年10月1日", BACK), ("10月32日", BACK), ("今天下午", "2026-10-17"), ("上次", BACK), ("Foo 1 2026", BACK),
        ("0000-01-01", BACK), ("", BACK), ("2月30日", BACK), ("2026-10-01" * 40, BACK), ("十十十月一日", BACK),
    ],
)  # fmt: skip
def test_days(words: str, expected: str) -> None:
    assert hear("date", words) == expected


@pytest.mark.parametrize("words", ["今天", "10月1日", "10/13", "去年12月28日", "oct 1"])
def test_without_knowing_the_day_nothing_is_supposed(words: str) -> None:
    assert hear("date", words, today=None) == BACK
    assert hear("date", "2026年10月1日", today=None) == "2026-10-01"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("你好", "你好"), ("  a  b \n", "a  b"), ("a\u200bb\ufeff", "ab"), ("a\x00b\x07", "ab"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"), ("👨‍👩‍👧 👍🏽", "👨‍👩‍👧 👍🏽"), ("שלום\u200f!", "שלום\u200f!"),
        ("\u202eevil\u202c", "evil"), ("\ud800x", "x"), ("\u2066a\u2069", "a"), ("\u200d \u200f", ""),
        ("tab\there", "tab\there"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_left_out(words: str, expected: str) -> None:
    assert clean(words) == expected
    assert hear("text", words) == (expected or BACK)


def test_long_words() -> None:
    assert hear("text", "字" * 5000) == "字" * 5000
    assert hear("text", "字" * 10_000) == "字" * 10_000
    question = Question("/data/q", "q", "text", Label({}))
    for length in (10_001, 5_000_000):
        misfit = kinds()["text"].hear(question, (), "字" * length, None)
        assert isinstance(misfit, Misfit)
        assert said(misfit.message).startswith(f"This answer has {length} characters; at most 10000")


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        ("select_one", "非常", "Did you mean “Very satisfied”?"),
        ("select_one", "很不", "Did you mean “Very dissatisfied”?"),
        ("select_one", "satis", "That may mean “Very satisfied” or “Satisfied”."),
        ("select_one", "1,2", "Please choose only one"),
        ("select_one", "哈哈", "Please choose one of the answers"),
        ("select_one", "x" * 999, "Please choose one of the answers"),
        ("select_multiple", "很不", "Did you mean “Very dissatisfied”?"),
        ("select_multiple", "1, 哈哈", "Please choose from the answers"),
        ("select_multiple", "哈哈", "Please choose from the answers"),
        ("integer", "哈哈", "whole number"),
        ("decimal", "哈哈", "a number"),
        ("date", "哈哈", "a date and its year"),
        ("text", "\u200b", "in words"),
    ],
)
def test_what_is_asked_back_says_what_would_fit(kind: str, words: str, message: str) -> None:
    question = Question("/data/q", "q", kind, Label({}))
    misfit = kinds()[kind].hear(question, SATISFIED, words, TODAY)
    assert isinstance(misfit, Misfit)
    assert message in said(misfit.message)
    assert misfit.reason == ("choice" if kind.startswith("select") else "type")


def test_an_unclear_piece_is_named() -> None:
    offered = choices("同样", "同样", "别的")
    misfit = kinds()["select_multiple"].hear(
        Question("/q", "q", "select_multiple", Label({})), offered, "3, 同样", None
    )
    assert isinstance(misfit, Misfit)
    assert said(misfit.message).startswith("That may mean “同样” or “同样”")


@given(st.text(max_size=30))
def test_any_words_are_read_or_asked_back(words: str) -> None:
    for kind in kinds().values():
        if kind.asked:
            question = Question("/data/q", "q", kind.name, Label({"": "Q"}), choices=TASKS)
            heard = kind.hear(question, TASKS, words, TODAY)
            if isinstance(heard, Misfit):
                assert said(heard.message)
            else:
                assert kind.take(question, TASKS, heard) == heard


@given(st.text(max_size=60))
@example("ῶİ㉄")
def test_folding_and_cleaning_are_stable(words: str) -> None:
    assert clean(clean(words)) == clean(words)
    clean(words).encode()
    assert fold(fold(words)) == fold(words)
    assert len(fold("字" * 9999)) == LONGEST + 1


@given(st.integers(0, 99_999_999))
def test_chinese_numerals(value: int) -> None:
    assert number(_chinese(value)) == value


def _chinese(value: int) -> str:
    """The number as it is read aloud."""
    digits = "零一二三四五六七八九"
    if value >= 10_000:
        above, below = divmod(value, 10_000)
        between = "零" if 0 < below < 1000 else ""
        return _chinese(above) + "万" + between + (_chinese(below) if below else "")
    words, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        figure = value // size % 10
        if figure:
            words += ("零" if gap and words else "") + digits[figure] + unit
            gap = False
        else:
            gap = bool(words)
    return words or "零"


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_understood(that: date) -> None:
    for words in (
        that.isoformat(),
        f"{that.year}年{that.month}月{that.day}日",
        f"{that:%d %B %Y}".lower(),
        f"{that:%Y%m%d}",
    ):
        assert day(words, None).answer == that
