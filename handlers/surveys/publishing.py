"""What was released of a round, as every door shows it: the office's, the page's, the chat's."""

from datetime import datetime

from handlers.refusals import BadInput, NotAllowed
from handlers.surveys.rules import results
from handlers.surveys.rules.published import Published, spoken_of
from handlers.surveys.wording import form_of
from handlers.talk import t
from storage.records import Count, CountStage, Person, Round
from storage.store import Store


async def published(round: Round, store: Store) -> Published:
    """The released tables and comments; none where the results were withheld.

    Raises BadInput for a named round, and one NotAllowed for every anonymous one before the release.
    """
    if not round.anonymous:
        raise BadInput(t("“{round}” is a named questionnaire: it has answers, not released tables.", round=round.name))
    count = await store.counts.count(round.id)
    refused = results.refusal(round, count)
    if refused is not None or count is None:
        raise NotAllowed(refused or results.NOT_YET)
    return await _gathered(round, count, store)


async def recent(who: Person, now: datetime, store: Store) -> list[Round]:
    """The rounds this person was asked in whose results have come of late, the newest first."""
    done = await store.counts.at((CountStage.RELEASED, CountStage.WITHHELD))
    late = [one.round_id for one in done if results.is_recent(one, now)]
    asked = [id for id in reversed(late) if await store.surveys.invitation(id, who.id)]
    return [round for id in asked if (round := await store.surveys.round(id))]


async def _gathered(round: Round, count: Count, store: Store) -> Published:
    tables = tuple(await store.counts.released(round.id))
    earlier = [await store.surveys.round(id) for id in spoken_of(tables)]
    return Published(
        round,
        await form_of(round, store),
        count,
        tables,
        tuple(await store.counts.remarks(round.id)),
        {str(unit.id): unit.name for unit in await store.people.units()},
        {one.id: one.name for one in earlier if one},
    )
