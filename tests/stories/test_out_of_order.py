"""The database is full or gone in the middle of a round; the process is told to stop; an update is poison."""

import asyncio
import resource
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, opened
from bot.settings import gather, read
from handlers import doors
from tests.conftest import Postgres
from tests.fakes.telegram import FakeTelegram
from tests.stories.civil import Civil
from tests.stories.crowd import compare, crowd, play, settings
from tests.stories.organ import Organ, Product, furnish

SOME = 12
BACK = 30.0
"""Seconds within which everything goes on by itself."""

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def frail() -> Iterator[Postgres]:
    """A server of this test's own, to be stopped at will."""
    postgres = Postgres(Path(tempfile.mkdtemp(prefix="huiyin-pg-")))
    yield postgres
    postgres.server.start()
    postgres.server.cleanup()


async def until(fits: Callable[[], object], what: str, seconds: float = BACK) -> None:
    """Waits for what another process does."""
    try:
        async with asyncio.timeout(seconds):
            while not fits():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s in vain for {what}") from None


@asynccontextmanager
async def half_way(fake: FakeTelegram, product: Product, organ: Organ) -> AsyncIterator[dict[str, Civil]]:
    """Some people in the middle of a round; at the end all have handed in, and HR's table is right."""
    told = dict(list(crowd(fake, organ).items())[:SOME])
    async with asyncio.TaskGroup() as nursery:
        playing = nursery.create_task(play(told, organ))
        await until(lambda: sum(len(civil.answers) for civil in told.values()) > 3 * SOME, "some answers")
        assert not playing.done()
        yield told
    compare(told, await product.answers(organ.round_id, product.log.parent))


async def nothing_is_acknowledged(fake: FakeTelegram, product: Product) -> None:
    """The log says clearly what is wrong, and what people say now stays with the platform."""
    await until(lambda: "database unavailable, nothing acknowledged" in product.log.read_text(), "a clear line")
    fake.person(42).say("/start")
    pending = set(fake.delivery.pending)
    assert pending
    tries = product.log.read_text().count("nothing acknowledged")
    await until(lambda: product.log.read_text().count("nothing acknowledged") > tries, "another try")
    assert pending <= set(fake.delivery.pending)


@on_sqlite
@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits can be set on Linux only")
async def test_a_full_disk(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url)
    async with (
        FakeTelegram() as fake,
        Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0", LOG="info")) as product,
        half_way(fake, product, organ),
    ):
        _, hard = resource.prlimit(product.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        await nothing_is_acknowledged(fake, product)
        resource.prlimit(product.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await fake.delivery.taken(BACK)


async def test_a_database_server_that_goes_and_comes_back(frail: Postgres, tmp_path: Path) -> None:
    url = frail.url(frail.lend())
    organ = await furnish(url)
    async with (
        FakeTelegram() as fake,
        Product(url, tmp_path, **settings(fake, TELEGRAM_RATE="0", LOG="info")) as product,
        half_way(fake, product, organ),
    ):
        await asyncio.to_thread(frail.server.stop)
        await product.until_ready(503)
        await nothing_is_acknowledged(fake, product)
        await asyncio.to_thread(frail.server.start)
        await product.until_ready()
        await fake.delivery.taken(BACK)


async def test_told_to_stop_while_busy(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url)
    async with (
        FakeTelegram() as fake,
        Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
        half_way(fake, product, organ),
    ):
        for _ in range(2):
            assert await product.stop() < 10
            await product.start()
    assert not fake.doubles


async def test_told_to_stop_while_the_platform_stalls(database_url: str, tmp_path: Path) -> None:
    await furnish(database_url)
    async with (
        FakeTelegram() as fake,
        Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
    ):
        fake.faults.stall, fake.faults.stall_seconds = 1.0, 20.0
        for chat in range(5):
            fake.person(100 + chat).say("hello")
        await fake.called("sendMessage", 1)
        assert await product.stop() < 10


@on_sqlite
async def test_one_file_is_served_by_one_process(database_url: str, tmp_path: Path) -> None:
    async with Product(database_url, tmp_path, CHANNELS="webchat"):
        other = Product(database_url, tmp_path, CHANNELS="webchat")
        with pytest.raises(AssertionError, match="SQLite serves one process"):
            await other.cli("serve")


@on_sqlite
async def test_poison_becomes_a_dead_letter_and_is_told(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def poisoned(_turn: Any, _store: Any) -> Any:
        raise ZeroDivisionError

    await furnish(database_url)
    async with FakeTelegram() as fake:
        given = {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url, "HTTP": "127.0.0.1:0", "PROFILE": "open"}
        given |= settings(fake, TELEGRAM_RATE="0")
        chosen = read(gather({f"HUIYIN_{name}": value for name, value in given.items()}, tmp_path))
        async with opened(chosen, serving=True) as database:
            app = App(chosen, database)
            monkeypatch.setattr(doors, "_stranger", [poisoned])
            stop, ready = asyncio.Event(), asyncio.Event()
            async with asyncio.TaskGroup() as nursery:
                nursery.create_task(app.run(stop, ready.set))
                await ready.wait()
                number = fake.person(7).say("poison")
                told = await fake.person(7).heard(lambda posted: "HR" in posted.text or "人事" in posted.text)
                await fake.delivery.taken()
                stop.set()
            async with database.reading() as store:
                dead = await store.inbox.dead()
    assert [(one.channel, one.reference, one.reason) for one in dead] == [
        ("telegram", str(number), "ZeroDivisionError")
    ]
    assert told.text
