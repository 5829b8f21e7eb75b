"""The built-in web chat: a page that works without JavaScript, and messages that arrive without a reload.

What each browser is shown lies in a mailbox; its version, which only grows, tells a browser what it
has not seen yet. `send` and `edit` wake those who listen in this process; what other processes have
posted is found by looking again every few seconds.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import web

from bot.channels.base import ChannelError, Ear, Key, Limits, Speech
from bot.channels.webchat.bells import Bells
from bot.channels.webchat.page import (
    MOST,
    PAGE,
    PICTURES,
    STALE,
    TEXT,
    TOO_BIG,
    TOO_LONG,
    UNREAD,
    UNSENT,
    LanguageOf,
    MenuAt,
    Page,
    Shown,
    Word,
)
from bot.channels.webchat.reading import DATA, event_id, heard_in, number, scripted
from bot.visits import TooLarge, Visit, Visitors, read_form, read_upload
from handlers.talk import Heard, Sent, Text, heard_words

BODY = 512 * 1024
"""bytes of a posted form: the longest text, each character escaped, and some room"""
UPLOAD = 21_000_000
"""bytes of a posted form with a file: the largest file, and some room"""
HEARTBEAT = 15.0
"""seconds of silence after which a stream shows that it lives"""
LONG_POLL = 25.0
"""seconds a request for news waits"""
RECHECK = 10.0
"""seconds between looks for what other processes have posted"""
ANSWER = 2.0
"""seconds a browser without JavaScript waits for the answer before the page is shown again"""
TOAST = 0.5
"""the same, when a toast has answered already"""


class Mailbox(Protocol):
    """What each browser is shown, kept for good. Raises ChannelError while that is not possible."""

    async def post(self, address: str, key: str, body: dict[str, Any]) -> int:
        """Puts a message, or puts another in its place; returns its version."""

    async def remove(self, address: str, key: str) -> None:
        """Leaves `{"gone": true}` in its place."""

    async def since(self, address: str, after: int) -> Sequence[Shown]:
        """What has a higher version, in order of version."""

    async def history(self, address: str, limit: int) -> Sequence[Shown]:
        """The last messages in order of first appearance, without those that are gone."""


class WebChat:
    """The web chat as a channel. `menu_at` tells the commands of an address, and their labels."""

    name = "webchat"
    limits = Limits(text=TEXT, unit="chars", buttons=100, row=5, label=200, data=DATA, echoes=True, assures=True)

    def __init__(
        self,
        mailbox: Mailbox,
        word: Word,
        language_of: LanguageOf,
        public_url: str,
        menu_at: MenuAt,
    ) -> None:
        self.visitors = Visitors(public_url)
        self._mailbox = mailbox
        self._page = Page(word, language_of, public_url, menu_at)
        self._bells = Bells()
        self._ear: Ear | None = None
        self._hearing = 0
        self._silent = asyncio.Event()
        self._silent.set()

    async def start(self, ear: Ear) -> None:
        """Begins to hear."""
        self._ear = ear

    async def stop(self) -> None:
        """Hears no more, lets go of those who listen, and finishes what is being heard."""
        self._ear = None
        self._bells.ring_all()
        await self._silent.wait()

    async def send(self, address: str, speech: Speech, key: str) -> str:
        """Shows it under `key`, which is its message id: the same letter twice is one message."""
        return await self.edit(address, key, speech, key)

    async def edit(self, address: str, message_id: str, speech: Speech, key: str) -> str:
        """Shows it in the place of an earlier message."""
        await self._mailbox.post(address, message_id, _body(speech))
        self._bells.ring(address, own=speech.own)
        return message_id

    async def delete(self, address: str, message_id: str) -> None:
        """Takes a message away."""
        await self._mailbox.remove(address, message_id)
        self._bells.ring(address)

    async def fetch(self, reference: str, most: int) -> bytes:
        """Never needed: what is sent here comes with its content."""
        raise ChannelError("a file of the web chat comes with its content", retryable=False)

    async def hear(self, address: str, text: str, language: str) -> str:
        """Hears `text` as if it had been typed there; returns the toast.

        Raises ChannelError: it was not taken.
        """
        return await self._take(Heard(self.name, address, secrets.token_hex(16), heard_words(text), language=language))

    def routes(self) -> Sequence[web.RouteDef]:
        """The page, what it posts to, and where its news come from."""
        return [
            web.get("/chat", self._open),
            web.post("/chat/send", self._send),
            web.get("/chat/events", self._events, allow_head=False),
            web.get("/chat/updates", self._updates, allow_head=False),
            web.get("/chat/files/{key}", self._file),
            self._page.html.route(),
        ]

    async def _open(self, request: web.Request) -> web.Response:
        """The conversation. A code in the link is shown and asked about; it takes a POST to use it."""
        visit = self.visitors.welcome(request)
        notice = self.visitors.take_word(request, visit)
        response = await self._show(request, visit, notice=notice, code=request.query.get("start", "")[:200])
        if notice:
            self.visitors.drop_word(response)
        return response

    async def _send(self, request: web.Request) -> web.Response:
        """One thing said: answered with a redirect to the page, or to a script with the toast."""
        visit = self.visitors.of(request)
        sent: Sent | None = None
        try:
            if request.content_type == "multipart/form-data" and visit:
                form, sent = await read_upload(request, UPLOAD)
            else:
                form = await read_form(request, BODY)
        except TooLarge:
            too_large = TOO_BIG if request.content_type == "multipart/form-data" else TOO_LONG
            return await self._sorry(request, visit, 413, too_large)
        if visit is None or not self.visitors.genuine(request, visit, form.get("csrf", "")):
            return await self._sorry(request, visit, 403, STALE, form)
        if any(len(value) > TEXT for value in form.values()):
            return await self._sorry(request, visit, 413, TOO_LONG, form)
        what = sent or heard_in(form)
        if what is None:
            return self._done(request, visit, "")
        language = await self._page.language(request, visit)
        heard = Heard(self.name, visit.address, event_id(visit.address, form), what, form.get("message", ""), language)
        with self._bells.listening(visit.address) as bell:
            try:
                toast = await self._take(heard)
            except ChannelError:
                return await self._sorry(request, visit, 503, UNSENT, form)
            if not scripted(request):
                await bell.settled(TOAST if toast else ANSWER)
        return self._done(request, visit, toast)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """News as server-sent events, for as long as the browser listens."""
        visit = self.visitors.of(request)
        if visit is None:
            return self._page.json({}, status=403)
        headers = {**self._page.html.headers, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        after = number(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
        try:
            await response.write(b"retry: 2000\n\n")
            while self._ear is not None:
                items = await self._news(request, visit, after, HEARTBEAT)
                frames = [f"id: {item['version']}\ndata: {json.dumps(item)}\n\n" for item in items]
                await response.write("".join(frames).encode() or b":\n\n")
                after = max([after, *(item["version"] for item in items)])
        except ConnectionResetError:
            pass  # the browser has left
        return response

    async def _updates(self, request: web.Request) -> web.Response:
        """News for browsers and networks that let no stream through: waits until there are some."""
        visit = self.visitors.of(request)
        if visit is None:
            return self._page.json({}, status=403)
        after = number(request.query.get("after", ""))
        items = await self._news(request, visit, after, LONG_POLL)
        return self._page.json({"version": max([after, *(item["version"] for item in items)]), "items": items})

    async def _file(self, request: web.Request) -> web.Response:
        """A file that was sent to this browser; what is no picture is saved, not shown."""
        visit = self.visitors.of(request)
        key = request.match_info["key"]
        headers = self._page.html.headers
        try:
            history = await self._mailbox.history(visit.address, MOST) if visit else ()
        except ChannelError:
            raise web.HTTPServiceUnavailable(headers=headers) from None
        file = next((shown.body.get("file") for shown in history if shown.key == key), None)
        if file is None:
            raise web.HTTPNotFound(headers=headers)
        picture = file["mime"] in PICTURES
        way = "inline" if picture else "attachment"
        return web.Response(
            body=base64.b64decode(file["content"]),
            content_type=file["mime"] if picture else "application/octet-stream",
            headers={
                **headers,
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Content-Disposition": f"{way}; filename*=UTF-8''{quote(file['name'], safe='')}",
            },
        )

    async def _show(
        self,
        request: web.Request,
        visit: Visit,
        status: int = 200,
        notice: str = "",
        code: str = "",
        kept: Mapping[str, str] | None = None,
    ) -> web.Response:
        limit = min(number(request.query.get("messages", "")) or PAGE, MOST)
        history: Sequence[Shown] = ()
        try:
            history = await self._mailbox.history(visit.address, limit)
        except ChannelError:
            status, notice = 503, notice or await self._page.word(request, visit, UNREAD)
        response = await self._page.show(
            request, visit, history, limit=limit, status=status, notice=notice, code=code, kept=kept
        )
        self.visitors.remember(response, visit)
        return response

    async def _sorry(
        self,
        request: web.Request,
        visit: Visit | None,
        status: int,
        reason: Text,
        form: Mapping[str, str] | None = None,
    ) -> web.Response:
        """Nothing was taken: says why, and shows the page with what was typed still in its field."""
        visit = visit or self.visitors.welcome(request)
        notice = await self._page.word(request, visit, reason)
        if scripted(request):
            return self._page.json({"error": notice}, status)
        return await self._show(request, visit, status, notice, (form or {}).get("start", ""), form)

    def _done(self, request: web.Request, visit: Visit, toast: str) -> web.Response:
        if scripted(request):
            return self._page.json({"toast": toast})
        response = web.Response(status=303, headers={**self._page.html.headers, "Location": "/chat"})
        if toast:
            self.visitors.leave_word(response, visit, toast)
        return response

    async def _take(self, heard: Heard) -> str:
        """The toast. Raises ChannelError: not taken, as we are not listening or the ear has raised."""
        if self._ear is None:
            raise ChannelError("not listening")
        self._hearing += 1
        self._silent.clear()
        try:
            return await self._ear(heard)
        except Exception as problem:  # an ear may raise anything to say so; it has logged why
            raise ChannelError("not taken") from problem
        finally:
            self._hearing -= 1
            if not self._hearing:
                self._silent.set()

    async def _news(self, request: web.Request, visit: Visit, after: int, patience: float) -> list[dict[str, Any]]:
        """What a browser has not seen yet; waits up to `patience` seconds for the first of it."""
        return await self._page.items(request, visit, await self._wait(visit.address, after, patience))

    async def _wait(self, address: str, after: int, patience: float) -> Sequence[Shown]:
        clock = asyncio.get_running_loop().time
        end = clock() + patience
        with self._bells.listening(address) as bell:
            while True:
                found: Sequence[Shown] = ()
                with suppress(ChannelError):  # the database will be back; until then there is nothing new
                    found = await self._mailbox.since(address, after)
                left = end - clock()
                if found or left <= 0 or self._ear is None:
                    return found
                await bell.rung(min(left, RECHECK))


def _rows(keys: Sequence[Sequence[Key]]) -> Iterator[list[list[str]]]:
    """The rows of keys; of several that open the same page here only the first."""
    opened: set[str] = set()
    for row in keys:
        kept = [key for key in row if not key.page or key.page not in opened]
        opened |= {key.page for key in kept}
        if kept:
            yield [[key.label, key.data, key.page] for key in kept]


def _body(speech: Speech) -> dict[str, Any]:
    body: dict[str, Any] = {"text": speech.text, "own": speech.own}
    if speech.keys:
        body["keys"] = list(_rows(speech.keys))
    if speech.attach:
        body["attach"] = speech.attach
    if file := speech.file:
        body["file"] = {"name": file.name, "mime": file.mime, "content": base64.b64encode(file.content).decode()}
    return body
