"""What people really send: far too much, invisible signs, stickers, buttons old or made up. A clear sentence each."""

import random
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.channels.webchat.page import TOO_LONG
from bot.words import Words
from handlers.people.chat import DEAD_CODE, HOW, NO_CODE
from handlers.surveys.chat import LATE
from handlers.talk import Part, t
from tests.fakes.telegram import FakeTelegram, Person, Posted
from tests.fakes.telegram.chats import Query
from tests.stories.crowd import FIRST_CHAT, nothing_told, settings
from tests.stories.organ import Organ, Product, furnish
from tests.stories.visitor import visiting

FORM = """| survey |
| | type | name | label | required | constraint | constraint_message |
| | select_one s | clear | 目标清楚吗？ | yes | | |
| | integer | times | 谈过几次？ | yes | . < 100 | 次数要小于 100。 |
| | text | words | 有什么要说的？ | yes | | |
| choices |
| | list_name | name | label |
| | s | 1 | 清楚 |
| | s | 2 | 不清楚 |
| settings |
| | form_title | form_id |
| | 坏输入 | bad |
"""
MUCH = 10_000_000

NO_FILES = t("No file is asked for here. Please answer in words or tap.")
NO_COMMAND = t("There is no such command. The menu shows what you can do.")
WORDS = Words(ZoneInfo("Asia/Shanghai"))
CHINESE = re.compile("[\u4e00-\u9fff]")

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def zh(part: Part) -> str:
    """As it is said in simplified Chinese."""
    words = WORDS.word(part, "zh_CN")
    assert CHINESE.search(words), f"no Chinese for {words}"
    return words


@dataclass
class Scene:
    """A served organ with a round of three questions."""

    organ: Organ
    product: Product
    fake: FakeTelegram

    async def seated(self, number: str) -> Person:
        """A person on Telegram before the first question."""
        person = self.fake.person(FIRST_CHAT + len(self.fake.methods.persons))
        for act in (
            partial(person.start, self.organ.codes[number]),
            partial(person.tap, "my"),
            partial(person.tap, f"ao:{self.organ.round_id}"),
        ):
            await self.told(person, act)
        await person.heard(lambda posted: "目标清楚吗？" in posted.text)
        return person

    async def told(self, person: Person, act: Callable[[], Query | int]) -> str:
        """What the person sees in answer: the words over a tapped button, else the next message. In Chinese."""
        seen = len(person.events)
        query = act()
        said = await person.answered(query) if isinstance(query, Query) else ""
        if not said:
            said = await person.bell.until(lambda: _last_words(person, seen), f"an answer to {act}")
        assert CHINESE.search(said), said
        return said

    def made_up(self, person: Person, data: str) -> Callable[[], Query]:
        """Taps a button that the bot never made, under its last message with buttons."""
        shown = next((posted for posted in reversed(person.inbox) if posted.keyboard), None)
        under = replace(shown or Posted(1, True, "-"), keyboard=((("made up", data),),))
        return partial(person.tap, data, under)

    async def row(self, number: str) -> dict[str, str]:
        """What HR has of this person."""
        return (await self.product.answers(self.organ.round_id, self.product.log.parent))[number]


def _last_words(person: Person, seen: int) -> str:
    return next((posted.text for kind, posted in reversed(person.events[seen:]) if kind != "deleted"), "")


@pytest.fixture
async def scene(database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """After every test: the process lives, nothing went wrong in it, nothing is left over, the log tells nothing."""
    (tmp_path / "bad.md").write_text(FORM, encoding="utf-8")
    organ = await furnish(database_url, tmp_path / "bad.md")
    async with (
        FakeTelegram() as fake,
        Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
    ):
        yield Scene(organ, product, fake)
        await fake.delivery.taken()
        assert await product.stop() < 10
        log = product.log.read_text()
        assert "handling failed" not in log
        assert "request failed" not in log
        assert "given up" not in log
        nothing_told(product.log, fake, organ)


async def test_odd_words_and_things_instead_of_an_answer(scene: Scene) -> None:
    number = next(iter(scene.organ.codes))
    person = await scene.seated(number)
    for send in (person.send_sticker, person.send_voice, person.send_photo, person.send_document):
        assert zh(NO_FILES) in await scene.told(person, send)
    for wrong in ("也许吧", "3", "-1", "\u202e", "🙂" * 50, "x" * 4096):
        assert "目标清楚吗？" in await scene.told(person, partial(person.say, wrong))
    assert "谈过几次？" in await scene.told(person, partial(person.say, "\u200b\u200e二\ufeff"))
    for wrong in ("很多", "3.5", "一百二十", "-", "\u202e3\u202c0000", "²", "1e9999", "9" * 4096, "九" * 4000, "NaN"):
        assert "谈过几次？" in await scene.told(person, partial(person.say, wrong))
    assert "有什么要说的？" in await scene.told(person, partial(person.say, "１２"))
    for nothing in ("\u200b\u200d\ufeff", "\u202e\u202c", "\u0000"):
        assert "有什么要说的？" in await scene.told(person, partial(person.say, nothing))
    words = "a\u0000b \u202e右到左\u202c 😀👨\u200d👩\u200d👧 <b>&amp; {0} %s " + "很" * 2000
    review = await scene.told(person, partial(person.say, words))
    assert "👨\u200d👩\u200d👧" in review
    await scene.told(person, partial(person.tap, next(data for data in person.last.data if data.startswith("ah:"))))
    row = await scene.row(number)
    assert (row["status"], row["clear"], row["times"]) == ("handed_in", "2", "12")
    assert row["words"].endswith("👨\u200d👩\u200d👧 <b>&amp; {0} %s " + "很" * 2000)
    assert not set("\u0000\u202e\u202c") & set(row["words"])


@on_sqlite
async def test_ten_million_characters_on_telegram(scene: Scene) -> None:
    number = next(iter(scene.organ.codes))
    stranger = scene.fake.person(99)
    for much in ("很" * MUCH, "A" * MUCH, "/start " + "A" * MUCH, "/" + "a" * MUCH):
        assert zh(HOW) in await scene.told(stranger, partial(stranger.say, much))
    person = await scene.seated(number)
    assert zh(t("There is no such command. The menu shows what you can do.")) in await scene.told(
        person, partial(person.say, "/" + "a" * MUCH)
    )
    for answer in ("1", "7"):
        assert "题" in await scene.told(person, partial(person.say, "9" * MUCH))
        await scene.told(person, partial(person.say, answer))
    assert "10,000" in await scene.told(person, partial(person.say, "很" * MUCH))
    row = await scene.row(number)
    assert (row["clear"], row["times"], row["words"]) == ("1", "7", "")


@on_sqlite
async def test_buttons_old_double_and_made_up(scene: Scene) -> None:
    dice = random.Random(64)
    number = next(iter(scene.organ.codes))
    person = await scene.seated(number)
    question = person.last
    first, second = (data for data in question.data if data.startswith("a:"))
    once, twice = person.tap(first, question), person.tap(second, question)
    assert await person.answered(once) == zh(t("Noted: {answer}", answer="清楚"))
    assert await person.answered(twice) == zh(LATE)
    assert await scene.told(person, scene.made_up(person, first)) == zh(LATE)
    here, noise = scene.organ.round_id, "".join(chr(dice.randrange(1, 0x7F)) for _ in range(64))
    for data in (
        *("a:999:1:1", "a:x", "a:1", "a:", "ao:99999999999", "ao:-1", "ao:1:2:3", "my:1", "u:", "l:xx", "m", "é" * 32),
        *(f"a:{here}:2:99999", f"a:{here}:2:0:0", f"at:{here}:2:0:1", f"ap:{here}:2:7", noise, "\x00"),
        *(f"av:{here}:2:77", f"ad:{here}:2", f"ab:{here}:1", f"as:{here}:99", f"ac:{here}", "ao:٣", "a:²:²:²"),
    ):
        assert await scene.told(person, scene.made_up(person, data)), data
    assert await person.answered(scene.made_up(person, f"ah:{here}:2")()) == ""  # the question stands there already
    await scene.told(person, scene.made_up(person, f"ao:{here}"))
    assert "有什么要说的？" in await scene.told(person, partial(person.say, "3"))
    row = await scene.row(number)
    assert (row["status"], row["clear"], row["times"], row["words"]) == ("started", "1", "3", "")


@on_sqlite
async def test_a_stranger_learns_how_to_bind_and_nothing_else(scene: Scene) -> None:
    stranger = scene.fake.person(99)
    here, secret = scene.organ.round_id, next(iter(scene.organ.names.values()))
    junk = ("AAAA-AAAA-AAAA-AAAA", "'; DROP TABLE people; --", "\u0000", "../../etc/passwd", "😀" * 1000, "0" * 4000)
    acts: list[Callable[[], Query | int]] = [
        *(
            partial(stranger.say, what)
            for what in ("你好", "/my", "/privacy", "/rounds", "1", "😀", "A" * 4000, secret)
        ),
        *(partial(stranger.start, code) for code in ("", *junk)),
        *(stranger.send_sticker, stranger.send_voice, stranger.send_document, stranger.send_photo),
        *(scene.made_up(stranger, data) for data in (f"ao:{here}", f"a:{here}:1:0", "my", "pc", "u:this", "l:zh_CN")),
    ]
    for act in acts:
        said = await scene.told(stranger, act)
        assert zh(HOW) in said
        assert "目标清楚吗" not in said
        assert secret not in said
    assert stranger.last.data == ["l:zh_CN", "l:zh_TW", "l:en"]


@on_sqlite
async def test_a_code_works_once(scene: Scene) -> None:
    number, other = list(scene.organ.codes)[:2]
    person = await scene.seated(number)
    thief = scene.fake.person(99)
    used = scene.organ.codes[number]
    assert zh(DEAD_CODE) in await scene.told(thief, partial(thief.start, used))
    for code in (used, scene.organ.codes[other]):
        assert scene.organ.names[number] in await scene.told(person, partial(person.start, code))
    assert zh(NO_CODE) in await scene.told(thief, partial(thief.start, scene.organ.codes[other][:-1]))
    assert scene.organ.names[other] in await scene.told(thief, partial(thief.start, scene.organ.codes[other].lower()))


@on_sqlite
async def test_far_too_much_in_the_web_chat(scene: Scene) -> None:
    number = next(iter(scene.organ.codes))
    async with visiting(scene.product.url) as visitor:
        assert await visitor.post(text=f"/start {scene.organ.codes[number]}") == 200
        for verb in ("my", "ao", "a"):
            assert await visitor.tap(verb) == 200
        for wrong in ("3.5", "9" * 20_000, "\u200b", "\u202e\u202c"):
            assert await visitor.post(text=wrong) == 200
            assert "谈过几次？" in visitor.seen.messages[-1][2]
        for tap in ("a:999:1:1", "é" * 32, "é" * 33, "x" * 20_000, "\x00", ""):
            assert await visitor.post(data=tap, message="nothing") == 200
        assert await visitor.post(text="7") == 200
        for much in ("字" * 20_001, "x" * MUCH):
            assert await visitor.post(text=much) == 413
            assert zh(TOO_LONG) in visitor.seen.text
        assert await visitor.post(text="长" * 10_001) == 200
        assert "10,000" in visitor.seen.text
        assert await visitor.send({"csrf": "", "text": "伪造"}) == 403
        assert await visitor.send({"csrf": "\x00", "text": "伪造", **{f"f{n}": "x" for n in range(99)}}) == 403
        await visitor.look()
        assert await visitor.post(text="考" * 5000) == 200
        assert await visitor.tap("ah") == 200
    row = await scene.row(number)
    assert (row["status"], row["times"], row["words"]) == ("handed_in", "7", "考" * 5000)
