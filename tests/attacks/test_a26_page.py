"""A26, of the page: what is left in a browser, and on the way to it.

The attacker has the computer on which somebody answered, or a proxy that keeps what it may keep, or watches how long
the messages are. What must hold: nothing of the page may be stored anywhere; it sets no cookie and reads none; before
it is asked anything it is the same for everybody; all that goes either way is of a few sizes; and the browser's own
directory holds no answer, also where a page was left in the middle.
"""

import hashlib
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from bot.web.ballots import SIZES
from storage.database import Database
from tests.attacks.world import furnished
from tests.fakes.chromium import CHROMIUM, QUIET
from tests.fakes.voting import poll

CANARY = "独一无二的话 canary-4711"
FORMS = (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.encode("gb18030"), b"canary-4711", "独一无二".encode())


async def test_before_it_is_asked_the_page_is_the_same_for_everybody(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        seen: dict[str, set[str]] = {}
        for language in ("zh-CN", "zh-TW", "en"):
            for cookie in ("", "huiyin=" + "w" * 43, "huiyin-language=en; huiyin-form=" + "v" * 43):
                for round_id in (here.round.id, 999):
                    browser = here.browser(**{"Accept-Language": language}, **({"Cookie": cookie} if cookie else {}))
                    async with browser.get(f"/ballot/{round_id}") as response:
                        body = await response.read()
                        assert response.status == 200
                        assert not response.cookies
                        assert response.headers["Cache-Control"] == "no-store"
                        assert response.headers["Referrer-Policy"] == "no-referrer"
                        assert "'none'" in response.headers["Content-Security-Policy"]
                        assert "ETag" not in response.headers
                        assert "Last-Modified" not in response.headers
                        assert len(body) in SIZES
                    seen.setdefault(language, set()).add(hashlib.sha256(body).hexdigest())
    assert [len(one) for one in seen.values()] == [1, 1, 1]


async def test_how_much_was_written_is_not_told_by_the_length_of_what_comes_back(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        sizes = []
        for person, words in zip(world.people[4:7], ("", "短", "长" * 2000), strict=True):
            voter = await here.voter(person)
            await voter.vote(words=words)
            sizes.append([size for _, size in voter.sizes])
        assert {size for one in sizes for size in one} <= set(SIZES)
        assert sizes[0] == sizes[1] == sizes[2]


async def test_no_cookie_is_read_where_answers_are_sent(database: Database) -> None:
    """A browser that says by its cookies that it is somebody else's is answered by the ticket alone."""
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4], Cookie="huiyin=" + "w" * 43)
        await voter.vote(words=CANARY)
        stranger = await here.voter(world.people[5])
        await stranger.press()
        assert "begin" in stranger.offers()


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)")
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_browsers_own_directory_holds_no_answer(database: Database, tmp_path: Path) -> None:
    world = await furnished(database)
    profile = tmp_path / "profile"
    async with poll(world) as here, async_playwright() as playwright:
        ticket = await here.ticket(world.people[4])
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=list(QUIET)
        )
        page = await context.new_page()
        await page.goto(f"{here.house.server.make_url('/')}ballot/{here.round.id}#{ticket}")
        await page.locator('button[value="begin"]').click()
        await page.locator('[name="a:/data/words"]').fill(CANARY)
        await expect(page.locator("#line")).not_to_be_empty()
        await page.goto("about:blank")
        await page.goto(f"{here.house.server.make_url('/')}ballot/{here.round.id}#{ticket}")
        await expect(page.locator('[name="a:/data/words"]')).to_have_value(CANARY)
        await page.locator('main button[value="next"]').last.click()
        await page.locator('button[value="hand-in"]').click()
        await page.locator('button[value="change"]').wait_for()
        await context.close()
        assert (await here.box())[0]["a"] == {"/data/words": CANARY}
    files = [file for file in profile.rglob("*") if file.is_file()]
    assert files
    held = {str(file.relative_to(profile)) for file in files for form in FORMS if form in file.read_bytes()}
    assert held == set()
    # Its history holds the link, as the chat does from which it came; that lets nobody in any more.
    assert database.vault.redeem(here.round.id, ticket, world.now) is None
