"""`huiyin keys …`, `huiyin round unlock` and `discard`: tabulators at a terminal, and what is wrong with the keys."""

import argparse
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import opened
from bot.ceremony import Ceremony
from bot.commands.base import MOST_ID, Adder, Wrong, operator, order, private, read, whole
from bot.settings import Settings
from storage.records import CountStage
from storage.vault import Vault


def add(command: Adder, commands: Any) -> None:
    """`huiyin keys …`"""
    group = commands.add_parser("keys", help="the keys of anonymous rounds").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(group, "test", keys_test, "tries a tabulator's passphrase")
    _as(one)
    one = command(group, "bundle", keys_bundle, "saves the sealed keys of an open round, to be kept elsewhere")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--out", type=Path, required=True, metavar="FILE")
    one = command(group, "restore", keys_restore, "puts sealed keys back where they were lost")
    one.add_argument("file", type=Path)
    one = command(group, "recover", keys_recover, "brings the answering back after a restart; two tabulators, in turn")
    one.add_argument("id", type=whole(1, MOST_ID))
    _as(one)


def add_to_rounds(command: Adder, group: Any) -> None:
    """`huiyin round unlock`, `huiyin round discard`"""
    one = command(group, "unlock", round_unlock, "opens the ballots of a closed round; two tabulators, in turn")
    one.add_argument("id", type=whole(1, MOST_ID))
    _as(one)
    one = command(group, "discard", round_discard, "destroys ballots unread that nobody can open any more")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--yes", action="store_true", help="without asking")


def _as(one: argparse.ArgumentParser) -> None:
    one.add_argument("--as", dest="number", required=True, metavar="NUMBER", help="the tabulator's staff number")


def passphrase() -> str:
    """Typed without an echo; or the first line of stdin, where that is no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass("Passphrase: ")
    return sys.stdin.readline().rstrip("\r\n")


@asynccontextmanager
async def _ceremony(chosen: Settings) -> AsyncIterator[Ceremony]:
    async with opened(chosen) as database:
        yield Ceremony(database, lambda: operator(chosen).now)


async def keys_test(given: argparse.Namespace, chosen: Settings) -> None:
    """Tries a passphrase."""
    words = passphrase()
    async with _ceremony(chosen) as ceremony:
        person = await ceremony.test(given.number, words)
    print(f"The key of {person.name} works.")


async def keys_bundle(given: argparse.Namespace, chosen: Settings) -> None:
    """Saves sealed keys."""
    async with _ceremony(chosen) as ceremony:
        bundle = await ceremony.bundle(given.id)
    with private(given.out) as file:
        file.write(bundle)
    print(f"The sealed keys are in {given.out}. Only two tabulators together can open them.")


async def keys_restore(given: argparse.Namespace, chosen: Settings) -> None:
    """Puts sealed keys back."""
    async with _ceremony(chosen) as ceremony:
        round = await ceremony.restore(read(given.file))
    print(f"The sealed keys of round {round.id} ({round.name}) are back.")


async def keys_recover(given: argparse.Namespace, chosen: Settings) -> None:
    """One tabulator's half of bringing back the tag key."""
    words = passphrase()
    async with _ceremony(chosen) as ceremony:
        found = await ceremony.recover(given.id, given.number, words)
    print(_next(found.others) if found.others else f"Round {given.id} can be answered again.")


async def round_unlock(given: argparse.Namespace, chosen: Settings) -> None:
    """One tabulator's half of opening the ballots; the second has them counted."""
    words = passphrase()
    async with _ceremony(chosen) as ceremony:
        unlocked, count = await ceremony.unlock(given.id, given.number, words, _told)
    if count is None:
        print(_next(unlocked.others))
    elif count.stage is CountStage.RELEASED:
        print(f"The ballots of round {given.id} are counted and destroyed, and the results are released.")
    else:
        print(f"The ballots of round {given.id} are counted and destroyed. Too few took part: nothing is shown.")


def _next(names: Any) -> str:
    return f"Your half is noted. Now one of these is needed: {', '.join(names)}."


def _told(percent: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{percent} %", end="\n" if percent == 100 else "", file=sys.stderr, flush=True)


async def round_discard(given: argparse.Namespace, chosen: Settings) -> None:
    """Destroys ballots that nobody can open any more."""
    if not given.yes:
        _must_be_sure(given.id)
    await order(chosen, "discard_round", round_id=given.id)
    async with _ceremony(chosen) as ceremony:
        await ceremony.finished(given.id)
    print(f"The ballots of round {given.id} are destroyed unread.")


def _must_be_sure(round_id: int) -> None:
    if not sys.stdin.isatty():
        raise Wrong("Ballots that are destroyed are gone for good: say --yes.")
    if input(f"Type {round_id} to destroy the ballots of round {round_id} unread: ").strip() != str(round_id):
        raise Wrong("Nothing was destroyed.")


async def check_keys(chosen: Settings) -> list[str]:
    """What is only advised, in sentences. Raises Wrong with what is wrong."""
    wrong, advised = Vault(chosen.keys_dir).troubles(chosen.data_dir)
    state = await order(chosen, "check_keys")
    wrong += [
        f"Round {id} ({name}): its sealed key is gone. Put it back (`huiyin keys restore FILE`), or its ballots can "
        f"never be opened (`huiyin round discard {id}` once it is closed)."
        for id, name in state.lost.items()
    ]
    wrong += [
        f"Round {id} ({name}): nobody can answer, the key for that is lost. Two tabulators bring it back: "
        f"`huiyin keys recover {id} --as NUMBER`."
        for id, name in state.untagged.items()
        if id not in state.lost
    ]
    if wrong:
        raise Wrong("\n".join(wrong))
    advised += [f"The tabulator {one} has not tried the key for 30 days: page /keys." for one in state.stale]
    if state.needed and not state.pairs:
        advised.append(
            "Fewer than two tabulators from different units could open a round: "
            "`huiyin staff add NUMBER --role tabulator`."
        )
    return advised if state.needed else []
