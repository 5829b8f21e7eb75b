"""Telegram under the law, by polling and by webhook."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.channels.telegram.channel import Telegram
from tests.fakes.ear import Ear
from tests.fakes.telegram import FakeTelegram
from tests.laws.channels import Driver


class OnTelegram:
    """One person in a private chat."""

    def __init__(self, fake: FakeTelegram, channel: Telegram, ear: Ear) -> None:
        self.channel = channel
        self.ear = ear
        self._person = fake.person(4711, "zh-hant")
        self.address = "4711"

    async def say(self, text: str) -> None:
        self._person.say(text)

    async def tap(self, label: str) -> str:
        holder = next(posted for posted in reversed(self._person.inbox) if label in posted.labels)
        return await self._person.answered(self._person.tap(label, holder))

    async def shown(self) -> list[tuple[str, list[str]]]:
        return [(posted.text, posted.labels) for posted in self._person.inbox]

    def keeps(self, text: str) -> bool:
        lasting = (self.channel, self.channel._speaker, self.channel._wire, self.channel._bot)
        return any(text in str(getattr(one, name, "")) for one in lasting for name in dir(one))

    async def leave(self) -> bool:
        self._person.block()
        return True


@asynccontextmanager
async def polling(ear: Ear) -> AsyncIterator[Driver]:
    async with FakeTelegram() as fake:
        channel = Telegram(fake.token, fake.api, pause=0.01)
        await channel.start(ear)
        try:
            yield OnTelegram(fake, channel, ear)
        finally:
            await channel.stop()


@asynccontextmanager
async def webhook(ear: Ear) -> AsyncIterator[Driver]:
    async with FakeTelegram() as fake:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        channel = Telegram(fake.token, fake.api, "webhook", "secret", url, pause=0.01)
        application = web.Application()
        application.add_routes(channel.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        await channel.start(ear)
        try:
            yield OnTelegram(fake, channel, ear)
        finally:
            await channel.stop()
            await runner.cleanup()
