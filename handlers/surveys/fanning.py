"""Broadcasts become letters, batch after batch; each moves its cursor in the transaction that writes its letters."""

from datetime import datetime

from handlers.surveys.reminding import next_reminders
from storage.records import Broadcast, BroadcastKind, Disposition, Lane, NewLetter
from storage.store import Store

BATCH = 1000
"""People whose letters are written in one transaction."""


async def next_batch(broadcast: Broadcast, now: datetime, store: Store) -> int:
    """Writes the letters of the next people of this broadcast; returns how many people that were."""
    if broadcast.kind is BroadcastKind.REMINDER:
        return await next_reminders(broadcast, BATCH, now, store)
    people = await store.broadcasts.next_people(broadcast, BATCH)
    accounts = await store.people.accounts_of([person.id for person in people])
    for person in people:
        mine = accounts.get(person.id, ())
        for account in mine:
            language = account.language or person.language
            letter = NewLetter(account.channel, account.address, language, Lane.BROADCAST, {}, broadcast.id, person.id)
            await store.outbox.post(letter, held=False)
        if broadcast.kind is BroadcastKind.INVITATION:
            reached = Disposition.INVITED if mine else Disposition.UNREACHABLE
            await store.surveys.set_disposition(broadcast.round_id, person.id, reached)
    cursor = people[-1].id if people else broadcast.cursor
    await store.broadcasts.move(broadcast.id, cursor, done=len(people) < BATCH)
    return len(people)
