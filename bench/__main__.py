"""`make bench`: (1) taps, (2) broadcasts, (3) memory and start-up, (4) steps through a form, each beside peers in the
same run, (5) a broadcast to very many, (6) the ballots of an anonymous round counted, (7) ballots handed in.
`python -m bench 2 4`: only these parts ((3) comes with (1))."""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bench import bots, steps, voting, wide
from bench.count import measure as count_ballots
from bench.stub import Api
from bench.taps import Crowd, an_answer, first_button

PEOPLE = 100
SECONDS = 4.0
ROUNDS = 5
LETTERS = {0.0: 5000, 30.0: 300, 1000.0: 5000}
PEERS = ("aiogram-echo", "ptb-echo", "aiogram-taps")


async def taps(kind: str, directory: Path) -> dict[str, float]:
    """One bot under a crowd: taps a second, what people waited, calls per tap, memory, start-up."""
    loop = asyncio.get_running_loop()
    crowd: list[Crowd] = []
    server = await loop.create_server(lambda: Api(lambda *call: crowd[0].called(*call) if crowd else None), "127.0.0.1")
    api, port = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", bots.free_port()
    if kind == "huiyin":
        url = f"sqlite+aiosqlite:///{directory}/{port}.db"
        round_id = await bots.furnish(url, PEOPLE)
        arguments, env = ["-m", "bot", "serve"], bots.environment(url, directory, api, port, 0)
        talk, first, choose = "tap", f"ao:{round_id}", an_answer
    else:
        arguments, env = ["-m", "bench.peers", kind, api, str(port), bots.SECRET], None
        talk, first, choose = ("tap", "q:0:0", first_button) if kind == "aiogram-taps" else ("say", "", first_button)
    try:
        async with bots.running(arguments, port, env) as (process, seconds):
            await asyncio.sleep(0.3)
            crowd.append(Crowd(PEOPLE, talk, first))
            rate = await crowd[0].go(port, SECONDS, choose)
            middle, slow = crowd[0].wait()
            memory = process.memory_info().rss / 2**20
    finally:
        server.close()
    calls = 1 + crowd[0].answered / len(crowd[0].waits)
    return {"rate": rate, "median": middle, "p95": slow, "calls": calls, "memory": memory, "start": seconds}


async def drain(count: int, rate: float, directory: Path) -> float:
    """Letters a second that our courier gets out of a full outbox."""
    times: list[float] = []
    done = asyncio.Event()

    def called(method: str, _chat: int, _body: bytes) -> None:
        if method == "sendMessage":
            times.append(perf_counter())
            if len(times) == count:
                done.set()

    server = await asyncio.get_running_loop().create_server(lambda: Api(called), "127.0.0.1")
    api, port = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", bots.free_port()
    url = f"sqlite+aiosqlite:///{directory}/{port}.db"
    await bots.furnish(url, 1)
    await bots.broadcast(url, count)
    async with bots.running(["-m", "bot", "serve"], port, bots.environment(url, directory, api, port, rate)):
        async with asyncio.timeout(120):
            await done.wait()
    server.close()
    return (count - 1) / (times[-1] - times[0])


async def loop_of_thirty(count: int) -> float:
    """Letters a second of the usual aiogram loop: thirty sends at once, nothing stored."""
    server = await asyncio.get_running_loop().create_server(lambda: Api(lambda *_: None), "127.0.0.1")
    api = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench", "aiogram-loop", api, str(count), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    server.close()
    return float(out)


async def aiogram_loop(api: str, count: int) -> float:
    """The peer itself, in a process of its own."""
    bot = Bot("1:bench", session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    gate = asyncio.Semaphore(30)

    async def send(chat: int) -> None:
        async with gate:
            await bot.send_message(chat, "第四季度平时考核开始了，请在本月底前完成自评。")

    await send(1)
    started = perf_counter()
    async with asyncio.TaskGroup() as nursery:
        for chat in range(count):
            nursery.create_task(send(chat + 1))
    taken = perf_counter() - started
    await bot.session.close()
    return count / taken


async def tapping(times: int, directory: Path) -> None:
    """Parts (1) and (3)."""
    runs: dict[str, list[dict[str, float]]] = {}
    for _ in range(times):
        for kind in ("huiyin", *PEERS):
            runs.setdefault(kind, []).append(await taps(kind, directory))
    found = {kind: {name: median(one[name] for one in some) for name in some[0]} for kind, some in runs.items()}
    print("\n(1) a tap answered by the next question, through the webhook; (3) memory afterwards, start-up")
    print(f"{'':14}{'taps/s':>8}{'ratio':>7}{'median ms':>11}{'p95 ms':>8}{'calls':>7}{'MB':>6}{'start s':>9}")
    for kind, one in found.items():
        ratio = found["huiyin"]["rate"] / one["rate"]
        print(
            f"{kind:14}{one['rate']:8.0f}{ratio:7.2f}{one['median']:11.1f}{one['p95']:8.1f}"
            f"{one['calls']:7.2f}{one['memory']:6.0f}{one['start']:9.2f}"
        )


async def broadcasting(times: int, directory: Path) -> None:
    """Part (2)."""
    print("\n(2) a broadcast drained from the outbox")
    peer = median([await loop_of_thirty(LETTERS[0.0]) for _ in range(times)])
    for rate, letters in LETTERS.items():
        sent = median([await drain(letters, rate, directory) for _ in range(1 if rate == 30 else times)])
        beside = (
            f"{sent / rate:.1%} of the limit"
            if rate
            else f"{sent / peer:.2f} x aiogram's thirty at once ({peer:.0f}/s)"
        )
        print(f"limit {rate or 'none':>6}: {sent:7.1f}/s, {beside}")


def main(parts: set[str]) -> None:
    """Measures and prints."""
    print(f"{psutil.cpu_count()} cores, medians of {ROUNDS} runs, {PEOPLE} people, SQLite (WAL, synchronous=FULL)")
    with tempfile.TemporaryDirectory() as place:
        if parts & {"1", "3"}:
            asyncio.run(tapping(ROUNDS, Path(place)))
        if "2" in parts:
            asyncio.run(broadcasting(ROUNDS, Path(place)))
    if "4" in parts:
        steps.measure(ROUNDS)
    if "5" in parts:
        wide.measure()
    if "6" in parts:
        count_ballots()
    if "7" in parts:
        voting.measure()


if __name__ == "__main__":
    if sys.argv[1:2] == ["aiogram-loop"]:
        print(asyncio.run(aiogram_loop(sys.argv[2], int(sys.argv[3]))))
    else:
        main(set(sys.argv[1:]) or {"1", "2", "3", "4", "5", "6", "7"})
