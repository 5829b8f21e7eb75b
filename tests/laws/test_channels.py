"""One law for every channel. A new channel adds its platforms to the list, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.base import Gone, Key, Speech
from bot.channels.fitting import fit
from handlers.talk import Button, Command, File, Heard, Left, Message, Part, Tap, Typed
from tests.fakes.ear import Ear
from tests.laws.channels import Driver, Platform, telegram, webchat

PLATFORMS: dict[str, Platform] = {
    "telegram by polling": telegram.polling,
    "telegram by webhook": telegram.webhook,
    "web chat": webchat.page,
}

HELLO = Speech("您好！\n第一行\n\n<b>*_`[不是标记](x)`_*</b> &amp; \u202eelbisiv\u202c 👩‍👩‍👧‍👦")
CHOICE = Speech("请选择", ((Key("非常同意", "a:1:2:0"), Key("同意", "a:1:2:1")), (Key("返回", "ab:1:2"),)))
LONG = "本季度工作任务完成情况。" * 1000


@pytest.fixture(params=list(PLATFORMS.values()), ids=list(PLATFORMS))
async def driver(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    async with request.param(Ear(_toast)) as driver:
        yield driver


def _toast(heard: Heard) -> str:
    return f"toast {heard.what.data}" if isinstance(heard.what, Tap) else ""


def _word(part: Part) -> str:
    return str(part)


async def test_it_says_what_it_is_and_what_it_can(driver: Driver) -> None:
    limits = driver.channel.limits
    assert driver.channel.name.isidentifier()
    assert limits.unit in ("utf16", "utf8", "chars")
    assert limits.data == 0 or limits.data >= 64
    assert min(limits.text, limits.buttons, limits.row, limits.label, limits.rate, limits.chat_rate) >= 0
    assert limits.chat_burst >= 1


async def test_whether_we_keep_what_is_said_there_is_as_it_says(driver: Driver) -> None:
    await driver.channel.send(driver.address, HELLO, "1.0")
    assert driver.keeps(HELLO.text) is driver.channel.limits.keeps


async def test_words_are_heard_once_with_who_and_where(driver: Driver) -> None:
    await driver.say("  我想问一下\n第二行 ")
    await driver.say("/start AB12-CD34")
    words, command = await driver.ear.took(2)
    assert (words.what, command.what) == (Typed("我想问一下\n第二行"), Command("start", "AB12-CD34"))
    assert {heard.channel for heard in (words, command)} == {driver.channel.name}
    assert {heard.address for heard in (words, command)} == {driver.address}
    assert words.external_id != command.external_id
    assert len(driver.ear.tried) == 2


async def test_equal_words_are_two_things_said(driver: Driver) -> None:
    await driver.say("好")
    await driver.say("好")
    first, second = await driver.ear.took(2)
    assert first.external_id != second.external_id


async def test_what_one_person_says_keeps_its_order(driver: Driver) -> None:
    for number in range(5):
        await driver.say(str(number))
    assert [heard.what for heard in await driver.ear.took(5)] == [Typed(str(number)) for number in range(5)]


async def test_what_was_not_taken_comes_again_as_the_same(driver: Driver) -> None:
    driver.ear.deaf = 2
    await driver.say("重要的话")
    await driver.ear.took(1)
    assert {(heard.what, heard.external_id) for heard in driver.ear.tried} == {
        (Typed("重要的话"), driver.ear.heard[0].external_id)
    }
    assert len(driver.ear.tried) == 3


async def test_what_is_said_is_shown_as_it_stands_and_in_order(driver: Driver) -> None:
    await driver.channel.send(driver.address, HELLO, "1.0")
    await driver.channel.send(driver.address, CHOICE, "2.0")
    assert await driver.shown() == [(HELLO.text, []), ("请选择", ["非常同意", "同意", "返回"])]


async def test_a_tap_tells_its_data_and_its_message_and_shows_the_toast(driver: Driver) -> None:
    message_id = await driver.channel.send(driver.address, CHOICE, "1.0")
    assert await driver.tap("同意") == "toast a:1:2:1"
    (heard,) = await driver.ear.took(1)
    assert (heard.what, heard.message_id) == (Tap("a:1:2:1"), message_id)


async def test_the_same_button_may_be_tapped_twice(driver: Driver) -> None:
    await driver.channel.send(driver.address, CHOICE, "1.0")
    await driver.tap("返回")
    await driver.tap("返回")
    first, second = await driver.ear.took(2)
    assert first.external_id != second.external_id


async def test_an_edit_takes_the_place_of_what_was_there(driver: Driver) -> None:
    if not driver.channel.limits.edits:
        return
    first = await driver.channel.send(driver.address, CHOICE, "1.0")
    await driver.channel.send(driver.address, HELLO, "2.0")
    assert await driver.channel.edit(driver.address, first, Speech("改了"), "3.0") == first
    assert await driver.channel.edit(driver.address, first, Speech("改了"), "3.0") == first
    assert await driver.shown() == [("改了", []), (HELLO.text, [])]
    assert await driver.channel.edit(driver.address, first, CHOICE, "4.0") == first
    assert await driver.tap("非常同意") == "toast a:1:2:0"
    assert (await driver.ear.took(1))[0].message_id == first


async def test_what_cannot_be_edited_is_said_anew(driver: Driver) -> None:
    first = await driver.channel.send(driver.address, CHOICE, "1.0")
    await driver.channel.delete(driver.address, first)
    again = await driver.channel.edit(driver.address, first, CHOICE, "2.0")
    assert [text for text, _ in await driver.shown()] == ["请选择"]
    await driver.tap("同意")
    assert (await driver.ear.took(1))[0].message_id == again


async def test_a_deletion_takes_away_and_does_not_mind_that_it_is_gone(driver: Driver) -> None:
    message_id = await driver.channel.send(driver.address, HELLO, "1.0")
    await driver.channel.send(driver.address, CHOICE, "2.0")
    await driver.channel.delete(driver.address, message_id)
    await driver.channel.delete(driver.address, message_id)
    assert [text for text, _ in await driver.shown()] == ["请选择"]


async def test_whatever_was_fitted_can_be_said(driver: Driver) -> None:
    labels = ["很长的选项" * 20, "👩‍👩‍👧‍👦" * 8, "\u202e\u200f", "ok", "a\nb"]
    buttons = tuple((Button(label, f"a:{number}"),) for number, label in enumerate(labels))
    said = fit(Message((LONG, "\u200b", "\ud800", "e\u0301" * 5000), buttons), _word, driver.channel.limits)
    for number, speech in enumerate(said):
        await driver.channel.send(driver.address, speech, f"1.{number}")
    shown = await driver.shown()
    assert [text.split() for text, _ in shown] == [speech.text.split() for speech in said]
    assert len(shown[-1][1]) == len(labels)


async def test_files_are_sent(driver: Driver) -> None:
    for number, file in enumerate(
        [File("结果.pdf", "application/pdf", b"%PDF"), File("码.png", "image/png", b"\x89PNG")]
    ):
        assert await driver.channel.send(driver.address, Speech("看附件", (), file), f"1.{number}")
    assert [text for text, _ in await driver.shown()] == ["看附件", "看附件"]


async def test_who_has_left_is_gone(driver: Driver) -> None:
    if not await driver.leave():
        return
    assert (await driver.ear.took(1))[0].what == Left()
    with pytest.raises(Gone):
        await driver.channel.send(driver.address, HELLO, "1.0")


async def test_the_end_waits_for_what_is_being_heard(driver: Driver) -> None:
    driver.ear.free.clear()
    async with asyncio.TaskGroup() as nursery:
        nursery.create_task(driver.say("最后一句"))
        await driver.ear.was_tried(1)
        stopping = nursery.create_task(driver.channel.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        driver.ear.free.set()
        await stopping
    assert [heard.what for heard in driver.ear.heard] == [Typed("最后一句")]
