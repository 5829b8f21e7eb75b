"""Reminders that are due. Each is a broadcast written in the tick that finds it due, so it goes out once."""

from datetime import datetime

from handlers import doors
from handlers.days import Calendar
from handlers.surveys.reminding import quiet
from handlers.surveys.rules import reminders, rounds
from handlers.talk import pack
from storage.records import Broadcast, BroadcastKind, Round, Whom
from storage.store import Store


@doors.every(seconds=30)
async def remind(now: datetime, store: Store) -> int:
    """Begins the reminders that are due; returns of how many rounds."""
    if await quiet(now, store):
        return 0
    calendar = Calendar(await store.calendar.days())
    begun = [await _begin(round, now, calendar, store) for round in await _running(now, store)]
    return sum(begun)


async def _running(now: datetime, store: Store) -> list[Round]:
    """Anonymous ones first: what they say to everybody is then the reminder of the day for all."""
    running = [round for round in await store.surveys.rounds() if rounds.takes_answers(round, now)]
    return sorted(running, key=lambda round: (not round.anonymous, round.id))


async def _begin(round: Round, now: datetime, calendar: Calendar, store: Store) -> bool:
    number = reminders.due(round, reminders.said(await store.broadcasts.of(round.id)), now, calendar)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not number or (round.anonymous and await store.broadcasts.reminding_since(midnight)):
        # Who has been reminded today cannot be left out of what goes to everybody alike: that goes another day.
        return False
    whom = Whom.EVERYBODY if round.anonymous else Whom.PENDING
    body = pack(reminders.anonymous_reminder(round, number)) if round.anonymous else {}
    await store.broadcasts.put(Broadcast(0, round.id, BroadcastKind.REMINDER, whom, body, now, number))
    return True
