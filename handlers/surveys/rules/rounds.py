"""The life of a round: planned, opened with its roll, paused, resumed, closed."""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime

from handlers.refusals import AlreadyDone, BadInput, NotAllowed, TooLate
from handlers.talk import Text, t
from storage.records import Round, RoundState

ENDED = (RoundState.CLOSED, RoundState.CANCELLED)


def check_plan(name: str, anonymous: bool, opens: datetime | None, closes: datetime | None, now: datetime) -> None:
    """Raises BadInput with everything that is wrong with the plan, at once."""
    problems: list[Text] = []
    if not name.strip():
        problems.append(t("Give the round a name: people will see it."))
    if anonymous:
        problems.append(
            t("Anonymous rounds are not possible yet, and a named round is never passed off as one. Plan it as named.")
        )
    if any(moment is not None and moment.tzinfo is None for moment in (opens, closes)):
        problems.append(t("Give opening and closing time with their time zone, like 2026-03-31T18:00+08:00."))
    else:
        problems += _check_times(opens, closes, now)
    if problems:
        raise BadInput(t("The round was not planned."), problems)


def _check_times(opens: datetime | None, closes: datetime | None, now: datetime) -> list[Text]:
    problems: list[Text] = []
    if closes is not None and closes <= now:
        problems.append(t("The closing time {closes} is past.", closes=closes))
    if opens is not None and closes is not None and closes <= opens:
        problems.append(t("The round would close ({closes}) before it opens ({opens}).", closes=closes, opens=opens))
    return problems


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


def must_run(round: Round, now: datetime | None) -> None:
    """Raises BadInput where the round has not been opened yet, TooLate where it is over (at `now`, where it matters
    that the clock may be late)."""
    if round.state in (RoundState.DRAFT, RoundState.PLANNED):
        raise BadInput(t("The round “{round}” has not been opened yet.", round=round.name))
    if round.state in ENDED or (now is not None and _is_over(round, now)):
        raise TooLate(t("The round “{round}” is closed; plan a new one.", round=round.name))


def closed(round: Round, now: datetime) -> Round:
    """The round, closed for good; one that was only planned never opens. Raises AlreadyDone.

    A closing time that is past stays: the clock may be late, people were not.
    """
    if round.state in ENDED:
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


def receipt(round_id: int, person_id: int, at: datetime) -> str:
    """Eight letters and digits that name one handing in; the same for the same three."""
    digest = hashlib.sha256(f"{round_id}:{person_id}:{at.isoformat()}".encode()).digest()
    return base64.b32encode(digest[:5]).decode()
