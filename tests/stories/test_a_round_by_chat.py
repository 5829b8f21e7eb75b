"""A round that HR steers in chat from the first word to its repetition; and all the ways to get it wrong."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage.records import RoundState
from tests.fakes.chromium import CHROMIUM, DESK, chromium
from tests.fakes.telegram import FakeTelegram
from tests.stories.officers import OFFICERS, ZONE, Phone, Screen, house

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium (Debian: apt install chromium)")

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
        asked = replace(await feng.sees("将马上发出。\n有 120 人要填。\n其中 115 人没有绑定账号"))
        for _ in range(2):
            feng.person.tap("马上发出", asked)
        await feng.sees("已经")

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
