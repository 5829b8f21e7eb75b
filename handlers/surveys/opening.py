"""Opening a round, by the office's order or because it is due: one transaction writes roll and invitations."""

from datetime import datetime

from handlers.surveys import secrecy
from handlers.surveys.fanning import next_batch
from handlers.surveys.rules import rounds
from handlers.surveys.rules.audience import units_of
from handlers.surveys.wording import invitation_of
from handlers.talk import pack
from storage.records import Broadcast, BroadcastKind, Round, Whom
from storage.store import Store


async def open_now(round: Round, now: datetime, store: Store) -> Round:
    """The round, open. Raises AlreadyDone, TooLate, NotAllowed, or BadInput if there is nobody to ask, or where it
    cannot be asked anonymously as it should.

    The roll is whole when this is committed; of a large audience only the first batch has its letters then, the
    others follow (`fan_out`).
    """
    inside = units_of(round.audience, await store.people.units())
    opened = rounds.opened(round, await store.surveys.count_asked(round.audience, inside), now)
    await store.surveys.save_round(opened)
    # Whoever else opens it at this moment waits at that line; what they wrote is seen here.
    if any((await store.surveys.progress(round.id)).values()):
        raise rounds.opened_already(round)
    await store.surveys.drop_sheets(round.id)  # those of a preview
    await store.surveys.draw_up_roll(opened, inside)
    if opened.anonymous:
        opened = await secrecy.sealed(opened, now, store)
    await next_batch(await invite(opened, now, store), now, store)
    return opened


async def invite(round: Round, now: datetime, store: Store) -> Broadcast:
    """The invitation of everybody on the roll who is still to be invited; `fan_out` writes the letters."""
    body = pack(await invitation_of(round, store))
    return await store.broadcasts.put(Broadcast(0, round.id, BroadcastKind.INVITATION, Whom.PLANNED, body, now))
