"""A file sent through the page: a form of its own under the question, without JavaScript, and not from elsewhere."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import FormData

from bot.channels.base import Speech
from bot.channels.webchat import channel
from handlers.talk import File, Sent
from tests.fakes.webchat import Browser, Form, World, world


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world() as found:
        yield found


@pytest.fixture
async def browser(here: World) -> Browser:
    found = here.browser()
    await found.open()
    return found


def form_of(browser: Browser) -> Form:
    """The form a file is sent with."""
    return next(form for form in browser.seen.forms if "file" in form.fields)


async def send(browser: Browser, content: bytes, name: str = "照片.png", **fields: str) -> int:
    data = FormData(quote_fields=False)
    for field, value in {**form_of(browser).fields, **fields}.items():
        if field != "file":
            data.add_field(field, value)
    data.add_field("file", BytesIO(content), filename=name, content_type="image/png")
    async with browser.client.post("/chat/send", data=data, allow_redirects=False) as response:
        return response.status


async def test_a_form_for_a_file_stands_under_the_question_that_wants_one(here: World, browser: Browser) -> None:
    await here.chat.send(browser.address, Speech("Please send a picture.", attach="image"), "1.0")
    await browser.open()
    assert "Your picture (JPEG, PNG or WebP, up to 10 MB)" in browser.seen.text
    assert browser.seen.foreign == []
    assert await send(browser, b"pixels") == 303
    (heard,) = here.ear.heard
    assert heard.what == Sent("document", "照片.png", 6, file=File("照片.png", "", b"pixels"))
    assert (heard.address, heard.message_id) == (browser.address, "1.0")


async def test_a_large_file_gets_through_and_one_too_large_does_not(here: World, browser: Browser) -> None:
    await here.chat.send(browser.address, Speech("Please send a file.", attach="file"), "1.0")
    await browser.open()
    assert await send(browser, bytes(20_000_000)) == 303
    assert await send(browser, bytes(channel.UPLOAD + 1)) == 413
    assert len(here.ear.heard) == 1


async def test_nobody_else_sends_a_file_here(here: World, browser: Browser) -> None:
    await here.chat.send(browser.address, Speech("?", attach="file"), "1.0")
    await browser.open()
    assert await send(browser, b"x", csrf="guessed") == 403
    stranger = here.browser()
    data = FormData({"csrf": form_of(browser).fields["csrf"]})
    data.add_field("file", b"x", filename="a")
    async with stranger.client.post("/chat/send", data=data) as response:
        assert response.status == 403
    assert here.ear.heard == []


async def test_a_form_without_a_file_says_nothing(here: World, browser: Browser) -> None:
    await here.chat.send(browser.address, Speech("?", attach="file"), "1.0")
    await browser.open()
    assert await send(browser, b"", name="") == 303
    async with browser.client.post(
        "/chat/send", data=b"no parts at all", headers={"Content-Type": "multipart/form-data; boundary=x"}
    ) as response:
        assert response.status == 403
    assert here.ear.heard == []
