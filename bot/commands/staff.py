"""`huiyin staff …`: who opens the ballots of anonymous rounds."""

import argparse
from typing import Any

from bot.commands.base import Adder, order
from bot.settings import Settings
from bot.web import wire


def add(command: Adder, commands: Any) -> None:
    """`huiyin staff …`"""
    group = commands.add_parser("staff", help="who opens the ballots of anonymous rounds").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(group, "add", staff_add, "prints an enrolment link, once; it is good for seven days")
    one.add_argument("number", help="the staff number of somebody on the roster")
    one.add_argument("--role", choices=["tabulator"], required=True)
    one.add_argument("--json", action="store_true")
    one = command(group, "list", staff_list, "name, unit, key, last test, and with whom rounds can be opened")
    one.add_argument("--json", action="store_true")
    one = command(group, "remove", staff_remove, "destroys somebody's key, and says which rounds lose it")
    one.add_argument("number")
    one.add_argument("--json", action="store_true")


async def staff_add(given: argparse.Namespace, chosen: Settings) -> None:
    """Adds a tabulator."""
    added = await order(chosen, "add_tabulator", number=given.number)
    link = f"{chosen.public_url}/keys/enrol#{added.secret}"
    print(wire.encode({**wire.plain(added), "link": link}).decode() if given.json else link)


async def staff_list(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists the tabulators."""
    found = await order(chosen, "list_tabulators")
    if given.json:
        print(wire.encode(found).decode())
    else:
        for one in found:
            key = "not enrolled" if not one.enrolled else f"tested {one.tested}" if one.tested else "never tested"
            pairs = f"may open with {' '.join(one.partners)}" if one.partners else "may open with nobody"
            print(f"{one.number}\t{one.name}\t{one.unit}\t{key}\t{pairs}")


async def staff_remove(given: argparse.Namespace, chosen: Settings) -> None:
    """Removes a tabulator."""
    removed = await order(chosen, "remove_tabulator", number=given.number)
    if given.json:
        print(wire.encode(removed).decode())
        return
    print(f"{removed.name} opens no ballots any more; the key is destroyed.")
    for id, name in removed.weakened.items():
        print(f"Round {id} ({name}) can still be opened by others.")
    for id, name in removed.lost.items():
        print(f"Round {id} ({name}) can be opened by nobody now: its answers are lost.")
