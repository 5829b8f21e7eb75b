"""Taking what is heard: once, in order, durable before it is acknowledged, and never at another's expense."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from bot.channels.base import ChannelError
from bot.chat import Chat, NotTaken
from bot.courier import Courier
from bot.words import Words
from handlers import doors
from handlers.refusals import TooLate
from handlers.talk import (
    Command,
    File,
    Heard,
    Left,
    Message,
    Removal,
    Reply,
    Sent,
    Tap,
    Text,
    Turn,
    Typed,
    What,
    say,
    t,
)
from storage.database import Database, Unavailable
from storage.records import Level, PostClass, RosterLine
from tests.fakes.channel import FakeChannel

doors.find()

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


class Room:
    """A door that answers everything, and remembers whom it met in what order."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.broken: set[str] = set()
        self.reply: Reply | None = None

    async def door(self, turn: Turn, store: Any) -> Reply:
        words = turn.what.text if isinstance(turn.what, Typed) else ""
        if words in self.broken:
            raise ZeroDivisionError(words)
        if words == "late":
            raise TooLate(t("This round is closed."))
        self.turns.append(turn)
        await store.people.set_flow(turn.account.id, f"heard:{words}")
        return self.reply or say(f"you said {words}", toast=t("Menu"))

    def find(self, turn: Turn) -> Any:
        return self.door


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    room = Room()
    monkeypatch.setattr(doors, "chat_door", room.find)
    return room


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def passing(channel: FakeChannel) -> FakeChannel:
    """The same, where we keep nothing of what is said."""
    channel.limits = replace(channel.limits, keeps=False)
    return channel


@pytest.fixture
async def chat(database: Database, channel: FakeChannel, room: Room) -> AsyncIterator[Chat]:
    words = Words(ZoneInfo("Asia/Shanghai"))
    channels = {channel.name: channel}
    courier = Courier(database, channels, words, "en")
    chat = Chat(database, courier, channels, words, "en", lambda: NOW)
    async with asyncio.TaskGroup() as nursery:
        tasks = [nursery.create_task(chat.run()), nursery.create_task(courier.run())]
        yield chat
        await courier.drain()
        for task in tasks:
            task.cancel()


def heard(id: int | str, what: What | str, address: str = "1", language: str = "en") -> Heard:
    return Heard("fake", address, str(id), Typed(what) if isinstance(what, str) else what, "77", language)


async def bind(database: Database, *addresses: str, person: str = "0001") -> None:
    async with database.transaction() as store:
        await store.people.put_unit("u", "Unit", None)
        await store.people.put_people([RosterLine(person, "Wang", "u", PostClass.SERVICE, Level.STAFF)])
        known = await store.people.recognise([("fake", address) for address in addresses])
        owner = await store.people.by_number(person)
        assert owner
        for account, _ in known.values():
            await store.people.bind(account.id, owner.id)


async def test_heard_answered_and_worded(chat: Chat, channel: FakeChannel, room: Room) -> None:
    assert await chat.take(heard(1, "hello")) == "Menu"
    await channel.until_said(1)
    assert channel.said == [("send", "1", "you said hello")]
    assert room.turns[0].now == NOW
    assert room.turns[0].person is None


async def test_the_same_thing_twice_is_one_thing(chat: Chat, channel: FakeChannel, room: Room) -> None:
    await asyncio.gather(*[chat.take(heard(1, "once")) for _ in range(5)])
    await chat.take(heard(1, "once"))
    await chat.take(heard(2, "twice"))
    await channel.until_said(2)
    assert [text for _, _, text in channel.said] == ["you said once", "you said twice"]


async def test_order_within_an_account_many_at_once(chat: Chat, room: Room) -> None:
    things = [heard(f"{a}-{n}", f"{n}", a) for n in range(10) for a in "abcdefghij"]
    await asyncio.gather(*[chat.take(thing) for thing in things])
    for address in "abcdefghij":
        said = [turn.what for turn in room.turns if turn.account.address == address]
        assert said == [Typed(str(n)) for n in range(10)]


async def test_two_accounts_of_one_person_take_turns(database: Database, chat: Chat, room: Room) -> None:
    await bind(database, "1", "2")
    await asyncio.gather(*[chat.take(heard(f"{a}{n}", f"{a}{n}", a)) for n in range(5) for a in "12"])
    assert len(room.turns) == 10
    assert all(turn.person and turn.person.name == "Wang" for turn in room.turns)


async def test_one_persons_failure_is_nobody_elses(chat: Chat, room: Room) -> None:
    room.broken = {"bad"}
    things = [heard(n, "bad" if n == 3 else "good", str(n)) for n in range(8)]
    results = await asyncio.gather(*[chat.take(thing) for thing in things], return_exceptions=True)
    assert [isinstance(result, NotTaken) for result in results] == [n == 3 for n in range(8)]
    assert {turn.account.address for turn in room.turns} == set("01245678") - {"8"}


async def test_the_fifth_failure_makes_a_dead_letter_and_says_so(
    database: Database, chat: Chat, channel: FakeChannel, room: Room
) -> None:
    room.broken = {"bad"}
    for _ in range(4):
        with pytest.raises(NotTaken):
            await chat.take(heard(1, "bad"))
    assert await chat.take(heard(1, "bad")) == ""
    await channel.until_said(1)
    assert "try again" in channel.said[0][2]
    async with database.reading() as store:
        dead = await store.inbox.dead()
    assert [(one.reference, one.reason) for one in dead] == [("1", "ZeroDivisionError")]
    assert await chat.take(heard(1, "bad")) == ""
    assert room.turns == []


async def test_a_refusal_is_said(chat: Chat, channel: FakeChannel) -> None:
    await chat.take(heard(1, "late"))
    await channel.until_said(1)
    assert channel.said[0][2] == "This round is closed."


async def test_without_a_database_nothing_is_acknowledged(
    database: Database, chat: Chat, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", gone)
        with pytest.raises(NotTaken):
            await chat.take(heard(1, "hello"))
    assert await chat.take(heard(1, "hello")) == "Menu"


async def test_a_failure_that_cannot_be_counted_is_not_acknowledged(
    database: Database, chat: Chat, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = database.transaction, []

    def sometimes() -> Any:
        calls.append(1)
        if len(calls) % 2 == 0:
            raise Unavailable("gone")
        return real()

    room.broken = {"bad"}
    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", sometimes)
        for _ in range(6):
            with pytest.raises(NotTaken):
                await chat.take(heard(1, "bad"))


async def test_who_leaves_is_gone_until_heard_again(database: Database, chat: Chat) -> None:
    await chat.take(heard(1, "hello"))
    await chat.take(heard(2, Left()))
    async with database.reading() as store:
        assert [account.gone for account in await store.people.all_accounts()] == [True]
    await chat.take(heard(3, "back"))
    async with database.reading() as store:
        assert [account.gone for account in await store.people.all_accounts()] == [False]


async def test_someone_off_the_roster_is_a_stranger(database: Database, chat: Chat, room: Room) -> None:
    await bind(database, "1")
    async with database.transaction() as store:
        await store.people.mark_left(["0001"])
    await chat.take(heard(1, "hello"))
    assert room.turns[0].person is None


async def test_both_sides_are_kept_of_open_talk_alone(
    database: Database, chat: Chat, room: Room, channel: FakeChannel
) -> None:
    await bind(database, "1")
    things: list[What] = [Typed("a"), Tap("a:1"), Command("start", "SECRET"), Sent("photo", "p.png", 9)]
    for number, what in enumerate(things):
        await chat.take(heard(number, what))
    room.reply = Reply((Removal("5"),), confidential=True)
    await chat.take(heard("c", "anonymous words"))
    await chat.take(heard("s", "a stranger", "2"))
    async with database.reading() as store:
        person = (await store.people.people())[0]
        kept = await store.transcripts.of(person.id, 100)
    told = [dict(one.body) for one in kept if one.speaker == "person"]
    assert told == [
        {"typed": "a"},
        {"tapped": "a:1"},
        {"command": "start"},
        {"sent": "photo", "name": "p.png", "size": 9},
    ]
    assert len(kept) == 8
    assert "SECRET" not in str(kept)


async def test_own_words_are_said_back_where_the_channel_does_not(
    database: Database, chat: Chat, room: Room, channel: FakeChannel
) -> None:
    channel.limits = FakeChannel(echoes=True).limits
    await bind(database, "1")
    await chat.take(heard(1, "mine"))
    await channel.until_said(2)
    assert channel.said == [("own", "1", "mine"), ("send", "1", "you said mine")]


async def test_a_caller_who_gave_up_is_passed_over(chat: Chat, room: Room) -> None:
    task = asyncio.get_running_loop().create_task(chat.take(heard(1, "never mind")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await chat.take(heard(2, "hello"))
    assert [turn.what for turn in room.turns][-1] == Typed("hello")


# Files ---------------------------------------------------------------------------------------------------


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG")
    return made.getvalue()


async def awaiting(database: Database, flow: str) -> None:
    """Somebody bound at address 1, in this flow."""
    await bind(database, "1")
    async with database.transaction() as store:
        known = await store.people.recognise([("fake", "1")])
        await store.people.set_flow(known["fake", "1"][0].id, flow)


def sent(room: Room) -> Sent:
    """What the door was given last."""
    what = room.turns[-1].what
    assert isinstance(what, Sent)
    return what


async def test_a_picture_is_fetched_and_checked_where_one_is_awaited(
    chat: Chat, channel: FakeChannel, room: Room, database: Database
) -> None:
    await awaiting(database, "answer:7:image")
    channel.files["ref"] = picture()
    await chat.take(heard(1, Sent("photo", "", 99, "ref")))
    assert (what := sent(room)).trouble == ""
    assert what.file
    assert (what.file.name, what.file.mime) == ("image.png", "image/png")


@pytest.mark.parametrize("flow", ["", "answer:7", "enrol"])
async def test_nothing_is_fetched_where_no_file_is_awaited(
    flow: str, chat: Chat, channel: FakeChannel, room: Room, database: Database
) -> None:
    await awaiting(database, flow)
    await chat.take(heard(1, Sent("photo", "", 99, "never fetched")))
    await chat.take(heard(2, Sent("document", "a", 3, file=File("a", "", b"raw"))))
    assert [turn.what.file for turn in room.turns if isinstance(turn.what, Sent)] == [None, None]


@pytest.mark.parametrize(
    ("given", "file", "trouble"),
    [
        (Sent("photo", "", 10_000_001, "ref"), picture(), "This picture is larger than {count} MB."),
        (Sent("document", "a.pdf", 9, "ref"), b"%PDF-1.7", "This is no picture that can be taken here."),
        (Sent("photo", "", 9, "ref"), ChannelError("gone"), "Your file could not be fetched just now."),
        (Sent("photo", "", 9, "ref"), TimeoutError(), "Your file could not be fetched just now."),
        (Sent("voice", "", 9), b"", ""),
    ],
)
async def test_what_cannot_be_taken_comes_with_the_reason(
    given: Sent,
    file: bytes | Exception,
    trouble: str,
    chat: Chat,
    channel: FakeChannel,
    room: Room,
    database: Database,
) -> None:
    await awaiting(database, "answer:7:image")
    channel.files["ref"] = file
    await chat.take(heard(1, given))
    told = sent(room).trouble
    assert (told.message if isinstance(told, Text) else told).startswith(trouble)
    assert sent(room).file is None


async def test_words_typed_after_a_file_wait_for_it(
    chat: Chat, channel: FakeChannel, room: Room, database: Database
) -> None:
    await awaiting(database, "answer:7:image")
    fetching, go = asyncio.Event(), asyncio.Event()

    async def slow(reference: str, most: int) -> bytes:
        fetching.set()
        await go.wait()
        return picture()

    channel.fetch = slow  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as nursery:
        nursery.create_task(chat.take(heard(1, Sent("photo", "", 9, "ref"))))
        await fetching.wait()
        nursery.create_task(chat.take(heard(2, "and words")))
        await chat.take(heard(3, "somebody else's", "2"))
        assert [turn.account.address for turn in room.turns] == ["2"]
        go.set()
    assert [type(turn.what) for turn in room.turns[1:]] == [Sent, Typed]


async def test_a_file_is_not_taken_while_the_database_is_away(
    chat: Chat, room: Room, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as away:
        away.setattr(database, "reading", gone)
        with pytest.raises(NotTaken):
            await chat.take(heard(1, Sent("photo", "", 9, "ref")))
    await chat.take(heard(2, "later"))
    assert [turn.what for turn in room.turns] == [Typed("later")]


async def test_what_was_sent_is_said_back_by_its_name_where_the_channel_does_not_show_it(
    chat: Chat, channel: FakeChannel, database: Database
) -> None:
    await awaiting(database, "")
    channel.limits = replace(channel.limits, echoes=True)
    await chat.take(heard(1, Sent("document", "日志.pdf", 9, "ref")))
    await channel.until_said(2)
    assert channel.said[0] == ("own", "1", "📎 日志.pdf")


async def transcript(database: Database) -> list[Any]:
    """What is kept of the conversation with whoever has the number 0001."""
    async with database.reading() as store:
        owner = await store.people.by_number("0001")
        assert owner
        return [one.body for one in await store.transcripts.of(owner.id, 100)]


async def test_what_is_fleeting_is_said_and_is_in_no_table(
    database: Database, chat: Chat, passing: FakeChannel, room: Room
) -> None:
    await bind(database, "1")
    room.reply = Reply((Message(("secret",)), Removal("77")), toast="seen", fleeting=True)
    assert await chat.take(heard(1, Tap("b:1:1"))) == "seen"
    await passing.until_said(2)
    assert passing.said == [("send", "1", "secret"), ("delete", "1", "77")]
    assert await transcript(database) == []
    async with database.reading() as store:
        assert sum((await store.outbox.waiting()).values()) == 0


async def test_what_is_fleeting_is_not_said_where_what_it_goes_with_was_not_committed(
    database: Database, chat: Chat, passing: FakeChannel, room: Room
) -> None:
    await bind(database, "1")
    room.broken = {"bad"}
    room.reply = Reply((Message(("secret",)),), fleeting=True)
    things = [heard(1, "good"), heard(2, "bad", "2"), heard(3, "good", "3")]
    await asyncio.gather(*[chat.take(thing) for thing in things], return_exceptions=True)
    await passing.until_said(2)
    assert sorted(address for _, address, _ in passing.said) == ["1", "3"]


async def test_nothing_fleeting_is_ever_said_on_a_channel_that_keeps_it(
    database: Database, chat: Chat, channel: FakeChannel, room: Room
) -> None:
    await bind(database, "1")
    room.reply = Reply((Message(("secret",)),), fleeting=True)
    with pytest.raises(NotTaken):
        await chat.take(heard(1, Tap("b:1:1")))
    assert channel.said == []


@pytest.mark.parametrize("keeps", [False, True])
async def test_of_a_private_door_nothing_is_kept_not_even_its_refusal(
    database: Database, chat: Chat, channel: FakeChannel, room: Room, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    channel.limits = replace(channel.limits, keeps=keeps)
    await bind(database, "1")

    async def refusing(turn: Turn, store: Any) -> Reply:
        raise TooLate(t("This round is closed."))

    monkeypatch.setattr(doors, "chat_door", lambda turn: refusing)
    monkeypatch.setattr(doors, "_private", {refusing})
    await chat.take(heard(1, Tap("b:1:1")))
    await channel.until_said(1)
    assert channel.said == [("send", "1", "This round is closed.")]
    assert await transcript(database) == []
