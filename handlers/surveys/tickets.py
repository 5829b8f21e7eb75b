"""The tickets with which an anonymous questionnaire is answered: made for somebody on the roll, and good for two hours
in the hands of whoever holds one. Nobody keeps them."""

from datetime import datetime, timedelta

from handlers.forms.form import Form, load
from handlers.refusals import NotAllowed, OutOfOrder, Refusal, TooLate
from handlers.surveys.rules import bands
from handlers.surveys.rules.rounds import excused, has_ended, takes_answers
from handlers.talk import t
from storage.records import Disposition, Invitation, Person, Round, RoundState, Ticket
from storage.store import Store

LIFE = timedelta(hours=2)
"""How long a ticket is good."""

NO_TICKET = t(
    "This link is older than two hours, or was not copied whole. Please go back to the chat in which you were "
    "invited and open the questionnaire there once more; what you entered up to the last page is still there."
)
LOCKED = t(
    "This questionnaire cannot be answered just now: the key to it is missing on our server. Ballots that are in stay "
    "in. Please tell your HR office, and try again later."
)


async def of(round: Round, person: Person, line: Invitation, now: datetime, store: Store) -> Ticket:
    """The ticket of somebody on the roll.

    Raises TooLate where the round takes no answers now, NotAllowed for who is excused, OutOfOrder where the tag key
    is not there.
    """
    if not takes_answers(round, now):
        raise not_now(round, now)
    if line.disposition is Disposition.EXCUSED:
        raise excused(round)
    tag = store.vault.tag(round.id, person.id)
    if tag is None:
        raise OutOfOrder(LOCKED)
    return Ticket(tag, bands.places(round.secrecy.breakdowns, line))


async def issue(round: Round, person: Person, line: Invitation, now: datetime, store: Store) -> str:
    """A new ticket as it stands in the fragment of a link: `{site}/ballot/{round.id}#{ticket}`. Raises as `of`."""
    link = store.vault.issue(round.id, await of(round, person, line, now, store), now + LIFE)
    if link is None:
        raise OutOfOrder(LOCKED)
    return link


async def redeem(round_id: int, link: str, now: datetime, store: Store) -> tuple[Round, Form, Ticket]:
    """The round, its form, and the ticket in a link; nothing of it says whose it is.

    Raises NotAllowed where the link is forged, expired or of another round, TooLate where the round takes no answers
    now, OutOfOrder where the tag key of an open round is not there. Who has no ticket is told no name of a round.
    """
    round = await store.surveys.round(round_id)
    ticket = store.vault.redeem(round_id, link, now)
    if round is None or not round.anonymous:
        raise NotAllowed(NO_TICKET)
    if ticket is None:
        raise _unknown(round, now, store)
    if not takes_answers(round, now):
        raise not_now(round, now)
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    return round, load(questionnaire.form, questionnaire.digest), ticket


def not_now(round: Round, now: datetime) -> TooLate:
    """Why nothing can be answered now, and what becomes of what was."""
    if round.state is RoundState.CANCELLED:
        return TooLate(t("“{round}” was called off. Its ballots are destroyed unread.", round=round.name))
    if has_ended(round, now):
        return closed(round)
    if round.state is RoundState.PAUSED:
        return TooLate(
            t("“{round}” is paused at the moment. What you entered is kept; please go on later.", round=round.name)
        )
    return TooLate(t("“{round}” has not been opened yet.", round=round.name))


def closed(round: Round) -> TooLate:
    """The no once the round has closed."""
    return TooLate(t("“{round}” has closed. A ballot that was handed in before counts as it was.", round=round.name))


def _unknown(round: Round, now: datetime, store: Store) -> Refusal:
    if has_ended(round, now):
        return TooLate(t("This questionnaire has closed. A ballot that was handed in before counts as it was."))
    if round.state in (RoundState.OPEN, RoundState.PAUSED) and not store.vault.is_ready(round.id):
        return OutOfOrder(LOCKED)
    return NotAllowed(NO_TICKET)
