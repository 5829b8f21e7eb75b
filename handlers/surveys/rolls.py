"""What several doors share: a round, its questionnaire, the people named, and a word to one of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from handlers.refusals import BadInput, NotFound
from handlers.surveys.rules import rounds
from handlers.talk import Message, Text, pack, t
from storage.records import Lane, NewLetter, Person, Round
from storage.store import Store


@dataclass(frozen=True, slots=True)
class OneRound:
    """The round with this id."""

    round_id: int


async def round_of(round_id: int, store: Store) -> Round:
    """The round. Raises NotFound."""
    round = await store.surveys.round(round_id)
    if round is None:
        raise NotFound(t("There is no round {id}.", id=round_id))
    return round


async def saved(round: Round, store: Store) -> Round:
    """The round, as it is kept from now on."""
    await store.surveys.save_round(round)
    return round


async def must_have_questions(questionnaire_id: int, store: Store) -> None:
    """Raises NotFound where there is no such questionnaire."""
    try:
        await store.surveys.questionnaire(questionnaire_id)
    except LookupError:
        raise NotFound(t("There is no questionnaire {id}.", id=questionnaire_id)) from None


async def running(round_id: int, now: datetime, store: Store) -> Round:
    """The round, open or paused. Raises NotFound, BadInput or TooLate."""
    round = await round_of(round_id, store)
    rounds.must_run(round, now)
    return round


async def people_of(numbers: Collection[str], store: Store) -> tuple[list[Person], list[Text]]:
    """The people with these staff numbers, in the order of their ids, each held until the transaction ends; and a
    sentence for each number nobody has. Raises BadInput if none is given."""
    wanted = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
    if not wanted:
        raise BadInput(t("Say whom you mean: give at least one staff number."))
    found = await store.people.by_numbers(wanted)
    people = [await store.people.hold(one.id) for one in sorted(found.values(), key=lambda one: one.id)]
    missing = [_nobody(number) for number in wanted if number not in found]
    return [one for one in people if one], missing


def _nobody(number: str) -> Text:
    return t("Nobody has the staff number {number}.", number=number)


async def tell(person: Person, message: Message, store: Store) -> None:
    """Says this at every account of the person."""
    for account in (await store.people.accounts_of([person.id])).get(person.id, ()):
        language = account.language or person.language
        letter = NewLetter(account.channel, account.address, language, Lane.BROADCAST, pack(message), None, person.id)
        await store.outbox.post(letter, held=False)
