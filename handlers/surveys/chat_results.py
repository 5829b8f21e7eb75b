"""What came of an anonymous round, in the chat: a few lines, and the way to all tables."""

from handlers import doors
from handlers.refusals import NotFound
from handlers.surveys import desk as at
from handlers.surveys.publishing import published
from handlers.surveys.rolls import round_of
from handlers.surveys.rules import results
from handlers.talk import Reply, Turn, t
from storage.records import Role
from storage.store import Store


@doors.tap("rs")
async def show_results(turn: Turn, store: Store) -> Reply:
    """The results in short, for whoever was asked and for the HR office. Who looks at them is written down nowhere."""
    (round_id,) = at.numbers(turn, 1)[:1]
    who = at.person(turn)
    asked = await store.surveys.invitation(round_id, who.id) is not None
    if not asked and Role.HR not in await store.groups.roles_of(who, turn.now.date()):
        raise NotFound(t("There is no such questionnaire for you. /my shows what waits for you."))
    of = await published(await round_of(round_id, store), store)
    return Reply((results.summary(of, f"{turn.site}/results/{round_id}/{of.count.link}"),), confidential=True)
