"""What is due: rounds to close, rounds to open. Computed from the tables, so a missed tick catches up."""

from datetime import datetime

from handlers import doors
from handlers.refusals import AlreadyDone, BadInput
from handlers.surveys.closing import close_now
from handlers.surveys.fanning import next_batch
from handlers.surveys.opening import open_now
from handlers.surveys.rules import rounds
from storage.records import Lane
from storage.store import Store

AHEAD = 5000
"""Letters of broadcasts that may wait in the outbox; while there are more, no batch follows."""


@doors.every(seconds=30)
async def close_due(now: datetime, store: Store) -> int:
    """Closes the rounds whose closing time is past, planned ones too; returns how many."""
    due = [round for round in await store.surveys.rounds() if rounds.is_overdue(round, now)]
    for round in due:
        await close_now(round, now, store)
    return len(due)


@doors.every(seconds=30)
async def open_due(now: datetime, store: Store) -> int:
    """Opens the planned rounds whose time has come; returns how many."""
    due = [round for round in await store.surveys.rounds() if rounds.is_due(round, now)]
    opened = 0
    for round in due:
        try:
            await open_now(round, now, store)
        except (BadInput, AlreadyDone):
            # Nobody to ask: it stays planned, as HR sees, until the roster has somebody. Or a clerk was quicker.
            continue
        opened += 1
    return opened


@doors.every(seconds=1)
async def fan_out(now: datetime, store: Store) -> int:
    """Writes the letters of the next batch of a broadcast; returns for how many people."""
    under_way = await store.broadcasts.under_way()
    if not under_way:
        return 0
    waiting = await store.outbox.waiting()
    if sum(count for (_, lane), count in waiting.items() if lane is Lane.BROADCAST) >= AHEAD:
        return 0
    return await next_batch(under_way[0], store)
