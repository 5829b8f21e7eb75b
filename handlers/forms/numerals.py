"""Numbers as people type them: `12`, `三百二十`, `3次`, `约20`, `1.5万`. The words must be folded already."""

import re
from decimal import Decimal

_WRITTEN = ("零〇", "一壹", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
DIGITS = {char: value for value, chars in enumerate(_WRITTEN) for char in chars}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_NUMERALS = "".join([*DIGITS, *_TENS, *_MYRIADS])

_UNITS = (
    "次|个|個|名|位|人|件|项|項|条|條|户|戶|份|篇|场|場|起|元|块|塊|分|分钟|分鐘|小时|小時|个小时|個小時|天|日|周|週"
    "|个月|個月|月|年|岁|歲|times?|people|persons?|minutes?|mins?|hours?|days?|weeks?|months?|years?|points?|yuan"
)
_NUMBER = re.compile(
    r"(?:大约|大約|大概|约|約|一共|总共|總共|共|about |around |in total )?\s?"
    r"(?P<minus>-|\u2212|负|負|minus )?\s?"
    rf"(?:(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<times>[百千万萬亿億])?|(?P<chinese>[{_NUMERALS}]+))"
    rf"\s?(?:(?P<percent>%|percent)|{_UNITS})?(?:左右)?[.。!！~～]?",
    re.ASCII,
)


def number(words: str, percent: bool = False) -> Decimal | None:
    """The one number these words are, its unit left out; None if they are anything else or unclear.

    `percent`: may it be a share, `20%` for 20? Where fractions are answers, 20 or 0.2 would be a guess.
    """
    found = _NUMBER.fullmatch(words)
    if not found or (found["percent"] and not percent):
        return None
    value = _chinese(found["chinese"]) if found["chinese"] else Decimal(found["digits"].replace(",", ""))
    if value is None:
        return None
    value *= {**_TENS, **_MYRIADS}.get(found["times"] or "", 1)
    return -value if found["minus"] else value


def _chinese(numerals: str) -> Decimal | None:
    """`三百二十`; None for a run of digits (`两三`) and for `三百二`, which may be 302 or 320."""
    total, rest = 0, numerals
    for name, size in sorted(_MYRIADS.items(), key=lambda item: -item[1]):
        before, found, after = rest.partition(name)
        if found:
            section = _section(before)
            if not section:
                return None
            total, rest = total + section * size, after
    if not rest:
        return Decimal(total)
    section = _section(rest)
    unclear = total and rest[0] in DIGITS and rest[0] not in "零〇" and (section or 0) < 1000  # 三万五
    return None if section is None or unclear else Decimal(total + section)


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
    zero = bool(found["z1"] or found["z2"])
    if (thousands or hundreds) and ones and not tens and not zero:
        return None
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones
