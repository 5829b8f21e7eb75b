import asyncio
import io
import traceback
from collections.abc import Awaitable

import pytest
from telegram.error import TelegramError

from bot.channels.base import ChannelError, Gone, Key, Speech, Throttled
from bot.channels.telegram.channel import Telegram
from handlers.talk import File
from tests.bot.channels.telegram.conftest import Started
from tests.fakes.telegram import FakeTelegram, Flood
from tests.fakes.telegram.methods import Refused

HELLO = Speech("你好 *not bold* <b> https://example.org")
CHOICE = Speech("请选择", ((Key("是", "a:1"), Key("否", "a:2")), (Key("返回", "ab:"),)))
PDF = File("结果.pdf", "application/pdf", b"%PDF-1.7")
PNG = File("code.png", "image/png", b"\x89PNG")


async def test_a_text_is_sent_as_it_stands(fake: FakeTelegram, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        message_id = await channel.send("1001", HELLO, "k")
    assert [(str(posted.id), posted.text, posted.keyboard) for posted in anna.inbox] == [(message_id, HELLO.text, ())]
    fields = dict(fake.requests)["sendMessage"]
    assert fields["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in fields


async def test_buttons_stand_in_rows(fake: FakeTelegram, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        await channel.send("1001", CHOICE, "k")
    assert anna.last.keyboard == ((("是", "a:1"), ("否", "a:2")), (("返回", "ab:"),))


async def test_an_edit_replaces_text_and_buttons(fake: FakeTelegram, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        message_id = await channel.send("1001", CHOICE, "k")
        assert await channel.edit("1001", message_id, HELLO, "l") == message_id
    assert (anna.last.text, anna.last.keyboard, len(anna.inbox)) == (HELLO.text, (), 1)
    assert anna.last.history == [("请选择", ((("是", "a:1"), ("否", "a:2")), (("返回", "ab:"),)))]


async def test_an_edit_that_changes_nothing_is_fine(fake: FakeTelegram, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        message_id = await channel.send("1001", CHOICE, "k")
        assert await channel.edit("1001", message_id, CHOICE, "l") == message_id
    assert anna.last.history == []


async def test_what_cannot_be_edited_is_sent_anew(fake: FakeTelegram, polling: Started) -> None:
    anna = fake.person(1001)
    anna.say("my own words")
    async with polling() as channel:
        gone = await channel.send("1001", HELLO, "k")
        await channel.delete("1001", gone)
        picture = await channel.send("1001", Speech("", (), PNG), "k")
        for number, message_id in enumerate((gone, picture, "1", "-", ""), 1):
            assert await channel.edit("1001", message_id, Speech(f"anew {number}"), "l") == str(anna.last.id)
        await channel.edit("1001", str(anna.last.id), Speech("see", (), PDF), "l")
    assert [posted.text for posted in anna.inbox] == ["", "anew 1", "anew 2", "anew 3", "anew 4", "anew 5", "see"]


async def test_a_deletion_takes_the_message_away_and_does_not_mind_that_it_is_gone(
    fake: FakeTelegram, polling: Started
) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        message_id = await channel.send("1001", HELLO, "k")
        await channel.delete("1001", message_id)
        await channel.delete("1001", message_id)
        await channel.delete("1001", "never was one")
        with pytest.raises(Gone):
            await channel.delete("1002", message_id)
    assert anna.inbox == []
    assert [kind for kind, _ in anna.events] == ["sent", "deleted"]


@pytest.mark.parametrize(
    ("file", "method"),
    [
        (PDF, "sendDocument"),
        (PNG, "sendPhoto"),
        (File("a.svg", "image/svg+xml", b"<svg/>"), "sendDocument"),
        (File("big.png", "image/png", b"x" * 10_000_001), "sendDocument"),
    ],
)
async def test_files_are_uploaded(fake: FakeTelegram, polling: Started, file: File, method: str) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        message_id = await channel.send("1001", Speech("看附件", CHOICE.keys, file), "k")
    posted = anna.last
    assert posted.file is not None
    assert (str(posted.id), posted.text, posted.keyboard[0][0]) == (message_id, "看附件", ("是", "a:1"))
    assert (posted.file.name, posted.file.content) == (file.name, file.content)
    assert fake.calls[method] == 1


async def test_a_file_needs_no_words(fake: FakeTelegram, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        await channel.send("1001", Speech("", (), PDF), "k")
    assert (anna.last.text, anna.last.keyboard) == ("", ())


async def test_who_blocked_us_or_never_came_is_gone(fake: FakeTelegram, polling: Started) -> None:
    fake.person(1001).block()
    async with polling() as channel:
        for address in ("1001", "1002", "nobody"):
            with pytest.raises(Gone) as caught:
                await channel.send(address, HELLO, "k")
            assert (caught.value.gone, caught.value.retryable) == (True, False)
        with pytest.raises(Gone):
            await channel.edit("1001", "1", HELLO, "k")
        with pytest.raises(Gone):
            await channel.send("1001", Speech("", (), PDF), "k")


async def test_what_telegram_finds_wrong_is_not_tried_again(fake: FakeTelegram, polling: Started) -> None:
    fake.person(1001)
    async with polling() as channel:
        with pytest.raises(ChannelError, match="essage is too long") as caught:
            await channel.send("1001", Speech("x" * 4097), "k")
        assert (caught.value.gone, caught.value.retryable) == (False, False)


async def test_a_flood_in_one_chat_is_that_chats(fake: FakeTelegram, polling: Started) -> None:
    fake.flood = Flood(rate=0, chat_rate=0.5, chat_burst=1)
    fake.person(1001)
    async with polling() as channel:
        await channel.send("1001", HELLO, "k")
        for _ in range(4):
            with pytest.raises(Throttled) as caught:
                await channel.send("1001", HELLO, "k")
            assert (caught.value.retry_after, caught.value.everyone, caught.value.retryable) == (2, False, True)
    assert fake.refusals[429] == 4


async def test_a_flood_in_several_chats_is_everyones(fake: FakeTelegram, polling: Started) -> None:
    fake.flood = Flood(rate=1, chat_rate=0)
    everyone = []
    async with polling() as channel:
        for chat in (1, 2, 3, 4):
            fake.person(chat)
            try:
                await channel.send(str(chat), HELLO, "k")
            except Throttled as throttled:
                everyone.append(throttled.everyone)
    assert everyone == [False, False, True]


async def test_a_flood_without_a_time_is_waited_out_a_second(fake: FakeTelegram, polling: Started) -> None:
    async with polling() as channel:
        fake.methods.call = _too_many  # type: ignore[method-assign, assignment]
        with pytest.raises(Throttled) as caught:
            await channel.send("1001", HELLO, "k")
    assert caught.value.retry_after == 1


@pytest.mark.parametrize("fault", ["error", "reset before", "reset after"])
async def test_a_bad_line_is_worth_another_try(fake: FakeTelegram, polling: Started, fault: str) -> None:
    anna = fake.person(1001)
    async with polling() as channel:
        message_id = await channel.send("1001", CHOICE, "k")
        fake.fail("sendMessage", fault)
        fake.fail("editMessageText", fault)
        fake.fail("sendDocument", fault)
        fake.fail("deleteMessage", fault)
        for saying in (
            channel.send("1001", HELLO, "k"),
            channel.edit("1001", message_id, HELLO, "k"),
            channel.send("1001", Speech("", (), PDF), "k"),
            channel.delete("1001", message_id),
        ):
            with pytest.raises(ChannelError) as caught:
                await saying
            assert (type(caught.value), caught.value.retryable) == (ChannelError, True)
        assert await channel.edit("1001", message_id, HELLO, "k")
    assert len(anna.events) == {"error": 2, "reset before": 2, "reset after": 6}[fault]


async def test_an_answer_that_does_not_come_is_worth_another_try(fake: FakeTelegram, polling: Started) -> None:
    fake.person(1001)
    async with polling() as channel:
        channel._wire._usual = type(channel._wire._usual)(sock_read=0.02)
        fake.fail("sendMessage", "stall")
        with pytest.raises(ChannelError, match="in time") as caught:
            await channel.send("1001", HELLO, "k")
    assert caught.value.retryable


async def test_the_end_lets_what_is_being_said_be_said(fake: FakeTelegram, polling: Started) -> None:
    fake.person(1001)
    fake.faults.stall_seconds = 0.1
    fake.fail("sendMessage", "stall")
    async with polling() as channel, asyncio.TaskGroup() as nursery:
        sending = nursery.create_task(channel.send("1001", HELLO, "k"))
        await asyncio.sleep(0)
        await channel.stop()
    assert sending.result() == "1"


async def test_the_end_does_not_wait_for_ever(
    fake: FakeTelegram, polling: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.wire.LAST_CALLS", 0.02)
    fake.fail("sendMessage", "stall")
    async with polling() as channel:
        async with asyncio.TaskGroup() as nursery:
            sending = nursery.create_task(_fails(channel.send("1001", HELLO, "k")))
            await asyncio.sleep(0)
            await channel.stop()
        assert sending.result().retryable


async def test_a_token_withdrawn_loses_no_letters(fake: FakeTelegram, polling: Started) -> None:
    async with polling() as channel:
        fake.token = "2:other"
        with pytest.raises(ChannelError, match="bot token") as caught:
            await channel.send("1001", HELLO, "k")
    assert caught.value.retryable


@pytest.mark.parametrize("fault", ["error", "reset before", "stall", "token", "refused", "nowhere"])
async def test_no_error_tells_the_token(fake: FakeTelegram, polling: Started, fault: str) -> None:
    token = fake.token
    async with polling() as channel:
        channel._wire._usual = type(channel._wire._usual)(sock_read=0.02)
        if fault == "token":
            fake.token = "2:other"
        elif fault == "refused":
            fake.methods.call = _with_token  # type: ignore[method-assign, assignment]
        elif fault == "nowhere":
            await fake.stop()
        else:
            fake.fail("sendMessage", fault)
        with pytest.raises(ChannelError) as caught:
            await channel.send("1001", HELLO, "k")
    told = io.StringIO()
    traceback.print_exception(caught.value, file=told)
    assert token not in told.getvalue() + repr(caught.value)
    assert "127.0.0.1" not in str(caught.value)


async def test_trouble_of_no_known_kind_is_worth_another_try() -> None:
    trouble = Telegram("1:x")._speaker.trouble(TelegramError("odd"))
    assert (trouble.retryable, str(trouble)) == (True, "Telegram cannot be reached")


async def _fails(saying: Awaitable[str]) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        await saying
    return caught.value


def _too_many(*_: object) -> object:
    raise Refused(429, "Too Many Requests")


def _with_token(*_: object) -> object:
    raise Refused(400, "Bad Request: bot1000001:TEST-TOKEN-that-must-never-be-logged-0 is odd")
