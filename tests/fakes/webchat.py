"""The web chat on a real port, and a browser without JavaScript that uses it."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.webchat.channel import WebChat
from bot.visits import Visit
from handlers.talk import Label, Part, Text
from tests.fakes.ear import Ear
from tests.fakes.mailbox import MemoryMailbox

MENU = (("my", Text("What waits for me")), ("help", Text("Help")))


async def menu_at(_address: str) -> tuple[tuple[str, Text], ...]:
    """Everybody's commands."""
    return MENU


Client = TestClient[web.Request, web.Application]


def word(part: Part, language: str) -> str:
    """English, with the language behind a sentence of ours where it is another."""
    match part:
        case Text(message, args):
            said = message.format(**args)
            return said if language == "en" else f"{said} [{language}]"
        case Label(words):
            return words[language]
    return part


async def language_of(address: str, wishes: Sequence[str]) -> str:
    """What the browser asks for, else English."""
    return next((wish.replace("-", "_") for wish in wishes if wish in {"zh-CN", "zh-TW"}), "en")


@dataclass
class World:
    """A started web chat: what lies in its mailbox, and what its ear has heard."""

    chat: WebChat
    mailbox: MemoryMailbox
    ear: Ear
    server: TestServer
    clients: list[Client] = field(default_factory=list)

    def browser(self, **headers: str) -> "Browser":
        """One more browser, with its own cookies."""
        client = TestClient(self.server, cookie_jar=CookieJar(unsafe=True), headers=headers)
        self.clients.append(client)
        return Browser(client)


@asynccontextmanager
async def world(public_url: str = "http://127.0.0.1", ear: Ear | None = None) -> AsyncIterator[World]:
    """A web chat that hears; stopped and closed at the end."""
    mailbox = MemoryMailbox()
    chat = WebChat(mailbox, word, language_of, public_url, menu_at)
    ear = ear or Ear()
    application = web.Application(client_max_size=16 * 1024 * 1024)
    application.add_routes(chat.routes())
    server = TestServer(application)
    await server.start_server()
    await chat.start(ear)
    found = World(chat, mailbox, ear, server)
    try:
        yield found
    finally:
        await chat.stop()
        for client in found.clients:
            await client.close()
        await server.close()


@dataclass
class Form:
    """One form of a page: where it goes, its fields, and its buttons as (name, value, words)."""

    action: str
    method: str = "get"
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Seen:
    """A page as a reader of HTML has it."""

    forms: list[Form] = field(default_factory=list)
    messages: list[tuple[str, str, str]] = field(default_factory=list)
    """(`own` or `bot`, key, words)"""
    foreign: list[str] = field(default_factory=list)
    """addresses that are not below our own root, and whatever runs or styles inline"""
    language: str = ""
    text: str = ""

    def form(self, of: str) -> Form:
        """The form with that id."""
        return next(form for form in self.forms if form.id == of)

    def button(self, words: str) -> tuple[Form, tuple[str, str]]:
        """The last button with these words, and its form."""
        return [(form, (name, value)) for form in self.forms for name, value, label in form.buttons if label == words][
            -1
        ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._into: list[str] | None = None
        self._field = ""
        self._said = False
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        forms = self.seen.forms
        self.seen.foreign += [
            f"{name}={value}"
            for name, value in given.items()
            if name == "style"
            or name.startswith("on")
            or (name in {"href", "src", "action", "formaction"} and not re.match(r"[/#](?!/)", value))
        ]
        match tag:
            case "html":
                self.seen.language = given.get("lang", "")
            case "form":
                self._inside = True
                forms.append(Form(given.get("action", ""), given.get("method", "get"), given.get("id", "")))
            case "input":
                forms[-1].fields[given["name"]] = given.get("value", "")
            case "textarea":
                self._field, self._into = given["name"], []
            case "button" if self._said:
                form = self.seen.form(given["form"])
                form.buttons.append((given["name"], given["value"], given["value"]))
            case "button" if self._inside:
                forms[-1].buttons.append((given.get("name", ""), given.get("value", ""), ""))
                self._into = []
            case "article" if "id" in given:
                self.seen.messages.append((given["class"].split()[-1], given["id"].removeprefix("m-"), ""))
            case "div":
                self._said = given.get("class") == "words"
            case "p" if self._said:
                self._into = []
            case "script" | "style" if not given.get("src"):
                self.seen.foreign.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._said = False
        if tag == "form":
            self._inside = False
        if self._into is None or tag not in {"button", "textarea", "p"} or (tag == "button" and self._said):
            return
        words = "".join(self._into)
        if tag == "textarea":
            self.seen.forms[-1].fields[self._field] = words.removeprefix("\n")
        elif tag == "button":
            name, value, _ = self.seen.forms[-1].buttons.pop()
            self.seen.forms[-1].buttons.append((name, value, words.strip()))
        else:
            whose, key, said = self.seen.messages.pop()
            self.seen.messages.append((whose, key, f"{said}\n\n{words}" if said else words))
        self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)


def read(text: str) -> Seen:
    """What is on a page."""
    reader = _Reader()
    reader.feed(text)
    reader.seen.text = unescape(re.sub(r"<[^>]*>", " ", text))
    return reader.seen


class Browser:
    """Loads the page, fills in its forms, and follows redirects: no script runs here."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen = Seen()
        self.status = 0

    async def open(self, path: str = "/chat") -> Seen:
        """Loads a page."""
        async with self.client.get(path) as response:
            return await self._look(response)

    async def say(self, text: str) -> Seen:
        """Types into the field and sends."""
        return await self.post(self.seen.form("composer"), text=text)

    async def tap(self, words: str) -> Seen:
        """Presses the last button with these words."""
        form, (name, value) = self.seen.button(words)
        return await self.post(form, **{name: value})

    async def post(self, form: Form, **fields: str) -> Seen:
        """Posts a form of the page."""
        async with self.client.post(form.action, data={**form.fields, **fields}) as response:
            return await self._look(response)

    async def post_for_script(self, **fields: str) -> tuple[int, dict[str, str]]:
        """Posts as the page's script does."""
        given = {**self.seen.form("composer").fields, **fields}
        async with self.client.post("/chat/send", data=given, headers={"Accept": "application/json"}) as response:
            return response.status, await response.json()

    @property
    def address(self) -> str:
        """Where this browser is reached."""
        cookies = self.client.session.cookie_jar.filter_cookies(self.client.make_url("/"))
        return Visit(cookies["huiyin"].value).address

    async def _look(self, response: ClientResponse) -> Seen:
        self.status = response.status
        self.seen = read(await response.text())
        return self.seen
