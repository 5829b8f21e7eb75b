"""`huiyin round …`: rounds, planned, opened, closed, and their answers."""

import argparse
from pathlib import Path
from typing import Any

from bot.app import give_order, opened
from bot.commands import anonymity, audience, changes, keys, roll, watching
from bot.commands.base import MOST_ID, Adder, Command, frozen, moment, operator, order, private, whole
from bot.settings import Settings
from bot.web import report, wire
from bot.web.tables import table_csv
from bot.words import Words
from storage.records import Reminding, Secrecy


def add(command: Adder, commands: Any) -> None:
    """`huiyin round …`"""
    group = commands.add_parser("round", help="rounds").add_subparsers(required=True, metavar="COMMAND")
    one = command(group, "new", round_new, "plans a round and prints its id")
    one.add_argument("form", type=Path)
    one.add_argument("--name", required=True)
    audience.add_options(one)
    one.add_argument("--voluntary", action="store_true", help="people may say that they do not take part")
    about = "nobody can tell who answered what; a second person must approve it"
    one.add_argument("--anonymous", action="store_true", help=about)
    anonymity.add_options(one)
    one.add_argument("--opens", default="", metavar="T", help="such as 2026-12-01T09:00, in the organ's time zone")
    one.add_argument("--closes", default="", metavar="T")
    one.add_argument("--draft", action="store_true", help="a second person must approve it before it can open")
    one.add_argument("--letter", metavar="FILE|TEXT", help="HR's own words at the head of the invitation")
    reminding = Reminding()
    one.add_argument("--reminders", type=int, default=reminding.most, metavar="N", help="at most; 0: none")
    one.add_argument("--remind-after", type=int, default=reminding.first, metavar="D", help="working days to the first")
    one.add_argument("--remind-every", type=int, default=reminding.every, metavar="D", help="working days between them")
    one.add_argument("--json", action="store_true")
    one = command(group, "list", round_list, "all rounds")
    one.add_argument("--json", action="store_true")
    for verb, about in (
        ("show", "one round and how far it has come"),
        ("progress", "the same; with --watch a bar until its letters are out"),
        ("open", "asks everybody, and shows on a terminal how the invitations go out"),
        ("pause", "nobody can answer meanwhile"),
        ("resume", "answers are taken again"),
        ("close", "no more answers are taken"),
    ):
        one = command(group, verb, round_verb(verb), about)
        one.add_argument("id", type=whole(1, MOST_ID))
        one.add_argument("--json", action="store_true")
        if verb == "progress":
            one.add_argument("--watch", action="store_true")
    roll.add(command, group)
    one = command(group, "answers", round_answers, "the answers of a round as .csv; of an anonymous one its results")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--out", type=Path, required=True, help="FILE.csv or a directory; each repeat beside it")
    one = command(group, "report", round_report, "how an anonymous round was kept: for auditors")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--json", action="store_true")
    changes.add(command, group)
    keys.add_to_rounds(command, group)


async def round_new(given: argparse.Namespace, chosen: Settings) -> None:
    """Freezes the form and plans a round."""
    async with opened(chosen) as database:
        by = operator(chosen)
        questionnaire = await frozen(given.form, database, by)
        planned = await give_order(
            database,
            by,
            "plan_round",
            {
                "name": given.name,
                "questionnaire_id": questionnaire.id,
                **audience.fields(given),
                **anonymity.fields(given, Secrecy()),
                "voluntary": given.voluntary,
                "anonymous": given.anonymous,
                "opens": moment(given.opens, chosen),
                "closes": moment(given.closes, chosen),
                "draft": given.draft,
                "letter": changes.letter(given.letter) or "",
                "reminding": {"most": given.reminders, "first": given.remind_after, "every": given.remind_every},
            },
        )
    print(wire.encode(planned).decode() if given.json else planned.id)


async def round_list(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists all rounds."""
    rounds = await order(chosen, "list_rounds")
    if given.json:
        print(wire.encode(rounds).decode())
    else:
        for one in rounds:
            print(f"{one.id}\t{one.state}\t{one.name}")


def round_verb(verb: str) -> Command:
    """`show`, `progress`, or one of the changes of a round's state."""

    async def run(given: argparse.Namespace, chosen: Settings) -> None:
        if verb not in ("show", "progress"):
            await order(chosen, f"{verb}_round", round_id=given.id)
        watched = verb == "open" or (verb == "progress" and given.watch)
        await _show(given, chosen, watched=watched and not given.json)

    return run


async def _show(given: argparse.Namespace, chosen: Settings, *, watched: bool) -> None:
    async with opened(chosen) as database:

        async def look() -> Any:
            return await give_order(database, operator(chosen), "round_progress", {"round_id": given.id})

        progress = await watching.watch(look, chosen) if watched else await look()
    watching.show(progress, as_json=given.json)


async def round_answers(given: argparse.Namespace, chosen: Settings) -> None:
    """Writes the answers of a named round, or the released tables of an anonymous one."""
    table = await order(chosen, "round_answers", round_id=given.id)
    out = given.out / f"round-{given.id}.csv" if given.out.is_dir() else given.out
    beside = {out.with_name(f"{out.stem}.{one.name}{out.suffix}"): one for one in table.repeats}
    for path, one in {out: table, **beside}.items():
        with private(path) as file:
            file.write(table_csv(one.columns, one.rows))
        print(f"{len(one.rows)} rows written to {path}.")


async def round_report(given: argparse.Namespace, chosen: Settings) -> None:
    """Prints the auditors' report of an anonymous round."""
    told = await order(chosen, "round_assurance", round_id=given.id)
    if given.json:
        print(wire.encode(told).decode())
        return
    words = Words(chosen.timezone)
    print(f"{told.title} ({told.round})")
    for chapter in report.chapters(told, lambda part: words.word(part, chosen.locale)):
        print(f"\n{chapter.title}")
        for name, fact in chapter.facts:
            print(f"  {name}: {fact}")
        for sentence in chapter.told:
            print(f"  {sentence}")
