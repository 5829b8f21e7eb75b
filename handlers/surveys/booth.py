"""Where a ballot is filled in, on the page and in the chat: the sealed draft, and the casting.

Whoever comes here brings a ticket, and nobody asks whose it is. What is kept is durable when a function returns, in a
transaction of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.forms.form import Form
from handlers.refusals import OutOfOrder
from handlers.surveys import tickets
from handlers.surveys.rules import ballots
from storage.records import LARGEST_BALLOT, Round, Ticket
from storage.store import Store


async def draft(round: Round, ticket: Ticket, store: Store) -> dict[str, Any] | None:
    """How far it was filled in, on whatever device; None where nothing is begun, or all is handed in."""
    key = store.vault.draft_key(round.id, ticket.tag)
    sealed = await store.ballots.draft(round.id, key) if key else None
    plain = store.vault.show(round.id, ticket.tag, sealed) if sealed else None
    return ballots.resumed(plain) if plain else None


async def keep(round: Round, form: Form, ticket: Ticket, walk: Mapping[str, Any], now: datetime, store: Store) -> None:
    """Keeps the draft in the place of the one before.

    Raises BadInput where no ballot can hold it, TooLate where the round has closed meanwhile, OutOfOrder where the tag
    key is not there.
    """
    plain = ballots.packed(form, walk, ticket.bands, now)
    try:
        hidden = store.vault.hide(round.id, ticket.tag, ballots.kept(walk))
    except ValueError:
        raise ballots.too_long(form, walk, now) from None
    if len(plain) > LARGEST_BALLOT:
        raise ballots.too_long(form, walk, now)
    if hidden is None:
        raise OutOfOrder(tickets.LOCKED)
    if not await store.ballots.put_draft(round.id, *hidden):
        raise tickets.closed(round)


async def cast(round: Round, form: Form, ticket: Ticket, walk: Mapping[str, Any], now: datetime, store: Store) -> None:
    """Seals and casts the ballot in the place of an earlier one; the draft is gone with it. Raises as `keep`."""
    try:
        plain, room = ballots.packed(form, walk, ticket.bands, now), store.vault.room_for(ballots.most(form))
        sealed = store.vault.seal(bytes.fromhex(round.secrecy.box), plain, room)
    except ValueError:
        raise ballots.too_long(form, walk, now) from None
    if not await store.ballots.cast(round.id, ticket.tag, sealed, store.vault.draft_key(round.id, ticket.tag)):
        raise tickets.closed(round)
