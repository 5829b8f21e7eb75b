import socket
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import structlog.testing
from aiohttp import web

from bot.channels.telegram.channel import Telegram
from tests.fakes.ear import Ear
from tests.fakes.telegram import FakeTelegram

SECRET = "s3cret_of-the-hook"
PAUSE = 0.01

Started = Callable[..., AbstractAsyncContextManager[Telegram]]


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def polling(fake: FakeTelegram, ear: Ear) -> Started:
    @asynccontextmanager
    async def started(**options: Any) -> AsyncIterator[Telegram]:
        channel = Telegram(fake.token, fake.api, pause=PAUSE, **options)
        await channel.start(ear)
        try:
            yield channel
        finally:
            await channel.stop()

    return started


@pytest.fixture
def hooked(fake: FakeTelegram, ear: Ear) -> Started:
    @asynccontextmanager
    async def started(**options: Any) -> AsyncIterator[Telegram]:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        channel = Telegram(fake.token, fake.api, "webhook", SECRET, url, pause=PAUSE, **options)
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes(channel.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        await channel.start(ear)
        try:
            yield channel
        finally:
            await channel.stop()
            await runner.cleanup()

    return started


@pytest.fixture
def log() -> Iterator[list[MutableMapping[str, Any]]]:
    with structlog.testing.capture_logs() as entries:
        yield entries
