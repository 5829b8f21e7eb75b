"""Messages arrive without a reload: server-sent events, and asking where no stream comes through."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse

from bot.channels.base import Key, Speech
from bot.channels.webchat import channel
from tests.fakes.mailbox import MemoryMailbox
from tests.fakes.webchat import Browser, World, read, world


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(channel, "RECHECK", 0.02)
    async with world() as found:
        yield found


@pytest.fixture
async def browser(here: World) -> Browser:
    found = here.browser()
    await found.open()
    return found


async def frame(response: ClientResponse) -> str:
    async with asyncio.timeout(10):
        return (await response.content.readuntil(b"\n\n")).decode()


async def item(response: ClientResponse) -> dict[str, Any]:
    """The next event that is no heartbeat."""
    while True:
        lines = dict(line.split(": ", 1) for line in (await frame(response)).splitlines() if ": " in line)
        if "data" in lines:
            found: dict[str, Any] = json.loads(lines["data"])
            assert lines["id"] == str(found["version"])
            return found


async def test_a_message_an_edit_and_a_removal_arrive(here: World, browser: Browser) -> None:
    async with browser.client.get("/chat/events?after=0") as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert await frame(response) == "retry: 2000\n\n"
        await here.chat.send(browser.address, Speech("Q\u2028uestion?", ((Key("Yes", "a:1"),),)), "5.0")
        came = await item(response)
        assert (came["key"], came["lang"]) == ("5.0", "en")
        seen = read(came["html"])
        assert seen.messages == [("bot", "5.0", "Q\u2028uestion?")]
        form, button = seen.button("Yes")
        assert button == ("data", "a:1")
        await browser.post(form, data="a:1")
        assert here.ear.heard[0].message_id == "5.0"
        await here.chat.edit(browser.address, "5.0", Speech("Thanks"), "6.0")
        assert read((await item(response))["html"]).messages == [("bot", "5.0", "Thanks")]
        await here.chat.delete(browser.address, "5.0")
        came = await item(response)
        assert came["gone"] is True
        assert "html" not in came


async def test_a_stream_resumes_after_the_last_event(here: World, browser: Browser) -> None:
    for number in range(4):
        await here.chat.send(browser.address, Speech(f"n{number}"), f"{number}.0")
    async with browser.client.get("/chat/events?after=1", headers={"Last-Event-ID": "3"}) as response:
        assert (await item(response))["key"] == "3.0"
    async with browser.client.get("/chat/events?after=2") as response:
        assert [(await item(response))["key"], (await item(response))["key"]] == ["2.0", "3.0"]


async def test_nobody_sees_anothers_messages(here: World, browser: Browser) -> None:
    other = here.browser()
    await other.open()
    await here.chat.send(browser.address, Speech("secret"), "1.0")
    await here.chat.send(other.address, Speech("open"), "2.0")
    async with other.client.get("/chat/events") as response:
        assert (await item(response))["key"] == "2.0"
    assert (await other.open()).messages == [("bot", "2.0", "open")]


async def test_a_silent_stream_shows_that_it_lives(
    here: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "HEARTBEAT", 0.02)
    async with browser.client.get("/chat/events") as response:
        await frame(response)
        assert await frame(response) == ":\n\n"


async def test_what_another_process_posted_is_found(here: World, browser: Browser) -> None:
    async with browser.client.get("/chat/events") as response:
        await frame(response)
        await here.mailbox.post(browser.address, "9.0", {"text": "from elsewhere", "own": False})
        assert (await item(response))["key"] == "9.0"


async def test_a_stream_outlives_a_database_that_is_away(
    here: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "HEARTBEAT", 0.05)
    here.mailbox.away = True
    async with browser.client.get("/chat/events") as response:
        await frame(response)
        assert await frame(response) == ":\n\n"
        here.mailbox.away = False
        await here.chat.send(browser.address, Speech("back"), "1.0")
        assert (await item(response))["key"] == "1.0"


async def test_the_stop_ends_streams_and_waits(here: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async with browser.client.get("/chat/events") as response, asyncio.TaskGroup() as nursery:
        await frame(response)
        waiting = nursery.create_task(updates(browser, 0))
        await listeners(here, 2, monkeypatch)
        await here.chat.stop()
        assert await asyncio.wait_for(response.content.read(), 5) in (b"", b":\n\n")
    assert waiting.result() == {"version": 0, "items": []}


async def listeners(here: World, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until so many have looked into the mailbox and wait."""
    seen = asyncio.Event()
    looks = 0
    look = MemoryMailbox.since

    async def since(address: str, after: int) -> Any:
        nonlocal looks
        looks += 1
        if looks > count:
            seen.set()
        return await look(here.mailbox, address, after)

    monkeypatch.setattr(here.mailbox, "since", since)
    async with asyncio.timeout(5):
        await seen.wait()


async def updates(browser: Browser, after: object) -> dict[str, Any]:
    async with browser.client.get(f"/chat/updates?after={after}") as response:
        assert response.status == 200
        found: dict[str, Any] = await response.json()
        return found


async def test_asking_for_news(here: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LONG_POLL", 0.05)
    assert await updates(browser, 0) == {"version": 0, "items": []}
    monkeypatch.setattr(channel, "LONG_POLL", 10)
    async with asyncio.TaskGroup() as nursery:
        waiting = nursery.create_task(updates(browser, 0))
        await here.chat.send(browser.address, Speech("now"), "1.0")
    assert [came["key"] for came in waiting.result()["items"]] == ["1.0"]
    assert (await updates(browser, waiting.result()["version"] - 1))["version"] == 1


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "١", ""])
async def test_an_odd_version_is_the_beginning(here: World, browser: Browser, after: str) -> None:
    await here.chat.send(browser.address, Speech("first"), "1.0")
    assert len((await updates(browser, after))["items"]) == 1


@pytest.mark.parametrize("path", ["/chat/events", "/chat/updates"])
async def test_without_a_cookie_there_are_no_news(here: World, path: str) -> None:
    async with here.browser().client.get(path) as response:
        assert response.status == 403


async def test_the_language_of_the_page_is_kept(here: World, browser: Browser) -> None:
    await here.chat.send(browser.address, Speech("x"), "1.0")
    async with browser.client.get("/chat/updates?lang=zh-TW") as response:
        assert (await response.json())["items"][0]["lang"] == "zh-TW"


async def test_a_browser_that_leaves_is_let_go(here: World, browser: Browser) -> None:
    async with browser.client.get("/chat/events") as response:
        await frame(response)
        response.close()
    # The next write to it fails; others are served all the same.
    await here.chat.send(browser.address, Speech("one"), "1.0")
    await here.chat.send(browser.address, Speech("two"), "2.0")
    assert len((await updates(browser, 0))["items"]) == 2
