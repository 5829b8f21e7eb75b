"""What the web chat shows: the page, single messages, and the sentences on it."""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import web

from bot.html import Html
from bot.visits import Visit, wishes
from handlers.talk import Part, Text, t

TEXT = 20_000
"""characters a person may send at once, and the longest message of ours"""
PAGE = 60
"""messages shown at first, and how many more each time earlier ones are asked for"""
MOST = 1_000
"""messages shown at most"""
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""shown in the conversation; all other files are saved"""
COMMAND = re.compile(r"(?<![^\s：:，。；（(“])(/[a-z][a-z_]{1,31})(?![\w/-]|\.\w)")
"""a command that a message of ours speaks of: it can be tapped"""
Piece = tuple[str, str]
"""`words`, `command` or `link`, and what stands there; a link is below our own root"""

TOO_LONG = t("This is longer than {limit} characters. Nothing was sent; please send it in shorter parts.", limit=TEXT)
TOO_BIG = t("This file is larger than 20 MB. Nothing was sent; please send a smaller one.")
STALE = t("This page was open too long, or the browser keeps no cookies. Nothing was sent; please try again.")
UNSENT = t("That could not be sent just now. Nothing is lost; please try again in a moment.")
UNREAD = t("The conversation cannot be shown just now. Nothing is lost; please try again in a moment.")
SENTENCES: Mapping[str, Text] = {
    "brand": t("Huiyin"),
    "home": t("Huiyin, start page"),
    "menu": t("Menu"),
    "log": t("Conversation"),
    "earlier": t("Show earlier messages"),
    "you": t("You:"),
    "bot": t("Huiyin:"),
    "field": t("Your message"),
    "hint": t("Write here"),
    "send": t("Send"),
    "picture": t("Your picture (JPEG, PNG or WebP, up to 10 MB)"),
    "file": t("Your file (PDF, Office document, text or picture, up to 20 MB)"),
    "to_field": t("To the message field"),
    "reload": t("New messages appear when you load this page again."),
    "reload_link": t("Load again"),
    "newest": t("New messages"),
    "sending": t("Sending…"),
    "lost": t("The connection is lost. Trying again…"),
    "unsent": UNSENT,
    "too_long": TOO_LONG,
    "welcome": t("Welcome"),
    "welcome_text": t(
        "To begin, enter the personal code your HR office has given you. It connects this browser to you."
    ),
    "yours": t("Is this your code?"),
    "yours_text": t("If it was given to you personally, go on. The code works once and connects this browser to you."),
    "code": t("Personal code"),
    "go_on": t("Go on"),
    "to_page": t("Open the page"),
    "no_code": t("You have no code? Ask your HR office for one."),
}

Word = Callable[[Part, str], str]
"""Words a part in a language."""
LanguageOf = Callable[[str, Sequence[str]], Awaitable[str]]
"""The language for an address, given what its browser asks for. Always answers, even without a database."""


class Shown(Protocol):
    """One message as a browser shows it: `storage.records.Posted`."""

    @property
    def key(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def body(self) -> Mapping[str, Any]: ...


MenuAt = Callable[[str], Awaitable[Sequence[tuple[str, Part]]]]
"""The commands somebody at this address can use, and what each does."""


class Page:
    """The page of one visit, and pieces of it. `menu_at` tells the commands of an address, and their labels."""

    def __init__(self, word: Word, language_of: LanguageOf, public_url: str, menu_at: MenuAt) -> None:
        self._word = word
        self._language_of = language_of
        self._menu_at = menu_at
        self._links = re.compile(rf"{re.escape(public_url)}(/(?:form|ballot|results)/\S+)")
        self.html = Html(public_url, "/chat/static")

    async def language(self, request: web.Request, visit: Visit) -> str:
        """The language this visit is spoken to in. A page that asks for news says in `lang` which it is in."""
        return await self._language_of(visit.address, [*request.query.getall("lang", []), *wishes(request)])

    async def word(self, request: web.Request, visit: Visit, part: Part) -> str:
        """The part in the language of this visit."""
        return self._word(part, await self.language(request, visit))

    async def show(
        self,
        request: web.Request,
        visit: Visit,
        history: Sequence[Shown],
        *,
        limit: int = PAGE,
        status: int = 200,
        notice: str = "",
        code: str = "",
        kept: Mapping[str, str] | None = None,
    ) -> web.Response:
        """The whole page. `kept` is a form that could not be taken: its text stays in the field, under the same id."""
        language = await self.language(request, visit)
        kept = kept if kept and "text" in kept else {}
        return self.html.page(
            "chat.html",
            language,
            status,
            **self._common(visit, language),
            menu=[(name, self._word(label, language)) for name, label in await self._menu_at(visit.address)],
            messages=[view(shown, self._links) for shown in history],
            version=max((shown.version for shown in history), default=0),
            earlier=limit + PAGE if len(history) == limit < MOST else 0,
            code=code,
            welcome=status == 200 and not history,
            notice=notice,
            draft=kept.get("text", ""),
            form_id=kept.get("id", ""),
            longest=TEXT,
        )

    async def items(self, request: web.Request, visit: Visit, found: Sequence[Shown]) -> list[dict[str, Any]]:
        """News as a script takes them: each a piece of the page, or word that a message is gone."""
        if not found:
            return []
        language = await self.language(request, visit)
        common = self._common(visit, language)
        items: list[dict[str, Any]] = []
        for shown in found:
            item = {"key": shown.key, "version": shown.version, "lang": language.replace("_", "-")}
            if shown.body.get("gone"):
                items.append({**item, "gone": True})
            else:
                items.append({**item, "html": self.html.fill("message.html", m=view(shown, self._links), **common)})
        return items

    def json(self, value: object, status: int = 200) -> web.Response:
        """An answer to a script."""
        return web.json_response(value, status=status, headers=self.html.headers)

    def _common(self, visit: Visit, language: str) -> dict[str, object]:
        """What the page and a single message need alike."""
        say = {name: self._word(text, language) for name, text in SENTENCES.items()}
        return {"say": say, "csrf": visit.form_token, "fresh_id": lambda: secrets.token_urlsafe(16)}


def view(shown: Shown, links: re.Pattern[str]) -> dict[str, Any]:
    """A message as the template takes it. `links` finds addresses of pages of ours; its group is the path."""
    file = shown.body.get("file")
    own = shown.body["own"]
    paragraphs = [part for part in re.split(r"\n{2,}", shown.body["text"].strip("\n")) if part]
    return {
        "key": shown.key,
        "own": own,
        "paragraphs": [[("words", part)] if own else list(pieces(part, links)) for part in paragraphs],
        "keys": shown.body.get("keys", ()),
        "attach": shown.body.get("attach", ""),
        "file": file and {"name": file["name"], "picture": file["mime"] in PICTURES, "path": quote(shown.key, safe="")},
    }


def pieces(text: str, links: re.Pattern[str]) -> Iterator[Piece]:
    """A paragraph of ours with what can be tapped in it."""
    for number, part in enumerate(links.split(text)):
        if number % 2:
            yield "link", part
            continue
        for place, words in enumerate(COMMAND.split(part)):
            yield ("command" if place % 2 else "words"), words
