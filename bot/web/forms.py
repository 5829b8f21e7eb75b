"""A round on a page: the same engine as in the chat behind native controls, with a script or without.

Everything is below `/form/{round}`. A link out of a chat carries a key in `?key=`, which a POST turns into a
cookie good for that round alone; then the key is out of the address bar, and never works again.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlencode

from aiohttp import web

from bot.html import Html
from bot.visits import LASTING, Visit, Visitors, wishes
from bot.web import controls
from bot.web.looks import REVIEW, Looks, asks_of
from bot.web.posted import Posted, checked, is_file, read_posted, scripted
from bot.words import Words, language_of
from handlers.refusals import NotAllowed, NotFound
from handlers.talk import LANGUAGES, Text, t

TONGUE = "huiyin-language"
"""the cookie that holds the language chosen on a page"""
STALE = t(
    "This page was open too long, or the browser keeps no cookies. Nothing was saved; please go back and try again."
)
SAVED = t("Your answers are saved. You can close this page and go on later, here or in the chat.")


def _paper(found: Any) -> Text:
    return t("Paper form of {name}, entered by {clerk}", name=found.person.name, clerk=found.entered_by)


class Knock(Protocol):
    """Knocks at a page door by name. Raises Refusal or Unavailable."""

    async def __call__(self, name: str, chat: str, browser: str, **fields: Any) -> Any: ...


def round_in(request: web.Request) -> int:
    """The round in the address. Raises NotFound where that is no number."""
    text = request.match_info["round"]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    return int(text)


@dataclass(frozen=True, slots=True)
class Caller:
    """One request: whose browser it comes from, the language asked for on the page, and whether the page was
    opened from the review."""

    request: web.Request
    visit: Visit
    tongue: str = ""
    mending: bool = False

    @property
    def round_id(self) -> int:
        """The round in the address. Raises NotFound where that is no number."""
        return round_in(self.request)


class Forms:
    """The pages below `/form`."""

    def __init__(self, html: Html, words: Words, locale: str, public_url: str, knock: Knock) -> None:
        self._html = html
        self._words = words
        self._looks = Looks(words, "/form", SAVED)
        self._locale = locale
        self._knock = knock
        self._secure = public_url.startswith("https:")
        self._chats = Visitors(public_url)
        self._guests = Visitors(public_url, "huiyin-form")

    async def show(self, request: web.Request) -> web.Response:
        """Where somebody stands: the notice, a page of questions, the review, or the receipt."""
        caller = Caller(request, self._guests.welcome(request), mending="mending" in request.query)
        if key := request.query.get("key", ""):
            return self._page(caller, "form_key.html", self._language(caller), 200, key=key[:100])
        found = await self._door(caller, "see_sheet")
        response = self._standing(caller, found, request.query.get("at", ""))
        self._guests.drop_word(response)
        return response

    async def take(self, request: web.Request) -> web.Response:
        """What a page sends: answered with a redirect to what comes next, or with the page and what is wrong on it."""
        posted = await read_posted(request)
        visit, go = self._guests.welcome(request), posted.fields.get("do", "")
        tongue = go.removeprefix("language:") if go.startswith("language:") else ""
        caller = Caller(request, visit, tongue if tongue in LANGUAGES else "", "mending" in posted.fields)
        if not self._guests.genuine(request, visit, posted.fields.get("csrf", "")):
            raise NotAllowed(STALE)
        response = await self._do(caller, posted, go)
        if caller.tongue:
            response.set_cookie(
                TONGUE, tongue, max_age=LASTING, path="/form", httponly=True, samesite="Lax", secure=self._secure
            )
        return response

    async def picture(self, request: web.Request) -> web.Response:
        """A picture the questionnaire shows."""
        caller = Caller(request, self._guests.welcome(request))
        found = await self._door(caller, "see_picture", picture=request.match_info["name"])
        return web.Response(body=found.content, content_type=found.mime, headers=self._html.headers)

    async def _do(self, caller: Caller, posted: Posted, go: str) -> web.Response:
        match go:
            case "open":
                await self._door(caller, "use_pass", key=posted.fields.get("key", ""))
                return self._to(caller)
            case "begin":
                await self._door(caller, "begin_sheet")
                return self._to(caller)
            case "change":
                await self._door(caller, "change_sheet")
                return self._to(caller, REVIEW)
            case "hand-in" | "replace":
                filled = await self._door(caller, "hand_in_sheet", replace=go == "replace")
                if filled.turned.refused:
                    return self._again(replace(caller, mending=True), filled, {})
                return self._to(caller)
        if not posted.seen:
            return self._to(caller, posted.fields.get("at", ""), key=posted.fields.get("key", "")[:100])
        return await self._fill(caller, posted, go)

    async def _fill(self, caller: Caller, posted: Posted, go: str) -> web.Response:
        standing = await self._door(caller, "see_sheet")
        asks = {ask.path: ask for ask in asks_of(standing)}
        asked = {path: ask.question for path, ask in asks.items()}
        files, unfit = await checked(posted, asked)
        # A file that is here already is no field that was left empty.
        kept = {path for path, ask in asks.items() if is_file(ask.question) and (ask.value or path in posted.files)}
        typed = {path: posted.typed.get(path, ()) for path in posted.seen if path in asks and path not in kept}
        insist = go == "back" and "insist" in posted.fields
        filled = await self._door(
            caller,
            "fill_sheet",
            answers={path: controls.read(asked[path], words) for path, words in typed.items()},
            seen=posted.seen,
            stamp=posted.fields.get("stamp", ""),
            go=go,
            insist=insist,
            mending=caller.mending,
            files=files,
            unfit=unfit,
        )
        if scripted(caller.request):
            return self._fragment(caller, filled, typed)
        if filled.standing.final or not filled.standing.pages:
            return self._to(caller)
        if filled.turned.changed or (filled.turned.refused and not insist):
            return self._again(caller, filled, typed)
        return self._moved(caller, filled, go)

    # What is shown ----------------------------------------------------------------------------------------

    def _standing(self, caller: Caller, found: Any, at: str) -> web.Response:
        language = self._language(caller, found)
        template, values = self._looks.standing(found, at, language)
        return self._page(caller, template, language, 200, found=found, **values)

    def _again(self, caller: Caller, filled: Any, typed: controls.Typed) -> web.Response:
        """A page with what is wrong on it, and what was typed."""
        language = self._language(caller, filled.standing)
        values = self._looks.filled(filled, typed, language)
        status = 409 if filled.turned.changed else 422
        return self._page(caller, "form.html", language, status, found=filled.standing, **values)

    def _fragment(self, caller: Caller, filled: Any, typed: controls.Typed) -> web.Response:
        """The questions of the page as they are now, for its script."""
        found, turned = filled.standing, filled.turned
        if found.final or not found.pages:
            return web.json_response({"gone": True}, headers=self._html.headers)
        language = self._language(caller, found)
        values = self._looks.filled(filled, typed, language)
        html = self._html.fill("form_blocks.html", say=self._looks.say(language), **values)
        fell = self._looks.fell(turned, language)
        plain = {"html": html, "stamp": values["stamp"], "progress": values["progress"], "notice": fell}
        plain |= {"done": values["done"], "total": values["total"], "refused": bool(turned.refused or turned.changed)}
        return web.json_response(plain, headers=self._html.headers)

    def _moved(self, caller: Caller, filled: Any, go: str) -> web.Response:
        """To the page that comes now."""
        mending = self._looks.stays(filled, go, mending=caller.mending)
        response = self._to(caller, self._looks.comes(filled), mending=mending)
        if said := self._looks.came(filled.turned, go, self._language(caller, filled.standing)):
            self._guests.leave_word(response, caller.visit, said)
        return response

    # The same for all -------------------------------------------------------------------------------------

    def _page(self, caller: Caller, template: str, language: str, status: int, **values: Any) -> web.Response:
        found = values.get("found")
        paper = _paper(found) if found and found.entered_by else ""
        response = self._html.page(
            template,
            language,
            status,
            csrf=caller.visit.form_token,
            action=f"/form/{caller.round_id}",
            who=found.person.name if found else "",
            mending=caller.mending,
            alone=False,
            paper=self._words.word(paper, language),
            notice=self._guests.take_word(caller.request, caller.visit),
            **self._looks.frame(language),
            **values,
        )
        self._guests.remember(response, caller.visit)
        return response

    def _to(self, caller: Caller, at: str = "", *, mending: bool = False, key: str = "") -> web.Response:
        given = {"at": at, "mending": "1" if mending else "", "key": key}
        query = urlencode({name: value for name, value in given.items() if value})
        address = f"/form/{caller.round_id}{'?' if query else ''}{query}"
        response = web.Response(status=303, headers={**self._html.headers, "Location": address})
        self._guests.remember(response, caller.visit)
        return response

    async def _door(self, caller: Caller, name: str, **fields: Any) -> Any:
        chat = self._chats.of(caller.request)
        browser = caller.visit.other(f"form {caller.round_id}")
        return await self._knock(
            name, chat.address if chat else "", browser.address, round_id=caller.round_id, **fields
        )

    def _language(self, caller: Caller, found: Any = None) -> str:
        """What was chosen on the page, else the person's, else what the browser wishes."""
        chosen = caller.tongue or caller.request.cookies.get(TONGUE, "")
        return language_of(chosen, found.language if found else "", wishes(caller.request), self._locale)
