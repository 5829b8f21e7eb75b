"""What the web chat shows."""

from storage.database import Database
from storage.records import Posted


async def test_versions_grow_and_an_identical_body_changes_nothing(database: Database) -> None:
    async with database.transaction() as store:
        first = await store.mailbox.post("7", "m1", {"parts": ["a"]})
        other = await store.mailbox.post("8", "m1", {"parts": ["of another"]})
        second = await store.mailbox.post("7", "m2", {"parts": ["b"]})
        assert await store.mailbox.post("7", "m1", {"parts": ["a"]}) == first
        edited = await store.mailbox.post("7", "m1", {"parts": ["c"]})
        assert first < second < edited
    async with database.reading() as store:
        assert await store.mailbox.since("7", 0) == [
            Posted("m2", second, {"parts": ["b"]}),
            Posted("m1", edited, {"parts": ["c"]}),
        ]
        assert await store.mailbox.since("7", second) == [Posted("m1", edited, {"parts": ["c"]})]
        assert await store.mailbox.since("8", other) == []


async def test_history_is_in_order_of_first_appearance(database: Database) -> None:
    async with database.transaction() as store:
        for key in ("m1", "m2", "m3"):
            await store.mailbox.post("7", key, {"parts": [key]})
        await store.mailbox.post("7", "m1", {"parts": ["edited"]})
        await store.mailbox.post("7", "m1", {"parts": ["edited twice"]})
    async with database.reading() as store:
        shown = await store.mailbox.history("7", 10)
        assert [(posted.key, posted.body["parts"]) for posted in shown] == [
            ("m1", ["edited twice"]),
            ("m2", ["m2"]),
            ("m3", ["m3"]),
        ]
        assert [posted.key for posted in await store.mailbox.history("7", 2)] == ["m2", "m3"]
        assert await store.mailbox.history("nobody", 2) == []


async def test_a_removed_message_leaves_only_that_it_is_gone(database: Database) -> None:
    async with database.transaction() as store:
        first = await store.mailbox.post("7", "m1", {"parts": ["secret"]})
        await store.mailbox.post("7", "m2", {"parts": ["b"]})
        await store.mailbox.remove("7", "m1")
        await store.mailbox.remove("7", "never there")
    async with database.reading() as store:
        assert [posted.key for posted in await store.mailbox.history("7", 10)] == ["m2"]
        [gone] = await store.mailbox.since("7", first + 1)
        assert (gone.key, gone.body) == ("m1", {"gone": True})
    async with database.transaction() as store:
        await store.mailbox.remove("7", "m1")
        assert await store.mailbox.since("7", gone.version) == []
        await store.mailbox.post("7", "m1", {"parts": ["back"]})
        assert [posted.key for posted in await store.mailbox.history("7", 10)] == ["m1", "m2"]


async def test_versions_are_not_used_again(database: Database) -> None:
    async with database.transaction() as store:
        version = await store.mailbox.post("7", "m1", {"parts": ["a"]})
    async with database.transaction() as store:
        assert await store.mailbox.post("7", "m1", {"parts": ["b"]}) > version
