"""The web chat and the pages as people use them: with a finger, with a keyboard alone, without JavaScript."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.channels.base import Key, Speech
from bot.web.cards import SheetLine, render_sheet
from handlers.surveys.rules.table import Table
from handlers.talk import Command, Heard, Tap, Typed
from storage.records import Round, RoundState
from tests.fakes.chromium import CHROMIUM, DESK, PHONE, Chromium, chromium
from tests.fakes.ear import Ear
from tests.fakes.office import ABOUT
from tests.fakes.pages import house
from tests.fakes.webchat import World, word, world

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
]

QUESTIONS = ("How many cases were closed in time?", "How quickly were letters answered?", "What would help you?")
CHOICES = ("All of them, most of them early", "All of them", "Some were late")


def question(number: int) -> Speech:
    """A question as a round asks it."""
    rows = tuple((Key(choice, f"a:{number}:{at}"),) for at, choice in enumerate(CHOICES))
    back = (Key("Back", "ab:1"), Key("Skip", "as:1"))
    return Speech(f"Question {number + 1} of 3\n\n{QUESTIONS[number]}", (*rows, back))


class Interviewer(Ear):
    """Asks the questions: a tapped one turns into the next, after typed words comes a new message."""

    def __init__(self) -> None:
        super().__init__()
        self.here: World | None = None
        self.asked = 0

    async def __call__(self, heard: Heard) -> str:
        """Answers at once, as the courier does."""
        await super().__call__(heard)
        assert self.here
        chat, count = self.here.chat, len(self.heard)
        match heard.what:
            case Tap("ao:1"):
                await chat.edit(heard.address, heard.message_id, question(0), f"{count}.0")
            case Tap():
                self.asked += 1
                await chat.edit(heard.address, heard.message_id, question(self.asked % 3), f"{count}.0")
                return "Noted." if self.asked == 1 else ""
            case Typed(text):
                self.asked += 1
                await chat.send(heard.address, Speech(text, own=True), f"{count}.0")
                await chat.send(heard.address, question(self.asked % 3), f"{count}.1")
            case Command(name, argument):
                ready = Speech(f"Welcome, {name} {argument}.", ((Key("Begin", "ao:1"),),))
                await chat.send(heard.address, ready, f"{count}.0")
        return ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process() -> AsyncIterator[Chromium]:
    async with chromium() as found:
        yield found


@pytest.fixture
def browser(process: Chromium) -> Iterator[Chromium]:
    """The one browser; whoever leaves complaints behind has failed."""
    process.complaints.clear()
    yield process
    assert process.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def here() -> AsyncIterator[World]:
    ear = Interviewer()
    async with world(ear=ear) as found:
        ear.here = found
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Chromium, here: World) -> AsyncIterator[Page]:
    async with browser.visitor() as found:
        await begin(found, here)
        yield found


async def begin(page: Page, here: World) -> None:
    """Opens the chat by a link with a code, and confirms it."""
    await page.goto(str(here.server.make_url("/chat?start=K7QM-2XHP")))
    await page.get_by_role("button", name="Go on").click()
    await expect(message(page, "Welcome, start K7QM-2XHP.")).to_be_visible()


def message(page: Page, text: str) -> Locator:
    return page.locator("article.message", has_text=text)


def address(here: World) -> str:
    return here.ear.heard[0].address


async def focused(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")
    return found


async def test_a_questionnaire_with_a_finger(page: Page, here: World) -> None:
    await page.get_by_role("button", name="Begin").click()
    await expect(message(page, QUESTIONS[0])).to_be_visible()
    await page.get_by_role("button", name=CHOICES[1], exact=True).click()
    await expect(message(page, QUESTIONS[1])).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Noted.")).to_be_visible()
    assert await page.locator("article.message").count() == 1
    await page.get_by_label("Your message").fill("within <b>three</b> days")
    await page.get_by_role("button", name="Send").click()
    await expect(message(page, "within <b>three</b> days")).to_have_class("message own arrived")
    await expect(message(page, QUESTIONS[2])).to_be_visible()
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(page.get_by_label("Your message")).to_have_value("")
    said = [heard.what for heard in here.ear.heard[1:]]
    assert said == [Tap("ao:1"), Tap("a:0:1"), Typed("within <b>three</b> days")]
    await page.reload()
    assert await page.locator("article.message").count() == 3
    await expect(page.locator(".past")).to_have_count(1)


async def test_a_questionnaire_with_the_keyboard_alone(page: Page, here: World) -> None:
    await page.keyboard.press("Tab")
    assert await focused(page) == "To the message field"
    await page.keyboard.press("Enter")
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await expect(message(page, QUESTIONS[1])).to_be_visible()
    assert await focused(page) == "text"
    assert here.ear.heard[-1].what == Typed("one\ntwo")
    for _ in range(5):
        await page.keyboard.press("Shift+Tab")
    assert await focused(page) == CHOICES[0]
    await page.keyboard.press("Enter")
    await expect(message(page, QUESTIONS[2])).to_be_visible()
    assert QUESTIONS[2] in await focused(page)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await focused(page) == CHOICES[0]
    assert len(here.ear.heard) == 3


async def test_the_menu_with_the_keyboard_alone(page: Page, here: World) -> None:
    menu = page.get_by_role("button", name="Help")
    await page.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(menu).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    assert await focused(page) == "Menu"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(menu).to_be_hidden()
    await expect(message(page, "Welcome, help")).to_be_visible()
    await page.locator("summary").click()
    await page.locator("#messages").click()
    await expect(menu).to_be_hidden()


async def test_a_command_in_a_text_is_tapped(browser: Chromium, page: Page, here: World) -> None:
    await here.chat.send(address(here), Speech("If this is not you, send /unbind."), "9.0")
    await page.get_by_role("button", name="/unbind").click()
    await expect(message(page, "Welcome, unbind")).to_be_visible()
    assert here.ear.heard[-1].what == Command("unbind")
    await fits(page)


async def test_everything_without_javascript(browser: Chromium, here: World) -> None:
    async with browser.visitor(java_script_enabled=False) as page:
        await begin(page, here)
        await page.get_by_role("button", name="Begin").click()
        await page.get_by_role("button", name=CHOICES[2]).click()
        await expect(message(page, QUESTIONS[1])).to_be_in_viewport()
        await expect(page.get_by_role("status").filter(has_text="Noted.")).to_be_visible()
        await page.get_by_label("Your message").fill("at once")
        await page.get_by_role("button", name="Send").click()
        await expect(message(page, QUESTIONS[2])).to_be_in_viewport()
        await page.locator("summary").click()
        await page.get_by_role("button", name="Help").click()
        await expect(message(page, "Welcome, help")).to_be_in_viewport()
        here.ear.deaf = 1
        await page.get_by_label("Your message").fill("kept")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Nothing is lost")).to_be_visible()
        await expect(page.get_by_label("Your message")).to_have_value("kept")
        browser.complaints.clear()  # a 503 shows in the console
        await page.get_by_label("Your message").fill("考" * 100_000)
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Nothing was sent")).to_be_visible()
        browser.complaints.clear()
    said = [heard.what for heard in here.ear.heard[1:]]
    assert said == [Tap("ao:1"), Tap("a:0:2"), Typed("at once"), Command("help")]


async def test_messages_come_in_order_and_go_without_a_reload(page: Page, here: World) -> None:
    await page.evaluate("window.stayed = true")
    for number in range(30):
        await here.chat.send(address(here), Speech(f"news {number}"), f"9{number}.0")
    await expect(message(page, "news 29")).to_be_in_viewport()
    await here.chat.delete(address(here), "929.0")
    await expect(message(page, "news 29")).to_have_count(0)
    words = await page.locator("article .words").all_inner_texts()
    assert words[1:] == [f"news {number}" for number in range(29)]
    assert await page.evaluate("window.stayed")


async def test_who_reads_further_up_is_told_and_not_moved(page: Page, here: World) -> None:
    for number in range(30):
        await here.chat.send(address(here), Speech(f"news {number}"), f"9{number}.0")
    await expect(message(page, "news 29")).to_be_in_viewport()
    await page.locator("#log").hover()
    await page.mouse.wheel(0, -2000)
    await expect(message(page, "Welcome")).to_be_in_viewport()
    await here.chat.send(address(here), Speech("the newest"), "100.0")
    newest = page.get_by_role("button", name="New messages")
    await expect(newest).to_be_visible()
    await expect(message(page, "Welcome")).to_be_in_viewport()
    await newest.click()
    await expect(message(page, "the newest")).to_be_in_viewport()
    await expect(newest).to_be_hidden()


async def test_a_double_tap_is_one_answer(page: Page, here: World) -> None:
    await page.get_by_role("button", name="Begin").click()
    here.ear.free.clear()
    choice = page.get_by_role("button", name=CHOICES[0])
    await choice.dblclick()
    await here.ear.was_tried(3)
    await expect(page.locator("form[aria-busy=true]")).to_have_count(1)
    here.ear.free.set()
    await expect(message(page, QUESTIONS[1])).to_be_visible()
    assert [heard.what for heard in here.ear.heard[2:]] == [Tap("a:0:0")]


async def test_what_could_not_be_sent_stays(browser: Chromium, page: Page, here: World) -> None:
    here.ear.deaf = 2
    await page.get_by_label("Your message").fill("important")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Nothing is lost")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_have_value("important")
    await expect(page.locator(".pending")).to_have_count(0)
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_text("Nothing is lost")).to_be_visible()
    await page.get_by_role("button", name="Send").click()
    await expect(message(page, "important")).to_be_visible()
    await expect(page.get_by_text("Nothing is lost")).to_be_hidden()
    assert all("503" in complaint for complaint in browser.complaints)
    browser.complaints.clear()


async def test_sending_shows_that_it_is_under_way(page: Page, here: World) -> None:
    here.ear.free.clear()
    await page.get_by_label("Your message").fill("on its way")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".pending")).to_have_attribute("data-state", "Sending…")
    here.ear.free.set()
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(message(page, "on its way")).to_have_count(1)


async def test_20000_characters_are_checked_before_they_are_sent(page: Page, here: World) -> None:
    await page.get_by_label("Your message").fill("考" * 20_001)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("longer than 20000 characters")).to_be_visible()
    assert len(await page.get_by_label("Your message").input_value()) == 20_001
    assert len(here.ear.heard) == 1
    await page.get_by_label("Your message").fill("考" * 5_000)
    await page.get_by_role("button", name="Send").click()
    await expect(message(page, QUESTIONS[1])).to_be_in_viewport()
    assert here.ear.heard[1].what == Typed("考" * 5_000)


async def test_enter_while_picking_a_chinese_word_does_not_send(page: Page, here: World) -> None:
    field = page.get_by_label("Your message")
    await field.fill("zhong")
    await field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    await field.press("Enter")
    await here.ear.took(2)
    assert [heard.what for heard in here.ear.heard[1:]] == [Typed("zhong")]


async def test_on_a_touch_screen_enter_is_a_new_line(browser: Chromium, here: World) -> None:
    async with browser.visitor(has_touch=True, is_mobile=True) as page:
        await begin(page, here)
        field = page.get_by_label("Your message")
        await field.fill("one")
        await field.press("Enter")
        await field.press_sequentially("two")
        await page.get_by_role("button", name="Send").tap()
        await here.ear.took(2)
    assert here.ear.heard[1].what == Typed("one\ntwo")


async def test_a_lost_connection_is_said_and_comes_back(browser: Chromium, page: Page, here: World) -> None:
    lost = page.get_by_text("The connection is lost.")
    await page.context.set_offline(True)
    await here.chat.stop()  # ends the stream that is open
    await expect(lost).to_be_visible()
    await here.chat.start(here.ear)
    await here.chat.send(address(here), Speech("said meanwhile"), "9.0")
    await page.context.set_offline(False)
    await expect(message(page, "said meanwhile")).to_be_visible()
    await expect(lost).to_be_hidden()
    assert all("ERR_INTERNET_DISCONNECTED" in complaint for complaint in browser.complaints)
    browser.complaints.clear()


async def test_without_streams_the_page_asks_for_news(browser: Chromium, here: World) -> None:
    async with browser.visitor() as page:
        await page.add_init_script("delete window.EventSource")
        await begin(page, here)
        for number in range(2):
            await here.chat.send(address(here), Speech(f"news {number}"), f"9{number}.0")
            await expect(message(page, f"news {number}")).to_be_visible()


async def test_another_language_turns_the_page_too(
    browser: Chromium, here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    language = "en"

    async def language_of(address: str, wishes: Sequence[str]) -> str:
        return language

    monkeypatch.setattr(vars(here.chat)["_page"], "_language_of", language_of)
    async with browser.visitor() as page:
        await begin(page, here)
        language = "zh_CN"
        await here.chat.send(address(here), Speech("好的"), "9.0")
        await expect(page.get_by_role("button", name="Send [zh_CN]")).to_be_visible()
        assert await page.evaluate("document.documentElement.lang") == "zh-CN"
        await expect(message(page, "好的")).to_be_visible()


TOO_SMALL = """() => Array.from(document.querySelectorAll('button, summary, a, input:not([type=hidden]), textarea'))
  .filter(it => it.offsetParent && !it.classList.contains('skip') && it.getBoundingClientRect().height < 43.5)
  .map(it => it.outerHTML)"""
TOO_PALE = """() => {
  const parse = (text) => (text.match(/[0-9.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (it) => {
    for (; it; it = it.parentElement) {
      const colour = parse(getComputedStyle(it).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return Array.from(document.querySelectorAll('body *'))
    .filter(it => it.offsetParent && !it.closest('.unseen')
      && Array.from(it.childNodes).some(node => node.nodeType === 3 && node.data.trim()))
    .map(it => [light(parse(getComputedStyle(it).color)), light(ground(it)), it.outerHTML])
    .filter(([ink, paper]) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 4.5)
    .map(([, , html]) => html.slice(0, 200));
}"""


async def fits(page: Page) -> None:
    """Nothing sticks out, everything to tap is large enough, all text stands out from its ground."""
    width = await page.evaluate("document.documentElement.clientWidth")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(TOO_SMALL) == []
    assert await page.evaluate(TOO_PALE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_chat_fits_a_phone_and_can_be_read(browser: Chromium, here: World, scheme: str) -> None:
    async with browser.visitor(color_scheme=scheme, reduced_motion="reduce") as page:
        await page.goto(str(here.server.make_url("/chat")))
        await fits(page)
        await begin(page, here)
        await page.get_by_role("button", name="Begin").click()
        await page.get_by_label("Your message").fill("x" * 500)
        await page.get_by_role("button", name="Send").click()
        await expect(message(page, QUESTIONS[1])).to_be_visible()
        await fits(page)
        await page.locator("summary").click()
        await fits(page)
        sizes = await page.evaluate(
            "Array.from(document.querySelectorAll('textarea'), it => getComputedStyle(it).fontSize)"
        )
        assert sizes == ["16px"]
        log = page.get_by_role("log")
        assert await log.get_attribute("aria-live") == "polite"


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")])
async def test_a_demo_visitor_answers_and_sees_it_arrive_at_the_desk(
    browser: Chromium, size: dict[str, int], scheme: str
) -> None:
    async with house() as there, browser.visitor(viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
        there.office.rounds = [Round(1, "Fourth quarter", 1, RoundState.OPEN)]
        home = str(there.server.make_url("/"))
        await page.goto(home)
        await fits(page)
        field = page.get_by_role("searchbox")
        await field.press_sequentially("申晓静")
        await expect(page.locator("#people button:visible")).to_have_count(1)
        await field.fill("nobody of that name")
        await expect(page.get_by_text("Nobody is found by that.")).to_be_visible()
        await field.fill("")
        await page.get_by_role("button", name="陶冶").first.click()
        await expect(message(page, "Hello 陶冶")).to_be_visible()
        desk = await browser.page(page.context)
        await desk.goto(home)
        await desk.get_by_role("button", name="Open").click()
        await fits(desk)
        await desk.get_by_role("link", name="See the answers").click()
        await expect(desk.get_by_text("No answers yet.")).to_be_visible()
        await fits(desk)
        there.office.table = Table(
            (*ABOUT, "q1"), (("N004", "陶冶", "政务中心", "service", "handed_in", None, None, "<i>yes</i>"),)
        )
        there.office.counts = (9, 2, 0, 4)
        await expect(desk.locator("tr.fresh", has_text="<i>yes</i>")).to_be_visible()
        await expect(desk.locator("#progress dd").last).to_have_text("4")
        await fits(desk)


async def test_pages_of_a_desk_without_javascript(browser: Chromium) -> None:
    async with house() as there, browser.visitor(java_script_enabled=False) as page:
        there.office.rounds = [Round(1, "Fourth quarter", 1, RoundState.OPEN)]
        await page.goto(str(there.server.make_url("/")))
        await page.get_by_role("searchbox").fill("许明远")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("button", name="许明远").click()
        await expect(message(page, "Hello 许明远")).to_be_visible()
        await page.get_by_role("link", name="Huiyin").click()
        await page.get_by_role("button", name="Open").click()
        await page.get_by_role("link", name="See the answers").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Save as CSV").click()
        assert (await download.value).suggested_filename == "round-1.csv"


async def test_the_code_sheet_prints_ten_cards_to_a_page(browser: Chromium, tmp_path: Path) -> None:
    name, unit = "阿卜杜热依木·买买提艾力", "社会治理现代化综合指挥中心（平安法治办公室）"
    codes = [
        SheetLine(
            name, f"YH{number:03}", unit, "WWWW-MMMM-QQQQ-GGGG", f"https://huiyin.example.gov.cn/chat?start={number}"
        )
        for number in range(21)
    ]
    sheet = tmp_path / "codes.html"
    sheet.write_text(render_sheet(codes, word, "en", datetime(2026, 12, 21, tzinfo=UTC)), encoding="utf-8")
    async with browser.visitor() as page:
        await page.goto(sheet.as_uri())
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        printed = await page.pdf(prefer_css_page_size=True)
        await page.emulate_media(media="print")
        await page.set_viewport_size({"width": 1280, "height": 800})
        spilt = """() => Array.from(document.querySelectorAll('.card'))
          .filter(it => it.scrollHeight > it.clientHeight + 1 || it.scrollWidth > it.clientWidth + 1).length"""
        assert await page.evaluate(spilt) == 0
    assert printed.count(b"/Type /Page\n") == 3
