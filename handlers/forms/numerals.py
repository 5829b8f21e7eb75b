"""Numbers alone, as people write them: `12`, `三百二十`, `1.5万`, `一万二`, `三点五`, `twenty-five`.

The words must be folded already.
"""

import re
from decimal import Decimal

_WRITTEN = ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
DIGITS = {char: value for value, chars in enumerate(_WRITTEN) for char in chars}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
NUMERALS = "".join([*DIGITS, *_TENS, *_MYRIADS])
"""The characters of Chinese numbers."""

_PLAIN = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+", re.ASCII)
_MIXED = re.compile(r"(\d+(?:\.\d+)?)([百千万亿])(?:([1-9])([百千]?))?", re.ASCII)


def number(words: str) -> Decimal | None:
    """The one number these words are; None if they are anything else, or may be two numbers."""
    if _PLAIN.fullmatch(words):
        return Decimal(words.replace(",", ""))
    if mixed := _MIXED.fullmatch(words):
        return _mixed(*mixed.groups())
    whole, point, fraction = words.partition("点")
    if point and fraction and all(char in DIGITS for char in fraction):
        before = _chinese(whole)
        return None if before is None else before + Decimal("0." + "".join(str(DIGITS[char]) for char in fraction))
    found = _chinese(words)
    return _english(words) if found is None else found


def _mixed(digits: str, times: str, rest: str | None, smaller: str | None) -> Decimal | None:
    """`1.5万`, and `3万5`, `3万5千`: 35000."""
    size = {**_TENS, **_MYRIADS}[times]
    if not rest:
        return Decimal(digits) * size
    below = _TENS[smaller] if smaller else size // 10
    return None if "." in digits or below >= size or size > 10**4 else Decimal(digits) * size + int(rest) * below


def _chinese(numerals: str) -> Decimal | None:
    """`三百二十`; a last digit counts the next smaller unit (`一万二`: 12000). None for a run of digits (`两三`)."""
    if not numerals or any(char not in NUMERALS for char in numerals):
        return None
    total, rest = 0, numerals
    for name, size in sorted(_MYRIADS.items(), key=lambda item: -item[1]):
        before, found, after = rest.partition(name)
        if found:
            section = _section(before)
            if not section:
                return None
            total, rest = total + section * size, after
            if len(rest) == 1 and DIGITS.get(rest):
                return Decimal(total + DIGITS[rest] * size // 10)
    if not rest:
        return Decimal(total)
    section = _section(rest)
    return None if section is None or (total and not section) else Decimal(total + section)


_D = "[" + "".join(char for char, value in DIGITS.items() if value) + "]"
_SECTION = re.compile(
    rf"(?:(?P<d1000>{_D})[千仟])?(?P<z1>[零〇])?(?:(?P<d100>{_D})[百佰])?(?P<z2>[零〇])?"
    rf"(?:(?P<d10>{_D})?(?P<ten>[十拾]))?(?P<d1>{_D})?"
)


def _section(numerals: str) -> int | None:
    """What stands before 万 or alone: up to 9999."""
    if numerals in ("零", "〇"):
        return 0
    found = _SECTION.fullmatch(numerals)
    if not numerals or not found:
        return None
    thousands, hundreds, tens, ones = (DIGITS.get(found[name] or "", 0) for name in ("d1000", "d100", "d10", "d1"))
    tens = tens or (1 if found["ten"] else 0)
    if (found["z1"] or found["z2"]) and not (tens or ones or (found["z1"] and hundreds)):
        return None  # 一百零
    if ones and not tens and not (found["z1"] or found["z2"]) and (thousands or hundreds):
        ones *= 10 if hundreds else 100  # 三百二, 三千二
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones


_TO_NINETEEN = """zero one two three four five six seven eight nine ten
    eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"""
_TO_NINETY = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(_TO_NINETEEN.split())}
_DECADES = {word: 20 + 10 * place for place, word in enumerate(_TO_NINETY.split())}
_ENGLISH = re.compile(
    r"(?:(?P<thousands>[a-z]+) thousand)?(?: ?(?P<hundreds>[a-z]+) hundred)?"
    r"(?: ?(?:and )?(?P<rest>[a-z]+(?:[- ][a-z]+)?))?"
)


def _english(words: str) -> Decimal | None:
    """`twenty-five`, `a hundred and fifteen`, `two thousand`."""
    found = _ENGLISH.fullmatch(words) if words.isascii() else None
    if not found or words.startswith("and "):
        return None
    total = 0
    for name, size in (("thousands", 1000), ("hundreds", 100), ("rest", 1)):
        if word := found[name]:
            value = 1 if word == "a" and size > 1 else _below_hundred(word)
            if value is None or (size > 1 and not value) or (size == 100 and value > 9):
                return None
            total += value * size
    return Decimal(total) if words else None


def _below_hundred(word: str) -> int | None:
    if word in _ONES or word in _DECADES:
        return {**_ONES, **_DECADES}[word]
    decade, _, one = word.replace("-", " ").partition(" ")
    return _DECADES[decade] + _ONES[one] if decade in _DECADES and 0 < _ONES.get(one, 0) < 10 else None
