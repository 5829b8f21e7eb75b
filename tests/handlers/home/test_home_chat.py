"""Menu, help, why, privacy, language, and what is said where no other door opens."""

import json
from dataclasses import replace
from datetime import date

import pytest

from handlers.home import chat, rules
from handlers.refusals import NotAllowed
from handlers.talk import Command, Left, Message, Reply, Sent, Tap, Turn, Typed, What, say
from storage.database import Database
from storage.records import (
    Deputy,
    Disposition,
    Level,
    PostClass,
    RosterLine,
    Sheet,
    Speaker,
    StaffKind,
    Standing,
    Utterance,
)
from tests.handlers.people.talking import NOW, Organ, Phone, buttons, worded, words


@pytest.fixture
async def organ(database: Database) -> Organ:
    organ = Organ(database)
    await organ.employ()
    return organ


@pytest.fixture
async def phone(organ: Organ) -> Phone:
    return await organ.bound("0002")


def replaced(reply: Reply) -> str:
    message = reply.messages[0]
    assert isinstance(message, Message)
    return message.replaces


PAGES = {
    ("menu", "m"): "What would you like to do, 钱玲?",
    ("help", "h"): "/my: what waits for you",
    ("why", "w"): "Huiyin asks you what your HR office wants to know",
    ("how", "hw"): "Your HR office reads what you hand in as you wrote it.",
    (
        "privacy",
        "p",
    ): "From your organ's roster: 钱玲, staff number 0002, 党政综合办公室, post class Party and government",
    ("language", "l"): "Which language would you like?",
}


@pytest.mark.parametrize(("opened", "said"), PAGES.items())
async def test_every_page_by_command_and_by_button(phone: Phone, opened: tuple[str, str], said: str) -> None:
    command, verb = opened
    typed, tapped = await phone.hear(Command(command), "4"), await phone.hear(Tap(verb), "5")
    assert words(typed) == words(tapped)
    assert words(typed).startswith(said)
    assert (replaced(typed), replaced(tapped)) == ("", "5")
    assert buttons(typed) == buttons(tapped)


async def test_the_menu_leads_everywhere_and_back(phone: Phone) -> None:
    menu = buttons(await phone.hear(Command("menu")))
    assert menu == ["my", "rl", "w", "hw", "p", "l", "h"]
    for verb in menu[1:]:
        assert "m" in buttons(await phone.hear(Tap(verb)))


def test_why_is_short() -> None:
    assert sum(len(worded(part)) for part in rules.WHY) < 600


@pytest.mark.parametrize("tag", ["zh_CN", "zh_TW", "en"])
async def test_choosing_a_language(phone: Phone, tag: str) -> None:
    offered = await phone.hear(Command("language"))
    assert f"l:{tag}" in buttons(offered)
    done = await phone.hear(Tap(f"l:{tag}"), "5")
    assert (await phone.account()).language == tag
    assert replaced(done) == "5"
    assert words(done).startswith("This account's language is now ")


async def test_a_language_nobody_speaks(phone: Phone) -> None:
    assert words(await phone.hear(Tap("l:xx"))) == "Which language would you like?"
    assert (await phone.account()).language == ""


async def test_privacy_counts_my_accounts(organ: Organ, phone: Phone) -> None:
    assert "1 account is bound to you: telegram." in words(await phone.hear(Command("privacy")))
    await organ.bound("0002", "w", "webchat")
    told = await phone.hear(Command("privacy"))
    assert "2 accounts are bound to you: telegram, webchat." in words(told)
    assert buttons(told) == ["pc", "u", "m"]


async def test_privacy_names_the_terms(organ: Organ, phone: Phone) -> None:
    assert "Staff kind: civil servant. Standing: at work." in words(await phone.hear(Command("privacy")))
    joined = RosterLine("0002", "钱玲", "青石镇/领导班子", PostClass.GENERAL, Level.STAFF)
    terms = {"kind": StaffKind.CONTRACT, "standing": Standing.PROBATION, "joined": NOW.date()}
    async with organ.database.transaction() as store:
        await store.people.put_people([replace(joined, **terms, probation_ends=date(2026, 9, 1))])
    told = words(await phone.hear(Command("privacy")))
    assert "Staff kind: employed by contract. Standing: on probation." in told
    assert "Joined: 2026-03-02." in told
    assert "End of probation: 2026-09-01." in told


async def test_my_copy_has_all_that_is_mine_and_nothing_of_others(organ: Organ, phone: Phone) -> None:
    mine = await organ.asked("0002", Disposition.STARTED)
    await organ.asked("0001", Disposition.INVITED, "别人的")
    me, other = await organ.person("0002"), await organ.person("0001")
    account = await phone.account()
    async with organ.database.transaction() as store:
        await store.groups.put("骨干", [me.id])
        await store.groups.put("别人", [other.id])
        await store.groups.put_deputy(Deputy(0, other.id, me.id, date(2026, 3, 2), date(2026, 3, 6)))
        await store.surveys.save_sheet(Sheet(mine.id, me.id, {"walk": {"answers": {"/data/q": "很好"}}}, NOW, "R-7"))
        await store.transcripts.add(Utterance(account.id, me.id, NOW, Speaker.PERSON, {"typed": "我的话"}))
        await store.transcripts.add(Utterance(account.id, other.id, NOW, Speaker.PERSON, {"typed": "别人的话"}))
    reply = await phone.hear(Tap("pc"))
    assert reply.confidential
    assert words(reply) == "This is what is stored about you. Keep it where only you can read it."
    message = reply.messages[0]
    assert isinstance(message, Message)
    assert message.file is not None
    assert (message.file.name, message.file.mime) == ("huiyin.txt", "text/plain; charset=utf-8")
    assert json.loads(message.file.content) == {
        "person": {
            "number": "0002",
            "name": "钱玲",
            "unit": "青石镇/党政综合办公室",
            "post_class": "general",
            "level": "staff",
            "supervisor": "赵明远",
            "roles": ["hr", "supervisor"],
            "language": "",
            "kind": "civil_servant",
            "standing": "normal",
            "joined": "",
            "probation_ends": "",
            "groups": ["骨干"],
            "deputies": [{"person": "赵明远", "deputy": "钱玲", "from": "2026-03-02", "until": "2026-03-06"}],
        },
        "accounts": [{"channel": "telegram", "address": "1001", "language": ""}],
        "rounds": [
            {
                "name": "一季度自评",
                "state": "started",
                "reason": "",
                "entered_by": "",
                "handed_in": NOW.isoformat(),
                "receipt": "R-7",
                "answers": {"walk": {"answers": {"/data/q": "很好"}}},
            }
        ],
        "conversation": [{"at": NOW.isoformat(), "by": "person", "typed": "我的话"}],
    }


async def test_the_copy_of_somebody_who_was_only_asked(organ: Organ) -> None:
    phone = await organ.bound("0001")
    await organ.asked("0001", Disposition.INVITED)
    message = (await phone.hear(Tap("pc"))).messages[0]
    assert isinstance(message, Message)
    assert message.file is not None
    found = json.loads(message.file.content)
    assert found["person"]["supervisor"] == ""
    assert found["rounds"][0]["answers"] == {}
    assert found["rounds"][0]["handed_in"] == found["rounds"][0]["receipt"] == ""


async def test_a_long_conversation_is_cut_and_that_is_said(
    organ: Organ, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "LINES", 2)
    me, account = await organ.person("0002"), await phone.account()
    async with organ.database.transaction() as store:
        for text in ("one", "two", "three"):
            await store.transcripts.add(Utterance(account.id, me.id, NOW, Speaker.PERSON, {"typed": text}))
    reply = await phone.hear(Tap("pc"))
    assert "it has the newest 2 lines" in words(reply)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Command("nonsense"), "There is no such command."),
        (Typed("今天天气不错"), "No question waits for an answer in words now."),
        (Sent("voice", "", 9), "Files, pictures and voice messages cannot be taken here."),
        (Tap("old:7"), "The menu shows what you can do."),
    ],
)
async def test_what_nobody_waits_for_leads_to_the_menu(phone: Phone, what: What, said: str) -> None:
    reply = await phone.hear(what, "3")
    assert words(reply).startswith(said)
    assert buttons(reply) == ["my", "m"]
    assert worded(reply.toast) == ("This button is no longer in use." if isinstance(what, Tap) else "")


async def test_who_leaves_is_not_spoken_to(phone: Phone) -> None:
    assert (await phone.hear(Left())).messages == ()


async def test_pages_are_for_people_on_the_roster(organ: Organ) -> None:
    account = await organ.phone("9").account()
    turn = Turn(Command("menu"), account, None, "en", NOW)
    async with organ.database.transaction() as store:
        with pytest.raises(NotAllowed) as no:
            await chat.show_menu(turn, store)
    assert words(say(no.value.text)) == "Send the one-time code from your HR office first."
