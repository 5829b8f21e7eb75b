"""`huiyin roster …`: staff, units, and the codes by which people bind their accounts."""

import argparse
from pathlib import Path
from typing import IO, Any

from bot.app import entrance, now
from bot.commands.base import Adder, Wrong, order, private, read, whole
from bot.settings import Settings
from bot.web import wire
from bot.web.cards import SheetLine, render_sheet
from bot.web.tables import codes_csv
from bot.words import Words


def add(command: Adder, commands: Any) -> None:
    """`huiyin roster …`"""
    group = commands.add_parser("roster", help="staff and units").add_subparsers(required=True, metavar="COMMAND")
    one = command(group, "import", roster_import, "staff and units from .xlsx or .csv")
    one.add_argument("file", type=Path)
    one.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    one.add_argument("--confirm-leavers", action="store_true", help="yes, that many people have left")
    one = command(group, "codes", roster_codes, "new one-time enrolment codes: .csv, or a printable .html with QR")
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--unit", default="", help="only this unit and what is below it")
    one.add_argument("--person", default="", help="only this staff number")
    one.add_argument("--days", type=whole(1, 3650), default=30, help="how long the codes are good for")


async def roster_import(given: argparse.Namespace, chosen: Settings) -> None:
    """Imports a roster, or says what it would change."""
    report = await order(
        chosen,
        "import_roster",
        content=read(given.file),
        filename=given.file.name,
        dry_run=given.dry_run,
        confirm_leavers=given.confirm_leavers,
    )
    print(wire.encode(report).decode())


async def roster_codes(given: argparse.Namespace, chosen: Settings) -> None:
    """Writes new enrolment codes as .csv or as a printable .html."""
    if given.out.suffix not in {".csv", ".html"}:
        raise Wrong(f"{given.out} should end in .csv or .html.")
    with private(given.out) as out:
        lines = await _write_codes(given, chosen, out)
    print(f"{lines} codes written to {given.out}. Each works once; earlier unused ones of these people no longer do.")


async def _write_codes(given: argparse.Namespace, chosen: Settings, out: IO[bytes]) -> int:
    words = Words(chosen.timezone)
    link = await entrance(chosen, words)
    issued = await order(chosen, "issue_codes", unit=given.unit, person=given.person, days=given.days)
    lines = [
        SheetLine(one.person.name, one.person.number, one.unit.name, one.code, f"{link}{one.code}") for one in issued
    ]
    if given.out.suffix == ".csv":
        out.write(codes_csv(lines))
    else:
        expires = issued[0].expires if issued else now()
        out.write(render_sheet(lines, words.word, chosen.locale, expires).encode())
    return len(lines)
