"""`huiyin form …`: is a form one we can ask, and how does it talk?"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot import terminal
from bot.commands.base import Adder, clock, read
from bot.settings import Settings
from bot.words import Words, language_of
from handlers.forms import report
from handlers.forms.form import Form
from handlers.forms.script import Talk
from handlers.forms.xlsform import read as read_form
from handlers.talk import Label, Part, t


class Unfinished(Exception):
    """The input ended before the form was handed in: exit status 3."""


def add(command: Adder, commands: Any) -> None:
    """`huiyin form …`"""
    group = commands.add_parser("form", help="questionnaires").add_subparsers(required=True, metavar="COMMAND")
    one = command(group, "check", form_check, "is this XLSForm one we can ask? every problem with sheet and row")
    one.add_argument("file", type=Path)
    one.add_argument("--json", action="store_true", help="the report on a good form as JSON")
    one = command(group, "talk", form_talk, "hold the conversation in this terminal")
    one.add_argument("file", type=Path)
    one.add_argument("--lang", default="", help="such as en; default: the form's own")
    one.add_argument("--script", help="JSON lines from this file, or - for standard input")


async def form_check(given: argparse.Namespace, chosen: Settings) -> None:
    """Reads a form and says what is in it, and what its author should know."""
    form = await asyncio.to_thread(read_form, read(given.file), given.file.name)
    found = report.report(form)
    if given.json:
        print(json.dumps(report.plain(found), ensure_ascii=False))
        return
    words = Words(chosen.timezone)
    good = t("“{file}” can be asked.", file=given.file.name)
    if form.languages:
        good = t("“{file}” can be asked, in {languages}.", file=given.file.name, languages=", ".join(form.languages))
    for sentence in (good, *report.told(found)):
        print(words.word(sentence, chosen.locale))


async def form_talk(given: argparse.Namespace, chosen: Settings) -> None:
    """Asks a form here. Raises Unfinished when the input ends before it is handed in."""
    form = await asyncio.to_thread(read_form, read(given.file), given.file.name)
    talk_through(form, given.lang, given.script, chosen)


def talk_through(form: Form, tongue: str, script: str | None, chosen: Settings) -> None:
    """Asks a form here, by hand or by a script. Raises Unfinished when the input ends before it is handed in."""
    talk = Talk(form, speaking(chosen), tongue or form.default_language or chosen.locale, clock(chosen))
    with _interruptible():
        if script is None:
            done = terminal.by_hand(talk, _typed(), print)
        elif script == "-":
            done = terminal.by_script(talk, sys.stdin, print)
        else:
            done = terminal.by_script(talk, read(Path(script)).decode().splitlines(), print)
    if not done:
        raise Unfinished


def speaking(chosen: Settings) -> Callable[[Part, str], str]:
    """Words in any language of a form, our own sentences in one that we speak."""
    words = Words(chosen.timezone)

    def word(part: Part, tongue: str) -> str:
        if isinstance(part, Label) and (own := part.words.get(tongue)):
            return own
        return words.word(part, language_of(tongue, chosen.locale))

    return word


def _typed() -> Iterator[str]:
    """What is typed, line by line, with a prompt where somebody sits before it."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    with contextlib.suppress(EOFError):
        while True:
            yield input("> ")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C interrupts the reading of a line at once; asyncio would wait for the line."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
