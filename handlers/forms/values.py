"""What expressions reckon with: ODK's dialect of XPath, as JavaRosa computes it.

A value is a text, a number, a truth, a date or a moment (a `datetime` without a zone, as it is where the person
is); no answer is the empty text. A time of day is a text.
"""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import fmod, inf, isfinite, nan, trunc
from re import ASCII, compile

Value = str | float | bool | date

_EPOCH = date(1970, 1, 1)
_BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001 (moments are those of the person's own clock)
_MOMENT = compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{3})?)?(Z|[+-]\d\d:\d\d)?)?", ASCII)
_TIME = compile(r"\d\d:\d\d", ASCII)
_NUMBER = compile(r"-?(\d+([.,]\d*)?|[.,]\d+)", ASCII)
_TOLERANCE = 1e-12
_MOST_PLACES = 20
_SHORT = 16
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
    """NaN for what is no number; a date counts its days since 1970-01-01, a moment too: the time is cut off."""
    match value:
        case float():
            return value
        case bool():
            return float(value)
        case str():
            return _read_number(value)
        case _:
            return float(value.toordinal() - _EPOCH.toordinal())


def _read_number(text: str) -> float:
    if text.isdecimal() and text.isascii() and len(text) < _SHORT:
        return float(text)
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return nan
    return float(text.replace(",", "."))


def text(value: Value) -> str:
    """Whole numbers without a point, dates as `YYYY-MM-DD`, moments with `THH:MM`, truths as `true` and `false`."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return _written(value)
        case datetime():
            return value.isoformat(timespec="minutes")
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
    """A date from `YYYY-MM-DD` (a time behind it is cut off) or days since 1970; the empty text if there is none."""
    moment = as_moment(value)
    return moment.date() if isinstance(moment, datetime) else ""


def as_moment(value: Value) -> Value:
    """A moment from a date, `YYYY-MM-DDTHH:MM` or days since 1970; the empty text if there is none."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return ""
    days = number(value)
    return _BEGINNING + timedelta(days) if -700_000 < days < 2_900_000 else ""


def days(value: Value) -> float:
    """Days since 1970 with their fractions; NaN if there is no such moment."""
    moment = as_moment(value)
    return (moment - _BEGINNING) / timedelta(1) if isinstance(moment, datetime) else nan


def day_part(value: Value) -> float:
    """Which part of its day a moment or a time (`HH:MM`) is: 0.5 at noon. NaN if it is neither."""
    if isinstance(value, str) and _TIME.match(value):
        value = f"1970-01-01T{value}"
    passed = days(value)
    return passed % 1 if isfinite(passed) else nan


def once_set(value: Value) -> Value:
    """What a computed default or a triggered calculation writes down: nothing of NaN, and of a truth, as in ODK,
    `1` or `0`."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if value == value else ""


def plain(value: Value) -> str | int | float | bool | None:
    """A computed value as it is stored and handed in: whole numbers without a fraction, days as text; nothing of
    what is empty or no number."""
    match value:
        case bool():
            return value
        case float():
            if value != value:
                return None
            return value if abs(value) == inf or value != trunc(value) else int(value)
        case "":
            return None
    return text(value)
