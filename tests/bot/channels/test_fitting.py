from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Key, Limits, Speech
from bot.channels.fitting import fit, is_blank, size, split
from handlers.talk import Button, File, Message, Part, Stored, Text

TELEGRAM = Limits(text=4096, unit="utf16", buttons=100, row=8, label=40)
FAMILY = "👩‍👩‍👧‍👦"
CHINA = "🇨🇳"


def word(part: Part) -> str:
    return part.message if isinstance(part, Text) else str(part)


def message(*parts: str, rows: list[list[tuple[str, str]]] | None = None, file: File | None = None) -> Message:
    buttons = tuple(tuple(Button(label, data) for label, data in row) for row in rows or [])
    return Message(parts, buttons, file=file)


def visible(text: str) -> str:
    return "".join(char for char in text if not is_blank(char))


def test_a_message_that_fits_is_said_as_it_is() -> None:
    said = fit(
        message("第 3 题", "", "您同意吗？", rows=[[("是", "a:1"), ("否", "a:2")], [("返回", "ab:")]]), word, TELEGRAM
    )
    keys = ((Key("是", "a:1"), Key("否", "a:2")), (Key("返回", "ab:"),))
    assert said == [Speech("第 3 题\n\n您同意吗？", keys)]


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u200d"])
def test_what_cannot_be_seen_is_not_said(text: str) -> None:
    assert fit(message(text, text), word, TELEGRAM) == []


def test_buttons_without_a_text_still_get_a_message() -> None:
    assert fit(message("", rows=[[("", "m:")]]), word, TELEGRAM) == [Speech("…", ((Key("…", "m:"),),))]


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    assert fit(message("a\ud83d b"), word, TELEGRAM) == [Speech("a? b")]


@pytest.mark.parametrize(
    ("unit", "text", "length"),
    [("chars", "a回😀", 3), ("utf16", "a回😀", 4), ("utf8", "a回😀", 8)],
)
def test_size_is_counted_in_the_channels_unit(unit: str, text: str, length: int) -> None:
    assert size(text, unit) == length


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("aaaa bb。\n\ncccc dd", ["aaaa bb。", "cccc dd"]),
        ("aaaa bb\ncccc dd. e", ["aaaa bb", "cccc dd. e"]),
        ("aaaaa bb. ccc dd e", ["aaaaa bb.", "ccc dd e"]),
        ("他说：“好了。”我们都走了吧", ["他说：“好了。”", "我们都走了吧"]),
        ("aaaaaaa bbbbbbb", ["aaaaaaa", "bbbbbbb"]),
        ("aaaaaaaaaabbbbb", ["aaaaaaaaaa", "bbbbb"]),
    ],
)
def test_texts_are_cut_at_the_best_place(text: str, pieces: list[str]) -> None:
    assert list(split(text, 10, "chars")) == pieces


@pytest.mark.parametrize("cluster", [FAMILY, CHINA, "👍🏽", "e\u0301\u0302", "🏴\U000e0067\U000e007f", "❤️"])
def test_what_is_one_character_to_the_eye_is_not_torn(cluster: str) -> None:
    for before in range(20):
        text = "x" * before + cluster + "y" * 40
        pieces = list(split(text, 20, "utf16"))
        assert any(cluster in piece for piece in pieces), before
        assert all(size(piece, "utf16") <= 20 for piece in pieces)


def test_flags_are_cut_between_pairs() -> None:
    assert list(split(CHINA * 9, 10, "utf16")) == [CHINA * 2] * 4 + [CHINA]


def test_a_cluster_without_end_is_cut_all_the_same() -> None:
    pieces = list(split("e" + "\u0301" * 500, 100, "utf16"))
    assert "".join(pieces) == "e" + "\u0301" * 500


def test_blank_stretches_make_no_message() -> None:
    assert list(split("a" * 10 + "\u200b" * 25 + "b" * 3, 10, "chars")) == ["a" * 10, "\u200b" * 5 + "bbb"]


def test_long_texts_become_several_with_the_buttons_under_the_last() -> None:
    said = fit(message("好" * 5000, rows=[[("是", "a:1")]]), word, TELEGRAM)
    assert [len(speech.text) for speech in said] == [4096, 904]
    assert [speech.keys for speech in said] == [(), ((Key("是", "a:1"),),)]


def test_ten_million_characters_are_cut_in_linear_time() -> None:
    assert sum(len(piece) for piece in split("啊" * 10_000_000, 4096, "utf16")) == 10_000_000


def test_choices_too_long_for_a_button_are_numbered_with_their_like() -> None:
    long = "能够独立完成本岗位的各项工作任务，并主动帮助其他同志完成工作任务，受到服务对象和同事的一致好评"
    said = fit(message("请选择", rows=[[("优", "a:1:0")], [(long, "a:1:1")], [("返回", "ab:1")]]), word, TELEGRAM)
    assert said[0].text == f"请选择\n\n1. 优\n2. {long}"
    labels = [key.label for key in chain(*said[0].keys)]
    assert labels == ["1. 优", "2. " + long[:36] + "…", "返回"]
    assert [key.data for key in chain(*said[0].keys)] == ["a:1:0", "a:1:1", "ab:1"]


def test_wide_rows_are_flowed() -> None:
    said = fit(message("1 to 10", rows=[[(str(n), f"a:{n}") for n in range(10)], []]), word, TELEGRAM)
    assert [len(row) for row in said[0].keys] == [8, 2]


def test_too_many_choices_are_answered_by_number_and_the_way_back_keeps_its_button() -> None:
    rows = [[(f"村{n}", f"a:{n}")] for n in range(150)]
    said = fit(message("哪个村？", rows=[*rows, [("返回", "ab:")]]), word, TELEGRAM)
    assert said[0].keys == ((Key("返回", "ab:"),),)
    assert said[0].text.startswith("哪个村？\n\n1. 村0\n2. 村1\n")
    assert said[0].text.endswith("\n150. 村149\nReply with the number.")


def test_too_many_choices_alone_leave_no_buttons() -> None:
    said = fit(message("?", rows=[[(f"村{n}", f"a:{n}") for n in range(101)]]), word, TELEGRAM)
    assert [speech.keys for speech in said] == [()]
    assert said[0].text.endswith("\n101. 村100\nReply with the number.")


BUTTONLESS = Limits(2048, "utf8", 0, 0, 0)


def test_where_there_are_no_buttons_answers_go_by_their_number_and_moves_by_their_words() -> None:
    rows = ((Button("yes", "a:1", 9), Button("no", "a:2", 10)), (Button("Back", "ab:"), Button("Skip", "as:")))
    said = fit(Message(("?",), rows), word, BUTTONLESS)
    assert said == [Speech("?\n\n9. yes\n10. no\nReply with the number.\nOr reply: Back · Skip")]
    assert fit(message("?", rows=[[("Begin", "ao:1")]]), word, BUTTONLESS) == [Speech("?\n\nOr reply: Begin")]


def test_choices_that_are_listed_keep_the_numbers_that_mean_them() -> None:
    rows = ((Button("x" * 50, "a:8", 9),), (Button("y", "a:9", 10),))
    said = fit(Message(("?",), rows), word, TELEGRAM)
    assert said[0].text == f"?\n\n9. {'x' * 50}\n10. y"


def test_a_picture_nobody_has_fetched_is_left_out() -> None:
    assert fit(Message(("?",), file=Stored("a.png", "0f")), word, TELEGRAM) == [Speech("?")]


def test_what_is_awaited_stands_with_the_last_piece() -> None:
    said = fit(Message(("好" * 5000,), attach="image"), word, TELEGRAM)
    assert [speech.attach for speech in said] == ["", "image"]


def test_a_button_that_carries_too_much_is_our_mistake() -> None:
    assert fit(message("?", rows=[[("ok", "a:" + "x" * 62)]]), word, TELEGRAM)
    with pytest.raises(ValueError, match="66 bytes"):
        fit(message("?", rows=[[("ok", "a:" + "题" * 21 + "x")]]), word, TELEGRAM)


def test_a_file_carries_a_short_text() -> None:
    file = File("a.pdf", "application/pdf", b"%PDF")
    assert fit(message("look", file=file), word, TELEGRAM) == [Speech("look", (), file)]
    assert fit(message("", file=file), word, TELEGRAM) == [Speech("", (), file)]


def test_a_file_goes_before_a_long_text() -> None:
    file = File("a.pdf", "application/pdf", b"%PDF")
    said = fit(message("长" * 1025, rows=[[("ok", "a:1")]], file=file), word, TELEGRAM)
    assert said == [Speech("", (), file), Speech("长" * 1025, ((Key("ok", "a:1"),),))]


BITS = ["a", "好", "😀", " ", "\n", "\n\n", "。", ". ", "\u0301", "\u200d", "🇨", "\u200b", "👩"]
TEXTS = st.lists(st.sampled_from(BITS), max_size=100).map("".join)
LIMITS = st.builds(
    Limits,
    text=st.integers(24, 120),
    unit=st.sampled_from(["utf16", "utf8", "chars"]),
    buttons=st.integers(0, 12),
    row=st.integers(0, 4),
    label=st.integers(6, 20),
)
ROWS = st.lists(st.lists(st.tuples(TEXTS, st.from_regex(r"[am]b?:[0-9]{1,4}", fullmatch=True)), max_size=6), max_size=6)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4), ROWS, LIMITS)
def test_whatever_is_said_fits_and_nothing_is_lost(
    parts: list[str], rows: list[list[tuple[str, str]]], limits: Limits
) -> None:
    said = fit(message(*parts, rows=rows), word, limits)
    for speech in said:
        assert 0 < size(speech.text, limits.unit) <= limits.text
        assert not is_blank(speech.text)
        assert all(len(row) <= (limits.row or 99) for row in speech.keys)
    keys = list(chain(*(row for speech in said for row in speech.keys)))
    assert all(not speech.keys for speech in said[:-1])
    assert len(keys) <= limits.buttons
    assert all(0 < len(key.label) <= limits.label for key in keys)
    told = visible("".join(speech.text for speech in said))
    assert told.startswith("".join(map(visible, parts)))
    shown = {(key.data, visible(key.label)) for key in keys}
    for label, data in chain(*rows):
        assert visible(label) in told or (data, visible(label)) in shown
    if limits.buttons and sum(map(len, rows)) <= limits.buttons:
        assert [key.data for key in keys] == [data for _, data in chain(*rows)]
