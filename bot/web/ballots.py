"""An anonymous questionnaire on its page: one page for everybody, which its script fills step by step.

Everything is below `/ballot/{round}`. The page as it is loaded is the same for everybody in a language. Each step is a
POST of JSON with the ticket, which stands in the link behind the `#`, answered with JSON that holds the next page.
No cookie is set or read, but at `/ballot/{round}/ticket`, where the web chat's is turned into a ticket. What goes
either way is filled up to one of a few sizes, so that nobody on the way learns from its length how much was written.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import structlog
from aiohttp import web

from bot.html import Html
from bot.visits import TooLarge, Visitors, wishes
from bot.web import controls
from bot.web.api import STATUS
from bot.web.forms import Knock, round_in
from bot.web.looks import Looks
from bot.words import Words, language_of
from handlers.forms.paging import bare
from handlers.refusals import BadInput, NotAllowed, OutOfOrder, Refusal
from handlers.talk import LANGUAGES, Text, t
from storage.database import Unavailable

SIZES = (16 * 1024, 64 * 1024, 256 * 1024)
"""Bytes of what is sent either way; what is longer is a multiple of the last."""
BODY = SIZES[-1]
"""Bytes a page may send: much more than any ballot holds."""

OWN: Mapping[str, Text] = {
    "ballot": t("Anonymous questionnaire"),
    "wait": t("One moment, please."),
    "no_script": t(
        "This page needs JavaScript: with it, the link that lets you in stays in your browser and stands in no log. "
        "Please allow JavaScript for this page, or open the link in another browser."
    ),
    "away": t("This page cannot reach the server just now. It tries again by itself; nothing is lost."),
    "again": t("Try again"),
    "anonymity": t("How your anonymity is kept"),
    "unprotected": t("What is not protected"),
    "change_mine": t("Answer once more"),
    "review_text": t("Is everything right? Nothing counts until you hand in."),
    "saved": t("Kept, sealed"),
    "hand_in": t("Hand in the ballot"),
    "offline": t(
        "There is no connection. What you have entered stays on this page and is sent as soon as there is one."
    ),
}
"""Our sentences where they are others than on a named page."""
SAVED = t(
    "What you have entered is kept, sealed, until the questionnaire closes. You can close this page and go on later, "
    "on this device or another: open the questionnaire once more from the chat. It counts when you hand it in."
)
GONE = t(
    "Meanwhile this questionnaire was handed in elsewhere, on another device or in the chat. What you have just "
    "entered here is still on this page: if you answer once more, it is filled in for you."
)
BROKEN = t("This page is not the present one. Please open the questionnaire once more from the chat.")
FOREIGN = t("This can only be asked by our own page. Please open the questionnaire once more from the chat.")

log = structlog.get_logger("bot.web.ballots")


class Posted(msgspec.Struct, forbid_unknown_fields=True):
    """What the page sends. `go`: what is to be done; `language`: the one chosen on the page, or none; `seen`,
    `answers`: the paths of what is on it, and what stands in the fields."""

    ticket: str
    go: str = ""
    at: str = ""
    language: str = ""
    seen: list[str] = []
    answers: dict[str, list[str]] = {}
    stamp: str = ""
    mending: bool = False
    insist: bool = False
    pad: str = ""

    @property
    def typed(self) -> dict[str, list[str]]:
        """What stands in the fields; line ends become `\\n`, and NUL is left out."""
        return {
            path: [one.replace("\0", "").replace("\r\n", "\n") for one in words] for path, words in self.answers.items()
        }


class Ballots:
    """The pages below `/ballot`."""

    def __init__(self, html: Html, words: Words, locale: str, public_url: str, knock: Knock) -> None:
        self._html = html
        self._words = words
        self._looks = Looks(words, "/ballot", SAVED)
        self._locale = locale
        self._knock = knock
        self._chats = Visitors(public_url)
        self._frames = {language: self._frame(language) for language in LANGUAGES}
        self._shells = {language: self._empty(language) for language in LANGUAGES}

    async def show(self, request: web.Request) -> web.Response:
        """The page everybody gets, whoever they are and whatever stands in the address."""
        body = self._shells[language_of(wishes(request), self._locale)]
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=self._html.headers)

    async def picture(self, request: web.Request) -> web.Response:
        """A picture the questionnaire shows."""
        found = await self._door(request, "see_ballot_picture", picture=request.match_info["name"])
        return web.Response(body=found.content, content_type=found.mime, headers=self._html.headers)

    async def ticket(self, request: web.Request) -> web.Response:
        """A ticket for whoever has the web chat in this browser."""
        try:
            if not self._chats.scripted(request) or request.content_type != "application/json":
                raise NotAllowed(FOREIGN)
            chat = self._chats.of(request)
            found = await self._door(request, "issue_ticket", chat=chat.address if chat else "")
            return self._json({"ticket": found})
        except (Refusal, Unavailable) as no:
            return self._no(request, no, language_of(wishes(request), self._locale))

    async def take(self, request: web.Request) -> web.Response:
        """One step: the page that comes next, or what is wrong, in JSON."""
        language = language_of(wishes(request), self._locale)
        try:
            posted = await _read(request)
            language = language_of(posted.language, language)
            return await self._do(request, posted, language)
        except (Refusal, Unavailable, TooLarge) as no:
            return self._no(request, no, language)

    async def _do(self, request: web.Request, posted: Posted, language: str) -> web.Response:
        verb, _, about = posted.go.partition(":")
        match verb:
            case "begin" | "change":
                return await self._begin(request, posted, language)
            case "hand-in":
                return await self._hand_in(request, posted, language)
            case _ if verb in {"at", "mend", ""} or not posted.seen:
                found = await self._door(request, "see_ballot", link=posted.ticket)
                at = about if verb in {"at", "mend"} else posted.at
                return self._standing(request, found, at, language, mending=verb == "mend")
        return await self._fill(request, posted, language)

    async def _begin(self, request: web.Request, posted: Posted, language: str) -> web.Response:
        _, given = await self._given(request, posted, posted.answers)
        found = await self._door(request, "begin_ballot", link=posted.ticket, answers=given)
        return self._standing(request, found, "", language)

    async def _hand_in(self, request: web.Request, posted: Posted, language: str) -> web.Response:
        filled = await self._door(request, "cast_ballot", link=posted.ticket)
        if filled.turned.refused:
            return self._questions(request, filled, {}, language, mending=True)
        return self._standing(request, filled.standing, "", language)

    async def _fill(self, request: web.Request, posted: Posted, language: str) -> web.Response:
        typed, given = await self._given(request, posted, posted.seen)
        insist = posted.go == "back" and posted.insist
        filled = await self._door(
            request,
            "fill_ballot",
            link=posted.ticket,
            answers=given,
            seen=posted.seen,
            stamp=posted.stamp,
            go=posted.go,
            insist=insist,
            mending=posted.mending,
        )
        if filled.gone:
            notice = self._words.word(GONE, language) if filled.standing.cast else ""
            return self._standing(request, filled.standing, "", language, notice=notice, gone=True)
        if filled.turned.changed or (filled.turned.refused and not insist):
            return self._questions(request, filled, typed, language, mending=posted.mending)
        mending = self._looks.stays(filled, posted.go, mending=posted.mending)
        notice = self._looks.came(filled.turned, posted.go, language)
        at = self._looks.comes(filled)
        return self._standing(request, filled.standing, at, language, mending=mending, notice=notice)

    async def _given(
        self, request: web.Request, posted: Posted, paths: Iterable[str]
    ) -> tuple[controls.Typed, dict[str, Any]]:
        """What stands in the fields of the questions with these paths, and what that is as answers."""
        asked = await self._door(request, "see_questions", link=posted.ticket)
        words = posted.typed
        typed = {path: words.get(path, []) for path in paths if bare(path) in asked}
        return typed, {path: controls.read(asked[bare(path)], some) for path, some in typed.items()}

    # What is shown ----------------------------------------------------------------------------------------

    def _standing(
        self,
        request: web.Request,
        found: Any,
        at: str,
        language: str,
        *,
        mending: bool = False,
        notice: str = "",
        gone: bool = False,
    ) -> web.Response:
        template, values = self._looks.standing(found, at, language)
        unprotected = [self._words.word(part, language) for part in found.unprotected]
        values = {**values, "mending": mending, "notice": notice, "unprotected": unprotected}
        return self._json({"html": self._page(request, template, language, found=found, **values), "gone": gone})

    def _questions(
        self, request: web.Request, filled: Any, typed: controls.Typed, language: str, *, mending: bool
    ) -> web.Response:
        """A page with what is wrong on it, and what was typed."""
        values = {**self._looks.filled(filled, typed, language), "mending": mending}
        return self._json({"html": self._page(request, "form.html", language, found=filled.standing, **values)})

    def _no(self, request: web.Request, no: Exception, language: str) -> web.Response:
        """What cannot be done, in words, and a page that says it where nothing else is shown."""
        match no:
            case OutOfOrder():
                log.error("the tag key of an anonymous round is not there", round=request.match_info["round"])
                status, text = STATUS[OutOfOrder], no.text
            case Refusal():
                status, text = STATUS[type(no)], no.text
            case TooLarge():
                status, text = 413, t("That was too long. Nothing was changed.")
            case _:
                status, text = 503, t("That cannot be done just now. Please try again in a moment.")
        said = self._words.word(text, language)
        page = self._page(request, "ballot_sorry.html", language, text=said)
        return self._json({"error": said, "html": page}, status)

    def _page(self, request: web.Request, template: str, language: str, **values: Any) -> str:
        shown = {"paper": "", "notice": "", "who": "", "csrf": "", "mending": False, "alone": True, **values}
        return self._html.fill(
            template,
            lang=language.replace("_", "-"),
            action=f"/ballot/{round_in(request)}",
            **self._frames[language],
            **shown,
        )

    def _empty(self, language: str) -> bytes:
        """The page without anything on it yet, filled up."""
        shown = {"lang": language.replace("_", "-"), "paper": "", "notice": "", **self._frames[language]}
        page = self._html.fill("ballot.html", **shown).encode()
        return page.ljust(_room(len(page)), b"\n")

    def _frame(self, language: str) -> dict[str, Any]:
        frame = self._looks.frame(language)
        own = {name: self._words.word(text, language) for name, text in OWN.items()}
        return {**frame, "say": {**frame["say"], **own}}

    def _json(self, plain: Mapping[str, Any], status: int = 200) -> web.Response:
        """Filled up with what no way of compressing makes smaller than what else there is."""
        size = len(msgspec.json.encode({**plain, "pad": ""}))
        room = _room(size) - size
        body = msgspec.json.encode({**plain, "pad": secrets.token_urlsafe(room)[:room]})
        return web.Response(body=body, status=status, content_type="application/json", headers=self._html.headers)

    async def _door(self, request: web.Request, name: str, *, chat: str = "", **fields: Any) -> Any:
        return await self._knock(name, chat, "", round_id=round_in(request), **fields)


def _room(size: int) -> int:
    """The bytes that so many are filled up to."""
    return next((one for one in SIZES if size <= one), -(-size // SIZES[-1]) * SIZES[-1])


async def _read(request: web.Request) -> Posted:
    """What the page sends. Raises TooLarge, or BadInput where it is none of our pages."""
    if (request.content_length or 0) > BODY:
        raise TooLarge
    try:
        body = await request.clone(client_max_size=BODY).read()
        return msgspec.json.decode(body, type=Posted)
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge from None
    except msgspec.MsgspecError:
        raise BadInput(BROKEN) from None
