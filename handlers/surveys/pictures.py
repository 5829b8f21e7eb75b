"""The pictures a questionnaire shows."""

from handlers.refusals import NotFound
from handlers.talk import t
from storage.records import Picture, Round
from storage.store import Store


async def picture(round: Round | None, name: str, store: Store) -> Picture:
    """The picture of this name that the round's questionnaire shows. Raises NotFound."""
    media = (await store.surveys.questionnaire(round.questionnaire_id)).media if round else {}
    found = await store.surveys.picture(media[name]) if name in media else None
    if found is None:
        raise NotFound(t("There is no such picture."))
    return found
