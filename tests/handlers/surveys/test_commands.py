"""Words that are orders."""

import pytest

from handlers.surveys.rules.commands import Order, line_named, ordered


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("上一题", Order.BACK),
        (" 返回。", Order.BACK),
        ("Go back!", Order.BACK),
        ("跳過", Order.SKIP),
        ("同上", Order.SAME),
        ("重选", Order.OVER),
        ("帮助", Order.HELP),
        ("？", Order.HELP),
        ("暫停", Order.PAUSE),
        ("再来一条", Order.YES),
        ("没有了。", Order.NO),
        ("提交", Order.HAND_IN),
        ("我想返回上一级", None),
        ("上一题说的那个", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_only_the_whole_of_what_was_typed_is_an_order(words: str, order: Order | None) -> None:
    assert ordered(words, *Order) is order


def test_only_what_is_possible_is_understood() -> None:
    assert ordered("more", Order.YES) is Order.YES
    assert ordered("more", Order.FURTHER) is Order.FURTHER
    assert ordered("more", Order.BACK) is None


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("3", 3),
        ("改第三题", 3),
        ("change 12", 12),
        ("第 4 項", 4),
        ("三十", 30),
        ("改", 0),
        ("3 和 4", 0),
        ("9" * 50, 0),
    ],
)
def test_a_line_of_the_review_is_named(words: str, line: int) -> None:
    assert line_named(words) == line
