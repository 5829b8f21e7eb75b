"""What came of an anonymous round: the released tables, the same for everybody, and the auditors' report."""

from dataclasses import dataclass

from handlers import doors
from handlers.surveys.publishing import published
from handlers.surveys.rolls import OneRound, round_of
from handlers.surveys.rules import exports
from handlers.surveys.rules.assurance import Assurance, assured
from handlers.surveys.rules.exports import Results
from storage.records import Clerk
from storage.store import Store


@dataclass(frozen=True, slots=True)
class RoundResults:
    """The results of a round; words of questions in `language` (`zh_CN`) where the questionnaire has it."""

    round_id: int
    language: str = ""


@doors.office("GET", "/rounds/{round_id}/results", "answers:read")
async def round_results(order: RoundResults, clerk: Clerk, store: Store) -> Results:
    """The released tables and comments of an anonymous round, exactly as they are stored; nothing before that."""
    return exports.results(await published(await round_of(order.round_id, store), store), order.language)


@doors.office("GET", "/rounds/{round_id}/assurance", "rounds:read")
async def round_assurance(order: OneRound, clerk: Clerk, store: Store) -> Assurance:
    """For auditors: what was promised in an anonymous round, what was hidden by which rule, and what became of keys
    and ballots."""
    round = await round_of(order.round_id, store)
    questionnaire = await store.surveys.questionnaire(round.questionnaire_id)
    units = {str(unit.id): unit.name for unit in await store.people.units()}
    return assured(round, questionnaire.digest, await store.counts.count(round.id), units)
