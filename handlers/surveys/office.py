"""What HR orders: questionnaires, rounds, their progress and their answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers import doors
from handlers.forms import xlsform
from handlers.forms.form import digest, to_plain
from handlers.refusals import NotAllowed, NotFound
from handlers.surveys.audiences import find_audience
from handlers.surveys.closing import close_now
from handlers.surveys.opening import open_now
from handlers.surveys.publishing import published
from handlers.surveys.reminding import missing_calendar
from handlers.surveys.rolls import OneRound, must_have_questions, round_of, saved
from handlers.surveys.rules import exports, media, notices, reminders, results, rounds
from handlers.surveys.rules.audience import Named
from handlers.surveys.rules.secrecy import Terms, secrecy_of
from handlers.surveys.rules.sheets import is_preview
from handlers.surveys.rules.table import Table, tabulate
from handlers.surveys.sending import letters_of
from handlers.surveys.wording import announce, form_of, hush
from handlers.talk import File, t
from storage.records import Clerk, Disposition, Questionnaire, Reminding, Round, RoundState, Whom
from storage.store import Store


@dataclass(frozen=True, slots=True)
class AddQuestionnaire:
    """An XLSForm as a file, and the pictures it shows by file name; or both in one .zip."""

    content: bytes
    filename: str
    media: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanRound(Named):
    """A round to come, of whom `units`, `groups`, `people` and so on name; where they name nobody, of the whole organ.

    `voluntary`: people may say that they do not take part.

    Without `opens` it waits until it is opened by hand, without `closes` until it is closed by hand. A `draft` opens
    only once a second person has approved it; an `anonymous` round is one, has `closes`, and keeps to `secrecy`.
    `letter`: HR's own words at the head of the invitation, with the fields
    {name}, {unit}, {round} and {closes}.
    """

    name: str
    questionnaire_id: int
    anonymous: bool = False
    opens: datetime | None = None
    closes: datetime | None = None
    reminding: Reminding = field(default_factory=Reminding)
    draft: bool = False
    letter: str = ""
    voluntary: bool = False
    secrecy: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class ListRounds:
    """All rounds."""


@dataclass(frozen=True, slots=True)
class OneFile:
    """A picture or file somebody answered with in this round, by the name the answers have for it."""

    round_id: int
    name: str


@dataclass(frozen=True, slots=True)
class RoundAnswers:
    """The answers of a round; words of choices in `language` (`zh_CN`) where the questionnaire has it."""

    round_id: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is. Of all `invited` (the whole roll) some are `unreachable` (no account is bound),
    some have `started` and not handed in, some have `handed_in`.

    `dispositions`: how many are where; they add up to `invited`. `no_calendar`: the year whose holidays nobody has
    told us, so that reminders wait; 0: none waits. `letters` are still to go out, until `ends` at the present speed;
    null where that cannot be told.
    """

    round: int
    title: str
    state: RoundState
    invited: int
    unreachable: int
    started: int
    handed_in: int
    dispositions: Mapping[Disposition, int]
    no_calendar: int = 0
    letters: int = 0
    ends: datetime | None = None


def all_said(progress: Progress) -> bool:
    """Is nothing on its way to anybody any more?"""
    return not progress.letters


@doors.office("POST", "/questionnaires", "questionnaires:write")
async def add_questionnaire(order: AddQuestionnaire, clerk: Clerk, store: Store) -> Questionnaire:
    """Takes a questionnaire from an XLSForm; the same one again is the same version, a changed one the next."""
    content, filename, given = order.content, order.filename, dict(order.media)
    if filename.lower().endswith(".zip"):
        content, filename, given = await asyncio.to_thread(media.unpack, content, filename)
    form = xlsform.read(content, filename)
    shown = await asyncio.to_thread(media.pictures, form, given)
    plain = to_plain(form)
    whole = {**plain, "media": {name: one.digest for name, one in shown.items()}} if shown else plain
    return await store.surveys.put_questionnaire(form.name, form.title.words, plain, digest(whole), shown)


@doors.office("POST", "/rounds", "rounds:write")
async def plan_round(order: PlanRound, clerk: Clerk, store: Store) -> Round:
    """Plans a round of a questionnaire for an audience."""
    reminders.check(order.reminding)
    await must_have_questions(order.questionnaire_id, store)
    planned = Round(
        0,
        order.name.strip(),
        order.questionnaire_id,
        RoundState.DRAFT if order.draft or order.anonymous else RoundState.PLANNED,
        await find_audience(order, store),
        order.anonymous,
        order.opens,
        order.closes,
        clerk.now,
        clerk.name,
        reminding=order.reminding,
        letter=order.letter.strip(),
        voluntary=order.voluntary,
        secrecy=secrecy_of(order.secrecy),
    )
    rounds.check_plan(planned, clerk.now, await form_of(planned, store))
    return await store.surveys.put_round(planned)


@doors.office("GET", "/rounds", "rounds:read")
async def list_rounds(order: ListRounds, clerk: Clerk, store: Store) -> list[Round]:
    """All rounds, the newest first."""
    return await store.surveys.rounds()


@doors.office("GET", "/rounds/{round_id}", "rounds:read")
async def show_round(order: OneRound, clerk: Clerk, store: Store) -> Round:
    """One round."""
    return await round_of(order.round_id, store)


@doors.office("POST", "/rounds/{round_id}/open", "rounds:write")
async def open_round(order: OneRound, clerk: Clerk, store: Store) -> Round:
    """Opens a planned round now: freezes the roll and sends the invitations."""
    return await open_now(await round_of(order.round_id, store), clerk.now, store)


@doors.office("POST", "/rounds/{round_id}/pause", "rounds:write")
async def pause_round(order: OneRound, clerk: Clerk, store: Store) -> Round:
    """Pauses an open round: nobody can answer until it is resumed."""
    return await saved(rounds.paused(await round_of(order.round_id, store)), store)


@doors.office("POST", "/rounds/{round_id}/resume", "rounds:write")
async def resume_round(order: OneRound, clerk: Clerk, store: Store) -> Round:
    """Lets a paused round go on."""
    return await saved(rounds.resumed(await round_of(order.round_id, store)), store)


@doors.office("POST", "/rounds/{round_id}/close", "rounds:write")
async def close_round(order: OneRound, clerk: Clerk, store: Store) -> Round:
    """Closes a round for good; one that was only planned never opens. Those in the middle of it are told."""
    before = await round_of(order.round_id, store)
    closed = await close_now(before, clerk.now, store)
    if before.state not in rounds.UNOPENED:
        await hush(before, clerk.now, store)
        await announce(closed, Whom.BEGUN, notices.closed_early(closed), clerk.now, store)
    return closed


@doors.office("GET", "/rounds/{round_id}/progress", "rounds:read", until=all_said)
async def round_progress(order: OneRound, clerk: Clerk, store: Store) -> Progress:
    """How many were invited, how many have come how far, how many letters are still to go out."""
    round = await round_of(order.round_id, store)
    counts = await store.surveys.progress(round.id)
    lost = await store.roll.unreached(round.id) if round.state in rounds.ENDED else 0
    letters, ends = await letters_of(round, counts[Disposition.PLANNED], clerk.now, store)
    return Progress(
        round.id,
        round.name,
        round.state,
        sum(counts.values()),
        counts[Disposition.UNREACHABLE] + lost,
        counts[Disposition.STARTED] + counts[Disposition.PARTLY],
        counts[Disposition.HANDED_IN],
        counts,
        await missing_calendar(round, clerk.now, store),
        letters,
        ends,
    )


@doors.office("GET", "/rounds/{round_id}/answers", "answers:read")
async def round_answers(order: RoundAnswers, clerk: Clerk, store: Store) -> Table:
    """The answers of a named round as a table, codes and words; of an anonymous one its released tables, once they
    are."""
    round = await round_of(order.round_id, store)
    if round.anonymous:
        of = await published(round, store)
        if of.withheld:
            raise NotAllowed(results.WITHHELD)
        return exports.table(of, order.language)
    return tabulate(
        await form_of(round, store),
        order.language,
        [one for one in await store.surveys.sheets(round.id) if not is_preview(one)],
        await store.surveys.roll(round.id),
        await store.people.people(left=True),
        await store.people.units(),
    )


@doors.office("GET", "/rounds/{round_id}/files/{name}", "answers:read")
async def round_file(order: OneFile, clerk: Clerk, store: Store) -> File:
    """A picture or file that is an answer of a named round."""
    round = await round_of(order.round_id, store)
    upload = await store.surveys.upload(round.id, order.name)
    if upload is None:
        raise NotFound(t("There is no file “{name}” in this round.", name=order.name))
    return File(upload.name, upload.mime, upload.content)
