"""Letters: posted, claimed, sent, tried again, given up."""

from datetime import datetime, timedelta

import pytest

from storage.database import Database
from storage.records import DeadLetter, Lane, Letter
from tests.storage.organ import NOW, letter

UNTIL = NOW + timedelta(seconds=60)


async def free(database: Database, *letters: str, lane: Lane = Lane.REPLY, channel: str = "telegram") -> None:
    async with database.transaction() as store:
        for address in letters:
            await store.outbox.post(letter(address, lane, channel), held=False)


async def claimed(database: Database, limit: int = 100, now: datetime = NOW, channel: str = "telegram") -> list[Letter]:
    async with database.transaction() as store:
        return await store.outbox.claim(channel, limit, now, now + timedelta(seconds=60))


def addresses(letters: list[Letter]) -> list[str]:
    return [each.address for each in letters]


async def test_replies_are_claimed_before_broadcasts_then_older_ones(database: Database) -> None:
    await free(database, "b1", "b2", lane=Lane.BROADCAST)
    await free(database, "r1", "r2", "r3")
    await free(database, "w1", channel="webchat")
    first = await claimed(database, 4)
    assert addresses(first) == ["r1", "r2", "r3", "b1"]
    assert first[0].body == {"parts": ["to r1"]}
    assert [each.lane for each in first][2:] == [Lane.REPLY, Lane.BROADCAST]
    assert addresses(await claimed(database)) == ["b2"]
    assert await claimed(database) == []
    assert addresses(await claimed(database, channel="webchat")) == ["w1"]


async def test_held_letters_are_given_with_their_ids_and_to_nobody_else(database: Database) -> None:
    await free(database, "before")
    async with database.transaction() as store:
        await store.outbox.post(letter("h1"), held=True)
        await store.outbox.post(letter("f"), held=False)
        await store.outbox.post(letter("h2", Lane.BROADCAST), held=True)
        assert store.outbox.posted() == []
        await store.flush()
        await store.outbox.post(letter("h3"), held=True)
        await store.flush()
        held = store.outbox.posted()
    assert addresses(held) == ["h1", "h2", "h3"]
    assert len({each.id for each in held}) == 3
    assert addresses(await claimed(database)) == ["before", "f"]


async def test_a_held_letter_is_anybodys_when_its_lease_is_over(database_url: str) -> None:
    database = Database(database_url, clock=lambda: NOW, lease=timedelta(seconds=60))
    await database.start()
    async with database.transaction() as store:
        await store.outbox.post(letter("h"), held=True)
        await store.flush()
        held = store.outbox.posted()
    assert await claimed(database, now=NOW + timedelta(seconds=59)) == []
    assert await claimed(database, now=NOW + timedelta(seconds=60)) == held
    await database.stop()


async def test_a_claim_that_ran_out_is_anybodys_and_a_renewed_one_is_not(database: Database) -> None:
    await free(database, "a")
    [first] = await claimed(database)
    assert await claimed(database, now=UNTIL - timedelta(seconds=1)) == []
    async with database.transaction() as store:
        await store.outbox.renew([first.id], UNTIL + timedelta(seconds=60))
    assert await claimed(database, now=UNTIL) == []
    assert await claimed(database, now=UNTIL + timedelta(seconds=60)) == [first]


async def test_sent_letters_never_come_again(database: Database) -> None:
    await free(database, "a", "b")
    first, second = await claimed(database)
    async with database.transaction() as store:
        await store.outbox.sent([(second.id, "m2"), (first.id, "m1")], NOW)
        await store.outbox.sent([], NOW)
        assert await store.outbox.waiting() == {}
        assert await store.outbox.next_due("telegram") is None
    assert await claimed(database, now=NOW + timedelta(days=1)) == []


async def test_a_letter_waits_until_it_is_due_again(database: Database) -> None:
    await free(database, "a")
    [first] = await claimed(database)
    due = NOW + timedelta(seconds=30)
    async with database.transaction() as store:
        await store.outbox.again(first.id, due, "429", 1)
        assert await store.outbox.next_due("telegram") == due
    assert await claimed(database, now=due - timedelta(seconds=1)) == []
    [again] = await claimed(database, now=due)
    assert (again.id, again.attempts) == (first.id, 1)


async def test_dead_letters_are_shown_newest_first(database: Database) -> None:
    await free(database, "a", "b")
    first, second = await claimed(database)
    later = NOW + timedelta(seconds=1)
    async with database.transaction() as store:
        await store.outbox.dead(first.id, "403", NOW)
        await store.outbox.dead(second.id, "400", later)
        assert await store.outbox.dead_letters() == [
            DeadLetter("telegram", str(second.id), "400", later),
            DeadLetter("telegram", str(first.id), "403", NOW),
        ]
        assert await store.outbox.waiting() == {}
    assert await claimed(database, now=NOW + timedelta(days=1)) == []


async def test_what_is_not_out_yet_is_counted_by_channel_and_lane(database: Database) -> None:
    await free(database, "b1", "b2", lane=Lane.BROADCAST)
    await free(database, "w", channel="webchat")
    await claimed(database, 1)
    async with database.transaction() as store:
        await store.outbox.post(letter("r"), held=False)
        assert await store.outbox.waiting() == {
            ("telegram", Lane.REPLY): 1,
            ("telegram", Lane.BROADCAST): 2,
            ("webchat", Lane.REPLY): 1,
        }


async def test_a_letter_posted_in_this_transaction_can_be_claimed_in_it(database: Database) -> None:
    async with database.transaction() as store:
        await store.outbox.post(letter("a"), held=False)
        due = await store.outbox.next_due("telegram")
        assert due is not None
        assert due < NOW
        await store.outbox.post(letter("b"), held=False)
        assert addresses(await store.outbox.claim("telegram", 10, NOW, UNTIL)) == ["a", "b"]


async def test_sweeping_forgets_only_what_is_settled_and_old(database: Database) -> None:
    await free(database, "old", "dead", "new", "waiting")
    old, dead, new, _ = await claimed(database)
    async with database.transaction() as store:
        await store.outbox.sent([(old.id, "m")], NOW)
        await store.outbox.dead(dead.id, "403", NOW)
        await store.outbox.sent([(new.id, "m")], NOW + timedelta(days=1))
        assert await store.outbox.sweep(NOW + timedelta(hours=1)) == 2
        assert await store.outbox.sweep(NOW + timedelta(days=2)) == 1
        assert await store.outbox.waiting() == {("telegram", Lane.REPLY): 1}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_on_sqlite_everything_being_sent_is_reclaimed_at_start(database: Database) -> None:
    await free(database, "a", "b")
    [first] = await claimed(database, 1)
    async with database.transaction() as store:
        assert await store.outbox.reclaim() == 1
    assert addresses(await claimed(database)) == ["a", "b"]
    assert first.address == "a"


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_on_postgresql_a_process_reclaims_only_its_own(database_url: str) -> None:
    one, two = Database(database_url, holder="one"), Database(database_url, holder="two")
    await one.start()
    await two.start()
    await free(one, "a", "b")
    await claimed(one, 1)
    [others] = await claimed(two, 1)
    async with one.transaction() as store:
        assert await store.outbox.reclaim() == 1
    async with two.transaction() as store:
        await store.outbox.renew([others.id, others.id + 1], UNTIL + timedelta(days=1))
    assert addresses(await claimed(one, now=UNTIL + timedelta(hours=1))) == ["a"]
    await one.stop()
    await two.stop()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_two_processes_claiming_at_once_never_get_the_same_letter(database_url: str) -> None:
    one, two = Database(database_url), Database(database_url)
    await one.start()
    await two.start()
    await free(one, *(str(number) for number in range(10)))
    async with one.transaction() as first, two.transaction() as second:
        mine = await first.outbox.claim("telegram", 6, NOW, UNTIL)
        others = await second.outbox.claim("telegram", 6, NOW, UNTIL)
    assert addresses(mine) == ["0", "1", "2", "3", "4", "5"]
    assert addresses(others) == ["6", "7", "8", "9"]
    await one.stop()
    await two.stop()
