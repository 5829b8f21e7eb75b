"""CSV files: bytes a spreadsheet opens as they are meant."""

import pytest

from bot.web.cards import SheetLine
from bot.web.tables import codes_csv, table_csv


def test_chinese_commas_breaks_and_nothing() -> None:
    content = table_csv(("姓名", "n"), [('甲,"乙"', 1), ("一\n二", None), ("", 2.5)])
    assert content == '\ufeff姓名,n\r\n"甲,""乙""",1\r\n"一\n二",\r\n,2.5\r\n'.encode()


@pytest.mark.parametrize("text", ["=1+1", "@x", "-1", "+86", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_is_made_harmless(text: str) -> None:
    assert f"'{text}" in table_csv(("a",), [(text,)]).decode("utf-8-sig")


def test_a_negative_number_stays_a_number() -> None:
    assert table_csv(("a",), [(-1,), (-0.5,)]).decode("utf-8-sig") == "a\r\n-1\r\n-0.5\r\n"


def test_codes() -> None:
    line = SheetLine("周立安", "N001", "办公室", "K7QM-2XHP", "https://h.example/chat?start=K7QM-2XHP")
    assert codes_csv([line]).decode("utf-8-sig").splitlines()[1] == (
        "N001,周立安,办公室,K7QM-2XHP,https://h.example/chat?start=K7QM-2XHP"
    )
