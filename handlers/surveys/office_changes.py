"""What HR orders of a round beside opening and closing it: approve, change, extend, call off, copy, preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers import doors
from handlers.refusals import BadInput
from handlers.surveys.audiences import weigh
from handlers.surveys.closing import settle
from handlers.surveys.rolls import OneRound, round_of, saved
from handlers.surveys.rules import notices, rounds
from handlers.surveys.rules.secrecy import Terms, secrecy_of
from handlers.surveys.secrecy import must_be_possible
from handlers.surveys.wording import announce, form_of, hush, invitation_of, invite_anew
from handlers.talk import pack, t
from storage.records import Clerk, Questionnaire, Round, Weighed, Whom
from storage.store import Store


@dataclass(frozen=True, slots=True)
class ChangeRound:
    """Other words or times for a round that is not open yet, or another `secrecy` as a whole for an anonymous one;
    what is left out stays. A threshold is only ever raised."""

    round_id: int
    name: str | None = None
    letter: str | None = None
    opens: datetime | None = None
    closes: datetime | None = None
    secrecy: Terms | None = None


@dataclass(frozen=True, slots=True)
class ExtendRound:
    """A later closing time."""

    round_id: int
    closes: datetime


@dataclass(frozen=True, slots=True)
class CancelRound:
    """Calls a round off. Those who were asked are told the reason."""

    round_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CopyRound:
    """The settings of an earlier round for a new one, with its own dates and perhaps its own name."""

    round_id: int
    opens: datetime | None = None
    closes: datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A round before it opens: the invitation as it will be said (plain JSON), the questionnaire, and how many it
    would ask now."""

    round: Round
    invitation: Mapping[str, Any]
    questionnaire: Questionnaire
    size: Weighed


@doors.office("GET", "/rounds/{round_id}/preview", "rounds:read")
async def preview_round(order: OneRound, clerk: Clerk, store: Store) -> Preview:
    """A round as people will get it, in the clerk's own name, and the size of its audience now."""
    round = await round_of(order.round_id, store)
    units = await store.people.units()
    if round.anonymous:
        told = await invitation_of(round, store)
    else:
        told = notices.invitation(round, await form_of(round, store), clerk.name, units[0].name if units else "")
    size = await weigh(round.audience, store)
    return Preview(round, pack(told), await store.surveys.questionnaire(round.questionnaire_id), size)


@doors.office("POST", "/rounds/{round_id}/approve", "rounds:write")
async def approve_round(order: OneRound, clerk: Clerk, store: Store) -> Round:
    """Approves a draft that somebody else has drawn up: it may open now. Of an anonymous one everything is told that
    speaks against it."""
    approved = rounds.approved(await round_of(order.round_id, store), clerk.name, clerk.now)
    if approved.anonymous:
        await must_be_possible(approved, clerk.now, store)
    return await saved(approved, store)


@doors.office("POST", "/rounds/{round_id}/change", "rounds:write")
async def change_round(order: ChangeRound, clerk: Clerk, store: Store) -> Round:
    """Changes a round that is not open yet; one that was approved must be approved again."""
    given = {name: getattr(order, name) for name in ("name", "letter", "opens", "closes")}
    news = {name: value for name, value in given.items() if value is not None}
    if order.secrecy is not None:
        news["secrecy"] = secrecy_of(order.secrecy)
    if not news:
        raise BadInput(t("Say what is to be changed: name, letter, opens, closes or secrecy."))
    round = await round_of(order.round_id, store)
    return await saved(rounds.changed(round, clerk.name, clerk.now, await form_of(round, store), **news), store)


@doors.office("POST", "/rounds/{round_id}/extend", "rounds:write")
async def extend_round(order: ExtendRound, clerk: Clerk, store: Store) -> Round:
    """Gives a round a later closing time; those who have not handed in are told."""
    before = await round_of(order.round_id, store)
    extended = await saved(rounds.extended(before, order.closes, clerk.now), store)
    if before.state not in rounds.UNOPENED:
        await invite_anew(extended, store)
        await announce(extended, Whom.PENDING, notices.extended(extended), clerk.now, store)
    return extended


@doors.office("POST", "/rounds/{round_id}/cancel", "rounds:write")
async def cancel_round(order: CancelRound, clerk: Clerk, store: Store) -> Round:
    """Calls a round off for good; whoever was asked is told why, and answers are kept."""
    before = await round_of(order.round_id, store)
    cancelled = rounds.cancelled(before)
    if not order.reason.strip():
        raise BadInput(t("Say why “{round}” is called off: those who were asked are told.", round=before.name))
    await saved(cancelled, store)
    if before.state not in rounds.UNOPENED:
        await hush(before, clerk.now, store)
        await settle(cancelled, store)
        told = notices.called_off(cancelled, order.reason.strip())
        await announce(cancelled, Whom.EVERYBODY, told, clerk.now, store)
    return cancelled


@doors.office("POST", "/rounds/{round_id}/copy", "rounds:write")
async def copy_round(order: CopyRound, clerk: Clerk, store: Store) -> Round:
    """A new draft with all settings of an earlier round."""
    round = await round_of(order.round_id, store)
    return await store.surveys.put_round(
        rounds.copied(round, order.name, order.opens, order.closes, clerk.name, clerk.now)
    )
