"""Words and files nobody waited for, of somebody who is asked anonymously: they are not kept.

Whether that is so is seen from the roll, not from where somebody was, so that no crash can make it otherwise.
"""

from dataclasses import replace
from datetime import timedelta

from handlers import doors
from handlers.surveys.rules import whispers
from handlers.talk import Message, Removal, Reply, Turn
from storage.store import Store

AFTERWARDS = timedelta(hours=24)
"""So long after an anonymous round has ended nothing is kept either."""


@doors.unawaited
async def keep_nothing(turn: Turn, reply: Reply, store: Store) -> Reply:
    """Neither what was sent nor what is said to it; where the channel can, it is taken out of the chat too."""
    if turn.person is None or not await store.surveys.asked_anonymously(turn.person.id, turn.now - AFTERWARDS):
        return reply
    if turn.keeps:
        return replace(reply, messages=(Message((whispers.UNAWAITED,)), *reply.messages), confidential=True)
    told = Message((whispers.UNAWAITED, whispers.TAKEN_OUT))
    return replace(reply, messages=(Removal(turn.message_id), told, *reply.messages), confidential=True, fleeting=True)
