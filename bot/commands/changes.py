"""`huiyin round approve|change|extend|cancel|copy|preview`: what becomes of a round beside opening and closing it."""

import argparse
import asyncio
from pathlib import Path
from typing import Any

from bot.commands import anonymity
from bot.commands.base import MOST_ID, Adder, Wrong, moment, order, read, whole
from bot.commands.forms import speaking, talk_through
from bot.settings import Settings
from bot.web import wire
from bot.words import language_of
from handlers.forms.form import load
from handlers.talk import Message, tn, unpack
from storage.records import Round


def add(command: Adder, group: Any) -> None:
    """Adds them to `huiyin round …`"""
    one = _with_id(command(group, "approve", round_approve, "approves a draft that somebody else has drawn up"))
    one = _with_id(command(group, "change", round_change, "changes a round that is not open yet"))
    one.add_argument("--name")
    one.add_argument("--letter", metavar="FILE|TEXT", help="HR's own words at the head of the invitation")
    _with_times(one)
    anonymity.add_options(one)
    one = _with_id(command(group, "extend", round_extend, "a later closing time; who has not handed in is told"))
    one.add_argument("closes", metavar="T", help="such as 2026-12-01T18:00, in the organ's time zone")
    one = _with_id(command(group, "cancel", round_cancel, "calls a round off; whoever was asked is told why"))
    one.add_argument("reason")
    one = _with_id(command(group, "copy", round_copy, "a new draft with all settings of an earlier round"))
    one.add_argument("--name", default="")
    _with_times(one)
    one = _with_id(command(group, "preview", round_preview, "the invitation and the questionnaire, as people get them"))
    one.add_argument("--lang", default="", help="such as en; default: the organ's own")


def _with_id(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--json", action="store_true")
    return one


def _with_times(one: argparse.ArgumentParser) -> None:
    one.add_argument("--opens", default="", metavar="T", help="such as 2026-12-01T09:00, in the organ's time zone")
    one.add_argument("--closes", default="", metavar="T")


def letter(given: str | None) -> str | None:
    """A letter: the text itself, or what is in the file of that name. Raises Wrong, OSError."""
    if given is None or "\n" in given or len(given) > 255:
        return given
    path = Path(given)
    if path.is_file():
        return read(path).decode().strip()
    if path.suffix in (".txt", ".md"):
        raise Wrong(f"There is no file {given}; give its path, or the letter itself.")
    return given


async def round_approve(given: argparse.Namespace, chosen: Settings) -> None:
    """Approves a draft."""
    _print(await order(chosen, "approve_round", round_id=given.id), given)


async def round_change(given: argparse.Namespace, chosen: Settings) -> None:
    """Changes name, letter, times or how an anonymous round is kept."""
    times = {"opens": moment(given.opens, chosen), "closes": moment(given.closes, chosen)}
    words = {"name": given.name, "letter": letter(given.letter)}
    before = await order(chosen, "show_round", round_id=given.id)
    kept = anonymity.fields(given, before.secrecy)
    _print(await order(chosen, "change_round", round_id=given.id, **words, **times, **kept), given)


async def round_extend(given: argparse.Namespace, chosen: Settings) -> None:
    """Gives a later closing time."""
    _print(await order(chosen, "extend_round", round_id=given.id, closes=moment(given.closes, chosen)), given)


async def round_cancel(given: argparse.Namespace, chosen: Settings) -> None:
    """Calls a round off."""
    _print(await order(chosen, "cancel_round", round_id=given.id, reason=given.reason), given)


async def round_copy(given: argparse.Namespace, chosen: Settings) -> None:
    """Draws up a copy and prints its id."""
    times = {"opens": moment(given.opens, chosen), "closes": moment(given.closes, chosen)}
    copy = await order(chosen, "copy_round", round_id=given.id, name=given.name, **times)
    print(wire.encode(copy).decode() if given.json else copy.id)


async def round_preview(given: argparse.Namespace, chosen: Settings) -> None:
    """Shows the invitation and asks the questionnaire here. Raises Unfinished when the input ends before it does."""
    seen = await order(chosen, "preview_round", round_id=given.id)
    if given.json:
        print(wire.encode(seen).decode())
        return
    word, tongue = speaking(chosen), given.lang or chosen.locale
    told = unpack(seen.invitation)
    parts = told.parts if isinstance(told, Message) else ()
    asked = seen.size.asked
    count = tn("{count} person would be asked now.", "{count} people would be asked now.", asked)
    for part in (*parts, count):
        print(word(part, language_of(tongue, chosen.locale)), end="\n\n")
    form = await asyncio.to_thread(load, seen.questionnaire.form, seen.questionnaire.digest)
    talk_through(form, tongue, None, chosen)


def _print(round: Round, given: argparse.Namespace) -> None:
    print(wire.encode(round).decode() if given.json else f"{round.id}\t{round.state}\t{round.name}")
