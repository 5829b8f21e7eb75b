"""The functions of ODK's XPath dialect that only reckon with the values they are given.

What needs to know more (the form, the day, chance) is compiled by `handlers.forms.compiling`.
"""

import base64
import binascii
import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.forms.values import (
    Value,
    as_date,
    as_moment,
    coalesce,
    cut,
    day_part,
    days,
    number,
    rounded,
    text,
    truth,
)

LONGEST_RESULT = 100_000
"""Characters of a text that functions put together; what is longer is cut off."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: what it does with how many values (`most` None: any number).

    `many`: from this argument on, a path may stand for the values of all entries of a repeat, which are then
    given one by one. `paths`: nothing else may stand there.
    """

    call: Callable[..., Value]
    least: int
    most: int | None
    many: int | None = None
    paths: bool = False


# Numbers ---------------------------------------------------------------------------------------------------


def _reckoned(reckon: Callable[..., float]) -> Callable[..., Value]:
    """What mathematics leaves open is NaN; what is too large is infinite."""

    def reckoned(*values: Value) -> Value:
        try:
            found = reckon(*map(number, values))
        except ValueError:
            return math.nan
        except (OverflowError, ZeroDivisionError):
            return math.inf
        return found if isinstance(found, float) else math.nan

    return reckoned


def _logarithm(log: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: log(x) if x else -math.inf


def _extreme(pick: Callable[[list[float]], float]) -> Callable[..., Value]:
    def extreme(*values: Value) -> Value:
        numbers = [x for value in values if (x := number(value)) == x]
        return pick(numbers) if numbers else math.nan

    return extreme


def _sum(*values: Value) -> Value:
    return float(sum(number(value) for value in values if value != ""))


def _checked(least: Value, most: Value, found: float) -> bool:
    low, high = number(least), number(most)
    return (low < 0 or found >= low) and (high < 0 or found <= high)


def _checklist(least: Value, most: Value, *values: Value) -> Value:
    return _checked(least, most, sum(map(truth, values)))


def _weighted(least: Value, most: Value, *values: Value) -> Value:
    weights = (number(weight) for value, weight in zip(values[::2], values[1::2], strict=False) if truth(value))
    return _checked(least, most, sum(weights))


# Texts -----------------------------------------------------------------------------------------------------


def length(value: Value) -> float:
    """UTF-16 units, as Java counts: a Chinese character is one, an emoji outside the basic plane two."""
    return float(len(text(value).encode("utf-16-le", "surrogatepass")) // 2)


def _joined(*values: Value) -> Value:
    return "".join(map(text, values))[:LONGEST_RESULT]


def _join(between: Value, *values: Value) -> Value:
    return text(between).join(map(text, values))[:LONGEST_RESULT]


def _place(value: Value) -> int:
    at = number(value)
    return int(max(-1e9, min(1e9, at))) if at == at else 0


def _part(value: Value, start: Value, end: Value = math.inf) -> Value:
    """From 0, the end not included; below 0 from the end; what is out of range is cut off."""
    whole = text(value)
    first, last = _place(start), _place(end)
    first = max(0, first + len(whole)) if first < 0 else first
    last = max(0, last + len(whole)) if last < 0 else last
    return whole[first:last]


def _substring(value: Value, start: Value, size: Value = math.inf) -> Value:
    """As XPath 1.0 has it: from 1, and how many."""
    first, end = rounded(start), rounded(start) + rounded(size)
    return "".join(char for at, char in enumerate(text(value), 1) if first <= at < end)


def _before(value: Value, sign: Value) -> Value:
    head, found, _ = text(value).partition(text(sign) or "\0")
    return head if found else ""


def _after(value: Value, sign: Value) -> Value:
    return text(value).partition(text(sign))[2] if sign != "" else text(value)


def _translated(value: Value, out: Value, into: Value) -> Value:
    old, new = text(out), text(into)
    table = {ord(char): new[at] if at < len(new) else None for at, char in reversed(list(enumerate(old)))}
    return text(value).translate(table)


def selected(chosen: Value, name: Value) -> bool:
    """Is this whole name among those chosen?"""
    return text(name) in text(chosen).split(" ") if name != "" else False


def _selected_at(chosen: Value, place: Value) -> Value:
    names, at = text(chosen).split(), _place(place)
    return names[at] if 0 <= at < len(names) else ""


_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _digest(value: Value, algorithm: Value, encoding: Value = "base64") -> Value:
    name = _DIGESTS.get(text(algorithm).upper())
    if name is None:
        return ""
    found = hashlib.new(name, text(value).encode("utf-8", "replace"), usedforsecurity=False)
    return found.hexdigest() if text(encoding) == "hex" else base64.b64encode(found.digest()).decode()


def _decoded(value: Value) -> Value:
    try:
        return base64.b64decode(text(value)).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return ""


# Days ------------------------------------------------------------------------------------------------------

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WRITTEN: dict[str, Callable[[datetime], str]] = {
    "%": lambda at: "%",
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "n": lambda at: str(at.month),
    "b": lambda at: _MONTHS[at.month - 1],
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "a": lambda at: _DAYS[at.weekday()],
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "3": lambda at: f"{at.microsecond // 1000:03}",
}


def _formatted(value: Value, form: Value) -> Value:
    """The moment as a pattern such as `%Y-%m-%d` has it; signs that are not known stay as they are."""
    at = as_moment(value)
    if not isinstance(at, datetime):
        return ""
    return re.sub("%(.)", lambda sign: _WRITTEN[sign[1]](at) if sign[1] in _WRITTEN else sign[0], text(form))


FUNCTIONS: dict[str, Function] = {
    "true": Function(lambda: True, 0, 0),
    "false": Function(lambda: False, 0, 0),
    "not": Function(lambda x: not truth(x), 1, 1),
    "boolean": Function(truth, 1, 1),
    "boolean-from-string": Function(lambda x: text(x).lower() in ("true", "1"), 1, 1),
    "coalesce": Function(coalesce, 2, 2),
    "checklist": Function(_checklist, 2, None, 2),
    "weighted-checklist": Function(_weighted, 2, None),
    # numbers
    "number": Function(number, 1, 1),
    "int": Function(cut, 1, 1),
    "round": Function(rounded, 1, 2),
    "abs": Function(_reckoned(abs), 1, 1),
    "pow": Function(_reckoned(lambda x, y: x**y), 2, 2),
    "sqrt": Function(_reckoned(math.sqrt), 1, 1),
    "exp": Function(_reckoned(math.exp), 1, 1),
    "exp10": Function(_reckoned(lambda x: 10.0**x), 1, 1),
    "log": Function(_reckoned(_logarithm(math.log)), 1, 1),
    "log10": Function(_reckoned(_logarithm(math.log10)), 1, 1),
    "sin": Function(_reckoned(math.sin), 1, 1),
    "cos": Function(_reckoned(math.cos), 1, 1),
    "tan": Function(_reckoned(math.tan), 1, 1),
    "asin": Function(_reckoned(math.asin), 1, 1),
    "acos": Function(_reckoned(math.acos), 1, 1),
    "atan": Function(_reckoned(math.atan), 1, 1),
    "atan2": Function(_reckoned(math.atan2), 2, 2),
    "pi": Function(lambda: math.pi, 0, 0),
    "min": Function(_extreme(min), 1, None, 0),
    "max": Function(_extreme(max), 1, None, 0),
    "sum": Function(_sum, 1, 1, 0, paths=True),
    "count": Function(lambda *values: float(len(values)), 1, 1, 0, paths=True),
    "count-non-empty": Function(lambda *values: float(len(values) - values.count("")), 1, 1, 0, paths=True),
    # texts
    "string": Function(text, 1, 1),
    "string-length": Function(length, 1, 1),
    "concat": Function(_joined, 1, None, 0),
    "join": Function(_join, 1, None, 1),
    "substr": Function(_part, 2, 3),
    "substring": Function(_substring, 2, 3),
    "substring-before": Function(_before, 2, 2),
    "substring-after": Function(_after, 2, 2),
    "contains": Function(lambda whole, part: text(part) in text(whole), 2, 2),
    "starts-with": Function(lambda whole, start: text(whole).startswith(text(start)), 2, 2),
    "ends-with": Function(lambda whole, end: text(whole).endswith(text(end)), 2, 2),
    "translate": Function(_translated, 3, 3),
    "normalize-space": Function(lambda x: " ".join(text(x).split()), 1, 1),
    "digest": Function(_digest, 2, 3),
    "base64-decode": Function(_decoded, 1, 1),
    # choices
    "selected": Function(selected, 2, 2),
    "selected-at": Function(_selected_at, 2, 2),
    "count-selected": Function(lambda chosen: float(len(text(chosen).split())), 1, 1),
    # days
    "date": Function(as_date, 1, 1),
    "date-time": Function(as_moment, 1, 1),
    "decimal-date-time": Function(days, 1, 1),
    "decimal-time": Function(day_part, 1, 1),
    "format-date": Function(_formatted, 2, 2),
    "format-date-time": Function(_formatted, 2, 2),
}
