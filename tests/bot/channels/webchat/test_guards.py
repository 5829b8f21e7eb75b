"""What keeps others out of a chat: headers, cookies, form tokens."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.base import Key, Speech
from handlers.talk import Typed
from tests.fakes.webchat import Browser, World, world


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world() as found:
        yield found


@pytest.fixture
async def browser(here: World) -> Browser:
    found = here.browser()
    await found.open()
    return found


async def test_every_answer_carries_the_headers(here: World, browser: Browser) -> None:
    paths = ["/chat", "/chat/updates", "/chat/files/1.0", "/chat/static/nothing.js", "/chat/static/chat.js"]
    await here.chat.send(browser.address, Speech("x"), "1.0")
    for path in paths:
        async with browser.client.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            assert "http" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Strict-Transport-Security" not in response.headers
            if "static/chat" not in path:
                assert response.headers["Cache-Control"] == "no-store"


async def test_nothing_inline_nothing_foreign(here: World, browser: Browser) -> None:
    await here.chat.send(
        browser.address, Speech("http://elsewhere.example <script>x</script>", ((Key("k", "d"),),)), "1"
    )
    seen = await browser.open("/chat?start=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert seen.foreign == []
    assert '"><script>alert(1)</script>' in [form.fields.get("start") for form in seen.forms]


async def test_assets_are_kept_by_their_version_only(browser: Browser) -> None:
    async with browser.client.get("/chat") as response:
        page = await response.text()
    path = next(part for part in page.split('"') if part.startswith("/chat/static/chat.js?v="))
    async with browser.client.get(path) as response:
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    async with browser.client.get("/chat/static/chat.js?v=other") as response:
        assert response.headers["Cache-Control"] == "no-cache"


async def test_the_cookie_is_random_hidden_from_scripts_and_not_the_address(here: World, browser: Browser) -> None:
    other = here.browser()
    async with other.client.get("/chat") as response:
        cookie = response.cookies["huiyin"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]
    assert len(cookie.value) == 43
    assert other.address != browser.address
    assert len(other.address) == 32
    assert cookie.value not in str(here.mailbox.__dict__)


async def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    async with world("https://huiyin.example") as there:
        async with there.browser().client.get("/chat") as response:
            cookie = response.cookies["__Host-huiyin"]
            assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert not cookie["domain"]


async def test_a_cookie_nobody_drew_is_replaced(here: World) -> None:
    client = here.browser().client
    async with client.get("/chat", headers={"Cookie": "huiyin=guessed"}) as response:
        assert response.cookies["huiyin"].value != "guessed"


@pytest.mark.parametrize("token", ["", "0" * 64, "考"])
async def test_a_form_without_our_token_is_refused(here: World, browser: Browser, token: str) -> None:
    seen = await browser.post(browser.seen.form("composer"), text="forged", csrf=token)
    assert browser.status == 403
    assert "please try again" in seen.text
    assert here.ear.heard == []
    await browser.post(seen.form("composer"))
    assert here.ear.heard[0].what == Typed("forged")


async def test_anothers_token_is_refused(here: World, browser: Browser) -> None:
    other = here.browser()
    await other.open()
    await browser.post(browser.seen.form("composer"), text="x", csrf=other.seen.form("composer").fields["csrf"])
    assert browser.status == 403


async def test_without_a_cookie_the_page_is_given_one(here: World, browser: Browser) -> None:
    other = here.browser()
    seen = await other.post(browser.seen.form("composer"), text="kept")
    assert other.status == 403
    await other.post(seen.form("composer"))
    assert other.status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 200),
        ({"Origin": "http://127.0.0.1"}, 200),
    ],
)
async def test_where_a_form_comes_from(here: World, browser: Browser, headers: dict[str, str], status: int) -> None:
    form = {**browser.seen.form("composer").fields, "text": "x"}
    async with browser.client.post("/chat/send", data=form, headers=headers) as response:
        assert response.status == status
    assert len(here.ear.heard) == (status == 200)


async def test_the_own_host_is_no_stranger(here: World, browser: Browser) -> None:
    form = {**browser.seen.form("composer").fields, "text": "x"}
    origin = str(browser.client.make_url("/")).rstrip("/")
    async with browser.client.post("/chat/send", data=form, headers={"Origin": origin}) as response:
        assert response.status == 200


async def test_a_form_with_too_many_fields_says_nothing(here: World, browser: Browser) -> None:
    await browser.post(browser.seen.form("composer"), **{f"f{number}": "x" for number in range(30)})
    assert browser.status == 403
    assert here.ear.heard == []


async def test_a_get_changes_nothing(here: World, browser: Browser) -> None:
    for path in ("/chat/send?text=x", "/chat?text=x&data=y&start=CODE"):
        async with browser.client.get(path) as response:
            assert response.status in {200, 405}
    assert here.ear.heard == []
