"""Pages about anonymous rounds that everybody may read: what came of one, and how anonymity is kept."""

import hmac
from dataclasses import dataclass

from handlers import doors
from handlers.doors import Guest
from handlers.refusals import NotAllowed, NotFound
from handlers.surveys.publishing import published
from handlers.surveys.rolls import OneRound, round_of
from handlers.surveys.rules import explaining, results
from handlers.surveys.rules.explaining import Explained
from handlers.surveys.rules.results import Reading
from storage.store import Store


@dataclass(frozen=True, slots=True)
class SeeResults:
    """The results at this address: the same `link` for everybody who was asked."""

    round_id: int
    link: str


@dataclass(frozen=True, slots=True)
class Explain:
    """How anonymity is kept."""


@doors.page(writes=False)
async def see_results(order: SeeResults, guest: Guest, store: Store) -> Reading:
    """What was released. Raises one NotFound for a wrong address, whatever is wrong with it.

    The link is compared in constant time, and as much is read for a round that is not there as for one that is.
    """
    round = await store.surveys.round(order.round_id)
    count = await store.counts.count(order.round_id)
    link = count.link if count else ""
    known = hmac.compare_digest(link.encode(), order.link.encode())
    if round is None or not link or not known:
        raise NotFound(results.NO_LINK)
    try:
        return results.reading(await published(round, store))
    except NotAllowed:
        raise NotFound(results.NO_LINK) from None


@doors.page(writes=False)
async def see_at_desk(order: OneRound, guest: Guest, store: Store) -> Reading:
    """The same at HR's desk, which needs no link. Raises Refusal."""
    return results.reading(await published(await round_of(order.round_id, store), store))


@doors.page(writes=False)
async def explain_anonymity(order: Explain, guest: Guest, store: Store) -> Explained:
    """How anonymity is kept, with the numbers that the rules have."""
    return explaining.explained()
