"""The printable code sheet."""

import re
from datetime import UTC, datetime

from bot.web.cards import SheetLine, render_sheet
from tests.fakes.webchat import read, word

EXPIRES = datetime(2026, 12, 21, 8, tzinfo=UTC)


def sheet(count: int, **changes: str) -> str:
    given = {"person": "周立安", "number": "N001", "unit": "办公室", "code": "K7QM-2XHP-9RTV-W4ZA"} | changes
    lines = [SheetLine(link=f"https://huiyin.example/chat?start={number}", **given) for number in range(count)]
    return render_sheet(lines, word, "zh_CN", EXPIRES)


def test_a_card_says_who_how_and_until_when() -> None:
    page = sheet(1)
    seen = read(page)
    assert seen.language == "zh-CN"
    for words in ("周立安", "办公室 · N001", "K7QM-2XHP-9RTV-W4ZA", "huiyin.example/chat ", str(EXPIRES)):
        assert words in seen.text
    assert "start=0" not in page


def test_the_drawing_is_one_of_its_own_for_each_link() -> None:
    drawings = re.findall(r"<svg.*?</svg>", sheet(3))
    assert len(set(drawings)) == 3
    assert 'viewBox="0 0 ' in drawings[0]


def test_ten_cards_to_a_page() -> None:
    for count, pages in ((0, 0), (1, 1), (10, 1), (11, 2), (120, 12)):
        page = sheet(count)
        assert page.count('<section class="page">') == pages
        assert page.count('<article class="card">') == count
    assert "Page 2 of 2" in sheet(11)


def test_it_fetches_nothing_and_escapes_what_is_written_in_it() -> None:
    page = sheet(1, person="<img src=https://elsewhere.example>")
    assert "<img" not in page
    assert not re.search(r"(src|href)=", page.replace("&lt;img src=", ""))
    assert "url(" not in page
