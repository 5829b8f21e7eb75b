"""What expressions reckon with, and their functions: ODK's dialect of XPath, as JavaRosa computes it.

A value is a text, a number, a truth or a date; no answer is the empty text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import fmod, inf, isfinite, nan, trunc
from re import ASCII, compile

Value = str | float | bool | date

_EPOCH = date(1970, 1, 1)
_NUMBER = compile(r"-?(\d+([.,]\d*)?|[.,]\d+)", ASCII)
_TOLERANCE = 1e-12
_MOST_PLACES = 20
_LONGEST_NUMBER = 400
"""Characters; longer texts are no numbers (`float` takes any length, but slowly)."""


def truth(value: Value) -> bool:
    """The empty text, 0 and NaN are false, all else is true: `'false'` and `'0'` too."""
    if value is True or value is False:
        return value
    if isinstance(value, float):
        return bool(value) and value == value
    return value != ""


def number(value: Value) -> float:
    """NaN for what is no number; a date counts its days since 1970-01-01."""
    match value:
        case bool() | float():
            return float(value)
        case str():
            return _read_number(value)
        case _:
            return float((value - _EPOCH).days)


def _read_number(text: str) -> float:
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return nan
    return float(text.replace(",", "."))


def text(value: Value) -> str:
    """Whole numbers without a point, dates as `YYYY-MM-DD`, truths as `true` and `false`."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return _written(value)
        case _:
            return value.isoformat()


def _written(value: float) -> str:
    if value != value:
        return "NaN"
    if abs(value) == inf:
        return "Infinity" if value > 0 else "-Infinity"
    if value == trunc(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def equal(left: Value, right: Value) -> bool:
    """If one side is a truth, as truths; else if one is a number, as numbers; else as texts."""
    if type(left) is str and type(right) is str:
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, float) or isinstance(right, float):
        a, b = number(left), number(right)
        return a == b or abs(a - b) < _TOLERANCE
    return text(left) == text(right)


def divided(left: float, right: float) -> float:
    """`div`; by zero: infinite, or NaN for 0 div 0."""
    if right:
        return left / right
    return left * inf if left else nan


def remainder(left: float, right: float) -> float:
    """`mod`, with the sign of the left side."""
    return fmod(left, right) if right and isfinite(left) else nan


def rounded(value: Value, places: Value = 0.0) -> float:
    """Halves go up; it is the written decimal that is rounded: `round(1.005, 2)` is 1.01."""
    x, n = number(value), number(places)
    if not isfinite(x) or n != n:
        return x if n == n else nan
    step = Decimal(1).scaleb(-trunc(max(-_MOST_PLACES, min(_MOST_PLACES, n))))
    return float((Decimal(repr(x)) / step + Decimal("0.5")).to_integral_value(ROUND_FLOOR) * step)


def cut(value: Value) -> Value:
    """`int`: towards zero; nothing of a number stays nothing."""
    x = number(value)
    return float(trunc(x)) if isfinite(x) else x


def coalesce(first: Value, second: Value) -> Value:
    """The second if the first is empty or NaN; 0 is not empty."""
    return second if first == "" or first != first else first


def as_date(value: Value) -> Value:
    """A date from `YYYY-MM-DD` or days since 1970; the empty text if there is no such day."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return ""
    days = number(value)
    return _EPOCH + timedelta(int(days // 1)) if -700_000 < days < 2_900_000 else ""


def length(value: Value) -> float:
    """UTF-16 units, as Java counts: a Chinese character is one, an emoji outside the basic plane two."""
    return float(len(text(value).encode("utf-16-le", "surrogatepass")) // 2)


def selected(chosen: Value, name: Value) -> bool:
    """Is this whole name among those chosen?"""
    return text(name) in text(chosen).split(" ") if name != "" else False


def _extreme(pick: Callable[[list[float]], float]) -> Callable[..., Value]:
    def extreme(*values: Value) -> Value:
        numbers = [x for value in values if (x := number(value)) == x]
        return pick(numbers) if numbers else ""

    return extreme


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the dialect: what it does with how many values (`most` None: any number)."""

    call: Callable[..., Value]
    least: int
    most: int | None


FUNCTIONS: dict[str, Function] = {
    "true": Function(lambda: True, 0, 0),
    "false": Function(lambda: False, 0, 0),
    "not": Function(lambda x: not truth(x), 1, 1),
    "boolean": Function(truth, 1, 1),
    "number": Function(number, 1, 1),
    "string": Function(text, 1, 1),
    "int": Function(cut, 1, 1),
    "round": Function(rounded, 1, 2),
    "date": Function(as_date, 1, 1),
    "coalesce": Function(coalesce, 2, 2),
    "selected": Function(selected, 2, 2),
    "count-selected": Function(lambda chosen: float(len(text(chosen).split())), 1, 1),
    "string-length": Function(length, 1, 1),
    "concat": Function(lambda *parts: "".join(map(text, parts)), 1, None),
    "contains": Function(lambda whole, part: text(part) in text(whole), 2, 2),
    "starts-with": Function(lambda whole, start: text(whole).startswith(text(start)), 2, 2),
    "min": Function(_extreme(min), 1, None),
    "max": Function(_extreme(max), 1, None),
}
"""`if`, `regex` and `today` are no plain functions: `handlers.forms.expressions` compiles them itself."""
