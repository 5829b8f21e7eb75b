"""A channel that only remembers what it was asked to say, and fails when told to."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from aiohttp import web

from bot.channels.base import Ear, Limits, Speech

PLAIN = Limits(text=4096, unit="utf16", buttons=100, row=8, label=40)


class FakeChannel:
    """`said` holds what was done: ("send" | "edit" | "delete", address, text)."""

    def __init__(self, name: str = "fake", limits: Limits = PLAIN, **changes: object) -> None:
        self.name = name
        self.limits = replace(limits, **changes)  # type: ignore[arg-type]
        self.said: list[tuple[str, str, str]] = []
        self.tries = 0
        self.times: list[float] = []
        self.keys: list[str] = []
        self.files: dict[str, bytes | Exception] = {}
        self.failures: list[Exception] = []
        self.gate: asyncio.Event | None = None
        self._changed = asyncio.Condition()

    async def start(self, ear: Ear) -> None: ...

    async def stop(self) -> None: ...

    def routes(self) -> Sequence[web.RouteDef]:
        return []

    async def send(self, address: str, speech: Speech, key: str) -> str:
        return await self._do("own" if speech.own else "send", address, speech.text, key)

    async def edit(self, address: str, message_id: str, speech: Speech, key: str) -> str:
        return await self._do("edit", address, speech.text, key)

    async def delete(self, address: str, message_id: str) -> None:
        await self._do("delete", address, message_id, "")

    async def fetch(self, reference: str, most: int) -> bytes:
        content = self.files[reference]
        if isinstance(content, Exception):
            raise content
        return content

    async def _do(self, what: str, address: str, text: str, key: str) -> str:
        if self.gate:
            await self.gate.wait()
        self.tries += 1
        async with self._changed:
            self._changed.notify_all()
        if self.failures:
            raise self.failures.pop(0)
        self.said.append((what, address, text))
        self.times.append(asyncio.get_running_loop().time())
        self.keys.append(key)
        async with self._changed:
            self._changed.notify_all()
        return str(len(self.said))

    async def until(self, enough: Callable[[], bool]) -> None:
        """Waits until `enough()` after something was said."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(enough)

    async def until_said(self, count: int) -> None:
        await self.until(lambda: len(self.said) >= count)

    async def until_tried(self, count: int) -> None:
        await self.until(lambda: self.tries >= count)
