"""`huiyin group …` and `huiyin deputy …`: people named together, and who acts for whom."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from bot.commands.audience import apart
from bot.commands.base import MOST_ID, Adder, Wrong, order, read, whole
from bot.settings import Settings
from bot.web import wire


def add(command: Adder, commands: Any) -> None:
    """`huiyin group …`, `huiyin deputy …`"""
    group = commands.add_parser("group", help="people who are asked together").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(group, "put", group_put, "keeps a group: these people and no others")
    one.add_argument("name")
    one.add_argument("--people", required=True, metavar="FILE|NUMBERS", help="staff numbers, or a file of them")
    one.add_argument("--json", action="store_true")
    one = command(group, "list", group_list, "all groups and who is in them")
    one.add_argument("--json", action="store_true")
    one = command(group, "delete", group_delete, "deletes a group; the people stay")
    one.add_argument("name")

    deputy = commands.add_parser("deputy", help="who acts for whom").add_subparsers(required=True, metavar="COMMAND")
    one = command(deputy, "add", deputy_add, "lets somebody act in an absent person's roles; prints its id")
    one.add_argument("person", help="the absent person's staff number")
    one.add_argument("deputy", help="the staff number of who acts")
    one.add_argument("--from", dest="first", required=True, type=day, metavar="DAY", help="such as 2026-12-01")
    one.add_argument("--until", dest="last", required=True, type=day, metavar="DAY", help="the last day, included")
    one.add_argument("--json", action="store_true")
    one = command(deputy, "list", deputy_list, "who acts for whom")
    one.add_argument("--json", action="store_true")
    one = command(deputy, "end", deputy_end, "as of today this deputy acts no more")
    one.add_argument("id", type=whole(1, MOST_ID))


def day(text: str) -> str:
    """Reads a day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no day; write one such as 2026-12-01") from None


def numbers(given: str) -> tuple[str, ...]:
    """Staff numbers: in a file of this name, one a line or with commas, or as they were typed. Raises Wrong."""
    path = Path(given)
    found = apart(read(path).decode("utf-8-sig").split() if path.is_file() else [given])
    if not found:
        raise Wrong(f"{given!r} has no staff number.")
    return tuple(found)


async def group_put(given: argparse.Namespace, chosen: Settings) -> None:
    """Keeps a group."""
    group = await order(chosen, "put_group", name=given.name, people=numbers(given.people))
    print(wire.encode(group).decode() if given.json else f"{group.name}\t{len(group.people)}")


async def group_list(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists all groups."""
    groups = await order(chosen, "list_groups")
    if given.json:
        print(wire.encode(groups).decode())
    else:
        for one in groups:
            print(f"{one.name}\t{len(one.people)}\t{' '.join(one.people)}")


async def group_delete(given: argparse.Namespace, chosen: Settings) -> None:
    """Deletes a group."""
    print(f"{(await order(chosen, 'delete_group', name=given.name)).name} is deleted.")


async def deputy_add(given: argparse.Namespace, chosen: Settings) -> None:
    """Adds a deputy."""
    whose = {"person": given.person, "deputy": given.deputy}
    added = await order(chosen, "add_deputy", **whose, first=given.first, last=given.last)
    print(wire.encode(added).decode() if given.json else added.id)


async def deputy_list(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists all deputies."""
    found = await order(chosen, "list_deputies")
    if given.json:
        print(wire.encode(found).decode())
    else:
        for one in found:
            print(
                f"{one.id}\t{one.person} {one.person_name}\t{one.deputy} {one.deputy_name}\t{one.first} to {one.last}"
            )


async def deputy_end(given: argparse.Namespace, chosen: Settings) -> None:
    """Ends a deputyship."""
    ended = await order(chosen, "end_deputy", deputy_id=given.id)
    print(f"{ended.deputy_name} does not act for {ended.person_name} any more.")
