"""Starts bots as processes of their own: ours with a furnished database, and the peers."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import aiohttp
import psutil

from bot.app import clerk, give_order, now
from handlers.talk import Message, pack
from storage.database import Database
from storage.records import Lane, Level, NewLetter, PostClass, RosterLine

QUESTIONS = 200
CHOICES = ["完全不符合", "不太符合", "一般", "比较符合", "完全符合"]
FIRST_CHAT = 10_000
SECRET = "of-all-bots-in-the-bench"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def questionnaire(questions: int = QUESTIONS) -> bytes:
    """A form of so many five-point questions, as .csv in the XLSForm layout pyxform reads."""
    rows = ['"survey",,,,', ',"type","name","label","required"']
    rows += [f',"select_one s","q{n}","{n}. 我清楚本单位为什么开展绩效管理","yes"' for n in range(1, questions + 1)]
    rows += ['"choices",,,,', ',"list_name","name","label",']
    rows += [f',"s","{n}","{words}",' for n, words in enumerate(CHOICES, 1)]
    rows += ['"settings",,,,', ',"form_title","form_id",,', ',"基准问卷","bench",,']
    return "\n".join(rows).encode()


async def furnish(url: str, people: int) -> int:
    """A database of people bound to chats of their own, and one open round; its id."""
    database = Database(url)
    await database.start()
    await database.migrate()
    async with database.transaction() as store:
        await store.people.put_unit("u", "便民服务中心", None)
        lines = [RosterLine(f"{n:06}", f"人员{n}", "u", PostClass.SERVICE, Level.STAFF) for n in range(people)]
        await store.people.put_people(lines)
        chats = [("telegram", str(FIRST_CHAT + n)) for n in range(people)]
        known = await store.people.recognise(chats)
        for person, chat in zip(await store.people.people(), chats, strict=True):
            await store.people.bind(known[chat][0].id, person.id)
    by = clerk("bench", ZoneInfo("Asia/Shanghai"))
    form = await give_order(database, by, "add_questionnaire", {"content": questionnaire(), "filename": "bench.csv"})
    planned = await give_order(database, by, "plan_round", {"name": "基准", "questionnaire_id": form.id})
    await give_order(database, by, "open_round", {"round_id": planned.id})
    async with database.transaction() as store:
        letters = await store.outbox.claim("telegram", people * 2, now(), now())
        await store.outbox.sent([(letter.id, "1") for letter in letters], now())
    await database.stop()
    return int(planned.id)


async def broadcast(url: str, count: int) -> None:
    """Fills the outbox with one letter to each of `count` chats."""
    database = Database(url)
    await database.start()
    body = pack(Message(("第四季度平时考核开始了，请在本月底前完成自评。",)))
    async with database.transaction() as store:
        for n in range(count):
            letter = NewLetter("telegram", str(FIRST_CHAT + n), "zh_CN", Lane.BROADCAST, body)
            await store.outbox.post(letter, held=False)
    await database.stop()


def environment(url: str, directory: Path, api: str, port: int, rate: float) -> dict[str, str]:
    """The settings of our bot under test."""
    return {
        **os.environ,
        "HUIYIN_DATA_DIR": str(directory),
        "HUIYIN_DATABASE_URL": url,
        "HUIYIN_HTTP": f"127.0.0.1:{port}",
        "HUIYIN_CHANNELS": "telegram",
        "HUIYIN_PROFILE": "open",
        "HUIYIN_TELEGRAM_TOKEN": "1:bench",
        "HUIYIN_TELEGRAM_API": api,
        "HUIYIN_TELEGRAM_MODE": "webhook",
        "HUIYIN_TELEGRAM_SECRET": SECRET,
        "HUIYIN_TELEGRAM_RATE": str(rate),
        "HUIYIN_LOG": "error",
    }


@asynccontextmanager
async def running(
    arguments: list[str], port: int, env: dict[str, str] | None = None
) -> AsyncIterator[tuple[psutil.Process, float]]:
    """A bot that answers on its port: the process, and how many seconds that took."""
    started = perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=env)
    try:
        async with aiohttp.ClientSession() as session:
            while True:
                if process.returncode is not None:
                    raise RuntimeError(f"{arguments} ended with {process.returncode}")
                try:
                    async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                        if response.status != 503:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.01)
        yield psutil.Process(process.pid), perf_counter() - started
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
