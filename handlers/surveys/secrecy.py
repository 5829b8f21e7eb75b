"""Anonymous rounds at their approval and opening: what the rules need to know, and the keys and the urn."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.refusals import BadInput
from handlers.surveys.rules import bands
from handlers.surveys.rules import secrecy as rules
from handlers.surveys.rules.audience import units_of
from handlers.surveys.rules.rounds import UNOPENED
from handlers.surveys.rules.secrecy import Keeper
from handlers.surveys.wording import form_of
from handlers.talk import t
from storage.records import Count, CountStage, Crowd, Difference, Plan, Round, RoundState
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Possible:
    """What an anonymous round opens with: whom it asks, the tabulators' public keys by person, and which of them may
    open the box together."""

    crowds: tuple[Crowd, ...]
    keys: Mapping[int, bytes]
    pairs: tuple[tuple[int, ...], ...]


async def must_be_possible(one: Round | Plan, now: datetime, store: Store) -> Possible:
    """Can this be asked anonymously as everything is now? Raises BadInput with all that speaks against it."""
    units, today = await store.people.units(), now.date()
    inside = units_of(one.audience, units)
    crowds = await store.roll.crowds(one.audience, inside, today - rules.LISTED)
    differences = await _differences(one, inside, now, store)
    keepers = await keepers_of(store)
    problems = [
        *rules.planned(one, isinstance(one, Plan) or one.closes is not None),
        *rules.asked(one, await form_of(one, store)),
        *rules.obstacles(one, crowds, units, differences, keepers, today),
    ]
    if problems:
        raise BadInput(
            t(
                "“{round}” cannot be asked anonymously. As it is, it can only be a named round, which says so in its "
                "first line.",
                round=one.name,
            ),
            problems,
        )
    return Possible(
        tuple(rules.members(one.audience, crowds)),
        {keeper.person.id: keeper.tabulator.key.public for keeper in keepers if keeper.tabulator.key},
        rules.allowed(one.secrecy, keepers, today),
    )


async def sealed(round: Round, now: datetime, store: Store) -> Round:
    """The round whose roll has just been drawn up, with bands, keys, urn and digest: all that is fixed from now on.
    Raises BadInput.

    Keys and urn are durable before the transaction that opens the round is. Where that fails they are left over, and
    the next opening makes others.
    """
    for one in await store.tabulators.all():
        await store.tabulators.hold(one.person_id)  # held: two rounds that open at once see each other
    possible = await must_be_possible(round, now, store)
    breakdowns = bands.bands(round.secrecy.breakdowns, possible.crowds)
    box = await asyncio.to_thread(store.vault.open, round.id, possible.keys, possible.pairs)
    await store.ballots.open(round.id)
    round = replace(round, secrecy=replace(round.secrecy, breakdowns=breakdowns, box=box.hex()))
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    fixed = rules.fixed(round, questionnaire.digest)
    round = replace(round, secrecy=replace(round.secrecy, digest=rules.fingerprint(fixed)))
    await store.surveys.save_round(round)
    await store.counts.save(Count(round.id, CountStage.SEALED, now, report={"fixed": fixed}))
    return round


async def _differences(one: Round | Plan, inside: frozenset[int], now: datetime, store: Store) -> Sequence[Difference]:
    """To the anonymous rounds of the last 180 days that ask some of the same."""
    form, since = await form_of(one, store), now.date() - rules.LISTED
    found = []
    for round in await store.surveys.rounds():
        if _is_compared(one, round, now) and round.opens and rules.overlap(form, await form_of(round, store)):
            then = round.opens.astimezone(now.tzinfo).date() - rules.LISTED
            found.append(await store.roll.difference(round, then, one.audience, inside, since))
    return found


def _is_compared(one: Round | Plan, round: Round, now: datetime) -> bool:
    """Has this round been open and asked anonymously of late? What was called off shows nothing."""
    mine = isinstance(one, Round) and one.id == round.id
    opened = round.state not in (*UNOPENED, RoundState.CANCELLED)
    return not mine and round.anonymous and opened and round.opens is not None and round.opens >= now - rules.WITHIN


async def keepers_of(store: Store) -> list[Keeper]:
    """The tabulators, and who they are."""
    people = [(await store.people.person(one.person_id), one) for one in await store.tabulators.all()]
    return [Keeper(person, one) for person, one in people if person]
