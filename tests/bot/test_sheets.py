"""CSV files: bytes a spreadsheet opens as they are meant."""

from bot.sheets import table_csv


def test_chinese_commas_breaks_and_nothing() -> None:
    content = table_csv(("姓名", "n"), [('甲,"乙"', 1), ("一\n二", None), ("", 2.5)])
    assert content == '\ufeff姓名,n\r\n"甲,""乙""",1\r\n"一\n二",\r\n,2.5\r\n'.encode()


def test_formulas_are_made_harmless_numbers_are_not() -> None:
    assert table_csv(("a",), [("=1+1",), ("@x",), ("-1",), (-1,), ("+86",)]).decode("utf-8-sig").split() == [
        "a", "'=1+1", "'@x", "'-1", "-1", "'+86",
    ]  # fmt: skip
