"""The command line: `huiyin …`; each command a few lines that call what is below.

Exit status: 0 done, 1 not done (one sentence on stderr says what to do), 2 wrong usage, 3 `form talk` unfinished.
"""

import argparse
import asyncio
import gc
import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from bot import demo, logs, settings, spills
from bot.app import App, WrongSchema, now, opened, stop_on_signals
from bot.channels.base import ChannelError
from bot.commands import calendar, forms, keys, people, plans, roster, rounds, staff
from bot.commands.base import Command, Wrong, order, whole
from bot.commands.forms import Unfinished
from bot.settings import Settings, SettingsError
from bot.words import Words
from handlers.refusals import Refusal
from storage.database import Database, DatabaseBusy, Unavailable
from storage.records import ApiToken

KNOWN = (
    *(Wrong, SettingsError, WrongSchema, DatabaseBusy, ChannelError, msgspec.ValidationError),
    *(Refusal, Unavailable, OSError, UnicodeDecodeError, OverflowError),
)
"""What can go wrong without a mistake of ours: said in a sentence, never with a traceback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    given = parser().parse_args(arguments)
    try:
        if given.command is run_check:
            show_settings()
        chosen = settings.load()
        logs.set_up(chosen.log, console=sys.stderr.isatty())
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(given.command(given, chosen))
    except Unfinished:
        return 3
    except ExceptionGroup as several:
        problem = _first(several)
        if not isinstance(problem, KNOWN):
            raise
        return _explain(problem)
    except KNOWN as problem:
        return _explain(problem)
    return 0


def _first(several: BaseException) -> BaseException:
    while isinstance(several, BaseExceptionGroup):
        several = several.exceptions[0]
    return several


def _explain(problem: BaseException) -> int:
    """One sentence on stderr, or one for each place in what was given."""
    match problem:
        case Refusal():
            chosen = settings.load()
            words = Words(chosen.timezone)
            told = "\n".join(words.word(part, chosen.locale) for part in (problem.text, *problem.problems))
        case Unavailable(reason=reason):
            told = f"The database cannot be used: {reason}. Look at HUIYIN_DATABASE_URL."
        case UnicodeDecodeError():
            told = "That file is not UTF-8 text; save it as UTF-8."
        case OSError():
            told = f"{problem.strerror or problem}: {problem.filename or ''}".rstrip(": ")
        case OverflowError():
            told = "A number is too large."
        case _:
            told = str(problem)
    print(told, file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="huiyin", description="Huiyin (回音): appraisal that answers back.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(group: Any, name: str, does: Command, about: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = group.add_parser(name, help=about, description=about)
        added.set_defaults(command=does)
        return added

    one = command(commands, "demo", run_demo, "a demo organ to try everything with; touches no real data")
    one.add_argument("--dir", type=Path, help="where the demo keeps its data (default: demo in the data directory)")
    one.add_argument("--port", type=whole(1, 65535), help="the port to listen on (default: as HUIYIN_HTTP says)")
    command(commands, "serve", run_serve, "the product: channels, web, clock, courier, as the settings say")
    command(commands, "migrate", run_migrate, "brings the database to this version's schema")
    command(commands, "check", run_check, "says what is wrong with settings, database, keys and calendar")

    roster.add(command, commands)
    people.add(command, commands)
    staff.add(command, commands)
    token = commands.add_parser("token", help="access to the REST interface").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(token, "add", token_add, "prints a new bearer token, once")
    one.add_argument("name")
    one.add_argument("--scope", action="append", required=True, help="such as rounds:read; may be repeated")
    one.add_argument("--days", type=whole(1, 3650), default=90)

    rounds.add(command, commands)
    keys.add(command, commands)
    plans.add(command, commands)
    calendar.add(command, commands)
    forms.add(command, commands)
    return top


async def run_serve(_given: argparse.Namespace, chosen: Settings) -> None:
    """Serves until SIGTERM or SIGINT."""
    async with opened(chosen, serving=True) as database:
        await _serve(App(chosen, database), lambda: None)


async def run_demo(given: argparse.Namespace, chosen: Settings) -> None:
    """Serves the demo organ and says where."""
    chosen = demo.settings_for(chosen, given.dir, given.port)
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    fresh = Database(chosen.database_url)
    await fresh.start()
    await fresh.migrate()
    await fresh.stop()
    async with opened(chosen, serving=True) as database:
        await demo.furnish(database)
        await _serve(App(chosen, database, demo=True), lambda: print(demo.greeting(chosen), flush=True))


async def _serve(app: App, ready: Callable[[], None]) -> None:
    spills.keep_in()
    stop = asyncio.Event()
    stop_on_signals(stop)
    gc.freeze()
    await app.run(stop, ready)


async def run_migrate(_given: argparse.Namespace, chosen: Settings) -> None:
    """Brings the schema up to date."""
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(chosen.database_url)
    await database.start()
    await database.migrate()
    found, _ = await database.schema()
    await database.stop()
    print(f"The database is at schema {found}.")


def show_settings() -> None:
    """Every setting with its source, secrets masked; also where one of them is wrong."""
    for name, (value, source) in settings.gather(os.environ).items():
        shown = "…" if value and name in settings.SECRETS else value
        print(f"{name}={shown}  ({source})")


async def run_check(_given: argparse.Namespace, chosen: Settings) -> None:
    """Tries the database, lists the dead letters, and says what is wrong with the keys and lacks in the calendar."""
    for dead in await order(chosen, "list_dead_letters"):
        print(f"Given up: {dead.channel} {dead.reference}, {dead.reason}, {dead.at:%Y-%m-%d %H:%M} UTC")
    for told in spills.ways_out():
        print(f"Note: {told}")
    if advised := [*await keys.check_keys(chosen), *await calendar.check_calendar(chosen)]:
        print(*advised, "Everything else is in order.", sep="\n")
    else:
        print("Everything is in order.")


async def token_add(given: argparse.Namespace, chosen: Settings) -> None:
    """Makes a bearer token."""
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).digest()
    token = ApiToken(digest, given.name, frozenset(given.scope), now() + timedelta(days=given.days))
    async with opened(chosen) as database, database.transaction() as store:
        await store.access.put_token(token)
    print(secret)


if __name__ == "__main__":
    sys.exit(main())
