"""What HR decides about people on a roll: whom an audience means, who is excused, who joins, who answers on paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers import doors
from handlers.forms.form import load
from handlers.refusals import BadInput, NotAllowed
from handlers.surveys import audiences, paper
from handlers.surveys.opening import invite
from handlers.surveys.rolls import OneRound, people_of, round_of, running, tell
from handlers.surveys.rules import dispositions, notices, passes
from handlers.surveys.rules.audience import Named, units_of
from handlers.surveys.rules.paper import entered
from handlers.surveys.rules.rounds import must_be_named, takes_answers
from handlers.talk import Text, t
from storage.records import Clerk, Disposition, Invitation, Person, Round, Weighed
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighAudience(Named):
    """An audience, before anything is planned."""


@dataclass(frozen=True, slots=True)
class Excuse:
    """People by staff number, and why: they read the reason, and it stands on the roll."""

    round_id: int
    people: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Readmit:
    """Excused people by staff number, who are to be asked after all."""

    round_id: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """People by staff number; `joiners`: everybody `list_joiners` names."""

    round_id: int
    people: tuple[str, ...] = ()
    joiners: bool = False


@dataclass(frozen=True, slots=True)
class EnterPaper:
    """The paper form of one person, by staff number.

    With `answers` (by path, or by name where one question has it) it is handed in at once; without, there is a link
    to the page. `replace`: what is handed in already is to be replaced.
    """

    round_id: int
    person: str
    answers: Mapping[str, Any] | None = None
    replace: bool = False


@dataclass(frozen=True, slots=True)
class OnRoll:
    """Somebody on the roll."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class PaperForm:
    """Whose form it is, and where it is entered: `path` below the public address, good once, until `expires`; or the
    `receipt`, where it is entered."""

    number: str
    name: str
    path: str = ""
    expires: datetime | None = None
    receipt: str = ""


@doors.office("POST", "/audience", "rounds:read")
async def weigh_audience(order: WeighAudience, clerk: Clerk, store: Store) -> Weighed:
    """Says how many an audience would ask now, how many of them have no account, and how many are excused and why."""
    return await audiences.weigh(await audiences.find_audience(order, store), store)


@doors.office("GET", "/rounds/{round_id}/audience", "rounds:read")
async def round_audience(order: OneRound, clerk: Clerk, store: Store) -> Weighed:
    """Says how many a round would ask if it opened now."""
    return await audiences.weigh((await round_of(order.round_id, store)).audience, store)


@doors.office("POST", "/rounds/{round_id}/excuse", "rounds:write")
async def excuse_people(order: Excuse, clerk: Clerk, store: Store) -> list[OnRoll]:
    """Excuses people in an open round; who was invited is told."""
    round = await running(order.round_id, clerk.now, store)
    must_be_named(round)
    reason = dispositions.check_reason(order.reason)
    people = await _people(order.people, round, dispositions.no_excuse, store)
    heard = [one for one, line in people if line and line.disposition in dispositions.TOLD]
    await store.roll.excuse(round.id, [one.id for one, _ in people], reason)
    for person in heard:
        await tell(person, notices.excused(round, reason), store)
    return _named(one for one, _ in people)


@doors.office("POST", "/rounds/{round_id}/readmit", "rounds:write")
async def readmit_people(order: Readmit, clerk: Clerk, store: Store) -> list[OnRoll]:
    """Takes back that people are excused: they are invited, or told that they can go on."""
    round = await running(order.round_id, clerk.now, store)
    must_be_named(round)
    people = [one for one, _ in await _people(order.people, round, dispositions.no_return, store)]
    await store.roll.readmit(round.id, [one.id for one in people])
    await invite(round, clerk.now, store)
    for person in people:
        line = await store.surveys.invitation(round.id, person.id)
        if line and line.disposition is Disposition.STARTED:
            await tell(person, notices.asked_after_all(round), store)
    return _named(people)


@doors.office("GET", "/rounds/{round_id}/joiners", "rounds:read")
async def list_joiners(order: OneRound, clerk: Clerk, store: Store) -> list[OnRoll]:
    """Who is in the audience of an open round now and not on its roll."""
    return _named(await _joiners(await running(order.round_id, clerk.now, store), store))


@doors.office("POST", "/rounds/{round_id}/joiners", "rounds:write")
async def add_people(order: Join, clerk: Clerk, store: Store) -> list[OnRoll]:
    """Adds people to the roll of an open round and invites them."""
    round = await running(order.round_id, clerk.now, store)
    must_be_named(round)
    if order.joiners == bool(order.people):
        raise BadInput(t("Name the people, or say that all joiners are meant: one of the two."))
    if order.joiners:
        people = await _joiners(round, store)
    else:
        people = [one for one, _ in await _people(order.people, round, dispositions.no_joining, store)]
    if not people:
        raise BadInput(t("Everybody in the audience of “{round}” is on its roll already.", round=round.name))
    await store.roll.join(round.id, [one.id for one in people])
    await invite(round, clerk.now, store)
    return _named(people)


@doors.office("POST", "/rounds/{round_id}/paper", "rounds:write")
async def enter_paper(order: EnterPaper, clerk: Clerk, store: Store) -> PaperForm:
    """A form on paper: a link to the page where it is entered, or it is entered at once from `answers`."""
    round = await running(order.round_id, clerk.now, store)
    must_be_named(round)
    if not takes_answers(round, clerk.now):
        raise NotAllowed(t("“{round}” is paused: resume it first.", round=round.name))
    ((person, _),) = await _people([order.person], round, dispositions.no_paper, store)
    if order.answers is None:
        key, issued = passes.issued(person.id, round.id, clerk.now, clerk.draw, clerk.name)
        await store.access.put_pass(issued, clerk.now)
        return PaperForm(person.number, person.name, f"/form/{round.id}?key={key}", issued.expires)
    kept = await store.surveys.questionnaire(round.questionnaire_id)
    walk = entered(load(kept.form, kept.digest), order.answers, clerk.now, f"{round.id}:{person.id}")
    sheet = await paper.enter(person, round, walk, clerk.name, clerk.now, store, replace=order.replace)
    return PaperForm(person.number, person.name, receipt=sheet.receipt)


async def _joiners(round: Round, store: Store) -> list[Person]:
    return await store.roll.joiners(round, units_of(round.audience, await store.people.units()))


async def _people(
    numbers: Sequence[str], round: Round, no: Callable[[Person, Invitation | None], Text | None], store: Store
) -> list[tuple[Person, Invitation | None]]:
    """The people, each with their line of the roll. Raises BadInput with everything that speaks against it."""
    people, problems = await people_of(numbers, store)
    found = [(one, await store.surveys.invitation(round.id, one.id)) for one in people]
    problems += [problem for one, line in found if (problem := no(one, line))]
    if problems:
        raise BadInput(t("Nothing was changed in “{round}”.", round=round.name), problems)
    return found


def _named(people: Iterable[Person]) -> list[OnRoll]:
    return [OnRoll(one.number, one.name) for one in people]
