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
from tests.stories.crowd import compare, crowd, nothing_told, play, settings
from tests.stories.organ import Organ, Phoenix, Product, free_port, furnish
from tests.stories.visitor import visiting

SOME = 12
BACK = 30.0
"""Seconds within which everything goes on by itself."""
FULL = 256 * 1024
"""Bytes after which the full disk takes no more: less than is there already, but for the log."""

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
    """Some people in the middle of a round; at the end all have handed in, all is right, and the log tells nothing."""
    told = dict(list(crowd(fake, organ).items())[:SOME])
    async with asyncio.TaskGroup() as nursery:
        playing = nursery.create_task(play(told, organ))
        await until(lambda: sum(len(civil.answers) for civil in told.values()) > 3 * SOME, "some answers")
        assert not playing.done()
        yield told
    compare(told, await product.answers(organ.round_id, product.log.parent))
    nothing_told(product.log, fake, organ, told.values())


@asynccontextmanager
async def nothing_is_acknowledged(fake: FakeTelegram, product: Product) -> AsyncIterator[None]:
    """The log says clearly what is wrong, what is said stays with the platform; afterwards all of it is answered."""

    def refused() -> int:
        return product.log.read_text().count("database unavailable, nothing acknowledged")

    await until(refused, "a clear line")
    stranger = fake.person(42)
    number, before, tried = stranger.say("/start"), refused(), len(fake.delivery.statuses)
    await until(lambda: refused() > before + 1, "more tries")
    assert number in fake.delivery.pending
    assert set(fake.delivery.statuses[tried:]) <= {503}
    assert not stranger.events
    yield
    await stranger.heard(1, BACK)
    await fake.delivery.taken(BACK)
    assert len(stranger.inbox) == 1


@on_sqlite
@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits can be set on Linux only")
async def test_a_full_disk(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url)
    async with FakeTelegram() as fake:
        product = Product(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0", LOG="info"))
        product.settle(TELEGRAM_MODE="webhook", TELEGRAM_SECRET="s" * 20, PUBLIC_URL=product.url)
        async with product, visiting(product.url) as visitor, half_way(fake, product, organ):
            _, most = resource.prlimit(product.pid, resource.RLIMIT_FSIZE, (FULL, resource.RLIM_INFINITY))
            async with nothing_is_acknowledged(fake, product):
                assert 503 in fake.delivery.statuses
                assert await visitor.post(text="你好") == 503
                assert "内容没有丢" in visitor.seen.text
                assert visitor.seen.form("composer").fields["text"] == "你好"
                resource.prlimit(product.pid, resource.RLIMIT_FSIZE, (most, most))
            assert await visitor.post(text="你好") == 200


async def test_a_database_server_that_goes_and_comes_back(frail: Postgres, tmp_path: Path) -> None:
    url = frail.url(frail.lend())
    organ = await furnish(url)
    async with (
        FakeTelegram() as fake,
        Product(url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
        visiting(product.url) as visitor,
        half_way(fake, product, organ),
    ):
        await asyncio.to_thread(frail.server.stop)
        await product.until_ready(503)
        async with nothing_is_acknowledged(fake, product):
            await visitor.look()
            assert visitor.status == 503
            await asyncio.to_thread(frail.server.start)
            await product.until_ready()
        await visitor.look()
        assert visitor.status == 200


async def test_told_to_stop_while_busy(database_url: str, tmp_path: Path) -> None:
    organ = await furnish(database_url)
    async with (
        FakeTelegram() as fake,
        Phoenix(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
        half_way(fake, product, organ),
    ):
        for _ in range(3):
            assert await product.stop() < 10
            await product.start()
    assert not fake.doubles


@on_sqlite
async def test_told_to_stop_while_the_platform_stalls(database_url: str, tmp_path: Path) -> None:
    """What was not said by then is said after the next start."""
    await furnish(database_url)
    async with (
        FakeTelegram() as fake,
        Phoenix(database_url, tmp_path, **settings(fake, TELEGRAM_RATE="0")) as product,
    ):
        fake.faults.stall, fake.faults.stall_seconds = 1.0, 20.0
        people = [fake.person(100 + chat) for chat in range(5)]
        for person in people:
            person.say("hello")
        await fake.delivery.taken()
        assert await product.stop() < 10
        fake.faults.stall = 0.0
        await product.start()
        for person in people:
            await person.heard(1)


@on_sqlite
async def test_what_another_process_has_is_not_served(database_url: str, tmp_path: Path) -> None:
    """One sentence, exit 1: the SQLite file, the address, a token nobody knows."""
    async with FakeTelegram() as fake, Product(database_url, tmp_path, CHANNELS="webchat") as product:
        other = Product(database_url, tmp_path, CHANNELS="webchat", LOG="info")
        status, _, why = await other.run("serve")
        assert (status, why.count("\n")) == (1, 1)
        assert "SQLite serves one process" in why
        other.settle(DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path / 'other.db'}", HTTP=f"127.0.0.1:{product.port}")
        await other.cli("migrate")
        status, _, why = await other.run("serve")
        assert (status, why.count("\n")) == (1, 1)
        assert "address already in use" in why
        other.settle(HTTP=f"127.0.0.1:{free_port()}", **settings(fake, TELEGRAM_TOKEN="1:nobody"))
        status, _, why = await other.run("serve")
        assert (status, why) == (1, "Telegram refuses the bot token (HUIYIN_TELEGRAM_TOKEN)\n")


@on_sqlite
async def test_poison_becomes_a_dead_letter_and_is_told(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def poisoned(_turn: Any, _store: Any) -> Any:
        raise ZeroDivisionError

    async with FakeTelegram() as fake:
        given = {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url, "PROFILE": "open"}
        given |= settings(fake, TELEGRAM_RATE="0", HTTP=f"127.0.0.1:{free_port()}")
        given |= {"TELEGRAM_MODE": "webhook", "TELEGRAM_SECRET": "s" * 20}
        chosen = read(gather({f"HUIYIN_{name}": value for name, value in given.items()}, tmp_path))
        async with opened(chosen, serving=True) as database:
            app = App(chosen, database)
            monkeypatch.setattr(doors, "_stranger", [poisoned])
            stop, ready = asyncio.Event(), asyncio.Event()
            async with asyncio.TaskGroup() as nursery:
                nursery.create_task(app.run(stop, ready.set))
                await ready.wait()
                number = fake.person(7).say("poison")
                told = await fake.person(7).heard(1)
                await fake.delivery.taken()
                stop.set()
            async with database.reading() as store:
                dead = await store.inbox.dead()
    assert fake.delivery.statuses == [503, 503, 503, 503, 200]
    assert [(one.channel, one.reference, one.reason) for one in dead] == [
        ("telegram", str(number), "ZeroDivisionError")
    ]
    assert "人事" in told.text
