"""Is a default a value or a formula? ODK's rule: a formula has an operator, a function or a `${name}` in it.

The signs are found as pyxform finds them, which a test holds this module to: a minus that stands alone is an
operator, one inside a word or before a number is not, one in a date never.
"""

import re

_NAME = r"[^\W\d][\w.\-]*"
_DAY, _TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.\s+)?(?:[+-][0-9]{2}:[0-9]{2}|Z)?"
_TOKEN = re.compile(
    rf"""
    (?P<date>-?{_DAY}(?:T{_TIME})?|{_TIME}) | (?P<number>-?[0-9]+\.[0-9]*|-?\.[0-9]+|-?[0-9]+) |
    (?P<sign>[*+\-|]|\ mod\ |\ div\ ) | (?P<both>\ and\ |\ or\ ) | (?P<text>"[^"]*"|'[^']*') |
    (?P<named>\$\{{(?:last-saved\#)?{_NAME}\}}) |
    (?P<call>{_NAME}(?::{_NAME})?\() | (?P<word>{_NAME}(?::{_NAME})?) | (?P<blank>\s+) | (?P<rest>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SECONDS = re.compile(r"([0-9]{2}:[0-9]{2}):00(?:\.0+)?$")
_DATES = frozenset(("date", "dateTime"))


def dynamic(default: str, kind: str) -> bool:
    """Is this default of a question of this kind worked out, not taken as it stands?"""
    for token in _TOKEN.finditer(default):
        match token.lastgroup:
            case "sign" if kind in _DATES and token[0] == "-":
                return False
            case "sign" | "named" | "call":
                return True
    return False


def plain(default: str, kind: str) -> str:
    """A value that is taken as it stands, in our writing: without seconds, if they are 0."""
    if kind in ("time", "dateTime"):
        return _SECONDS.sub(r"\1", default).replace(" ", "T")
    return default
