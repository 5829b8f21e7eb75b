"""The command line: `huiyin …`; each command a few lines that call what is below.

Exit status: 0 done, 1 not done (one sentence on stderr says what to do), 2 wrong usage, 3 `form talk` unfinished.
"""

import argparse
import asyncio
import contextlib
import gc
import getpass
import hashlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import msgspec
import uvloop

from bot import demo, logs, settings, terminal
from bot.app import App, WrongSchema, clerk, entrance, give_order, now, opened, stop_on_signals
from bot.channels.base import ChannelError
from bot.settings import Settings, SettingsError
from bot.web import wire
from bot.web.cards import SheetLine, render_sheet
from bot.web.tables import codes_csv, table_csv
from bot.words import Words, language_of
from handlers.forms import report
from handlers.forms.script import Talk
from handlers.forms.xlsform import read as read_form
from handlers.refusals import Refusal
from handlers.talk import Label, Part, t
from storage.database import Database, DatabaseBusy, Unavailable
from storage.records import ApiToken, Clerk

Command = Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, None]]


class Unfinished(Exception):
    """The input ended before the form was handed in: exit status 3."""


class Wrong(Exception):
    """One sentence for stderr; the command is not done."""


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
    one.add_argument("--port", type=_whole(1, 65535), help="the port to listen on (default: as HUIYIN_HTTP says)")
    command(commands, "serve", run_serve, "the product: channels, web, clock, courier, as the settings say")
    command(commands, "migrate", run_migrate, "brings the database to this version's schema")
    command(commands, "check", run_check, "says what is wrong with settings and database")

    roster = commands.add_parser("roster", help="staff and units").add_subparsers(required=True, metavar="COMMAND")
    one = command(roster, "import", roster_import, "staff and units from .xlsx or .csv")
    one.add_argument("file", type=Path)
    one.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    one.add_argument("--confirm-leavers", action="store_true", help="yes, that many people have left")
    one = command(roster, "codes", roster_codes, "new one-time enrolment codes: .csv, or a printable .html with QR")
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--unit", default="", help="only this unit and what is below it")
    one.add_argument("--person", default="", help="only this staff number")
    one.add_argument("--days", type=_whole(1, 3650), default=30, help="how long the codes are good for")

    token = commands.add_parser("token", help="access to the REST interface").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(token, "add", token_add, "prints a new bearer token, once")
    one.add_argument("name")
    one.add_argument("--scope", action="append", required=True, help="such as rounds:read; may be repeated")
    one.add_argument("--days", type=_whole(1, 3650), default=90)

    _round_commands(
        command, commands.add_parser("round", help="rounds").add_subparsers(required=True, metavar="COMMAND")
    )
    form = commands.add_parser("form", help="questionnaires").add_subparsers(required=True, metavar="COMMAND")
    one = command(form, "check", form_check, "is this XLSForm one we can ask? every problem with sheet and row")
    one.add_argument("file", type=Path)
    one.add_argument("--json", action="store_true", help="the report on a good form as JSON")
    one = command(form, "talk", form_talk, "hold the conversation in this terminal")
    one.add_argument("file", type=Path)
    one.add_argument("--lang", default="", help="such as en; default: the form's own")
    one.add_argument("--script", help="JSON lines from this file, or - for standard input")
    return top


MOST_ID = 2**31 - 1


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between these."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text[:20]!r} is no whole number from {least} to {most}")
        return int(text)

    return number


def _round_commands(command: Callable[[Any, str, Command, str], argparse.ArgumentParser], group: Any) -> None:
    one = command(group, "new", round_new, "plans a round and prints its id")
    one.add_argument("form", type=Path)
    one.add_argument("--name", required=True)
    one.add_argument("--unit", action="append", default=[], help="a unit with all below it; may be repeated")
    one.add_argument("--anonymous", action="store_true")
    one.add_argument("--opens", default="", metavar="T", help="such as 2026-12-01T09:00, in the organ's time zone")
    one.add_argument("--closes", default="", metavar="T")
    one.add_argument("--json", action="store_true")
    one = command(group, "list", round_list, "all rounds")
    one.add_argument("--json", action="store_true")
    for verb, about in (
        ("show", "one round and how far it has come"),
        ("open", "asks everybody"),
        ("pause", "nobody can answer meanwhile"),
        ("resume", "answers are taken again"),
        ("close", "no more answers are taken"),
    ):
        one = command(group, verb, round_verb(verb), about)
        one.add_argument("id", type=_whole(1, MOST_ID))
        one.add_argument("--json", action="store_true")
    one = command(group, "answers", round_answers, "the answers of a named round as .csv, codes and labels")
    one.add_argument("id", type=_whole(1, MOST_ID))
    one.add_argument("--out", type=Path, required=True, help="FILE.csv or a directory; each repeat beside it")


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
    """Tries the database, and lists the dead letters."""
    for dead in await _order(chosen, "list_dead_letters"):
        print(f"Given up: {dead.channel} {dead.reference}, {dead.reason}, {dead.at:%Y-%m-%d %H:%M} UTC")
    print("Everything is in order.")


async def roster_import(given: argparse.Namespace, chosen: Settings) -> None:
    """Imports a roster, or says what it would change."""
    report = await _order(
        chosen,
        "import_roster",
        content=_read(given.file),
        filename=given.file.name,
        dry_run=given.dry_run,
        confirm_leavers=given.confirm_leavers,
    )
    print(wire.encode(report).decode())


async def roster_codes(given: argparse.Namespace, chosen: Settings) -> None:
    """Writes new enrolment codes as .csv or as a printable .html."""
    if given.out.suffix not in {".csv", ".html"}:
        raise Wrong(f"{given.out} should end in .csv or .html.")
    with _private(given.out) as out:
        lines = await _write_codes(given, chosen, out)
    print(f"{lines} codes written to {given.out}. Each works once; earlier unused ones of these people no longer do.")


async def _write_codes(given: argparse.Namespace, chosen: Settings, out: IO[bytes]) -> int:
    words = Words(chosen.timezone)
    link = await entrance(chosen, words)
    issued = await _order(chosen, "issue_codes", unit=given.unit, person=given.person, days=given.days)
    lines = [
        SheetLine(one.person.name, one.person.number, one.unit.name, one.code, f"{link}{one.code}") for one in issued
    ]
    if given.out.suffix == ".csv":
        out.write(codes_csv(lines))
    else:
        expires = issued[0].expires if issued else now()
        out.write(render_sheet(lines, words.word, chosen.locale, expires).encode())
    return len(lines)


async def token_add(given: argparse.Namespace, chosen: Settings) -> None:
    """Makes a bearer token."""
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).digest()
    token = ApiToken(digest, given.name, frozenset(given.scope), now() + timedelta(days=given.days))
    async with opened(chosen) as database, database.transaction() as store:
        await store.access.put_token(token)
    print(secret)


async def round_new(given: argparse.Namespace, chosen: Settings) -> None:
    """Freezes the form and plans a round."""
    async with opened(chosen) as database:
        by = _clerk()
        content = {"content": _read(given.form), "filename": given.form.name, "media": _media(given.form)}
        questionnaire = await give_order(database, by, "add_questionnaire", content)
        planned = await give_order(
            database,
            by,
            "plan_round",
            {
                "name": given.name,
                "questionnaire_id": questionnaire.id,
                "units": tuple(given.unit),
                "anonymous": given.anonymous,
                "opens": _moment(given.opens, chosen),
                "closes": _moment(given.closes, chosen),
            },
        )
    print(wire.encode(planned).decode() if given.json else planned.id)


async def round_list(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists all rounds."""
    rounds = await _order(chosen, "list_rounds")
    if given.json:
        print(wire.encode(rounds).decode())
    else:
        for one in rounds:
            print(f"{one.id}\t{one.state}\t{one.name}")


def round_verb(verb: str) -> Command:
    """`show`, or one of the changes of a round's state."""

    async def run(given: argparse.Namespace, chosen: Settings) -> None:
        if verb != "show":
            await _order(chosen, f"{verb}_round", round_id=given.id)
        progress = await _order(chosen, "round_progress", round_id=given.id)
        if given.json:
            print(wire.encode(progress).decode())
        else:
            counts = f"invited {progress.invited}, without account {progress.unreachable}, "
            counts += f"started {progress.started}, handed in {progress.handed_in}"
            print(f"{progress.round}\t{progress.state}\t{counts}")

    return run


async def round_answers(given: argparse.Namespace, chosen: Settings) -> None:
    """Writes the answers of a named round."""
    table = await _order(chosen, "round_answers", round_id=given.id)
    out = given.out / f"round-{given.id}.csv" if given.out.is_dir() else given.out
    beside = {out.with_name(f"{out.stem}.{one.name}{out.suffix}"): one for one in table.repeats}
    for path, one in {out: table, **beside}.items():
        with _private(path) as file:
            file.write(table_csv(one.columns, one.rows))
        print(f"{len(one.rows)} rows written to {path}.")


async def form_check(given: argparse.Namespace, chosen: Settings) -> None:
    """Reads a form and says what is in it, and what its author should know."""
    form = await asyncio.to_thread(read_form, _read(given.file), given.file.name)
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
    form = await asyncio.to_thread(read_form, _read(given.file), given.file.name)
    talk = Talk(form, _speaking(chosen), given.lang or form.default_language or chosen.locale, _clock(chosen))
    with _interruptible():
        if given.script is None:
            done = terminal.by_hand(talk, _typed(), print)
        elif given.script == "-":
            done = terminal.by_script(talk, sys.stdin, print)
        else:
            done = terminal.by_script(talk, _read(Path(given.script)).decode().splitlines(), print)
    if not done:
        raise Unfinished


def _speaking(chosen: Settings) -> Callable[[Part, str], str]:
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


async def _order(chosen: Settings, name: str, **fields: Any) -> Any:
    async with opened(chosen) as database:
        return await give_order(database, _clerk(), name, fields)


def _clerk() -> Clerk:
    return clerk(getpass.getuser())


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _media(form: Path) -> dict[str, bytes]:
    """The pictures in the folder FORM-media beside a form, by name; none if there is no such folder."""
    folder = form.with_name(f"{form.stem}-media")
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()} if folder.is_dir() else {}


def _private(path: Path) -> IO[bytes]:
    """A new file that only its owner may read: it holds names."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _clock(chosen: Settings) -> datetime:
    return now().astimezone(chosen.timezone)


def _moment(text: str, chosen: Settings) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{text!r} is no time; write one such as 2026-12-01T09:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=chosen.timezone)


if __name__ == "__main__":
    sys.exit(main())
