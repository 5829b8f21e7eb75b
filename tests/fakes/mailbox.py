"""A mailbox in memory with the versions, tombstones and upserts of the real one, and a switch for faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.base import ChannelError
from storage.records import Posted


@dataclass(frozen=True)
class _Place:
    first: int
    posted: Posted


class MemoryMailbox:
    """As `storage` keeps it. `away`: every call fails as when the database is gone."""

    def __init__(self) -> None:
        self.away = False
        self.version = 0
        self._places: dict[str, dict[str, _Place]] = {}

    async def post(self, address: str, key: str, body: dict[str, Any]) -> int:
        """Upsert; an identical body keeps its version."""
        self._check()
        places = self._places.setdefault(address, {})
        old = places.get(key)
        if old and old.posted.body == body:
            return old.posted.version
        self.version += 1
        places[key] = _Place(old.first if old else self.version, Posted(key, self.version, body))
        return self.version

    async def remove(self, address: str, key: str) -> None:
        """Leaves a tombstone where there was something."""
        self._check()
        if key in self._places.get(address, {}):
            await self.post(address, key, {"gone": True})

    async def since(self, address: str, after: int) -> Sequence[Posted]:
        """News in order of version."""
        self._check()
        found = [place.posted for place in self._places.get(address, {}).values() if place.posted.version > after]
        return sorted(found, key=lambda posted: posted.version)

    async def history(self, address: str, limit: int) -> Sequence[Posted]:
        """The last messages in order of first appearance."""
        self._check()
        places = sorted(self._places.get(address, {}).values(), key=lambda place: place.first)
        return [place.posted for place in places if "gone" not in place.posted.body][-limit:]

    def _check(self) -> None:
        if self.away:
            raise ChannelError("the database is away")
