"""The courier: order, rates, refusals by the platform, and letters that outlive the process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import courier as module
from bot.channels.base import ChannelError, Gone, Speech, Throttled
from bot.courier import Courier
from bot.words import Words
from handlers.talk import File, Message, Part, Removal, Stored, pack, t
from storage.database import Database, Unavailable
from storage.records import (
    Broadcast,
    BroadcastKind,
    Disposition,
    Lane,
    Letter,
    NewLetter,
    Picture,
    Whom,
)
from tests.fakes.channel import FakeChannel
from tests.storage.organ import bound, people, round_of

WORDS = Words(ZoneInfo("Asia/Shanghai"))

Running = Callable[[FakeChannel], AbstractAsyncContextManager[Courier]]


@pytest.fixture
def running(database: Database) -> Running:
    @asynccontextmanager
    async def run(channel: FakeChannel) -> AsyncIterator[Courier]:
        courier = Courier(database, {channel.name: channel}, WORDS, "en")
        task = asyncio.get_running_loop().create_task(courier.run())
        yield courier
        await courier.drain()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return run


def letter(text: Part, address: str = "1", lane: Lane = Lane.REPLY, replaces: str = "") -> NewLetter:
    return NewLetter("fake", address, "en", lane, pack(Message((text,), replaces=replaces)))


async def post(database: Database, *letters: NewLetter, held: bool = False) -> list[Letter]:
    async with database.transaction() as store:
        for one in letters:
            await store.outbox.post(one, held=held)
        await store.flush()
        return store.outbox.posted()


async def waiting(database: Database) -> int:
    async with database.reading() as store:
        return sum((await store.outbox.waiting()).values())


async def test_letters_of_one_chat_keep_their_order(database: Database, running: Running) -> None:
    channel = FakeChannel()
    await post(database, *[letter(f"{chat}-{n}", chat) for n in range(20) for chat in "abc"])
    async with running(channel):
        await channel.until_said(60)
    for chat in "abc":
        assert [text for _, address, text in channel.said if address == chat] == [f"{chat}-{n}" for n in range(20)]
    assert await waiting(database) == 0


async def test_held_letters_need_no_look_into_the_outbox(database: Database, running: Running) -> None:
    channel = FakeChannel()
    async with running(channel) as courier:
        courier.take(await post(database, letter("now"), letter("edited", replaces="7"), held=True))
        await channel.until_said(2)
    assert channel.said == [("send", "1", "now"), ("edit", "1", "edited")]


async def test_own_words_and_removals(database: Database, running: Running) -> None:
    channel = FakeChannel(echoes=True)
    own = NewLetter("fake", "1", "en", Lane.REPLY, {**pack(Message(("mine",))), "own": True})
    gone = NewLetter("fake", "1", "en", Lane.REPLY, pack(Removal("9")))
    await post(database, own, gone)
    async with running(channel):
        await channel.until_said(2)
    assert channel.said == [("own", "1", "mine"), ("delete", "1", "9")]


async def test_replies_go_before_broadcasts(database: Database, running: Running) -> None:
    channel = FakeChannel(rate=50.0)
    await post(database, *[letter(f"b{n}", f"chat{n}", Lane.BROADCAST) for n in range(40)])
    async with running(channel) as courier:
        await channel.until_said(5)
        courier.take(await post(database, letter("reply", "somebody"), held=True))
        await channel.until(lambda: ("send", "somebody", "reply") in channel.said)
        assert len(channel.said) < 20
        await channel.until_said(41)


async def test_the_rate_is_kept_and_used(database: Database, running: Running) -> None:
    channel = FakeChannel(rate=100.0)
    await post(database, *[letter("x", str(n), Lane.BROADCAST) for n in range(60)])
    async with running(channel):
        await channel.until_said(60)
    assert all(late - early >= 0.97 for early, late in zip(channel.times, channel.times[100:], strict=False))
    assert channel.times[-1] - channel.times[0] >= 0.55


async def test_one_chat_is_not_flooded(database: Database, running: Running) -> None:
    channel = FakeChannel(chat_rate=20.0, chat_burst=2)
    await post(database, *[letter(str(n)) for n in range(6)], letter("other", "2"))
    async with running(channel):
        await channel.until_said(7)
    mine = [when for when, (_, address, _) in zip(channel.times, channel.said, strict=True) if address == "1"]
    assert mine[-1] - mine[0] >= 4 / 20 - 0.01


async def test_a_throttled_chat_waits_and_others_do_not(database: Database, running: Running) -> None:
    channel = FakeChannel()
    channel.failures = [Throttled(0.3)]
    await post(database, letter("slow", "1"))
    async with running(channel) as courier:
        await channel.until_tried(1)
        courier.take(await post(database, letter("fast", "2"), held=True))
        await channel.until_said(2)
    assert [text for _, _, text in channel.said] == ["fast", "slow"]


async def test_throttled_for_everyone(database: Database, running: Running) -> None:
    channel = FakeChannel()
    channel.failures = [Throttled(0.3, everyone=True)]
    begun = asyncio.get_running_loop().time()
    async with running(channel) as courier:
        courier.take(await post(database, letter("a", "1"), held=True))
        courier.take(await post(database, letter("b", "2"), held=True))
        await channel.until_said(2)
    assert channel.times[0] - begun >= 0.25 or channel.said[0][1] == "2"
    assert channel.times[-1] - begun >= 0.25


async def test_a_passing_failure_is_tried_again(database: Database, running: Running) -> None:
    channel = FakeChannel()
    channel.failures = [ChannelError("network"), ChannelError("network")]
    await post(database, letter("first"), letter("second"))
    async with running(channel):
        await channel.until_said(2)
    assert [text for _, _, text in channel.said] == ["first", "second"]


async def test_what_was_said_of_a_long_letter_is_not_said_again(database: Database, running: Running) -> None:
    channel = FakeChannel(text=100)
    long = "\n".join("x" * 60 for _ in range(3))
    async with running(channel) as courier:
        channel.gate = asyncio.Event()
        courier.take(await post(database, letter(long), held=True))
        channel.gate.set()
        await channel.until_said(1)
        channel.failures.append(ChannelError("network"))
        await channel.until_said(3)
    assert len(channel.keys) == len(set(channel.keys)) == 3


async def test_a_hopeless_letter_is_given_up_and_shown(database: Database, running: Running) -> None:
    channel = FakeChannel()
    channel.failures = [ChannelError("text must be non-empty", retryable=False)]
    await post(database, letter("bad"), letter("good"))
    async with running(channel):
        await channel.until_said(1)
    async with database.reading() as store:
        dead = await store.outbox.dead_letters()
    assert [one.reason for one in dead] == ["text must be non-empty"]
    assert channel.said == [("send", "1", "good")]


async def test_who_blocked_us_is_marked(database: Database, running: Running) -> None:
    channel = FakeChannel()
    channel.failures = [Gone("blocked")]
    async with database.transaction() as store:
        await store.people.recognise([("fake", "1")])
    await post(database, letter("x"), letter("y", "2"))
    async with running(channel):
        await channel.until_said(1)
    async with database.reading() as store:
        accounts = await store.people.all_accounts()
    assert [account.gone for account in accounts] == [True]


async def test_patience_ends(database: Database, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", timedelta(0))
    channel = FakeChannel()
    channel.failures = [ChannelError("network")]
    await post(database, letter("x"), letter("y", "2"))
    async with running(channel):
        await channel.until_said(1)
    async with database.reading() as store:
        assert len(await store.outbox.dead_letters()) == 1


async def test_the_lease_is_renewed(database: Database, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.15))
    channel = FakeChannel()
    channel.gate = asyncio.Event()
    await post(database, letter("x"))
    async with running(channel):
        await asyncio.wait_for(_dues(database, 3), 10)
        channel.gate.set()
        await channel.until_said(1)
    assert len(channel.said) == 1


async def _dues(database: Database, count: int) -> None:
    seen: set[datetime | None] = set()
    while len(seen) < count:
        async with database.reading() as store:
            seen.add(await store.outbox.next_due("fake"))
        await asyncio.sleep(0.02)


async def test_a_database_that_comes_back(
    database: Database, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claiming, marking, renewing and burying all go on after the database was away."""
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.09))
    monkeypatch.setattr(module, "POLL", 0.05)
    real, away = database.transaction, asyncio.Event()

    def transaction():  # type: ignore[no-untyped-def]
        if away.is_set():
            raise Unavailable("gone")
        return real()

    monkeypatch.setattr(database, "transaction", transaction)
    monkeypatch.setattr(database, "marking", transaction)
    channel = FakeChannel()
    good, bad = await post(database, letter("x"), letter("bad", "2"), held=True)
    async with running(channel) as courier:
        away.set()
        courier.take([good])
        await channel.until_said(1)
        channel.failures = [Gone("blocked"), Gone("blocked")]
        courier.take([bad])
        await channel.until_tried(2)
        away.clear()
        await channel.until_tried(3)
        await courier.drain()
    async with database.reading() as store:
        assert await store.outbox.waiting() == {}


def test_now_is_utc() -> None:
    assert module._now().tzinfo is UTC


async def test_a_letter_that_cannot_be_worded_stops_nobody_else(database: Database, running: Running) -> None:
    channel = FakeChannel()
    year_ten_thousand = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    await post(database, letter(t("It is open until {time}.", time=year_ten_thousand)), letter("next", "2"))
    async with running(channel):
        await channel.until_said(1)
    async with database.reading() as store:
        assert [one.reason for one in await store.outbox.dead_letters()] == ["OverflowError"]
    assert channel.said == [("send", "2", "next")]


async def test_what_is_held_is_not_taken_twice(database: Database, running: Running) -> None:
    channel = FakeChannel()
    channel.gate = asyncio.Event()
    letters = await post(database, letter("a"), letter("b"), held=True)
    async with running(channel) as courier:
        courier.take(letters)
        courier.take(letters)
        channel.gate.set()
        await channel.until_said(2)
    assert [text for _, _, text in channel.said] == ["a", "b"]


async def test_a_reply_goes_before_the_broadcasts_of_its_own_chat(database: Database, running: Running) -> None:
    channel = FakeChannel(rate=20.0)
    broadcasts = [letter(f"b{n}", str(n), Lane.BROADCAST) for n in range(20)]
    letters = await post(database, *broadcasts, letter("more", "19", Lane.BROADCAST), letter("reply", "19"), held=True)
    async with running(channel) as courier:
        courier.take(letters)
        await channel.until_said(3)
        assert ("send", "19", "reply") in channel.said
        await channel.until_said(22)
    assert [text for _, address, text in channel.said if address == "19"] == ["reply", "b19", "more"]


async def test_chats_with_nothing_to_say_are_forgotten(
    database: Database, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0.02)
    channel = FakeChannel(chat_rate=100.0, chat_burst=5)
    await post(database, *[letter("x", str(n)) for n in range(10)])
    async with running(channel) as courier:
        await channel.until_said(10)
        async with asyncio.timeout(10):
            while courier._posts["fake"]._chats:
                await asyncio.sleep(0.01)


async def test_a_picture_of_a_questionnaire_is_fetched_when_it_is_sent(database: Database, running: Running) -> None:
    shown: list[File | None] = []

    class Shows(FakeChannel):
        async def send(self, address: str, speech: Speech, key: str) -> str:
            shown.append(speech.file)
            return await super().send(address, speech, key)

    async with database.transaction() as store:
        await store.surveys.put_questionnaire("q", {}, {}, "1", {"a.png": Picture("0a", "image/png", b"pixels")})
    channel = Shows()
    letters = [
        NewLetter("fake", "1", "en", Lane.REPLY, pack(Message((text,), file=Stored("a.png", digest))))
        for text, digest in (("one", "0a"), ("two", "0a"), ("lost", "0b"))
    ]
    await post(database, *letters)
    async with running(channel) as courier:
        await channel.until_said(2)
        await post(database, letter("after"))
        courier.wake()
        await channel.until_said(3)
    assert shown == [File("a.png", "image/png", b"pixels")] * 2 + [None]
    assert [text for _, _, text in channel.said] == ["one", "two", "after"]


async def invited(database: Database, *addresses: str) -> int:
    """An open round of people who each have an account there, their invitations written; its id."""
    async with database.transaction() as store:
        round = await round_of(store, *(some := await people(store, *addresses)), line=Disposition.PLANNED)
        for person in some:
            await bound(store, person, person.number, "fake")
        body = pack(Message(("come",)))
        begun = Broadcast(0, round.id, BroadcastKind.INVITATION, Whom.PLANNED, body, datetime.now(UTC))
        await store.flush()
        await store.broadcasts.write_letters(await store.broadcasts.put(begun), 100)
    return round.id


async def roll(database: Database, round_id: int) -> list[Disposition]:
    async with database.reading() as store:
        return [line.disposition for line in await store.surveys.roll(round_id)]


@pytest.mark.parametrize(("assures", "told"), [(True, Disposition.DELIVERED), (False, Disposition.INVITED)])
async def test_what_a_platform_says_counts_where_it_can_be_trusted(
    database: Database, running: Running, assures: bool, told: Disposition
) -> None:
    channel = FakeChannel(assures=assures)
    round_id = await invited(database, "1", "2", "3")
    async with database.transaction() as store:
        [first, *_] = await store.surveys.roll(round_id)
        await store.surveys.set_disposition(round_id, first.person_id, Disposition.STARTED)
    async with running(channel):
        await channel.until_said(3)
    assert await roll(database, round_id) == [Disposition.STARTED, told, told]


@pytest.mark.parametrize("failure", [Gone("blocked"), ChannelError("bad", retryable=False)])
async def test_who_is_not_reached_stands_so_on_the_roll(
    database: Database, running: Running, failure: ChannelError
) -> None:
    channel = FakeChannel(assures=True)
    channel.failures = [failure]
    round_id = await invited(database, "1", "2")
    async with running(channel):
        await channel.until_said(1)
    assert sorted(await roll(database, round_id)) == [Disposition.DELIVERED, Disposition.UNREACHABLE]


async def test_no_broadcast_in_a_silent_minute(
    database: Database, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replies go, and the broadcasts as soon as it is over."""
    now = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    begun = asyncio.get_running_loop().time()

    def clock() -> datetime:
        return now + timedelta(seconds=59.5 + asyncio.get_running_loop().time() - begun)

    monkeypatch.setattr(module, "_now", clock)
    channel = FakeChannel(silent=(0, 30))
    await post(database, letter("reply", "1"), letter("b1", "2", Lane.BROADCAST), letter("b2", "3", Lane.BROADCAST))
    async with running(channel):
        await channel.until_said(3)
    assert [text for _, _, text in channel.said] == ["reply", "b1", "b2"]
    assert channel.times[1] - begun >= 0.49


async def test_broadcasts_differ_where_the_platform_drops_what_it_has_seen(
    database: Database, running: Running
) -> None:
    channel = FakeChannel(repeats=False)
    await post(database, letter("come", "1", Lane.BROADCAST), letter("reply", "2"))
    async with running(channel):
        await channel.until_said(2)
    said = {address: text for _, address, text in channel.said}
    assert said["2"] == "reply"
    assert said["1"].startswith("come\n\nSent ")


async def test_what_is_not_led_is_left_to_others(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.02)
    leads: list[bool] = []
    channel = FakeChannel()
    courier = Courier(database, {"fake": channel}, WORDS, "en", lambda _name: bool(leads))
    task = asyncio.get_running_loop().create_task(courier.run())
    await post(database, letter("free"))
    courier.take(await post(database, letter("held", "2"), held=True))
    await channel.until_said(1)
    assert [text for _, _, text in channel.said] == ["held"]
    leads.append(True)
    await channel.until_said(2)
    await courier.drain()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_letter_whose_lease_was_not_renewed_is_let_go(
    database: Database, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever claims it then sends it: once."""
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.4))
    monkeypatch.setattr(module, "POLL", 0.05)
    channel = FakeChannel(rate=20.0)
    await post(database, *[letter(str(n), str(n)) for n in range(30)])
    real, away = Database.transaction, asyncio.Event()

    def transaction(self: Database):  # type: ignore[no-untyped-def]
        if away.is_set():
            raise Unavailable("gone")
        return real(self)

    monkeypatch.setattr(Database, "transaction", transaction)
    monkeypatch.setattr(Database, "marking", transaction)
    async with running(channel):
        await channel.until_said(3)
        away.set()
        await asyncio.sleep(0.8)
        said = len(channel.said)
        await asyncio.sleep(0.3)
        assert len(channel.said) == said
        away.clear()
        await channel.until_said(30)
    assert len({address for _, address, _ in channel.said}) == 30


# What is fleeting -------------------------------------------------------------------------------------------


def fleeting(*words: str, address: str = "1") -> list[NewLetter]:
    return [letter(one, address) for one in words]


async def test_what_is_fleeting_is_said_in_order_and_is_never_in_the_database(
    database: Database, running: Running
) -> None:
    channel = FakeChannel(keeps=False)
    async with running(channel) as courier:
        courier.take(await post(database, letter("first"), held=True))
        courier.whisper([*fleeting("second"), letter("third", replaces="7")])
        courier.whisper([NewLetter("fake", "1", "en", Lane.REPLY, pack(Removal("9")))])
        courier.take(await post(database, letter("last"), held=True))
        await channel.until_said(5)
    assert channel.said == [
        ("send", "1", "first"),
        ("send", "1", "second"),
        ("edit", "1", "third"),
        ("delete", "1", "9"),
        ("send", "1", "last"),
    ]
    async with database.reading() as store:
        assert await store.inbox.dead() == []
    assert await waiting(database) == 0


async def test_what_is_fleeting_waits_when_the_platform_asks_for_it_and_is_tried_again(
    database: Database, running: Running
) -> None:
    channel = FakeChannel(keeps=False)
    channel.failures = [Throttled(0.05), ChannelError("down")]
    async with running(channel) as courier:
        courier.whisper(fleeting("once"))
        await channel.until_said(1)
    assert channel.said == [("send", "1", "once")]
    assert channel.tries == 3


async def test_what_is_fleeting_and_hopeless_is_let_go_without_a_trace(
    database: Database, running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = FakeChannel(keeps=False)
    channel.failures = [ChannelError("no", retryable=False), Gone("blocked")]
    async with running(channel) as courier:
        courier.whisper(fleeting("hopeless", "gone", "said"))
        await channel.until_said(1)
    assert channel.said == [("send", "1", "said")]
    async with database.reading() as store:
        assert await store.inbox.dead() == []
    assert capsys.readouterr().out == ""


async def test_what_is_fleeting_does_not_outlive_its_time(
    database: Database, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLEETING", timedelta(seconds=4.1))
    channel = FakeChannel(keeps=False)
    channel.failures = [Throttled(0.3)]
    async with running(channel) as courier:
        courier.whisper(fleeting("too late"))
        courier.take(await post(database, letter("kept"), held=True))
        await channel.until_said(1)
    assert channel.said == [("send", "1", "kept")]


async def test_what_is_fleeting_does_not_pile_up_and_what_takes_away_is_spared(
    database: Database, running: Running
) -> None:
    channel = FakeChannel(keeps=False)
    channel.gate = asyncio.Event()
    async with running(channel) as courier:
        courier.whisper([NewLetter("fake", "1", "en", Lane.REPLY, pack(Removal("9")))])
        courier.whisper(fleeting(*[str(n) for n in range(100)]))
        channel.gate.set()
        await channel.until(lambda: ("send", "1", "99") in channel.said)
    assert channel.said[0] == ("delete", "1", "9")
    assert [text for _, _, text in channel.said[1:]] == [str(n) for n in range(101 - module.PILE, 100)]


async def test_held_at_the_end_nothing_fleeting_is_said_any_more(database: Database, running: Running) -> None:
    channel = FakeChannel(keeps=False)
    async with running(channel) as courier:
        courier.hold()
        courier.whisper(fleeting("never"))
        await courier.drain()
    assert channel.said == []
