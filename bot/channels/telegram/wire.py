"""How we reach the Bot API: python-telegram-bot's request class on one aiohttp session.

`do_request` serves the methods of `telegram.Bot`. `call` is for the few methods of the hot path: plain
JSON out and in, without the objects PTB builds on the way (measured: three times as many edits a second).
Both end in the same errors, PTB's own, whose texts never hold an address, because addresses hold the token.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Generic, TypeVar

import aiohttp
import msgspec
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

T = TypeVar("T")
Body = bytes | AsyncIterator[bytes] | None

CHUNK = 64 * 1024
"""Bytes of an upload handed to the socket at once; each has the write timeout to itself."""
LAST_CALLS = 5.0
"""Seconds the calls under way have left once we close."""
JSON = {"Content-Type": "application/json"}
KINDS: Mapping[int, type[TelegramError]] = {
    400: BadRequest,
    401: InvalidToken,
    403: Forbidden,
    404: InvalidToken,  # what a malformed token gets
    409: Conflict,
}


class Flood(TelegramError):
    """429: wait `seconds`. (PTB's own RetryAfter warns of its future each time it is made.)"""

    def __init__(self, seconds: float) -> None:
        super().__init__("flood control")
        self.seconds = seconds


class _Parameters(msgspec.Struct):
    retry_after: float = 1.0


class _Refusal(msgspec.Struct):
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class Answer(msgspec.Struct, Generic[T]):
    """What the Bot API answers to a call it took."""

    result: T


class Wire(BaseRequest):
    """Timeouts in seconds, as PTB knows them: to read, to write one chunk, to connect, to get a free connection."""

    def __init__(
        self,
        base: str,
        *,
        read: float = 10.0,
        write: float = 20.0,
        connect: float = 5.0,
        pool: float = 5.0,
        connections: int = 128,
    ) -> None:
        """`base` is the address of the Bot API with the token: `https://api.telegram.org/bot…`."""
        self._base = base
        address, _, token = base.rpartition("/bot")
        self._files = f"{address}/file/bot{token}"
        self._read, self._write, self._connect, self._pool = read, write, connect, pool
        self._connections = connections
        self._usual = _timeout(read, connect, pool)
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def read_timeout(self) -> float:
        """The usual read timeout."""
        return self._read

    async def initialize(self) -> None:
        """Opens the session; PTB does so more than once."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Takes no more calls, lets those under way end, closes the session; twice is fine.

        A call cut off may have been taken, and would be made again.
        """
        session, self._session = self._session, None
        if session is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_CALLS):
                await self._idle.wait()
        await session.close()

    async def call(
        self, method: str, fields: Mapping[str, object], answer: msgspec.json.Decoder[Answer[T]], read: float = 0.0
    ) -> T:
        """A method of the Bot API by its name. Raises TelegramError."""
        url = self._urls.get(method) or self._urls.setdefault(method, URL(f"{self._base}/{method}"))
        timeout = _timeout(read, self._connect, self._pool) if read else self._usual
        _, payload = await self._exchange("POST", url, msgspec.json.encode(fields), JSON, timeout)
        try:
            return answer.decode(payload).result
        except msgspec.MsgspecError:
            raise NetworkError("an answer that is not the Bot API's") from None

    async def download(self, path: str, most: int) -> bytes:
        """A file that `getFile` has named. Raises TelegramError; BadRequest where it has more than `most` bytes."""
        if self._session is None:
            raise NetworkError("closed")
        body = bytearray()
        try:
            async with self._session.get(URL(f"{self._files}/{path}"), timeout=self._usual) as answer:
                async for chunk in answer.content.iter_chunked(CHUNK):
                    body += chunk
                    if len(body) > most:
                        raise BadRequest("file is too big")
                if answer.status != 200:
                    raise _refused(answer.status, bytes(body[:CHUNK]))
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (aiohttp.ClientError, OSError) as problem:
            raise NetworkError(type(problem).__name__) from None
        return bytes(body)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """What `telegram.Bot` calls. Raises TelegramError, also where the Bot API refuses."""
        timeout = _timeout(
            _seconds(read_timeout, self._read),
            _seconds(connect_timeout, self._connect),
            _seconds(pool_timeout, self._pool),
        )
        address = URL(url)
        if request_data is None:
            return await self._exchange(method, address, None, {}, timeout)
        if not request_data.contains_files:
            body = msgspec.json.encode(request_data.parameters)
            return await self._exchange(method, address, body, JSON, timeout)
        return await self._upload(address, request_data, timeout, _seconds(write_timeout, self._write))

    async def _upload(
        self, url: URL, data: RequestData, limits: aiohttp.ClientTimeout, write: float | None
    ) -> tuple[int, bytes]:
        form = aiohttp.FormData(data.json_parameters, quote_fields=False)
        for name, (filename, content, mime) in data.multipart_data.items():
            upload = io.BytesIO(content) if isinstance(content, bytes) else content
            form.add_field(name, upload, filename=filename, content_type=mime)
        parts = form()
        content = await parts.as_bytes()
        headers = {"Content-Type": parts.headers["Content-Type"], "Content-Length": str(len(content))}
        try:
            async with asyncio.timeout(None) as patience:
                return await self._exchange("POST", url, _chunks(content, patience, write), headers, limits)
        except TimeoutError:
            raise TimedOut("could not write in time") from None

    async def _exchange(
        self, method: str, url: URL, body: Body, headers: Mapping[str, str], limits: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NetworkError("closed")
        self._under_way += 1
        self._idle.clear()
        try:
            async with self._session.request(method, url, data=body, headers=headers, timeout=limits) as answer:
                status, payload = answer.status, await answer.read()
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (aiohttp.ClientError, OSError) as problem:
            raise NetworkError(type(problem).__name__) from None
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()
        if not 200 <= status <= 299:
            raise _refused(status, payload)
        return status, payload


def _refused(status: int, payload: bytes) -> TelegramError:
    try:
        refusal = msgspec.json.decode(payload, type=_Refusal)
    except msgspec.MsgspecError:  # a proxy's page
        return NetworkError(f"HTTP {status}")
    if status == 429:
        return Flood(refusal.parameters.retry_after)
    return KINDS.get(status, NetworkError)(refusal.description or f"HTTP {status}")


def _seconds(given: object, usual: float) -> float | None:
    """PTB's way: a number, None for no limit, or its mark for "as usual"."""
    if given is None or isinstance(given, int | float):
        return given
    return usual


def _timeout(read: float | None, connect: float | None, pool: float | None) -> aiohttp.ClientTimeout:
    """aiohttp's `connect` covers the wait for a free connection and the connecting itself."""
    either = None if connect is None or pool is None else connect + pool
    return aiohttp.ClientTimeout(total=None, connect=either, sock_connect=connect, sock_read=read)


async def _chunks(content: bytes, patience: asyncio.Timeout, write: float | None) -> AsyncIterator[bytes]:
    """The body in pieces; `patience` ends if one of them is not written in `write` seconds."""
    now = asyncio.get_running_loop().time
    for place in range(0, len(content), CHUNK):
        patience.reschedule(None if write is None else now() + write)
        yield content[place : place + CHUNK]
    patience.reschedule(None)
