"""The opening of ballots, on a page and at the command line: what waits, one tabulator's half, the count, and sealed
keys put by and put back.

Who is there has shown a passphrase before any of these doors is opened; `private` is the half of the key it gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers import doors
from handlers.doors import Guest
from handlers.refusals import BadInput, NotFound
from handlers.surveys import counting as steps
from handlers.surveys.rolls import OneRound, round_of, tell
from handlers.surveys.rules import counting
from handlers.talk import t
from storage.records import Count, CountStage, Half, Person, Round, RoundState
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Mine:
    """The rounds of this tabulator."""

    person_id: int


@dataclass(frozen=True, slots=True)
class Unlock:
    """A tabulator's own half of opening a round."""

    round_id: int
    person: Person
    private: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Restore:
    """Sealed keys of a round that were put by."""

    bundle: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """A round as a tabulator sees it: open, or closed and waiting.

    `first`: who has unlocked already; `mine`: that is who looks; `others`: with whom it can be opened. `lost`: its
    sealed key is gone; `untagged`: nobody can answer, the key for that is lost; `tagged`: ballots may not be opened
    yet.
    """

    round: Round
    is_open: bool
    closed: datetime | None
    others: Sequence[str]
    first: str = ""
    mine: bool = False
    lost: bool = False
    untagged: bool = False
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What unlocking by a person gave: the box key once it was the last half that was needed (never shown, nor kept),
    `by` whom, in that order, and with whom else it can be opened while it is not."""

    round: Round
    person: Person
    box_key: bytes | None = field(repr=False)
    by: tuple[str, ...] = ()
    others: Sequence[str] = ()


@doors.page(writes=False)
async def see_counts(order: Mine, guest: Guest, store: Store) -> list[Mark]:
    """The anonymous rounds this tabulator may open, those first that wait for it."""
    person = await store.people.person(order.person_id)
    if person is None:
        return []
    waiting = await store.counts.at([CountStage.SEALED, CountStage.UNTAGGED])
    marks = [await _mark(one, person, store) for one in waiting]
    return sorted((one for one in marks if one), key=lambda one: (one.is_open, one.round.id))


async def _mark(count: Count, person: Person, store: Store) -> Mark | None:
    round = await round_of(count.round_id, store)
    allowed = store.vault.pairs(round.id)
    if round.state is RoundState.CANCELLED or (allowed and not any(person.id in pair for pair in allowed)):
        return None
    first = store.vault.first(round.id)
    who = await store.people.person(first) if first else None
    is_open = round.state in (RoundState.OPEN, RoundState.PAUSED)
    return Mark(
        round,
        is_open,
        round.closes,
        [one.name for one in await steps.partners_of(person, round.id, store)],
        first=who.name if who else "",
        mine=first == person.id,
        lost=not allowed,
        untagged=is_open and not store.vault.is_ready(round.id),
        tagged=count.stage is CountStage.SEALED,
    )


@doors.page(writes=True)
async def unlock_half(order: Unlock, guest: Guest, store: Store) -> Unlocked:
    """Unlocks with one key; whoever may open together with it is told if it is the first. Raises Refusal."""
    round = await round_of(order.round_id, store)
    count = await store.counts.hold(round.id)
    counting.must_wait_for_opening(round, count)
    count = counting.must_wait_for_opening(round, await steps.go_on(round.id, guest.now, store))
    before = store.vault.first(round.id)
    first = await store.people.person(before) if before else None
    found = store.vault.unlock_box(round.id, order.person.id, order.private)
    if isinstance(found, bytes):
        if not store.vault.opens(found, round.secrecy.box):
            raise counting.FOREIGN
        return Unlocked(round, order.person, found, tuple(one.name for one in (first, order.person) if one))
    if refused := counting.no(found):
        raise refused
    others = await steps.partners_of(order.person, round.id, store)
    if before != order.person.id:
        await store.counts.save(counting.noted(count, "first_half", guest.now, order.person.name))
        for one in others:
            await tell(one, counting.other_key_is_needed(round, order.person), store)
    return Unlocked(round, order.person, None, (order.person.name,), [one.name for one in others])


@doors.page(writes=False)
async def begin_counting(order: OneRound, guest: Guest, store: Store) -> steps.Counting:
    """What the ballots of a round are to be counted in."""
    return await steps.counting_of(order.round_id, store)


@doors.page(writes=True)
async def keep_count(order: steps.Counted, guest: Guest, store: Store) -> Count:
    """Keeps the results of a round and tells everybody. Raises AlreadyDone."""
    return await steps.keep(order, guest.now, store)


@doors.page(writes=True)
async def finish(order: OneRound, guest: Guest, store: Store) -> Count | None:
    """Destroys what is left of a round that is counted."""
    return await steps.go_on(order.round_id, guest.now, store)


@doors.page(writes=True)
async def recover_half(order: Unlock, guest: Guest, store: Store) -> Unlocked:
    """One tabulator's half of bringing back the key by which people answer in an open round. Raises Refusal."""
    round = await round_of(order.round_id, store)
    counting.check_recovery(round)
    found = store.vault.recover_tag_key(round.id, order.person.id, order.private)
    if refused := counting.no(found):
        raise refused
    others = await steps.partners_of(order.person, round.id, store)
    count = await store.counts.hold(round.id)
    if found is Half.DONE and count is not None:
        await store.counts.save(counting.noted(count, "tag_key_recovered", guest.now, order.person.name))
    waiting = [] if found is Half.DONE else [one.name for one in others]
    return Unlocked(round, order.person, None, (order.person.name,), waiting)


@doors.page(writes=False)
async def take_bundle(order: OneRound, guest: Guest, store: Store) -> bytes:
    """The sealed keys of an open round, to be put by. Raises NotFound."""
    round = await round_of(order.round_id, store)
    counting.check_recovery(round)
    bundle = store.vault.bundle(round.id)
    if bundle is None:
        raise NotFound(t("The sealed keys of “{round}” are not in the directory of keys.", round=round.name))
    return bundle


@doors.page(writes=True)
async def restore_bundle(order: Restore, guest: Guest, store: Store) -> Round:
    """Puts sealed keys back where they were lost. After the closing the tag key stays away. Raises Refusal."""
    round_id = store.vault.bundled(order.bundle)
    if round_id is None:
        raise BadInput(t("That is no file of sealed keys."))
    round = await round_of(round_id, store)
    count = await store.counts.hold(round.id)
    if count is None or count.stage in counting.OVER or round.state is RoundState.CANCELLED:
        raise NotFound(t("The ballots of “{round}” need no keys any more.", round=round.name))
    is_open = round.state in (RoundState.OPEN, RoundState.PAUSED)
    store.vault.take_back(order.bundle, spare=is_open)
    await store.counts.save(counting.noted(count, "keys_restored", guest.now))
    return round
