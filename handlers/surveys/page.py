"""A round filled in on a page: the same sheet as in the chat, many answers at a time.

Who is there is told by the browser: the web chat in it, or a pass it was given for a link out of another chat.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from handlers import doors
from handlers.doors import Guest
from handlers.forms import paging
from handlers.forms.form import Form
from handlers.forms.moves import Again, Ask, Block, Done, Refused, Remove, Review, Submit
from handlers.forms.walk import begin, current, fill, page, step
from handlers.refusals import NotAllowed, NotFound, TooLate
from handlers.surveys import paper
from handlers.surveys.desk import asked_of
from handlers.surveys.rules import attachments, notices, passes, sheets
from handlers.surveys.rules.rounds import takes_answers
from handlers.talk import File, Label, Part, t
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


@dataclass(frozen=True, slots=True)
class FillSheet:
    """What stands on a page. `answers` by path, exact; `seen`: the paths of all that was on the page, `stamp`: of
    the answers it was shown with.

    `go`: `next`, `back`, `save`, or `add:` and the path of a repeat, or `remove:` and that of an entry. `insist`:
    go even where an answer is refused. `mending`: it was opened from the review, and leads back there. `files`: new
    ones by path, `unfit`: those that cannot be taken, and why.
    """

    round_id: int
    answers: Mapping[str, Any]
    seen: Sequence[str]
    stamp: str
    go: str
    insist: bool = False
    mending: bool = False
    files: Mapping[str, File] = field(default_factory=dict)
    unfit: Mapping[str, Part] = field(default_factory=dict)


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
    def blocks(self) -> list[Block]:
        """Everything that is relevant now."""
        return [block for one in self.pages for block in one]


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a page: the number of the page to show now (behind the last one: the review), what was
    `refused` there, what has meanwhile got another answer elsewhere (`changed`, by path: then nothing was taken),
    what fell away, and whether new questions came up on the same page."""

    standing: Standing
    number: int
    refused: Mapping[str, Part] = field(default_factory=dict)
    changed: Collection[str] = ()
    fell: Sequence[Part] = ()
    opened: bool = False


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
        return Filled(found, 0)
    uploads = _uploads(order, found)
    given = {**order.answers, **{path: upload.name for path, upload in uploads.items()}}
    took = fill(found.form, sheets.walk_of(found.sheet), given, guest.now)
    after = page(found.form, took.state, guest.now)
    was, now = (paging.values_of(blocks, given.keys()) for blocks in (found.blocks, after))
    said = {event.path: event for event in took.events if isinstance(event, Refused)}
    if order.stamp != paging.stamp(paging.values_of(found.blocks, order.seen)):
        changed = [path for path in was if path in said or was[path] != now.get(path)]
        if changed:
            return Filled(found, paging.place_of(found.pages, order.seen), changed=changed)
    for upload in uploads.values():
        await store.surveys.put_upload(upload)
    refused = dict(order.unfit) | {
        path: no.message
        for path, no in said.items()
        if no.reason != "required" or order.go == "next" or was.get(path) is not None
    }
    before = found
    found = await _kept(found, sheets.moved(found.sheet, took.state, sheets.PAGE, 0), guest, store)
    fell = _fallen(before.blocks, found.blocks)
    if refused and not order.insist:
        return Filled(found, paging.place_of(found.pages, [*refused, *order.seen]), refused, fell=fell)
    return await _go(order, guest, store, before, found, fell)


@doors.page(writes=True)
async def hand_in_sheet(order: HandIn, guest: Guest, store: Store) -> Filled:
    """Hands in; what is handed in already stays so. An answer that does not fit comes back, with its page."""
    found = await _standing(order.round_id, guest, store, hold=True)
    if found.sheet is None or found.final:
        return Filled(found, 0)
    took = step(found.form, paging.put_at(sheets.walk_of(found.sheet), ""), Submit(), guest.now)
    if any(isinstance(event, Done) for event in took.events):
        if found.entered_by:
            return Filled(await _entered(found, took.state, order, guest, store), 0)
        await store.surveys.set_disposition(found.round.id, found.person.id, Disposition.HANDED_IN)
        sheet = sheets.handed_in(sheets.moved(found.sheet, took.state, sheets.PAGE, 0), took.state, guest.now)
        await store.surveys.keep_uploads(found.round.id, found.person.id, attachments.in_use(sheet))
        return Filled(await _kept(found, sheet, guest, store), 0)
    refused = {event.path: event.message for event in took.events if isinstance(event, Refused)}
    return Filled(found, paging.place_of(found.pages, refused), refused)


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
    round = await store.surveys.round(order.round_id)
    media = (await store.surveys.questionnaire(round.questionnaire_id)).media if round else {}
    found = await store.surveys.picture(media[order.picture]) if order.picture in media else None
    if found is None:
        raise NotFound(t("There is no such picture."))
    return found


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
    walk = sheets.walk_of(sheet)
    events = current(found.form, paging.put_at(walk, ""), guest.now)
    review = next((event for event in events if isinstance(event, Review)), None)
    pages = paging.pages(found.form, page(found.form, walk, guest.now))
    return replace(found, pages=pages, at=walk["at"], review=review)


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


async def _go(
    order: FillSheet, guest: Guest, store: Store, before: Standing, found: Standing, fell: Sequence[Part]
) -> Filled:
    """Where the person wants to go, with everything on the page taken."""
    here = paging.place_of(found.pages, order.seen)
    verb, _, path = order.go.partition(":")
    match verb:
        case "next" if order.mending:
            number = _mended(before, found, here, order.seen)
        case "next":
            number = paging.following(found.pages, here, order.seen)
        case "back":
            number = max(here - 1, 0)
        case "add" | "remove":
            return await _changed(found, guest, store, verb, path)
        case _:
            return Filled(found, here, fell=fell)
    first = next((b.path for b in found.pages[number] if isinstance(b, Ask)), "") if number < len(found.pages) else ""
    found = await _walked(found, paging.put_at(_walk(found), first), guest, store)
    return Filled(found, number, fell=fell, opened=verb == "next" and number == here)


async def _changed(found: Standing, guest: Guest, store: Store, verb: str, path: str) -> Filled:
    """One entry of a repeat more, or one less."""
    if verb == "add":
        took = step(found.form, paging.put_at(_walk(found), path), Again(yes=True), guest.now)
    else:
        took = step(found.form, paging.put_at(_walk(found), ""), Remove(path), guest.now)
    repeat = path.rpartition("[")[0] if path.endswith("]") else path
    found = await _walked(found, took.state, guest, store)
    begun = [took.state["at"]] if verb == "add" else [path]
    return Filled(found, paging.place_of(found.pages, [*begun, repeat, f"{repeat}[1]"]))


def _mended(before: Standing, found: Standing, here: int, seen: Collection[str]) -> int:
    """The page with the first question that came up by the change, or still needs an answer; else the review."""
    known = {block.path for block in before.blocks}
    for number, one in enumerate(found.pages):
        for block in one:
            open_yet = isinstance(block, Ask) and block.value is None and block.path not in seen
            if isinstance(block, Ask) and open_yet and (block.required or block.path not in known):
                return number
    return len(found.pages)


def _fallen(before: Sequence[Block], after: Sequence[Block]) -> list[Label]:
    """The labels of the answered questions that are no longer asked."""
    still = {block.path for block in after}
    return [b.question.label for b in before if isinstance(b, Ask) and b.value is not None and b.path not in still]


def _walk(found: Standing) -> Mapping[str, Any]:
    return sheets.walk_of(found.sheet) if found.sheet else {}


async def _walked(found: Standing, walk: Mapping[str, Any], guest: Guest, store: Store) -> Standing:
    if found.sheet is None:
        return found
    return await _kept(found, sheets.moved(found.sheet, walk, sheets.PAGE, 0), guest, store)
