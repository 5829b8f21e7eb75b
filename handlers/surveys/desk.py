"""An open round with a person's sheet on it: how the chat door sits down there, writes a step down, and asks again.

The state belongs to the person, not to the account: it is in the sheet of the round, and any account
of the person goes on where another stopped. An account's flow `answer:<round>` only says where typed
words go; `answer:<round>:image` or `:file`, that a picture or file is awaited there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.forms.form import Form, load
from handlers.forms.moves import Event, Step
from handlers.forms.walk import begin, current
from handlers.refusals import NotAllowed, NotFound
from handlers.surveys.rules import asking, notices, sheets, tapping
from handlers.surveys.rules.places import Place, View
from handlers.surveys.rules.rounds import UNOPENED, excused, has_ended, takes_answers
from handlers.surveys.wording import form_of
from handlers.talk import Button, Message, Part, Reply, Tap, Turn, say, t
from storage.records import Disposition, Person, Round, Sheet
from storage.store import Store

FLOW = "answer"


@dataclass(frozen=True, slots=True)
class Desk:
    """An open round with the person's sheet on it; `media`: the pictures of its questionnaire."""

    round: Round
    form: Form
    sheet: Sheet
    media: Mapping[str, str]

    @property
    def seq(self) -> int:
        """What the buttons of the present question carry."""
        return int(self.walk["seq"])

    @property
    def walk(self) -> Mapping[str, Any]:
        """The walk as it stands."""
        return sheets.walk_of(self.sheet)


async def asked_of(who: Person, round_id: int, store: Store) -> tuple[Round, Sheet | None, Form, Mapping[str, str]]:
    """A named round this person is asked in, the sheet if it is begun, the form and its pictures.

    Raises NotFound, or NotAllowed for who is excused and as `named` does.
    """
    sheet = await store.surveys.sheet(round_id, who.id)
    tried = sheet is not None and sheets.is_preview(sheet)
    round = named(await asked_in(who, round_id, store, begun=sheet is not None), tried=tried)
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    return round, sheet, load(questionnaire.form, questionnaire.digest), questionnaire.media


async def asked_in(who: Person, round_id: int, store: Store, *, begun: bool = False) -> Round:
    """A round this person is asked in, or has begun. Raises NotFound, or NotAllowed for who is excused."""
    round = await store.surveys.round(round_id)
    line = await store.surveys.invitation(round_id, who.id)
    if round is None or (line is None and not begun):
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    if line and line.disposition is Disposition.EXCUSED:
        raise excused(round)
    return round


def named(round: Round, *, tried: bool = False) -> Round:
    """The round, if it is a named one, or only `tried` before it opens. Raises NotAllowed where it is anonymous:
    nothing of that is ever written beside a name."""
    if round.anonymous and not (tried and round.state in UNOPENED):
        raise NotAllowed(
            t("“{round}” is anonymous: it is not answered under your name. /my shows the way to it.", round=round.name)
        )
    return round


async def set_aside(turn: Turn, store: Store, round_id: int = 0) -> tuple[Message, ...]:
    """What is said where another round is in the middle at this account while this one is begun or gone on with."""
    other = round_in(turn.account.flow)
    if other in (0, round_id):
        return ()
    round, sheet = await store.surveys.round(other), await store.surveys.sheet(other, person(turn).id)
    if round is None or sheet is None or sheet.handed_in is not None or not takes_answers(round, turn.now):
        return ()
    return (notices.set_aside(round, await form_of(round, store), sheet),)


async def sit(turn: Turn, store: Store, round_id: int) -> Desk | Reply:
    """The round and the sheet; or what to say where there is nothing to answer, or nothing begun yet."""
    who = person(turn)
    round, sheet, form, media = await asked_of(who, round_id, store)
    if sheet is not None and sheets.is_preview(sheet):
        return Desk(round, form, sheet, media)
    if not takes_answers(round, turn.now):
        return await _not_now(turn, store, round, form, sheet)
    if sheet is None:
        return await _begin(turn, store, who, round, form, media)
    return Desk(round, form, sheet, media)


async def _not_now(turn: Turn, store: Store, round: Round, form: Form, sheet: Sheet | None) -> Reply:
    """Nothing can be answered now; where that is for good, the buttons go."""
    told = notices.not_now(round, form, sheet, turn.now)
    if not has_ended(round, turn.now):
        return say(told)
    await leave(turn, store, round.id)
    return say(told, replaces=tapped(turn))


async def _begin(turn: Turn, store: Store, who: Person, round: Round, form: Form, media: Mapping[str, str]) -> Reply:
    """The notice takes the place of the invitation; the first question follows."""
    first = begin(form, turn.now, f"{round.id}:{who.id}")
    desk = Desk(round, form, sheets.begun(round.id, who.id, first.state, turn.account.id), media)
    asked = await write(turn, store, desk, first, fresh=True)
    notice = Message(notices.notice(round, form), ((notices.page_button(round),),), tapped(turn))
    return Reply((notice, *asked))


async def try_out(turn: Turn, store: Store, round: Round) -> Reply:
    """A round that is not open yet, asked of somebody of the HR office from the beginning; it never counts."""
    who = person(turn)
    await store.surveys.drop_sheets(round.id, who.id)
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    form = load(questionnaire.form, questionnaire.digest)
    first = begin(form, turn.now, f"{round.id}:{who.id}")
    sheet = sheets.tried(sheets.begun(round.id, who.id, first.state, turn.account.id))
    desk = Desk(round, form, sheet, questionnaire.media)
    return Reply(await write(turn, store, desk, first, before=(notices.TRIAL,), fresh=True))


async def drop_trial(turn: Turn, store: Store, sheet: Sheet, *before: Part) -> Reply:
    """The end of such a preview: nothing of it is kept."""
    await store.surveys.drop_sheets(sheet.round_id, sheet.person_id)
    await leave(turn, store, sheet.round_id)
    back = Button(t("Back to the round"), f"r:{sheet.round_id}")
    told = t("That was a preview: nothing of it is kept, and it counts nowhere.")
    return say(*before, told, buttons=((back,),), replaces=tapped(turn))


async def write(
    turn: Turn,
    store: Store,
    desk: Desk,
    took: Step,
    view: View | None = None,
    before: Sequence[Part] = (),
    replaces: str = "",
    fresh: bool = False,
) -> tuple[Message, ...]:
    """Keeps the step, and says what happened on this account; pictures with what was not asked just before."""
    view = view or View(sheets.page_of(desk.sheet))
    await store.surveys.save_sheet(sheets.moved(desk.sheet, took.state, turn.account.id, view.page))
    await store.surveys.set_disposition(desk.round.id, desk.sheet.person_id, Disposition.STARTED)
    pictures = fresh or took.state["seq"] != desk.seq
    said = asking.put(place(turn, desk, took.state, took.events, view), took.events, before, replaces, pictures)
    await _stay(turn, store, desk.round.id, said[-1].attach)
    return said


async def again(
    turn: Turn,
    store: Store,
    desk: Desk,
    *before: Part,
    replaces: str = "",
    view: View | None = None,
    fresh: bool = False,
) -> Reply:
    """The present question once more, from now on at this account; `fresh`: its pictures too."""
    took = Step(dict(desk.walk), current(desk.form, desk.walk, turn.now))
    return Reply(await write(turn, store, desk, took, view, before, replaces, fresh))


def show(turn: Turn, desk: Desk, view: View) -> Reply:
    """The tapped message with another part of it in view; nothing is written."""
    events = current(desk.form, desk.walk, turn.now)
    return Reply(asking.put(place(turn, desk, desk.walk, events, view), events, replaces=turn.message_id))


def place(turn: Turn, desk: Desk, walk: Mapping[str, Any], events: Sequence[Event], view: View) -> Place:
    """Where the events are to be said."""
    return Place(
        desk.form,
        desk.round.id,
        int(walk["seq"]),
        view.page,
        view.part,
        view.found,
        tapping.before(desk.form, walk, events, turn.now),
        turn.now.date(),
        turn.language,
        desk.media,
    )


async def _stay(turn: Turn, store: Store, round_id: int, attach: str) -> None:
    """From now on words typed at this account, or files sent, go to this round."""
    flow = f"{FLOW}:{round_id}" + (f":{attach}" if attach else "")
    if turn.account.flow != flow:
        await store.people.set_flow(turn.account.id, flow)


async def leave(turn: Turn, store: Store, round_id: int) -> None:
    """Words typed at this account no longer go to this round."""
    if round_in(turn.account.flow) == round_id:
        await store.people.set_flow(turn.account.id, "")


def round_in(flow: str) -> int:
    """The round that is being answered in this flow; 0: none is."""
    name, _, about = flow.partition(":")
    return int(about.partition(":")[0]) if name == FLOW else 0


def person(turn: Turn) -> Person:
    """Who it is. Raises NotAllowed."""
    if turn.person is None:
        raise NotAllowed(t("Questionnaires are for people on the roster."))
    return turn.person


def tapped(turn: Turn) -> str:
    """The message to edit in place: the one whose button was tapped."""
    return turn.message_id if isinstance(turn.what, Tap) else ""


def numbers(turn: Turn, count: int) -> list[int]:
    """What a button is about: at least so many numbers. Raises NotFound if it is not one of ours."""
    about = turn.what.data.split(":")[1:] if isinstance(turn.what, Tap) else []
    if len(about) < count or not all(number.isascii() and number.isdecimal() and len(number) < 10 for number in about):
        raise NotFound(t("This button does not work any more. /my shows what waits for you."))
    return [int(number) for number in about]


def verb(turn: Turn) -> str:
    """What the tapped button does."""
    return turn.what.data.partition(":")[0] if isinstance(turn.what, Tap) else ""
