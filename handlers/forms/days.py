"""Days as people type them: `2026/10/1`, `10月1日`, `昨天`, `1 Oct 2026`. The words must be folded already."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from handlers.forms.numerals import DIGITS, number

_NAMED = {
    **dict.fromkeys(("大前天",), -3),
    **dict.fromkeys(("前天", "前日"), -2),
    **dict.fromkeys(("昨天", "昨日", "昨儿", "yesterday"), -1),
    **dict.fromkeys(("今天", "今日", "今儿", "当天", "當天", "today"), 0),
    **dict.fromkeys(("明天", "明日", "明儿", "tomorrow"), 1),
    **dict.fromkeys(("后天", "後天", "后日", "後日"), 2),
    **dict.fromkeys(("大后天", "大後天"), 3),
}
_YEARS = {"今年": 0, "本年": 0, "去年": -1, "前年": -2, "明年": 1, "后年": 2, "後年": 2}
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip

_NUMERAL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_CHINESE = re.compile(
    rf"(?:(?P<year>\d{{4}}|[〇零一二三四五六七八九]{{4}})\s?年|(?P<named>{'|'.join(_YEARS)}))?\s?"
    rf"(?P<month>{_NUMERAL})\s?月\s?(?P<day>{_NUMERAL})\s?[日号號]?",
    re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.年])\s?(\d{1,2})[-/.月]\s?(\d{1,2})[日号號]?|(\d{4})(\d\d)(\d\d)", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_SHORT = re.compile(r"(\d{1,2})[-/](\d{1,2})", re.ASCII)
_ENGLISH = re.compile(
    r"(?:on )?(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<m1>[a-z]{3,9})"
    r"|(?P<m2>[a-z]{3,9})\.? (?P<d2>\d{1,2})(?:st|nd|rd|th)?)"
    r"\.?(?:,? (?P<year>\d{4}))?",
    re.ASCII,
)
_NEAR = timedelta(days=183)
"""A day without a year is this year's if that is within half a year; else the year must be said."""


def day(words: str, today: date | None) -> date | None:
    """The one day these words name; None if they name none, or more than one might be meant."""
    words = words.rstrip(".。!！")
    if words in _NAMED:
        return today + timedelta(days=_NAMED[words]) if today else None
    meant = {found for read in (_chinese, _numbers, _english) for found in read(words, today)}
    return meant.pop() if len(meant) == 1 else None


def _chinese(words: str, today: date | None) -> Iterator[date]:
    found = _CHINESE.fullmatch(words)
    if not found:
        return
    month, of_month = (int(number(found[name]) or 0) for name in ("month", "day"))
    if found["year"]:
        year = int("".join(str(DIGITS.get(char, char)) for char in found["year"]))
        yield from _valid(year, month, of_month)
    elif found["named"] and today:
        yield from _valid(today.year + _YEARS[found["named"]], month, of_month)
    elif not found["named"]:
        yield from _this_year(month, of_month, today)


def _numbers(words: str, today: date | None) -> Iterator[date]:
    if found := _YEAR_FIRST.fullmatch(words):
        year, _, month, of_month, *plain = found.groups()
        yield from _valid(*map(int, plain if plain[0] else (year, month, of_month)))
    elif found := _YEAR_LAST.fullmatch(words):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        yield from _valid(year, second, first)
        yield from _valid(year, first, second)
    elif found := _SHORT.fullmatch(words):
        first, second = sorted((int(found[1]), int(found[2])))
        if second > 12 or first == second:  # else nobody knows which is the month
            yield from _this_year(first, second, today)


def _english(words: str, today: date | None) -> Iterator[date]:
    found = _ENGLISH.fullmatch(words)
    month = _MONTHS.get(found["m1"] or found["m2"]) if found else None
    if found and month:
        of_month = int(found["d1"] or found["d2"])
        if found["year"]:
            yield from _valid(int(found["year"]), month, of_month)
        else:
            yield from _this_year(month, of_month, today)


def _valid(year: int, month: int, of_month: int) -> Iterator[date]:
    try:
        yield date(year, month, of_month)
    except ValueError:
        return


def _this_year(month: int, of_month: int, today: date | None) -> Iterator[date]:
    if today:
        for meant in _valid(today.year, month, of_month):
            if abs(meant - today) <= _NEAR:
                yield meant
