"""Somebody answers an anonymous round: the way to its page, and the choices that may be tapped in a chat.

One message, edited in place. How far it is lies in the sealed draft, never at the account. Every door here is private:
nothing it hears or says is kept. Words are not heard at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers import doors
from handlers.forms.form import Form
from handlers.forms.moves import Ask, Done, Event, Review, Step, Submit
from handlers.forms.walk import begin, current, step
from handlers.refusals import NotFound
from handlers.surveys import booth, tickets
from handlers.surveys import desk as at
from handlers.surveys.rules import asking, guiding, honesty, looking, tapping, whispers
from handlers.surveys.rules.places import Place, View
from handlers.surveys.wording import form_of
from handlers.talk import Message, Part, Removal, Reply, Turn, say, t
from storage.records import Invitation, Round, Ticket
from storage.store import Store

LATE = t("This has changed since. Here is the present question.")
HERE, ANEW = 1, 2
"""Behind a round's id in a button: in the place of this message; the same, from the beginning."""
SHOWN = "chat"
"""In the sealed draft: the account and the message in which a question was last answered, so that no other stays."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A ballot that is being filled in. `link`: to its page."""

    round: Round
    form: Form
    ticket: Ticket
    link: str
    walk: Mapping[str, Any]

    def place(self, turn: Turn, events: Sequence[Event], view: View) -> Place:
        """Where the events are to be said."""
        return Place(
            *(self.form, self.round.id, int(self.walk["seq"]), view.page, view.part),
            same=tapping.before(self.form, self.walk, events, turn.now),
            language=turn.language,
            link=self.link,
        )


@doors.tap("bl")
@doors.private
async def page_link(turn: Turn, store: Store) -> Reply:
    """The way to the page: with a ticket where nobody keeps it, else the plain address."""
    round_id, *here = at.numbers(turn, 1)
    round, line = await _asked(turn, store, round_id)
    aside = await _aside(turn, store)
    told = await _way(turn, store, round, line)
    return Reply((*aside, replace(told, replaces=turn.message_id if here else "")))


@doors.tap("bo")
@doors.private
async def open_ballot(turn: Turn, store: Store) -> Reply:
    """Begin to tap, or go on; where that cannot be in this chat, the way to the page."""
    round_id, *how = at.numbers(turn, 1)
    round, line = await _asked(turn, store, round_id)
    aside = await _aside(turn, store)
    away = await _shown_before(turn, store, round, line)
    opened = await _opened(turn, store, round, line, anew=how == [ANEW])
    return Reply((*aside, *away, replace(opened, replaces=turn.message_id if how else "")))


@doors.tap("b", "bb", "bd", "be", "bg", "bn", "bs", "bt", "bv", "bx", "by")
@doors.private
async def take_answer(turn: Turn, store: Store) -> Reply:
    """A button that answers, goes back, skips, ticks, chooses a line of the review, adds or takes away an entry."""
    ballot, about = await _present(turn, store)
    if isinstance(ballot, Reply):
        return ballot
    present = current(ballot.form, ballot.walk, turn.now)[-1]
    given, toast = tapping.given(ballot.form, "a" + at.verb(turn)[1:], about, present)
    if not given:
        return _show(turn, ballot, toast=LATE)
    took = Step(dict(ballot.walk), ())
    for one in given:
        took = step(ballot.form, took.state, one, turn.now)
    view = tapping.view(0, given[-1], present)
    return await _kept(turn, store, ballot, took, view, "" if asking.refused(took) else toast)


@doors.tap("bm", "bp", "bq")
@doors.private
async def turn_page(turn: Turn, store: Store) -> Reply:
    """Another part of a long list, another page of the review, or from the help back to the question."""
    ballot, about = await _present(turn, store)
    if isinstance(ballot, Reply):
        return ballot
    number = about[0] if about else 0
    return _show(turn, ballot, View(part=number) if at.verb(turn) == "bm" else View(number))


@doors.tap("bw")
@doors.private
async def show_help(turn: Turn, store: Store) -> Reply:
    """Help on the present question, in its place."""
    ballot, _ = await _present(turn, store)
    if isinstance(ballot, Reply):
        return ballot
    match current(ballot.form, ballot.walk, turn.now):
        case [*_, Ask() as asked]:
            parts, rows = guiding.guide(ballot.place(turn, (asked,), View()), asked)
            return say(*parts, buttons=rows, replaces=turn.message_id)
    return _show(turn, ballot, toast=LATE)


@doors.tap("br")
@doors.private
async def ask_removal(turn: Turn, store: Store) -> Reply:
    """Is this entry really to go?"""
    ballot, about = await _present(turn, store)
    if isinstance(ballot, Reply):
        return ballot
    match current(ballot.form, ballot.walk, turn.now), about:
        case [*_, Review(lines=lines) as review], [number] if number < len(lines) and lines[number].heading:
            parts, rows = looking.removal(ballot.place(turn, (review,), View()), lines[number], number)
            return say(*parts, buttons=rows, replaces=turn.message_id)
    return _show(turn, ballot, toast=LATE)


@doors.tap("bh")
@doors.private
async def hand_in(turn: Turn, store: Store) -> Reply:
    """The review is right: the ballot is cast, in the place of an earlier one."""
    ballot, _ = await _present(turn, store)
    if isinstance(ballot, Reply):
        return ballot
    took = step(ballot.form, ballot.walk, Submit(), turn.now)
    if not any(isinstance(event, Done) for event in took.events):
        return await _kept(turn, store, ballot, took, View())
    await booth.cast(ballot.round, ballot.form, ballot.ticket, took.state, turn.now, store)
    told = replace(whispers.cast(ballot.round), replaces=turn.message_id)
    return Reply((*_others(turn, ballot.walk), told))


@doors.tap("bz")
@doors.private
async def take_away(turn: Turn, store: Store) -> Reply:
    """The message under which this was tapped goes; what was answered stays."""
    return Reply((Removal(turn.message_id),), toast=whispers.STAYS)


# Which ballot, and is it present -------------------------------------------------------------------------


async def _asked(turn: Turn, store: Store, round_id: int) -> tuple[Round, Invitation]:
    """An anonymous round this person is asked in, and their line of the roll. Raises as `desk.asked_in`."""
    person = at.person(turn)
    round = await at.asked_in(person, round_id, store)
    line = await store.surveys.invitation(round_id, person.id)
    if line is None or not round.anonymous:
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    return round, line


async def _aside(turn: Turn, store: Store) -> tuple[Message, ...]:
    """Words typed from now on go to no named round; what is said where one was in the middle."""
    told = await at.set_aside(turn, store)
    if turn.account.flow:
        await store.people.set_flow(turn.account.id, "")
    return told


async def _way(turn: Turn, store: Store, round: Round, line: Invitation) -> Message:
    """The way to the page. Raises as `tickets.of`."""
    if turn.keeps:
        await tickets.of(round, at.person(turn), line, turn.now, store)
        return whispers.page(round, f"{turn.site}/ballot/{round.id}")
    return whispers.ticket(round, await _link(turn, store, round, line))


async def _link(turn: Turn, store: Store, round: Round, line: Invitation) -> str:
    ticket = await tickets.issue(round, at.person(turn), line, turn.now, store)
    return f"{turn.site}/ballot/{round.id}#{ticket}"


async def _opened(turn: Turn, store: Store, round: Round, line: Invitation, *, anew: bool = False) -> Message:
    """The present question, before the first one what is promised in this chat; or what there is to say where none is
    asked here."""
    form = await form_of(round, store)
    if turn.keeps or not round.secrecy.in_chat or not whispers.fits_a_chat(form):
        return await _way(turn, store, round, line)
    ticket = await tickets.of(round, at.person(turn), line, turn.now, store)
    walk = await booth.draft(round, ticket, store)
    if walk is None and not anew and await store.ballots.has(round.id, ticket.tag):
        return whispers.already(round)
    promise: tuple[Part, ...] = ()
    if walk is None:
        walk = begin(form, turn.now, ticket.tag.hex()).state
        await booth.keep(round, form, ticket, walk, turn.now, store)
        promise = honesty.promise(round, turn.account.channel)
    ballot = Ballot(round, form, ticket, await _link(turn, store, round, line), walk)
    said = _said(turn, ballot, current(form, walk, turn.now), View())
    return replace(said, parts=(*promise, *said.parts))


async def _present(turn: Turn, store: Store) -> tuple[Ballot | Reply, list[int]]:
    """The ballot a button is about, and the numbers it carries; to a button that is late, what is present."""
    round_id, seq, *about = at.numbers(turn, 2)
    round, line = await _asked(turn, store, round_id)
    aside = await _aside(turn, store)
    ticket = await tickets.of(round, at.person(turn), line, turn.now, store)
    walk = await booth.draft(round, ticket, store)
    if walk is None or walk["seq"] != seq or aside or turn.keeps or not round.secrecy.in_chat:
        opened = await _opened(turn, store, round, line)
        return Reply((*aside, replace(opened, replaces=turn.message_id)), toast=LATE), about
    form = await form_of(round, store)
    return Ballot(round, form, ticket, await _link(turn, store, round, line), walk), about


async def _kept(turn: Turn, store: Store, ballot: Ballot, took: Step, view: View, toast: Part = "") -> Reply:
    """Keeps the step, sealed, and says what happened in the place of the tapped message."""
    walk = {**took.state, SHOWN: f"{turn.account.id}:{turn.message_id}"}
    await booth.keep(ballot.round, ballot.form, ballot.ticket, walk, turn.now, store)
    said = _said(turn, replace(ballot, walk=walk), took.events, view)
    return Reply((*_others(turn, ballot.walk), replace(said, replaces=turn.message_id)), toast)


async def _shown_before(turn: Turn, store: Store, round: Round, line: Invitation) -> tuple[Removal, ...]:
    """Where questions stand at this account already, but for this message."""
    if turn.keeps:
        return ()
    ticket = await tickets.of(round, at.person(turn), line, turn.now, store)
    return _others(turn, await booth.draft(round, ticket, store) or {})


def _others(turn: Turn, walk: Mapping[str, Any]) -> tuple[Removal, ...]:
    account, _, message_id = str(walk.get(SHOWN, "")).partition(":")
    mine = account == str(turn.account.id) and message_id != turn.message_id
    return (Removal(message_id),) if mine else ()


def _show(turn: Turn, ballot: Ballot, view: View | None = None, toast: Part = "") -> Reply:
    """What is present once more, in the place of the tapped message; nothing is written."""
    events = current(ballot.form, ballot.walk, turn.now)
    return Reply((replace(_said(turn, ballot, events, view or View()), replaces=turn.message_id),), toast)


def _said(turn: Turn, ballot: Ballot, events: Sequence[Event], view: View) -> Message:
    return asking.put(ballot.place(turn, events, view), events)[-1]
