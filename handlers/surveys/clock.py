"""What is due: rounds to close, rounds to open, broadcasts to go on.

Computed from the tables, so a missed tick catches up.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers import doors
from handlers.days import Calendar
from handlers.refusals import AlreadyDone, BadInput
from handlers.surveys.closing import close_now
from handlers.surveys.fanning import forward
from handlers.surveys.opening import open_now
from handlers.surveys.rules import rounds
from storage.records import BroadcastKind, RoundState
from storage.store import Store

LONGEST_WAIT = timedelta(hours=24)
"""So long at most an invitation waits for somebody in the middle of another round."""


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


@doors.every(seconds=60)
async def invite_waiting(now: datetime, store: Store) -> int:
    """Invites those whose invitation waited while they were in the middle of another round, once they are not, and
    after a day in any case; returns for how many rounds."""
    again = 0
    for round in await store.surveys.rounds():
        if round.state is not RoundState.OPEN or round.opens is None:
            continue
        number = int(now - round.opens >= LONGEST_WAIT)
        sent = [one for one in await store.broadcasts.of(round.id) if one.kind is BroadcastKind.INVITATION]
        if not sent or not all(one.done for one in sent):
            continue
        if await store.broadcasts.next_people(replace(sent[-1], cursor=0, number=number), 1):
            await store.broadcasts.again(sent[-1].id, number)
            again += 1
    return again


@doors.every(seconds=60)
async def tidy(now: datetime, store: Store) -> int:
    """Sums up the counts of rolls, so that they stay quick to read; nothing that is due."""
    await store.surveys.tidy()
    return 0


@doors.every(seconds=1)
async def fan_out(now: datetime, store: Store) -> int:
    """Takes every broadcast under way a batch further, as far as each may go now; returns for how many people."""
    under_way = await store.broadcasts.under_way()
    calendar = Calendar(await store.calendar.days() if under_way else ())
    return sum([await forward(one, now, calendar, store) for one in under_way])
