"""`huiyin calendar …`: the organ's own holidays and make-up days, and what the calendar lacks."""

import argparse
from pathlib import Path
from typing import Any

from bot.commands.base import Adder, order, read, whole
from bot.settings import Settings
from bot.web import wire
from bot.words import Words
from handlers.refusals import BadInput
from handlers.talk import Text, t
from storage.records import PlanState


def add(command: Adder, commands: Any) -> None:
    """`huiyin calendar …`"""
    group = commands.add_parser("calendar", help="holidays and make-up days").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(group, "import", calendar_import, "the organ's own table from .xlsx or .csv: date, kind, name")
    one.add_argument("file", type=Path)
    one = command(group, "show", calendar_show, "the holidays and make-up days of a year")
    one.add_argument("year", type=whole(1, 9999))
    one.add_argument("--json", action="store_true")


async def calendar_import(given: argparse.Namespace, chosen: Settings) -> None:
    """Imports the organ's own table, all or nothing."""
    report = await order(chosen, "import_calendar", content=read(given.file), filename=given.file.name)
    print(wire.encode(report).decode())


async def calendar_show(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists the days of a year on which people rest, or work although it is a weekend."""
    days = await order(chosen, "show_calendar", year=given.year)
    if given.json:
        print(wire.encode(days).decode())
    else:
        for one in days:
            print(f"{one.day}\t{one.kind}\t{one.name}")


async def check_calendar(chosen: Settings) -> list[str]:
    """What should be known before long, in sentences. Raises BadInput with what is needed already."""
    state = await order(chosen, "check_calendar")
    needed: list[Text] = []
    if state.missing:
        needed.append(_unknown(state.missing))
    needed += [
        t("“{round}” (round {id}) needs the calendar of {year}.", round=one.name, id=str(one.round), year=str(one.year))
        for one in state.waiting
    ]
    needed += [
        t("“{plan}” (plan {id}) needs the calendar of {year}.", plan=one.plan.name, id=str(one.plan.id), year=str(year))
        for one in await order(chosen, "list_plans")
        if one.waits and one.plan.state is PlanState.RUNNING and (year := one.missing_year)
    ]
    if needed:
        raise BadInput(
            t("The calendar lacks days that are needed: import them with `huiyin calendar import FILE`."),
            needed,
        )
    words = Words(chosen.timezone)
    return [words.word(_coming(state.coming), chosen.locale)] if state.coming else []


def _unknown(year: int) -> Text:
    return t("The holidays and make-up days of {year} are not known.", year=str(year))


def _coming(year: int) -> Text:
    return t(
        "The holidays and make-up days of {year} are not known yet. As soon as the State Council's notice is out, "
        "import them with `huiyin calendar import FILE`: from then on dates in {year} can be counted.",
        year=str(year),
    )
