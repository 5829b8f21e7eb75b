"""What people really send: far too much, invisible signs, stickers, buttons old or made up. A clear sentence each."""

import io
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram, Person
from tests.fakes.webchat import read
from tests.stories.crowd import FIRST_CHAT, settings
from tests.stories.organ import Organ, Product, furnish

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

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


@dataclass
class Scene:
    """A served organ with a round of three questions."""

    organ: Organ
    product: Product
    fake: FakeTelegram

    async def seated(self, number: str) -> Person:
        """A person on Telegram before the first question."""
        person = self.fake.person(FIRST_CHAT + len(self.fake.methods.persons))
        person.start(self.organ.codes[number])
        await person.heard(lambda posted: "my" in posted.data)
        person.tap("my")
        await person.heard(lambda posted: any(data.startswith("ao:") for data in posted.data))
        person.tap(f"ao:{self.organ.round_id}")
        await person.heard(lambda posted: "目标清楚吗？" in posted.text)
        return person

    async def says(self, person: Person, what: str, contains: str) -> None:
        """The answer to what was typed holds these words."""
        seen = len(person.events)
        person.say(what)
        await person.bell.until(
            lambda: any(contains in posted.text for _, posted in person.events[seen:]),
            f"{contains} after {what[:20]!r}",
        )

    async def toasts(self, person: Person, data: str) -> str:
        """The toast over a button that carries this."""
        query = person.tap("my") if data == "my" else self._made_up(person, data)
        return await person.answered(query)

    def _made_up(self, person: Person, data: str):  # type: ignore[no-untyped-def]
        shown = next(posted for posted in reversed(person.inbox) if posted.keyboard)
        before, shown.keyboard = shown.keyboard, (*shown.keyboard, (("made up", data),))
        query = person.tap(data, shown)
        shown.keyboard = before
        return query


@pytest.fixture
async def scene(database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "bad.md").write_text(FORM, encoding="utf-8")
    organ = await furnish(database_url, tmp_path / "bad.md")
    async with (
        FakeTelegram() as fake,
        Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
    ):
        yield Scene(organ, product, fake)
        assert product.running
        log = product.log.read_text()
        assert "handling failed" not in log
        assert "request failed" not in log


async def test_odd_words_and_things_while_answering(scene: Scene, tmp_path: Path) -> None:
    number = next(iter(scene.organ.codes))
    person = await scene.seated(number)
    for send in (person.send_sticker, person.send_voice, person.send_photo, person.send_document):
        seen = len(person.events)
        send()
        await person.bell.until(
            lambda seen=seen: any("文件" in posted.text for _, posted in person.events[seen:]), "a word about files"
        )
    await scene.says(person, "也许吧", "目标清楚吗？")
    await scene.says(person, "\u200b\u200e二\ufeff", "谈过几次？")
    for wrong in ("很多", "3.5", "一百二十", "-", "\u202e3\u202c0000", "🙂" * 50, "九" * 4000):
        await scene.says(person, wrong, "谈过几次？")
    await scene.says(person, "１２", "有什么要说的？")
    odd = "a\u0000b\u202e‮右到左 😀👨\u200d👩\u200d👧 " + "很" * 2000
    await scene.says(person, odd, "有什么要说的？")
    person.tap(next(data for data in person.last.data if data.startswith("ah:")))
    await person.heard(lambda posted: any(data.startswith("ac:") for data in posted.data))
    row = (await scene.product.answers(scene.organ.round_id, tmp_path))[number]
    assert (row["clear"], row["times"]) == ("2", "12")
    assert row["words"].endswith("很" * 2000)
    assert "😀👨\u200d👩\u200d👧" in row["words"]
    assert "\u0000" not in row["words"]


async def test_old_double_and_made_up_buttons(scene: Scene) -> None:
    person = await scene.seated(next(iter(scene.organ.codes)))
    question = person.last
    first = next(data for data in question.data if data.startswith("a:"))
    person.tap(first, question)
    person.tap(first, question)
    await person.heard(lambda posted: "谈过几次？" in posted.text)
    assert await scene.toasts(person, first)
    for data in ("a:999:1:1", "a:x", "ao:99999999999", "a:1", f"av:{scene.organ.round_id}:1:77", "nonsense", "é" * 32):
        seen = len(person.events)
        toast = await scene.toasts(person, data)
        if not toast:
            await person.bell.until(lambda seen=seen: person.events[seen:], f"an answer to {data}")
    await scene.says(person, "3", "有什么要说的？")


async def test_a_stranger_learns_how_to_bind_and_nothing_else(scene: Scene) -> None:
    stranger = scene.fake.person(99)
    told = "编码"
    for what in ("你好", "/start", "/my", "/privacy", "/start AAAA-AAAA-AAAA-AAAA", "/rounds", "1", "😀", "A" * 4000):
        seen = len(stranger.events)
        stranger.say(what)
        await stranger.bell.until(lambda seen=seen: stranger.events[seen:], f"an answer to {what[:20]}")
        told = stranger.events[-1][1].text
        assert told
        assert "目标清楚吗" not in told
    stranger.send_sticker()
    query = scene._made_up(stranger, f"ao:{scene.organ.round_id}")
    await stranger.answered(query)


async def test_five_thousand_characters_arrive_whole(scene: Scene, tmp_path: Path) -> None:
    number = list(scene.organ.codes)[1]
    long = "考" * 5000
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:

        async def look(path: str = "/chat") -> str:
            async with browser.get(scene.product.url + path) as response:
                assert response.status == 200
                return await response.text()

        async def post(**fields: str) -> int:
            form = read(await look()).form("composer").fields
            form.pop("text", None)
            body = io.BytesIO(urlencode({**form, "id": secrets.token_hex(8), **fields}).encode())
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            async with browser.post(f"{scene.product.url}/chat/send", data=body, headers=headers) as response:
                await response.text()
                return response.status

        async def tap(verb: str) -> None:
            """The last button that begins so."""
            forms = read(await look()).forms
            form, value = [
                (form, value) for form in forms for _, value, _ in form.buttons if value.partition(":")[0] == verb
            ][-1]
            assert await post(data=value, message=form.fields["message"]) == 200

        assert await post(text=f"/start {scene.organ.codes[number]}") == 200
        await tap("my")
        await tap("ao")
        await tap("a")
        assert await post(text="7") == 200
        assert await post(text=long) == 200
        assert await post(text="字" * 20_001) == 413
        assert await post(text="x" * 10_000_000) == 413
        await tap("ah")
    row = (await scene.product.answers(scene.organ.round_id, tmp_path))[number]
    assert row["words"] == long
