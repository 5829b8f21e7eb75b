"""Broadcasts become letters, batch after batch; each moves its cursor in the transaction that writes its letters."""

from datetime import datetime

from handlers.days import Calendar
from handlers.surveys import reminding, wording
from handlers.surveys.rules.fanning import Course, course
from storage.records import Broadcast, BroadcastKind
from storage.store import Store

BATCH = 1000
"""People whose letters are written in one transaction: not so many that somebody's reply would wait for it."""


async def next_batch(broadcast: Broadcast, now: datetime, store: Store) -> int:
    """Writes the letters of the next people of this broadcast; returns how many people that were."""
    if broadcast.kind is BroadcastKind.REMINDER:
        return await reminding.next_reminders(broadcast, BATCH, now, store)
    personal = await wording.has_own_words(broadcast, store)
    people = await store.broadcasts.next_people(broadcast, BATCH) if personal else []
    count = await store.broadcasts.write_letters(broadcast, BATCH)
    if people:
        await store.broadcasts.word(broadcast.id, await wording.own_words(broadcast, people, store))
    return count


async def forward(broadcast: Broadcast, now: datetime, calendar: Calendar, store: Store) -> int:
    """Takes a broadcast under way as far as it may go now: a batch further, or to its end; returns for how many
    people letters were written."""
    round = await store.surveys.round(broadcast.round_id)
    if round is None:
        raise LookupError(f"there is no round {broadcast.round_id}")
    way = course(broadcast, round, now, calendar)
    if broadcast.waits != (way is Course.WAIT):
        await store.broadcasts.set_waits(broadcast.id, way is Course.WAIT)
    if way is Course.END or (
        way is Course.GO and broadcast.done and not await store.broadcasts.has_letters(broadcast.id)
    ):
        await store.broadcasts.end(broadcast.id, now)
    return await next_batch(broadcast, now, store) if way is Course.GO and not broadcast.done else 0
