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
from axe_playwright_python.async_playwright import Axe
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
NAME = "作风建设年度调查"
HIDDEN = "为保护填写人，不予显示。"
OFFICER, FIRST, SECOND = "A02", "A03", "B01"
"""Who approves and closes; who opens the box, of different units."""
TAPPERS = ("A05", "A09", "B02", "C01")
ON_PHONE, AT_DESK = "B03", "A04"
"""Who answers in a browser of the phone, by the link out of Telegram; who has the web chat alone."""
FICKLE, TWICE = "A05", "B02"
"""Who thinks again on the page; who thinks again on another account."""
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", ("文静", "建国")
Given = dict[str, str | list[str]]
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


def answers(number: str) -> Given:
    """What somebody answers in the end."""
    at = int(number[1:]) - 1
    fair = FAIR[number[0]][at]
    found: Given = {"fair": fair, "listens": fair if at % 2 else str(min(5, int(fair) + 1))}
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
        phone.person.tap("网页填写", await self.invited(number))
        found = re.search(r"http\S+#\S+", (await phone.sees("请勿转发")).text)
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

    async def tap(self, phone: Phone, begin: str, message: Posted, given: Given) -> None:
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
        await go("提交", "已密封投入票箱")


# What they do ---------------------------------------------------------------------------------------------


async def enrol(page: Page, link: str, words: str) -> None:
    """A tabulator takes over the key: a passphrase twice, the recovery key printed, its last group typed back."""
    await page.goto(link)
    await expect(page.locator("h1")).to_have_text("领取您的开箱密钥")
    assert "#" not in page.url
    await look(page)
    await snap(page, "keys-enrol")
    await page.locator('[name="passphrase"]').fill(words)
    await page.locator('[name="again"]').fill(words)
    await page.locator('button[value="enrol"]').click()
    await expect(page.locator("h1")).to_have_text("请打印恢复密钥")
    await look(page)
    await snap(page, "keys-print")
    recovery = await page.locator('[name="recovery"]').input_value()
    assert re.fullmatch(r"(?:[0-9A-Z]{4}-)+[0-9A-Z]{4}", recovery)
    assert "".join((await page.locator(".groups").inner_text()).split()) == recovery
    await page.locator('[name="last"]').fill(recovery[-4:].lower())
    await page.locator('[name="passphrase"]').fill(words)
    await page.locator('button[value="finish"]').click()
    await expect(page.locator("h1")).to_have_text("密钥可以用了")
    await look(page)
    assert page.url.endswith("/keys")


async def look(page: Page) -> None:
    """Nothing sticks out, and axe-core finds nothing serious."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = await Axe().run(page)
    bad = [one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
    assert bad == [], [(one["id"], [node["html"] for node in one["nodes"]]) for one in bad]


async def fill(page: Page, shot: str, given: Given) -> None:
    """From the promise to the ballot that is in."""
    who = Reader(page)
    await who.sees("begin")
    await expect(page.locator("main")).to_contain_text("先销毁身份标记")
    await snap(page, f"promise-{shot}")
    await who.press("begin")
    await who.sees("next")
    for name, paths in (("fair", "lead/fair"), ("listens", "lead/listens"), ("help", "help")):
        for value in given[name]:
            await who.choose(paths, value)
    if "words" in given:
        await who.write("words", str(given["words"]))
    await snap(page, f"questions-{shot}")
    await who.press("next")
    await who.sees("hand-in")
    await snap(page, f"review-{shot}")
    await who.press("hand-in")
    await who.sees("change")
    await expect(page.locator("main")).to_contain_text("您的答卷已提交")
    await who.look()
    await snap(page, f"in-{shot}")


async def unlock(page: Page, url: str, number: str, words: str) -> None:
    """The first of two opens the box on the page."""
    await page.goto(f"{url}/keys")
    await look(page)
    await page.locator('form:has(button[value="test"]) [name="number"]').fill(number)
    await page.locator('form:has(button[value="test"]) [name="passphrase"]').fill("不是这个口令，真的不是")
    await page.locator('button[value="test"]').click()
    await expect(page.get_by_role("alert")).to_contain_text("工号或口令不对")
    await page.locator('form:has(button[value="test"]) [name="passphrase"]').fill(words)
    await page.locator('button[value="test"]').click()
    await expect(page.locator("main")).to_contain_text("等待开箱")
    await look(page)
    await snap(page, "keys-rounds")
    await page.locator('form:has(button[value="unlock"]) [name="passphrase"]').fill(words)
    await page.locator('button[value="unlock"]').click()
    await expect(page.locator("main")).to_contain_text("您已解锁")
    await look(page)
    await snap(page, "keys-unlocked")


# What comes of it -----------------------------------------------------------------------------------------


def known(tables: Sequence[Released]) -> None:
    """What is shown is what was answered, and of nobody more."""
    shown = {(one.about, one.group): one.figures for one in tables}
    everybody = {group: figures for (about, group), figures in shown.items() if about == "round"}
    assert {group for group, figures in everybody.items() if figures} == set(SHOWN)
    assert everybody[""] == {"kind": "round", "asked": 40, "n": "20–49", "rate": 100}
    assert everybody["0=1"] is everybody["0=2"] is None
    assert {group for _, group in shown if group not in everybody} == set()
    for group, (shares, mean, positive) in SHOWN.items():
        figures = shown["/data/lead/fair", group]
        assert figures
        assert (figures["shares"], figures["mean"], figures["positive"]) == (shares, mean, positive), group
        assert everybody[group]
    listens = Counter(str(answers(number)["listens"]) for number, *_ in people())
    figures = shown["/data/lead/listens", ""]
    assert figures
    assert figures["shares"] == {value: (200 * listens[value] + 40) // 80 for value in SCALE}
    for about in {about for about, _ in shown if about != "round"}:
        assert {group for other, group in shown if other == about} <= set(SHOWN), about


async def at_the_office(tale: Tale, directory: Path, tables: Sequence[Released]) -> None:
    """HR's backend and its spreadsheet have the tables as they are stored, and the auditors' report the facts."""
    here, id = tale.here, tale.round_id
    token = (await here.cli("token", "add", "oa", "--scope", "answers:read", "--scope", "rounds:read")).strip()
    async with tale.client.get(f"/api/v1/rounds/{id}/results", headers={"Authorization": f"Bearer {token}"}) as given:
        plain: dict[str, Any] = await given.json()
    assert [(one["about"], one["group"], one["figures"]) for one in plain["tables"]] == [
        (one.about, one.group, json.loads(json.dumps(one.figures))) for one in tables
    ]
    assert [one["of"] for one in plain["tables"] if one["about"] == "round"][1:4] == [
        [unit] for unit, _, _ in UNITS.values()
    ]
    await here.cli("round", "answers", id, "--out", directory / "results.csv")
    with (directory / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for group, (shares, mean, positive) in SHOWN.items():
        mine = [one for one in rows if (one["about"], one["group"]) == ("/data/lead/fair", group)]
        assert {one["choice"]: one["value"] for one in mine if one["measure"] == "shares"} == {
            value: str(share) for value, share in shares.items()
        }
        assert [one["value"] for one in mine if one["measure"] in {"mean", "positive"}] == [str(mean), str(positive)]
    hidden = {one["group"] for one in rows if one["about"] == "round" and one["measure"] == "hidden"}
    assert hidden >= {"0=1", "0=2"}
    report = await here.cli("round", "report", id)
    for line in (
        "销毁身份标记的密钥",
        "销毁票箱的密钥",
        "销毁全部答卷",
        "此后没有改动: 是",
        "党政综合（20 人）；服务（20 人）",
    ):
        assert line in report


async def on_the_page(page: Page) -> None:
    """The results as anybody has them who was asked."""
    await expect(page.locator("h1")).to_have_text(NAME)
    await look(page)
    width = (page.viewport_size or PHONE)["width"]
    await snap(page, f"results-{width}")
    by_unit = page.locator("#by-0 table", has_text="参与情况")
    rows = [await row.inner_text() for row in await by_unit.locator("tbody tr").all()]
    assert ["40" in row or "20" in row for row in rows] == [True, False, False]
    assert [HIDDEN in row for row in rows] == [False, True, True]
    all_alike = page.locator("#by-0 table", has_text="您希望得到哪些支持").locator("tbody tr")
    assert [await row.inner_text() for row in await all_alike.all()] == [HIDDEN]
    whole = page.locator("#questions table", has_text="领导处事公道")
    for words, share in zip(SCALE.values(), SHOWN[""][0].values(), strict=True):
        await expect(whole.locator("tr", has=page.locator(f'th:text-is("{words}")'))).to_contain_text(f"{share}%")
    await expect(page.locator("#comments li")).to_have_count(len(WORDS))
    await page.locator(".foot a").last.click()
    await expect(page.locator("h1")).to_have_text("匿名是怎样保证的")
    await look(page)
    await snap(page, f"anonymity-{width}")


@on_sqlite
async def test_forty_people_and_two_who_open_the_box(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        FakeTelegram() as fake,
        house(database_url, tmp_path, fake, monkeypatch, roster()) as here,
        chromium() as browser,
        browser.visitor(locale="zh-CN", viewport=DESK) as desk,
        browser.visitor(locale="zh-CN", viewport=PHONE) as phone,
        browser.visitor(locale="zh-CN", viewport=DESK) as keys,
        aiohttp.ClientSession(here.url, headers={"Accept-Language": "zh-CN"}) as client,
    ):
        tale = Tale(here, fake, client)
        await tale.arrive()
        at_desk = Screen(desk)
        await at_desk.come(here.url, here.codes[AT_DESK])
        here.clock.jump(timedelta(days=8))

        # Two people of different units are given their keys.
        words = {FIRST: "七盏绿灯 会唱歌的河 纸飞机", SECOND: "没有桥的小河 纸船 星期一"}
        for number in (FIRST, SECOND):
            link = (await here.cli("staff", "add", number, "--role", "tabulator")).strip()
            await enrol(keys, link, words[number])

        # Planned at the server, approved by the second person in the chat, and sent out.
        form = tmp_path / "climate.md"
        form.write_text(FORM, encoding="utf-8")
        new = (
            "round",
            "new",
            form,
            "--name",
            NAME,
            "--anonymous",
            "--in-chat",
            "--closes",
            "2026-12-18T18:00",
        )
        tale.round_id = int(await here.cli(*new, "--breakdown", "unit", "--breakdown", "post_class"))
        officer = tale.phones[OFFICER]
        officer.say("/rounds")
        await officer.sees("草稿，待批准")
        officer.press(NAME)
        await officer.sees("拟定：")
        officer.press("批准")
        await officer.sees("已批准")
        officer.press("发出")
        await officer.sees("有 40 人要填")
        officer.press("马上发出")
        await asyncio.gather(*(tale.invited(number) for number in tale.phones))
        invitations = {(await tale.invited(number)).text for number in tale.phones}
        assert len(invitations) == 1
        await at_desk.sees("本问卷为匿名填写")
        await snap(desk, "invitation-desk")

        # Some answer: in the chat, on the page in the phone's browser, in the web chat, and the page without a window.
        for number in TAPPERS:
            phone_of, given = tale.phones[number], answers(number)
            first = {**given, "fair": "1", "listens": "5"} if number in (FICKLE, TWICE) else given
            await tale.tap(phone_of, "就在这里点选作答", await tale.invited(number), first)
        await phone.goto(await tale.link(ON_PHONE))
        await fill(phone, "phone", answers(ON_PHONE))
        early = [number for number in tale.numbers if number not in (*TAPPERS, ON_PHONE, AT_DESK)][:12]
        for number in early:
            await tale.post(number)
        assert (await here.run("round", "answers", tale.round_id, "--out", tmp_path / "x.csv"))[0] == 1

        # The reminder: the same for everybody, whether they have answered or not, as nobody knows.
        here.clock.jump(timedelta(days=5, minutes=15))
        await here.tick("handlers.surveys.clock_reminders.remind")
        reminded = [await one.person.heard(lambda said: "统一发给全体" in said.text) for one in tale.phones.values()]
        assert len({(one.text, one.keyboard) for one in reminded}) == 1
        await at_desk.sees("统一发给全体")

        # The others answer, and two think again.
        for number in tale.numbers:
            if number not in (*TAPPERS, *early, ON_PHONE, AT_DESK):
                await tale.post(number)
        await desk.locator('article.bot a[href*="/ballot/"]').last.click()
        await fill(desk, "desk", answers(AT_DESK))
        await desk.goto(f"{here.url}/chat")
        await tale.post(FICKLE)
        code = (await here.order("issue_codes", person=TWICE))[0].code
        other = Phone(fake.person(8_200_000_001, "zh-hans"))
        await other.come(code)
        other.say("/my")
        mine = await other.person.heard(lambda said: f"bo:{tale.round_id}" in said.data)
        other.seen = mine
        await other.person.answered(other.person.tap(f"bo:{tale.round_id}", mine))
        await tale.tap(other, "重新作答", await other.sees("谁也看不到内容"), answers(TWICE))
        async with here.database.reading() as store:
            assert await store.ballots.count(tale.round_id) is None, "nobody counts ballots while others come"

        # Closed in the chat; nobody can open it before, nor alone.
        unlocking = "round", "unlock", tale.round_id, "--as", SECOND
        too_early = await here.run(*unlocking, typed=words[SECOND])
        assert too_early == (1, "", "要等组织人事部门收卷：谁也不能再填了，才能开箱。\n")
        officer.read = len(officer.person.events)
        officer.say("/rounds")
        await officer.sees(NAME)
        officer.press(NAME)
        await officer.sees("批准：")
        officer.press("截止")
        await officer.sees("将立即截止")
        officer.press("立即截止")
        await officer.sees("已截止|已收卷")
        await here.tick("handlers.surveys.clock_count.finish_count")
        await tale.phones[FIRST].sees("需要您用密钥开箱")
        async with here.database.reading() as store:
            assert await store.ballots.count(tale.round_id) == 40

        # One opens on the page, the other at the server.
        await unlock(keys, here.url, FIRST, words[FIRST])
        await tale.phones[SECOND].sees("现在等您")
        assert "the results are released" in await here.cli(*unlocking, typed=words[SECOND])
        async with here.database.reading() as store:
            count = await store.counts.count(tale.round_id)
            tables = await store.counts.released(tale.round_id)
            remarks = await store.counts.remarks(tale.round_id)
            assert count
            assert count.stage is CountStage.RELEASED
            assert count.erased
            assert not await store.ballots.count(tale.round_id)
        assert not list(here.database.vault.directory.iterdir())
        known(tables)
        assert Counter(one.words for one in remarks) == Counter(one.replace("李文静", "***") for one in WORDS.values())

        # Everybody reads the same: at the server, over REST, in Telegram, in the web chat, on the page.
        await at_the_office(tale, tmp_path, tables)
        for number in ("C01", ON_PHONE, OFFICER):
            await tale.phones[number].sees("结果出来了")
            tale.phones[number].press("查看结果")
            summary = await tale.phones[number].sees(f"{NAME}”的结果")
            assert f"{here.url}/results/{tale.round_id}/{count.link}" in summary.text
            assert "领导作风" in summary.text
        await at_desk.sees("结果出来了")
        await at_desk.press("查看结果")
        await at_desk.sees(f"{NAME}”的结果")
        await desk.locator('article.bot a[href*="/results/"]').last.click()
        await on_the_page(desk)
        await phone.goto(f"{here.url}/results/{tale.round_id}/{count.link}")
        await on_the_page(phone)
        assert [one for one in browser.complaints if "403" not in one] == [], "but for the wrong passphrase"
