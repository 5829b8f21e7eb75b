"""The fake is proven by clients that are not ours before our channel is proven by the fake."""

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Message

from tests.fakes.telegram import FakeTelegram, Faults, Flood
from tests.fakes.telegram.moods import Bucket


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    async with AiohttpSession(api=TelegramAPIServer.from_base(fake.api), timeout=5) as session:
        yield Bot(fake.token, session=session)


def keys(*labels: str, data: str = "d") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)] for text in labels]
    )


async def test_aiogram_talks_to_it(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.person(1001, "en")
    assert (await bot.get_me()).username == "huiyin_test_bot"
    sent = await bot.send_message(1001, "hello", reply_markup=keys("yes", "no"))
    edited = await bot.edit_message_text("bye", chat_id=1001, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert edited.text == anna.last.text == "bye"
    document = await bot.send_document(1001, BufferedInputFile(b"%PDF", "a.pdf"), caption="see")
    assert document.document is not None
    assert (document.document.file_name, document.caption) == ("a.pdf", "see")
    assert (await bot.send_photo(1001, BufferedInputFile(b"PNG", "a.png"))).photo
    assert await bot.delete_message(1001, document.message_id)
    assert await bot.set_my_commands([BotCommand(command="menu", description="Menu")], language_code="en")
    assert fake.methods.menus == {"en": [("menu", "Menu")]}
    file = await bot.get_file("id-doc")
    assert file.file_path == "files/doc"
    assert [posted.text for posted in anna.inbox] == ["bye", ""]


async def test_polls_wait_and_are_acknowledged_by_a_higher_offset(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.person(1001)
    async with asyncio.TaskGroup() as nursery:
        polling = nursery.create_task(bot.get_updates(timeout=20))
        await fake.called("getUpdates")
        anna.say("a")
    (update,) = polling.result()
    assert update.message is not None
    assert update.message.text == "a"
    anna.say("b")
    assert [one.update_id for one in await bot.get_updates(limit=1)] == [update.update_id]
    assert [one.update_id for one in await bot.get_updates(offset=update.update_id + 1)] == [update.update_id + 1]
    assert await bot.get_updates(offset=update.update_id + 2) == []
    await fake.delivery.taken()


async def test_only_what_is_allowed_is_kept(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.person(1001)
    await bot.get_updates(allowed_updates=["message"])
    anna.block()
    anna.unblock()
    anna.send_voice()
    anna.send_sticker()
    anna.send(location={"latitude": 1.0, "longitude": 2.0})
    updates = await bot.get_updates()
    assert [update.message.content_type for update in updates if update.message] == ["voice", "sticker", "location"]


async def test_one_poller_at_a_time_and_none_beside_a_webhook(fake: FakeTelegram, bot: Bot) -> None:
    async with asyncio.TaskGroup() as nursery:
        first = nursery.create_task(_fails_with(TelegramConflictError, bot.get_updates(timeout=20)))
        await fake.called("getUpdates")
        assert await bot.get_updates(timeout=0) == []
        await first
    await bot.set_webhook("http://127.0.0.1:9/")
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/"
    await _fails_with(TelegramConflictError, bot.get_updates())
    fake.person(1001).say("dropped")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_taps_are_answered_once_and_in_time(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.person(1001)
    await bot.send_message(1001, "?", reply_markup=keys("yes"))
    first, second = anna.tap("yes"), anna.tap(0)
    update = (await bot.get_updates())[0]
    assert update.callback_query is not None
    assert update.callback_query.data == "d"
    await bot.answer_callback_query(first.id, text="thanks")
    assert (await anna.answered(first), anna.toasts) == ("thanks", ["thanks"])
    for query in (first.id, "unknown"):
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await bot.answer_callback_query(query)
    fake.age_queries()
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(second.id)
    with pytest.raises(AssertionError, match="no button"):
        anna.tap("maybe")


async def test_its_refusals_are_telegrams(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.person(1001)
    mine = anna.say("x") and 1
    sent = await bot.send_message(1001, "😀" * 2048, reply_markup=keys("k", data="题" * 21 + "x"))
    picture = await bot.send_photo(1001, BufferedInputFile(b"PNG", "a.png"))
    for description, call in {
        "message is too long": bot.send_message(1001, "😀" * 2048 + "x"),
        "message text is empty": bot.send_message(1001, " \u200b\n"),
        "BUTTON_DATA_INVALID": bot.send_message(1001, "x", reply_markup=keys("k", data="x" * 65)),
        "reply markup is too long": bot.send_message(1001, "x", reply_markup=keys(*"k" * 101)),
        "button text is empty": bot.send_message(1001, "x", reply_markup=keys(" ")),
        "chat not found": bot.send_message(1002, "x"),
        "caption is too long": bot.send_photo(1001, BufferedInputFile(b"", "a"), caption="x" * 1025),
        "message is not modified": bot.edit_message_text(
            "😀" * 2048,
            chat_id=1001,
            message_id=sent.message_id,
            reply_markup=keys("k", data="题" * 21 + "x"),
        ),
        "message to edit not found": bot.edit_message_text("x", chat_id=1001, message_id=99),
        "message can't be edited": bot.edit_message_text("x", chat_id=1001, message_id=mine),
        "there is no text in the message": bot.edit_message_text("x", chat_id=1001, message_id=picture.message_id),
        "message to delete not found": bot.delete_message(1001, 99),
        "invalid language code": bot.set_my_commands([], language_code="zh_CN"),
        "BOT_COMMAND_INVALID": bot.set_my_commands([BotCommand(command="Menü", description="x")]),
        "invalid file_id": bot.get_file("x"),
        "max_connections": bot.set_webhook("http://x", max_connections=101),
        "no document": bot.send_document(1001, "file-id"),
    }.items():
        with pytest.raises(TelegramBadRequest, match=description):
            await call
    anna.block()
    with pytest.raises(TelegramForbiddenError, match="blocked"):
        await bot.send_message(1001, "x")
    anna.unblock()
    assert await bot.send_message(1001, "x")


async def test_a_wrong_token_or_method_is_refused(fake: FakeTelegram, bot: Bot) -> None:
    fake.token = "1:other"
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{fake.api}/bot1:other/sendLove") as response:
            assert response.status == 404
        async with session.get(f"{fake.api}/file/bot1:x/files/doc") as response:
            assert response.status == 401


async def test_floods_are_held_back_over_all_and_in_one_chat(fake: FakeTelegram, bot: Bot) -> None:
    fake.flood = Flood(rate=3, chat_rate=0.5, chat_burst=2)
    for chat in (1, 2, 3):
        fake.person(chat)
    await bot.send_message(1, "x")
    await bot.send_message(1, "x")
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(1, "x")
    assert caught.value.retry_after == 2
    await bot.send_message(2, "x")
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(3, "x")
    assert caught.value.retry_after == 1
    assert (fake.refusals[429], fake.doubles[1], fake.sent) == (2, 1, {1: 2, 2: 1})


def test_a_bucket_fills_up_again_to_the_brim() -> None:
    bucket = Bucket(2, 4)
    bucket.level = 0
    assert bucket.lacks(0) == 0.5
    assert bucket.lacks(0.25) == 0.25
    assert (bucket.lacks(100), bucket.level) == (0, 4)


async def test_faults_come_as_planned(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.person(1001)
    fake.fail("sendMessage", "error")
    with pytest.raises(TelegramServerError):
        await bot.send_message(1001, "1")
    for fault in ("reset before", "reset after"):
        fake.fail("sendMessage", fault)
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(1001, fault)
    fake.fail("sendMessage", "stall")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "late", request_timeout=1)
    assert [posted.text for posted in anna.inbox] == ["reset after"]


def test_faults_come_as_often_as_asked_and_the_same_each_time() -> None:
    def day(seed: int) -> list[str]:
        faults = Faults(seed, error=0.1, reset_before=0.1, reset_after=0.1, stall=0.1)
        return [faults.next("sendMessage") for _ in range(1000)]

    assert day(1) == day(1) != day(2)
    assert all(70 < day(1).count(fault) < 130 for fault in ("error", "reset before", "reset after", "stall"))
    assert Faults(error=1).next("getUpdates") == ""


async def test_what_aiogram_does_not_know_is_judged(bot: Bot) -> None:
    fake = FakeTelegram()
    await fake.start()
    async with aiohttp.ClientSession() as session:
        for fields in ({"chat_id": 1, "text": "x", "txet": "y"}, {"chat_id": 1, "text": ["x"]}):
            async with session.post(f"{fake.api}/bot{fake.token}/sendMessage", json=fields) as response:
                assert response.status == 400
    with pytest.raises(AssertionError, match="impossible update"):
        fake.person(1).send(location={"latitude": "north"})
    with pytest.raises(AssertionError, match="txet"):
        await fake.__aexit__(None, None, None)


async def test_it_runs_in_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telegram", "--no-judge", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    api = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession(api) as session:

        async def call(path: str, **order: object) -> object:
            async with session.request("POST" if order else "GET", path, json=order or None) as response:
                return await response.json()

        await call("/control/person", chat_id=5, language_code="en")
        assert await call("/control/say", chat_id=5, text="hi") == {"update_id": 100_001}
        keyboard = {"inline_keyboard": [[{"text": "ok", "callback_data": "d"}]]}
        token = FakeTelegram().token
        await call(f"/bot{token}/sendMessage", chat_id=5, text="hello", reply_markup=keyboard)
        assert await call("/control/tap", chat_id=5, what="ok") == {"query_id": "1"}
        assert await call("/control/inbox/5") == [{"message_id": 2, "text": "hello", "keyboard": [[["ok", "d"]]]}]
        counters = await call("/control/counters")
    assert isinstance(counters, dict)
    assert (counters["sent"], counters["pending"]) == ({"5": 1}, 2)
    process.terminate()
    await process.wait()


async def _fails_with(error: type[Exception], call: object) -> None:
    with pytest.raises(error):
        await call  # type: ignore[misc]
