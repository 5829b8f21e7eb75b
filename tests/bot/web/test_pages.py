"""The start page, and in the demo the log-ins of its people."""

from collections.abc import AsyncIterator

import pytest

from bot.web.pages import Seat, by_unit, representatives
from storage.database import Unavailable
from storage.records import Role
from tests.fakes.office import organ
from tests.fakes.pages import House, house
from tests.fakes.webchat import Browser


@pytest.fixture
async def here() -> AsyncIterator[House]:
    async with house() as found:
        yield found


async def test_without_the_demo_there_is_only_the_way_to_the_chat() -> None:
    async with house(demo=False) as there:
        browser = there.browser()
        seen = await browser.open("/")
        assert "Open the chat" in seen.text
        assert "the answer" not in seen.text
        assert not there.office.asked
        for path in ("/desk", "/desk/rounds/1", "/desk/rounds/1/answers.csv"):
            await browser.open(path)
            assert browser.status == 404
        async with browser.client.post("/demo/enter", data={"person": "N004"}) as response:
            assert response.status == 404


async def test_without_a_web_chat_nothing_leads_there() -> None:
    async with house(demo=False, chat=False) as there:
        assert "Open the chat" not in (await there.browser().open("/")).text


async def test_the_start_page_of_the_demo(here: House) -> None:
    seen = await here.browser().open("/")
    people = [label for form in seen.forms if form.action == "/demo/enter" for _, _, label in form.buttons]
    assert people[0] == "Open"
    assert len(people) == 1 + 6 + 9
    assert "<b>申晓静</b>" in seen.text
    assert "繁體中文" in seen.text
    assert seen.foreign == []
    assert all(form.fields["csrf"] for form in seen.forms if form.method == "post")


async def test_the_demo_has_a_desk_only_with_an_officer(here: House) -> None:
    here.office.people = [one for one in organ() if Role.HR not in one.person.roles]
    assert "HR's desk" not in (await here.browser().open("/")).text.replace("on HR's desk", "")


@pytest.mark.parametrize(
    ("query", "names"),
    [("静", ["文静", "<b>申晓静</b>"]), ("党建办公室", ["许明远", "蒋雨薇"]), ("n007", ["许明远"]), ("Nobody", [])],
)
async def test_people_are_searched_without_a_script(here: House, query: str, names: list[str]) -> None:
    seen = await here.browser().open(f"/?q={query}")
    buttons = [label for form in seen.forms if form.id == "people" for _, _, label in form.buttons]
    assert [label.split("\n")[0].strip() for label in buttons] == names
    assert ("Nobody is found" in seen.text) is True
    assert next(form for form in seen.forms if "q" in form.fields).fields["q"] == query


def test_representatives_are_one_of_each_kind() -> None:
    seats = [Seat(one.person, one.unit) for one in organ()]
    assert [seat.person.name for seat in representatives(seats)] == [
        "陶冶", "<b>申晓静</b>", "许明远", "罗婉清", "沈若衡", "周立安",
    ]  # fmt: skip
    assert [(unit.name, len(some)) for unit, some in by_unit(seats)] == [
        ("政务中心", 6),
        ("党建办公室", 2),
        ("网格中心", 1),
    ]


async def sit(browser: Browser, number: str, place: str = "chat") -> None:
    await browser.open("/")
    form = next(
        form for form in browser.seen.forms if form.fields.get("place", "chat") == place and form.method == "post"
    )
    await browser.post(form, person=number)


async def test_a_visitor_sits_down_as_a_civil_servant(here: House) -> None:
    browser = here.browser()
    await sit(browser, "N004")
    assert browser.seen.messages == [("bot", "1.0", "Hello 陶冶")]
    assert here.seats[browser.address].name == "陶冶"
    assert here.ear.heard[0].language == "en"


async def test_each_person_has_a_chat_of_their_own_and_it_is_found_again(here: House) -> None:
    browser = here.browser()
    await sit(browser, "N004")
    first = browser.address
    await sit(browser, "N007")
    assert browser.address != first
    assert browser.seen.messages == [("bot", "1.0", "Hello 许明远")]
    await sit(browser, "N004")
    assert browser.address == first
    assert [person.name for person in here.entered] == ["陶冶", "许明远"]
    other = here.browser()
    await sit(other, "N004")
    assert other.address != first


async def test_one_browser_has_the_chat_and_the_desk(here: House) -> None:
    browser = here.browser()
    await sit(browser, "N004")
    await sit(browser, "N008", "desk")
    assert browser.status == 200
    assert "This page keeps itself up to date." in browser.seen.text
    assert (await browser.open("/chat")).messages == [("bot", "1.0", "Hello 陶冶")]


@pytest.mark.parametrize(
    ("fields", "status"), [({"csrf": "x"}, 403), ({"person": "N999"}, 404), ({"person": "x" * 5000}, 413)]
)
async def test_odd_forms_are_refused(here: House, fields: dict[str, str], status: int) -> None:
    browser = here.browser()
    await browser.open("/")
    form = next(form for form in browser.seen.forms if form.id == "people")
    await browser.post(form, **{"person": "N004", **fields})
    assert browser.status == status
    assert "Back to the start page" in browser.seen.text
    assert not here.entered


async def test_without_a_cookie_nobody_sits_down(here: House) -> None:
    browser, other = here.browser(), here.browser()
    await browser.open("/")
    await other.post(browser.seen.form("people"), person="N004")
    assert other.status == 403


async def test_what_cannot_be_done_now_is_said(here: House) -> None:
    browser = here.browser()
    await browser.open("/")
    form = browser.seen.form("people")
    here.ear.deaf = 1
    await browser.post(form, person="N004")
    assert browser.status == 503
    here.office.failure = Unavailable("gone")
    seen = await browser.open("/")
    assert browser.status == 503
    assert "try again" in seen.text
    assert "gone" not in seen.text


async def test_a_demo_without_a_web_chat_seats_nobody() -> None:
    async with house(chat=False) as there:
        browser = there.browser()
        await browser.open("/")
        await browser.post(browser.seen.form("people"), person="N004")
        assert browser.status == 503


async def test_the_pages_speak_the_browsers_language_else_the_organs() -> None:
    async with house(locale="zh_TW") as there:
        assert (await there.browser().open("/")).language == "zh-TW"
        assert (await there.browser(**{"Accept-Language": "de, en;q=0.5"}).open("/")).language == "en"


async def test_headers_and_assets(here: House) -> None:
    client = here.browser().client
    for path in ("/", "/desk", "/static/pages.css", "/static/none"):
        async with client.get(path) as response:
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
