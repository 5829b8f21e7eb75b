"""A civil servant answers: what waits, the questions one by one, the review, the receipt.

The state belongs to the person, not to the account: it is in the sheet of the round, and any account
of the person goes on where another stopped. An account's flow `answer:<round>` only says where typed
words go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from handlers import doors
from handlers.forms.form import Form, load
from handlers.forms.walk import (
    Answer,
    Ask,
    Back,
    Done,
    Given,
    Picked,
    Review,
    Say,
    Skip,
    Step,
    Submit,
    Toggle,
    Visit,
    begin,
    current,
    step,
)
from handlers.refusals import NotAllowed, NotFound
from handlers.surveys.rules import asking, notices, passes, sheets
from handlers.surveys.rules.rounds import has_ended, takes_answers
from handlers.talk import Button, Message, Part, Reply, Tap, Turn, Typed, say, t
from storage.records import Disposition, Person, Round, Sheet
from storage.store import Store

LATE = t("That was an earlier question. “Back”, or the review at the end, lets you change it.")
ELSEWHERE = t("You went on at another place. This is the present question:")


@dataclass(frozen=True, slots=True)
class Desk:
    """An open round with the person's sheet on it."""

    round: Round
    form: Form
    sheet: Sheet

    @property
    def seq(self) -> int:
        """What the buttons of the present question carry."""
        return int(sheets.walk_of(self.sheet)["seq"])


@doors.command("my")
@doors.tap("my")
async def show_mine(turn: Turn, store: Store) -> Reply:
    """What waits for me, and the receipts of what I handed in."""
    person = _person(turn)
    found = [
        (round, await store.surveys.sheet(round.id, person.id))
        for round, _ in await store.surveys.invitations(person.id)
        if not has_ended(round, turn.now)
    ]
    waiting = notices.waiting(found)
    return say(*waiting.parts, buttons=waiting.buttons, replaces=_tapped(turn))


@doors.tap("ao")
async def open_sheet(turn: Turn, store: Store) -> Reply:
    """Begin a round, or go on where I stopped."""
    desk = await _desk(turn, store, _numbers(turn, 1)[0])
    if isinstance(desk, Reply):
        return desk
    if sheets.is_final(desk.sheet):
        return Reply((notices.already(desk.round, desk.sheet),))
    going_on = t("You are going on with “{round}”, a named questionnaire.", round=desk.round.name)
    return await _again(turn, store, desk, going_on, replaces=_tapped(turn))


@doors.tap("aw")
async def page_link(turn: Turn, store: Store) -> Reply:
    """A link to fill in this round on a page: for me alone, once, and not in the transcript."""
    person = _person(turn)
    round = await store.surveys.round(_numbers(turn, 1)[0])
    if round is None or await store.surveys.invitation(round.id, person.id) is None:
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    key, issued = passes.issued(person.id, round.id, turn.now, turn.draw)
    await store.access.put_pass(issued, turn.now)
    told = notices.page_link(round, f"{turn.site}/form/{round.id}?key={key}", issued.expires)
    return Reply((told,), confidential=True)


@doors.tap("ac")
async def change_answers(turn: Turn, store: Store) -> Reply:
    """Back to the review of what I handed in; it counts as it was until I hand in again."""
    desk = await _desk(turn, store, _numbers(turn, 1)[0])
    if isinstance(desk, Reply):
        return desk
    if not sheets.is_final(desk.sheet):
        return await _again(turn, store, desk)
    sheet = sheets.reopened(desk.sheet)
    told = t("You handed in “{round}” before: that counts until you hand in again.", round=desk.round.name)
    return await _again(turn, store, Desk(desk.round, desk.form, sheet), told)


@doors.tap("a", "ab", "as", "ax", "at", "ad", "av")
async def take_answer(turn: Turn, store: Store) -> Reply:
    """A button under a question: an answer, back, skip, or one answer of the review to change."""
    verb, (round_id, seq, *about) = _verb(turn), _numbers(turn, 2)
    desk = await _desk(turn, store, round_id)
    if isinstance(desk, Reply):
        return desk
    if late := await _late(turn, store, desk, seq):
        return late
    given, toast = _given(desk, verb, about)
    if given is None:
        return Reply(toast=LATE)
    page = about[0] // asking.LINES if isinstance(given, Visit) else sheets.page_of(desk.sheet)
    took = step(desk.form, sheets.walk_of(desk.sheet), given, _today(turn))
    message = await _put(turn, store, desk, took, page, replaces=turn.message_id)
    return Reply((message,), "" if asking.refused(took) else toast)


@doors.tap("ap")
async def turn_page(turn: Turn, store: Store) -> Reply:
    """Another page of the review."""
    round_id, seq, page, *_ = _numbers(turn, 3)
    desk = await _desk(turn, store, round_id)
    if isinstance(desk, Reply):
        return desk
    if late := await _late(turn, store, desk, seq):
        return late
    place = asking.Place(desk.form, round_id, seq, page)
    events = current(desk.form, sheets.walk_of(desk.sheet), _today(turn))
    return Reply((asking.put(place, events, replaces=turn.message_id),))


@doors.tap("ah")
async def hand_in(turn: Turn, store: Store) -> Reply:
    """The review is right: hand in."""
    round_id, seq, *_ = _numbers(turn, 2)
    desk = await _desk(turn, store, round_id)
    if isinstance(desk, Reply):
        return desk
    if late := await _late(turn, store, desk, seq):
        return late
    took = step(desk.form, sheets.walk_of(desk.sheet), Submit(), _today(turn))
    if not any(isinstance(event, Done) for event in took.events):
        return Reply((await _put(turn, store, desk, took, replaces=turn.message_id),))
    sheet = sheets.handed_in(desk.sheet, turn.now)
    await store.surveys.save_sheet(sheet)
    await store.surveys.set_disposition(round_id, sheet.person_id, Disposition.HANDED_IN)
    await _leave(turn, store, round_id)
    thanks = notices.thanks(desk.round, sheet)
    return say(*thanks.parts, buttons=thanks.buttons, replaces=turn.message_id)


@doors.flow("answer")
async def take_words(turn: Turn, store: Store) -> Reply:
    """Words typed while a question waits; files are not taken."""
    desk = await _desk(turn, store, int(turn.account.flow.partition(":")[2]))
    if isinstance(desk, Reply):
        return desk
    if sheets.is_final(desk.sheet):
        await _leave(turn, store, desk.round.id)
        return Reply((notices.already(desk.round, desk.sheet),))
    if sheets.account_of(desk.sheet) != turn.account.id:
        return await _again(turn, store, desk, ELSEWHERE)
    match turn.what:
        case Typed(text):
            return await _hear(turn, store, desk, text)
        case _:
            return await _again(turn, store, desk, t("Please answer in words or tap; files cannot be taken."))


@doors.command("cancel")
async def leave(turn: Turn, store: Store) -> Reply:
    """Out of what is going on; answers are kept."""
    flow, _, about = turn.account.flow.partition(":")
    if flow:
        await store.people.set_flow(turn.account.id, "")
    round = await store.surveys.round(int(about)) if flow == "answer" else None
    if round is None:
        return say(t("Nothing is going on here now. /menu shows what you can do."))
    stopped = t("You have left “{round}”. Your answers so far are kept; /my brings you back.", round=round.name)
    return say(stopped, buttons=((Button(t("Go on"), f"ao:{round.id}"),),))


# What the doors share ------------------------------------------------------------------------------------


async def _desk(turn: Turn, store: Store, round_id: int) -> Desk | Reply:
    """The round and the sheet; or what to say where there is nothing to answer, or nothing begun yet."""
    person = _person(turn)
    round = await store.surveys.round(round_id)
    sheet = await store.surveys.sheet(round_id, person.id)
    if round is None or (sheet is None and await store.surveys.invitation(round_id, person.id) is None):
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    form = load(questionnaire.form, questionnaire.digest)
    if not takes_answers(round, turn.now):
        return await _not_now(turn, store, round, form, sheet)
    if sheet is None:
        return await _begin(turn, store, person, round, form)
    return Desk(round, form, sheet)


async def _not_now(turn: Turn, store: Store, round: Round, form: Form, sheet: Sheet | None) -> Reply:
    """Nothing can be answered now; where that is for good, the buttons go."""
    told = notices.not_now(round, form, sheet, turn.now)
    if not has_ended(round, turn.now):
        return say(told)
    await _leave(turn, store, round.id)
    return say(told, replaces=_tapped(turn))


async def _begin(turn: Turn, store: Store, person: Person, round: Round, form: Form) -> Reply:
    """The notice takes the place of the invitation; the first question follows."""
    first = begin(form, _today(turn))
    sheet = sheets.begun(round.id, person.id, first.state, turn.account.id)
    await store.surveys.set_disposition(round.id, person.id, Disposition.STARTED)
    question = await _put(turn, store, Desk(round, form, sheet), first)
    return Reply((Message(notices.notice(round, form), replaces=_tapped(turn)), question))


async def _put(
    turn: Turn, store: Store, desk: Desk, took: Step, page: int = 0, before: Sequence[Part] = (), replaces: str = ""
) -> Message:
    """Keeps the step, and says what happened on this account."""
    await store.surveys.save_sheet(sheets.moved(desk.sheet, took.state, turn.account.id, page))
    await _stay(turn, store, desk.round.id)
    return asking.put(asking.Place(desk.form, desk.round.id, took.state["seq"], page), took.events, before, replaces)


async def _again(turn: Turn, store: Store, desk: Desk, *before: Part, replaces: str = "") -> Reply:
    """The present question once more, from now on at this account."""
    walk = sheets.walk_of(desk.sheet)
    took = Step(dict(walk), current(desk.form, walk, _today(turn)))
    return Reply((await _put(turn, store, desk, took, sheets.page_of(desk.sheet), before, replaces),))


async def _hear(turn: Turn, store: Store, desk: Desk, text: str) -> Reply:
    """An answer in words: said back shortly, then the next question."""
    walk, today = sheets.walk_of(desk.sheet), _today(turn)
    asked = current(desk.form, walk, today)[-1]
    if not isinstance(asked, Ask):
        return await _again(turn, store, desk, t("Please tap one of the buttons."))
    took = step(desk.form, walk, Say(text), today)
    noted = () if asking.refused(took) else asking.noted(desk.form, took.state, asked, today)
    return Reply((await _put(turn, store, desk, took, sheets.page_of(desk.sheet), noted),))


async def _late(turn: Turn, store: Store, desk: Desk, seq: int) -> Reply | None:
    """What to say to a tap that is late; None where it is not. At another account the present question helps."""
    if sheets.is_final(desk.sheet):
        return Reply(toast=notices.already(desk.round, desk.sheet).parts[0])
    if seq == desk.seq:
        return None
    if sheets.account_of(desk.sheet) == turn.account.id:
        return Reply(toast=LATE)
    return await _again(turn, store, desk, ELSEWHERE, replaces=_tapped(turn))


def _given(desk: Desk, verb: str, about: Sequence[int]) -> tuple[Given | None, Part]:
    """What a button gives, and what is noted; None where the button is not one of ours."""
    match verb, about:
        case "ab", []:
            return Back(), ""
        case "as", []:
            return Skip(), ""
        case "ax", []:
            return Answer(None), ""
        case "ad", []:
            return Picked(), ""
    present = current(desk.form, sheets.walk_of(desk.sheet))[-1]
    match verb, about, present:
        case "a", [number], Ask() if choice := asking.offered(present, number):
            return Answer(choice.name), t("Noted: {answer}", answer=choice.label)
        case "at", [number, on], Ask() if choice := asking.offered(present, number):
            return Toggle(choice.name, on == 1), ""
        case "av", [number], Review(lines=lines) if number < len(lines):
            return Visit(lines[number].path), ""
    return None, ""


async def _stay(turn: Turn, store: Store, round_id: int) -> None:
    """From now on words typed at this account go to this round."""
    flow = f"answer:{round_id}"
    if turn.account.flow != flow:
        await store.people.set_flow(turn.account.id, flow)


async def _leave(turn: Turn, store: Store, round_id: int) -> None:
    """Words typed at this account no longer go to this round."""
    if turn.account.flow == f"answer:{round_id}":
        await store.people.set_flow(turn.account.id, "")


def _verb(turn: Turn) -> str:
    return turn.what.data.partition(":")[0] if isinstance(turn.what, Tap) else ""


def _numbers(turn: Turn, count: int) -> list[int]:
    """What a button is about: at least so many numbers. Raises NotFound if it is not one of ours."""
    about = turn.what.data.split(":")[1:] if isinstance(turn.what, Tap) else []
    if len(about) < count or not all(number.isascii() and number.isdecimal() and len(number) < 10 for number in about):
        raise NotFound(t("This button does not work any more. /my shows what waits for you."))
    return [int(number) for number in about]


def _today(turn: Turn) -> date:
    return turn.now.date()


def _person(turn: Turn) -> Person:
    if turn.person is None:
        raise NotAllowed(t("Questionnaires are for people on the roster."))
    return turn.person


def _tapped(turn: Turn) -> str:
    """The message to edit in place: the one whose button was tapped."""
    return turn.message_id if isinstance(turn.what, Tap) else ""
