"""What the office orders of those who open ballots: add one, see all, remove one, and what is wrong with the keys."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from handlers import doors
from handlers.refusals import NotFound
from handlers.surveys.counting import discard
from handlers.surveys.rolls import OneRound, round_of
from handlers.surveys.rules import secrecy, tabulators
from handlers.surveys.secrecy import keepers_of
from handlers.talk import t
from storage.records import Clerk, Count, CountStage, Person, Round, RoundState, Secrecy
from storage.store import Store

TWO = Secrecy()
"""As rounds are opened by default: by two from different units."""
ANSWERED = (RoundState.OPEN, RoundState.PAUSED)


@dataclass(frozen=True, slots=True)
class OneTabulator:
    """The person with this staff number."""

    number: str


@dataclass(frozen=True, slots=True)
class ListTabulators:
    """Everybody who opens ballots."""


@dataclass(frozen=True, slots=True)
class CheckKeys:
    """The keys of anonymous rounds and their tabulators."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody is to open ballots: `secret` belongs behind the `#` of the address `/keys/enrol`, and is told once."""

    number: str
    name: str
    secret: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Opener:
    """Somebody who opens ballots. `enrolled`: has a key; `tested`: the day it was last tried; `fresh`: that is not too
    long ago; `partners`: the staff numbers of those with whom they may open."""

    number: str
    name: str
    unit: str
    enrolled: bool
    tested: date | None
    fresh: bool
    partners: Sequence[str]


@dataclass(frozen=True, slots=True)
class Removed:
    """Somebody opens no ballots any more. `weakened`: rounds that lose a pair, `lost`: those nobody can open now; names
    by round ids."""

    number: str
    name: str
    weakened: Mapping[int, str]
    lost: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class KeysState:
    """`lost`: open or uncounted rounds whose box key is gone; `untagged`: open ones whose tag key is gone, so that
    nobody can answer; names by round ids. `stale`: tabulators whose key was not tried for 30 days. `pairs`: how many
    pairs could open a round that opens today. `needed`: is there any anonymous round, or a tabulator?"""

    lost: Mapping[int, str]
    untagged: Mapping[int, str]
    stale: Sequence[str]
    pairs: int
    needed: bool


@doors.office("POST", "/tabulators", "tabulators:write")
async def add_tabulator(order: OneTabulator, clerk: Clerk, store: Store) -> Enrolment:
    """Asks somebody on the roster to open ballots: the secret of the enrolment link, once. An earlier link is void."""
    person = await _person(order.number, store)
    secret = base64.urlsafe_b64encode(clerk.draw(32)).decode().rstrip("=")
    before = await store.tabulators.hold(person.id)
    invited = tabulators.invited(before, person, secret, clerk.now)
    await store.tabulators.save(invited)
    return Enrolment(person.number, person.name, secret, clerk.now + tabulators.ENROLMENT)


@doors.office("GET", "/tabulators", "tabulators:read")
async def list_tabulators(order: ListTabulators, clerk: Clerk, store: Store) -> list[Opener]:
    """Everybody who opens ballots, and with whom they could today."""
    today, keepers = clerk.now.date(), await keepers_of(store)
    units = {unit.id: unit.name for unit in await store.people.units()}
    numbers = {one.person.id: one.person.number for one in keepers}
    pairs = secrecy.allowed(TWO, keepers, today)
    return [
        Opener(
            one.person.number,
            one.person.name,
            units.get(one.person.unit_id, ""),
            one.tabulator.key is not None,
            one.tabulator.tested,
            not secrecy.stale(one, today),
            [numbers[id] for pair in pairs if one.person.id in pair for id in pair if id != one.person.id],
        )
        for one in keepers
    ]


@doors.office("POST", "/tabulators/{number}/remove", "tabulators:write")
async def remove_tabulator(order: OneTabulator, clerk: Clerk, store: Store) -> Removed:
    """Somebody opens ballots no more: the wrapped key is destroyed, in open rounds too."""
    person = await _person(order.number, store)
    if await store.tabulators.hold(person.id) is None:
        raise NotFound(t("{name} is none of those who open ballots.", name=person.name))
    await store.tabulators.remove(person.id)
    there = {one.person_id for one in await store.tabulators.all() if one.key}
    weakened: dict[int, str] = {}
    lost: dict[int, str] = {}
    for id, round in (await _uncounted(store)).items():
        allowed = store.vault.pairs(id)
        if any(person.id in pair for pair in allowed):
            (weakened if tabulators.present(allowed, there) else lost)[id] = round.name
    return Removed(person.number, person.name, weakened, lost)


@doors.office("POST", "/rounds/{round_id}/discard", "rounds:write")
async def discard_round(order: OneRound, clerk: Clerk, store: Store) -> Count:
    """Has the ballots of a closed round destroyed that nobody can open any more."""
    return await discard(order.round_id, clerk.name, clerk.now, store)


@doors.office("GET", "/keys", "tabulators:read")
async def check_keys(order: CheckKeys, clerk: Clerk, store: Store) -> KeysState:
    """What is wrong with the keys of anonymous rounds and with those who open them."""
    today, keepers, uncounted = clerk.now.date(), await keepers_of(store), await _uncounted(store)
    return KeysState(
        {id: one.name for id, one in uncounted.items() if not store.vault.has_box_key(id)},
        {id: one.name for id, one in uncounted.items() if one.state in ANSWERED and not store.vault.is_ready(id)},
        [one.person.number for one in keepers if secrecy.stale(one, today)],
        len(secrecy.allowed(TWO, keepers, today)),
        bool(keepers or any(one.anonymous for one in await store.surveys.rounds())),
    )


async def _person(number: str, store: Store) -> Person:
    person = await store.people.by_number(number.strip())
    if person is None:
        raise NotFound(t("Nobody has the staff number {number}.", number=number.strip()))
    return person


async def _uncounted(store: Store) -> dict[int, Round]:
    """The anonymous rounds whose ballots are still to be opened, by their ids."""
    waiting = await store.counts.at([CountStage.SEALED, CountStage.UNTAGGED])
    return {one.round_id: await round_of(one.round_id, store) for one in waiting}
