"""Comments: what is masked in them, what is not, and that their order is chance."""

from random import Random

import pytest

from handlers.surveys.rules.comments import masker, remarks

NAMES = ("张三", "欧阳娜娜", "李", "Maria Lopez", "Ann")


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("打我电话13812345678吧", "打我电话***吧"),
        ("电话 138 1234 5678", "电话 ***"),
        ("１３８１２３４５６７８", "***"),
        ("+86 138-1234-5678。", "***。"),
        ("010-87654321", "***"),
        ("(0571) 8765 4321", "(***"),
        ("8765-4321 分机 12", "*** 分机 12"),
        ("身份证11010119900307123X", "身份证***"),
        ("110101 19900307 123x", "***"),
        ("１１０１０１１９９００３０７１２３Ｘ", "***"),
        ("写信到 zhang.san@example.gov.cn 即可", "写信到 *** 即可"),
        ("一三八一二三四五六七八", "***"),
        ("加微信号：zs_2026x", "加微信***"),
        ("QQ 1234567", "QQ***"),
        ("工号2026100801", "工号***"),
        ("张三总是迟到", "***总是迟到"),
        ("张 三总是迟到，欧阳娜娜不会", "***总是迟到，***不会"),
        ("ask maria lopez", "ask ***"),
        ("ask Ann.", "ask ***."),
    ],
)
def test_what_a_script_can_tell_is_masked(words: str, masked: str) -> None:
    assert masker(NAMES)(words) == masked


@pytest.mark.parametrize(
    "words",
    [
        "2026年10月8日开会，3天没有回复",
        "2026-10-08 到 2026-10-31",
        "2025-2026 年度，一共 123456 元",
        "每周 1、2、3 号窗口",
        "annual planning",  # no Ann
        "老李很好",  # one character is no name
        "一二三四",
        "",
    ],
)
def test_what_is_nobodys_stays(words: str) -> None:
    assert masker(NAMES)(words) == words


def test_the_order_is_that_of_random_keys() -> None:
    words = [f"{at}" for at in range(50)]
    found = remarks(1, "/data/w", words, (), Random(1).randbytes)
    assert [one.key for one in found] == sorted({one.key for one in found})
    assert sorted(one.words for one in found) == sorted(words)
    assert [one.words for one in found] != words
    assert all(len(one.key) == 16 for one in found)
