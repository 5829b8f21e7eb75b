"""An anonymous questionnaire on its page. Nobody here is known: a ticket opens everything but the door that gives one.

None of these doors writes in the main database: what is kept of a ballot is kept by itself, and names nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from handlers import doors
from handlers.doors import Guest
from handlers.forms import paging
from handlers.forms.form import Form, Question
from handlers.forms.moves import Block, Review
from handlers.forms.walk import begin, fill
from handlers.refusals import NotAllowed, NotFound
from handlers.surveys import booth, tickets
from handlers.surveys.pictures import picture
from handlers.surveys.rules import honesty
from handlers.surveys.rules.rounds import takes_answers
from handlers.surveys.rules.turning import Leaf, Turned, finished, spread, turned
from handlers.talk import Part, Text, t
from storage.records import Picture, Round, Ticket
from storage.store import Store

STRANGER = t(
    "This page needs the link out of the chat in which you were invited. Please go there and open the questionnaire "
    "once more; the address alone is not enough, as nobody but you may hand in your ballot."
)


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket for whoever is there in the web chat."""

    round_id: int


@dataclass(frozen=True, slots=True)
class OneBallot:
    """The ballot that a ticket, out of a link, stands for."""

    round_id: int
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BeginBallot:
    """The same, to be filled in from the beginning; `answers`: what a page holds that could not be kept before."""

    round_id: int
    link: str = field(repr=False)
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillBallot(Leaf):
    """A page of the ballot."""

    round_id: int
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OneBallotPicture:
    """A picture the questionnaire of this anonymous round shows."""

    round_id: int
    picture: str


@dataclass(frozen=True, slots=True)
class Booth:
    """How far a ballot is. Without a `walk` nothing is begun; `told` is what there is to say then, `unprotected` what
    the promise is not about, and `cast` whether a ballot is in, which nobody but its own reader is told.

    `pages` are those that are relevant now, `at` is the path of the present question, `review` what all answers are.
    """

    round: Round
    form: Form
    media: Mapping[str, str]
    ticket: Ticket = field(repr=False)
    walk: Mapping[str, Any] | None = field(default=None, repr=False)
    cast: bool = False
    told: Sequence[Part] = ()
    unprotected: Sequence[Part] = ()
    pages: tuple[paging.Page, ...] = field(default=(), repr=False)
    at: str = ""
    review: Review | None = field(default=None, repr=False)

    @property
    def begun(self) -> bool:
        """Is there anything to fill in?"""
        return self.walk is not None

    @property
    def final(self) -> bool:
        """Is it handed in, and not being filled in once more?"""
        return self.cast

    @property
    def blocks(self) -> list[Block]:
        """Everything that is relevant now."""
        return [block for one in self.pages for block in one]


@dataclass(frozen=True, slots=True)
class Filled:
    """How far the ballot is, and what became of a page. `gone`: it was handed in, or begun anew, elsewhere, and
    nothing of the page was taken."""

    standing: Booth
    turned: Turned
    gone: bool = False


@doors.page(writes=False)
async def issue_ticket(order: NewTicket, guest: Guest, store: Store) -> str:
    """A ticket for somebody who is asked, by the web chat in their browser."""
    _, person = await store.people.find("webchat", guest.chat) or (None, None) if guest.chat else (None, None)
    if person is None or person.left:
        raise NotAllowed(STRANGER)
    round = await store.surveys.round(order.round_id)
    line = await store.surveys.invitation(order.round_id, person.id)
    if round is None or line is None or not round.anonymous:
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    return await tickets.issue(round, person, line, guest.now, store)


@doors.page(writes=False)
async def see_ballot(order: OneBallot, guest: Guest, store: Store) -> Booth:
    """How far this ballot is."""
    found = await _entered(order.round_id, order.link, guest, store)
    return _seen(found, found.walk, guest)


@doors.page(writes=False)
async def see_questions(order: OneBallot, guest: Guest, store: Store) -> Mapping[str, Question]:
    """What this ballot may ask, by path, as far as the form knows it."""
    _, form, _ = await tickets.redeem(order.round_id, order.link, guest.now, store)
    return {question.path: question for question in form.questions()}


@doors.page(writes=False)
async def begin_ballot(order: BeginBallot, guest: Guest, store: Store) -> Booth:
    """Begins; what is begun already goes on. A ballot that is in counts until another is handed in."""
    found = await _entered(order.round_id, order.link, guest, store)
    if found.walk is not None:
        return _seen(found, found.walk, guest)
    walk = begin(found.form, guest.now, f"{found.round.id}:{found.ticket.tag.hex()}").state
    if order.answers:
        walk = fill(found.form, walk, order.answers, guest.now).state
    await booth.keep(found.round, found.form, found.ticket, walk, guest.now, store)
    return _seen(found, walk, guest)


@doors.page(writes=False)
async def fill_ballot(order: FillBallot, guest: Guest, store: Store) -> Filled:
    """Takes the answers of a page, as far as they fit, and goes where the person wants to."""
    found = await _entered(order.round_id, order.link, guest, store)
    if found.walk is None:
        return Filled(_seen(found, None, guest), Turned({}, 0), gone=True)
    took = turned(found.form, found.walk, order, guest.now)
    if not took.changed:
        await booth.keep(found.round, found.form, found.ticket, took.walk, guest.now, store)
    return Filled(_seen(found, took.walk, guest), took)


@doors.page(writes=False)
async def cast_ballot(order: OneBallot, guest: Guest, store: Store) -> Filled:
    """Hands in; what is handed in already stays so. An answer that does not fit comes back, with its page."""
    found = await _entered(order.round_id, order.link, guest, store)
    if found.walk is None:
        return Filled(_seen(found, None, guest), Turned({}, 0))
    took = finished(found.form, found.walk, guest.now)
    if not took.done:
        return Filled(_seen(found, took.walk, guest), took)
    await booth.cast(found.round, found.form, found.ticket, took.walk, guest.now, store)
    return Filled(_seen(replace(found, cast=True), None, guest), took)


@doors.page(writes=False)
async def see_ballot_picture(order: OneBallotPicture, guest: Guest, store: Store) -> Picture:
    """One picture, for everybody while the round can be answered: a picture on a page brings no ticket."""
    round = await store.surveys.round(order.round_id)
    asked = round is not None and round.anonymous and takes_answers(round, guest.now)
    return await picture(round if asked else None, order.picture, store)


async def _entered(round_id: int, link: str, guest: Guest, store: Store) -> Booth:
    """How far it is, without its pages. Raises as `tickets.redeem`."""
    round, form, ticket = await tickets.redeem(round_id, link, guest.now, store)
    media = (await store.surveys.questionnaire(round.questionnaire_id)).media
    await store.leave()
    walk = await booth.draft(round, ticket, store)
    cast = walk is None and await store.ballots.has(round.id, ticket.tag)
    return Booth(round, form, media, ticket, walk, cast)


def _seen(found: Booth, walk: Mapping[str, Any] | None, guest: Guest) -> Booth:
    """The same, filled in so far."""
    if walk is None:
        if found.cast:
            return replace(found, walk=None, told=(_in(found.round),))
        told = (honesty.ANONYMOUS, *honesty.promise(found.round, honesty.PAGE))
        return replace(found, walk=None, told=told, unprotected=honesty.UNPROTECTED)
    lie = spread(found.form, walk, guest.now)
    return replace(found, walk=walk, cast=False, pages=lie.pages, at=lie.at, review=lie.review)


def _in(round: Round) -> Text:
    if round.closes is None:
        raise ValueError("an anonymous round has a closing time")
    return t(
        "Your ballot is in, sealed until {time}; afterwards nobody can tell whose it was. You may close this page. If "
        "you hand in again before then, the new ballot takes the place of this one; you begin with an empty page, as "
        "not even this page can read what is in.",
        time=round.closes,
    )
