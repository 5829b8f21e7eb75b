"""An ear that keeps what it hears, and can be told to be busy or deaf."""

import asyncio
from collections.abc import Callable

from handlers.talk import Heard
from tests.fakes.telegram.chats import Bell


class Ear:
    """What a channel's `start` takes. `deaf`: how often it still fails; `toast`: what it says."""

    def __init__(self, toast: Callable[[Heard], str] = lambda _: "") -> None:
        self.heard: list[Heard] = []
        self.tried: list[Heard] = []
        """Also what it failed to take."""
        self.deaf = 0
        self.free = asyncio.Event()
        self.free.set()
        self._toast = toast
        self._bell = Bell()

    async def __call__(self, heard: Heard) -> str:
        """Takes it once it is free."""
        self.tried.append(heard)
        self._bell.ring()
        await self.free.wait()
        if self.deaf:
            self.deaf -= 1
            raise RuntimeError("not taken")
        self.heard.append(heard)
        self._bell.ring()
        return self._toast(heard)

    async def took(self, count: int) -> list[Heard]:
        """Waits until so many things were taken."""
        await self._bell.until(lambda: len(self.heard) >= count, f"{count} things to be heard")
        return self.heard

    async def was_tried(self, count: int) -> list[Heard]:
        """Waits until so many things reached it."""
        await self._bell.until(lambda: len(self.tried) >= count, f"{count} things to arrive")
        return self.tried
