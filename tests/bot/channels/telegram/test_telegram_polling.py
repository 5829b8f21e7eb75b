import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import ChannelError, Key, Speech
from bot.channels.telegram.channel import Telegram
from handlers.talk import Command, Left, Sent, Tap, Typed
from tests.bot.channels.telegram.conftest import PAUSE, Started
from tests.fakes.ear import Ear
from tests.fakes.telegram import FakeTelegram, Faults
from tests.fakes.telegram.methods import Refused

OK = Speech("请选择")


async def test_what_people_do_is_heard_and_acknowledged(fake: FakeTelegram, ear: Ear, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling():
        numbers = [
            anna.say("你好"),
            anna.start("AB12"),
            anna.send_document("a.pdf", 12),
            anna.send_photo(),
            anna.block(),
        ]
        heard = await ear.took(5)
        await fake.delivery.taken()
    assert [one.what for one in heard] == [
        Typed("你好"),
        Command("start", "AB12"),
        Sent("document", "a.pdf", 12, "id-doc"),
        Sent("photo", "", 1000, "id-photo800"),
        Left(),
    ]
    assert [one.external_id for one in heard] == [str(number) for number in numbers]
    assert {(one.channel, one.address, one.language) for one in heard} == {("telegram", "1001", "zh_CN")}


async def test_what_is_not_for_us_is_acknowledged_too(fake: FakeTelegram, ear: Ear, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling():
        fake.put({"message": "of a shape nobody knows"})
        fake.put({"callback_query": {"id": fake.methods.query(1001).id, "from": {}, "data": 5}})
        await anna.answered(fake.methods.queries["1"])
        anna.say("x")
        await ear.took(1)
        await fake.delivery.taken()
    assert len(ear.tried) == 1


async def test_a_tap_is_answered_with_the_toast(fake: FakeTelegram, polling: Started, ear: Ear) -> None:
    anna = fake.person(1001, "en")
    ear._toast = lambda heard: "好" * 300
    async with polling() as channel:
        message_id = await channel.send("1001", _choice("yes", "no"), "k")
        query = anna.tap("no")
        assert await anna.answered(query) == "好" * 200
    assert ear.heard[0].what == Tap("a:1")
    assert (ear.heard[0].message_id, ear.heard[0].language) == (message_id, "en")


async def test_a_toast_that_cannot_be_shown_is_let_go(fake: FakeTelegram, polling: Started, ear: Ear) -> None:
    anna = fake.person(1001)
    fake.fail("answerCallbackQuery", "error")
    async with polling() as channel:
        await channel.send("1001", _choice("yes"), "k")
        query = anna.tap("yes")
        await ear.took(1)
        await fake.delivery.taken()
        anna.say("still there")
        await ear.took(2)
    assert query.toast is None


async def test_what_was_not_taken_comes_again_and_the_order_of_a_chat_is_kept(
    fake: FakeTelegram, ear: Ear, polling: Started
) -> None:
    anna = fake.person(1001)
    ear.deaf = 2
    for text in "abc":
        anna.say(text)
    async with polling():
        await ear.took(3)
        await fake.delivery.taken()
    assert [one.what for one in ear.heard] == [Typed("a"), Typed("b"), Typed("c")]
    assert [one.what for one in ear.tried] == [Typed("a")] * 3 + [Typed("b"), Typed("c")]


async def test_nothing_is_acknowledged_before_it_is_durable(fake: FakeTelegram, ear: Ear, polling: Started) -> None:
    ear.free.clear()
    number = fake.person(1001).say("x")
    async with polling():
        await ear.was_tried(1)
        assert number in fake.delivery.pending
        ear.free.set()
        await fake.delivery.taken()


async def test_people_are_heard_side_by_side(fake: FakeTelegram, ear: Ear, polling: Started) -> None:
    ear.free.clear()
    for chat in range(1, 11):
        fake.person(chat).say("x")
        fake.person(chat).say("y")
    async with polling():
        await ear.was_tried(10)
        assert {one.what for one in ear.tried} == {Typed("x")}
        ear.free.set()
        await ear.took(20)


async def test_another_persons_failure_holds_nobody_up(fake: FakeTelegram, polling: Started) -> None:
    heard: list[str] = []

    async def ear(one: object) -> str:
        address = one.address  # type: ignore[attr-defined]
        heard.append(address)
        if address == "1" and heard.count("1") < 3:
            raise RuntimeError
        return ""

    fake.person(1).say("x")
    fake.person(2).say("x")
    channel = Telegram(fake.token, fake.api, pause=PAUSE)
    await channel.start(ear)
    await fake.delivery.taken()
    await channel.stop()
    assert heard.count("1") == 3
    assert "2" in heard


async def test_stopping_finishes_what_is_being_heard_and_hears_no_more(fake: FakeTelegram, ear: Ear) -> None:
    anna = fake.person(1001)
    ear.free.clear()
    channel = Telegram(fake.token, fake.api)
    await channel.start(ear)
    anna.say("a")
    anna.say("b")
    await ear.was_tried(1)
    async with asyncio.TaskGroup() as nursery:
        stopping = nursery.create_task(channel.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        ear.free.set()
    assert len(ear.heard) == len(ear.tried)
    heard = len(ear.heard)
    anna.say("c")
    assert len(ear.tried) == heard
    with pytest.raises(ChannelError, match="reached"):
        await channel.send("1001", OK, "k")


async def test_stopping_before_starting_is_fine() -> None:
    await Telegram("1:x").stop()


async def test_a_wrong_token_is_said_at_once_and_without_the_token(fake: FakeTelegram, ear: Ear) -> None:
    channel = Telegram("1:wrong", fake.api)
    with pytest.raises(ChannelError, match="HUIYIN_TELEGRAM_TOKEN") as caught:
        await channel.start(ear)
    assert not caught.value.retryable
    assert "1:wrong" not in str(caught.value)
    await channel.stop()


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setMyCommands"])
async def test_a_start_that_fails_is_tried_again(fake: FakeTelegram, ear: Ear, polling: Started, method: str) -> None:
    fake.fail(method, "error", 2)
    async with polling(menu={"zh_CN": [("menu", "菜单")]}):
        fake.person(1001).say("x")
        await ear.took(1)


async def test_a_token_refused_later_is_logged(
    fake: FakeTelegram, ear: Ear, polling: Started, log: list[dict[str, object]]
) -> None:
    fake.fail("getMe", "error")
    async with polling() as channel:
        fake.token = "2:another"
        assert channel._runner is not None
        await asyncio.wait([channel._runner])
    assert log[-1]["event"] == "stopped hearing"


@pytest.mark.parametrize("fault", ["error", "reset before", "reset after"])
async def test_hearing_survives_a_bad_line(fake: FakeTelegram, ear: Ear, polling: Started, fault: str) -> None:
    fake.fail("getUpdates", fault, 2)
    async with polling():
        fake.person(1001).say("x")
        await ear.took(1)
        await fake.delivery.taken()


async def test_a_second_poller_is_noticed_and_outlived(
    fake: FakeTelegram, ear: Ear, polling: Started, log: list[dict[str, object]]
) -> None:
    async with polling():
        await fake.called("getUpdates", 1)
        with pytest.raises(Refused, match="terminated by other"):
            await fake.delivery.get_updates({"timeout": 10})
        fake.person(1001).say("x")
        await ear.took(1)
    assert fake.refusals[409] == 1
    assert "another program" in str([entry.get("reason") for entry in log])


async def test_a_webhook_left_behind_is_taken_down(fake: FakeTelegram, ear: Ear, polling: Started) -> None:
    fake.delivery.set_webhook({"url": "http://127.0.0.1:9/"})
    fake.person(1001).say("x")
    async with polling():
        await ear.took(1)


async def test_the_menu_is_told_by_language(fake: FakeTelegram, polling: Started) -> None:
    menu = {"zh_CN": [("menu", "菜单")], "zh_TW": [("menu", "選單")], "en": [("menu", "Menu")]}
    async with polling(menu=menu):
        pass
    assert fake.methods.menus == {"": [("menu", "菜单")], "en": [("menu", "Menu")]}


async def test_only_what_we_read_is_asked_for(fake: FakeTelegram, ear: Ear, polling: Started) -> None:
    anna = fake.person(1001)
    async with polling():
        await fake.called("getUpdates", 1)
        anna.say("a")
        anna.change(1, "b")
        anna.say("c")
        await ear.took(2)
    assert [one.what for one in ear.heard] == [Typed("a"), Typed("c")]


async def test_after_a_quiet_time_telegram_may_count_anew(
    fake: FakeTelegram, ear: Ear, polling: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.channel.WAIT", 0)
    anna = fake.person(1001)
    async with polling():
        anna.say("a")
        await ear.took(1)
        calls = fake.calls["getUpdates"]
        await fake.called("getUpdates", calls + 4)
        fake._last_update = 5
        anna.say("b")
        assert (await ear.took(2))[1].external_id == "6"


async def test_a_flood_of_polls_is_waited_out(
    fake: FakeTelegram, polling: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    async def flooded(_: object) -> None:
        fake.delivery.get_updates = usual  # type: ignore[method-assign]
        raise Refused(429, "Too Many Requests", 7)

    usual = fake.delivery.get_updates
    fake.delivery.get_updates = flooded  # type: ignore[method-assign, assignment]
    monkeypatch.setattr("bot.channels.telegram.channel.asyncio.sleep", sleep)
    async with polling():
        await fake.called("getUpdates", 2)
    assert rests == [7]


async def test_pauses_grow_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr("bot.channels.telegram.channel.asyncio.sleep", sleep)
    channel = Telegram("1:x")
    for failures in (0, 1, 2, 10, 10_000):
        await channel._rest(failures)
    assert rests == [0.5, 1, 2, 30, 30]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"token": ""}, "token"),
        ({"token": "1:x", "mode": "telepathy"}, "mode"),
        ({"token": "1:x", "mode": "webhook", "public_url": "https://x"}, "secret"),
        ({"token": "1:x", "mode": "webhook", "secret": "a b", "public_url": "https://x"}, "secret"),
        ({"token": "1:x", "mode": "webhook", "secret": "s"}, "public"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Telegram(**options)  # type: ignore[arg-type]


def test_without_a_rate_there_is_no_limit_at_all() -> None:
    assert (Telegram("1:x", rate=0).limits.rate, Telegram("1:x", rate=0).limits.chat_rate) == (0, 0)
    assert (Telegram("1:x").limits.rate, Telegram("1:x").limits.chat_rate) == (30, 1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
async def test_double_and_shuffled_polls_lose_nothing(seed: int) -> None:
    ear = Ear()
    async with FakeTelegram(judge=False, faults=Faults(seed, duplicate=0.3, shuffle=True)) as fake:
        numbers = {str(fake.person(chat).say(text)) for text in "abc" for chat in (1, 2)}
        channel = Telegram(fake.token, fake.api, pause=PAUSE)
        await channel.start(ear)
        await fake.delivery.taken()
        await channel.stop()
    assert {one.external_id for one in ear.heard} == numbers


def _choice(*labels: str) -> Speech:
    return Speech("请选择", (tuple(Key(label, f"a:{n}") for n, label in enumerate(labels)),))
