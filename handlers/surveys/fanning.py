"""Broadcasts become letters, batch after batch; each moves its cursor in the transaction that writes its letters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.surveys import reminding, wording
from storage.records import Account, Broadcast, BroadcastKind, Disposition, Lane, NewLetter, Person
from storage.store import Store

BATCH = 1000
"""People whose letters are written in one transaction."""


async def next_batch(broadcast: Broadcast, now: datetime, store: Store) -> int:
    """Writes the letters of the next people of this broadcast; returns how many people that were."""
    people = await store.broadcasts.next_people(broadcast, BATCH)
    if broadcast.kind is BroadcastKind.REMINDER:
        await _remind(broadcast, people, now, store)
    else:
        await _tell(broadcast, people, store)
    cursor = people[-1].id if people else broadcast.cursor
    await store.broadcasts.move(broadcast.id, cursor, done=len(people) < BATCH)
    return len(people)


async def _tell(broadcast: Broadcast, people: Sequence[Person], store: Store) -> None:
    accounts = await store.people.accounts_of([person.id for person in people])
    own = await wording.own_words(broadcast, people, store)
    for person in people:
        mine = accounts.get(person.id, ())
        for account in mine:
            await store.outbox.post(_letter(broadcast, person, account, own.get(person.id, {})), held=False)
        if broadcast.kind is BroadcastKind.INVITATION:
            reached = Disposition.INVITED if mine else Disposition.UNREACHABLE
            await store.surveys.set_disposition(broadcast.round_id, person.id, reached)


async def _remind(broadcast: Broadcast, people: Sequence[Person], now: datetime, store: Store) -> None:
    """Each reminder has its own words; who has none is told nothing."""
    words = await reminding.own_words(broadcast, people, now, store)
    accounts = await store.people.accounts_of(list(words))
    for person in people:
        for account in accounts.get(person.id, ()):
            await store.outbox.post(_letter(broadcast, person, account, words[person.id]), held=False)


def _letter(broadcast: Broadcast, person: Person, account: Account, body: Mapping[str, Any]) -> NewLetter:
    language = account.language or person.language
    return NewLetter(account.channel, account.address, language, Lane.BROADCAST, body, broadcast.id, person.id)
