"""Words: languages, fallback, numbers, dates, and what an author left out."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.words import Words, language_of
from handlers.talk import Label, t, tn

WORDS = Words(ZoneInfo("Asia/Shanghai"))


def test_a_plain_text_stands_as_it_is() -> None:
    assert WORDS.word("{as} it is", "en") == "{as} it is"


def test_arguments_are_worded_too() -> None:
    inner = Label({"en": "Quarter {4}", "zh_CN": "第四季度"})
    assert WORDS.word(t("never translated: {what}", what=inner), "en") == "never translated: Quarter {4}"


def test_numbers_and_dates_are_the_readers() -> None:
    def at(language: str) -> str:
        when = datetime(2026, 10, 1, 16, 30, tzinfo=UTC)
        return WORDS.word(t("{n}|{f}|{d}|{w}", n=12345, f=2.5, d=date(2026, 10, 1), w=when), language)

    assert at("en").replace("\u202f", " ") == "12,345|2.5|October 1, 2026|2 Oct 2026, 00:30"
    assert at("zh_CN") == "12,345|2.5|2026年10月1日|2026年10月2日 00:30"


@pytest.mark.parametrize(("count", "said"), [(1, "1 entry"), (2, "2 entries")])
def test_plurals(count: int, said: str) -> None:
    assert WORDS.word(tn("{count} entry", "{count} entries", count), "en") == said


@pytest.mark.parametrize(
    ("words", "default", "language", "said"),
    [
        ({"en": "Yes", "zh_CN": "是"}, "", "zh_CN", "是"),
        ({"en": "Yes", "zh_CN": "是"}, "en", "zh_TW", "Yes"),
        ({"en": "Yes", "zh_CN": "是"}, "", "zh_TW", "是"),
        ({"fr": "Oui"}, "", "en", "Oui"),
        ({}, "", "en", ""),
    ],
)
def test_an_authors_words_fall_back(words: dict[str, str], default: str, language: str, said: str) -> None:
    assert WORDS.word(Label(words, default), language) == said


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("", "en-GB"), "en"),
        (("zh-hans",), "zh_CN"),
        (("zh-Hant-HK",), "zh_TW"),
        (("zh_TW",), "zh_TW"),
        (("fr", ["de", "zh"]), "zh_CN"),
        (("fr",), "zh_CN"),
    ],
)
def test_the_first_wish_we_can_grant(wishes: tuple[str, ...], language: str) -> None:
    assert language_of(*wishes) == language
