"""What HR looks up afterwards: so far, what could not be taken or sent."""

from dataclasses import dataclass

from handlers import doors
from storage.records import Clerk, DeadLetter
from storage.store import Store


@dataclass(frozen=True, slots=True)
class ListDeadLetters:
    """All there are."""


@doors.office("GET", "/dead-letters", "archive:read")
async def list_dead_letters(order: ListDeadLetters, clerk: Clerk, store: Store) -> list[DeadLetter]:
    """What failed for good: where, why and when; never what it said. Newest first."""
    dead = [*await store.inbox.dead(), *await store.outbox.dead_letters()]
    return sorted(dead, key=lambda one: one.at, reverse=True)
