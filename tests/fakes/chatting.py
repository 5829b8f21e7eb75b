"""People who chat with a running bot, over the fake Telegram and in the web chat, on a real database.

What must never be kept is looked for in all there is: `everything` is every row of every table and every file beside.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.app import StoredMailbox
from bot.channels.base import Channel
from bot.channels.telegram.channel import Telegram
from bot.channels.webchat.channel import WebChat
from bot.chat import Chat
from bot.courier import Courier
from handlers import doors
from handlers.talk import Heard, Typed, What
from storage.ballots import METADATA as BALLOTS
from storage.database import Database
from storage.records import Person
from storage.tables import Base
from tests.attacks.world import World
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.chats import Person as OnTelegram
from tests.fakes.telegram.chats import Posted
from tests.fakes.voting import opened
from tests.fakes.webchat import language_of, menu_at
from tests.handlers.surveys.paper import WORDS

SITE = "https://huiyin.example"

doors.find()


@dataclass
class Talk:
    """One running bot, and the same after a crash."""

    world: World
    fake: FakeTelegram
    channels: dict[str, Channel] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def database(self) -> Database:
        return self.world.database

    async def start(self) -> None:
        """Begins to hear and to speak."""
        telegram = Telegram(self.fake.token, self.fake.api, rate=0, pause=0.01)
        web = WebChat(StoredMailbox(self.database), WORDS.word, language_of, SITE, menu_at)
        self.channels = {"telegram": telegram, "webchat": web}
        self.courier = Courier(self.database, self.channels, WORDS, "zh_CN")
        self.chat = Chat(self.database, self.courier, self.channels, WORDS, "zh_CN", lambda: self.world.now, SITE)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.chat.run()), loop.create_task(self.courier.run())]
        for channel in self.channels.values():
            await channel.start(self.chat.take)

    async def crash(self) -> None:
        """Nothing is finished, and what was in memory is lost."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        for channel in self.channels.values():
            await channel.stop()

    async def restart(self) -> None:
        """A crash, and a new process."""
        await self.crash()
        await self.start()

    def at(self, person: Person) -> OnTelegram:
        """Where this person is on Telegram."""
        return self.fake.person(int(person.number), "zh-hans")

    async def on_the_web(self, person: Person) -> str:
        """A web chat of this person, bound; its address."""
        address = f"browser-of-{person.number}"
        async with self.database.transaction() as store:
            known = await store.people.recognise([("webchat", address)])
            await store.people.bind(known["webchat", address][0].id, person.id)
        return address

    async def hear(self, address: str, what: What | str) -> str:
        """Something is said in a web chat; the toast."""
        what = Typed(what) if isinstance(what, str) else what
        return await self.chat.take(Heard("webchat", address, f"web-{next(self._ids)}", what, "shown-1", "zh_CN"))

    async def shown(self, address: str) -> str:
        """All that stands in a web chat, once everything is said."""
        await self.settled()
        async with self.database.reading() as store:
            return json.dumps([one.body for one in await store.mailbox.history(address, 100)], ensure_ascii=False)

    async def settled(self) -> None:
        """Waits until the outbox is empty."""
        async with asyncio.timeout(30):
            while True:
                async with self.database.reading() as store:
                    if not sum((await store.outbox.waiting()).values()):
                        return
                await asyncio.sleep(0.01)

    async def tap(self, person: Person, what: str | int, message: Posted | None = None) -> str:
        """A button is tapped on Telegram; returns the words over it, once all that follows is said."""
        at = self.at(person)
        before = len(at.events)
        toast = await at.answered(at.tap(what, message))
        await at.bell.until(lambda: len(at.events) > before, f"something after {what}")
        return toast

    async def invited(self, person: Person) -> Posted:
        """The invitation, as it stands in the chat of this person."""
        return await self.at(person).heard(lambda posted: any(data.startswith("bl:") for data in posted.data))

    async def box(self, round_id: int) -> list[dict[str, Any]]:
        """What is in the ballots, as the two tabulators find it when the round has closed."""
        return await opened(self.world, round_id)

    async def rows(self, *tables: str) -> str:
        """All rows of these tables (none named: of all), in words."""
        assert set(tables) <= Base.metadata.tables.keys()
        engine, found = self.database._writer, []
        async with engine.connect() as db:
            for name, table in Base.metadata.tables.items():
                if not tables or name in tables:
                    found += [f"{name} {tuple(row)}" for row in await db.execute(select(table))]
        if not tables:
            async with self.database._urn.connect() as db:
                for name, table in BALLOTS.tables.items():
                    found += [f"{name} {tuple(row)}" for row in await db.execute(select(table))]
        return "\n".join(found)

    async def everything(self) -> bytes:
        """All tables in words, and all files of the database as they lie."""
        file = self.database._file
        lying = b"".join(one.read_bytes() for one in _files(file.parent)) if file else b""
        return (await self.rows()).encode() + lying


def _files(directory: Path) -> list[Path]:
    return [one for one in sorted(directory.rglob("*")) if one.is_file()]


@asynccontextmanager
async def talk(world: World) -> AsyncIterator[Talk]:
    """A bot that runs, on the organ of this world."""
    async with FakeTelegram() as fake:
        here = Talk(world, fake)
        for person in world.people:
            here.at(person)
        await here.start()
        try:
            yield here
        finally:
            await here.crash()
