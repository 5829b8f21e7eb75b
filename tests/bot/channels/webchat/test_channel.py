"""The web chat as a browser without JavaScript has it, and as the courier speaks through it."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from urllib.parse import urlencode

import pytest

from bot.channels.base import ChannelError, Key, Speech
from bot.channels.webchat import channel
from handlers.talk import Command, File, Heard, Tap, Typed
from tests.fakes.ear import Ear
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


def answering(here: World, *speeches: Speech, toast: str = "") -> None:
    """From now on the ear answers each thing heard with these speeches, as the courier would."""

    class Answering(Ear):
        async def __call__(self, heard: Heard) -> str:
            said = await super().__call__(heard)
            for number, speech in enumerate(speeches):
                await here.chat.send(heard.address, speech, f"{len(self.heard)}.{number}")
            return said

    here.ear = Answering(lambda _: toast)


async def restart(here: World) -> None:
    await here.chat.start(here.ear)


async def test_words_are_heard_and_the_answer_is_on_the_next_page(here: World, browser: Browser) -> None:
    answering(here, Speech("say that again", own=True), Speech("Good.\n\nNext?", ((Key("Yes", "a:1"),),)))
    await restart(here)
    seen = await browser.say("  hello \r\n there ")
    (heard,) = here.ear.heard
    assert heard.what == Typed("hello \n there")
    assert (heard.channel, heard.address, heard.language) == ("webchat", browser.address, "en")
    assert seen.messages == [("own", "1.0", "say that again"), ("bot", "1.1", "Good.\n\nNext?")]
    assert browser.status == 200


async def test_a_button_to_a_page_of_ours_is_a_link_and_there_once(here: World, browser: Browser) -> None:
    keys = ((Key("On the page", "bl:7", "/ballot/7"),), (Key("Here", "bo:7", "/ballot/7"),), (Key("No", "a:2"),))
    await here.chat.send(browser.address, Speech("Where?", keys), "7.0")
    seen = await browser.open()
    assert "On the page" in seen.text
    assert "Here" not in seen.text
    keys = [button for form in seen.forms for button in form.buttons if button[0] == "data"]
    assert keys == [("data", "a:2", "No")]


async def test_a_tapped_button_names_its_message_and_the_edit_stays_in_place(here: World, browser: Browser) -> None:
    address = browser.address
    await here.chat.send(address, Speech("One?", ((Key("Yes", "a:1"), Key("No", "a:2")),)), "7.0")
    await here.chat.send(address, Speech("Later"), "8.0")
    await browser.open()
    await browser.tap("No")
    assert here.ear.heard[0].what == Tap("a:2")
    assert here.ear.heard[0].message_id == "7.0"
    assert await here.chat.edit(address, "7.0", Speech("Two?"), "9.0") == "7.0"
    seen = await browser.open()
    assert seen.messages == [("bot", "7.0", "Two?"), ("bot", "8.0", "Later")]
    assert [form for form in seen.forms if "a:2" in str(form.buttons)] == []


async def test_the_menu_speaks_commands(here: World, browser: Browser) -> None:
    await browser.tap("Help")
    assert here.ear.heard[0].what == Command("help")


async def test_the_same_letter_twice_is_one_message_and_a_deleted_one_is_gone(here: World, browser: Browser) -> None:
    for _ in range(2):
        assert await here.chat.send(browser.address, Speech("once"), "1.0") == "1.0"
    await here.chat.send(browser.address, Speech("away"), "2.0")
    await here.chat.delete(browser.address, "2.0")
    assert (await browser.open()).messages == [("bot", "1.0", "once")]


async def test_a_link_with_a_code_asks_first(here: World, browser: Browser) -> None:
    seen = await browser.open("/chat?start=K7QM-2XHP")
    assert here.ear.heard == []
    form = next(form for form in seen.forms if "start" in form.fields)
    assert form.fields["start"] == "K7QM-2XHP"
    await browser.post(form)
    assert here.ear.heard[0].what == Command("start", "K7QM-2XHP")


async def test_a_browser_without_history_is_asked_for_its_code_and_one_with_history_is_not(
    here: World, browser: Browser
) -> None:
    assert any("start" in form.fields for form in browser.seen.forms)
    await here.chat.send(browser.address, Speech("Welcome"), "1.0")
    assert not any("start" in form.fields for form in (await browser.open()).forms)


async def test_a_form_sent_twice_is_one_event_and_other_words_or_people_are_others(
    here: World, browser: Browser
) -> None:
    form = browser.seen.form("composer")
    await browser.post(form, text="a")
    await browser.post(form, text="a")
    await browser.post(form, text="b")
    other = here.browser()
    await other.open()
    await other.post(other.seen.form("composer"), text="a", id=form.fields["id"])
    ids = [heard.external_id for heard in here.ear.heard]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


async def test_each_form_has_an_id_of_its_own(here: World, browser: Browser) -> None:
    first = {form.fields["id"] for form in browser.seen.forms}
    second = {form.fields["id"] for form in (await browser.open()).forms}
    assert len(first | second) == len(first) + len(second) > 4


@pytest.mark.parametrize("fields", [{"text": " \n"}, {"data": ""}, {"data": "x" * 65}, {}])
async def test_nothing_said_is_nothing_heard(here: World, browser: Browser, fields: dict[str, str]) -> None:
    form = browser.seen.form("composer")
    form.fields.pop("text")
    await browser.post(form, **fields)
    assert browser.status == 200
    assert here.ear.heard == []


async def test_a_toast_is_shown_once_and_only_to_whom_it_was_said(here: World, browser: Browser) -> None:
    answering(here, toast="This question was answered <already>.")
    await restart(here)
    assert "This question was answered <already>." in (await browser.say("x")).text
    assert "already" not in (await browser.open()).text
    browser.client.session.cookie_jar.update_cookies({"huiyin-word": "Zm9yZ2Vk.00"}, browser.client.make_url("/"))
    assert "forged" not in (await browser.open()).text


async def test_what_was_not_taken_stays_in_the_field_under_the_same_id(here: World, browser: Browser) -> None:
    here.ear.deaf = 1
    sent = browser.seen.form("composer").fields["id"]
    seen = await browser.say("my <long> answer\n")
    assert browser.status == 503
    assert "Nothing is lost" in seen.text
    assert seen.form("composer").fields["text"] == "my <long> answer\n"
    assert seen.form("composer").fields["id"] == sent
    await browser.post(seen.form("composer"))
    assert browser.status == 200
    assert [heard.what for heard in here.ear.heard] == [Typed("my <long> answer")]
    assert here.ear.tried[0].external_id == here.ear.tried[1].external_id


async def test_a_code_that_was_not_taken_stays_too(here: World, browser: Browser) -> None:
    here.ear.deaf = 1
    form = next(form for form in browser.seen.forms if "start" in form.fields)
    seen = await browser.post(form, start="K7QM")
    assert browser.status == 503
    assert "K7QM" in [form.fields.get("start") for form in seen.forms]


async def test_without_a_database_the_page_says_so(here: World, browser: Browser) -> None:
    here.mailbox.away = True
    seen = await browser.open()
    assert browser.status == 503
    assert "Nothing is lost" in seen.text
    assert not any("start" in form.fields for form in seen.forms)


async def test_more_than_20000_characters_are_refused_and_kept(here: World, browser: Browser) -> None:
    text = "考" * 20_001
    seen = await browser.say(text)
    assert browser.status == 413
    assert "20000 characters" in seen.text
    assert seen.form("composer").fields["text"] == text
    await browser.say(text[1:])
    assert browser.status == 200
    assert [heard.what for heard in here.ear.heard] == [Typed(text[1:])]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_ten_megabytes_are_refused_with_a_sentence(here: World, browser: Browser, accept: str) -> None:
    body = BytesIO(urlencode({**browser.seen.form("composer").fields, "text": "x" * 10_000_000}).encode())
    headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
    async with browser.client.post("/chat/send", data=body, headers=headers) as response:
        assert response.status == 413
        assert response.content_type == accept
        assert "Nothing was sent" in await response.text()
    assert here.ear.heard == []


async def test_a_body_without_a_length_is_cut_off_too(here: World, browser: Browser) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 100_000

    async with browser.client.post("/chat/send", data=body()) as response:
        assert response.status == 413


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 🇨🇳",
        "zero\u200bwidth\u200d",
        "\u202eright to left\u2069\u200f",
        "עברית و عربي",
        "<b>&amp;\"'</b>",
        "a\x00b",
    ],
)
async def test_strange_characters_are_heard_and_shown_as_they_are(here: World, browser: Browser, text: str) -> None:
    await browser.say(text)
    plain = text.replace("\0", "")
    assert here.ear.heard[0].what == Typed(plain)
    await here.chat.send(browser.address, Speech(plain, ((Key(plain, "a:1"),),), own=True), "1.0")
    seen = await browser.open()
    assert seen.messages == [("own", "1.0", plain)]
    assert seen.button(plain)


async def test_the_page_speaks_the_language_it_is_asked_for(here: World) -> None:
    browser = here.browser(**{"Accept-Language": "fr, zh-TW;q=0.9, en;q=x"})
    seen = await browser.open()
    assert seen.language == "zh-TW"
    assert "Send [zh_TW]" in seen.text
    await browser.say("x")
    assert here.ear.heard[0].language == "zh_TW"


async def test_history_is_long_but_not_endless(here: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(130):
        await here.chat.send(browser.address, Speech(f"n{number}"), f"{number}.0")
    seen = await browser.open()
    assert [words for _, _, words in seen.messages] == [f"n{number}" for number in range(70, 130)]
    assert "Show earlier messages" in seen.text
    seen = await browser.open("/chat?messages=120")
    assert seen.messages[0][2] == "n10"
    seen = await browser.open("/chat?messages=999999999")
    assert len(seen.messages) == 130
    assert "Show earlier messages" not in seen.text
    assert len((await browser.open("/chat?messages=-1")).messages) == 60


async def test_the_wait_for_an_answer_ends(here: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "ANSWER", 0.05)
    answering(here, Speech("own words do not count as an answer", own=True))
    await restart(here)
    assert (await browser.say("x")).messages[0][0] == "own"


async def test_files_are_served_to_their_reader_alone(here: World, browser: Browser) -> None:
    picture = File("图 1.png", "image/png", b"\x89PNG")
    page = File("我的 数据.html", "text/html", b"<script>1</script>")
    await here.chat.send(browser.address, Speech("", file=picture), "1.0")
    await here.chat.send(browser.address, Speech("Your copy", file=page), "2.0")
    seen = await browser.open()
    assert "我的 数据.html" in seen.text
    async with browser.client.get("/chat/files/1.0") as response:
        assert (response.content_type, await response.read()) == ("image/png", b"\x89PNG")
    async with browser.client.get("/chat/files/2.0") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%88%91")
        assert "sandbox" in response.headers["Content-Security-Policy"]
    other = here.browser()
    for visitor, path in ((browser, "3.0"), (other, "2.0")):
        async with visitor.client.get(f"/chat/files/{path}") as response:
            assert response.status == 404
    await other.open()
    async with other.client.get("/chat/files/2.0") as response:
        assert response.status == 404
    here.mailbox.away = True
    async with browser.client.get("/chat/files/2.0") as response:
        assert response.status == 503


async def test_hear_speaks_for_a_browser_of_the_demo(here: World) -> None:
    await here.chat.hear("some-address", "/start CODE", "zh_CN")
    heard = here.ear.heard[0]
    assert (heard.address, heard.what, heard.language) == ("some-address", Command("start", "CODE"), "zh_CN")


async def test_after_the_stop_nothing_is_taken_and_what_is_being_heard_is_finished(
    here: World, browser: Browser
) -> None:
    here.ear.free.clear()
    async with asyncio.TaskGroup() as nursery:
        said = nursery.create_task(browser.post_for_script(text="in time"))
        await here.ear.was_tried(1)
        stopped = nursery.create_task(here.chat.stop())
        await asyncio.sleep(0)  # it has begun
        with pytest.raises(ChannelError):
            await here.chat.hear("a", "too late", "en")
        assert not stopped.done()
        here.ear.free.set()
    assert said.result() == (200, {"toast": ""})
    assert [heard.what for heard in here.ear.heard] == [Typed("in time")]
    status, answer = await browser.post_for_script(text="too late")
    assert status == 503
    assert "Nothing is lost" in answer["error"]


async def test_a_command_in_a_text_of_ours_can_be_tapped(here: World, browser: Browser) -> None:
    text = "Send /unbind, or：/privacy\n\n/help! Not a/b, /x.y, /data/q1, //x, /X or http://h/why"
    await here.chat.send(browser.address, Speech(text), "1.0")
    await here.chat.send(browser.address, Speech("my /own words", own=True), "2.0")
    seen = await browser.open()
    assert [words for _, _, words in seen.messages] == [text, "my /own words"]
    commands = [name for _, name, label in seen.form("commands").buttons if name == label]
    assert commands == ["/unbind", "/privacy", "/help"]
    await browser.tap("/unbind")
    assert here.ear.heard[0].what == Command("unbind")
