"""An account that is not bound learns how to bind, and nothing else; then it is the person's."""

from datetime import timedelta

import pytest

from handlers.people import chat
from handlers.refusals import NotAllowed
from handlers.talk import Command, Left, Message, Sent, Tap, Turn, Typed, What
from storage.database import Database
from storage.records import Disposition
from tests.handlers.people.talking import MONTH, NOW, Organ, buttons, removed, worded, words

LANGUAGES = ["l:zh_CN", "l:zh_TW", "l:en"]


@pytest.fixture
async def organ(database: Database) -> Organ:
    organ = Organ(database)
    await organ.employ()
    return organ


@pytest.mark.parametrize(
    "what",
    [
        Typed("你好"),
        Typed("x" * 5000),
        Command("start"),
        Command("menu"),
        Command("privacy"),
        Command("my"),
        Tap("my"),
        Tap("ao:1"),
        Tap("l:xx"),
        Tap("u:this"),
        Sent("photo", "id-card.jpg", 10_000_000),
    ],
)
async def test_a_stranger_learns_how_to_bind_and_nothing_else(organ: Organ, what: What) -> None:
    reply = await organ.phone().hear(what, "7")
    assert "send the one-time code that your HR office gave you: 16 letters and digits" in words(reply)
    assert buttons(reply) == LANGUAGES
    assert reply.confidential
    assert not removed(reply)
    assert await organ.phone().person() is None


async def test_a_stranger_who_leaves_is_not_spoken_to(organ: Organ) -> None:
    assert (await organ.phone().hear(Left())).messages == ()


async def test_a_stranger_chooses_a_language(organ: Organ) -> None:
    reply = await organ.phone().hear(Tap("l:zh_TW"), "7")
    assert (await organ.phone().account()).language == "zh_TW"
    message = reply.messages[0]
    assert isinstance(message, Message)
    assert message.replaces == "7"
    assert buttons(reply) == LANGUAGES


@pytest.mark.parametrize("how", ["start", "typed", "small", "in words"])
async def test_a_code_binds_once_and_the_message_with_it_goes(organ: Organ, how: str) -> None:
    (issued,) = await organ.codes(person="0002")
    ways: dict[str, What] = {
        "start": Command("start", issued.code),
        "typed": Typed(issued.code),
        "small": Typed(issued.code.lower().replace("-", " ")),
        "in words": Typed(f"我的码：{issued.code}。"),
    }
    what = ways[how]
    reply = await organ.phone().hear(what, "55")
    assert words(reply).startswith("Welcome, 钱玲 of 党政综合办公室. This account is bound to you now.")
    assert "Nothing waits for you now." in words(reply)
    assert buttons(reply) == ["my", "m"]
    assert removed(reply) == ["55"]
    assert reply.confidential
    person = await organ.phone().person()
    assert person is not None
    assert person.number == "0002"

    again = await organ.phone("another").hear(what, "56")
    assert words(again).startswith("This code does not work: it has been used, is too old, or a newer one was made.")
    assert await organ.phone("another").person() is None
    assert not removed(again)


async def test_where_messages_have_no_id_none_is_removed(organ: Organ) -> None:
    (issued,) = await organ.codes(person="0002")
    assert not removed(await organ.phone().hear(Typed(issued.code)))


async def test_codes_that_no_longer_work_all_sound_the_same(organ: Organ) -> None:
    (replaced,) = await organ.codes(person="0001")
    (expired,) = await organ.codes(person="0001")
    (gone,) = await organ.codes(person="0003")
    await organ.employ(*(("0001", "赵明远", "镇", "党建"), ("0002", "钱玲", "镇", "党建")), confirm_leavers=True)
    organ.now += MONTH
    unknown = "2222-2222-2222-2222"
    replies = [await organ.phone().hear(Typed(code)) for code in (unknown, replaced.code, expired.code)]
    organ.now -= MONTH
    replies.append(await organ.phone().hear(Typed(gone.code)))
    assert len({words(reply) for reply in replies}) == 1
    assert await organ.phone().person() is None
    organ.now += MONTH - timedelta(seconds=1)
    assert "Welcome" in words(await organ.phone().hear(Typed(expired.code)))


@pytest.mark.parametrize("text", ["K7QM-2XHP-9ABC-DEF", "0OIL-2222-2222-2222", "2222-2222-2222-2223"])
async def test_a_mistyped_code_is_told_from_small_talk(organ: Organ, text: str) -> None:
    reply = await organ.phone().hear(Typed(text))
    assert words(reply).startswith("This is not a whole code. The signs 0, O, 1, I and L never occur in one.")


async def test_what_waits_is_said_and_the_person_counts_as_reached(organ: Organ) -> None:
    first = await organ.asked("0002", Disposition.UNREACHABLE)
    second = await organ.asked("0002", Disposition.HANDED_IN, "二季度自评")
    (issued,) = await organ.codes(person="0002")
    assert "One questionnaire waits for you." in words(await organ.phone().hear(Typed(issued.code)))
    assert await organ.disposition(first, "0002") is Disposition.INVITED
    assert await organ.disposition(second, "0002") is Disposition.HANDED_IN
    third = await organ.asked("0002", Disposition.STARTED, "三季度自评")
    assert "2 questionnaires wait for you." in words(await organ.phone().hear(Command("start")))
    assert await organ.disposition(third, "0002") is Disposition.STARTED


async def test_one_person_binds_several_accounts(organ: Organ) -> None:
    for address in ("1", "2"):
        (issued,) = await organ.codes(person="0002")
        await organ.phone(address).hear(Typed(issued.code))
    first, second = await organ.phone("1").person(), await organ.phone("2").person()
    assert first == second == await organ.person("0002")


async def test_a_bound_account_that_starts_again_keeps_its_person_and_the_code_its_use(organ: Organ) -> None:
    phone = await organ.bound("0001")
    assert words(await phone.hear(Command("start"), "8")).startswith(
        "Hello, 赵明远. This account is bound to you already."
    )
    (issued,) = await organ.codes(person="0002")
    reply = await phone.hear(Command("start", issued.code), "9")
    assert "Hello, 赵明远." in words(reply)
    assert removed(reply) == ["9"]
    assert reply.confidential
    assert "Welcome, 钱玲" in words(await organ.phone("another").hear(Typed(issued.code)))


async def test_who_has_left_the_roster_is_told_so_and_may_come_back(organ: Organ) -> None:
    phone = await organ.bound("0003")
    rows = (("0001", "赵明远", "镇", "党建"), ("0002", "钱玲", "镇", "党建"))
    await organ.employ(*rows, confirm_leavers=True)
    assert words(await phone.hear(Command("menu"))).startswith("You are not on the roster any more")
    await organ.employ(*rows, ("0003", "阿依古丽·买买提", "镇", "服务"))
    assert "Hello, 阿依古丽·买买提." in words(await phone.hear(Command("start")))


async def test_unbinding_is_asked_about_first(organ: Organ) -> None:
    phone = await organ.bound("0001")
    asked = await phone.hear(Command("unbind"))
    assert "This account is bound to you, 赵明远." in words(asked)
    assert buttons(asked) == ["u:this", "u:no"]
    kept = await phone.hear(Tap("u:no"), "5")
    assert words(kept) == "Nothing was changed."
    assert await phone.person() is not None
    done = await phone.hear(Tap("u:this"), "5")
    assert words(done).startswith("This account is no longer bound to you.")
    assert await phone.person() is None
    assert "To begin, send the one-time code" in words(await phone.hear(Tap("u:this"), "5"))


async def test_other_accounts_of_mine_are_unbound_from_here_even_those_that_are_gone(organ: Organ) -> None:
    here, lost, blocked = [await organ.bound("0001", address) for address in ("1", "2", "3")]
    stranger, colleague = organ.phone("4"), await organ.bound("0002", "5")
    await stranger.hear(Typed("hello"))
    async with organ.database.transaction() as store:
        await store.people.mark_gone("telegram", "3")
    asked = await here.hear(Tap("u"), "6")
    assert buttons(asked) == ["u:this", "u:others", "u:no"]
    message = asked.messages[0]
    assert isinstance(message, Message)
    assert message.replaces == "6"
    assert worded(message.buttons[1][0].label) == "Unbind my 2 other accounts"
    assert words(await here.hear(Tap("u:others"), "6")) == "Only this account is bound to you now."
    assert await here.person() == await organ.person("0001")
    assert await colleague.person() == await organ.person("0002")
    assert await lost.person() is None
    assert await blocked.person() is None


async def test_the_doors_of_the_bound_are_for_the_bound(organ: Organ) -> None:
    turn = Turn(Command("start"), await organ.phone().account(), None, "en", NOW)
    async with organ.database.transaction() as store:
        with pytest.raises(NotAllowed):
            await chat.greet(turn, store)
