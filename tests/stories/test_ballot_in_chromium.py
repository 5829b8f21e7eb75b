"""An anonymous questionnaire in a real browser: by the link out of a chat, and in the web chat without one; back and
forth, in another language, handed in twice; and what is left in the browser afterwards, which is nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from nacl import pwhash
from playwright.async_api import Page, expect

from bot.visits import Visit
from handlers.surveys import tickets
from storage import vault
from storage.database import Database
from storage.records import Round
from tests.attacks.world import World, furnished
from tests.fakes.chromium import CHROMIUM, DESK, PHONE, Chromium, chromium
from tests.fakes.voting import opened
from tests.stories.organ import Product
from tests.stories.test_form_in_chromium import TOO_SMALL

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

TOKEN = "w" * 43
LEFT_BEHIND = """async () => {
    const names = indexedDB.databases ? (await indexedDB.databases()).map(one => one.name) : [];
    return [localStorage.length, sessionStorage.length, names, await caches.keys(), document.cookie,
            (await navigator.serviceWorker.getRegistrations()).length];
}"""


@dataclass(frozen=True)
class Village:
    """The product that serves an open anonymous round."""

    product: Product
    world: World
    round: Round
    issued: list[str] = field(default_factory=list)

    async def link(self, number: int) -> str:
        """The address in the chat of this person."""
        person, database = self.world.people[number], self.world.database
        async with database.reading() as store:
            line = await store.surveys.invitation(self.round.id, person.id)
            assert line
            ticket = await tickets.issue(self.round, person, line, datetime.now(UTC), store)
        self.issued.append(ticket)
        return f"{self.address}#{ticket}"

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"{self.product.url}/ballot/{self.round.id}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Village]:
    directory = tmp_path_factory.mktemp("ballots")
    url = f"sqlite+aiosqlite:///{directory}/huiyin.db"
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(vault, "_EFFORT", pwhash.argon2id.OPSLIMIT_MIN)
        quick.setattr(vault, "_MEMORY", pwhash.argon2id.MEMLIMIT_MIN)
        database = Database(url, keys=directory / "keys")
        await database.start()
        await database.migrate()
        world = await furnished(database, channel="webchat")
        round = await world.anonymous(closes=datetime.now(UTC) + timedelta(days=5))
        async with database.transaction() as store:
            place = "webchat", Visit(TOKEN).address
            account = (await store.people.recognise([place]))[place][0]
            await store.people.bind(account.id, world.people[7].id)
        async with Product(url, directory, CHANNELS="webchat") as product:
            yield Village(product, world, round)
        await database.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with chromium() as found:
        yield found


@dataclass
class Reader:
    """Somebody at the page."""

    page: Page

    async def press(self, do: str) -> None:
        """One of the buttons, by what it does."""
        await self.look()
        await self.page.locator(f'main button[name="do"][value="{do}"]').last.click()

    async def sees(self, do: str) -> None:
        """Waits until a button that does this is there."""
        await expect(self.page.locator(f'main button[name="do"][value="{do}"]').last).to_be_visible()

    async def choose(self, path: str, value: str) -> None:
        """Ticks this choice."""
        await self.page.locator(f'[name="a:/data/{path}"][value="{value}"]').check()

    async def write(self, path: str, text: str) -> None:
        """Fills in a field."""
        await self.page.locator(f'[name="a:/data/{path}"]').fill(text)

    async def look(self) -> None:
        """All is large enough to tap, nothing sticks out, axe-core finds nothing serious, nothing is left behind."""
        assert await self.page.evaluate(TOO_SMALL) == []
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = await Axe().run(self.page)
        bad = [one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
        assert bad == [], [(one["id"], [node["html"] for node in one["nodes"]]) for one in bad]
        assert await self.page.evaluate(LEFT_BEHIND) == [0, 0, [], [], "", 0]
        assert "#" not in self.page.url


async def test_by_a_link_on_a_phone(browser: Chromium, here: Village) -> None:
    async with browser.visitor(locale="zh-CN", viewport=PHONE, color_scheme="dark") as page:
        who = Reader(page)
        await page.goto(await here.link(5))
        await who.sees("begin")
        await who.press("begin")
        await who.sees("next")
        await who.choose("lead/fair", "4")
        await expect(page.locator("#line")).to_have_text("已加密保存")
        await who.write("years", "很久")
        await who.press("next")
        await expect(page.locator("#wrong")).to_be_focused()
        await page.locator("#wrong a").click()
        await expect(page.locator('[name="a:/data/years"]')).to_be_focused()
        await who.write("years", "9")
        await page.locator(".tongues summary").click()
        await page.locator('.tongues button[value="language:en"]').click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await expect(page.locator('[name="a:/data/years"]')).to_have_value("9")
        await who.press("next")
        await who.sees("hand-in")
        await page.go_back()
        await expect(page.locator('[name="a:/data/lead/fair"][value="4"]')).to_be_checked()
        await who.press("next")
        await who.sees("hand-in")
        await page.locator('main button[value^="at:"]').click()
        await expect(page.locator('[name="a:/data/lead/fair"][value="4"]')).to_be_checked()
        await who.press("next")
        await who.sees("hand-in")
        await page.locator('main button[value="mend:/data/years"]').click()
        await who.write("years", "10")
        await who.press("next")
        await who.press("hand-in")
        await who.sees("change")
        await expect(page.locator("main")).to_contain_text("Your ballot is in, sealed until")
        await who.press("change")
        await who.choose("lead/fair", "2")
        await who.press("next")
        await who.press("hand-in")
        await who.sees("change")
        assert await page.context.cookies() == []


async def test_in_the_web_chat_without_a_link_by_keyboard(browser: Chromium, here: Village) -> None:
    async with browser.visitor(viewport=DESK) as page:
        who = Reader(page)
        await page.context.add_cookies([{"name": "huiyin", "value": TOKEN, "url": here.product.url, "httpOnly": True}])
        await page.goto(here.address)
        await who.sees("begin")
        await expect(page.locator("#main")).to_be_focused()
        for _ in range(3):  # what is not protected and how anonymity is kept may be read first
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await who.sees("next")
        await page.locator('[name="a:/data/lead/fair"]').first.focus()
        await page.keyboard.press("Space")
        await page.locator('[name="a:/data/words"]').focus()
        await page.keyboard.type("都好")
        await page.keyboard.press("Enter")
        await who.sees("hand-in")
        await page.reload()
        await who.sees("hand-in")
        await who.press("hand-in")
        await who.sees("change")


async def test_the_network_goes_and_comes(browser: Chromium, here: Village) -> None:
    async with browser.visitor(viewport=PHONE) as page:
        who = Reader(page)
        await page.goto(await here.link(6))
        await who.sees("begin")
        await who.press("begin")
        await who.choose("trust", "3")
        await expect(page.locator("#line")).to_have_text("Kept, sealed")
        await here.product.stop()
        await who.choose("lead/fair", "1")
        await expect(page.locator("#line")).to_contain_text("There is no connection")
        await here.product.start()
        await expect(page.locator("#line")).to_have_text("Kept, sealed", timeout=60_000)
        await who.press("next")
        await who.sees("hand-in")

        async def lost(route: object) -> None:
            """The server has it, and its answer gets lost."""
            await route.fetch()  # type: ignore[attr-defined]
            await route.abort()  # type: ignore[attr-defined]

        await page.route("**/ballot/*", lost, times=1)
        await who.press("hand-in")
        await expect(page.locator("main")).to_contain_text("Your ballot is in", timeout=30_000)


async def test_a_link_that_is_too_old(browser: Chromium, here: Village) -> None:
    async with browser.visitor(viewport=PHONE) as page:
        who = Reader(page)
        await page.goto(f"{here.address}#{'A' * 120}")
        await expect(page.locator("main")).to_contain_text("older than two hours")
        await who.look()
        await page.goto(f"{here.address}?")
        await expect(page.locator("main")).to_contain_text("needs the link out of the chat")
        await page.evaluate(f"location.hash = {(await here.link(8)).partition('#')[2]!r}")
        await who.sees("begin")
        await who.look()


async def test_afterwards_the_box_holds_what_was_handed_in_last(browser: Chromium, here: Village) -> None:
    assert [one for one in browser.complaints if "403" not in one and "ERR_" not in one] == []
    found = await opened(here.world, here.round.id)
    assert sorted(str(one["a"]) for one in found) == sorted(
        str(one)
        for one in (
            {"/data/lead/fair": "2"},
            {"/data/lead/fair": "1", "/data/words": "都好"},
            {"/data/lead/fair": "1", "/data/trust": "3"},
        )
    )
    log = Path(here.product.log).read_text(encoding="utf-8")
    assert len(here.issued) == 3
    assert not [ticket for ticket in here.issued if ticket in log]
    assert "都好" not in log
