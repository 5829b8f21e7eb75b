"""The tabulators' pages without a script, and the enrolment and an opening in Chromium."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import FormData
from playwright.async_api import Page, expect

from bot.ceremony import Ceremony
from storage.database import Database
from storage.records import CountStage
from tests.fakes.chromium import CHROMIUM, DESK, PHONE, chromium
from tests.fakes.pages import House, house
from tests.fakes.webchat import Browser, Form, Seen
from tests.handlers.surveys.player import Organ
from tests.handlers.surveys.urn import (
    FIRST,
    SECOND,
    STAFF,
    THIRD,
    WORDS,
    Urn,
    enrol,
    invite,
    opened,
    organ_with_tabulators,
    weak,
)


@dataclass
class Here:
    """The pages, and the organ behind them."""

    house: House
    organ: Organ

    async def log_in(self, browser: Browser, number: str, words: str = "") -> Seen:
        """Number and passphrase on a fresh page."""
        await browser.open("/keys")
        return await browser.post(form(browser, "test"), number=number, passphrase=words or WORDS[number], do="test")


def form(browser: Browser, does: str, number: int = 0) -> Form:
    """The form of the page with the button that does this."""
    return [one for one in browser.seen.forms if any(value == does for _, value, _ in one.buttons)][number]


@pytest.fixture
async def here(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    weak(monkeypatch)
    organ = await organ_with_tabulators(database, FIRST, SECOND)
    async with house(demo=False, ceremony=Ceremony(database, lambda: organ.now)) as found:
        yield Here(found, organ)


async def closed_round(here: Here) -> Urn:
    urn = await opened(here.organ, name="作风问卷")
    for number in STAFF:
        assert await urn.vote(number)
    await urn.close()
    return urn


async def test_two_tabulators_open_a_round(here: Here) -> None:
    urn = await closed_round(here)
    one, other = here.house.browser(), here.house.browser()
    seen = await here.log_in(one, FIRST)
    assert "Your key works." in seen.text
    assert "作风问卷" in seen.text
    assert f"You open it together with one of these: 某{SECOND}." in seen.text
    await one.post(form(one, "unlock"), passphrase="wrong wrong wrong", do="unlock")
    assert one.status == 403
    assert await urn.stage() is CountStage.UNTAGGED
    await here.log_in(one, FIRST)
    seen = await one.post(form(one, "unlock"), passphrase=WORDS[FIRST], do="unlock")
    assert "Your half of unlocking “作风问卷” is noted." in seen.text
    assert "You have unlocked." in seen.text
    seen = await here.log_in(other, SECOND)
    assert f"某{FIRST} has unlocked. With your key the ballots are opened and counted." in seen.text
    seen = await other.post(form(other, "unlock"), passphrase=WORDS[SECOND], do="unlock")
    assert "the results are released" in seen.text
    assert "No round waits for you." in seen.text
    assert await urn.stage() is CountStage.RELEASED
    assert seen.foreign == []


@pytest.mark.parametrize("number", [FIRST, THIRD, "nobody", "<b>", ""])
async def test_one_sentence_for_whatever_is_wrong(here: Here, number: str) -> None:
    browser = here.house.browser()
    seen = await here.log_in(browser, number, "wrong wrong wrong")
    assert browser.status == 403
    assert "The staff number or the passphrase is not right." in seen.text
    assert form(browser, "test").fields["number"] == number
    assert form(browser, "test").fields["passphrase"] == ""


async def test_sealed_keys_are_put_by_and_back(here: Here) -> None:
    urn = await opened(here.organ)
    browser = here.house.browser()
    await here.log_in(browser, FIRST)
    fields = {**form(browser, "bundle").fields, "passphrase": WORDS[FIRST], "do": "bundle"}
    async with browser.client.post("/keys", data=fields) as response:
        assert response.status == 200
        assert response.headers["Content-Disposition"] == f'attachment; filename="huiyin-round-{urn.round.id}.keys"'
        assert response.headers["Cache-Control"] == "no-store"
        bundle = await response.read()
    for path in urn.database.vault.directory.iterdir():
        path.unlink()
    seen = await here.log_in(browser, FIRST)
    assert "is gone from the server" in seen.text
    given = FormData({**form(browser, "restore").fields, "number": FIRST, "passphrase": WORDS[FIRST], "do": "restore"})
    given.add_field("file", bundle, filename="sealed.keys", content_type="application/octet-stream")
    async with browser.client.post("/keys", data=given) as response:
        seen = await browser._look(response)
    assert "are back" in seen.text
    assert "Nobody can answer at the moment" in seen.text
    for number in (FIRST, SECOND):
        await here.log_in(browser, number)
        seen = await browser.post(form(browser, "recover"), passphrase=WORDS[number], do="recover")
    assert "can be answered again" in seen.text


async def test_a_forgotten_passphrase(here: Here) -> None:
    recovery = await enrol(here.organ, THIRD)
    browser = here.house.browser()
    await browser.open("/keys")
    fresh = "other words this time"
    given = {"number": THIRD, "recovery": recovery, "new": fresh, "again": "another", "do": "renew"}
    seen = await browser.post(form(browser, "renew"), **given)
    assert "The two passphrases differ." in seen.text
    seen = await browser.post(form(browser, "renew"), **{**given, "again": fresh})
    assert "Your new passphrase is set." in seen.text
    assert "Your key works." in (await here.log_in(browser, THIRD, fresh)).text


@pytest.mark.parametrize("path", ["/keys", "/keys/enrol"])
async def test_only_forms_of_ours_are_taken(here: Here, path: str) -> None:
    browser = here.house.browser()
    async with browser.client.post(path, data={"number": FIRST, "passphrase": WORDS[FIRST]}) as response:
        assert response.status == 403
    await browser.open("/keys")
    fields = {**form(browser, "test").fields, "number": FIRST, "passphrase": WORDS[FIRST]}
    async with browser.client.post(path, data=fields, headers={"Sec-Fetch-Site": "cross-site"}) as response:
        assert response.status == 403
    async with browser.client.post(path, data={**fields, "passphrase": "x" * 10_000}) as response:
        assert response.status == 413


@pytest.mark.parametrize("round_id", ["x", "99999999999", "7"])
async def test_a_round_there_is_not(here: Here, round_id: str) -> None:
    await closed_round(here)
    browser = here.house.browser()
    await here.log_in(browser, FIRST)
    await browser.post(form(browser, "unlock"), passphrase=WORDS[FIRST], do="unlock", round=round_id)
    assert browser.status == 404


async def test_an_enrolment_link_that_is_not_whole(here: Here) -> None:
    browser = here.house.browser()
    seen = await browser.open("/keys/enrol")
    assert "needs JavaScript" in seen.text
    seen = await browser.post(form(browser, "enrol"), passphrase=WORDS[THIRD], again=WORDS[THIRD], do="enrol")
    assert browser.status == 422
    assert "This link has been used or replaced." in seen.text


# In a browser ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)")
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [PHONE, DESK])
async def test_enrolment_in_a_browser(here: Here, size: dict[str, int]) -> None:
    """The secret leaves the address at once, is in no request line, and the pages do not scroll sideways."""
    link = await invite(here.organ, THIRD)
    async with chromium() as browser, browser.visitor(viewport=size) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        base = str(here.house.server.make_url("/keys/enrol"))
        await page.goto(f"{base}#{link.secret}")
        assert page.url == base
        await narrow(page)
        await page.get_by_label("Passphrase", exact=True).fill(WORDS[THIRD])
        await page.get_by_label("The same once more").fill(WORDS[THIRD])
        await page.get_by_role("button", name="Make my key").click()
        await expect(page.get_by_role("heading", name="Print your recovery key")).to_be_visible()
        await expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
        await narrow(page)
        groups = await page.locator(".groups span").all_inner_texts()
        assert [len(one) for one in groups] == [4] * 8
        await page.get_by_label("The last four characters").fill(groups[-1].lower())
        await page.get_by_label("Your passphrase once more").fill(WORDS[THIRD])
        await page.get_by_role("button", name="Done, try my key").click()
        await expect(page.get_by_role("heading", name="Your key works")).to_be_visible()
        await narrow(page)
        await page.get_by_role("link", name="To your key").click()
        await page.get_by_label("Staff number").first.fill(THIRD)
        await page.get_by_label("Passphrase", exact=True).first.fill(WORDS[THIRD])
        await page.get_by_role("button", name="Try my key").click()
        await expect(page.get_by_role("heading", name=f"某{THIRD}")).to_be_visible()
        await narrow(page)
        assert not [url for url in asked if link.secret in url or WORDS[THIRD].split()[0] in url]
    assert browser.complaints == []


async def narrow(page: Page) -> None:
    """Nothing sticks out."""
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
