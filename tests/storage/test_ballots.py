"""The whole life of an anonymous round's keys and ballots, below every rule."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

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


async def test_ballots_that_come_at_once_are_all_kept(database: Database) -> None:
    """More than reach the disk together, of open urns and one that is not; the last of a tag counts."""
    async with database.reading() as store:
        await store.ballots.open(7)
        await store.ballots.open(8)
        await store.ballots.seal(8)
        cast = [store.ballots.cast(7, bytes([n % 100]) * 32, b"%d" % n) for n in range(200)]
        late = [store.ballots.cast(8, bytes([n]) * 32, b"late") for n in range(5)]
        assert await asyncio.gather(*cast, *late) == [True] * 200 + [False] * 5
        await store.ballots.seal(7)
        found = [sealed async for some in store.ballots.read(7) for sealed in some]
        assert sorted(found) == sorted(b"%d" % n for n in range(100, 200))
        assert await store.ballots.count(8) == 0


@pytest.mark.parametrize("leaver", [0, 1, 2])
async def test_who_gives_up_does_not_take_others_along(database: Database, leaver: int) -> None:
    async with database.reading() as store:
        await store.ballots.open(7)
        async with asyncio.TaskGroup() as crowd:
            tasks = [crowd.create_task(store.ballots.cast(7, bytes([n]) * 32, b"%d" % n)) for n in range(3)]
            await asyncio.sleep(0)
            tasks[leaver].cancel()
        stayed = [n for n in range(3) if n != leaver]
        assert all(tasks[n].result() for n in stayed)
        await store.ballots.seal(7)
        found = [sealed async for some in store.ballots.read(7) for sealed in some]
        assert {b"%d" % n for n in stayed} <= set(found)
