"""Text -> words: gettext catalogues, plurals, numbers and dates by Babel, fallback between languages."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from handlers.talk import LANGUAGES, Arg, Label, Part

LOCALES = Path(__file__).parent.parent / "locales"
FALLBACK: Mapping[str, tuple[str, ...]] = {
    "zh_CN": ("zh_CN", "zh_TW", "en"),
    "zh_TW": ("zh_TW", "zh_CN", "en"),
    "en": ("en", "zh_CN", "zh_TW"),
}
MINUTE: Mapping[str, str] = {
    "zh_CN": "y年M月d日 HH:mm",
    "zh_TW": "y年M月d日 HH:mm",
    "en": "d MMM y, HH:mm",
}
"""A moment to the minute: nobody's deadline has seconds."""


class Words:
    """Words in the reader's language. `zone` is the organ's time zone, in which times are told."""

    def __init__(self, zone: ZoneInfo, directory: Path = LOCALES) -> None:
        self._zone = zone
        self._catalogues: dict[str, NullTranslations] = {
            language: Translations.load(directory, [language], "bot") for language in LANGUAGES
        }

    def word(self, part: Part, language: str) -> str:
        """The part in `language`, one of `LANGUAGES`."""
        if isinstance(part, str):
            return part
        if isinstance(part, Label):
            return _author_words(part, language)
        catalogue = self._catalogues[language]
        if part.plural:
            pattern = catalogue.ungettext(part.message, part.plural, part.count)
        else:
            pattern = catalogue.ugettext(part.message)
        if not part.args:
            return str(pattern)
        return str(pattern).format(**{name: self._arg(value, language) for name, value in part.args.items()})

    def _arg(self, value: Arg, language: str) -> str:
        match value:
            case int() | float():
                return str(value) if value in _SMALL else format_decimal(value, locale=_locale(language))
            case datetime():
                return format_datetime(value.astimezone(self._zone), MINUTE[language], locale=_locale(language))
            case date():
                return format_date(value, "long", locale=_locale(language))
            case _:
                return self.word(value, language)


_SMALL = frozenset(range(1000))


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse({"zh_CN": "zh_Hans_CN", "zh_TW": "zh_Hant_TW"}.get(language, language))


def _author_words(label: Label, language: str) -> str:
    for tag in (language, label.default, *FALLBACK[language]):
        if words := label.words.get(tag):
            return words
    return next(iter(label.words.values()), "")


def language_of(*wishes: str | Iterable[str]) -> str:
    """The first wish that is a language we speak; a browser's or platform's tag will do."""
    for wish in wishes:
        for tag in (wish,) if isinstance(wish, str) else wish:
            if spoken := _spoken(tag):
                return spoken
    return next(iter(LANGUAGES))


def _spoken(tag: str) -> str:
    tag = tag.replace("-", "_")
    if tag in LANGUAGES:
        return tag
    low = tag.lower()
    if low.startswith("zh"):
        return "zh_TW" if any(mark in low for mark in ("hant", "_tw", "_hk", "_mo")) else "zh_CN"
    return "en" if low.startswith("en") else ""
