"""Two officers of the HR office and three civil servants, on Telegram and in browsers, with a clock that is told."""

import asyncio
import io
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from bot.__main__ import main
from bot.app import App, clerk, give_order, opened
from bot.settings import gather, read
from storage.database import Database
from storage.records import Round
from tests.fakes.telegram import FakeTelegram, Person, Posted
from tests.stories.crowd import settings
from tests.stories.organ import SAMPLES, free_port

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 26, 10, tzinfo=ZONE)
"""A working Thursday."""
OFFICERS = ("YH022", "YH023")
FORM = """
| survey  |                  |       |                  |           |          |
|         | type             | name  | label::中文 (zh-CN) | label::English (en) | required |
|         | select_one scale | hours | 这周加班多吗       | Much overtime this week? | yes |
|         | text             | help  | 有什么困难         | What is difficult?   |     |
| choices |                  |       |                  |           |          |
|         | list_name        | name  | label::中文 (zh-CN) | label::English (en) |  |
|         | scale            | 1     | 不多               | No        |          |
|         | scale            | 2     | 很多               | Yes       |          |
| settings |                 |       |                  |           |          |
|         | form_title       | form_id | default_language |         |          |
|         | 每周问询          | weekly | 中文 (zh-CN)      |           |          |
"""


@dataclass
class Told:
    """The product's clock: what it was set to, and the time that has gone by since."""

    at: datetime = MORNING
    since: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        """The present moment."""
        return self.at + timedelta(seconds=time.monotonic() - self.since)

    def jump(self, ahead: timedelta) -> None:
        """So much later, all at once."""
        self.at += ahead


@dataclass
class House:
    """The running product; codes by staff number."""

    url: str
    clock: Told
    codes: dict[str, str]
    database: Database
    questionnaire: int
    tick: Callable[[str], Awaitable[None]]
    """Lets time into one clock door now."""

    async def order(self, door: str, /, **fields: Any) -> Any:
        """What somebody at the server's command line orders."""
        return await give_order(self.database, clerk("root", ZONE), door, fields)

    async def run(self, *arguments: object, typed: str = "") -> tuple[int, str, str]:
        """A command at the server, with this on its standard input, at this house's time; its exit status, and what it
        said on stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as there, redirect_stdout(out), redirect_stderr(err):
            there.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
            there.setattr("bot.__main__.now", self.clock)
            status = await asyncio.to_thread(main, [str(one) for one in arguments])
        return status, out.getvalue(), err.getvalue()

    async def cli(self, *arguments: object, typed: str = "") -> str:
        """The same, which must do; what it printed."""
        status, out, err = await self.run(*arguments, typed=typed)
        assert status == 0, err
        return out

    async def rounds(self) -> list[Round]:
        """All rounds, newest first."""
        found: list[Round] = await self.order("list_rounds")
        return found


@asynccontextmanager
async def house(
    url: str, directory: Path, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch, roster: str = ""
) -> AsyncIterator[House]:
    """The product with one questionnaire and this roster, as .csv (none: the demo's), served in this process."""
    clock = Told()
    monkeypatch.setattr("bot.app.now", clock)
    given = {"DATA_DIR": str(directory), "DATABASE_URL": url, "PROFILE": "open"}
    given |= settings(fake, TELEGRAM_RATE="0", HTTP=f"127.0.0.1:{free_port()}")
    given["PUBLIC_URL"] = f"http://{given['HTTP']}"
    for name, value in given.items():
        monkeypatch.setenv(f"HUIYIN_{name}", value)
    chosen = read(gather({f"HUIYIN_{name}": value for name, value in given.items()}, directory))
    async with opened(chosen, serving=True) as database:
        by = clerk("root", ZONE)
        people = (roster.encode(), "roster.csv") if roster else ((SAMPLES / "roster.xlsx").read_bytes(), "roster.xlsx")
        await give_order(database, by, "import_roster", dict(zip(("content", "filename"), people, strict=True)))
        issued = await give_order(database, by, "issue_codes", {})
        form = {"content": FORM.encode(), "filename": "weekly.md"}
        kept = await give_order(database, by, "add_questionnaire", form)
        codes = {one.person.number: one.code for one in issued}
        app, stop, ready = App(chosen, database), asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as nursery:
            nursery.create_task(app.run(stop, ready.set))
            await ready.wait()
            try:
                yield House(chosen.public_url, clock, codes, database, kept.id, app._clock.tick)
            finally:
                stop.set()


@dataclass
class Phone:
    """Somebody with Telegram."""

    person: Person
    read: int = 0
    seen: Posted | None = None

    async def come(self, code: str) -> None:
        """Binds the account."""
        self.person.start(code)
        await self.person.heard(lambda message: "my" in message.data)

    async def sees(self, words: str) -> Posted:
        """Waits for something sent or edited with these words, later than what was seen before."""
        person = self.person

        def later() -> Posted | None:
            for at, (_, message) in enumerate(person.events[self.read :], self.read + 1):
                if re.search(words, message.text):
                    self.read, self.seen = at, message
                    return message
            return None

        try:
            found = await person.bell.until(later, words)
        except AssertionError:
            raise AssertionError(f"{words!r} not in {[m.text for _, m in person.events[self.read :]]}") from None
        assert found
        return found

    def press(self, label: str) -> None:
        """A button of the message seen last."""
        assert self.seen
        self.person.tap(label, self.seen)

    def say(self, words: str) -> None:
        """Types."""
        self.person.say(words)


@dataclass
class Screen:
    """Somebody with a browser."""

    page: Page

    async def come(self, url: str, code: str) -> None:
        """Opens the link on the printed card and confirms."""
        await self.page.goto(f"{url}/chat?start={code}")
        await self.page.locator("#welcome button.primary").click()
        await expect(self.page.locator("article.bot").first).to_be_visible()

    async def sees(self, words: str) -> None:
        """Waits until a message has these words."""
        await expect(self.page.locator("article.bot", has_text=re.compile(words)).last).to_be_visible()

    async def press(self, label: str) -> None:
        """The lowest button that says this."""
        await self.page.locator("article.bot").get_by_role("button", name=label, exact=True).last.click()

    async def say(self, words: str) -> None:
        """Types."""
        await self.page.locator("#text").fill(words)
        await self.page.locator("#composer button.primary").click()
