"""Whether a broadcast goes on now, waits, or is over. Pure."""

from datetime import datetime, tzinfo
from enum import Enum, auto

from handlers.days import EVENING, MORNING, Calendar, NoCalendar, may_speak
from handlers.surveys.rules.rounds import has_ended
from storage.records import Broadcast, BroadcastKind, Round, RoundState


class Course(Enum):
    """What is to be done with a broadcast under way."""

    GO = auto()
    WAIT = auto()
    END = auto()


def course(broadcast: Broadcast, round: Round, now: datetime, calendar: Calendar) -> Course:
    """Of a paused round nothing is sent, of one that has ended nothing ever; but a notice goes out whatever became of
    its round. All of them keep the quiet hours: reminders always, others unless they began in them, for then
    somebody wanted it so. `now` as the organ's clock shows it."""
    if broadcast.kind is not BroadcastKind.NOTICE:
        if has_ended(round, now):
            return Course.END
        if round.state is not RoundState.OPEN:
            return Course.WAIT
    waits = keeps_quiet(broadcast, now.tzinfo, calendar) and is_quiet(broadcast.kind, now, calendar)
    return Course.WAIT if waits else Course.GO


def keeps_quiet(broadcast: Broadcast, zone: tzinfo | None, calendar: Calendar) -> bool:
    """Does it wait for the morning? Reminders always; others unless they began in quiet hours."""
    begun = broadcast.created.astimezone(zone)
    return broadcast.kind is BroadcastKind.REMINDER or not is_quiet(broadcast.kind, begun, calendar)


def is_quiet(kind: BroadcastKind, moment: datetime, calendar: Calendar) -> bool:
    """Is nothing of this kind said now of our own accord? Where nobody knows the days of rest yet, reminders wait until
    somebody does (`huiyin check` and the round's progress say so); the others keep the night."""
    try:
        return not may_speak(moment, calendar)
    except NoCalendar:
        return kind is BroadcastKind.REMINDER or not MORNING <= moment.time() < EVENING
