"""What the HR office orders of the people room: the roster, enrolment codes, accounts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.doors import office
from handlers.people.rules import changes, codes, roster, tree
from handlers.people.rules.changes import Change, Named
from handlers.people.rules.roster import Roster
from handlers.refusals import BadInput, NotAllowed, NotFound
from handlers.talk import t, tn
from storage.records import Clerk, Code, Person, Unit
from storage.store import Store

LONGEST = 365
"""days an enrolment code may live"""


@dataclass(frozen=True, slots=True)
class ImportRoster:
    """A whole roster as .xlsx or .csv; who is not in it has left.

    `confirm_leavers`: yes, more than one in five has left.
    """

    content: bytes
    filename: str
    dry_run: bool = False
    confirm_leavers: bool = False


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What an import changed, or would change if it were no dry run.

    `units_missing` are units the file does not name any more; those that nothing refers to are dropped.
    """

    dry_run: bool
    people: int
    added: tuple[Named, ...]
    changed: tuple[Change, ...]
    unchanged: int
    leavers: tuple[Named, ...]
    units_added: tuple[str, ...]
    units_missing: tuple[str, ...]


@office("POST", "/people/import", "people:write")
async def import_roster(order: ImportRoster, clerk: Clerk, store: Store) -> RosterReport:
    """Bring people and units up to date from a spreadsheet, all or nothing.

    Raises BadInput with every bad row, and NotAllowed where suspiciously many would leave.
    """
    # Reading a large file takes a second: off the loop, so that chats go on meanwhile.
    read = await asyncio.to_thread(roster.read, order.content, order.filename)
    units = await store.people.units()
    found = changes.compare(read, await store.people.people(), units)
    if problems := changes.without_zeros(found):
        raise BadInput(t("Staff numbers have lost their zeros. Nothing was imported."), problems)
    if not order.dry_run:
        if found.many_leave and not order.confirm_leavers:
            raise _too_many(found.leavers)
        await _put(read, found, units, clerk.now.date(), store)
    return RosterReport(
        order.dry_run,
        len(read.lines),
        found.added,
        found.changed,
        found.unchanged,
        found.leavers,
        found.units_added,
        found.units_missing,
    )


def _too_many(leavers: Sequence[Named]) -> NotAllowed:
    text = tn(
        "One person is not in this file and would be marked as having left: more than one in five. "
        "Check that it is the whole roster, then confirm that they have left.",
        "{count} people are not in this file and would be marked as having left: more than one in five. "
        "Check that it is the whole roster, then confirm that they have left.",
        len(leavers),
    )
    return NotAllowed(text, [t("{name} ({number})", name=one.name, number=one.number) for one in leavers])


async def _put(read: Roster, found: changes.Changes, units: Sequence[Unit], today: date, store: Store) -> None:
    ids = {unit.code: unit.id for unit in units}
    for line in read.units:
        if line.code not in ids:
            put = await store.people.put_unit(line.code, line.name, ids.get(line.parent))
            ids[line.code] = put.id
    await store.people.put_people(read.lines, today)
    await store.people.mark_left([leaver.number for leaver in found.leavers])
    await store.people.drop_units(found.units_missing)


@dataclass(frozen=True, slots=True)
class ListUnits:
    """All units."""


@office("GET", "/units", "people:read")
async def list_units(order: ListUnits, clerk: Clerk, store: Store) -> list[Unit]:
    """All units; `code` is the path from the top."""
    return await store.people.units()


@dataclass(frozen=True, slots=True)
class ListPeople:
    """Everybody, or those of one unit (its code, or its name where that is unique) and of the units below it."""

    unit: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An account of a person, without its address. `gone`: the person blocked the bot there."""

    id: int
    channel: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on the roster, the unit, and where they can be reached."""

    person: Person
    unit: Unit
    accounts: tuple[Place, ...]


@office("GET", "/people", "people:read")
async def list_people(order: ListPeople, clerk: Clerk, store: Store) -> list[Listed]:
    """Who is on the roster, and which accounts are bound to them."""
    units = await store.people.units()
    places: dict[int, list[Place]] = {}
    for account in await store.people.all_accounts():
        if account.person_id is not None:
            places.setdefault(account.person_id, []).append(Place(account.id, account.channel, account.gone))
    by_id = {unit.id: unit for unit in units}
    return [
        Listed(person, by_id[person.unit_id], tuple(places.get(person.id, ())))
        for person in _within(await store.people.people(), units, order.unit)
    ]


@dataclass(frozen=True, slots=True)
class IssueCodes:
    """New codes for everybody, for one unit with all below it, or for one person (the staff number).

    `days`: how long they can be used.
    """

    unit: str = ""
    person: str = ""
    days: int = 30


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """One person's code as it is printed; it is shown this once and kept only as a hash."""

    person: Person
    unit: Unit
    code: str
    expires: datetime


@office("POST", "/people/codes", "people:write")
async def issue_codes(order: IssueCodes, clerk: Clerk, store: Store) -> list[IssuedCode]:
    """New one-time enrolment codes; earlier ones of these people that were not used stop working."""
    if not 1 <= order.days <= LONGEST:
        raise BadInput(t("A code can be good for 1 to {days} days.", days=LONGEST))
    units = await store.people.units()
    people = _within(await store.people.people(), units, order.unit)
    if order.person:
        people = [person for person in people if person.number == order.person]
        if not people:
            raise NotFound(t("Nobody with the staff number {number} is on the roster there.", number=order.person))
    expires = clerk.now + timedelta(days=order.days)
    drawn = [(person, codes.draw(clerk.draw)) for person in people]
    await store.people.put_codes([Code(codes.digest(code), person.id, expires) for person, code in drawn])
    by_id = {unit.id: unit for unit in units}
    return [IssuedCode(person, by_id[person.unit_id], codes.grouped(code), expires) for person, code in drawn]


@dataclass(frozen=True, slots=True)
class UnbindAccount:
    """The account with this id, as `list_people` gives it."""

    account_id: int


@office("POST", "/accounts/{account_id}/unbind", "people:write")
async def unbind_account(order: UnbindAccount, clerk: Clerk, store: Store) -> Place:
    """Take an account from its person: it was lost, or bound by mistake."""
    for account in await store.people.all_accounts():
        if account.id == order.account_id and account.person_id is not None:
            await store.people.unbind(account.id)
            return Place(account.id, account.channel, account.gone)
    raise NotFound(t("No such account is bound to anybody."))


def _within(people: Sequence[Person], units: Sequence[Unit], wanted: str) -> list[Person]:
    """Those of the unit and of all below it; everybody where no unit is wanted. Raises NotFound."""
    if not wanted:
        return list(people)
    matching = [unit for unit in units if unit.code == wanted] or [unit for unit in units if unit.name == wanted]
    if not matching:
        raise NotFound(t("No unit has the code or name “{name}”.", name=wanted))
    if len(matching) > 1:
        found = ", ".join(unit.code for unit in matching)
        raise NotFound(t("Several units are called “{name}”: give one of the codes {codes}.", name=wanted, codes=found))
    inside = tree.below(matching[0], units)
    return [person for person in people if person.unit_id in inside]
