"""What the roster has to do with rolls that are open: who leaves, who comes back, who can be reached at last."""

from datetime import datetime

from handlers import doors
from handlers.surveys.opening import invite
from storage.store import Store


@doors.every(seconds=60)
async def follow_roster(now: datetime, store: Store) -> int:
    """In the open rounds, who left the organ is excused, who is back and who has an account at last is invited;
    returns how many that were."""
    gone = await store.roll.excuse_leavers()
    back = await store.roll.readmit_returners() + await store.roll.reach_again()
    if back:
        for round_id in await store.roll.planned():
            round = await store.surveys.round(round_id)
            if round is not None:
                await invite(round, now, store)
    return gone + back
