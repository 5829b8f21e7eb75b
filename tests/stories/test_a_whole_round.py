"""A whole self-assessment round of 120 people, on Telegram and in browsers, from the roster to HR's table;
and the same under fire."""

import asyncio
import os
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.fakes.chromium import CHROMIUM, chromium
from tests.fakes.telegram import FakeTelegram, Faults, Flood
from tests.stories.browsing import Hands, browse
from tests.stories.civil import Answer, Civil
from tests.stories.organ import SAMPLES, Organ, Product, furnish

IN_BROWSERS = 12
KILLS = int(os.environ.get("HUIYIN_TEST_KILLS", "100"))


def settings(fake: FakeTelegram, **more: str) -> dict[str, str]:
    """Telegram's settings for the product."""
    return {"CHANNELS": "webchat,telegram", "TELEGRAM_TOKEN": fake.token, "TELEGRAM_API": fake.api, **more}


def crowd(fake: FakeTelegram, organ: Organ) -> dict[str, Civil]:
    """One civil servant for each code; a few tap and talk in English and in traditional Chinese."""
    found = {}
    for seed, number in enumerate(organ.codes):
        language, code = {7: ("en", "en"), 8: ("zh_TW", "zh-hant")}.get(seed % 20, ("zh_CN", "zh-hans"))
        spoken = organ.languages.get(number, language)
        found[number] = Civil(fake.person(50_000 + seed, code), organ.form, seed, spoken)
    return found


async def live(civil: Civil, code: str) -> None:
    await civil.enter(code)
    await civil.play()


def compare(told: Mapping[str, Civil], table: Mapping[str, Mapping[str, str]]) -> None:
    """HR's table holds exactly what each person answered."""
    assert set(table) == set(told)
    for number, civil in told.items():
        row = table[number]
        assert row["status"] == "handed_in"
        for question in civil.form.questions():
            column = question.path if question.path in row else question.name
            if column in row:
                assert row[column] == _cell(civil.answers.get(question.name)), (number, column)


def _cell(answer: Answer | None) -> str:
    match answer:
        case None:
            return ""
        case list():
            return " ".join(answer)
        case _:
            return str(answer)


async def play(told: Mapping[str, Civil], organ: Organ) -> None:
    """Everybody at once, to the receipt."""
    async with asyncio.TaskGroup() as nursery:
        for number, civil in told.items():
            nursery.create_task(live(civil, organ.codes[number]))


async def browse_all(told: Mapping[str, Civil], organ: Organ, url: str) -> None:
    """These people in real browsers, each with a profile of its own, all at once."""
    async with chromium() as browser, AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as nursery:
            for number, civil in told.items():
                page = await stack.enter_async_context(browser.visitor(locale="zh-CN"))
                nursery.create_task(browse(page, url, organ.codes[number], civil))
        assert browser.complaints == []


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine (Debian: apt install chromium)")
@pytest.mark.timeout(300)
async def test_a_round_of_120_people(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url)
    flood = Flood(rate=300.0, chat_rate=20.0)
    async with FakeTelegram(flood=flood) as fake:
        async with Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="290")) as product:
            everybody = list(crowd(fake, organ).items())
            on_telegram = dict(everybody[IN_BROWSERS:])
            in_browsers = {
                number: Civil(Hands(civil.seed), organ.form, civil.seed, organ.languages.get(number, "zh_CN"))
                for number, civil in everybody[:IN_BROWSERS]
            }
            async with asyncio.TaskGroup() as nursery:
                nursery.create_task(play(on_telegram, organ))
                nursery.create_task(browse_all(in_browsers, organ, product.url))
            told = {**in_browsers, **on_telegram}
            compare(told, await product.answers(organ.round_id, tmp_path))
            assert not fake.doubles
            assert await product.stop() < 10
        _nothing_told(product.log, on_telegram)


@pytest.mark.timeout(300)
async def test_shuffled_and_doubled_delivery_ends_the_same(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url)
    faults = Faults(seed=3, duplicate=0.5, shuffle=True, spread=0.05)
    async with FakeTelegram(faults=faults) as fake:
        product = Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0"))
        product.settle(TELEGRAM_MODE="webhook", TELEGRAM_SECRET="s" * 20, PUBLIC_URL=product.url)
        async with product:
            told = dict(list(crowd(fake, organ).items())[:40])
            await play(told, organ)
            await fake.delivery.taken()
            compare(told, await product.answers(organ.round_id, tmp_path))


@pytest.mark.timeout(900)
async def test_killed_again_and_again(
    database_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """kill -9 at random moments, with redelivery: nothing lost, nothing twice, at most one double message a kill."""
    dice = random.Random(20261121)
    organ = await furnish(database_url, SAMPLES / "performance-management.xlsx")
    kills = KILLS if database_url.startswith("sqlite") else max(1, KILLS // 5)
    doubles: list[int] = []
    async with FakeTelegram(flood=Flood(rate=30.0, chat_rate=1.0)) as fake:
        async with Product(database_url, tmp_path, **settings(fake)) as product:
            told = crowd(fake, organ)
            async with asyncio.TaskGroup() as nursery:
                playing = nursery.create_task(play(told, organ))
                for _ in range(kills):
                    before = fake.doubles.total()
                    await asyncio.sleep(dice.uniform(0.05, 1.0))
                    assert not playing.done(), "the round ended before the last kill"
                    await product.kill()
                    await product.start()
                    doubles.append(fake.doubles.total() - before)
                fake.flood = None
                product.settle(TELEGRAM_RATE="0")
                await product.kill()
                await product.start()
            compare(told, await product.answers(organ.round_id, tmp_path))
    record_property("doubles", f"{sum(doubles)} of {fake.sent} messages in {kills} kills")
    assert max(doubles) <= 1


def _nothing_told(log: Path, told: Mapping[str, Civil]) -> None:
    """The log of a whole round at DEBUG: no token, no name, no answer."""
    lines = log.read_text()
    assert "TOKEN" not in lines
    for civil in told.values():
        assert str(civil.person.chat_id) not in lines
        assert not [
            words for words in civil.answers.values() if isinstance(words, str) and len(words) > 6 and words in lines
        ]
