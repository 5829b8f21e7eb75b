"""A round filled in on a page: the same sheet as in the chat, many answers at a time.

Who is there is told by the browser: the web chat in it, or a pass it was given for a link out of another chat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from handlers import doors
from handlers.doors import Guest
from handlers.forms import paging
from handlers.forms.form import Form
from handlers.forms.moves import Ask, Block, Review
from handlers.forms.walk import begin
from handlers.refusals import NotAllowed, TooLate
from handlers.surveys import paper
from handlers.surveys.desk import asked_of
from handlers.surveys.pictures import picture
from handlers.surveys.rules import attachments, notices, passes, sheets
from handlers.surveys.rules.rounds import takes_answers
from handlers.surveys.rules.turning import Leaf, Turned, finished, spread, turned
from handlers.talk import File, Part, t
from storage.records import Disposition, Pass, Person, Picture, Round, Sheet, Upload
from storage.store import Store

USED = t(
    "This link has been used already, or is older than a day. "
    "Please go back to the chat and tap “Fill in on a page” for a new one."
)
STRANGER = t(
    "This page does not know you. Please go to the chat in which you were invited and tap “Fill in on a page” there."
)


@dataclass(frozen=True, slots=True)
class OneSheet:
    """The sheet of whoever is there in this round."""

    round_id: int


@dataclass(frozen=True, slots=True)
class HandIn:
    """The same; `replace`: what is handed in already is to be replaced by this form on paper."""

    round_id: int
    replace: bool = False


@dataclass(frozen=True, slots=True)
class UsePass:
    """The key out of a link."""

    round_id: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSheet(Leaf):
    """A page of the sheet; `files`: new ones by path."""

    round_id: int
    files: Mapping[str, File] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnePicture:
    """A picture the questionnaire of this round shows."""

    round_id: int
    picture: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is. Without a `sheet` nothing has begun; `told` is what there is to say then, or at the end.

    `pages` are those that are relevant now, `at` is the path of the present question, `review` what all answers
    are, `final`: handed in. `media`: the pictures of the questionnaire.

    `entered_by`: the clerk who enters the person's form on paper; the sheet is the clerk's work until it is handed
    in, and `before` is what was handed in already.
    """

    person: Person
    language: str
    round: Round
    form: Form
    media: Mapping[str, str]
    sheet: Sheet | None = None
    told: Sequence[Part] = ()
    pages: tuple[paging.Page, ...] = ()
    at: str = ""
    review: Review | None = None
    final: bool = False
    entered_by: str = ""
    before: Sheet | None = None

    @property
    def begun(self) -> bool:
        """Is there anything to fill in?"""
        return self.sheet is not None

    @property
    def blocks(self) -> list[Block]:
        """Everything that is relevant now."""
        return [block for one in self.pages for block in one]


@dataclass(frozen=True, slots=True)
class Filled:
    """How far somebody is, and what became of a page."""

    standing: Standing
    turned: Turned


@doors.page(writes=True)
async def use_pass(order: UsePass, guest: Guest, store: Store) -> bool:
    """Lets the browser in that opened a link; the link works once. A browser that is in already stays in."""
    key = passes.digest(order.key)
    fresh = passes.opens(await store.access.find_pass(key), order.round_id, guest.now, used=False)
    if fresh and await store.access.use_pass(key, passes.digest(guest.browser), guest.now + passes.STAY):
        return True
    if await _by_pass(order.round_id, guest, store) is None:
        raise NotAllowed(USED)
    return False


@doors.page(writes=False)
async def see_sheet(order: OneSheet, guest: Guest, store: Store) -> Standing:
    """How far I am with this round."""
    return await _standing(order.round_id, guest, store)


@doors.page(writes=True)
async def begin_sheet(order: OneSheet, guest: Guest, store: Store) -> Standing:
    """Begins; what is begun already goes on."""
    found = await _standing(order.round_id, guest, store, hold=True)
    if found.sheet is not None:
        return found
    if found.before and found.before.entered_by:
        walk = sheets.counted(found.before)  # what was entered wrong is put right, not typed again
    else:
        walk = begin(found.form, guest.now, f"{found.round.id}:{found.person.id}").state
    sheet = sheets.begun(found.round.id, found.person.id, walk, sheets.PAGE)
    return await _kept(found, sheet, guest, store)


@doors.page(writes=True)
async def fill_sheet(order: FillSheet, guest: Guest, store: Store) -> Filled:
    """Takes the answers of a page, as far as they fit, and goes where the person wants to."""
    found = await _standing(order.round_id, guest, store, hold=True)
    if found.sheet is None or found.final:
        return Filled(found, Turned({}, 0))
    uploads = _uploads(order, found)
    given = {**order.answers, **{path: upload.name for path, upload in uploads.items()}}
    took = turned(found.form, sheets.walk_of(found.sheet), replace(order, answers=given), guest.now)
    if took.changed:
        return Filled(found, took)
    for upload in uploads.values():
        await store.surveys.put_upload(upload)
    return Filled(await _kept(found, sheets.moved(found.sheet, took.walk, sheets.PAGE, 0), guest, store), took)


@doors.page(writes=True)
async def hand_in_sheet(order: HandIn, guest: Guest, store: Store) -> Filled:
    """Hands in; what is handed in already stays so. An answer that does not fit comes back, with its page."""
    found = await _standing(order.round_id, guest, store, hold=True)
    if found.sheet is None or found.final:
        return Filled(found, Turned({}, 0))
    took = finished(found.form, sheets.walk_of(found.sheet), guest.now)
    if not took.done:
        return Filled(found, took)
    if found.entered_by:
        return Filled(await _entered(found, took.walk, order, guest, store), took)
    await store.surveys.set_disposition(found.round.id, found.person.id, Disposition.HANDED_IN)
    sheet = sheets.handed_in(sheets.moved(found.sheet, took.walk, sheets.PAGE, 0), took.walk, guest.now)
    await store.surveys.keep_uploads(found.round.id, found.person.id, attachments.in_use(sheet))
    return Filled(await _kept(found, sheet, guest, store), took)


@doors.page(writes=True)
async def change_sheet(order: OneSheet, guest: Guest, store: Store) -> Standing:
    """Back to the review of what I handed in; it counts as it was until I hand in again."""
    found = await _standing(order.round_id, guest, store, hold=True)
    if found.sheet is None or not found.final:
        return found
    return await _kept(found, sheets.reopened(found.sheet), guest, store)


@doors.page(writes=False)
async def see_picture(order: OnePicture, guest: Guest, store: Store) -> Picture:
    """One picture, for who may fill in the round it belongs to."""
    await _person(order.round_id, guest, store)
    return await picture(await store.surveys.round(order.round_id), order.picture, store)


# What the doors share ------------------------------------------------------------------------------------


async def _standing(round_id: int, guest: Guest, store: Store, *, hold: bool = False) -> Standing:
    """Who is there and how far; `hold`: nobody else answers for them meanwhile.

    Raises NotAllowed for a stranger, NotFound for who is not asked, TooLate where nothing can be answered now.
    """
    person, language, entering = await _person(round_id, guest, store)
    if hold:
        await store.people.hold(person.id)
    round, sheet, form, media = await asked_of(person, round_id, store)
    if not takes_answers(round, guest.now):
        raise TooLate(notices.not_now(round, form, sheet, guest.now))
    found = Standing(person, language, round, form, media)
    if entering is None:
        return _seen(found, sheet, guest)
    found = replace(found, language="", entered_by=entering.entered_by, before=await paper.before(person, round, store))
    return _seen(found, sheets.begun(round.id, person.id, entering.walk, sheets.PAGE) if entering.walk else None, guest)


async def _entered(found: Standing, walk: Mapping[str, Any], order: HandIn, guest: Guest, store: Store) -> Standing:
    """The form on paper, handed in; the clerk's work on it is over."""
    whom = (found.person, found.round, walk, found.entered_by, guest.now, store)
    before = await paper.enter(*whom, replace=order.replace)
    await store.access.keep_walk(passes.digest(guest.browser), None)
    return _seen(replace(found, before=before), None, guest)


def _seen(found: Standing, sheet: Sheet | None, guest: Guest) -> Standing:
    """The same with this sheet."""
    found = replace(found, sheet=sheet, told=(), pages=(), at="", review=None, final=False)
    if sheet is None:
        told = notices.paper_notice(found.person, found.before) if found.entered_by else None
        return replace(found, told=told or notices.notice(found.round, found.form))
    if sheets.is_final(sheet):
        thanks = t("Thank you. Your answers to “{round}” are handed in.", round=found.round.name)
        return replace(found, told=(thanks, *notices.receipt_lines(found.round, sheet)), final=True)
    lie = spread(found.form, sheets.walk_of(sheet), guest.now)
    return replace(found, pages=lie.pages, at=lie.at, review=lie.review)


async def _person(round_id: int, guest: Guest, store: Store) -> tuple[Person, str, Pass | None]:
    """Whose sheet it is, the language they are spoken to in, if that is known, and the pass of a clerk who enters
    their form on paper."""
    found = await _by_pass(round_id, guest, store)
    person = await store.people.person(found.person_id) if found else None
    known = await store.people.find("webchat", guest.chat) if guest.chat else None
    account, owner = known or (None, None)
    person = person or owner
    if person is None or person.left:
        raise NotAllowed(STRANGER)
    same = account is not None and account.person_id == person.id
    language = (account.language if account and same else "") or person.language
    return person, language, found if found and found.entered_by else None


async def _by_pass(round_id: int, guest: Guest, store: Store) -> Pass | None:
    found = await store.access.find_pass(passes.digest(guest.browser)) if guest.browser else None
    return found if passes.opens(found, round_id, guest.now, used=True) else None


def _uploads(order: FillSheet, found: Standing) -> dict[str, Upload]:
    """What is kept of the new files, by path."""
    names = {block.path: block.question.name for block in found.blocks if isinstance(block, Ask)}
    return {
        path: attachments.upload(order.round_id, found.person.id, names[path], file)
        for path, file in order.files.items()
        if path in names
    }


async def _kept(found: Standing, sheet: Sheet, guest: Guest, store: Store) -> Standing:
    if found.entered_by:
        await store.access.keep_walk(passes.digest(guest.browser), sheets.walk_of(sheet))
    else:
        await store.surveys.save_sheet(sheet)
        await store.surveys.set_disposition(sheet.round_id, sheet.person_id, Disposition.STARTED)
    return _seen(found, sheet, guest)
