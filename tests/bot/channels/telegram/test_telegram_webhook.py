import asyncio
import io
import socket
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import ChannelError, Key, Speech
from bot.channels.telegram.channel import MOST_BODY, PATH, SECRET_HEADER, Telegram
from handlers.talk import Tap, Typed
from tests.bot.channels.telegram.conftest import PAUSE, SECRET, Started
from tests.fakes.ear import Ear
from tests.fakes.telegram import FakeTelegram, Faults

CHOICE = Speech("请选择", ((Key("是", "a:1"), Key("否", "a:2")),))


async def post(fake: FakeTelegram, body: bytes, secret: str | None = SECRET, chunked: bool = False) -> int:
    assert fake.delivery.hook is not None
    headers = {"Content-Type": "application/json"} | ({} if secret is None else {SECRET_HEADER: secret})

    async def pieces() -> Any:
        for place in range(0, len(body), 60_000):
            yield body[place : place + 60_000]

    async with (
        aiohttp.ClientSession() as session,
        session.post(
            fake.delivery.hook.url, data=pieces() if chunked else io.BytesIO(body), headers=headers
        ) as response,
    ):
        return response.status


async def test_the_hook_is_set_as_we_want_it(fake: FakeTelegram, hooked: Started) -> None:
    async with hooked():
        hook = fake.delivery.hook
        assert hook is not None
        assert (hook.url.endswith(PATH), hook.secret, hook.connections) == (True, SECRET, 100)
    assert fake.delivery.hook is hook
    assert fake.calls["getUpdates"] == 0


async def test_what_people_do_is_heard_and_acknowledged(fake: FakeTelegram, ear: Ear, hooked: Started) -> None:
    async with hooked():
        number = fake.person(1001).say("你好")
        fake.put({"message": "of a shape nobody knows"})
        await fake.delivery.taken()
    assert [(one.external_id, one.what) for one in ear.heard] == [(str(number), Typed("你好"))]
    assert fake.delivery.statuses == [200, 200]


async def test_a_tap_is_answered_in_the_hooks_reply(fake: FakeTelegram, ear: Ear, hooked: Started) -> None:
    anna = fake.person(1001)
    ear._toast = lambda heard: "记下了"
    async with hooked() as channel:
        message_id = await channel.send("1001", CHOICE, "k")
        assert await anna.answered(anna.tap("否")) == "记下了"
        requests = [method for method, _ in fake.requests]
    assert (ear.heard[0].what, ear.heard[0].message_id) == (Tap("a:2"), message_id)
    assert requests == ["getMe", "setWebhook", "sendMessage", "answerCallbackQuery"]


async def test_a_tap_that_means_nothing_does_not_wait_for_ever(fake: FakeTelegram, ear: Ear, hooked: Started) -> None:
    anna = fake.person(1001)
    async with hooked():
        query = fake.methods.query(1001)
        fake.put({"callback_query": {"id": query.id, "game_short_name": "x"}})
        assert await anna.answered(query) == ""
    assert ear.tried == []


async def test_what_was_not_taken_is_pushed_again(fake: FakeTelegram, ear: Ear, hooked: Started) -> None:
    anna = fake.person(1001)
    ear.deaf = 2
    async with hooked():
        anna.say("a")
        anna.say("b")
        await fake.delivery.taken()
    assert fake.delivery.statuses == [503, 503, 200, 200]
    assert [one.what for one in ear.heard] == [Typed("a"), Typed("b")]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "s\udcff"])
async def test_without_the_secret_nothing_is_even_read(
    fake: FakeTelegram, ear: Ear, hooked: Started, secret: str | None, log: list[dict[str, object]]
) -> None:
    async with hooked():
        hook = fake.delivery.hook
        assert hook is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", int(hook.url.rsplit(":", 1)[1].split("/")[0]))
        header = b"" if secret is None else f"{SECRET_HEADER}: {secret}\r\n".encode(errors="surrogateescape")
        writer.write(b"POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: 900000\r\n\r\n" % (PATH.encode(), header))
        assert b" 403 " in await reader.readline()  # although no body was sent
        writer.close()
    assert ear.tried == []
    assert log[-1]["event"] == "webhook called with a wrong secret"


@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_over_the_limit_are_refused(fake: FakeTelegram, hooked: Started, chunked: bool) -> None:
    small, large = b"[%s]" % (b" " * (MOST_BODY - 2)), b"[%s]" % (b" " * (MOST_BODY - 1))
    async with hooked():
        assert await post(fake, small, chunked=chunked) == 200
        with suppress(aiohttp.ClientConnectionError):  # it may hang up on the rest
            assert await post(fake, large, chunked=chunked) == 413


@pytest.mark.parametrize("body", [b"", b"{", b'{"update_id": }', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_not_json_is_refused(fake: FakeTelegram, hooked: Started, body: bytes) -> None:
    async with hooked():
        assert await post(fake, body) == 400


async def test_before_the_start_and_after_the_end_nothing_is_taken(fake: FakeTelegram, ear: Ear) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    channel = Telegram(fake.token, fake.api, "webhook", SECRET, url, pause=PAUSE)
    application = web.Application()
    application.add_routes(channel.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    fake.delivery.set_webhook({"url": url + PATH, "secret_token": SECRET})
    update = {"update_id": 1, "message": {"chat": {"id": 1, "type": "private"}, "text": "x"}}
    assert await fake.delivery.once(update) == 503
    await channel.start(ear)
    assert await fake.delivery.once(update) == 200
    await channel.stop()
    assert await fake.delivery.once(update) == 503
    await runner.cleanup()
    assert len(ear.tried) == 1


async def test_a_hook_that_cannot_be_set_yet_is_set_later(fake: FakeTelegram, ear: Ear, hooked: Started) -> None:
    fake.fail("setWebhook", "error", 3)
    async with hooked():
        fake.person(1001).say("x")
        await fake.called("setWebhook", 1)
        await ear.took(1)


async def test_an_address_telegram_refuses_is_said_at_once(fake: FakeTelegram, ear: Ear) -> None:
    channel = Telegram(fake.token, fake.api, "webhook", "s" * 256, "http://x", pause=PAUSE)
    fake.methods.call = _refuse  # type: ignore[method-assign, assignment]
    fake.delivery.set_webhook = _refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(ChannelError, match="an https url must be provided") as caught:
        await channel.start(ear)
    assert not caught.value.retryable


async def test_stopping_finishes_what_is_being_heard(fake: FakeTelegram, ear: Ear, hooked: Started) -> None:
    ear.free.clear()
    async with hooked() as channel:
        fake.person(1001).say("x")
        await ear.was_tried(1)
        async with asyncio.TaskGroup() as nursery:
            stopping = nursery.create_task(channel.stop())
            await asyncio.sleep(0)
            assert not stopping.done()
            ear.free.set()
        await fake.delivery.taken()
    assert fake.delivery.statuses == [200]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
async def test_double_and_shuffled_pushes_lose_nothing(seed: int) -> None:
    ear = Ear()
    async with FakeTelegram(judge=False, faults=Faults(seed, duplicate=0.3, spread=0.02)) as fake:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        channel = Telegram(fake.token, fake.api, "webhook", SECRET, url, pause=PAUSE)
        application = web.Application()
        application.add_routes(channel.routes())
        runner = web.AppRunner(application)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        await channel.start(ear)
        ear.deaf = seed % 4
        numbers = {str(fake.person(chat).say(text)) for text in "abc" for chat in (1, 2)}
        await fake.delivery.taken()
        await channel.stop()
        await runner.cleanup()
    assert {one.external_id for one in ear.heard} == numbers


def _refuse(*call: object) -> object:
    from tests.fakes.telegram.methods import BOT, Refused

    if call[0] == "getMe":
        return BOT
    raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
