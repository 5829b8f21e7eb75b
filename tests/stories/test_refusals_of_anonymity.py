"""All the ways to get an anonymous round wrong, through the doors people have: each is said in a sentence that helps,
and nothing is lost by it. Passphrases are as slow as they are in truth."""

import asyncio
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.ceremony import Ceremony
from storage.records import CountStage, Round, RoundState
from tests.fakes.telegram import FakeTelegram
from tests.fakes.voting import Voter
from tests.stories.officers import FORM, House, Phone, house

pytestmark = pytest.mark.timeout(300)

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
OFFICER, FIRST, SECOND, SOMEBODY = "A02", "A03", "B01", "A05"
WORDS = {FIRST: "七盏绿灯 会唱歌的河 纸飞机", SECOND: "没有桥的小河 纸船 星期一"}
UNITS = {"A": ("办公室", 10), "B": ("受理科", 9), "C": ("门卫室", 1)}
NUMBERS = [f"{code}{n:02}" for code, (_, size) in UNITS.items() for n in range(1, size + 1)]


def roster() -> str:
    """Ten, nine and one."""
    lines = ["工号,姓名,单位,岗位类别,角色"]
    lines += [f"{one},职员{one},{UNITS[one[0]][0]},服务,{'组织人事部门' if one == OFFICER else ''}" for one in NUMBERS]
    return "\n".join(lines)


@dataclass
class Desk:
    """Where HR's officer, the tabulators and somebody who answers are."""

    here: House
    fake: FakeTelegram
    client: aiohttp.ClientSession
    form: Path
    phones: dict[str, Phone] = field(default_factory=dict)

    async def arrive(self) -> None:
        """Everybody binds Telegram; a week and a day go by."""
        for chat, number in enumerate(NUMBERS, 8_300_000_001):
            self.phones[number] = Phone(self.fake.person(chat, "zh-hans"))
        await asyncio.gather(*(one.come(self.here.codes[number]) for number, one in self.phones.items()))
        self.here.clock.jump(timedelta(days=8))

    def new(self, name: str, *options: str) -> tuple[object, ...]:
        """The command that plans such a round."""
        return "round", "new", self.form, "--name", name, "--anonymous", "--closes", "2026-12-18T18:00", *options

    async def refused(self, *command: object, typed: str = "") -> str:
        """What is said of a command that cannot be done."""
        status, out, err = await self.here.run(*command, typed=typed)
        assert (status, out) == (1, ""), out
        assert "Traceback" not in err
        return err

    async def approve(self, name: str) -> str:
        """What the officer is told who approves this in the chat."""
        officer = self.phones[OFFICER]
        officer.read = len(officer.person.events)
        officer.say("/rounds")
        await officer.sees(name)
        officer.press(name)
        await officer.sees("拟定：")
        officer.press("批准")
        return (await officer.sees("不能匿名|无法匿名|已批准")).text

    async def round(self, name: str) -> Round:
        """How it is."""
        return next(one for one in await self.here.rounds() if one.name == name)

    async def enrol(self, number: str) -> None:
        """A tabulator takes over a key."""
        link = (await self.here.cli("staff", "add", number, "--role", "tabulator")).strip()
        ceremony = Ceremony(self.here.database, self.here.clock)
        _, recovery = await ceremony.enrol(link.partition("#")[2], WORDS[number], WORDS[number])
        await ceremony.finish(number, recovery, recovery[-4:], WORDS[number])

    async def tapped(self, number: str, words: str) -> str:
        """What comes into the chat of somebody who taps for the page."""
        phone = self.phones[number]
        phone.seen = await phone.person.heard(lambda one: "网页填写" in one.labels)
        phone.read = len(phone.person.events)
        phone.press("网页填写")
        return (await phone.sees(words)).text

    async def device(self, round: Round, number: str) -> Voter:
        """One more browser of somebody, with a new link."""
        found = re.search(r"#(\S+)", await self.tapped(number, "请勿转发"))
        assert found
        return Voter(self.client, round.id, found[1])  # type: ignore[arg-type]

    async def cast(self, round: Round) -> int | None:
        """How many ballots there are, which is told only of a box that is closed."""
        async with self.here.database.reading() as store:
            return await store.ballots.count(round.id)


@on_sqlite
async def test_each_is_said_and_nothing_is_lost(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        FakeTelegram() as fake,
        house(database_url, tmp_path, fake, monkeypatch, roster()) as here,
        aiohttp.ClientSession(here.url, headers={"Accept-Language": "zh-CN"}) as client,
    ):
        form = tmp_path / "weekly.md"
        form.write_text(FORM, encoding="utf-8")
        desk = Desk(here, fake, client, form)
        await desk.arrive()
        await too_few(desk)
        round = await one_who_opens_it_alone(desk)
        await links(desk, round)
        await two_devices(desk, round)
        await lost_keys(desk, round, tmp_path / "keys")
        await too_early(desk, round, tmp_path / "keys")
        await wrong_words_are_slow(desk, round)
        await alone_and_together(desk, round, tmp_path / "keys")


async def too_few(desk: Desk) -> None:
    """One recipient, whether by name or as a unit; nine; and a threshold that sinks."""
    assert "不能点名" in await desk.refused(*desk.new("点名的", "--person", SOMEBODY))
    for name, unit, said in (
        ("一个人的", "门卫室", ("符合条件的只有 1 人，至少要 10 人", "“门卫室”符合条件的有 1 人，至少要 5 人")),
        ("九个人的", "受理科", ("符合条件的只有 9 人，至少要 10 人：列入花名册满 7 天，并且绑定的账号能收到消息",)),
    ):
        await desk.here.cli(*desk.new(name, "--unit", unit))
        told = await desk.approve(name)
        assert all(one in told for one in said), told
        assert "只能作为实名" in told or "实名" in told
        assert (await desk.round(name)).state is RoundState.DRAFT
    await desk.here.cli(*desk.new("年度调查", "--threshold", "12"))
    id = (await desk.round("年度调查")).id
    assert "显示门槛已定为 12 人，只能调高，不能调低" in await desk.refused("round", "change", id, "--threshold", "11")
    assert "显示门槛至少是 5 人" in await desk.refused(*desk.new("太低的", "--threshold", "4"))
    assert (await desk.round("年度调查")).secrecy.threshold == 12


async def one_who_opens_it_alone(desk: Desk) -> Round:
    """With one tabulator nothing opens, with a second from another unit it does."""
    await desk.enrol(FIRST)
    told = await desk.approve("年度调查")
    assert "要由两个部门的人共同开箱，现在凑不齐两人" in told
    assert "huiyin staff add" in told
    await desk.enrol(SECOND)
    assert "已批准" in await desk.approve("年度调查")
    round = await desk.round("年度调查")
    await desk.here.cli("round", "open", round.id)
    return await desk.round("年度调查")


async def links(desk: Desk, round: Round) -> None:
    """A forged link, an address alone, and one that is too old: what was entered is still there by a new one."""
    voter = await desk.device(round, SOMEBODY)
    forged = Voter(desk.client, round.id, voter.link[:-6] + "AAAAAA")  # type: ignore[arg-type]
    assert await forged.press() == 403
    assert forged.told.startswith("这个链接已超过两小时，或者没有复制完整。请回到收到邀请的聊天里重新打开问卷")
    ours = {"Sec-Fetch-Site": "same-origin"}
    async with desk.client.post(f"/ballot/{round.id}/ticket", json={}, headers=ours) as response:
        assert response.status == 403
        assert "打开本页需要聊天邀请里的链接" in (await response.json())["error"]
    await voter.press()
    await voter.press("begin")
    voter.paper.enter("hours", "2")
    await voter.press("save")
    desk.here.clock.jump(timedelta(hours=2, minutes=1))
    assert await voter.press("next") == 403
    assert "您之前填过的页都还在" in voter.told
    again = await desk.device(round, SOMEBODY)
    assert await again.press() == 200
    assert again.paper.value("hours") == "2"


async def two_devices(desk: Desk, round: Round) -> None:
    """The page on the other device is told, keeps what is on it, and may be handed in in the place of the first."""
    one, other = await desk.device(round, SOMEBODY), await desk.device(round, SOMEBODY)
    await one.press()
    await other.press()
    assert await other.answer(hours="1") == 200
    assert await other.press("hand-in") == 200
    one.paper.enter("hours", "2")
    assert await one.press("next") == 200
    assert one.gone
    assert "这份问卷刚才已在别处（另一台设备或聊天中）提交" in one.paper.text
    assert "change" in one.offers()
    await (await desk.device(round, "B02")).vote(hours="1")


async def lost_keys(desk: Desk, round: Round, keys: Path) -> None:
    """Without the directory nobody answers, and everybody is told; with it back all goes on."""
    away = keys.with_name("away")
    waiting = await desk.device(round, "B03")
    shutil.move(keys, away)
    assert await waiting.press() == 503
    assert waiting.told == (
        "这份问卷暂时无法填写：服务器上缺少它的密钥。已提交的答卷不受影响。请告知组织人事部门，稍后再试。"
    )
    assert "服务器上缺少它的密钥" in await desk.tapped("B03", "密钥")
    status, _, err = await desk.here.run("check")
    assert status == 1
    assert "huiyin keys restore FILE" in err
    if keys.exists():
        keys.rmdir()
    shutil.move(away, keys)
    await (await desk.device(round, "B03")).vote(hours="2")


async def too_early(desk: Desk, round: Round, keys: Path) -> None:
    """Nothing opens before the closing, nor while the key is there that ties ballots to people: an old copy of it that
    somebody has put back."""
    unlocking = "round", "unlock", round.id, "--as", FIRST
    told = await desk.refused(*unlocking, typed=WORDS[FIRST])
    assert told == "要等组织人事部门收卷：谁也不能再填了，才能开箱。\n"
    copy = (keys / f"round-{round.id}.tag").read_bytes()
    await desk.here.cli("round", "close", round.id)
    await desk.here.tick("handlers.surveys.clock_count.finish_count")
    assert not (keys / f"round-{round.id}.tag").exists()
    assert await desk.cast(round) == 3
    (keys / f"round-{round.id}.tag").write_bytes(copy)
    assert "能把答卷和人对上的那把密钥还在：不先销毁它，什么也不打开" in await desk.refused(
        *unlocking, typed=WORDS[FIRST]
    )
    (keys / f"round-{round.id}.tag").unlink()


async def wrong_words_are_slow(desk: Desk, round: Round) -> None:
    """A wrong passphrase takes as long as the right one, and so does a number that nobody has."""
    for number in (FIRST, "Z99"):
        begun = time.monotonic()
        told = await desk.refused("round", "unlock", round.id, "--as", number, typed="不是这个口令，真的不是")
        assert time.monotonic() - begun > 0.3
        assert told.endswith("工号或口令不对。连错五次，密钥就停用 15 分钟，这期间口令对了也不行。\n")


async def alone_and_together(desk: Desk, round: Round, keys: Path) -> None:
    """One alone opens nothing however often; a sealed key that is gone opens nothing; with both and all it is over."""
    for _ in range(2):
        noted = await desk.here.cli("round", "unlock", round.id, "--as", FIRST, typed=WORDS[FIRST])
        assert "Now one of these is needed: 职员B01" in noted
    box = (keys / f"round-{round.id}.box").read_bytes()
    (keys / f"round-{round.id}.box").unlink()
    told = await desk.refused("round", "unlock", round.id, "--as", SECOND, typed=WORDS[SECOND])
    assert "密钥目录里已经没有这一轮封好的密钥" in told
    assert "huiyin keys restore FILE" in told
    assert await desk.cast(round) == 3
    (keys / f"round-{round.id}.box").write_bytes(box)
    over = await desk.here.cli("round", "unlock", round.id, "--as", SECOND, typed=WORDS[SECOND])
    assert "Too few took part: nothing is shown" in over
    async with desk.here.database.reading() as store:
        count = await store.counts.count(round.id)
    assert count
    assert (count.stage, count.erased is not None) == (CountStage.WITHHELD, True)
    assert "已在" in await desk.refused("round", "unlock", round.id, "--as", SECOND, typed=WORDS[SECOND])
