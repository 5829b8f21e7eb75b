"""A tabulator's own key on a page and at the command line: enrolment, trying it, a new passphrase.

What is slow, the stretching of a passphrase, is done between these doors, outside every transaction.
"""

from dataclasses import dataclass, field

from handlers import doors
from handlers.doors import Guest
from handlers.surveys.rules import tabulators
from storage.records import Person, Tabulator, WrappedKey
from storage.store import Store


@dataclass(frozen=True, slots=True)
class OneLink:
    """The secret of an enrolment link."""

    secret: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A passphrase somebody wants, typed twice."""

    passphrase: str = field(repr=False)
    again: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PutKey:
    """The key of whoever has this enrolment link."""

    secret: str
    key: WrappedKey


@dataclass(frozen=True, slots=True)
class OneHolder:
    """Whoever says to have this staff number."""

    number: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying the passphrase of whoever says to have this number."""

    number: str
    fits: bool


@dataclass(frozen=True, slots=True)
class RenewKey:
    """The same key under a new passphrase."""

    number: str
    key: WrappedKey


@dataclass(frozen=True, slots=True)
class Holder:
    """A tabulator as a person."""

    person: Person
    tabulator: Tabulator


@doors.page(writes=False)
async def see_enrolment(order: OneLink, guest: Guest, store: Store) -> Holder:
    """Who is to enrol by this link. Raises NotFound or TooLate."""
    found = tabulators.check_link(await store.tabulators.invited(tabulators.digest(order.secret)), guest.now)
    person = await store.people.person(found.person_id)
    if person is None or person.left:
        raise tabulators.NO_KEY
    return Holder(person, found)


@doors.page(writes=False)
async def check_passphrase(order: Chosen, guest: Guest, store: Store) -> None:
    """Raises BadInput where that is no good passphrase."""
    tabulators.check_passphrase(order.passphrase, order.again)


@doors.page(writes=True)
async def put_key(order: PutKey, guest: Guest, store: Store) -> Holder:
    """Keeps a new key; it counts once it has been tried. Raises NotFound or TooLate."""
    holder = await see_enrolment(OneLink(order.secret), guest, store)
    enrolled = tabulators.enrolled(holder.tabulator, order.key)
    await store.tabulators.save(enrolled)
    return Holder(holder.person, enrolled)


@doors.page(writes=True)
async def try_key(order: OneHolder, guest: Guest, store: Store) -> Tabulator | None:
    """The key to be tried, counted as a failure until `key_fits`; None where there is none, or it rests."""
    holder = await _holder(order.number, store)
    if holder is None or holder.tabulator.key is None:
        return None
    trying = tabulators.trying(holder.tabulator, guest.now)
    if trying is not None:
        await store.tabulators.save(trying)
    return trying


@doors.page(writes=True)
async def key_fits(order: Tried, guest: Guest, store: Store) -> Person:
    """Whose passphrase was right. Raises NotAllowed where it was not, or the key is gone meanwhile."""
    holder = await _holder(order.number, store)
    if not order.fits or holder is None or holder.tabulator.key is None:
        raise tabulators.NO_KEY
    await store.tabulators.save(tabulators.tested(holder.tabulator, guest.now.date()))
    return holder.person


@doors.page(writes=True)
async def renew_key(order: RenewKey, guest: Guest, store: Store) -> Person:
    """Keeps the key under a new passphrase. Raises NotAllowed where it is another's, or gone."""
    holder = await _holder(order.number, store)
    if holder is None or holder.tabulator.key is None or holder.tabulator.key.public != order.key.public:
        raise tabulators.NO_KEY
    await store.tabulators.save(tabulators.renewed(holder.tabulator, order.key, guest.now.date()))
    return holder.person


async def _holder(number: str, store: Store) -> Holder | None:
    person = await store.people.by_number(number.strip())
    tabulator = await store.tabulators.hold(person.id) if person and not person.left else None
    return Holder(person, tabulator) if person and tabulator else None
