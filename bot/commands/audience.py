"""Who is asked, as options of the commands that plan something."""

import argparse
from collections.abc import Sequence
from typing import Any

from bot.commands.base import Wrong

LISTS = (
    ("unit", "units", "a unit with all below it"),
    ("unit-only", "units_only", "a unit without what is below it"),
    ("group", "groups", "a saved group"),
    ("person", "people", "one person: a staff number, or several with commas"),
    ("post-class", "post_classes", "only this post class, such as service"),
    ("level", "levels", "only this level: leading or staff"),
    ("kind", "kinds", "only this staff kind, such as civil_servant"),
    ("excuse", "excuse", "whose standing is this is not asked: probation, long_leave, …; several with commas"),
)
"""Option, field and meaning; each may be repeated."""
SEVERAL = frozenset({"people", "post_classes", "levels", "kinds", "excuse"})
"""Fields whose values have no commas in them, so that a comma parts several."""


def add_options(one: argparse.ArgumentParser) -> None:
    """`--unit …`, `--excuse …` and the others, each to be repeated."""
    for option, field, about in LISTS:
        one.add_argument(f"--{option}", dest=field, action="append", default=[], metavar="X", help=about)
    about = "this person is not asked, for this reason; may be repeated"
    one.add_argument("--exempt", action="append", default=[], metavar="NUMBER=REASON", help=about)


def fields(given: argparse.Namespace) -> dict[str, Any]:
    """What was given, as the fields of an order. Raises Wrong."""
    found: dict[str, Any] = {}
    for _, field, _ in LISTS:
        values = getattr(given, field)
        found[field] = tuple(apart(values)) if field in SEVERAL else tuple(values)
    found["exempt"] = dict(_exempt(one) for one in given.exempt)
    return found


def apart(values: Sequence[str]) -> list[str]:
    """Values that stand with commas between, each alone."""
    return [one.strip() for value in values for one in value.replace("，", ",").split(",") if one.strip()]


def _exempt(text: str) -> tuple[str, str]:
    number, sign, reason = text.partition("=")
    if not sign:
        raise Wrong(f"--exempt {text}: write the staff number, = and the reason.")
    return number.strip(), reason.strip()
