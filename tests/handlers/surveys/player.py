"""A person at one account, and the organ around: plays turns through the doors on a real database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.clock import Clock
from bot.courier import Courier
from handlers import doors
from handlers.forms.form import Form, digest, to_plain
from handlers.refusals import Refusal
from handlers.surveys import office
from handlers.surveys.rolls import OneRound
from handlers.talk import Command, Message, Part, Removal, Reply, Sent, Tap, Turn, Typed, What, say
from storage.database import Database
from storage.records import Clerk, Level, Person, PostClass, Questionnaire, Role, RosterLine, Round, Sheet
from tests.handlers.surveys.paper import WORDS, form

doors.find()

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Organ:
    """A database with units, people and one questionnaire; `now` is what the doors are told."""

    database: Database
    questionnaire: Questionnaire
    now: datetime = START

    def clerk(self, name: str = "李科长") -> Clerk:
        """Somebody of the HR office."""
        return Clerk(name, frozenset({Role.HR}), self.now, bytes)

    async def order(self, door: doors.OfficeDoor, order: object) -> object:
        """Has a door of the office carry something out, in a transaction of its own."""
        async with self.database.transaction() as store:
            return await door(order, self.clerk(), store)

    async def tick(self, *ticking: object) -> None:
        """One tick of these clock doors, as time brings it."""
        clock = Clock(self.database, Courier(self.database, {}, WORDS, "en"), lambda: self.now)
        for door in ticking:
            await clock.tick(f"{door.__module__}.{door.__name__}")  # type: ignore[attr-defined]

    async def planned(self, **plan: object) -> Round:
        """A round of the questionnaire, planned."""
        facts = {"name": "一季度自评", "questionnaire_id": self.questionnaire.id, **plan}
        round = await self.order(office.plan_round, office.PlanRound(**facts))  # type: ignore[arg-type]
        assert isinstance(round, Round)
        return round

    async def opened(self, **plan: object) -> Round:
        """A round of the questionnaire, open."""
        round = await self.planned(**plan)
        opened = await self.order(office.open_round, OneRound(round.id))
        assert isinstance(opened, Round)
        return opened

    async def person(self, number: str) -> Person:
        """The person with this staff number."""
        async with self.database.reading() as store:
            person = await store.people.by_number(number)
        assert person is not None
        return person

    async def sheet(self, round: Round, number: str) -> Sheet | None:
        """The sheet of this person."""
        person = await self.person(number)
        async with self.database.reading() as store:
            return await store.surveys.sheet(round.id, person.id)

    async def player(self, number: str, address: str = "", channel: str = "webchat", language: str = "en") -> "Player":
        """An account of the person with this number, bound."""
        address = address or f"at-{number}"
        person = await self.person(number)
        async with self.database.transaction() as store:
            known = await store.people.recognise([(channel, address)])
            await store.people.bind(known[channel, address][0].id, person.id)
        return Player(self, channel, address, language)


@dataclass
class Player:
    """One account. `shown` is the chat as it stands there now: message id to message."""

    organ: Organ
    channel: str
    address: str
    language: str
    shown: dict[str, Message] = field(default_factory=dict)
    toast: str = ""
    last: str = ""
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    async def hear(self, what: What, message_id: str = "") -> Reply:
        """One turn, as bot plays it; what is said then stands in `shown`."""
        async with self.organ.database.transaction() as store:
            account, person = (await store.people.recognise([(self.channel, self.address)]))[self.channel, self.address]
            await store.preload([person.id] if person else [])
            keeps = self.channel == "webchat"
            turn = Turn(what, account, person, self.language, self.organ.now, message_id, keeps=keeps)
            try:
                reply = await doors.chat_door(turn)(turn, store)
            except Refusal as no:
                reply = say(no.text)
        self.toast = WORDS.word(reply.toast, self.language)
        for message in reply.messages:
            if isinstance(message, Removal):
                self.shown.pop(message.message_id, None)
                continue
            self.last = message.replaces or f"m{next(self.ids)}"
            self.shown[self.last] = message
        return reply

    async def tap(self, data: str, message_id: str = "") -> Reply:
        """A button of the last message, or of another one."""
        return await self.hear(Tap(data), message_id or self.last)

    async def hear_tap(self, data: str) -> Reply:
        """A button of a message that stands elsewhere in the chat."""
        return await self.hear(Tap(data), "above")

    async def press(self, words: str) -> Reply:
        """The button of the last message whose label ends with these words."""
        found = [data for label, data in self.buttons() if label.endswith(words)]
        assert len(found) == 1, f"{words}: {self.buttons()}"
        return await self.tap(found[0])

    async def type(self, text: str) -> Reply:
        """Typed words."""
        return await self.hear(Typed(text))

    async def command(self, name: str) -> Reply:
        """A command."""
        return await self.hear(Command(name))

    async def send(self, kind: str) -> Reply:
        """A file or sticker."""
        return await self.hear(Sent(kind))

    def message(self) -> Message:
        """What was said last."""
        return self.shown[self.last]

    def text(self) -> str:
        """What was said last, in the player's language."""
        return "\n".join(self.words(part) for part in self.message().parts)

    def words(self, part: Part) -> str:
        """As the player reads it."""
        return WORDS.word(part, self.language)

    def buttons(self) -> list[tuple[str, str]]:
        """Label and data of what can be tapped under the last message."""
        return [(self.words(button.label), button.data) for row in self.message().buttons for button in row]

    def rows(self) -> list[list[str]]:
        """Labels of the last message's buttons as they stand."""
        return [[self.words(button.label) for button in row] for row in self.message().buttons]


async def organ_on(database: Database, made: Callable[[], Form] = form) -> Organ:
    """Units 1 (with 11 and 12 below it) and 2; four people, one of whom has left."""
    async with database.transaction() as store:
        top = await store.people.put_unit("1", "党政办公室", None)
        await store.people.put_unit("11", "文秘组", top.id)
        await store.people.put_unit("2", "综合执法队", None)
        await store.people.put_people(
            [
                RosterLine("001", "王一", "1", PostClass.GENERAL, Level.LEADING),
                RosterLine("002", "陈二", "11", PostClass.PARTY, Level.STAFF),
                RosterLine("003", "赵三", "2", PostClass.ENFORCEMENT, Level.STAFF),
                RosterLine("004", "孙四", "2", PostClass.ENFORCEMENT, Level.STAFF),
            ]
        )
        await store.people.mark_left(["004"])
        plain = to_plain(made())
        questionnaire = await store.surveys.put_questionnaire("self", {"zh_CN": "自评"}, plain, digest(plain))
    return Organ(database, questionnaire)


LATER = timedelta(days=3)
