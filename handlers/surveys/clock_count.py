"""What time brings to anonymous rounds that have ended: what a crash, or nobody at all, has left to be destroyed."""

from datetime import datetime

from handlers import doors
from handlers.surveys.counting import go_on, unfinished
from storage.store import Store


@doors.each(seconds=5, due=unfinished)
async def finish_count(round_id: int, now: datetime, store: Store) -> int:
    """Seals the urn of a closed round and destroys its tag key; destroys ballots and box key of one that is counted or
    called off."""
    await go_on(round_id, now, store)
    return 1
