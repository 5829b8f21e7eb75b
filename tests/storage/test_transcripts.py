"""Stored conversations."""

from datetime import timedelta

from storage.database import Database
from storage.records import Speaker, Utterance
from tests.storage.organ import NOW, bound, people


async def test_the_last_things_said_come_oldest_first(database: Database) -> None:
    async with database.transaction() as store:
        person, other = await people(store, "1", "2")
        account = await bound(store, person, "7")
        said = [
            Utterance(account, person.id, NOW + timedelta(seconds=n), speaker, {"n": n})
            for n, speaker in enumerate([Speaker.PERSON, Speaker.BOT] * 2)
        ]
        for utterance in said:
            await store.transcripts.add(utterance)
        await store.transcripts.add(Utterance(account, None, NOW, Speaker.PERSON, {"typed": "hello"}))
        assert await store.transcripts.of(person.id, 2) == said[2:]
        await store.transcripts.add(Utterance(account, other.id, NOW, Speaker.BOT, {}))
    async with database.reading() as store:
        assert await store.transcripts.of(person.id, 10) == said
        assert len(await store.transcripts.of(other.id, 10)) == 1
