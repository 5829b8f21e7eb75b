"""The end of an anonymous round, step by step, each of which may be done again after a crash.

Closed by a transaction; then the urn is sealed and the tag key destroyed (`untag`); then two tabulators unlock, all
ballots are opened and counted (`Counting`), and one transaction keeps the results (`release`); then box key and ballots
are destroyed (`wipe`). Design: `docs/anonymity.md`.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from handlers.forms.form import Form
from handlers.surveys.rolls import round_of, tell
from handlers.surveys.rules import counting, tabulators
from handlers.surveys.rules.rounds import ENDED
from handlers.surveys.wording import announce, form_of, hush
from handlers.talk import Message
from storage.records import Count, CountStage, Person, Role, Round, RoundState, Whom
from storage.store import Store

if TYPE_CHECKING:
    from handlers.surveys.rules.release import Outcome
    from handlers.surveys.rules.screening import Earlier


async def unfinished(now: datetime, store: Store) -> list[int]:
    """The rounds of which something is still to be destroyed: closed ones with their tag key, counted or called off
    ones with their ballots, and ones that ended before their opening was complete."""
    ended = {one.id: one for one in await store.surveys.rounds() if one.anonymous and one.state in ENDED}
    counts = {one.round_id: one for one in await store.counts.at(list(CountStage))}
    return [id for id, round in ended.items() if _is_unfinished(round, counts.get(id), store)]


def _is_unfinished(round: Round, count: Count | None, store: Store) -> bool:
    if count is None:
        return store.vault.has_tag_key(round.id) or store.vault.has_box_key(round.id)
    if count.stage is CountStage.UNTAGGED:
        return round.state is RoundState.CANCELLED
    return count.stage is CountStage.SEALED or count.erased is None


async def go_on(round_id: int, now: datetime, store: Store) -> Count | None:
    """Destroys what is due of a round that has ended; what it has come to. Doing it again changes nothing."""
    round = await round_of(round_id, store)
    count = await store.counts.hold(round_id)
    if not round.anonymous or round.state not in ENDED:
        return count
    if count is None:
        await _destroy(round_id, store)
        return None
    if round.state is RoundState.CANCELLED and count.stage not in counting.OVER:
        count = counting.discarded(count, now, "")
    if count.stage is CountStage.SEALED:
        return await _untag(round, count, now, store)
    if count.stage in counting.OVER and count.erased is None:
        await _destroy(round_id, store)
        count = counting.erased(count, now)
        await store.counts.save(count)
    return count


async def _untag(round: Round, count: Count, now: datetime, store: Store) -> Count:
    await store.ballots.seal(round.id)
    store.vault.destroy_tag_key(round.id)
    count = counting.untagged(count, now)
    await store.counts.save(count)
    openers = await _openers(round.id, store)
    alone, lost = round.secrecy.tabulators == 1, not store.vault.has_box_key(round.id)
    names = [one.name for one in openers]
    await tell_office(counting.waits_for_tabulators(round, names, alone=alone, lost=lost), now.date(), store)
    for one in () if lost else openers:
        await tell(one, counting.key_is_needed(round), store)
    return count


async def _destroy(round_id: int, store: Store) -> None:
    """The tag key before the box key: never is the second one there without the first being harmless."""
    store.vault.destroy_tag_key(round_id)
    store.vault.destroy_box_key(round_id)
    await store.ballots.erase(round_id)


async def discard(round_id: int, by: str, now: datetime, store: Store) -> Count:
    """Has ballots destroyed that nobody can open any more; those who were asked are told. Raises Refusal."""
    round = await round_of(round_id, store)
    there = {one.person_id for one in await store.tabulators.all() if one.key}
    lost = not tabulators.present(store.vault.pairs(round_id), there)
    count = counting.discarded(counting.check_discard(round, await store.counts.hold(round_id), lost=lost), now, by)
    await store.counts.save(count)
    await announce(round, Whom.EVERYBODY, counting.unread(round), now, store)
    return count


# Counting -------------------------------------------------------------------------------------------------


class Counting:
    """The ballots of one round while they are counted: nothing of it outlives the counting, and nothing is kept but
    the outcome. `add` and `outcome` take their time: call them in a thread."""

    def __init__(
        self, round: Round, form: Form, asked: Any, earlier: "Sequence[Earlier]", names: Sequence[str], store: Store
    ) -> None:
        # Only who counts needs numpy, and a process that does not goes without its weight.
        from handlers.surveys.rules import release, tallying

        self.round = round
        self.spoilt = 0
        """Ballots that were not sealed to the key of this round: put there past the house, and never counted."""
        self._vault, self._ballots = store.vault, store.ballots
        self._asked, self._earlier, self._names = asked, earlier, names
        self._box = tallying.Box(form, round)
        self._release = release.release

    async def most(self) -> int:
        """How many ballots there are: for a bar, and nobody's eyes."""
        return await self._ballots.count(self.round.id) or 0

    def sealed(self) -> AsyncIterator[list[bytes]]:
        """All of them, some thousands at a time."""
        return self._ballots.read(self.round.id)

    def add(self, box_key: bytes, sealed: Sequence[bytes]) -> None:
        """Opens and counts these."""
        try:
            plain = self._vault.read(box_key, sealed)
        except ValueError:
            plain = [one for some in sealed for one in self._readable(box_key, some)]
        self._box.add(plain)

    def _readable(self, box_key: bytes, sealed: bytes) -> list[bytes]:
        try:
            return self._vault.read(box_key, [sealed])
        except ValueError:
            self.spoilt += 1
            return []

    def outcome(self, draw: Callable[[int], bytes]) -> "Outcome":
        """What may be shown of all that was added."""
        return self._release(self._box, self._asked, self._earlier, draw, self._names)


async def counting_of(round_id: int, store: Store) -> Counting:
    """A tally to which nothing is added yet."""
    from handlers.surveys.rules.screening import Earlier

    round = await round_of(round_id, store)
    mine = counting.seats(round, await store.surveys.roll(round_id))
    rolls, earlier = [mine], []
    for one in await store.surveys.rounds():
        seats = await _seats_before(one, round, store)
        if not mine.keys().isdisjoint(seats):
            rolls.append(seats)
            earlier.append(Earlier(one, await store.counts.released(one.id)))
    names = [one.name for one in await store.people.people(left=True)]
    return Counting(round, await form_of(round, store), counting.asked(rolls), earlier, names, store)


async def _seats_before(one: Round, round: Round, store: Store) -> dict[int, tuple[int, ...]]:
    """Who was asked in another anonymous round that has results; nobody where it is none such."""
    if not one.anonymous or one.id == round.id:
        return {}
    count = await store.counts.count(one.id)
    if count is None or count.stage is not CountStage.RELEASED:
        return {}
    return counting.seats(one, await store.surveys.roll(one.id))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a tally came to: `by` whom it was unlocked, in that order; `link`: what the address of the results ends
    in, where none was chosen yet."""

    round_id: int
    outcome: Any
    spoilt: int
    by: tuple[str, ...]
    link: str


async def keep(counted: Counted, now: datetime, store: Store) -> Count:
    """Keeps the results, and tells everybody: all of it or nothing, once. Raises AlreadyDone where another tally was
    quicker."""
    round = await round_of(counted.round_id, store)
    count = counting.must_wait_for_opening(round, await store.counts.hold(round.id))
    if count.stage is not CountStage.UNTAGGED:
        raise counting.TAGGED
    found: Outcome = counted.outcome
    report = {**found.report, "spoilt": counted.spoilt}
    count = counting.counted(count, withheld=found.withheld, report=report, link=counted.link, by=counted.by, now=now)
    await store.counts.release(found.tables, found.remarks)
    await store.counts.save(count)
    told = counting.nothing_is_shown(round) if found.withheld else counting.results_are_here(round)
    await hush(round, now, store)
    await announce(round, Whom.EVERYBODY, told, now, store)
    await tell_office(told, now.date(), store, but={line.person_id for line in await store.surveys.roll(round.id)})
    return count


# Who is told ----------------------------------------------------------------------------------------------


async def tell_office(message: Message, day: date, store: Store, but: Collection[int] = ()) -> None:
    """Says this to everybody who acts for the HR office on that day, but these."""
    absent = {one.deputy_id: one.person_id for one in await store.groups.deputies() if one.first <= day <= one.last}
    people = {one.id: one for one in await store.people.people()}
    hr = {one.id for one in people.values() if Role.HR in one.roles}
    hr |= {deputy for deputy, person_id in absent.items() if person_id in hr and deputy in people}
    for id in sorted(hr - set(but)):
        await tell(people[id], message, store)


async def _openers(round_id: int, store: Store) -> list[Person]:
    """Who may open the ballots of a round, as far as they are still here."""
    there = {one.person_id for one in await store.tabulators.all() if one.key}
    allowed = tabulators.present(store.vault.pairs(round_id), there)
    found = [await store.people.person(id) for id in sorted({id for pair in allowed for id in pair})]
    return [one for one in found if one is not None and not one.left]


async def partners_of(person: Person, round_id: int, store: Store) -> list[Person]:
    """With whom this tabulator may open the ballots of a round."""
    pairs = [pair for pair in store.vault.pairs(round_id) if person.id in pair]
    return [one for one in await _openers(round_id, store) if one.id != person.id and any(one.id in p for p in pairs)]
