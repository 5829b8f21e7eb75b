"""A whole self-assessment round of 120 people, on Telegram and in browsers, from the roster to HR's table;
and the same under fire."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from tests.fakes.chromium import CHROMIUM, chromium
from tests.fakes.telegram import FakeTelegram, Faults, Flood
from tests.stories.browsing import Hands, browse
from tests.stories.civil import Civil
from tests.stories.crowd import compare, crowd, nothing_told, play, settings
from tests.stories.organ import Organ, Phoenix, Product, furnish

IN_BROWSERS = 12
ALIVE = -1
KILLS = 100


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
        nothing_told(product.log, fake, organ, told.values())


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
async def test_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    """kill -9 at random moments, with redelivery: nothing lost, nothing twice, at most one double message a kill.

    The rate is one at which a busy machine's fake is still a quick platform: where it is a slow one, the courier has
    more than one letter out at once, and a kill may double each of them.
    """
    dice = random.Random(20261121)
    organ = await furnish(database_url)
    deaths: list[dict[int, int]] = []
    async with (
        FakeTelegram(flood=Flood(rate=30.0, chat_rate=1.0)) as fake,
        Phoenix(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="12")) as product,
        asyncio.TaskGroup() as nursery,
    ):
        told = crowd(fake, organ)
        playing = nursery.create_task(play(told, organ))
        for _ in range(KILLS):
            enough = fake.calls.total() + dice.randrange(30)
            await fake.bell.until(lambda enough=enough: fake.calls.total() >= enough, "the product to speak")
            await asyncio.sleep(dice.uniform(0.0, 0.05))
            assert not playing.done(), "the round ended before the last kill"
            await product.kill()
            await fake.hung_up()
            deaths.append({chat: len(person.events) for chat, person in fake.methods.persons.items()})
            await product.start()
        fake.flood = None
        product.settle(TELEGRAM_RATE="0")
        await product.stop()
        await product.start()
        await playing
        compare(told, await product.answers(organ.round_id, tmp_path))
        nothing_told(product.log, fake, organ, told.values())
    doubles = doubles_of(fake, deaths)
    sys.stdout.write(f"{KILLS} kills, {fake.sent.total()} messages, doubles by death: {dict(doubles)}\n")
    assert max((count for death, count in doubles.items() if death != ALIVE), default=0) <= 1, doubles


def doubles_of(fake: FakeTelegram, deaths: Sequence[Mapping[int, int]]) -> Counter[int]:
    """Messages sent once more after a death, by that death's number; `deaths` hold how long each chat's story was."""
    found: Counter[int] = Counter()
    for chat, person in fake.methods.persons.items():
        sent = [(at, (one.text, one.keyboard)) for at, (kind, one) in enumerate(person.events) if kind == "sent"]
        for (before, first), (after, second) in pairwise(sent):
            if first == second:
                between = (n for n, length in enumerate(deaths) if before < length.get(chat, 0) <= after)
                found[next(between, ALIVE)] += 1
    return found
