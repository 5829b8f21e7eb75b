"""Builds everything in order, stops it in reverse; the only module that knows all."""

import asyncio
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from functools import partial
from importlib.metadata import version
from typing import Any

import structlog

from bot import metrics
from bot.ceremony import Ceremony
from bot.channels.base import Channel, ChannelError
from bot.channels.telegram.channel import MenuAt, Telegram, at_once
from bot.channels.webchat.channel import WebChat
from bot.chat import Chat
from bot.clock import NAME as CLOCK
from bot.clock import Clock
from bot.courier import LEASE, Courier
from bot.knocking import visit
from bot.server import Server, build
from bot.settings import Settings
from bot.web import wire
from bot.web.api import Api
from bot.web.pages import Pages
from bot.words import Words, language_of
from handlers import doors
from handlers.days import Calendar
from handlers.doors import Guest
from handlers.talk import LANGUAGES, Part, t
from storage.database import Database, Unavailable
from storage.records import Account, Clerk, Person, Posted, Role

log = structlog.get_logger("bot.app")

MENU = (
    ("my", t("What waits for me")),
    ("menu", t("Menu")),
    ("why", t("What this is, and who decides")),
    ("privacy", t("What is stored about me")),
    ("language", t("Language")),
    ("mute", t("Reminders on or off")),
    ("help", t("Help")),
)
OFFICERS = (
    ("rounds", t("Rounds of questionnaires")),
    ("progress", t("How far the open rounds are")),
    ("broadcast", t("Send a round out")),
)
"""What those of the HR office have besides."""


LAST_MOMENTS = 8.0
"""Seconds for what is under way to end, once we are told to stop."""


class WrongSchema(Exception):
    """The database is not at this version's schema."""


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


def clerk(name: str, zone: tzinfo) -> Clerk:
    """A clerk of this moment as the organ's clock shows it, with real chance."""
    return Clerk(name, frozenset(), now().astimezone(zone), secrets.token_bytes)


async def give_order(database: Database, by: Clerk, name: str, fields: Mapping[str, Any]) -> Any:
    """Knocks at the office door `name`. Raises Refusal, msgspec.ValidationError or Unavailable."""
    doors.find()
    office = doors.offices()[name]
    order = wire.order_of(office, fields, strict=True)
    async with database.reading() if office.method == "GET" else database.transaction() as store:
        return await office.door(order, by, store)


@asynccontextmanager
async def opened(settings: Settings, *, serving: bool = False) -> AsyncIterator[Database]:
    """The database, at the right schema. Raises WrongSchema."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    holder = _holder(settings) if serving else ""
    database = Database(settings.database_url, holder=holder, lease=LEASE, keys=settings.keys_dir)
    await database.start(serving=serving)
    try:
        found, wanted = await database.schema()
        if found != wanted:
            raise WrongSchema(
                f"The database is at schema {found or 'none'}, this version needs {wanted}: run `huiyin migrate`."
            )
        yield database
    finally:
        await database.stop()


def _holder(settings: Settings) -> str:
    """The name under which this process holds letters: after a restart the same, so that it has them at once.

    Nobody else goes by it, as nobody else can listen at the same address.
    """
    return f"{socket.gethostname()} {settings.host}:{settings.port}" if settings.port else ""


class StoredMailbox:
    """What the web chat shows, kept in the database: one transaction a call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def post(self, address: str, key: str, body: dict[str, Any]) -> int:
        """As `Mailbox.post`."""
        async with _as_channel(), self._database.transaction() as store:
            return await store.mailbox.post(address, key, body)

    async def remove(self, address: str, key: str) -> None:
        """As `Mailbox.remove`."""
        async with _as_channel(), self._database.transaction() as store:
            await store.mailbox.remove(address, key)

    async def since(self, address: str, after: int) -> Sequence[Posted]:
        """As `Mailbox.since`."""
        async with _as_channel(), self._database.reading() as store:
            return await store.mailbox.since(address, after)

    async def history(self, address: str, limit: int) -> Sequence[Posted]:
        """As `Mailbox.history`."""
        async with _as_channel(), self._database.reading() as store:
            return await store.mailbox.history(address, limit)


@asynccontextmanager
async def _as_channel() -> AsyncIterator[None]:
    """A database out of order is to a channel a failure that passes."""
    try:
        yield
    except Unavailable as problem:
        raise ChannelError("the database cannot be reached") from problem


def telegram(
    settings: Settings,
    words: Words,
    turn: Callable[[], Awaitable[None]] = at_once,
    menu_at: MenuAt | None = None,
) -> Telegram:
    """The Telegram channel, as the settings say; `turn` returns when it is for this process to poll, `menu_at` tells
    the commands of chats that have their own."""
    return Telegram(
        settings.telegram_token,
        settings.telegram_api,
        settings.telegram_mode,
        settings.telegram_secret,
        settings.public_url,
        settings.telegram_rate,
        {tag: [(name, words.word(text, tag)) for name, text in MENU] for tag in LANGUAGES},
        turn=turn,
        menu_at=menu_at,
    )


async def entrance(settings: Settings, words: Words) -> str:
    """What the link on a code sheet begins with, up to the code: the web chat's, else the Telegram bot's."""
    if "webchat" in settings.channels:
        return f"{settings.public_url}/chat?start="
    return await telegram(settings, words).deep_link()


class App:
    """The running product."""

    def __init__(self, settings: Settings, database: Database, *, demo: bool = False) -> None:
        doors.find()
        self.settings = settings
        self.database = database
        self.words = Words(settings.timezone)
        led = (CLOCK, *settings.channels)
        for name in led:
            metrics.LEADS.labels(name).set(False)
        self._lead = database.lead(led, self._leading)
        self._webchat = self._web_chat()
        self.channels = self._channels()
        self.courier = Courier(database, self.channels, self.words, settings.locale, self._lead.leads)
        site = settings.public_url
        self.chat = Chat(database, self.courier, self.channels, self.words, settings.locale, self._now, site)
        self._clock = Clock(database, self.courier, self._now, self._lead.leads)
        self._api = Api(database, self.words, self._now, secrets.token_bytes, self.courier.wake, version("huiyin"))
        pages = Pages(
            words=self.words,
            locale=settings.locale,
            public_url=settings.public_url,
            demo=demo,
            order=self.order,
            who=self.who,
            enter=self.enter,
            knock=self.knock,
            webchat=self._webchat,
            ceremony=Ceremony(database, self._now, self.courier.wake),
        )
        routes = [*pages.routes(), *self._api.routes()]
        for channel in self.channels.values():
            routes += channel.routes()
        self.server = Server(build(routes, self._ready), settings.host, settings.port)

    def _channels(self) -> dict[str, Channel]:
        chosen: dict[str, Channel] = {}
        if self._webchat:
            chosen["webchat"] = self._webchat
        if "telegram" in self.settings.channels:
            chosen["telegram"] = telegram(
                self.settings, self.words, partial(self._lead.turn, "telegram"), self._telegram_menu_at
            )
        return chosen

    def _web_chat(self) -> WebChat | None:
        if "webchat" not in self.settings.channels:
            return None
        return WebChat(
            StoredMailbox(self.database), self.words.word, self._language_at, self.settings.public_url, self._menu_at
        )

    def _leading(self, name: str, leads: bool) -> None:
        """Who begins to lead sends at once what nobody holds."""
        metrics.LEADS.labels(name).set(leads)
        self.courier.wake()

    def _now(self) -> datetime:
        """The present moment as the organ's clock shows it: "today" is the organ's day."""
        return now().astimezone(self.settings.timezone)

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Serves until `stop` is set, then lets what is under way come to its end.

        Raises OSError if the address is taken; a group of what else goes wrong: ChannelError where a platform
        refuses us, Unavailable.
        """
        await self.server.start()
        async with asyncio.TaskGroup() as nursery:
            tasks: list[asyncio.Task[None]] = []
            started: list[Channel] = []
            try:
                async with self.database.transaction() as store:
                    await store.outbox.reclaim()
                work = (self._lead.run(), self.chat.run(), self.courier.run())
                tasks += [nursery.create_task(one) for one in work]
                for channel in self.channels.values():
                    await channel.start(self.chat.take)
                    started.append(channel)
                self._clock.start()
                ready()
                await stop.wait()
                self._clock.stop()
            finally:
                try:
                    async with asyncio.timeout(LAST_MOMENTS):
                        await self._end(started)
                except TimeoutError:
                    log.warning("stopped before everything under way had ended; the outbox has it")
                for task in tasks:
                    task.cancel()

    async def _end(self, started: Sequence[Channel]) -> None:
        self.courier.hold()
        self._api.stop()
        async with asyncio.TaskGroup() as nursery:
            for channel in started:
                nursery.create_task(channel.stop())
            nursery.create_task(self.courier.drain())
        # What is held and not sent is for the others to send, at once.
        await self._give_back()
        await self.server.stop()

    async def _give_back(self) -> None:
        try:
            async with self.database.transaction() as store:
                await store.outbox.reclaim()
        except Unavailable as problem:
            log.warning("what is held is free for others only when its lease ends", reason=problem.reason)

    async def order(self, name: str, **fields: Any) -> Any:
        """An office door, for the pages."""
        result = await give_order(self.database, clerk("desk", self.settings.timezone), name, fields)
        self.courier.wake()
        return result

    async def knock(self, name: str, chat: str, browser: str, **fields: Any) -> Any:
        """A page door, for whoever is in that browser. Raises Refusal or Unavailable."""
        answer = await visit(self.database, Guest(chat, browser, self._now()), name, **fields)
        if doors.pages()[name].writes:
            self.courier.wake()
        return answer

    async def who(self, address: str) -> Person | None:
        """The person a web chat belongs to."""
        async with self.database.reading() as store:
            known = await store.people.find("webchat", address)
        return known[1] if known and known[1] and not known[1].left else None

    async def enter(self, person: Person, hear: Callable[[str], Awaitable[str]]) -> None:
        """Binds a demo visitor's web chat to a demo person the way everybody is bound: by a code."""
        issued = await self.order("issue_codes", person=person.number)
        await hear(f"/start {issued[0].code}")

    async def _menu_at(self, address: str) -> Sequence[tuple[str, Part]]:
        """The commands of whoever is at this web chat."""
        return (*MENU, *OFFICERS) if await self._is_officer("webchat", address) else MENU

    async def _telegram_menu_at(self, address: str) -> Sequence[tuple[str, str]]:
        """The commands of an officer's chat on Telegram, in the words of that chat; none for everybody else."""
        known = await self._known("telegram", address)
        if not known or not await self._is_officer("telegram", address):
            return ()
        language = language_of(known[0].language, known[1].language if known[1] else "", self.settings.locale)
        return [(name, self.words.word(text, language)) for name, text in (*MENU, *OFFICERS)]

    async def _is_officer(self, channel: str, address: str) -> bool:
        """Does whoever is there act for the HR office today?"""
        _, person = await self._known(channel, address) or (None, None)
        if person is None or person.left:
            return False
        try:
            async with self.database.reading() as store:
                return Role.HR in await store.groups.roles_of(person, self._now().date())
        except Unavailable:
            return False

    async def _known(self, channel: str, address: str) -> tuple[Account, Person | None] | None:
        """The account at this place and whose it is; None also where the database cannot be reached."""
        try:
            async with self.database.reading() as store:
                return await store.people.find(channel, address)
        except Unavailable:
            return None

    async def _language_at(self, address: str, wishes: Sequence[str]) -> str:
        """The language of a web chat: what was chosen there, else the person's, else what the browser wishes."""
        account, person = await self._known("webchat", address) or (None, None)
        chosen = (account.language if account else "", person.language if person else "")
        return language_of(*chosen, wishes, self.settings.locale)

    async def _ready(self) -> str:
        try:
            found, wanted = await self.database.schema()
            if found != wanted:
                return "the database needs `huiyin migrate`"
            async with self.database.reading() as store:
                calendar = Calendar(await store.calendar.days())
        except Unavailable:
            return "the database cannot be reached"
        year = self._now().year
        return "" if calendar.covers(year) else f"{year} needs a calendar: `huiyin calendar import FILE`"


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGINT and SIGTERM ask for a graceful end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
