"""The end of a round, by the office's order or because it is due: one transaction writes it and settles the roll."""

from datetime import datetime

from handlers.surveys.rules import rounds
from handlers.surveys.rules.sheets import silent
from handlers.surveys.wording import form_of
from storage.records import Round
from storage.store import Store


async def close_now(round: Round, now: datetime, store: Store) -> Round:
    """The round, closed. Raises AlreadyDone."""
    closed = rounds.closed(round, now)
    await store.surveys.save_round(closed)
    await settle(closed, store)
    return closed


async def settle(round: Round, store: Store) -> None:
    """The last word on everybody on the roll of a round that is over: whoever left is excused, whoever answered
    something has partly answered, the others have not. Of an anonymous round nobody knows who has answered."""
    await store.roll.excuse_leavers(round.id)
    if not round.anonymous:
        await store.roll.settle(round.id, silent(await form_of(round, store)))
