"""What is due: rounds to close, rounds to open. Computed from the tables, so a missed tick catches up."""

from datetime import datetime

from handlers import doors
from handlers.surveys.closing import close_now
from handlers.surveys.fanning import next_batch
from handlers.surveys.opening import open_now
from handlers.surveys.reminding import quiet
from handlers.surveys.rules import rounds
from storage.records import BroadcastKind, Lane
from storage.store import Store

AHEAD = 5000
"""Letters of broadcasts that may wait in the outbox; while there are more, no batch follows."""


async def overdue(now: datetime, store: Store) -> list[int]:
    """The rounds whose closing time is past, planned ones too."""
    return [round.id for round in await store.surveys.rounds() if rounds.is_overdue(round, now)]


@doors.each(seconds=30, due=overdue)
async def close_due(round_id: int, now: datetime, store: Store) -> int:
    """Closes a round whose closing time is past."""
    round = await store.surveys.round(round_id)
    if round is None or not rounds.is_overdue(round, now):
        return 0
    await close_now(round, now, store)
    return 1


async def due(now: datetime, store: Store) -> list[int]:
    """The planned rounds whose time has come, those first that have waited longest."""
    waiting = [round for round in await store.surveys.rounds() if rounds.is_due(round, now)]
    return [round.id for round in sorted(waiting, key=lambda round: (round.opens, round.id))]


@doors.each(seconds=30, due=due)
async def open_due(round_id: int, now: datetime, store: Store) -> int:
    """Opens a planned round whose time has come.

    Raises BadInput where there is nobody to ask: it stays planned, as HR sees, until the roster has somebody.
    """
    round = await store.surveys.round(round_id)
    if round is None or not rounds.is_due(round, now):
        return 0  # a clerk was quicker, or its plan has withdrawn it
    await open_now(round, now, store)
    return 1


@doors.every(seconds=1)
async def fan_out(now: datetime, store: Store) -> int:
    """Writes the letters of the next batch of a broadcast; returns for how many people."""
    under_way = await store.broadcasts.under_way()
    if await quiet(now, store):
        under_way = [one for one in under_way if one.kind is not BroadcastKind.REMINDER]
    if not under_way:
        return 0
    waiting = await store.outbox.waiting()
    if sum(count for (_, lane), count in waiting.items() if lane is Lane.BROADCAST) >= AHEAD:
        return 0
    return await next_batch(under_way[0], now, store)
