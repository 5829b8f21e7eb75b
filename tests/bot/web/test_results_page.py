"""Results for everybody, HR's same results at the desk, the auditors' report, and how anonymity is kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.web import report
from handlers.doors import Guest, pages
from handlers.refusals import NotAllowed
from handlers.surveys.office_results import OneRound, round_assurance
from handlers.surveys.publishing import published
from handlers.surveys.rules import exports, results
from handlers.surveys.rules.honesty import HIDDEN, UNPROTECTED
from handlers.surveys.rules.screening import Rule
from storage.database import Database
from storage.records import Clerk, RoundState
from tests.attacks.test_a24_metadata import EVENTS
from tests.fakes.pages import House, house
from tests.fakes.webchat import Browser
from tests.handlers.surveys.released import LINK, NOW, counted

ADDRESS = f"/results/1/{LINK}"


@pytest.fixture
async def here(database: Database) -> AsyncIterator[House]:
    """The pages over a database with a round that has been counted."""
    async with database.transaction() as store:
        round = await counted(store)

    async def knock(name: str, chat: str, browser: str, **fields: Any) -> Any:
        window = pages()[name]
        async with database.reading() as store:
            return await window.door(window.order(**fields), Guest(chat, browser, NOW), store)

    async with house(knock=knock) as found:
        found.office.rounds = [round]
        clerk = Clerk("desk", frozenset(), NOW, lambda n: b"0" * n)
        async with database.reading() as store:
            found.office.table = exports.table(await published(round, store), "en")
            found.office.assurance = await round_assurance(OneRound(round.id), clerk, store)
        yield found


async def officer(here: House) -> Browser:
    """A browser at the desk."""
    browser = here.browser()
    await browser.open("/")
    form = next(form for form in browser.seen.forms if form.fields.get("place") == "desk")
    await browser.post(form, person="N008")
    return browser


def words(text: str) -> str:
    return " ".join(text.split())


async def test_results_are_tables_in_every_language_and_set_no_cookie(here: House) -> None:
    browser = here.browser()
    for language, told in (
        ("en", "Colleagues help each other"),
        ("zh_CN", "同事之间互相帮助"),
        ("zh_TW", "同事之间互相帮助"),
    ):
        async with browser.client.get(f"{ADDRESS}?in={language}") as response:
            text = await response.text()
            assert response.status == 200
            assert "Set-Cookie" not in response.headers
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
        assert told in text
        assert f'<html lang="{language.replace("_", "-")}">' in text
        assert "<script" not in text
        assert "style=" not in text
    assert "&lt;b&gt;表格&lt;/b&gt;太多" in text


async def test_every_table_has_a_caption_and_headings(here: House) -> None:
    async with here.browser().client.get(ADDRESS) as response:
        text = await response.text()
    tables = text.split("<table>")[1:]
    assert len(tables) > 12
    assert all("<caption" in table.split("</table>")[0] for table in tables)
    assert text.count('<th scope="row"') > 20
    hidden = 6  # in the fixture: a question, a band in the four tables told by unit, a response rate
    assert text.count(HIDDEN.message) == hidden


@pytest.mark.parametrize(
    "path", [ADDRESS + "x", ADDRESS[:-1], f"/results/2/{LINK}", f"/results/x/{LINK}", "/results/1/%20"]
)
async def test_wrong_addresses_are_one_page(here: House, path: str) -> None:
    browser = here.browser()
    seen = await browser.open(path)
    assert browser.status == 404
    assert results.NO_LINK.message in words(seen.text)


async def test_the_desk_shows_the_same_tables(here: House) -> None:
    browser = await officer(here)
    async with browser.client.get("/desk/rounds/1", headers={"Accept-Language": "en"}) as response:
        desk = await response.text()
    async with browser.client.get(ADDRESS, headers={"Accept-Language": "en"}) as response:
        page = await response.text()
    assert _tables(desk) == _tables(page)
    assert len(_tables(page)) > 12
    async with browser.client.get("/desk/rounds/1/answers.csv") as response:
        lines = (await response.read()).decode("utf-8-sig").split("\r\n")
    assert lines[0] == ",".join(exports.COLUMNS)
    assert len(lines) == len(here.office.table.rows) + 2


def _tables(text: str) -> list[str]:
    return [one.split("</table>")[0] for one in text.split("<table>")[1:]]


async def test_before_the_release_the_desk_says_when_they_come(here: House) -> None:
    async def knock(name: str, chat: str, browser: str, **fields: Any) -> None:
        raise NotAllowed(results.NOT_YET)

    async with house(knock=knock) as closed:
        closed.office.rounds = [replace(here.office.rounds[0], state=RoundState.OPEN)]
        browser = await officer(closed)
        seen = await browser.open("/desk/rounds/1")
        assert browser.status == 200
        assert results.NOT_YET.message in words(seen.text)


async def test_the_report_for_auditors(here: House) -> None:
    browser = await officer(here)
    seen = await browser.open("/desk/rounds/1/report")
    text = words(seen.text)
    assert browser.status == 200
    assert "Told apart by unit 政务服务中心 (7); 党政办公室, 网格中心 (5)" in text
    assert "Box opened and counted (李科长)" in text
    assert "Too few asked or answered 3" in text
    stranger = here.browser()
    await stranger.open("/desk/rounds/1/report")
    assert stranger.status == 403


async def test_how_anonymity_is_kept_says_what_it_does_not_keep(here: House) -> None:
    browser = here.browser()
    seen = await browser.open("/anonymity")
    assert browser.status == 200
    text = words(seen.text)
    assert all(limit.message in text for limit in UNPROTECTED)
    assert "at least 10 people" in text
    for language in ("zh_CN", "zh_TW"):
        async with browser.client.get(f"/anonymity?in={language}") as response:
            translated = await response.text()
        assert "匿名化" in translated
        assert "Your answers go into an envelope" not in translated


async def test_the_start_page_leads_there() -> None:
    async with house(demo=False) as found, found.browser().client.get("/") as response:
        assert 'href="/anonymity"' in await response.text()


def test_every_rule_that_hides_and_every_event_has_words() -> None:
    assert set(report.RULES) == {rule.value for rule in Rule}
    assert set(report.EVENTS) == EVENTS
