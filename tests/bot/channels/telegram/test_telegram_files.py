"""What people send through Telegram is fetched by its reference, up to a size."""

import pytest

from bot.channels.base import ChannelError
from handlers.talk import Sent
from tests.bot.channels.telegram.conftest import Started
from tests.fakes.ear import Ear
from tests.fakes.telegram import FakeTelegram


async def reference(fake: FakeTelegram, ear: Ear, content: bytes) -> str:
    fake.person(1).send_document("a.pdf", content=content)
    what = (await ear.took(1))[0].what
    assert isinstance(what, Sent)
    assert what.size == len(content)
    return what.reference


async def test_a_document_is_fetched(polling: Started, fake: FakeTelegram, ear: Ear) -> None:
    async with polling() as channel:
        found = await reference(fake, ear, b"words" * 50_000)
        assert await channel.fetch(found, 250_000) == b"words" * 50_000


@pytest.mark.parametrize(("size", "most"), [(1_000, 999), (20_000_001, 30_000_000)])
async def test_what_is_too_big_is_not(polling: Started, fake: FakeTelegram, ear: Ear, size: int, most: int) -> None:
    async with polling() as channel:
        found = await reference(fake, ear, bytes(size))
        with pytest.raises(ChannelError) as no:
            await channel.fetch(found, most)
    assert not no.value.retryable


async def test_what_is_not_there_or_not_reached_is_an_error_without_the_token(
    polling: Started, fake: FakeTelegram
) -> None:
    async with polling() as channel:
        with pytest.raises(ChannelError):
            await channel.fetch("no such reference", 10)
        fake.fail("getFile", "reset before")
        with pytest.raises(ChannelError) as no:
            await channel.fetch("id-x", 10)
    assert fake.token not in str(no.value)
    with pytest.raises(ChannelError):
        await channel.fetch("id-x", 10)
