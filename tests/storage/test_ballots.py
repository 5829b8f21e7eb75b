"""The whole life of an anonymous round's keys and ballots, below every rule."""

from datetime import UTC, datetime, timedelta

from storage import vault
from storage.database import Database
from storage.records import Half, Ticket

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_a_round_from_opening_to_the_last_ballot_destroyed(database: Database) -> None:
    first, _ = vault.new_key("correct horse battery")
    second, _ = vault.new_key("staple of another office")
    keys = database.vault
    box = keys.open(7, {1: first.public, 2: second.public}, [(1, 2)])
    async with database.reading() as store:
        await store.ballots.open(7)
        tag = keys.tag(7, 30)
        assert tag
        link = keys.issue(7, Ticket(tag, (2, 0)), NOW + timedelta(hours=1))
        assert link
        ticket = keys.redeem(7, link, NOW)
        assert ticket == Ticket(tag, (2, 0))
        assert keys.redeem(7, link, NOW + timedelta(hours=1)) is None
        assert keys.redeem(8, link, NOW) is None
        hidden = keys.hide(7, tag, b"so far")
        assert hidden
        assert await store.ballots.put_draft(7, *hidden)
        kept = await store.ballots.draft(7, hidden[0])
        assert kept
        assert keys.show(7, tag, kept) == b"so far"
        assert await store.ballots.cast(7, tag, vault.seal(box, b"first"), hidden[0])
        assert await store.ballots.draft(7, hidden[0]) is None
        assert await store.ballots.cast(7, tag, vault.seal(box, b"second"))
        assert await store.ballots.count(7) is None
        await store.ballots.seal(7)
        assert not await store.ballots.cast(7, tag, vault.seal(box, b"late"))
        assert await store.ballots.count(7) == 1
        private = vault.unlock(first, "correct horse battery"), vault.unlock(second, "staple of another office")
        assert private[0]
        assert private[1]
        assert keys.unlock_box(7, 1, private[0]) is Half.STILL_TAGGED
        keys.destroy_tag_key(7)
        assert keys.tag(7, 30) is None
        assert keys.unlock_box(7, 2, private[1]) is Half.FIRST
        opened = keys.unlock_box(7, 1, private[0])
        assert isinstance(opened, bytes)
        found = [one for some in [vault.read(opened, sealed) async for sealed in store.ballots.read(7)] for one in some]
        assert found == [b"second"]
        keys.destroy_box_key(7)
        await store.ballots.erase(7)
        assert keys.unlock_box(7, 1, private[0]) is Half.LOST
        assert await store.ballots.count(7) is None
    assert not list(keys.directory.iterdir())
