"""What is said to whom when a round reminds: one message a day and person, of all that is open for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.days import Calendar
from handlers.surveys.rules import reminders, rounds
from handlers.talk import pack
from storage.records import Broadcast, Disposition, Lane, NewLetter, Person, Round
from storage.store import Store

OPEN_FOR = (Disposition.INVITED, Disposition.DELIVERED, Disposition.UNREACHABLE, Disposition.STARTED)
"""Who can still answer; somebody who could not be reached may have an account by now."""


async def missing_calendar(round: Round, now: datetime, store: Store) -> int:
    """The year without a table of holidays that this round needs to remind; 0: none."""
    said = reminders.said(await store.broadcasts.of(round.id))
    return reminders.missing_year(round, said, now, Calendar(await store.calendar.days()))


async def next_reminders(broadcast: Broadcast, most: int, now: datetime, store: Store) -> int:
    """Writes the letters of the next people of a reminder; returns how many people that were."""
    people = await store.broadcasts.next_people(broadcast, most)
    words = await _words(broadcast, people, now, store)
    accounts = await store.people.accounts_of(list(words))
    for person in people:
        for one in accounts.get(person.id, ()):
            language = one.language or person.language
            place = one.channel, one.address, language, Lane.BROADCAST
            await store.outbox.post(NewLetter(*place, words[person.id], broadcast.id, person.id), held=False)
    await store.people.mark_reminded(list(words), now.date())
    await store.broadcasts.move(broadcast.id, people[-1].id if people else broadcast.cursor, done=len(people) < most)
    return len(people)


async def _words(
    broadcast: Broadcast, people: Sequence[Person], now: datetime, store: Store
) -> Mapping[int, Mapping[str, Any]]:
    """What each of these people is told by this reminder, packed, by their ids.

    Who is told nothing is not there: the muted, and who was reminded today, which was of this round too.
    """
    round = await store.surveys.round(broadcast.round_id)
    if round is None or not rounds.takes_answers(round, now):
        return {}
    heard = [one for one in people if not one.muted]
    if round.anonymous:
        return {one.id: broadcast.body for one in heard}
    fresh = [one.id for one in heard if one.reminded != now.date()]
    return await _of_all_open(round, broadcast.number, fresh, now, store)


async def _of_all_open(
    round: Round, number: int, person_ids: Sequence[int], now: datetime, store: Store
) -> dict[int, Mapping[str, Any]]:
    """One message for each, of all named rounds they are asked in and have not handed in."""
    await store.surveys.preload(person_ids)
    words: dict[int, Mapping[str, Any]] = {}
    for id in person_ids:
        tasks = [
            (one, await store.surveys.sheet(one.id, id))
            for one, line in await store.surveys.invitations(id)
            if line.disposition in OPEN_FOR and not one.anonymous and rounds.takes_answers(one, now)
        ]
        if any(one.id == round.id for one, _ in tasks):
            words[id] = pack(reminders.reminder(round, number, tasks, now))
    return words
