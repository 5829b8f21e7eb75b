"""Opening a round, by the office's order or because it is due: one transaction writes roll and invitations."""

from datetime import datetime

from handlers.forms.form import load
from handlers.surveys.rules import notices, rounds
from handlers.surveys.rules.audience import audience
from handlers.talk import pack
from storage.records import Round
from storage.store import Store


async def open_now(round: Round, now: datetime, store: Store) -> Round:
    """The round, open. Raises AlreadyDone, TooLate, or BadInput if there is nobody to ask."""
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    invitation = pack(notices.invitation(round, load(questionnaire.form, questionnaire.digest)))
    people = audience(round.unit_ids, await store.people.units(), await store.people.people())
    accounts = await store.people.accounts_of([person.id for person in people])
    opening = rounds.opening(round, people, accounts, invitation, now)
    await store.surveys.save_round(opening.round)
    # Whoever else opens it at this moment waits at that line; what they wrote is seen here.
    if any((await store.surveys.progress(round.id)).values()):
        raise rounds.opened_already(round)
    await store.surveys.put_roll(opening.roll)
    for letter in opening.letters:
        await store.outbox.post(letter, held=False)
    return opening.round
