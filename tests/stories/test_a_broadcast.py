"""A broadcast to thousands under fire: kill -9 in the middle, again and again; replies in between."""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.app import clerk, give_order
from storage.database import Database
from storage.records import Disposition
from tests.fakes.telegram import FakeTelegram
from tests.stories.crowd import settings
from tests.stories.organ import Phoenix
from tests.stories.test_two_processes import ZONE, planned

MANY = 2500
KILLS = 5
"""At a speed at which one letter at a time is enough: where it is not, a kill may double each that is out."""
RATE = "60"


@pytest.mark.timeout(300)
async def test_killed_in_the_middle_nobody_is_left_out_or_told_twice(database_url: str, tmp_path: Path) -> None:
    dice = random.Random(20261126)
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeTelegram(judge=False))
        round_id = await planned(database_url, fake, MANY)
        product = await stack.enter_async_context(
            Phoenix(database_url, tmp_path, **settings(fake, TELEGRAM_RATE=RATE, LOG="info"))
        )
        database = Database(database_url)
        await database.start()
        await give_order(database, clerk("hr", ZONE), "open_round", {"round_id": round_id})
        for number in range(KILLS):
            enough = len(fake.sent) + dice.randrange(5, 60)
            await fake.bell.until(lambda enough=enough: len(fake.sent) >= enough, "invitations")
            await asyncio.sleep(dice.uniform(0.0, 0.05))
            await product.kill()
            await fake.hung_up()
            doubles = fake.sent.total() - len(fake.sent)
            assert doubles <= number, "more than one a kill"
            await product.start()
        stranger = fake.person(42)
        asked = asyncio.get_running_loop().time()
        stranger.say("/start")
        await stranger.heard(1, 10)
        assert len(fake.sent) < MANY, "the reply waited for the broadcast"
        assert asyncio.get_running_loop().time() - asked < 5
        product.settle(TELEGRAM_RATE="0")
        await product.stop()
        await product.start()
        await fake.bell.until(lambda: len(fake.sent) == MANY + 1, "everybody", 120)
        assert fake.sent.total() - len(fake.sent) <= KILLS
        async with asyncio.timeout(60):
            while (await _counts(database, round_id))[Disposition.DELIVERED] < MANY:
                await asyncio.sleep(0.1)
        await database.stop()


async def _counts(database: Database, round_id: int) -> dict[Disposition, int]:
    async with database.reading() as store:
        return await store.surveys.progress(round_id)
