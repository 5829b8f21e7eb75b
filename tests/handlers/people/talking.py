"""Accounts that talk and clerks that order, on a real database, as bot lets them in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from handlers import doors
from handlers.home import chat as home
from handlers.people import chat as people
from handlers.people import office
from handlers.refusals import Refusal
from handlers.talk import Button, Message, Removal, Reply, Text, Turn, What, say
from storage.database import Database
from storage.records import Account, Clerk, Disposition, Invitation, Person, Role, Round, RoundState
from storage.store import Store
from tests.handlers.people.sheets import GOOD, HEAD, xlsx

ROOMS = (home, people)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def worded(part: object) -> str:
    """English words of a text, nested ones too."""
    if not isinstance(part, Text):
        return str(part)
    pattern = part.plural if part.plural and part.count != 1 else part.message
    return pattern.format(**{name: worded(value) for name, value in part.args.items()})


@dataclass
class Organ:
    """The database; `now` is what the doors are told."""

    database: Database
    now: datetime = NOW
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    def clerk(self) -> Clerk:
        return Clerk("李科长", frozenset({Role.HR}), self.now, self.chance.randbytes)

    async def employ(self, *rows: Sequence[object], **more: bool) -> office.RosterReport:
        """Imports these people, or the three of GOOD."""
        order = office.ImportRoster(xlsx(HEAD, *(rows or GOOD)), "staff.xlsx", **more)
        async with self.database.transaction() as store:
            return await office.import_roster(order, self.clerk(), store)

    async def codes(self, unit: str = "", person: str = "", days: int = 30) -> list[office.IssuedCode]:
        async with self.database.transaction() as store:
            return await office.issue_codes(office.IssueCodes(unit, person, days), self.clerk(), store)

    async def person(self, number: str) -> Person:
        async with self.database.reading() as store:
            found = await store.people.by_number(number)
        assert found is not None
        return found

    async def asked(self, number: str, disposition: Disposition, name: str = "一季度自评") -> Round:
        """A round that is open and asks this person."""
        person = await self.person(number)
        async with self.database.transaction() as store:
            form = await store.surveys.put_questionnaire("self", {"": "Self"}, {"items": []}, "digest")
            opened = await store.surveys.put_round(
                Round(0, name, form.id, RoundState.OPEN, created=self.now, created_by="hr")
            )
            line = Invitation(opened.id, person.id, person.unit_id, person.post_class, disposition)
            await store.surveys.put_roll([line])
        return opened

    async def disposition(self, round: Round, number: str) -> Disposition:
        person = await self.person(number)
        async with self.database.reading() as store:
            line = await store.surveys.invitation(round.id, person.id)
        assert line is not None
        return line.disposition

    def phone(self, address: str = "1001", channel: str = "telegram") -> "Phone":
        return Phone(self, channel, address)

    async def bound(self, number: str, address: str = "1001", channel: str = "telegram") -> "Phone":
        """A phone whose account is this person's."""
        person, phone = await self.person(number), self.phone(address, channel)
        async with self.database.transaction() as store:
            account, _ = await phone.owner(store)
            await store.people.bind(account.id, person.id)
        return phone


@dataclass
class Phone:
    """One account on one channel."""

    organ: Organ
    channel: str
    address: str

    async def owner(self, store: Store) -> tuple[Account, Person | None]:
        place = (self.channel, self.address)
        return (await store.people.recognise([place]))[place]

    async def account(self) -> Account:
        async with self.organ.database.transaction() as store:
            return (await self.owner(store))[0]

    async def person(self) -> Person | None:
        async with self.organ.database.transaction() as store:
            return (await self.owner(store))[1]

    async def hear(self, what: What, message_id: str = "") -> Reply:
        """One turn, as bot plays it."""
        async with self.organ.database.transaction() as store:
            account, person = await self.owner(store)
            person = None if person is None or person.left else person
            turn = Turn(what, account, person, "zh_CN", self.organ.now, message_id)
            try:
                return await doors.chat_door(turn)(turn, store)
            except Refusal as no:
                return say(no.text)


def words(reply: Reply) -> str:
    """All that is said, a line each."""
    return "\n".join(worded(part) for said in reply.messages if isinstance(said, Message) for part in said.parts)


def buttons(reply: Reply) -> list[str]:
    """What the buttons carry."""
    found: list[Button] = [
        button for said in reply.messages if isinstance(said, Message) for row in said.buttons for button in row
    ]
    return [button.data for button in found]


def removed(reply: Reply) -> list[str]:
    return [said.message_id for said in reply.messages if isinstance(said, Removal)]


MONTH = timedelta(days=30)
