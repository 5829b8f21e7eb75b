"""When the last letter will be out, as far as can be told. Pure."""

from datetime import datetime, timedelta

from handlers.days import EVENING, Calendar, NoCalendar, speaks_again

WINDOW = timedelta(seconds=15)
"""The speed is that of the last moments: quickly counted, and soon right after a pause."""
FARTHEST = 366
"""Working days beyond which nothing is estimated."""


def ends(left: int, sent: int, within: timedelta, now: datetime, calendar: Calendar | None) -> datetime | None:
    """When `left` letters are out at the speed at which `sent` went out within that time; None where that cannot be
    told: none went out. `calendar`: the quiet hours and days of rest in between count; None: they are not kept. `now`
    as the organ's clock shows it."""
    if not left or not sent or not within:
        return None
    needed = within * (left / sent)
    if calendar is None:
        return now + needed
    try:
        for _ in range(FARTHEST):
            now = speaks_again(now, calendar)
            evening = datetime.combine(now.date(), EVENING, now.tzinfo)
            if now + needed <= evening:
                return now + needed
            needed -= evening - now
            now = evening
    except NoCalendar:
        """Nobody knows yet on which days it goes on."""
    return None
