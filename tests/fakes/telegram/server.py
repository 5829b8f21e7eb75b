"""The fake Bot API on a real port.

    async with FakeTelegram() as fake:
        bot = Telegram(fake.token, fake.api)
        anna = fake.person(1001)
        anna.say("hello")

Leaving it fails the test if a call was not one aiogram's models know.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.telegram.chats import Bell, Person, Upload
from tests.fakes.telegram.delivery import Delivery
from tests.fakes.telegram.judge import Judge
from tests.fakes.telegram.methods import Methods, Refused
from tests.fakes.telegram.moods import SPEAKING, Faults, Flood

TOKEN = "1000001:TEST-TOKEN-that-must-never-be-logged-0"
METHODS = frozenset(SPEAKING) | {
    "answerCallbackQuery",
    "deleteWebhook",
    "getFile",
    "getMe",
    "getUpdates",
    "getWebhookInfo",
    "setMyCommands",
    "deleteMyCommands",
    "setWebhook",
}
COUNTED = frozenset(SPEAKING) - {"deleteMessage"}
"""Calls the flood limits count."""


class FakeTelegram:
    """Telegram, as far as we use it: `api` is its address, `person()` makes somebody who talks to the bot."""

    def __init__(
        self,
        token: str = TOKEN,
        *,
        judge: bool = True,
        flood: Flood | None = None,
        faults: Faults | None = None,
        latency: float = 0.0,
    ) -> None:
        """`judge=False` spares pydantic's time in benchmarks. `latency`: seconds before each answer."""
        self.token = token
        self.flood = flood
        self.faults = faults or Faults()
        self.latency = latency
        self.calls: Counter[str] = Counter()
        self.refusals: Counter[int] = Counter()
        """Calls refused, by code: 429 are the floods."""
        self.times: list[float] = []
        """The loop's time of each call the flood limits count."""
        self.requests: deque[tuple[str, dict[str, Any]]] = deque(maxlen=10_000)
        """The latest calls and their fields."""
        self.judgements: list[str] = []
        self.bell = Bell()
        """Rings at every call."""
        self.methods = Methods(self._update)
        self.delivery = Delivery(self.faults, self._reply)
        self._judge = Judge() if judge else None
        self._last_update = 100_000
        self._runner: web.AppRunner | None = None
        self._over = asyncio.Event()
        self._busy = 0
        self.port = 0

    @property
    def api(self) -> str:
        """What stands for https://api.telegram.org."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0, control: Iterable[web.RouteDef] = ()) -> None:
        """Listens on loopback; 0 is any free port. `control`: what else to serve."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/bot{token}/{method}", self._handle)
        application.add_routes(control)
        application.router.add_get("/file/bot{token}/{path:.*}", self._download)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, backlog=1024).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Hangs up on everybody."""
        self._over.set()
        await self.delivery.close()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if error is None:
            assert not self.judgements, self.judgements

    def person(self, chat_id: int, language_code: str = "zh-hans", name: str = "") -> Person:
        """Somebody with a chat with the bot; the same one for the same chat."""
        if chat_id not in self.methods.persons:
            self.methods.persons[chat_id] = Person(self.methods, chat_id, language_code, name or f"P{chat_id}")
        return self.methods.persons[chat_id]

    def fail(self, method: str, fault: str, times: int = 1) -> None:
        """The next calls of this method go wrong: `error`, `reset before`, `reset after` or `stall`."""
        self.faults.planned[method].extend([fault] * times)

    async def called(self, method: str, times: int = 1) -> None:
        """Waits until the bot has called this method so many times."""
        await self.bell.until(lambda: self.calls[method] >= times, f"{times} calls of {method}")

    async def hung_up(self) -> None:
        """Waits until all that a bot that is no more has asked for is done, and its connections are gone."""
        assert self._runner
        assert self._runner.server
        server = self._runner.server
        while self._busy or any(connection.transport for connection in server.connections):
            await asyncio.sleep(0.001)

    def age_queries(self) -> None:
        """Taps so far have waited too long for an answer."""
        for query in self.methods.queries.values():
            query.old = True

    def put(self, update: dict[str, Any]) -> int:
        """An update of any shape, sound or not; returns its number."""
        self._last_update += 1
        self.delivery.put({"update_id": self._last_update, **update})
        return self._last_update

    @property
    def sent(self) -> Counter[int]:
        """Messages the bot sent, by chat."""
        return self.methods.sent

    @property
    def doubles(self) -> Counter[int]:
        """Messages sent twice in succession, by chat."""
        return self.methods.doubles

    def _update(self, kind: str, content: dict[str, Any]) -> int:
        update = {"update_id": self._last_update + 1, kind: content}
        problem = self._judge.update(update) if self._judge else ""
        assert not problem, f"the fake made an impossible update: {problem}"
        return self.put({kind: content})

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """A call; those that wait for updates are not work."""
        work = request.match_info["method"] != "getUpdates"
        self._busy += work
        try:
            return await self._call(request, request.match_info["method"])
        finally:
            self._busy -= work

    async def _call(self, request: web.Request, method: str) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _answer(Refused(401, "Unauthorized"))
        fields, files = await _fields(request)
        fault = self.faults.next(method)
        if fault == "error":
            return _answer(Refused(500, "Internal Server Error"))
        if fault == "stall":
            await self._wait(self.faults.stall_seconds)
        if fault == "reset before":
            return _hang_up(request)
        try:
            result: object = await self._invoke(method, fields, files)
        except Refused as refused:
            result = refused
        if self.latency:
            await self._wait(self.latency)
        if fault == "reset after":
            return _hang_up(request)
        return _answer(result)

    async def _invoke(self, method: str, fields: dict[str, Any], files: dict[str, Upload]) -> object:
        self.calls[method] += 1
        self.requests.append((method, fields))
        self.bell.ring()
        try:
            if method not in METHODS:
                raise Refused(404, "Not Found")
            self._judged(method, fields, files)
            if method in COUNTED:
                self._flooded(fields)
            match method:
                case "getUpdates":
                    return await self.delivery.get_updates(fields)
                case "setWebhook":
                    return self.delivery.set_webhook(fields)
                case "deleteWebhook":
                    return self.delivery.delete_webhook(fields)
                case "getWebhookInfo":
                    return self.delivery.info()
            return self.methods.call(method, fields, files)
        except Refused as refused:
            self.refusals[refused.code] += 1
            raise

    async def _reply(self, method: str, fields: dict[str, Any]) -> object:
        return await self._invoke(method, fields, {})

    def _judged(self, method: str, fields: dict[str, Any], files: dict[str, Upload]) -> None:
        if self._judge is None:
            return
        uploads = {name: upload.content for name, upload in files.items()}
        if problem := self._judge.call(method, fields, uploads):
            self.judgements.append(problem)
            raise Refused(400, f"Bad Request: {problem}")

    def _flooded(self, fields: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        if self.flood and (seconds := self.flood.retry_after(int(fields["chat_id"]), now)):
            raise Refused(429, f"Too Many Requests: retry after {seconds}", seconds)
        self.times.append(now)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            pass

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token:
            return web.Response(status=401)
        name = request.match_info["path"].removeprefix("files/")
        self.calls["file"] += 1
        if self.faults.next("file") == "stall":
            await self._wait(self.faults.stall_seconds)
        return web.Response(body=self.methods.uploads.get(name, name.encode()))


def _answer(result: object) -> web.Response:
    if not isinstance(result, Refused):
        return web.Response(body=_json({"ok": True, "result": result}), content_type="application/json")
    plain: dict[str, Any] = {"ok": False, "error_code": result.code, "description": result.description}
    if result.retry_after:
        plain["parameters"] = {"retry_after": result.retry_after}
    return web.Response(status=result.code, body=_json(plain), content_type="application/json")


def _json(plain: object) -> bytes:
    return json.dumps(plain, ensure_ascii=False).encode()


def _hang_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def _fields(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """The call's fields, however they were sent, and its files."""
    if request.content_type == "application/json":
        return json.loads(await request.read()), {}
    fields: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, str):
            fields[name] = json.loads(value) if value[:1] in ("{", "[") else value
        elif isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.content_type, value.file.read())
            value.file.close()
    for name, value in list(fields.items()):  # a part may go by another name
        if isinstance(value, str) and value.startswith("attach://") and value.removeprefix("attach://") in files:
            files[name] = files.pop(value.removeprefix("attach://"))
            del fields[name]
    return fields, files
