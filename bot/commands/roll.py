"""`huiyin round audience|excuse|readmit|add|paper`: who is on a roll, and what HR decides about them."""

import argparse
import json
from pathlib import Path
from typing import Any

from bot.commands import audience
from bot.commands.base import MOST_ID, Adder, Wrong, order, read, whole
from bot.settings import Settings
from bot.web import wire


def add(command: Adder, group: Any) -> None:
    """Below `huiyin round`."""
    one = command(group, "audience", round_audience, "who would be asked, before anything is planned")
    one.add_argument("id", type=whole(1, MOST_ID), nargs="?", help="a round, as it would open now")
    audience.add_options(one)
    one.add_argument("--json", action="store_true")
    one = command(group, "excuse", round_excuse, "people are not asked any more, for a reason they read")
    _people(one)
    one.add_argument("--reason", required=True)
    one = command(group, "readmit", round_readmit, "people who were excused are asked after all")
    _people(one)
    one = command(group, "add", round_add, "adds people to the roll of an open round")
    _people(one, nargs="*")
    one.add_argument("--joiners", action="store_true", help="everybody in the audience who is not on the roll")
    one.add_argument("--dry-run", action="store_true", help="say who the joiners are, add nobody")
    one = command(group, "paper", round_paper, "a link to the page where a form on paper is entered for somebody")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("number", help="whose form it is: a staff number")
    one.add_argument("--answers", type=Path, metavar="FILE.json", help="enter these at once: by path, or by name")
    one.add_argument("--replace", action="store_true", help="yes, replace what has been handed in")
    one.add_argument("--json", action="store_true")


def _people(one: argparse.ArgumentParser, nargs: str = "+") -> None:
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("people", nargs=nargs, metavar="NUMBER", help="a staff number")
    one.add_argument("--json", action="store_true")


async def round_audience(given: argparse.Namespace, chosen: Settings) -> None:
    """Says how many would be asked."""
    if given.id:
        if any(audience.fields(given).values()):
            raise Wrong("Give a round's id, or say whom you mean: one of the two.")
        found = await order(chosen, "round_audience", round_id=given.id)
    else:
        found = await order(chosen, "weigh_audience", **audience.fields(given))
    if given.json:
        print(wire.encode(found).decode())
        return
    print(f"asked {found.asked}, of them without account {found.unreachable}")
    for reason, number in sorted(found.excused.items()):
        print(f"excused {number}: {reason}")


async def round_excuse(given: argparse.Namespace, chosen: Settings) -> None:
    """Excuses people."""
    people = audience.apart(given.people)
    _say(given, await order(chosen, "excuse_people", round_id=given.id, people=tuple(people), reason=given.reason))


async def round_readmit(given: argparse.Namespace, chosen: Settings) -> None:
    """Asks people after all."""
    people = audience.apart(given.people)
    _say(given, await order(chosen, "readmit_people", round_id=given.id, people=tuple(people)))


async def round_add(given: argparse.Namespace, chosen: Settings) -> None:
    """Adds people, or says who would be."""
    if given.dry_run:
        _say(given, await order(chosen, "list_joiners", round_id=given.id))
        return
    people = tuple(audience.apart(given.people))
    _say(given, await order(chosen, "add_people", round_id=given.id, people=people, joiners=given.joiners))


async def round_paper(given: argparse.Namespace, chosen: Settings) -> None:
    """Prints the link, or the receipt."""
    whose = {"round_id": given.id, "person": given.number, "replace": given.replace}
    form = await order(chosen, "enter_paper", **whose, answers=_answers(given.answers))
    if given.json:
        print(wire.encode(form).decode())
    elif form.receipt:
        print(f"{form.number}\t{form.name}\t{form.receipt}")
    else:
        print(f"{chosen.public_url}{form.path}")


def _answers(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found = json.loads(read(path))
    except ValueError:
        raise Wrong(f"{path} is not JSON.") from None
    if not isinstance(found, dict):
        raise Wrong(f"{path} must hold one JSON object: a path or a name and the answer, and so on.")
    return found


def _say(given: argparse.Namespace, people: Any) -> None:
    if given.json:
        print(wire.encode(people).decode())
    else:
        for one in people:
            print(f"{one.number}\t{one.name}")
