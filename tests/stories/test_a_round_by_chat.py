"""A round that HR steers in chat from the first word to its repetition; and all the ways to get it wrong."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage.records import RoundState
from tests.fakes.chromium import CHROMIUM, DESK, chromium
from tests.fakes.telegram import FakeTelegram
from tests.stories.officers import OFFICERS, ZONE, Phone, Screen, house
from tests.stories.organ import SAMPLES, Product

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.timeout(300),
]

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
WEEK = timedelta(days=7)


@on_sqlite
async def test_two_officers_and_three_civil_servants(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        FakeTelegram() as fake,
        house(database_url, tmp_path, fake, monkeypatch) as here,
        chromium() as browser,
        browser.visitor(locale="zh-CN", viewport=DESK) as desk,
        browser.visitor(locale="zh-CN") as phone,
    ):
        jiang, feng = Screen(desk), Phone(fake.person(7, "zh-hans"))
        one, two, three = Phone(fake.person(8, "zh-hans")), Phone(fake.person(9, "zh-hans")), Screen(phone)
        await jiang.come(here.url, here.codes[OFFICERS[0]])
        await feng.come(here.codes[OFFICERS[1]])
        for person, number in ((one, "YH001"), (two, "YH002")):
            await person.come(here.codes[number])
        await three.come(here.url, here.codes["YH003"])

        # Planned by one officer, in the browser …
        await jiang.say("/rounds")
        await jiang.sees("还没有轮次")
        await jiang.press("新建一轮")
        await jiang.press("每周问询")
        await jiang.sees("叫什么名字")
        await jiang.say("第48周问询")
        await jiang.sees("请谁来填")
        await jiang.press("全单位")
        await jiang.say("下周五下午六点")
        await jiang.sees("2026年12月4日 18:00")
        await jiang.press("建成草稿")
        await jiang.sees("另一位同志")
        await jiang.press("第48周问询")
        await jiang.press("试填")
        await jiang.sees("这周加班多吗")
        await jiang.press("很多")
        await jiang.say("/cancel")
        await jiang.sees("不计入任何统计")

        # … approved and sent out by the other, on Telegram.
        feng.say("/broadcast")
        await feng.sees("要发出哪一轮")
        feng.press("第48周问询")
        await feng.sees("要先由另一位同志批准")
        feng.say("/rounds")
        await feng.sees("草稿，待批准")
        feng.press("第48周问询")
        await feng.sees("拟定：")
        feng.press("批准")
        await feng.sees("已批准")
        feng.press("发出")
        asked = await feng.sees("将马上发出。\n有 120 人要填。\n其中 115 人没有绑定账号")
        for _ in range(2):
            feng.person.tap("马上发出", asked)
        await feng.sees("已经")

        assert [name for name, _ in fake.methods.own_menus[7]][-3:] == ["rounds", "progress", "broadcast"]
        assert set(fake.methods.own_menus) == {7}
        await desk.reload()
        assert await desk.locator('#commands button[value="/broadcast"]').count() == 1
        assert await phone.locator('#commands button[value="/broadcast"]').count() == 0

        # Answered: one hands in, two stops in the middle, three looks on.
        await one.sees("实名问卷")
        one.press("开始填写")
        await one.sees("这周加班多吗")
        one.press("不多")
        await one.sees("有什么困难")
        one.say("没有")
        await one.sees("提交")
        one.press("提交")
        await one.sees("回执")
        assert len([message for message in one.person.inbox if "实名问卷" in message.text]) == 1
        await two.sees("实名问卷")
        two.press("开始填写")
        await two.sees("这周加班多吗")
        two.press("很多")
        await two.sees("有什么困难")
        await three.sees("实名问卷")

        await jiang.say("/progress")
        await jiang.sees("名单上共 120 人")
        await jiang.sees("已提交：1 人")

        # More time, in words that are said back.
        await jiang.press("第48周问询")
        await jiang.press("延期")
        await jiang.say("+3天")
        await jiang.sees("将延期到 2026年12月7日 18:00 截止")
        await jiang.press("确认延期")
        await jiang.sees("已延期")
        await two.sees("延期到 2026年12月7日 18:00")
        await three.sees("延期到 2026年12月7日 18:00")
        assert "延期" not in one.person.last.text

        # Reminded on the third working day, who has not handed in alone.
        here.clock.jump(timedelta(days=5, minutes=10))
        await here.tick("handlers.surveys.clock_reminders.remind")
        assert "不再提醒" in (await two.sees("温馨提醒：距“第48周问询”截止还有6天")).labels
        await three.sees("温馨提醒")
        assert "不再提醒" not in one.person.last.labels

        # Closed early: who is in the middle is told what is kept.
        feng.say("/rounds")
        await feng.sees("进行中|开放|正在")
        feng.press("第48周问询")
        await feng.sees("批准：")
        feng.press("截止")
        await feng.sees("将立即截止")
        feng.press("立即截止")
        await feng.sees("已截止")
        await two.sees("您已填的 1 个回答会保留")
        two.say("太晚了")
        await two.sees("已经截止，您的 1 个回答已保留")

        # Repeated with its settings.
        feng.press("再做一轮")
        await feng.sees("到什么时候截止")
        feng.say("12月11号")
        await feng.sees("2026年12月11日 18:00")
        feng.press("建草稿")
        await feng.sees("草稿建好了")
        copy, first = await here.rounds()
        assert (copy.name, copy.state, copy.closes) == (
            first.name,
            RoundState.DRAFT,
            datetime(2026, 12, 11, 18, tzinfo=ZONE),
        )
        assert first.state is RoundState.CLOSED
        assert browser.complaints == []
        if shots := os.environ.get("SHOTS"):
            await desk.screenshot(path=f"{shots}/desk.png", full_page=True)
            await phone.screenshot(path=f"{shots}/phone.png", full_page=True)


@on_sqlite
async def test_what_goes_wrong_is_said_in_a_sentence(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeTelegram() as fake, house(database_url, tmp_path, fake, monkeypatch) as here:
        jiang, one = Phone(fake.person(7, "en")), Phone(fake.person(8, "en"))
        await jiang.come(here.codes[OFFICERS[0]])
        await one.come(here.codes["YH001"])
        facts = {"name": "Week 48", "questionnaire_id": here.questionnaire}
        draft = await here.order("plan_round", **facts, draft=True, closes=here.clock() + WEEK)

        # In chat: one's own draft, times that are past or earlier, a name that is too long, strange words.
        jiang.say("/rounds")
        await jiang.sees("Week 48")
        jiang.press("Plan a round")
        forms = await jiang.sees("Which questionnaire")
        jiang.press(forms.labels[0])
        await jiang.sees("to be called")
        jiang.say("x" * 61)
        await jiang.sees("too long for a name")
        jiang.say("Mine")
        await jiang.sees("Who is to be asked")
        jiang.say("no such office")
        await jiang.sees("No unit has the code or name “no such office”")
        jiang.press("The whole organ")
        await jiang.sees("Until when")
        jiang.say("yesterday")
        await jiang.sees("is past")
        jiang.say("whenever")
        await jiang.sees("no time I understand")
        jiang.say("+3 days")
        await jiang.sees("Is this right")
        jiang.press("Draw it up as a draft")
        await jiang.sees("Somebody else of the HR office")
        mine = (await here.rounds())[0]
        jiang.press("Mine")
        assert "Approve" not in (await jiang.sees("Drawn up by")).labels
        jiang.say("/broadcast")
        await jiang.sees("Which round")
        jiang.press("Mine")
        await jiang.sees("a second person must approve it")

        # A round somebody else has drawn up: more time must be later, closing is once, and a button has its day.
        jiang.say("/rounds")
        await jiang.sees("Week 48")
        jiang.press("Week 48")
        await jiang.sees("Drawn up by root")
        jiang.press("Approve")
        await jiang.sees("Approved")
        jiang.press("Send out")
        confirm = await jiang.sees("would go out now")
        jiang.press("Send it now")
        await jiang.sees("on its way")
        jiang.press("Extend")
        await jiang.sees("Until when")
        jiang.say("tomorrow at 5pm")
        await jiang.sees("give a later time")
        jiang.say("/rounds")
        await jiang.sees("Week 48")
        jiang.press("Week 48")
        await jiang.sees("Approved by")
        jiang.press("Close")
        closing = await jiang.sees("would close now")
        jiang.press("Close it now")
        await jiang.sees("Closed")
        jiang.person.tap("Close it now", closing)
        await jiang.sees("closed already")
        jiang.person.tap("Send it now", confirm)
        await jiang.sees("is over; plan a new one")

        # Somebody without the role.
        one.say("/rounds")
        await one.sees("Only the HR office")
        one.say("/help")
        assert "/rounds" not in (await one.sees("/my")).text
        assert draft.id != mine.id

        # At the command line.
        product = Product(database_url, tmp_path, LOCALE="en")
        new = ("round", "new", str(SAMPLES / "self-assessment.xlsx"), "--name", "x")
        late, early = "2099-02-01T18:00", "2099-01-01T18:00"
        for arguments, words in (
            ((*new, "--opens", late, "--closes", early), "before it opens"),
            ((*new, "--letter", "Dear {nmae}"), "no field {nmae}"),
            (("round", "extend", str(draft.id), late), "cannot be extended"),
        ):
            status, out, err = await product.run(*arguments)
            assert (status, out) == (1, "")
            assert words in err
            assert "Traceback" not in err
