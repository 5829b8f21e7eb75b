"""Reminders that are due. Each is a broadcast written in the tick that finds it due, so it goes out once."""

from datetime import datetime

from handlers import doors
from handlers.days import Calendar
from handlers.surveys.rules import reminders, rounds
from handlers.surveys.rules.fanning import is_quiet
from handlers.talk import pack
from storage.records import Broadcast, BroadcastKind, Round, Whom
from storage.store import Store


@doors.every(seconds=30)
async def remind(now: datetime, store: Store) -> int:
    """Begins the reminders that are due; returns of how many rounds."""
    calendar = Calendar(await store.calendar.days())
    if is_quiet(BroadcastKind.REMINDER, now, calendar):
        return 0
    today = await store.broadcasts.reminders_since(now.replace(hour=0, minute=0, second=0, microsecond=0))
    begun = 0
    for round in await _running(now, store):
        number = reminders.due(round, reminders.said(await store.broadcasts.of(round.id)), now, calendar)
        if not number or not reminders.may_begin(round, today):
            continue
        if round.anonymous and await store.people.any_reminded(now.date()):
            continue
        today.append(await _begin(round, number, now, store))
        begun += 1
    return begun


async def _running(now: datetime, store: Store) -> list[Round]:
    """Anonymous ones first: else they might wait for ever for a day to themselves."""
    running = [round for round in await store.surveys.rounds() if rounds.takes_answers(round, now)]
    return sorted(running, key=lambda round: (not round.anonymous, round.id))


async def _begin(round: Round, number: int, now: datetime, store: Store) -> Broadcast:
    whom = Whom.EVERYBODY if round.anonymous else Whom.PENDING
    # Of a named round each has words of their own, written when it is their turn.
    body = pack(reminders.anonymous_reminder(round, number)) if round.anonymous else {}
    return await store.broadcasts.put(Broadcast(0, round.id, BroadcastKind.REMINDER, whom, body, now, number))
