"""A questionnaire with every kind of question, filled in on its page by two people: one in Chinese with scripts,
through a restart of the product; one in English without any. axe-core looks at every page."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from bot.app import clerk, give_order
from handlers.forms.form import load
from handlers.forms.walk import answers
from handlers.surveys.rules.sheets import counted
from storage.database import Database
from tests.fakes.chromium import CHROMIUM, DESK, PHONE, Chromium, chromium
from tests.stories.organ import SAMPLES, Product

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(400),
]

FORM = Path(__file__).parents[1] / "samples" / "every-kind.xlsx"
MEDIA = Path(__file__).parents[1] / "samples" / "every-kind-media"
PICTURE = MEDIA / "steps.png"
NO_TROUBLE = ("422", "409", "ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "ERR_ABORTED")
"""what a browser says of an answer that does not fit, and of a server that is being started again"""
TOO_SMALL = """() => Array.from(document.querySelectorAll(
    'button, summary, main a, input:not([type=hidden]), textarea, select'))
  .filter(it => it.offsetParent && !it.matches('.unseen, .skip, .wrong a'))
  .map(it => it.closest('label') || it)
  .filter(it => it.getBoundingClientRect().height < 43.5)
  .map(it => it.outerHTML.slice(0, 200))"""


@dataclass(frozen=True)
class Village:
    """The product that serves an open round of the questionnaire, and two people: their ids and codes."""

    product: Product
    url: str
    round_id: int
    persons: tuple[int, int]
    codes: tuple[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Village]:
    directory = tmp_path_factory.mktemp("village")
    url = f"sqlite+aiosqlite:///{directory}/huiyin.db"
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as packed:
        for file in (FORM, *MEDIA.iterdir()):
            packed.write(file, file.name)
    database, by = Database(url), clerk("hr", UTC)
    await database.start()
    await database.migrate()
    roster = {"content": (SAMPLES / "roster.xlsx").read_bytes(), "filename": "roster.xlsx"}
    await give_order(database, by, "import_roster", roster)
    issued = await give_order(database, by, "issue_codes", {})
    form = {"content": package.getvalue(), "filename": "form.zip"}
    kept = await give_order(database, by, "add_questionnaire", form)
    planned = await give_order(database, by, "plan_round", {"name": "驻村走访", "questionnaire_id": kept.id})
    await give_order(database, by, "open_round", {"round_id": planned.id})
    await database.stop()
    async with Product(url, directory) as product:
        first, second, *_ = issued
        yield Village(product, url, planned.id, (first.person.id, second.person.id), (first.code, second.code))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with chromium() as found:
        yield found


@dataclass
class Clerk:
    """Somebody at the page; `scripts`: the browser runs them."""

    page: Page
    here: Village
    scripts: bool

    async def come(self, code: str) -> None:
        """Binds the browser by its code, and opens the page of the round."""
        await self.page.goto(f"{self.here.product.url}/chat?start={code}")
        await self.page.locator("#welcome button.primary").click()
        await expect(self.page.locator("article.bot").first).to_be_visible()
        await self.page.goto(f"{self.here.product.url}/form/{self.here.round_id}")

    def at(self, path: str) -> Locator:
        """The fields of the question with this path."""
        return self.page.locator(f'[name="a:/data/{path}"]')

    async def choose(self, path: str, *values: str) -> None:
        """Ticks these choices."""
        for value in values:
            await self.page.locator(f'[name="a:/data/{path}"][value="{value}"]').check()

    async def write(self, path: str, text: str) -> None:
        """Fills in a field and leaves it."""
        await self.at(path).fill(text)
        await self.at(path).blur()

    async def press(self, do: str) -> None:
        """One of the buttons, by what it does."""
        await self.look()
        async with self.page.expect_navigation():
            await self.page.locator(f'main button[name="do"][value="{do}"]').last.click()

    async def came(self, path: str) -> None:
        """Waits until a question is there; without scripts by going on, which shows the page again."""
        if not self.scripts:
            await self.press("next")
        await expect(self.at(path).first).to_be_visible()

    async def speak(self, tag: str) -> None:
        """Another language."""
        await self.page.locator(".tongues summary").click()
        await self.page.locator(f'.tongues button[value="language:{tag}"]').click()
        await expect(self.page.locator("html")).to_have_attribute("lang", tag.replace("_", "-"))

    async def look(self) -> None:
        """Everything to tap is large enough, nothing sticks out, and axe-core finds nothing serious."""
        assert await self.page.evaluate(TOO_SMALL) == []
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if self.scripts:
            found = await Axe().run(self.page)
            bad = [one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
            assert bad == [], [(one["id"], [node["html"] for node in one["nodes"]]) for one in bad]


async def visits(who: Clerk) -> None:
    """The first page: a question that opens others, a number reckoned on the way, and one that does not fit."""
    await who.choose("work/visited", "yes")
    await who.came("work/visits")
    await who.write("work/visits", "999")
    await who.write("work/hours", "9")
    await who.choose("work/ease", "7")
    await who.write("work/share", "35")
    await who.press("next")
    await expect(who.page.locator("#wrong")).to_be_focused()
    await expect(who.at("work/visits")).to_have_value("999")
    await expect(who.at("work/visits")).to_have_attribute("aria-invalid", "true")
    await who.page.locator("#wrong a").click()
    await expect(who.at("work/visits")).to_be_focused()
    await who.write("work/visits", "4")
    await who.press("next")


async def views(who: Clerk) -> None:
    """Scales."""
    for line, value in (("views/clear", "4"), ("views/time", "2"), ("views/use", "3"), ("again", "5")):
        await who.choose(line, value)
    await who.press("next")


async def place(who: Clerk, tmp_path: Path) -> None:
    """A list that follows from another answer, times and days, pictures and files."""
    await who.choose("place/town", "east")
    if not who.scripts:
        await who.press("save")
    await expect(who.page.locator('option[value="e12"]')).to_have_count(1)
    await who.at("place/village").select_option("e3")
    await who.choose("place/board", "new")
    await who.write("place/last", "2025-03-31")
    await who.write("place/leave", "08:30")
    await who.write("place/next", "2027-01-04T14:30")
    await who.at("place/photo").set_input_files(PICTURE)
    program = tmp_path / "program.exe"
    program.write_bytes(b"MZ\0\1")
    await who.at("place/diary").set_input_files(program)
    await who.press("next")
    await expect(who.page.locator("#wrong")).to_be_focused()
    diary = tmp_path / "diary.txt"
    diary.write_text("三月去了柳庄村。")
    await who.at("place/diary").set_input_files(diary)
    await who.press("next")


async def troubles(who: Clerk) -> None:
    """Another answer in words, an order, entries added and removed."""
    await who.choose("troubles", "road", "other")
    for number, name in enumerate(("forms", "people", "car", "train")):
        await who.at("measures").nth(number).select_option(name)
    await who.write("household[1]/head", "张三")
    if who.scripts:
        await expect(who.at("troubles_other")).to_be_visible()
        await expect(who.page.get_by_text("张三", exact=False).first).to_be_visible()
    else:
        await who.press("save")
    await who.write("troubles_other", "停车难")
    await who.write("household[1]/members", "3")
    await who.choose("household[1]/needs", "doctor")
    await who.press("add:/data/household")
    await who.write("household[2]/head", "李四")
    await who.press("add:/data/household")
    await who.press("remove:/data/household[3]")
    await who.page.goto(f"{who.page.url.partition('?')[0]}?at=/data/helpers")
    await who.write("helpers", "2")
    await who.press("next")


async def end(who: Clerk) -> None:
    """As many entries as was said, and what must be confirmed."""
    await who.write("helper[1]/helper_name", "王五")
    await who.write("helper[2]/helper_name", "赵六")
    await who.write("remarks", "第一行\n第二行")
    await who.press("next")
    await expect(who.page.locator("#wrong")).to_be_focused()
    await who.choose("truthful", "OK")
    await who.press("next")
    await expect(who.page.locator("dl.review").first).to_be_visible()


async def correct(who: Clerk) -> None:
    """One answer changed from the review, and handed in."""
    await who.look()
    await who.page.locator('dl.review a[href*="/work/visits"]').click()
    await expect(who.at("work/visits")).to_be_visible()
    await who.write("work/visits", "5")
    await who.press("next")
    await expect(who.page.locator("dl.review").first).to_be_visible()
    await who.press("hand-in")
    await expect(who.page.locator('button[value="change"]')).to_be_visible()
    await who.look()


ANSWERS = {
    "/data/source": "quarterly",
    "/data/work/visited": "yes",
    "/data/work/visits": 5,
    "/data/work/hours": 9.0,
    "/data/work/each": 1.8,
    "/data/work/each_shown": 1.8,
    "/data/work/ease": 7,
    "/data/work/share": 35,
    "/data/views/clear": "4",
    "/data/views/time": "2",
    "/data/views/use": "3",
    "/data/again": "5",
    "/data/place/town": "east",
    "/data/place/village": "e3",
    "/data/place/board": "new",
    "/data/place/last": "2025-03-31",
    "/data/place/leave": "08:30",
    "/data/place/next": "2027-01-04T14:30",
    "/data/troubles": ["road", "other"],
    "/data/troubles_other": "停车难",
    "/data/measures": ["forms", "people", "car", "train"],
    "/data/household[1]/head": "张三",
    "/data/household[1]/members": 3,
    "/data/household[1]/needs": ["doctor"],
    "/data/household[2]/head": "李四",
    "/data/people_in_all": 3,
    "/data/helpers": 2,
    "/data/helper[1]/helper_name": "王五",
    "/data/helper[2]/helper_name": "赵六",
    "/data/remarks": "第一行\n第二行",
    "/data/truthful": "OK",
}
"""What both have entered, and what follows from it; beside that, times and the names of files."""


async def handed_in(here: Village, person: int) -> None:
    """This person has handed in these answers."""
    database = Database(here.url)
    await database.start()
    async with database.reading() as store:
        kept = await store.surveys.questionnaire(1)
        sheet = await store.surveys.sheet(here.round_id, person)
    await database.stop()
    assert sheet
    assert sheet.handed_in
    found = answers(load(kept.form, kept.digest), counted(sheet))
    assert {path: found.get(path) for path in ANSWERS} == ANSWERS
    assert found["/data/place/photo"].endswith(".png")
    assert found["/data/place/diary"]


async def test_in_chinese_with_scripts_through_a_restart(browser: Chromium, here: Village, tmp_path: Path) -> None:
    async with browser.visitor(locale="zh-CN", viewport=PHONE) as page:
        who = Clerk(page, here, scripts=True)
        await who.come(here.codes[0])
        await who.press("begin")
        await visits(who)
        await who.choose("again", "3")
        await expect(page.locator("#line")).to_have_text("已保存")
        await here.product.stop()
        await who.choose("again", "4")
        await expect(page.locator("#line")).to_contain_text("网络断开了")
        await here.product.start()
        await expect(page.locator("#line")).to_have_text("已保存", timeout=60_000)
        await page.reload()
        await expect(page.locator('[name="a:/data/again"][value="4"]')).to_be_checked()
        await views(who)
        await who.write("place/last", "2025-03-30")
        await who.speak("en")
        await expect(who.at("place/last")).to_have_value("2025-03-30")
        await expect(page.locator("#blocks").get_by_text("Which town did you mostly visit?")).to_be_visible()
        await who.speak("zh_CN")
        await place(who, tmp_path)
        await troubles(who)
        await end(who)
        await correct(who)
    await handed_in(here, here.persons[0])
    assert [one for one in browser.complaints if not any(word in one for word in NO_TROUBLE)] == []


async def test_in_english_without_scripts(browser: Chromium, here: Village, tmp_path: Path) -> None:
    options = {"java_script_enabled": False, "viewport": DESK, "color_scheme": "dark"}
    async with browser.visitor(locale="en-GB", **options) as page:
        who = Clerk(page, here, scripts=False)
        await who.come(here.codes[1])
        await who.press("begin")
        await visits(who)
        await views(who)
        await who.speak("zh_TW")
        await who.speak("en")
        await place(who, tmp_path)
        await troubles(who)
        await end(who)
        await correct(who)
    await handed_in(here, here.persons[1])
