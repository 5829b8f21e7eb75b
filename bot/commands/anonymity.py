"""How anonymous rounds are kept, as options of the commands that plan something."""

import argparse
from typing import Any

from bot.commands.audience import apart
from bot.commands.base import Wrong, whole
from storage.records import Attribute, Secrecy


def add_options(one: argparse.ArgumentParser) -> None:
    """`--breakdown …`, `--threshold N` and the others."""
    group = one.add_argument_group("of anonymous rounds")
    group.add_argument(
        "--breakdown",
        dest="breakdowns",
        action="append",
        default=[],
        choices=[attribute.value for attribute in Attribute],
        help="results may be told apart by this; at most two",
    )
    about = "what fewer answered is never shown (10); 5 or more, and a change can only raise it"
    group.add_argument("--threshold", type=whole(0, 10**6), metavar="N", help=about)
    about = "one person opens the box alone, for an organ too small for two; people are told"
    group.add_argument("--one-tabulator", action=argparse.BooleanOptionalAction, default=None, help=about)
    about = "questions with choices may be tapped in the chat too; people are told what the platform sees"
    group.add_argument("--in-chat", action=argparse.BooleanOptionalAction, default=None, help=about)
    about = "these two questions are tabulated against each other; may be repeated"
    group.add_argument("--pair", dest="pairs", action="append", default=[], metavar="Q1,Q2", help=about)


def fields(given: argparse.Namespace, before: Secrecy) -> dict[str, Any]:
    """The field `secrecy` of an order, where anything of it was given; what was not stays as it was before. Raises
    Wrong."""
    tabulators = None if given.one_tabulator is None else 2 - given.one_tabulator
    said = {
        "breakdowns": given.breakdowns or None,
        "threshold": given.threshold,
        "tabulators": tabulators,
        "in_chat": given.in_chat,
        "pairs": [_pair(one) for one in given.pairs] or None,
    }
    if all(value is None for value in said.values()):
        return {}
    stood = {
        "breakdowns": [one.attribute.value for one in before.breakdowns],
        "threshold": before.threshold,
        "tabulators": before.tabulators,
        "in_chat": before.in_chat,
        "pairs": [list(pair) for pair in before.pairs],
    }
    return {"secrecy": {name: stood[name] if value is None else value for name, value in said.items()}}


def _pair(text: str) -> list[str]:
    names = apart([text])
    if len(names) != 2:
        raise Wrong(f"--pair {text}: write the names of two questions with a comma between.")
    return names
