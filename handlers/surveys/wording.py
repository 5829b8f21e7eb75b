"""A round as its doors need it, what is said to many of its roll, and to each of them where it is not the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.forms.form import Form, load
from handlers.surveys.audiences import weigh
from handlers.surveys.rolls import round_of
from handlers.surveys.rules import honesty, letters, notices, sheets
from handlers.surveys.rules.rounds import ENDED, UNOPENED
from handlers.talk import Message, pack, unpack
from storage.records import Broadcast, BroadcastKind, Disposition, Person, Plan, Round, Whom
from storage.store import Store

Bodies = Mapping[int, Mapping[str, Any]]
"""Packed messages by person id."""


async def has_own_words(broadcast: Broadcast, store: Store) -> bool:
    """May some of its people get words of their own?"""
    round = await round_of(broadcast.round_id, store)
    if broadcast.kind is BroadcastKind.INVITATION:
        return letters.is_personal(round.letter)
    return broadcast.kind is BroadcastKind.NOTICE and round.state in ENDED


async def own_words(broadcast: Broadcast, people: Sequence[Person], store: Store) -> Bodies:
    """The bodies of those of the people who get words of their own; the others get what the broadcast says."""
    round = await round_of(broadcast.round_id, store)
    if broadcast.kind is BroadcastKind.INVITATION:
        return await _invitations(round, people, store)
    return await _endings(round, broadcast, people, store)


async def hush(round: Round, now: datetime, store: Store) -> None:
    """What is still being said of this round is said no further."""
    for one in await store.broadcasts.of(round.id):
        if not one.ended:
            await store.broadcasts.end(one.id, now)


async def invitation_of(round: Round, store: Store) -> Message:
    """The invitation as everybody gets it who gets no words of their own."""
    form = await form_of(round, store)
    if round.anonymous:
        return honesty.invitation(round, form, await circle_of(round, store))
    return notices.invitation(round, form)


async def circle_of(round: Round, store: Store) -> honesty.Circle:
    """Whom a round asks: as it stands on the roll; before it opens, as the roster is now."""
    units = await store.people.units()
    named = {*round.audience.unit_ids, *round.audience.alone_ids}
    names = tuple(unit.name for unit in units if unit.id in named)
    if round.state in UNOPENED:
        return honesty.Circle((await weigh(round.audience, store)).asked, names)
    counts = await store.surveys.progress(round.id)
    return honesty.Circle(sum(counts.values()) - counts[Disposition.EXCUSED], names)


async def invitation_to(round: Round, person: Person, store: Store) -> Message:
    """The invitation as this person gets it."""
    if round.anonymous:
        return await invitation_of(round, store)
    form = await form_of(round, store)
    units = {unit.id: unit.name for unit in await store.people.units()} if letters.is_personal(round.letter) else {}
    return notices.invitation(round, form, person.name, units.get(person.unit_id, ""))


async def invite_anew(round: Round, store: Store) -> None:
    """Invitations that are not out yet say what the round is now."""
    for one in await store.broadcasts.of(round.id):
        if one.kind is BroadcastKind.INVITATION and not one.ended:
            await store.broadcasts.say(one.id, pack(await invitation_of(round, store)))


async def announce(round: Round, whom: Whom, told: Message, now: datetime, store: Store) -> None:
    """Says something to many of the roll, as the fan-out gets to it."""
    await store.broadcasts.put(Broadcast(0, round.id, BroadcastKind.NOTICE, whom, pack(told), now))


async def form_of(round: Round | Plan, store: Store) -> Form:
    """What is asked in a round, or in those of a plan."""
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    return load(questionnaire.form, questionnaire.digest)


async def _invitations(round: Round, people: Sequence[Person], store: Store) -> Bodies:
    form = await form_of(round, store)
    units = {unit.id: unit.name for unit in await store.people.units()}
    return {
        person.id: pack(notices.invitation(round, form, person.name, units.get(person.unit_id, "")))
        for person in people
    }


async def _endings(round: Round, broadcast: Broadcast, people: Sequence[Person], store: Store) -> Bodies:
    """To those in the middle of a round that has ended: how many answers of theirs are kept."""
    told = unpack(broadcast.body)
    if not isinstance(told, Message):
        return {}
    form = await form_of(round, store)
    begun = await store.surveys.sheets_of(round.id, [person.id for person in people])
    return {
        id: pack(replace(told, parts=(*told.parts, kept)))
        for id, sheet in begun.items()
        if sheet.handed_in is None and not sheets.is_preview(sheet) and (kept := notices.kept(form, sheet))
    }
