"""When people are reminded, of what, and in which words: few times, politely, never of anybody else's answers.

Reminder `k` is due at `AT` on the working day `first + (k - 1) * every` after the day the round opened. One that could
not be said then (night, rest day, downtime, pause) is said as soon as it may be, and only the latest of several. In
anonymous rounds nobody knows who has answered: the same words go to everybody, twice at most.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from handlers.days import Calendar, NoCalendar, working_days_after
from handlers.refusals import BadInput
from handlers.surveys.rules.honesty import ways_in
from handlers.surveys.rules.notices import waiting
from handlers.surveys.rules.rounds import ENDED
from handlers.talk import Button, Message, Part, Text, t, tn
from storage.records import Broadcast, BroadcastKind, Reminding, Round, RoundState, Sheet, Whom

AT = time(10, 5)
"""When reminders go out, on the organ's clock: people are at their desks, and it is not on the hour or half-hour, when
some platforms take less (`platforms.md` 4.2)."""
MOST = 3
MOST_ANONYMOUS = 2
"""To everybody alike, as nobody knows who has answered."""
LONGEST = 60
"""working days from one reminder to the next"""


def check(reminding: Reminding) -> None:
    """Raises BadInput where a round or a plan may not remind like this."""
    waits = (reminding.first, reminding.every)
    if not 0 <= reminding.most <= MOST or not all(1 <= wait <= LONGEST for wait in waits):
        raise BadInput(
            t(
                "At most {most} reminders are possible (0: none), the first after 1 to {longest} working days, "
                "the next ones every 1 to {longest} working days.",
                most=MOST,
                longest=LONGEST,
            )
        )


def most(round: Round) -> int:
    """How many reminders this round has at most."""
    return min(round.reminding.most, MOST_ANONYMOUS) if round.anonymous else round.reminding.most


def said(broadcasts: Sequence[Broadcast]) -> int:
    """The number of a round's last reminder, of all that was said to its roll."""
    return max((one.number for one in broadcasts if one.kind is BroadcastKind.REMINDER), default=0)


def may_begin(round: Round, today: Sequence[Broadcast]) -> bool:
    """May its reminder begin beside those of today and those still under way, so that nobody gets two in a day?

    Who has been reminded of a named round today is left out of the others, for the message was of all of them. But out
    of what goes to everybody alike nobody may be left: that has a day to itself, and the named ones wait for the next.
    """
    return not today if round.anonymous else all(one.whom is not Whom.EVERYBODY for one in today)


def due_at(round: Round, number: int, calendar: Calendar, opens: datetime) -> datetime:
    """When the reminder of this number is due if the round opens then, on the clock of `opens`. Raises NoCalendar."""
    ahead = round.reminding.first + (number - 1) * round.reminding.every
    return datetime.combine(working_days_after(opens.date(), ahead, calendar), AT, opens.tzinfo)


def due(round: Round, said: int, now: datetime, calendar: Calendar) -> int:
    """The number of the reminder of an open round to be said now, 0 if there is none; `said`: that of the last one.

    Several that were missed are one: the latest. Where the calendar of a year is missing, those that need it wait.
    """
    found = 0
    if round.opens is None:
        return found
    for number in range(said + 1, most(round) + 1):
        try:
            if due_at(round, number, calendar, round.opens.astimezone(now.tzinfo)) > now:
                break
        except NoCalendar:
            break
        found = number
    return found


def missing_year(round: Round, said: int, now: datetime, calendar: Calendar) -> int:
    """The year without a calendar that a running or planned round needs for a reminder before it closes; 0: none."""
    if round.state in ENDED or round.opens is None or said >= most(round):
        return 0
    try:
        if round.state in (RoundState.OPEN, RoundState.PAUSED):
            calendar.is_working_day(now.date())
        due_at(round, most(round), calendar, round.opens.astimezone(now.tzinfo))
    except NoCalendar as missing:
        open_then = round.closes is None or round.closes.astimezone(now.tzinfo).year >= missing.year
        return missing.year if open_then else 0
    return 0


def reminder(round: Round, number: int, tasks: Sequence[tuple[Round, Sheet | None]], now: datetime) -> Message:
    """To somebody who has not handed in `round`; `tasks`: all named rounds that are open for them, this one too."""
    shown = waiting(tasks)
    mute = Button(t("No more reminders"), "mu:on")
    words = (_opening(round, number, now), *shown.parts)
    return replace(shown, parts=words, buttons=(*shown.buttons, (mute,)))


def _opening(round: Round, number: int, now: datetime) -> Part:
    """Three ways to say it; each names what time there is."""
    if number == 1:
        return _days_left(round, now)
    if number == 2:
        return _still_open(round)
    if round.closes is None:
        return t("This is our last reminder of “{round}”; it stays open for you.", round=round.name)
    return t("This is our last reminder of “{round}”. It stays open until {time}.", round=round.name, time=round.closes)


def _still_open(round: Round) -> Text:
    if round.closes is None:
        return t("“{round}” is still open for you. A part now and the rest later will do, too.", round=round.name)
    return t(
        "There is time for “{round}” until {time}. A part now and the rest later will do, too.",
        round=round.name,
        time=round.closes,
    )


def _days_left(round: Round, now: datetime) -> Text:
    if round.closes is None:
        return t("A friendly reminder of “{round}”, for when it suits you.", round=round.name)
    left = (round.closes.astimezone(now.tzinfo).date() - now.date()).days
    if left <= 0:
        return t("A friendly reminder: “{round}” closes today, at {time}.", round=round.name, time=round.closes)
    return tn(
        "A friendly reminder: “{round}” is open for one more day.",
        "A friendly reminder: “{round}” is open for {count} more days.",
        left,
        round=round.name,
    )


def anonymous_reminder(round: Round, number: int) -> Message:
    """To everybody alike who was asked in an anonymous round."""
    parts: list[Part] = [
        t("“{round}” is anonymous and still open.", round=round.name)
        if number == 1
        else t("The anonymous questionnaire “{round}” can still be answered.", round=round.name)
    ]
    if round.closes is not None:
        parts.append(t("It is open until {time}.", time=round.closes))
    parts.append(
        t("This goes to everybody who was asked, as nobody can see who has answered. If you have, please ignore it.")
    )
    return Message(tuple(parts), (*ways_in(round), (Button(t("No more reminders"), "mu:on"),)))
