"""An anonymous round from its plan to its end: who was asked answers in the chat, on a page and in the web chat; two
people open the box, and everybody reads the same, in which nobody can be told.

Forty people of three units. The smallest has eight: too few to be shown, and so is the one of twelve, which would give
the eight away; the twenty are shown. By post class there are twenty and twenty, whose units are too few each.
"""

import asyncio
import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from storage.records import CountStage, Released
from tests.fakes.chromium import CHROMIUM, DESK, PHONE, chromium
from tests.fakes.telegram import FakeTelegram, Posted
from tests.fakes.voting import Voter
from tests.stories.officers import House, Phone, Screen, house
from tests.stories.test_ballot_in_chromium import Reader

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.timeout(600),
]

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
FORM = """
| survey  |                     |         |                          |                                |
|         | type                | name    | label::中文 (zh-CN)       | label::English (en)            |
|         | begin_group         | lead    | 领导作风                  | How we are led                 |
|         | select_one scale    | fair    | 领导处事公道              | Decisions are fair             |
|         | select_one scale    | listens | 领导听得进不同意见        | Other opinions are heard       |
|         | end_group           |         |                          |                                |
|         | select_multiple aid | help    | 您希望得到哪些支持        | What would help you            |
|         | text                | words   | 您还想说些什么            | What else would you like to say |
| choices |                     |         |                          |                                |
|         | list_name           | name    | label::中文 (zh-CN)       | label::English (en)            |
|         | scale               | 1       | 很不同意                  | Strongly disagree              |
|         | scale               | 2       | 不同意                    | Disagree                       |
|         | scale               | 3       | 一般                      | Neither                        |
|         | scale               | 4       | 同意                      | Agree                          |
|         | scale               | 5       | 很同意                    | Strongly agree                 |
|         | aid                 | talk    | 谈心谈话                  | Somebody to talk to            |
|         | aid                 | course  | 业务培训                  | Training                       |
|         | aid                 | hands   | 增加人手                  | More hands                     |
| settings |                    |         |                          |                                |
|         | form_title          | form_id | default_language         |                                |
|         | 作风建设问卷         | climate | 中文 (zh-CN)              |                                |
"""
SCALE = {"1": "很不同意", "2": "不同意", "3": "一般", "4": "同意", "5": "很同意"}
UNITS = {"A": ("综合办公室", 20, 8), "B": ("业务受理科", 12, 6), "C": ("信访接待室", 8, 6)}
"""Name, people, and how many of them are of the post class 党政综合; the others are of 服务."""
FAIR = {"A": "12334455123344445555", "B": "123452123451", "C": "34512345"}
"""What each answers to the first question, in the order of staff numbers: that is what the numbers below come of."""
SHOWN = {
    "": ({"1": 15, "2": 15, "3": 20, "4": 25, "5": 25}, 3.3, 50),
    "0=0": ({"1": 10, "2": 10, "3": 20, "4": 30, "5": 30}, 3.6, 60),
    "1=0": ({"1": 15, "2": 20, "3": 25, "4": 20, "5": 20}, 3.1, 40),
    "1=1": ({"1": 15, "2": 10, "3": 15, "4": 30, "5": 30}, 3.5, 60),
}
"""Of everybody, of the unit of twenty, of either post class: shares in %, mean, how many % agree."""
NOBODY = "为保护填答人，不予显示"
OFFICER, FIRST, SECOND = "A02", "A03", "B01"
"""Who approves and closes; who opens the box, of different units."""
TAPPERS = ("A05", "A09", "B02", "C01")
ON_PAPER, AT_DESK = "B03", "A04"
"""Who answers in a browser of the phone, by the link out of Telegram; who has the web chat alone."""
FICKLE, TWICE = "A05", "B02"
"""Who thinks again on the page; who thinks again on another account."""
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", ("文静", "建国")
WORDS = {
    "A01": "会议少一点，材料短一点",
    "A10": "办公室的空调该修了",
    "A13": "希望多组织业务交流",
    "A16": "加班能不能提前说一声",
    "A19": "请李文静同志多下来走走",
    "B04": "窗口人手确实紧张",
    "B06": "考核标准最好事先公布",
    "B08": "轮岗制度很好",
    "B10": "希望食堂延长晚餐时间",
    "B12": "年轻人需要带一带",
    "C02": "群众来访高峰时忙不过来",
    "C05": "系统经常掉线",
    "C08": "谢谢，今年比去年好",
}


def people() -> Iterator[tuple[str, str, str, str]]:
    """Staff number, name, unit and post class of everybody."""
    names = [surname + given for given in GIVEN for surname in SURNAMES]
    at = 0
    for code, (unit, size, general) in UNITS.items():
        for n in range(size):
            yield f"{code}{n + 1:02}", names[at], unit, "党政综合" if n < general else "服务"
            at += 1


def roster() -> str:
    """All of them as HR has them."""
    lines = ["工号,姓名,单位,岗位类别,层次,角色"]
    for number, name, unit, post in people():
        lines.append(f"{number},{name},{unit},{post},一般工作人员,{'组织人事部门' if number == OFFICER else ''}")
    return "\n".join(lines)


def answers(number: str) -> dict[str, str | list[str]]:
    """What somebody answers in the end."""
    at = int(number[1:]) - 1
    fair = FAIR[number[0]][at]
    found: dict[str, str | list[str]] = {"fair": fair, "listens": fair if at % 2 else str(min(5, int(fair) + 1))}
    found["help"] = ["talk", "course"] if at % 4 == 0 else ["course"] if at % 2 else []
    return {**found, "words": WORDS[number]} if number in WORDS else found


async def snap(page: Page, name: str) -> None:
    """A picture, for who wants to look."""
    if shots := os.environ.get("SHOTS"):
        await page.screenshot(path=f"{shots}/{name}.png", full_page=True)


@dataclass
class Tale:
    """The house, the people on Telegram by staff number, and their browsers."""

    here: House
    fake: FakeTelegram
    client: aiohttp.ClientSession
    phones: dict[str, Phone] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=lambda: [number for number, *_ in people()])
    round_id: int = 0

    async def arrive(self) -> None:
        """Everybody who has Telegram binds it."""
        for chat, number in enumerate(self.numbers, 8_100_000_001):
            if number != AT_DESK:
                self.phones[number] = Phone(self.fake.person(chat, "zh-hans"))
        await asyncio.gather(*(one.come(self.here.codes[number]) for number, one in self.phones.items()))

    async def invited(self, number: str) -> Posted:
        """The invitation in this chat."""
        return await self.phones[number].person.heard(lambda one: f"bo:{self.round_id}" in one.data)

    async def link(self, number: str) -> str:
        """The address with a ticket, as it comes into the chat of somebody who taps for it."""
        phone = self.phones[number]
        phone.person.tap("到网页上填写", await self.invited(number))
        found = re.search(r"http\S+#\S+", (await phone.sees("链接只供您一个人使用|#")).text)
        assert found
        return found[0]

    async def post(self, number: str) -> None:
        """Answers on the page, as a browser without a window does."""
        ticket = (await self.link(number)).partition("#")[2]
        voter = Voter(self.client, self.round_id, ticket)  # type: ignore[arg-type]
        given = answers(number)
        assert await voter.press() == 200
        assert await voter.press("change" if "change" in voter.offers() else "begin") == 200
        assert await voter.answer(**given) == 200, voter.told
        assert await voter.press("hand-in") == 200, voter.told
        assert "change" in voter.offers(), voter.paper.text

    async def tap(self, phone: Phone, begin: str, message: Posted, given: dict[str, str | list[str]]) -> None:
        """Answers in the chat, question by question."""
        person = phone.person

        async def go(what: str, shows: str) -> None:
            before = len(person.events)
            assert phone.seen
            await person.answered(person.tap(what, phone.seen))
            phone.read = before
            await phone.sees(shows)

        phone.seen = message
        await go(begin, "领导处事公道")
        await go(SCALE[str(given["fair"])], "领导听得进不同意见")
        await go(SCALE[str(given["listens"])], "您希望得到哪些支持")
        for one in given["help"]:
            await go({"talk": "☐ 谈心谈话", "course": "☐ 业务培训"}[one], "您希望得到哪些支持")
        await go("选好了", "您还想说些什么")
        await go("跳过", "领导处事公道\n→")
        await go("提交", "已投入票箱|密封")
