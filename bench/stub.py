"""A Bot API that answers at once, and people who tap as soon as they are answered.

Written on bare protocols, so that the bots under test and not this are what is measured.
"""

import asyncio
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import msgspec

CHAT = re.compile(rb"chat_id\D{1,30}?(\d+)")
BUTTON = re.compile(rb'callback_data\\?":\s*\\?"([^"\\]+)')
LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"transfer-encoding:\s*chunked", re.IGNORECASE)
ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot", "can_join_groups": False}

Called = Callable[[str, int, bytes], None]
"""Method, chat (0 if none) and body of a call."""


class Api(asyncio.Protocol):
    """One connection of a bot to the stub."""

    def __init__(self, called: Called) -> None:
        self._called = called
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := _cut(self._buffer)) is not None:
            head, body = request
            method = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            self._answer(method, body)

    def _answer(self, method: str, body: bytes) -> None:
        if b"%22" in body or b"%7B" in body:
            body = unquote_to_bytes(body.replace(b"+", b" "))
        found = CHAT.search(body)
        chat = int(found[1]) if found else 0
        result: object = True
        if method == "getMe":
            result = ME
        elif chat:
            result = {
                "message_id": 7,
                "date": 1790000000,
                "chat": {"id": chat, "type": "private", "first_name": "x"},
                "from": ME,
                "text": "x",
            }
        payload = msgspec.json.encode({"ok": True, "result": result})
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(payload), payload)
        )
        self._called(method, chat, body)


def _cut(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Takes one whole HTTP message off the buffer: head and body."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(buffer[:end])
    start = end + 4
    if CHUNKED.search(head):
        close = buffer.find(b"0\r\n\r\n", start)
        if close < 0:
            return None
        body, position = b"", start
        while position < close:
            line = buffer.find(b"\r\n", position)
            size = int(buffer[position:line], 16)
            body += buffer[line + 2 : line + 2 + size]
            position = line + 4 + size
        del buffer[: close + 5]
        return head, body
    length = LENGTH.search(head)
    stop = start + (int(length[1]) if length else 0)
    if len(buffer) < stop:
        return None
    body = bytes(buffer[start:stop])
    del buffer[:stop]
    return head, body


class Hook(asyncio.Protocol):
    """One connection from the stub to a bot's webhook; one update at a time."""

    def __init__(self, host: str, path: str, secret: str) -> None:
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: "
        ).encode()
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (response := _cut(self._buffer)) is not None:
            head, body = response
            if self._answered and not self._answered.done():
                self._answered.set_result((int(head.split(b" ", 2)[1]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_exception(ConnectionError("the bot closed the webhook"))

    async def post(self, update: object) -> tuple[int, bytes]:
        """Delivers one update; status and body of the answer."""
        body = msgspec.json.encode(update)
        self._answered = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(self._head + b"%d\r\n\r\n%s" % (len(body), body))
        return await self._answered

    def close(self) -> None:
        if self._transport:
            self._transport.close()
