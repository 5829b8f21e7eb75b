"""Broadcasts become letters, batch after batch; each moves its cursor in the transaction that writes its letters."""

from storage.records import Broadcast
from storage.store import Store

BATCH = 1000
"""People whose letters are written in one transaction: not so many that somebody's reply would wait for it."""


async def next_batch(broadcast: Broadcast, store: Store) -> int:
    """Writes the letters of the next people of this broadcast; returns how many people that were."""
    return await store.broadcasts.write_letters(broadcast, BATCH)
