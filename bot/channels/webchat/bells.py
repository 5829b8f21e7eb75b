"""Who waits for news at an address, and how they are woken. In this process only."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

QUIET = 0.1
"""seconds of silence after which an answer is taken to be complete"""
BURST = 20
"""changes that may follow one another before an answer is taken to be complete all the same"""


class Bell(asyncio.Event):
    """Rings when something changes at an address; `answered` once that was not the person's own words."""

    answered = False

    async def rung(self, seconds: float) -> bool:
        """Waits for the bell, and makes it ready to ring again. False: it stayed silent."""
        try:
            async with asyncio.timeout(seconds):
                await self.wait()
        except TimeoutError:
            return False
        self.clear()
        return True

    async def settled(self, patience: float) -> None:
        """Waits up to `patience` seconds for an answer, then until nothing more follows."""
        try:
            async with asyncio.timeout(patience):
                while not self.answered:
                    await self.wait()
                    self.clear()
        except TimeoutError:
            return
        rings = 0
        while rings < BURST and await self.rung(QUIET):
            rings += 1


class Bells:
    """The bells of all addresses at which somebody listens."""

    def __init__(self) -> None:
        self._bells: dict[str, set[Bell]] = {}

    @contextmanager
    def listening(self, address: str) -> Iterator[Bell]:
        """A bell that rings for this address meanwhile."""
        bell = Bell()
        self._bells.setdefault(address, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[address]
            bells.discard(bell)
            if not bells:
                del self._bells[address]

    def ring(self, address: str, *, own: bool = False) -> None:
        """Something changed there; `own`: it was the person's own words."""
        for bell in self._bells.get(address, ()):
            bell.answered = bell.answered or not own
            bell.set()

    def ring_all(self) -> None:
        """Wakes everybody."""
        for address in self._bells:
            self.ring(address)
