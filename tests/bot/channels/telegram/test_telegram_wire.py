import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.channels.telegram.wire import Answer, Flood, Wire
from tests.fakes.telegram import FakeTelegram

ANY = msgspec.json.Decoder(Answer[object])
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def wired(base: str, **timeouts: float) -> AsyncIterator[tuple[Wire, Bot]]:
    wire = Wire(f"{base}/bot1:x", **timeouts)  # type: ignore[arg-type]
    async with wire:
        yield wire, Bot("1:x", base_url=f"{base}/bot", request=wire, get_updates_request=wire)


@asynccontextmanager
async def server(handle: Handler) -> AsyncIterator[str]:
    handlers: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        handlers.add(task)
        with suppress(asyncio.CancelledError):
            await handle(reader, writer)
        writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()
    for task in handlers:
        task.cancel()
    await asyncio.gather(*handlers)


def answering(reply: bytes) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()

    return handle


def http(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


async def test_ptbs_own_bot_speaks_through_it(fake: FakeTelegram) -> None:
    anna = fake.person(1001)
    wire = Wire(f"{fake.api}/bot{fake.token}")
    places = {"base_url": f"{fake.api}/bot", "base_file_url": f"{fake.api}/file/bot"}
    async with Bot(fake.token, **places, request=wire, get_updates_request=wire) as bot:  # type: ignore[arg-type]
        assert bot.username == "huiyin_test_bot"
        assert wire.read_timeout == 10
        sent = await bot.send_message(1001, "你好")
        assert await bot.send_document(1001, InputFile(b"x" * 3_000_000, "a.bin"), caption="大")
        assert anna.inbox[1].file is not None
        assert (anna.inbox[0].id, len(anna.inbox[1].file.content)) == (sent.message_id, 3_000_000)
        with open(__file__, "rb") as handle:  # noqa: ASYNC230
            assert await bot.send_document(1001, InputFile(handle, "a.py", read_file_handle=False))
        assert anna.last.file is not None
        assert b"speaks_through_it" in anna.last.file.content
        anna.send_document("答复.pdf")
        file = await bot.get_file("id-doc")
        assert await file.download_as_bytearray() == b"doc"
        with pytest.raises(TelegramError, match="Chat not found"):
            await bot.send_message(5, "x")


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        (http(502, b"<html>Bad Gateway"), NetworkError, "HTTP 502"),
        (http(500, b"{}"), NetworkError, "HTTP 500"),
        (http(400, b"<html>"), NetworkError, "HTTP 400"),
        (http(429, b'{"ok":false,"parameters":{"retry_after":3}}'), Flood, "flood control"),
        (http(200, b"<html>log in to the Wi-Fi"), NetworkError, "not the Bot API"),
        (http(200, b'{"ok":true}'), NetworkError, "not the Bot API"),
        (b"not HTTP at all\r\n\r\n", NetworkError, "BadStatusLine|BadHttpMessage|ResponseError"),
        (b"", NetworkError, "ServerDisconnected"),
    ],
)
async def test_bad_answers_become_ptbs_errors(reply: bytes, error: type[TelegramError], text: str) -> None:
    async with server(answering(reply)) as base, wired(base) as (wire, _):
        with pytest.raises(error, match=text):
            await wire.call("getMe", {}, ANY)


async def test_the_usual_methods_get_the_same_errors() -> None:
    async with server(answering(http(429, b'{"parameters":{"retry_after":3}}'))) as base, wired(base) as (_, bot):
        with pytest.raises(Flood) as caught:
            await bot.get_me()
    assert caught.value.seconds == 3


async def test_nothing_listens_there() -> None:
    async with server(answering(b"")) as base:
        pass
    async with wired(base) as (wire, _):
        with pytest.raises(NetworkError, match="ClientConnectorError"):
            await wire.call("getMe", {}, ANY)


async def test_before_and_after_there_is_no_way_out() -> None:
    wire = Wire("http://127.0.0.1:9/bot1:x")
    with pytest.raises(NetworkError, match="closed"):
        await wire.call("getMe", {}, ANY)
    await wire.initialize()
    await wire.initialize()
    await wire.shutdown()
    await wire.shutdown()
    with pytest.raises(NetworkError, match="closed"):
        await wire.call("getMe", {}, ANY)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the request and never answers."""
    while await reader.read(65536):
        pass


async def test_the_read_timeout_counts() -> None:
    async with server(silent) as base, wired(base, read=0.02) as (wire, bot):
        with pytest.raises(TimedOut):
            await wire.call("getMe", {}, ANY)
        with pytest.raises(TimedOut):
            await bot.get_me()
    async with server(silent) as base, wired(base) as (wire, bot):
        with pytest.raises(TimedOut):
            await wire.call("getMe", {}, ANY, read=0.02)
        with pytest.raises(TimedOut):
            await bot.get_me(read_timeout=0.02)


async def test_no_timeout_is_none() -> None:
    async with server(answering(http(200, b'{"ok":true,"result":true}'))) as base, wired(base, read=0.01) as (_, bot):
        nothing = {"read_timeout": None, "write_timeout": None, "connect_timeout": None, "pool_timeout": None}
        assert await bot.delete_webhook(**nothing)


async def test_the_pool_timeout_counts() -> None:
    async with server(silent) as base:
        wire = Wire(f"{base}/bot1:x", connections=1, pool=0.01, connect=0.01, read=5)
        async with wire, asyncio.TaskGroup() as nursery:
            first = nursery.create_task(wire.call("getMe", {}, ANY))
            await asyncio.sleep(0)
            with pytest.raises(TimedOut):
                await wire.call("getMe", {}, ANY)
            assert not first.done()
            first.cancel()


async def test_the_connect_timeout_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async with wired("http://127.0.0.1:9", connect=0.02) as (wire, _):
        monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", connect)
        with pytest.raises(TimedOut):
            await wire.call("getMe", {}, ANY)


@pytest.mark.parametrize("seconds", [0.05, None])
async def test_the_write_timeout_counts_while_uploading(seconds: float | None) -> None:
    started = asyncio.Event()

    async def clogged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads the head and then no more."""
        await reader.readuntil(b"\r\n\r\n")
        started.set()
        await asyncio.Event().wait()

    file = InputFile(b"x" * 30_000_000, "a.bin")
    async with server(clogged) as base, wired(base, read=0.02) as (_, bot):
        if seconds:
            with pytest.raises(TimedOut, match="could not write"):
                await bot.send_document(1, file, write_timeout=seconds)
        else:
            async with asyncio.TaskGroup() as nursery:
                sending = nursery.create_task(bot.send_document(1, file, write_timeout=None))
                await started.wait()
                done, _ = await asyncio.wait([sending], timeout=0.1)
                assert not done
                sending.cancel()


async def test_reading_a_slow_answer_to_an_upload_has_its_own_time(fake: FakeTelegram) -> None:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(0.1)
        return web.json_response({"ok": True, "result": True})

    application = web.Application(client_max_size=10_000_000)
    application.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with wired(base, write=0.05) as (_, bot):
        assert await bot.set_webhook("https://x", certificate=InputFile(b"x" * 1_000_000, "a.pem"))
    await runner.cleanup()
