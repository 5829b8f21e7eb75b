"""The pages on a real port, with a fake office and a web chat beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.ceremony import Ceremony
from bot.channels.base import Speech
from bot.channels.webchat.channel import WebChat
from bot.web.forms import Knock
from bot.web.pages import Hear, Pages
from bot.words import Words
from handlers.refusals import NotAllowed
from handlers.talk import Command, Text
from storage.database import Database
from storage.records import Person
from tests.fakes.ear import Ear
from tests.fakes.mailbox import MemoryMailbox
from tests.fakes.office import Office
from tests.fakes.webchat import Browser, language_of, menu_at, word


@dataclass
class House:
    """What stands behind the pages. `seats`: which person an address belongs to."""

    office: Office
    chat: WebChat
    ear: Ear
    server: TestServer
    seats: dict[str, Person] = field(default_factory=dict)
    entered: list[Person] = field(default_factory=list)
    clients: list[TestClient[web.Request, web.Application]] = field(default_factory=list)

    def browser(self, **headers: str) -> Browser:
        """One more browser, with its own cookies."""
        client = TestClient(self.server, cookie_jar=CookieJar(unsafe=True), headers=headers)
        self.clients.append(client)
        return Browser(client)


@asynccontextmanager
async def house(
    *,
    demo: bool = True,
    chat: bool = True,
    locale: str = "en",
    knock: Knock | None = None,
    ceremony: Ceremony | None = None,
) -> AsyncIterator[House]:
    """Served pages. Entering binds as the app does: by a code the chat hears."""
    webchat = WebChat(MemoryMailbox(), word, language_of, "http://127.0.0.1", menu_at)
    office, ear = Office(), Ear()

    async def who(address: str) -> Person | None:
        return found.seats.get(address)

    async def enter(person: Person, hear: Hear) -> None:
        found.entered.append(person)
        await hear(f"/start CODE-{person.number}")
        heard = ear.heard[-1]
        assert heard.what == Command("start", f"CODE-{person.number}")
        found.seats[heard.address] = person
        await webchat.send(heard.address, Speech(f"Hello {person.name}"), "1.0")

    async def nobody(name: str, chat: str, browser: str, **fields: object) -> None:
        raise NotAllowed(Text("This page does not know you."))

    pages = Pages(
        words=Words(ZoneInfo("Asia/Shanghai")),
        locale=locale,
        public_url="http://127.0.0.1",
        demo=demo,
        order=office,
        who=who,
        enter=enter,
        knock=knock or nobody,
        webchat=webchat if chat else None,
        ceremony=ceremony or Ceremony(Database("sqlite+aiosqlite:///nowhere.db"), lambda: datetime.now(UTC)),
    )
    application = web.Application()
    application.add_routes([*pages.routes(), *(webchat.routes() if chat else ())])
    server = TestServer(application)
    await server.start_server()
    await webchat.start(ear)
    found = House(office, webchat, ear, server)
    try:
        yield found
    finally:
        await webchat.stop()
        for client in found.clients:
            await client.close()
        await server.close()
