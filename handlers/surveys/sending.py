"""What of a round is still to be said, and until when that will take."""

from datetime import datetime, timedelta

from handlers.days import Calendar
from handlers.surveys.rules import estimate
from handlers.surveys.rules.fanning import keeps_quiet
from storage.records import BroadcastKind, Round, RoundState
from storage.store import Store


async def letters_of(round: Round, planned: int, now: datetime, store: Store) -> tuple[int, datetime | None]:
    """How many letters are still to go out, those of the `planned` lines of the roll among them; and when the last of
    them will be out, as far as can be told."""
    under_way = [one for one in await store.broadcasts.of(round.id) if not one.ended]
    inviting = any(one.kind is BroadcastKind.INVITATION for one in under_way)
    left = await store.surveys.letters(round.id) + (planned if inviting else 0)
    if not under_way or round.state is RoundState.PAUSED:
        return left, None
    ids = [one.id for one in under_way]
    within = min(estimate.WINDOW, max(now - min(one.created for one in under_way), timedelta(seconds=1)))
    sent = await store.outbox.sent_since(ids, now - within)
    calendar = Calendar(await store.calendar.days())
    quiet = any(keeps_quiet(one, now.tzinfo, calendar) for one in under_way)
    return left, estimate.ends(left, sent, within, now, calendar if quiet else None)
