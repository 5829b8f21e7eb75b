"""REST for the HR backend: every office door at `/api/v1`, behind bearer tokens with scopes.

Errors are problem documents (RFC 9457) in the language of `Accept-Language`.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

from bot.web import wire
from bot.words import Words, language_of
from handlers import doors
from handlers.doors import Office
from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound, OutOfOrder, Refusal, TooLate
from handlers.talk import File
from storage.database import Database, Unavailable
from storage.records import Clerk

STATUS: dict[type[Refusal], int] = {
    NotFound: 404,
    NotAllowed: 403,
    TooLate: 409,
    AlreadyDone: 409,
    BadInput: 422,
    OutOfOrder: 503,
}

LOOK = 1.0
"""Seconds between two looks at what is watched."""
STREAM = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Way = Callable[[Office, web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The REST interface. `now` and `draw` are time and chance for the clerks behind it."""

    def __init__(
        self,
        database: Database,
        words: Words,
        now: Callable[[], datetime],
        draw: Callable[[int], bytes],
        wake: Callable[[], None],
        version: str,
    ) -> None:
        self._database = database
        self._words = words
        self._now = now
        self._draw = draw
        self._wake = wake
        self._version = version
        self._over = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """A route for every office door, and the document that describes them."""
        found = [
            web.route(office.method, f"/api/v1{office.path}", self._door(office)) for office in doors.offices().values()
        ]
        watched = [
            web.get(f"/api/v1{office.path}/events", self._door(office, self._watch))
            for office in doors.offices().values()
            if office.until
        ]
        return [*found, *watched, web.get("/api/v1/openapi.json", self._openapi)]

    def stop(self) -> None:
        """Those who watch are told no more."""
        self._over.set()

    async def _openapi(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=wire.encode(wire.openapi(doors.offices().values(), self._version)), content_type="application/json"
        )

    def _door(self, office: Office, way: Way | None = None) -> Handler:
        way = way or self._knock

        async def knock(request: web.Request) -> web.StreamResponse:
            try:
                return await way(office, request)
            except Refusal as no:
                return self._no(request, no)
            except (msgspec.MsgspecError, OverflowError, RecursionError) as problem:
                return _problem(422, "The request does not fit.", str(problem))
            except Unavailable:
                return _problem(503, "The database cannot be reached.", "Nothing was changed; please try again.")

        return knock

    async def _watch(self, office: Office, request: web.Request) -> web.StreamResponse:
        """The answer as server-sent events: now, and each time it has changed, a look a second; to the last."""
        said = await self._knock(office, request)
        if said.status != 200:
            return said
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        told = b""
        with suppress(ConnectionResetError, Refusal, Unavailable):  # who watches has left, or may ask again
            while said.status == 200:
                body = said.body if isinstance(said.body, bytes) else b""
                await response.write(b"data: " + body + b"\n\n" if body != told else b":\n\n")
                told = body
                if self._is_last(office, body) or await self._is_over():
                    break
                said = await self._knock(office, request)
        return response

    @staticmethod
    def _is_last(office: Office, body: bytes) -> bool:
        return office.until is None or office.until(msgspec.json.decode(body, type=office.answer))

    async def _is_over(self) -> bool:
        """Waits a moment; whether we are to stop."""
        try:
            async with asyncio.timeout(LOOK):
                return await self._over.wait()
        except TimeoutError:
            return False

    async def _knock(self, office: Office, request: web.Request) -> web.Response:
        async with self._database.reading() as store:
            clerk = await self._clerk(store, request, office.scope)
        if clerk is None:
            return _problem(401, "No valid token.", "Send `Authorization: Bearer …` with a token that has not expired.")
        if isinstance(clerk, str):
            return _problem(403, "The token does not reach that far.", f"It needs the scope {clerk}.")
        given = await _given(office, request)
        order = wire.order_of(office, given, strict=office.method != "GET")
        if office.method == "GET":
            async with self._database.reading() as store:
                answer = await office.door(order, clerk, store)
        else:
            async with self._database.transaction() as store:
                answer = await office.door(order, clerk, store)
            self._wake()
        if isinstance(answer, File):
            return _download(answer)
        return web.Response(body=wire.encode(answer), content_type="application/json")

    async def _clerk(self, store: Any, request: web.Request, scope: str) -> Clerk | str | None:
        """Who asks; the missing scope, if the token has it not; None without a valid token."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            return None
        token = await store.access.token(hashlib.sha256(secret.strip().encode(errors="surrogateescape")).digest())
        if token is None or token.expires <= self._now():
            return None
        if scope not in token.scopes:
            return scope
        return Clerk(token.name, frozenset(), self._now(), self._draw)

    def _no(self, request: web.Request, no: Refusal) -> web.Response:
        accepted = [part.partition(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
        language = language_of(accepted, "en") if any(accepted) else "en"
        title = self._words.word(no.text, language)
        return _problem(
            STATUS.get(type(no), 400), title, "", [self._words.word(problem, language) for problem in no.problems]
        )


def _download(file: File) -> web.Response:
    """A file to be saved, never to be shown: it is somebody's, and no page of ours."""
    return web.Response(
        body=file.content,
        content_type=file.mime,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


async def _given(office: Office, request: web.Request) -> dict[str, Any]:
    """What the request says: path and query, or path and JSON body."""
    path: dict[str, Any] = dict(request.match_info)
    if office.method == "GET":
        return {**request.query, **path}
    body = msgspec.json.decode(await request.read() or b"{}")
    if not isinstance(body, dict):
        raise msgspec.ValidationError("the body must be a JSON object")
    return {**body, **{name: _plain(value) for name, value in path.items()}}


def _plain(text: str) -> int | str:
    """A number out of a path, if it is one that any id could be."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _problem(status: int, title: str, detail: str = "", problems: list[str] | None = None) -> web.Response:
    document: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        document["detail"] = detail
    if problems:
        document["problems"] = problems
    return web.Response(status=status, body=wire.encode(document), content_type="application/problem+json")
