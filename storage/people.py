"""The roster, its units, and the accounts people are reached at. 人员"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.bulk import Bulk
from storage.records import Account, Code, Person, RosterLine, Unit
from storage.rows import person_of
from storage.tables import (
    IDS,
    INSERTS,
    WORDS,
    AccountRow,
    CodeRow,
    InvitationRow,
    PersonRow,
    PlanRow,
    RoundRow,
    UnitRow,
    among,
    table,
)

Place = tuple[str, str]
"""A channel and an address on it."""

_units, _people, _accounts, _codes = table(UnitRow), table(PersonRow), table(AccountRow), table(CodeRow)

_ids = bindparam("ids", type_=IDS)
_addresses = bindparam("addresses", type_=WORDS)
_numbers = bindparam("numbers", type_=WORDS)

# NO KEY UPDATE is the lock that serialises turns without stopping others from referring to the row.
_LOCK_ACCOUNTS = (
    select(_accounts)
    .where(_accounts.c.channel == bindparam("channel"), among(_accounts.c.address, _addresses))
    .order_by(_accounts.c.id)
    .with_for_update(key_share=True)
)
_LOCK_PEOPLE = select(_people).where(among(_people.c.id, _ids)).order_by(_people.c.id).with_for_update(key_share=True)
_RETURNED = update(_accounts).where(among(_accounts.c.id, _ids)).values(gone=False)
_SET_FLOW = Bulk(
    update(_accounts).where(_accounts.c.id == bindparam("account")).values(flow=bindparam("new")), "account", "new"
)
_BOUND = (
    select(_accounts).where(among(_accounts.c.person_id, _ids), _accounts.c.gone.is_(False)).order_by(_accounts.c.id)
)
_SET_SUPERVISOR = Bulk(
    update(_people).where(_people.c.id == bindparam("person")).values(supervisor_id=bindparam("supervisor")),
    "person",
    "supervisor",
)
_FIELDS = (
    *("name", "unit_id", "post_class", "level", "roles", "language", "has_left"),
    *("kind", "standing", "joined", "probation_ends"),
)
_PUT_PEOPLE = Bulk(
    {
        dialect: statement.on_conflict_do_update(
            index_elements=["number"],
            set_={
                **{name: statement.excluded[name] for name in _FIELDS},
                "listed": case(
                    (_people.c.has_left, statement.excluded.listed),
                    else_=func.coalesce(_people.c.listed, statement.excluded.listed),
                ),
            },
        )
        for dialect, statement in ((dialect, make(_people)) for dialect, make in INSERTS.items())
    },
    "number",
    *_FIELDS,
    "listed",
)
_ADD_ACCOUNT = Bulk(
    {dialect: make(_accounts).on_conflict_do_nothing() for dialect, make in INSERTS.items()}, "channel", "address"
)
_ADD_CODE = Bulk(insert(_codes), "digest", "person_id", "expires", "used")


def _unit(row: Sequence[Any]) -> Unit:
    return Unit(*row)


def _account(row: Sequence[Any]) -> Account:
    return Account(*row)


def _audiences_in(row: type[RoundRow | PlanRow]) -> Select[tuple[dict[str, Any]]]:
    return select(table(row).c.audience)


class People:
    """Units, people, accounts and enrolment codes. Remembers, within its transaction, whom it recognised."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self._forget()
        self._flows: dict[int, str] = {}

    def _forget(self) -> None:
        self._by_place: dict[Place, Account] = {}
        self._places: dict[int, Place] = {}
        self._persons: dict[int, Person] = {}

    async def units(self) -> list[Unit]:
        """All units, in order of their codes."""
        return [_unit(row) for row in await self._db.execute(select(_units).order_by(_units.c.code))]

    async def people(self, *, left: bool = False) -> list[Person]:
        """Everybody on the roster in order of staff numbers; with `left` also those who left it."""
        query = select(_people).order_by(_people.c.number)
        if not left:
            query = query.where(_people.c.has_left.is_(False))
        return [person_of(row) for row in await self._db.execute(query)]

    async def person(self, id: int) -> Person | None:
        """The person with this id."""
        if id not in self._persons:
            row = (await self._db.execute(select(_people).where(_people.c.id == id))).first()
            if row is None:
                return None
            self._persons[id] = person_of(row)
        return self._persons[id]

    async def hold(self, id: int) -> Person | None:
        """The person with this id; nobody else takes a turn of theirs until the transaction ends."""
        row = (await self._db.execute(_LOCK_PEOPLE, {"ids": [id]})).first()
        return person_of(row) if row else None

    async def by_number(self, number: str) -> Person | None:
        """The person with this staff number."""
        row = (await self._db.execute(select(_people).where(_people.c.number == number))).first()
        return person_of(row) if row else None

    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Person]:
        """Those with these staff numbers, by number; who left too."""
        query = select(_people).where(among(_people.c.number, _numbers)).order_by(_people.c.number)
        rows = await self._db.execute(query, {"numbers": numbers})
        return {found.number: found for found in map(person_of, rows)}

    async def put_unit(self, code: str, name: str, parent_id: int | None) -> Unit:
        """Adds the unit, or renames and moves the one with this code."""
        values = {"name": name, "parent_id": parent_id}
        statement = INSERTS[self._db.dialect.name](_units).values(code=code, **values)
        upsert = statement.on_conflict_do_update(index_elements=["code"], set_=values).returning(*_units.c)
        return _unit((await self._db.execute(upsert)).one())

    async def drop_units(self, codes: Sequence[str]) -> None:
        """Removes those of the units that nobody and nothing needs: no people, no roll, no round, no unit below."""
        audiences = [
            audience for row in (RoundRow, PlanRow) for (audience,) in await self._db.execute(_audiences_in(row))
        ]
        asked = {id for audience in audiences for id in (*audience["unit_ids"], *audience["alone_ids"])}
        below = _units.alias()
        unused = (
            delete(_units)
            .where(among(_units.c.code, bindparam("codes", type_=WORDS)), ~among(_units.c.id, _ids))
            .where(~exists().where(_people.c.unit_id == _units.c.id))
            .where(~exists().where(table(InvitationRow).c.unit_id == _units.c.id))
            .where(~exists().where(below.c.parent_id == _units.c.id))
        )
        while (await self._db.execute(unused, {"codes": codes, "ids": asked})).rowcount:
            """A unit may go as soon as all below it have."""

    async def put_people(self, lines: Sequence[RosterLine], listed: date | None = None) -> None:
        """Adds these people or brings them up to date by staff number; whoever had left is back. Those who are new or
        back are on the roster since `listed`.

        Raises LookupError where a unit or a supervisor named is neither stored nor among the lines.
        """
        if not lines:
            return
        units = {unit.code: unit.id for unit in await self.units()}
        await self._db.run_sync(_PUT_PEOPLE.run, [(*_values(line, units), listed) for line in lines])
        await self._put_supervisors(lines)
        self._forget()

    async def _put_supervisors(self, lines: Sequence[RosterLine]) -> None:
        rows = await self._db.execute(select(_people.c.number, _people.c.id, _people.c.supervisor_id))
        known = {number: (id, supervisor) for number, id, supervisor in rows}
        changes = []
        for line in lines:
            id, before = known[line.number]
            now = known[line.supervisor][0] if line.supervisor else None
            if now != before:
                changes.append((id, now))
        await self._db.run_sync(_SET_SUPERVISOR.run, changes)

    async def mark_left(self, numbers: Sequence[str]) -> None:
        """These people are no longer on the roster; what they answered stays."""
        gone = update(_people).where(among(_people.c.number, _numbers)).values(has_left=True)
        await self._db.execute(gone, {"numbers": numbers})
        self._forget()

    async def recognise(self, places: Sequence[Place]) -> dict[Place, tuple[Account, Person | None]]:
        """The accounts at these places and whose they are; a place never seen gets an account, a gone one is back.

        On PostgreSQL the accounts and people stay locked until the transaction ends, so that two processes
        never take a turn of one person at a time. Asked again for the same place, it answers from memory.
        """
        strange = sorted(set(places) - self._by_place.keys())
        if strange:
            await self._db.run_sync(self._meet, strange)
        return {place: self._whose(self._by_place[place]) for place in places}

    async def find(self, channel: str, address: str) -> tuple[Account, Person | None] | None:
        """The account at this place and whose it is, if it ever spoke; nothing is written or locked."""
        place = (_accounts.c.channel == channel) & (_accounts.c.address == address)
        row = (await self._db.execute(select(_accounts).where(place))).first()
        if row is None:
            return None
        account = _account(row)
        return account, None if account.person_id is None else await self.person(account.person_id)

    def _whose(self, account: Account) -> tuple[Account, Person | None]:
        return account, None if account.person_id is None else self._persons[account.person_id]

    def _meet(self, db: Connection, strange: Sequence[Place]) -> None:
        self.write(db)
        for channel, group in groupby(strange, key=lambda place: place[0]):
            self._meet_on(db, channel, [address for _, address in group])
        owners = {self._by_place[place].person_id for place in strange} - {None}
        if owners:
            for row in db.execute(_LOCK_PEOPLE, {"ids": owners}).all():
                self._persons[row[0]] = person_of(row)

    def _meet_on(self, db: Connection, channel: str, addresses: Sequence[str]) -> None:
        self._lock_accounts(db, channel, addresses)
        new = [address for address in addresses if (channel, address) not in self._by_place]
        if new:
            _ADD_ACCOUNT.run(db, [(channel, address) for address in new])
            self._lock_accounts(db, channel, new)
        known = [self._by_place[channel, address] for address in addresses]
        if gone := [account for account in known if account.gone]:
            db.execute(_RETURNED, {"ids": [account.id for account in gone]})
            for account in gone:
                self._remember(replace(account, gone=False))

    def _lock_accounts(self, db: Connection, channel: str, addresses: Sequence[str]) -> None:
        for row in db.execute(_LOCK_ACCOUNTS, {"channel": channel, "addresses": addresses}).all():
            self._remember(_account(row))

    def _remember(self, account: Account) -> None:
        place = account.channel, account.address
        self._by_place[place] = account
        self._places[account.id] = place

    async def accounts_of(self, person_ids: Sequence[int]) -> dict[int, list[Account]]:
        """Where each of these people can be reached now; those who cannot be are left out."""
        await self._flush()
        found: dict[int, list[Account]] = {}
        for row in await self._db.execute(_BOUND, {"ids": person_ids}):
            found.setdefault(row.person_id, []).append(_account(row))
        return found

    async def all_accounts(self) -> list[Account]:
        """Every account, bound or not, gone or not."""
        await self._flush()
        return [_account(row) for row in await self._db.execute(select(_accounts).order_by(_accounts.c.id))]

    async def bind(self, account_id: int, person_id: int) -> None:
        """This account is this person's from now on."""
        await self.person(person_id)
        await self._change(account_id, person_id=person_id)

    async def mute(self, person_id: int, muted: bool) -> None:
        """This person wants no reminders, or wants them again."""
        await self._db.execute(update(_people).where(_people.c.id == person_id).values(muted=muted))
        if known := self._persons.get(person_id):
            self._persons[person_id] = replace(known, muted=muted)

    async def mark_reminded(self, person_ids: Collection[int], day: date) -> None:
        """These people have a reminder that day."""
        # In the order in which turns lock people, so that neither waits for the other for ever.
        await self._db.execute(_LOCK_PEOPLE, {"ids": person_ids})
        await self._db.execute(
            update(_people).where(among(_people.c.id, _ids)).values(reminded=day), {"ids": person_ids}
        )

    async def any_reminded(self, day: date) -> bool:
        """Has anybody had a reminder that day?"""
        return bool((await self._db.execute(select(exists().where(_people.c.reminded == day)))).scalar_one())

    async def unbind(self, account_id: int) -> None:
        """This account is nobody's, and nothing is going on there."""
        self._flows.pop(account_id, None)
        await self._change(account_id, person_id=None, flow="")

    async def set_language(self, account_id: int, language: str) -> None:
        """This account wants to be spoken to in this language."""
        await self._change(account_id, language=language)

    async def _change(self, account_id: int, **values: Any) -> None:
        await self._db.execute(update(_accounts).where(_accounts.c.id == account_id).values(**values))
        if place := self._places.get(account_id):
            self._remember(replace(self._by_place[place], **values))

    async def set_flow(self, account_id: int, flow: str) -> None:
        """What is going on at this account now; written when the transaction ends."""
        if place := self._places.get(account_id):
            known = self._by_place[place]
            if known.flow == flow:
                return
            self._by_place[place] = Account(account_id, *place, known.person_id, known.language, flow, known.gone)
        self._flows[account_id] = flow

    async def mark_gone(self, channel: str, address: str) -> None:
        """The platform says that nobody is to be reached there."""
        await self._flush()
        place = (_accounts.c.channel == channel) & (_accounts.c.address == address)
        await self._db.execute(update(_accounts).where(place).values(gone=True))
        if account := self._by_place.get((channel, address)):
            self._remember(replace(account, gone=True))

    async def put_codes(self, codes: Sequence[Code]) -> None:
        """New enrolment codes; unused older ones of the same people no longer work."""
        old = delete(_codes).where(among(_codes.c.person_id, _ids), _codes.c.used.is_(False))
        await self._db.execute(old, {"ids": {code.person_id for code in codes}})
        await self._db.run_sync(
            _ADD_CODE.run, [(code.digest, code.person_id, code.expires, code.used) for code in codes]
        )

    async def code(self, digest: bytes) -> Code | None:
        """The code with this digest, used and expired ones too; locked against a second use at the same time."""
        row = (await self._db.execute(select(_codes).where(_codes.c.digest == digest).with_for_update())).first()
        return Code(*row) if row else None

    async def use_code(self, digest: bytes) -> None:
        """This code has been used."""
        await self._db.execute(update(_codes).where(_codes.c.digest == digest).values(used=True))

    async def _flush(self) -> None:
        if self._flows:
            await self._db.run_sync(self.write)

    def write(self, db: Connection) -> None:
        """Writes the flows set."""
        if self._flows:
            flows = sorted(self._flows.items())
            self._flows.clear()
            _SET_FLOW.run(db, flows)


def _values(line: RosterLine, units: Mapping[str, int]) -> tuple[object, ...]:
    roles = " ".join(sorted(line.roles))
    post = (line.post_class.value, line.level.value)
    terms = (line.kind.value, line.standing.value, line.joined, line.probation_ends)
    return line.number, line.name, units[line.unit_code], *post, roles, line.language, False, *terms
