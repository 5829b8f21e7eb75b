"""What an officer of the HR office is told of rounds in chat, and the buttons under it.

Buttons carry `verb:round[:…]`; none of them does anything for somebody without the role.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers.surveys.rules.rounds import ENDED, UNOPENED
from handlers.talk import Button, Label, Message, Part, Text, t, tn
from storage.records import REACHES, Audience, Disposition, Questionnaire, Round, RoundState, Unit, Weighed, Whom

Counts = Mapping[Disposition, int]
Rows = tuple[tuple[Button, ...], ...]

STATES: Mapping[RoundState, Text] = {
    RoundState.DRAFT: t("draft, waits for approval"),
    RoundState.PLANNED: t("planned"),
    RoundState.OPEN: t("open"),
    RoundState.PAUSED: t("paused"),
    RoundState.CLOSED: t("closed"),
    RoundState.CANCELLED: t("called off"),
}
STANDINGS: Mapping[Disposition, Text] = {
    Disposition.HANDED_IN: t("handed in"),
    Disposition.STARTED: t("begun"),
    Disposition.DELIVERED: t("invitation delivered, not begun"),
    Disposition.INVITED: t("invitation sent, not begun"),
    Disposition.PLANNED: t("invitation not sent yet"),
    Disposition.PARTLY: t("closed in the middle"),
    Disposition.UNANSWERED: t("closed without an answer"),
    Disposition.DECLINED: t("do not take part"),
    Disposition.EXCUSED: t("excused"),
    Disposition.UNREACHABLE: t("without an account, to be asked on paper"),
}
PAGE = 6
"""Rounds in one message."""
A_SECOND = 25
"""Letters a second that a platform surely takes: somewhat less than Telegram's 30."""

LIST = Button(t("All rounds"), "rl")
NEW = Button(t("Plan a round"), "n")
MENU = Button(t("Menu"), "m")


def lines(*parts: Part) -> Text:
    """Several parts as lines of one paragraph."""
    named = {f"line{number}": part for number, part in enumerate(parts)}
    return Text("\n".join(f"{{{name}}}" for name in named), named)


def all_rounds(rounds: Sequence[Round], page: int) -> Message:
    """A page of the list, newest first."""
    shown = rounds[page * PAGE : (page + 1) * PAGE]
    if not shown:
        return Message((t("There are no rounds yet."),), ((NEW, MENU),))
    turns = [Button(t("Newer"), f"rl:{page - 1}")] if page else []
    turns += [Button(t("Older"), f"rl:{page + 1}")] if len(rounds) > (page + 1) * PAGE else []
    rows = [(Button(round.name, f"r:{round.id}"),) for round in shown]
    return Message(
        (lines(*(_line(round) for round in shown)),), (*rows, *([tuple(turns)] if turns else []), (NEW, MENU))
    )


def _line(round: Round) -> Text:
    state = STATES[round.state]
    if round.state not in ENDED and round.closes is not None:
        return t("“{round}”: {state}, until {time}", round=round.name, state=state, time=round.closes)
    return t("“{round}”: {state}", round=round.name, state=state)


def details(round: Round, title: Label, who: Part, size: Weighed | None, counts: Counts, own: bool) -> Message:
    """One round; `size`: of its audience where it is not open yet, `own`: the reader has drawn it up."""
    facts: list[Part] = [_line(round), t("Questionnaire: {title}", title=title), t("Asked: {who}", who=who)]
    if round.created_by:
        facts.append(t("Drawn up by {person}", person=round.created_by))
    if round.approved is not None:
        facts.append(t("Approved by {person} on {time}", person=round.approved_by, time=round.approved))
    if size:
        facts += sized(size, round)
    below = () if round.state in UNOPENED else (numbers(counts),)
    return Message((lines(*facts), *below), _acts(round, own))


def audience(asked: Audience, units: Sequence[Unit]) -> Part:
    """Who is asked, in words."""
    within = (*asked.unit_ids, *asked.alone_ids)
    names = "、".join(unit.name for unit in units if unit.id in within)
    narrowed = replace(asked, unit_ids=(), alone_ids=(), excused=(), exempt=()) != Audience()
    if narrowed:
        return t("part of {units}", units=names) if names else t("part of the organ")
    return names or t("the whole organ")


def sized(size: Weighed, round: Round | None = None) -> list[Part]:
    """How many an audience is, of a round where there is one already."""
    told: list[Part] = [tn("{count} person would be asked.", "{count} people would be asked.", size.asked)]
    if size.unreachable and round and round.anonymous:
        told.append(
            tn(
                "{count} of them has no account and cannot answer.",
                "{count} of them have no account and cannot answer.",
                size.unreachable,
            )
        )
    elif size.unreachable:
        told.append(
            tn(
                "{count} of them has no account and must be asked on paper.",
                "{count} of them have no account and must be asked on paper.",
                size.unreachable,
            )
        )
    if excused := sum(size.excused.values()):
        told.append(tn("{count} more is excused.", "{count} more are excused.", excused))
    return told


def numbers(counts: Counts) -> Text:
    """How many have come how far; they add up to everybody on the roll."""
    there = [(words, counts[standing]) for standing, words in STANDINGS.items() if counts[standing]]
    total = tn("{count} person on the roll:", "{count} people on the roll:", sum(counts.values()))
    return lines(total, *(t("{count} {standing}", count=count, standing=words) for words, count in there))


def _acts(round: Round, own: bool) -> Rows:
    def act(words: Text, verb: str) -> Button:
        return Button(words, f"{verb}:{round.id}")

    look = (act(t("Preview"), "rw"), act(t("Try it"), "rt"))
    end = (act(t("Close"), "rc"), act(t("Call off"), "rx"))
    longer = () if round.anonymous else (act(t("Extend"), "re"),)
    match round.state:
        case RoundState.DRAFT:
            first: Rows = () if own else ((act(t("Approve"), "rv"),),)
            rows: Rows = (*first, look, (act(t("Call off"), "rx"),))
        case RoundState.PLANNED:
            rows = ((act(t("Send out"), "ro"),), look, (act(t("Call off"), "rx"),))
        case RoundState.OPEN:
            rows = ((*longer, act(t("Pause"), "rp")), end)
        case RoundState.PAUSED:
            rows = ((*longer, act(t("Resume"), "rr")), end)
        case _:
            rows = ()
    return (*rows, (act(t("Repeat"), "rn"), LIST))


def running(found: Sequence[tuple[Round, Counts]]) -> Message:
    """Honest numbers of all running rounds; no names, and no unit beside another."""
    if not found:
        return Message((t("No round is open at the moment."),), ((LIST,),))
    told = tuple(lines(_line(round), numbers(counts)) for round, counts in found)
    return Message(told, (*((Button(round.name, f"r:{round.id}"),) for round, _ in found), (LIST,)))


def to_send(rounds: Sequence[Round]) -> Message:
    """Which round is to be sent out?"""
    if not rounds:
        return Message((t("No round waits to be sent out."),), ((NEW, LIST),))
    return Message(
        (t("Which round is to be sent out?"), lines(*(_line(round) for round in rounds))),
        (*((Button(round.name, f"ro:{round.id}"),) for round in rounds), (NEW, LIST)),
    )


# Before something is done: what will happen ---------------------------------------------------------------


def shown(invitation: Message, round: Round) -> Message:
    """The invitation as it will look, without its buttons; then what can be done."""
    rows = ((Button(t("Try it"), f"rt:{round.id}"), _back(round)),)
    return Message((t("This is how the invitation will look:"), *invitation.parts), rows)


def before_sending(round: Round, size: Weighed, invitation: Message) -> Message:
    """Is it to go out? The button carries how many would be asked: another number asks again."""
    facts: list[Part] = [t("“{round}” would go out now.", round=round.name), *sized(size, round), *_how_long(size)]
    rows = (
        (Button(t("Send it now"), f"roy:{round.id}:{size.asked}"),),
        (Button(t("Try it"), f"rt:{round.id}"), _back(round)),
    )
    return Message((lines(*facts), t("This is how the invitation will look:"), *invitation.parts), rows)


def _how_long(size: Weighed) -> list[Part]:
    letters = size.asked - size.unreachable
    if not letters:
        return [t("No account is bound: nobody would get it.")]
    minutes = -(-letters // (60 * A_SECOND))
    return [tn("That takes about {count} minute.", "That takes about {count} minutes.", minutes)]


def before_closing(round: Round, counts: Counts) -> Message:
    """Is it to close now?"""
    told = (
        t("“{round}” would close now, for good.", round=round.name),
        _handed_in(counts),
        tn(
            "{count} is in the middle of it; the answers so far are kept, and whoever gave any is told so.",
            "{count} are in the middle of it; their answers so far are kept, and whoever gave any is told so.",
            counts[Disposition.STARTED],
        ),
        t("Nobody can answer or hand in afterwards."),
    )
    return Message((lines(*told),), ((Button(t("Close it now"), f"rcy:{round.id}"), _back(round)),))


def before_calling_off(round: Round, counts: Counts, reason: str) -> Message:
    """Is it to be called off, for this reason?"""
    told: list[Part] = [t("“{round}” would be called off, for good.", round=round.name)]
    if round.state in UNOPENED:
        told.append(t("Nobody has been asked yet, and nobody is told."))
    else:
        told += [
            tn(
                "{count} person was asked and is told why:",
                "{count} people were asked and are told why:",
                _told(Whom.EVERYBODY, counts),
            ),
            f"“{reason}”",
            t("Answers are kept, and nobody can answer afterwards."),
        ]
    rows = (
        (Button(t("Call it off"), f"rxy:{round.id}"), Button(t("Another reason"), f"rx:{round.id}")),
        (_back(round),),
    )
    return Message((lines(*told),), rows)


def before_extending(round: Round, closes: datetime, counts: Counts) -> Message:
    """Was the time understood?"""
    told: list[Part] = [t("“{round}” would stay open until {time}.", round=round.name, time=closes)]
    if round.closes is not None:
        told.append(t("So far it closes on {time}.", time=round.closes))
    if round.state not in UNOPENED:
        told.append(
            tn(
                "{count} who has not handed in is told.",
                "{count} who have not handed in are told.",
                _told(Whom.PENDING, counts),
            )
        )
    rows = (Button(t("Extend it"), f"rey:{round.id}:{packed(closes)}"), Button(t("Another time"), f"re:{round.id}"))
    return Message((lines(*told),), (rows, (_back(round),)))


def before_repeating(round: Round, closes: datetime) -> Message:
    """Was the time understood?"""
    told = (
        t("A new draft would be drawn up with all settings of “{round}”.", round=round.name),
        t("It would be open until {time}.", time=closes),
        t("Somebody else of the HR office then approves it."),
    )
    rows = (Button(t("Draw it up"), f"rny:{round.id}:{packed(closes)}"), Button(t("Another time"), f"rn:{round.id}"))
    return Message((lines(*told),), (rows, (_back(round),)))


def which_time(round: Round, verb: str, found: Sequence[datetime]) -> Message:
    """To words that name several times, or none."""
    if not 1 < len(found) <= 4:
        return ask_time(round, t("That is no time I understand."))
    rows = tuple((Button(Text("{time}", {"time": one}), f"{verb}t:{round.id}:{packed(one)}"),) for one in found)
    return Message((t("Which of these do you mean?"),), (*rows, (_back(round),)))


def ask_time(round: Round, before: Part = "") -> Message:
    """Until when?"""
    now: Sequence[Part] = (
        [t("“{round}” closes on {time}.", round=round.name, time=round.closes)] if round.closes is not None else []
    )
    asked = t("Until when is it to be open? For example: 20 December, +3 days, tomorrow at 5pm, 2026-12-20 18:00.")
    return Message((*([before] if before else now), asked), ((_back(round),),))


def ask_reason(round: Round) -> Message:
    """Why is it called off?"""
    told = t("Why is “{round}” called off? Whoever was asked is told these words. Please type them.", round=round.name)
    return Message((told,), ((_back(round),),))


def _told(whom: Whom, counts: Counts) -> int:
    """How many a notice reaches: those without an account hear nothing."""
    return sum(counts[one] for one in REACHES[whom] if one is not Disposition.UNREACHABLE)


def _handed_in(counts: Counts) -> Text:
    return tn("{count} has handed in.", "{count} have handed in.", counts[Disposition.HANDED_IN])


def _back(round: Round) -> Button:
    return Button(t("Go back"), f"r:{round.id}")


def packed(moment: datetime) -> int:
    """A moment to the minute in a button."""
    return int(moment.timestamp()) // 60


def unpacked(minutes: int) -> datetime:
    """The moment a button carries."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)


def titled(questionnaire: Questionnaire) -> Label:
    """The title of a questionnaire, as its author gave it."""
    return Label(questionnaire.title)
