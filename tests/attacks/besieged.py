"""An organ in which everything is marked, served by a process that is killed again and again, and the people in it.

Everything happens as people do it, through the process alone: HR by REST, tabulators at the page of the keys, half of
those asked on Telegram (by the link, or tapping), the others in the web chat and on the page.
"""

import asyncio
import hashlib
import os
import re
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import aiohttp

from bot.visits import Visit
from handlers.forms.form import Choice, Form, Question, digest, to_plain
from storage.database import Database
from storage.records import ApiToken, Level, PostClass, RosterLine
from tests.attacks.world import LONG_AGO, START, label
from tests.fakes.telegram import FakeTelegram, Person, Posted
from tests.fakes.voting import Voter
from tests.samples.holidays import year_of
from tests.stories.crowd import settings
from tests.stories.organ import Phoenix

UNITS, EACH = ("1", "2"), 11
OFFICERS = ("officer-token-4419-who-draws-up", "officer-token-4420-who-approves")
SCOPES = frozenset({"rounds:write", "rounds:read", "tabulators:write"})
CHOICES = tuple(f"canary-choice-{n}b77" for n in range(3))
"""Codes of an answer: they stand in the questionnaire, and nowhere else before the release."""
FEW = 4
"""People whose answers are never shown to anybody: fewer than ten said anything there."""
REMINDED = timedelta(days=10, hours=1, minutes=30)
"""After the opening: a working morning on which everybody is reminded."""
WAYS = ("bh:", "b:", "bs:")
"""What is tapped where it is there: to hand in, to answer, to leave out."""
T = TypeVar("T")
NEVER = 1_000_000
TRIES = 60
TICKET = re.compile(r"#([\w-]{60,})")


def questions() -> Form:
    """Choices with codes of our own, a number, words that many write, and words that few do."""
    choices = tuple(Choice(name, label(zh)) for name, zh in zip(CHOICES, ("同意", "一般", "不同意"), strict=True))
    asked = (
        Question("/data/trust", "trust", "select_one", label("我信任本单位的考核结果"), choices=choices),
        Question("/data/years", "years", "integer", label("在本单位工作了几年")),
        Question("/data/words", "words", "text", label("您还想说什么")),
        Question("/data/aside", "aside", "text", label("还有别的吗")),
    )
    return Form("climate", label("作风建设问卷"), "1", ("zh_CN",), "zh_CN", asked)


@dataclass(repr=False)
class Marks:
    """What is looked for. `secrets`: what may be nowhere; `shown`: comments that are released; `persons`: who they are;
    `choices`: codes of answers."""

    secrets: set[str] = field(default_factory=lambda: {*OFFICERS})
    shown: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=lambda: {*CHOICES})

    def __iter__(self) -> Any:
        return iter(self.secrets | self.shown | self.persons | self.choices)


@dataclass(frozen=True)
class Somebody:
    """One of those asked: on Telegram where `chat` is set, else in a browser that has this `visit`."""

    number: str
    name: str
    chat: int
    visit: Visit
    answers: Mapping[str, str]


def people(marks: Marks) -> list[Somebody]:
    """All of them, and what they are going to answer; every word of it is a mark."""
    found = []
    for n in range(EACH * len(UNITS)):
        said = {"trust": CHOICES[n % 3], "words": f"这是金丝雀说的话，第 {n:02} 句 c51e"}
        marks.shown.add(said["words"])
        if n < FEW:
            said |= {"years": f"73190{n:02}8246", "aside": f"只有少数人知道的金丝雀 {n:02} d20f"}
            marks.secrets |= {said["years"], said["aside"]}
        visit = Visit(f"{n:02}browser-of-a-canary".ljust(43, "w"))
        marks.secrets |= {visit.token, visit.form_token}
        one = Somebody(f"NUMBER-{n:02}-a88c", f"金丝雀职员第{n:02}号", 73_100_940_000 + n if n % 2 else 0, visit, said)
        marks.persons |= {one.number, one.name, str(one.chat) if one.chat else visit.address}
        found.append(one)
    return found


async def furnish(database: Database, everybody: list[Somebody]) -> int:
    """Units, people with accounts, two of the HR office, a calendar; the questionnaire's id."""
    lines = [
        RosterLine(one.number, one.name, UNITS[n // EACH], PostClass.GENERAL, Level.STAFF)
        for n, one in enumerate(everybody)
    ]
    async with database.transaction() as store:
        for unit in UNITS:
            await store.people.put_unit(unit, f"第{unit}科", None)
        await store.people.put_people(lines, LONG_AGO)
        persons = {one.number: one for one in await store.people.people()}
        for one in everybody:
            place = ("telegram", str(one.chat)) if one.chat else ("webchat", one.visit.address)
            account = (await store.people.recognise([place]))[place][0]
            await store.people.bind(account.id, persons[one.number].id)
        for token in OFFICERS:
            key = hashlib.sha256(token.encode()).digest()
            await store.access.put_token(ApiToken(key, token[-10:], SCOPES, START + timedelta(days=90)))
        await store.calendar.put_days([], year_of(START.year))
        form = questions()
        plain = to_plain(form)
        return (await store.surveys.put_questionnaire(form.name, dict(form.title.words), plain, digest(plain))).id


class Mortal(Phoenix):
    """The product, which dies by itself where it is told to. `lies`: below it is every file it may write to."""

    def __init__(self, url: str, lies: Path, by: Path, cradle: str, **more: str) -> None:
        self.CRADLE = cradle
        for name in ("data", "keys", "tmp"):
            (lies / name).mkdir()
        super().__init__(url, lies / "data", KEYS_DIR=str(lies / "keys"), **more)
        self._by = by
        self._environment |= {"TMPDIR": str(lies / "tmp"), "HAUNTED_BY": str(by)}
        self._environment["HUIYIN_PUBLIC_URL"] = self.url
        self.tell_time(START)

    def tell_time(self, at: datetime) -> None:
        """When the next life begins."""
        self._environment["HAUNTED_AT"] = at.isoformat()

    async def doom(self, step: int) -> None:
        """It is going to die at this step from now on."""
        self._by.write_text(str(step))
        os.kill(self.pid, signal.SIGUSR1)
        while self._by.stat().st_size:
            await asyncio.sleep(0.001)

    async def died(self) -> None:
        """Waits for its end, which is no good one."""
        assert await self._told() == -signal.SIGKILL
        self._child = 0


@dataclass(repr=False)
class Siege:
    """The process, the people, and how often it was killed; `look` is called each time it has died, and after."""

    product: Mortal
    fake: FakeTelegram
    client: aiohttp.ClientSession
    marks: Marks
    everybody: list[Somebody]
    questionnaire: int
    look: Callable[[], None]
    round_id: int = 0
    deaths: int = 0
    in_the_middle: int = 0
    patience: float = 30.0
    """Seconds anybody on Telegram waits for what is to come."""

    async def insist(self, action: Callable[[], Awaitable[T]]) -> T:
        """Does it until it goes well: whatever goes wrong does so once."""
        for _ in range(TRIES):
            with suppress(AssertionError, aiohttp.ClientError, KeyError, ValueError):
                return await action()
        return await action()

    async def survive(self, action: Callable[[], Awaitable[None]], *steps: int) -> None:
        """Does it, again and again, while the process dies at these steps of it; then to its end."""
        for step in steps:
            await self.fall(action, step)
        await action()
        self.see()

    async def fall(self, action: Callable[[], Awaitable[None]], step: int) -> None:
        """Does it until the process is dead, at this step or killed when all is done."""
        await self.product.doom(step)
        loop = asyncio.get_running_loop()
        doing = loop.create_task(_done(action))
        dying = loop.create_task(self.product.died())
        await asyncio.wait({doing, dying}, return_when=asyncio.FIRST_COMPLETED)
        problem = doing.exception() if doing.done() else None
        if doing.done() and not dying.done() and not isinstance(problem, aiohttp.ClientError):
            os.kill(self.product.pid, signal.SIGKILL)
        else:
            self.in_the_middle += 1
        await dying
        doing.cancel()
        with suppress(asyncio.CancelledError, aiohttp.ClientError):
            await doing
        self.deaths += 1
        self.see()
        await self.product.start()

    async def until(self, at: datetime) -> None:
        """Time goes by: the process dies, and lives again then."""
        self.product.tell_time(at)
        await self.fall(_nothing, NEVER)

    @property
    def tabulators(self) -> tuple[Somebody, Somebody]:
        """Who opens the ballots: one of each unit."""
        return self.everybody[2], self.everybody[EACH + 2]

    def see(self) -> None:
        """Looks, for every ticket too that was ever shown."""
        for person in self.fake.methods.persons.values():
            for _, posted in person.events:
                self.marks.secrets.update(TICKET.findall(posted.text))
        self.look()

    # HR -------------------------------------------------------------------------------------------------------

    async def order(self, path: str, body: Mapping[str, Any] | None = None, by: int = 0) -> Any:
        """HR orders it; None where it is done already."""
        headers = {"Authorization": f"Bearer {OFFICERS[by]}"}
        async with self.client.post(f"/api/v1{path}", json=body or {}, headers=headers) as response:
            assert response.status in {200, 409}, await response.text()
            return await response.json() if response.status == 200 else None

    async def draw_up(self) -> None:
        """An anonymous round, drawn up by one and approved by the other."""
        closes = (START + timedelta(days=21)).isoformat()
        plan = {"name": "作风建设问卷", "questionnaire_id": self.questionnaire, "anonymous": True, "closes": closes}
        self.round_id = (await self.order("/rounds", {**plan, "secrecy": {"in_chat": True}}))["id"]
        await self.order(f"/rounds/{self.round_id}/approve", by=1)

    async def open(self) -> None:
        """It opens."""
        await self.order(f"/rounds/{self.round_id}/open")

    async def close(self) -> None:
        """It closes, and whose ballots they are is destroyed."""
        await self.order(f"/rounds/{self.round_id}/close")
        keys = Path(self.product._environment["HUIYIN_KEYS_DIR"])
        while any(one.suffix in {".tag", ".spare"} for one in keys.iterdir()):
            await asyncio.sleep(0.02)

    # Tabulators -----------------------------------------------------------------------------------------------

    async def enrol(self, who: Somebody, passphrase: str) -> str:
        """Somebody takes over a key, which is still to be tried; the recovery key."""
        secret = (await self.order("/tabulators", {"number": who.number}))["secret"]
        page = await self.at_keys("/enrol", secret=secret, passphrase=passphrase, again=passphrase)
        (recovery,) = set(re.findall(r"\b(?:[A-Z2-7]{4}-){7}[A-Z2-7]{4}\b", page))
        self.marks.secrets |= {secret, passphrase, recovery, recovery.replace("-", "")}
        return str(recovery)

    async def try_key(self, who: Somebody, passphrase: str, recovery: str) -> None:
        """The end of enrolling: the last group of the recovery key is typed back."""
        typed = {"number": who.number, "name": who.name, "recovery": recovery, "last": recovery[-4:]}
        await self.at_keys("/enrol", do="finish", passphrase=passphrase, **typed)

    async def at_keys(self, path: str = "", **fields: str) -> str:
        """A form of the tabulators' pages is posted; what the page says."""
        visit = Visit("tabulators-browser".ljust(43, "k"))
        self.marks.secrets |= {visit.token, visit.form_token}
        body = urlencode({"csrf": visit.form_token, **fields}).encode()
        headers = {"Cookie": f"huiyin-keys={visit.token}", "Content-Type": "application/x-www-form-urlencoded"}
        async with self.client.post(f"/keys{path}", data=body, headers=headers) as response:
            assert response.status in {200, 403, 409}, await response.text()
            return await response.text()

    async def unlock(self, who: Somebody, passphrase: str) -> None:
        """Unlocks the round, or is told that this is done."""
        await self.at_keys(number=who.number, passphrase=passphrase, do="unlock", round=str(self.round_id))

    # Those who are asked --------------------------------------------------------------------------------------

    def at(self, who: Somebody) -> Person:
        """Where somebody is on Telegram."""
        return self.fake.person(who.chat)

    async def invited(self, who: Somebody) -> Posted:
        """The invitation on Telegram."""
        return await self.at(who).heard(lambda posted: any(data.startswith("bl:") for data in posted.data))

    async def vote(self, who: Somebody) -> None:
        """From the link to the ballot that is in, on the page; goes on where a draft is."""
        link = await (self.link(who) if who.chat else self.ticket(who))
        self.marks.secrets.add(link)
        voter = Voter(cast(Any, self.client), self.round_id, link)
        assert await voter.press() == 200
        while "hand-in" not in (offers := voter.offers()):
            if voter.paper.asks():
                assert await voter.answer(**who.answers) == 200
            else:
                assert await voter.press("change" if "change" in offers else "begin") == 200
        assert await voter.press("hand-in") == 200
        assert "change" in voter.offers(), voter.paper.text

    async def link(self, who: Somebody) -> str:
        """The ticket in the link that comes at a tap on Telegram."""
        at, invitation = self.at(who), await self.invited(who)
        before = len(at.events)
        at.tap(f"bl:{self.round_id}", invitation)

        def shown() -> list[str]:
            return [one for _, posted in at.events[before:] for one in TICKET.findall(posted.text)]

        return (await at.bell.until(shown, "a link", self.patience))[-1]

    async def ticket(self, who: Somebody) -> str:
        """The ticket the page asks for in a browser that has the web chat."""
        headers = {"Cookie": f"huiyin={who.visit.token}", "Sec-Fetch-Site": "same-origin"}
        async with self.client.post(f"/ballot/{self.round_id}/ticket", json={}, headers=headers) as response:
            assert response.status == 200, await response.text()
            return str((await response.json())["ticket"])

    async def tap_through(self, who: Somebody) -> None:
        """Taps through to the end; what wants words is left out."""
        at, invitation = self.at(who), await self.invited(who)
        before = len(at.events)
        at.tap(f"bo:{self.round_id}", invitation)
        await at.bell.until(
            lambda: len(at.events) > before and f"bo:{self.round_id}" not in at.last.data,
            "something to tap",
            self.patience,
        )
        way = ""
        while ways := [data for verb in WAYS for data in at.last.data if data.startswith(verb)]:
            message, was, way = at.last, (at.last.text, at.last.keyboard), ways[0]
            at.tap(way, message)
            await at.bell.until(partial(_is_other, message, was), "what comes next", self.patience)
        assert way.startswith("bh:") or f"bo:{self.round_id}:2" in at.last.data, at.last.text

    async def type_in(self, who: Somebody, words: str) -> None:
        """Types what belongs on the page; on Telegram waits until it is taken out of the chat."""
        self.marks.secrets.add(words)
        if who.chat:
            at = self.at(who)
            at.say(words)
            mine = max(at.posted)
            await at.bell.until(lambda: at.posted[mine].deleted, "the deletion", self.patience)
            return
        fields = {"csrf": who.visit.form_token, "id": secrets.token_hex(8), "text": words}
        headers = {"Cookie": f"huiyin={who.visit.token}", "Content-Type": "application/x-www-form-urlencoded"}
        async with self.client.post("/chat/send", data=urlencode(fields).encode(), headers=headers) as response:
            assert response.status == 200, response.status

    async def reminded(self, many: int) -> None:
        """Waits until so many are reminded on Telegram."""
        persons = self.fake.methods.persons.values()
        async with asyncio.timeout(30):
            while sum(any(one.data[-1:] == ["mu:on"] for one in person.inbox) for person in persons) < many:
                await asyncio.sleep(0.02)


def _is_other(message: Posted, was: tuple[str, object]) -> bool:
    return message.deleted or (message.text, message.keyboard) != was


async def _done(action: Callable[[], Awaitable[None]]) -> None:
    await action()


async def _nothing() -> None:
    """What nobody does."""


@asynccontextmanager
async def besieged(
    url: str, lies: Path, by: Path, look: Callable[[Marks], Callable[[], None]], cradle: str = "tests.attacks.haunted"
) -> AsyncIterator[Siege]:
    """The organ, and the product that serves it on both channels. `look` is given the marks, and makes what looks."""
    marks = Marks()
    everybody = people(marks)
    database = Database(url, keys=lies / "keys")
    await database.start()
    questionnaire = await furnish(database, everybody)
    await database.stop()
    async with FakeTelegram() as fake:
        marks.secrets.add(fake.token)
        for chat in (one.chat for one in everybody if one.chat):
            fake.person(chat)
        async with Mortal(url, lies, by, cradle, **settings(fake, TELEGRAM_RATE="0")) as product:
            jar, connector = aiohttp.DummyCookieJar(), aiohttp.TCPConnector(force_close=True)
            async with aiohttp.ClientSession(product.url, cookie_jar=jar, connector=connector) as client:
                yield Siege(product, fake, client, marks, everybody, questionnaire, look(marks))
