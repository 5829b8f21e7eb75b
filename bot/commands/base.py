"""What the commands share: their errors, how they read and write files, and how they order something."""

import argparse
import getpass
import os
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from bot.app import clerk, give_order, now, opened
from bot.settings import Settings
from storage.database import Database
from storage.records import Clerk, Questionnaire

Command = Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, None]]

MOST_ID = 2**31 - 1


class Adder(Protocol):
    """Adds a command to a group: its name, what it does, and its help."""

    def __call__(self, group: Any, name: str, does: Command, about: str) -> argparse.ArgumentParser: ...


class Wrong(Exception):
    """One sentence for stderr; the command is not done."""


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between these."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text[:20]!r} is no whole number from {least} to {most}")
        return int(text)

    return number


async def order(chosen: Settings, name: str, /, **fields: Any) -> Any:
    """Knocks at the office door `name`. Raises Refusal, msgspec.ValidationError or Unavailable."""
    async with opened(chosen) as database:
        return await give_order(database, operator(chosen), name, fields)


async def frozen(form: Path, database: Database, by: Clerk) -> Questionnaire:
    """The questionnaire of a form as it is now, with the pictures in FORM-media beside it. Raises OSError."""
    folder = form.with_name(f"{form.stem}-media")
    media = {one.name: read(one) for one in folder.iterdir() if one.is_file()} if folder.is_dir() else {}
    content = {"content": read(form), "filename": form.name, "media": media}
    made: Questionnaire = await give_order(database, by, "add_questionnaire", content)
    return made


def operator(chosen: Settings) -> Clerk:
    """Whoever is at this terminal."""
    return clerk(getpass.getuser(), chosen.timezone)


def read(path: Path) -> bytes:
    """What is in a file. Raises OSError."""
    return path.read_bytes()


def private(path: Path) -> IO[bytes]:
    """A new file that only its owner may read: it holds names."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def clock(chosen: Settings) -> datetime:
    """The present moment where the organ is."""
    return now().astimezone(chosen.timezone)


def moment(text: str, chosen: Settings) -> datetime | None:
    """A time given on the command line, in the organ's zone where it names none. Raises Wrong."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{text!r} is no time; write one such as 2026-12-01T09:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=chosen.timezone)
