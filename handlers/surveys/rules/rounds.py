"""The life of a round: drafted and approved, planned, opened with its roll, paused, resumed, closed or called off."""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.forms.form import Form
from handlers.refusals import AlreadyDone, BadInput, NotAllowed, TooLate
from handlers.surveys.rules import letters, secrecy
from handlers.talk import Text, t
from storage.records import Round, RoundState

ENDED = (RoundState.CLOSED, RoundState.CANCELLED)
UNOPENED = (RoundState.DRAFT, RoundState.PLANNED)


def check_plan(round: Round, now: datetime, form: Form | None = None) -> None:
    """Raises BadInput with everything that is wrong with a round to come, at once; `form`: what it asks, where that
    has not been looked at before."""
    if problems := _plan_problems(round, now, form):
        raise BadInput(t("The round was not planned."), problems)


def _plan_problems(round: Round, now: datetime, form: Form | None) -> list[Text]:
    problems: list[Text] = []
    if not round.name.strip():
        problems.append(t("Give the round a name: people will see it."))
    if any(moment is not None and moment.tzinfo is None for moment in (round.opens, round.closes)):
        problems.append(t("Give opening and closing time with their time zone, like 2026-03-31T18:00+08:00."))
    else:
        problems += _check_times(round.opens, round.closes, now)
    has_end = round.closes is not None
    problems += [*letters.problems(round.letter, round.anonymous, has_end), *secrecy.planned(round, has_end)]
    return [*problems, *secrecy.asked(round, form)] if form else problems


def _check_times(opens: datetime | None, closes: datetime | None, now: datetime) -> list[Text]:
    problems: list[Text] = []
    if closes is not None and closes <= now:
        problems.append(t("The closing time {closes} is past.", closes=closes))
    if opens is not None and closes is not None and closes <= opens:
        problems.append(t("The round would close ({closes}) before it opens ({opens}).", closes=closes, opens=opens))
    return problems


def approved(round: Round, by: str, now: datetime) -> Round:
    """The draft, approved by a second person and so ready to open. Raises AlreadyDone, NotAllowed or TooLate."""
    match round.state:
        case RoundState.PLANNED if round.approved is not None:
            raise AlreadyDone(
                t(
                    "“{round}” was approved by {person} on {time}.",
                    round=round.name,
                    person=round.approved_by,
                    time=round.approved,
                )
            )
        case RoundState.PLANNED:
            raise AlreadyDone(t("“{round}” is no draft: it can be opened as it is.", round=round.name))
        case RoundState.OPEN | RoundState.PAUSED:
            raise opened_already(round)
        case RoundState.CLOSED | RoundState.CANCELLED:
            raise _over(round)
    if round.created_by == by:
        raise NotAllowed(
            t("You drew up “{round}” yourself: somebody else of the HR office must approve it.", round=round.name)
        )
    if _is_over(round, now):
        raise TooLate(
            t("The closing time of “{round}” is past: change it first, then have it approved.", round=round.name)
        )
    return replace(round, state=RoundState.PLANNED, approved=now, approved_by=by)


def changed(round: Round, by: str, now: datetime, form: Form | None = None, **news: Any) -> Round:
    """The round with these fields changed before it opens; an approved draft must be approved again.

    Whoever changes it has drawn it up as it is now. Raises BadInput, TooLate.
    """
    if round.state in ENDED:
        raise _over(round)
    if round.state not in UNOPENED:
        must_be_named(round)
        raise TooLate(
            t("“{round}” is open: now its closing time can be extended, and nothing else changed.", round=round.name)
        )
    new = replace(round, **news)
    if problems := [*_plan_problems(new, now, form), *secrecy.lowered(round.secrecy, new.secrecy)]:
        raise BadInput(t("“{round}” was not changed.", round=round.name), problems)
    new = replace(new, name=new.name.strip(), letter=new.letter.strip())
    if round.approved is not None:
        new = replace(new, state=RoundState.DRAFT, approved=None, approved_by="")
    return replace(new, created_by=by) if new.state is RoundState.DRAFT else new


def must_be_named(round: Round) -> None:
    """Raises NotAllowed where an anonymous round is to be changed otherwise than before its opening, as a whole and
    with another approval."""
    if not round.anonymous:
        return
    if round.state in UNOPENED:
        raise NotAllowed(
            t("“{round}” is anonymous: change the draft, and a second person approves it again.", round=round.name)
        )
    raise NotAllowed(
        t(
            "“{round}” is anonymous: whom it asks, what and until when was fixed when it opened. It can be called off.",
            round=round.name,
        )
    )


def check_extensible(round: Round, now: datetime) -> datetime:
    """The closing time it has. Raises TooLate where it is over, BadInput where it has no closing time, NotAllowed
    where it is anonymous."""
    must_be_named(round)
    if has_ended(round, now):
        raise TooLate(t("“{round}” is over and cannot be extended; repeat it with a copy instead.", round=round.name))
    if round.closes is None:
        raise BadInput(
            t("“{round}” has no closing time: it is open until you close it. Nothing to extend.", round=round.name)
        )
    return round.closes


def extended(round: Round, closes: datetime, now: datetime) -> Round:
    """The round, open for longer. Raises BadInput, or TooLate where it is over."""
    before = check_extensible(round, now)
    if closes.tzinfo is None:
        raise BadInput(t("Give the closing time with its time zone, like 2026-03-31T18:00+08:00."))
    if closes <= before:
        raise BadInput(
            t(
                "“{round}” closes on {time}: give a later time. To end it sooner, close it.",
                round=round.name,
                time=before,
            )
        )
    return replace(round, closes=closes)


def cancelled(round: Round) -> Round:
    """The round, called off for good. Raises AlreadyDone or TooLate."""
    if round.state is RoundState.CANCELLED:
        raise AlreadyDone(t("“{round}” has been called off already.", round=round.name))
    if round.state is RoundState.CLOSED:
        raise TooLate(t("“{round}” is closed already: there is nothing left to call off.", round=round.name))
    return replace(round, state=RoundState.CANCELLED)


def copied(round: Round, name: str, opens: datetime | None, closes: datetime | None, by: str, now: datetime) -> Round:
    """A new draft with all settings of an earlier round and its own dates. Raises BadInput."""
    copy = replace(round, id=0, name=name.strip() or round.name, opens=opens, closes=closes, plan_id=None, period="")
    copy = replace(copy, secrecy=secrecy.bare(round.secrecy))
    check_plan(copy, now)
    copy = replace(copy, state=RoundState.DRAFT, approved=None, approved_by="")
    return replace(copy, created=now, created_by=by)


def opened(round: Round, asked: int, now: datetime) -> Round:
    """The round, open; `asked`: how many are in its audience.

    Raises AlreadyDone, TooLate, NotAllowed where it is not approved, or BadInput if there is nobody to ask.
    """
    if round.state in (RoundState.OPEN, RoundState.PAUSED):
        raise opened_already(round)
    if round.state is RoundState.DRAFT:
        raise NotAllowed(t("“{round}” is a draft: a second person must approve it first.", round=round.name))
    if round.state is not RoundState.PLANNED or _is_over(round, now):
        raise TooLate(t("The round “{round}” is over; plan a new one.", round=round.name))
    if not asked:
        raise BadInput(t("Nobody on the roster is to be asked in “{round}”.", round=round.name))
    return replace(round, state=RoundState.OPEN, opens=now)


def opened_already(round: Round) -> AlreadyDone:
    """The no to opening it again."""
    return AlreadyDone(t("The round “{round}” has been opened already.", round=round.name))


def paused(round: Round) -> Round:
    """The round, paused. Raises AlreadyDone, BadInput or TooLate."""
    if round.state is RoundState.PAUSED:
        raise AlreadyDone(t("The round “{round}” is paused already.", round=round.name))
    must_run(round, None)
    return replace(round, state=RoundState.PAUSED)


def resumed(round: Round) -> Round:
    """The paused round, open again. Raises AlreadyDone, BadInput or TooLate."""
    if round.state is RoundState.OPEN:
        raise AlreadyDone(t("The round “{round}” is open already.", round=round.name))
    must_run(round, None)
    return replace(round, state=RoundState.OPEN)


def _over(round: Round) -> TooLate:
    if round.state is RoundState.CANCELLED:
        return TooLate(t("“{round}” was called off; plan a new one, or a copy of it.", round=round.name))
    return TooLate(t("The round “{round}” is closed; plan a new one.", round=round.name))


def must_run(round: Round, now: datetime | None) -> None:
    """Raises BadInput where the round has not been opened yet, TooLate where it is over (at `now`, where it matters
    that the clock may be late)."""
    if round.state in UNOPENED:
        raise BadInput(t("The round “{round}” has not been opened yet.", round=round.name))
    if round.state in ENDED or (now is not None and _is_over(round, now)):
        raise _over(round)


def closed(round: Round, now: datetime) -> Round:
    """The round, closed for good; one that was only planned never opens. Raises AlreadyDone.

    A closing time that is past stays: the clock may be late, people were not.
    """
    if round.state is RoundState.CANCELLED:
        raise AlreadyDone(t("“{round}” has been called off already.", round=round.name))
    if round.state is RoundState.CLOSED:
        raise AlreadyDone(t("The round “{round}” is closed already.", round=round.name))
    return replace(round, state=RoundState.CLOSED, closes=round.closes if _is_over(round, now) else now)


def is_due(round: Round, now: datetime) -> bool:
    """Is a planned round to be opened by the clock?"""
    waits = round.state is RoundState.PLANNED and not _is_over(round, now)
    return waits and round.opens is not None and round.opens <= now


def is_overdue(round: Round, now: datetime) -> bool:
    """Is a round past its closing time to be closed by the clock?"""
    return round.state not in ENDED and _is_over(round, now)


def takes_answers(round: Round, now: datetime) -> bool:
    """May people answer now? The closing time counts, also where the clock is late."""
    return round.state is RoundState.OPEN and not _is_over(round, now)


def has_ended(round: Round, now: datetime) -> bool:
    """Closed, or its closing time is past."""
    return round.state in ENDED or _is_over(round, now)


def _is_over(round: Round, now: datetime) -> bool:
    return round.closes is not None and round.closes <= now


def excused(round: Round) -> NotAllowed:
    """The no to somebody who is excused."""
    return NotAllowed(
        t("Your HR office has excused you from “{round}”: there is nothing for you to do.", round=round.name)
    )


def receipt(round_id: int, person_id: int, at: datetime) -> str:
    """Eight letters and digits that name one handing in; the same for the same three."""
    digest = hashlib.sha256(f"{round_id}:{person_id}:{at.isoformat()}".encode()).digest()
    return base64.b32encode(digest[:5]).decode()
