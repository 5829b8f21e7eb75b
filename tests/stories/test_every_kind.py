"""Every kind of question on the fake Telegram, in Chinese and in English: back, a correction, an entry taken away,
another language, a picture, a restart in the middle; and HR's tables say what was answered."""

import csv
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from PIL import Image

from tests.fakes.telegram import FakeTelegram, Person, Posted
from tests.samples.make_samples import BESIDE
from tests.stories.crowd import settings
from tests.stories.organ import Product, furnish

WHERE = "somewhere nobody shall know"
SLOW = 20.0


def photo() -> bytes:
    """A picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = WHERE
    made = io.BytesIO()
    Image.new("RGB", (80, 60), (20, 90, 40)).save(made, "JPEG", exif=exif)
    return made.getvalue()


class Filler:
    """Somebody who reads what is asked, and then does something."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._seen = 0

    async def see(self, *words: str) -> Posted:
        """Waits for the next thing said that has all these words, in its text or on its buttons."""

        def look() -> tuple[int, Posted] | None:
            for at, (kind, posted) in enumerate(self.person.events[self._seen :], self._seen + 1):
                if kind != "deleted" and all(
                    one in posted.text or one in (*posted.labels, *posted.data) for one in words
                ):
                    return at, posted
            return None

        lately = [posted.text for _, posted in self.person.events[-2:]]
        found = await self.person.bell.until(look, f"{words} after {lately}", SLOW)
        assert found
        self._seen = found[0]
        return found[1]

    async def tap(self, label: str, *words: str) -> None:
        """Reads these words, and taps a button under them."""
        posted = await self.see(label, *words)
        self.person.tap(label, posted)

    async def say(self, text: str, *words: str) -> None:
        """Reads these words, and types."""
        await self.see(*words)
        self.person.say(text)


async def enter(filler: Filler, code: str) -> None:
    """Binds the account and begins."""
    filler.person.start(code)
    filler.person.tap("my", await filler.see("my"))
    filler.person.tap(0, await filler.see("2026 年第四季度"))


async def in_chinese(filler: Filler, restart: Callable[[], Awaitable[None]]) -> None:
    """With everything that can come between."""
    await filler.tap("是", "第 1 题，照目前的回答共")
    await filler.say("十二次", "一共走访了多少次？", "同一天走几户算一次。")
    await filler.tap("上一题", "路上和入户一共用了多少小时？")
    await filler.tap("保留原来的回答", "一共走访了多少次？")
    await restart()
    await filler.say("30.5", "路上和入户一共用了多少小时？")
    await filler.tap("8", "平均每次用时（小时）：2.5")
    await filler.say("大概 35", "请输入 0 到 100 之间的数，每档相差 5。")
    await filler.tap("4", "走访的任务很清楚", "4 = 比较同意")
    await filler.tap("同上：比较同意", "走访的时间安排得开")
    await filler.tap("2", "走访中发现的问题能得到解决")
    filler.person.say("/language")
    await filler.tap("English")
    await filler.tap("5", "I would go on visits again next quarter")
    filler.person.say("/language")
    await filler.tap("简体中文")
    await filler.tap("东河镇", "主要去哪个乡镇？")
    await filler.say("白塔", "共有 12 个选项。")
    await filler.tap("白塔村", "找到这些选项：")
    await filler.tap("新公示栏", "村里用的是哪种公示栏？")
    await filler.tap("今天", "最近一次是哪天去的？")
    await filler.say("早上八点半", "那天几点出发？")
    await filler.say("2026-12-01 09:00", "下一次约在什么时候？")
    await filler.see("请发一张走访现场的照片。")
    filler.person.send_photo(content=photo())
    await filler.see("已收到。", "有走访日志的")
    filler.person.send_document("日志.txt", content="十二次走访".encode())
    await filler.tap("☐ 村道和路灯", "群众反映最多的是哪些问题？")
    await filler.tap("选好了", "☑ 村道和路灯")
    await filler.tap("少填表格", "请点排在第 1 位的。")
    await filler.tap("保障用车", "请点排在第 2 位的。")
    await filler.tap("增加人手", "请点排在第 3 位的。")
    await filler.tap("加强培训", "请点排在第 4 位的。")
    await filler.tap("选好了", "1. 少填表格\n2. 保障用车\n3. 增加人手\n4. 加强培训")
    await filler.say("李大爷", "户主怎么称呼？")
    await filler.say("2", "“李大爷”家几口人？")
    await filler.tap("☐ 修房", "最需要什么帮助？")
    await filler.tap("选好了", "☑ 修房")
    await filler.tap("再填一条", "重点户：已填 1 条。还有吗？")
    await filler.say("王婶", "户主怎么称呼？")
    await filler.say("5", "“王婶”家几口人？")
    await filler.tap("选好了", "最需要什么帮助？")
    await filler.say("没有了", "重点户：已填 2 条。还有吗？")
    await filler.say("1", "和您一起走访的同事有几位？")
    await filler.say("小陈", "这位同事叫什么？")
    await filler.say("没有了", "还有什么想说的？")
    await filler.tap("我确认", "我确认以上内容属实。")
    await filler.tap("改第 2 题", "一共走访了多少次？\n→ 12")
    await filler.say("13", "一共走访了多少次？")
    await filler.say("下一页", "一共走访了多少次？\n→ 13")
    await filler.say("下一页", "主要去哪个村？\n→ 白塔村")
    await filler.tap("删除“重点户 1”", "【重点户 1】")
    await filler.tap("删除", "要把“重点户 1”连同里面的回答一起删掉吗？")
    await filler.see("重点户 1")
    filler.person.say("提交")
    await filler.see("回执")


async def in_english(filler: Filler) -> None:
    """The short way: nothing was visited."""
    filler.person.say("/language")
    await filler.tap("English")
    await filler.tap("No", "Did you visit a village this quarter?")
    await filler.say("eleven", "How easy was it to talk with people")
    await filler.tap("10", "How easy was it to talk with people")
    await filler.say("0", "About how many percent")
    for question in (
        "It is clear what visits are for",
        "There is enough time",
        "What visits bring up",
        "I would go on",
    ):
        await filler.tap("3", question)
    await filler.say("skip", "What do people raise most often?")
    await filler.say("4, 3, 2, 1", "Which improvement matters most?")
    await filler.say("0", "How many colleagues went with you?")
    await filler.say("Nothing to add", "Anything else you would like to say?")
    await filler.tap("I confirm", "I confirm that the above is true.")
    await filler.tap("Hand in", "These are your answers.")
    await filler.see("Receipt")


async def test_every_kind_in_chinese_and_english(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url, BESIDE / "every-kind.xlsx")
    (chinese, chinese_code), (english, english_code) = list(organ.codes.items())[:2]
    async with (
        FakeTelegram() as fake,
        Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
    ):

        async def restart() -> None:
            await product.stop()
            await product.start()

        first, second = Filler(fake.person(1)), Filler(fake.person(2))
        await enter(first, chinese_code)
        await in_chinese(first, restart)
        await enter(second, english_code)
        await in_english(second)
        rows = await product.answers(organ.round_id, tmp_path)
        token = (await product.cli("token", "add", "hr", "--scope", "answers:read")).strip()
        kept = await fetched(f"{product.url}/api/v1/rounds/{organ.round_id}/files/{rows[chinese]['photo']}", token)
    compare(rows[chinese], CHINESE)
    compare(rows[english], ENGLISH)
    assert WHERE.encode() in photo()
    assert WHERE.encode() not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (80, 60)
    assert [(row["staff_number"], row["household"], row["head"], row["members"]) for row in entries(tmp_path)] == [
        (chinese, "1", "王婶", "5")
    ]


def compare(row: dict[str, str], told: dict[str, str]) -> None:
    """HR's line says what was answered."""
    assert {name: row[name] for name in told} == told


def entries(directory: Path) -> list[dict[str, str]]:
    """The table of the households."""
    with (directory / "answers.household.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def fetched(url: str, token: str) -> bytes:
    """A file as HR's backend gets it."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert response.status == 200
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("attachment")
        return await response.read()


CHINESE = {
    "status": "handed_in",
    "source": "quarterly",
    "visited": "yes",
    "visits": "13",
    "hours": "30.5",
    "each": "2.3",
    "ease": "8",
    "share": "35",
    "clear": "4",
    "time": "4",
    "use": "2",
    "again": "5",
    "town (label)": "东河镇",
    "village": "e12",
    "board": "new",
    "leave": "08:30",
    "next": "2026-12-01T09:00",
    "troubles": "road",
    "measures": "forms car people train",
    "household (entries)": "1",
    "people_in_all": "5",
    "helpers": "1",
    "helper (entries)": "1",
    "remarks": "没有了",
    "truthful": "OK",
}
ENGLISH = {
    "status": "handed_in",
    "visited": "no",
    "visits": "",
    "each": "",
    "ease": "10",
    "share": "0",
    "again": "3",
    "village": "",
    "photo": "",
    "troubles": "",
    "measures": "car forms train people",
    "household (entries)": "0",
    "helper (entries)": "0",
    "remarks": "Nothing to add",
    "truthful": "OK",
}
