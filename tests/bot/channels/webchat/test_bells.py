"""Waiting for an answer that may come in several pieces, or never."""

import asyncio

import pytest

from bot.channels.webchat import bells
from bot.channels.webchat.bells import Bell, Bells


async def test_an_answer_is_complete_when_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "QUIET", 0.02)
    place = Bells()
    with place.listening("a") as bell:
        place.ring("a", own=True)
        async with asyncio.TaskGroup() as nursery:
            settled = nursery.create_task(bell.settled(60))
            await asyncio.sleep(0)
            assert not settled.done()
            place.ring("a")
        assert bell.answered


async def test_news_without_end_do_not_hold_up_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "QUIET", 60)
    rings = 0

    class Restless(Bell):
        answered = True

        async def rung(self, seconds: float) -> bool:
            nonlocal rings
            rings += 1
            return True

    await asyncio.wait_for(Restless().settled(60), 10)
    assert rings == bells.BURST


async def test_only_those_at_the_address_are_woken_and_nothing_is_left_behind() -> None:
    place = Bells()
    with place.listening("a") as one, place.listening("a") as two, place.listening("b") as other:
        place.ring("a")
        assert one.is_set()
        assert two.is_set()
        assert not other.is_set()
        assert await one.rung(0)
        assert not await one.rung(0)
        place.ring_all()
        assert other.is_set()
    place.ring("a")
    assert not vars(place)["_bells"]
