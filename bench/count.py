"""100,000 ballots of 40 items counted: read from the database, opened, tabulated, audited, released; beside the same
frequencies and alphas by a plain Python loop that opens one ballot after the other."""

import asyncio
import json
import multiprocessing
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from secrets import token_bytes
from time import perf_counter, process_time

from nacl.public import PrivateKey

from handlers.forms.form import NOTHING, Choice, Form, Group, Question
from handlers.talk import Label
from storage.database import Database
from storage.records import Attribute, Band, Breakdown, Round, RoundState, Secrecy
from storage.vault import read, seal

BALLOTS = 100_000
DIMENSIONS, ITEMS = 12, 3
UNITS, CLASSES = 100, 8
CHUNK = 2000
KEY = bytes(range(32))
OPENS = datetime(2026, 11, 2, 9, tzinfo=UTC)


def form() -> Form:
    """36 items of a scale in twelve dimensions, one question with several choices, one with one, a number, a text."""
    agree = tuple(Choice(name, Label({"en": name})) for name in "123459")
    groups = [
        Group(
            f"/data/d{at}",
            f"d{at}",
            NOTHING,
            items=tuple(
                Question(f"/data/d{at}/q{item}", f"d{at}q{item}", "select_one", NOTHING, choices=agree)
                for item in range(ITEMS)
            ),
        )
        for at in range(DIMENSIONS)
    ]
    several = tuple(Choice(f"p{at}", NOTHING) for at in range(12))
    rest = (
        Question("/data/m1", "m1", "select_multiple", NOTHING, choices=several),
        Question("/data/m2", "m2", "select_one", NOTHING, choices=several[:4]),
        Question("/data/n", "n", "integer", NOTHING),
        Question("/data/o", "o", "text", NOTHING),
    )
    return Form("bench", NOTHING, "1", (), "", (*groups, *rest))


def round() -> Round:
    """By a hundred units and eight classes, one declared pair."""
    breakdowns = tuple(
        Breakdown(attribute, tuple(Band((str(at),), BALLOTS // size) for at in range(size)))
        for attribute, size in ((Attribute.UNIT, UNITS), (Attribute.POST_CLASS, CLASSES))
    )
    secrecy = Secrecy(breakdowns=breakdowns, pairs=(("d0q0", "d1q0"),))
    return Round(1, "bench", 1, RoundState.CLOSED, opens=OPENS, closes=OPENS + timedelta(days=7), secrecy=secrecy)


def ballot(random: Random) -> bytes:
    """One person's: one in twenty items is left out, one in twenty is “don't know”, one in ten has a comment."""
    liking, answers = random.gauss(3.3, 0.8), dict[str, object]()
    for at in range(DIMENSIONS):
        for item in range(ITEMS):
            chance = random.random()
            point = "9" if chance < 0.05 else str(min(5, max(1, int(random.gauss(liking, 0.8) + 0.5))))
            answers |= {f"/data/d{at}/q{item}": point} if chance < 0.95 else {}
    answers["/data/m1"] = random.sample([f"p{at}" for at in range(12)], random.randint(1, 3))
    answers["/data/m2"], answers["/data/n"] = f"p{random.randrange(4)}", random.randrange(40)
    answers |= {"/data/o": "希望把考核结果和改进建议说清楚，少填重复的表。"} if random.random() < 0.1 else {}
    places = [min(UNITS - 1, int(random.expovariate(1) * 30)), random.randrange(CLASSES)]
    return json.dumps({"a": answers, "b": places}, ensure_ascii=False, separators=(",", ":")).encode()


def _sealed(seed: int) -> list[tuple[int, bytes, bytes]]:
    random, box = Random(seed), bytes(PrivateKey(KEY).public_key)
    return [(1, token_bytes(32), seal(box, ballot(random))) for _ in range(CHUNK)]


async def _urn(url: str) -> None:
    database = Database(url)
    await database.start()
    await database.migrate()
    async with database.reading() as store:
        await store.ballots.open(1)
        await store.ballots.seal(1)
    await database.stop()


def furnish(directory: Path) -> str:
    """A database with all ballots in the urn; its URL."""
    url = f"sqlite+aiosqlite:///{directory}/count.db"
    asyncio.run(_urn(url))
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        file = sqlite3.connect(directory / "count-ballots.db")
        for rows in pool.map(_sealed, range(BALLOTS // CHUNK)):
            file.executemany("INSERT INTO ballots VALUES (?, ?, ?)", rows)
            file.commit()
        file.close()
    return url


async def ours(url: str) -> None:
    """Counts, and prints what it took."""
    from handlers.surveys.rules.release import release
    from handlers.surveys.rules.tallying import Box

    database = Database(url)
    await database.start()
    started, box, crowd, gate = perf_counter(), Box(form(), round()), Counter[object](), asyncio.Semaphore(2)

    def take(sealed: list[bytes]) -> None:
        box.add(read(KEY, sealed))

    async def taken(sealed: list[bytes]) -> None:
        try:
            await asyncio.to_thread(take, sealed)
        finally:
            gate.release()

    async with asyncio.TaskGroup() as nursery, database.reading() as store:
        await gate.acquire()
        async for sealed in store.ballots.read(1):
            nursery.create_task(taken(sealed))
            await gate.acquire()
        gate.release()
    opened = perf_counter()
    for batch in box._batches:
        crowd.update((tuple(map(int, divmod(cell, CLASSES))),) for cell in batch.cells.tolist())
    counted = perf_counter()
    outcome = release(box, crowd, (), token_bytes)
    released = perf_counter()
    print(
        json.dumps(
            {
                "opened": opened - started,
                "released": released - counted,
                "all": opened - started + released - counted,
                "tables": len(outcome.tables),
                "shown": sum(one.figures is not None for one in outcome.tables),
                "cpu": process_time(),
                "memory": most_memory(),
            }
        )
    )
    await database.stop()


def most_memory() -> float:
    """The most this process has ever had, in MB; what getrusage gives, a child inherits from its parent."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


async def plain(url: str) -> None:
    """The peer: frequencies by question, unit and class, and alpha of each dimension; nothing is audited."""
    database = Database(url)
    await database.start()
    started, found, rows = perf_counter(), Counter[tuple[object, ...]](), dict[int, list[list[int]]]()
    async with database.reading() as store:
        async for sealed in store.ballots.read(1):
            for one in read(KEY, sealed):
                answers, (unit, kind) = (whole := json.loads(one))["a"], whole["b"]
                for path, answer in answers.items():
                    for value in answer if isinstance(answer, list) else [answer]:
                        found.update(((path, value), (path, value, unit), (path, value, unit, kind)))
                for at in range(DIMENSIONS):
                    points = [int(answers.get(f"/data/d{at}/q{item}", 9)) for item in range(ITEMS)]
                    if 9 not in points:
                        rows.setdefault(at, []).append(points)
    for some in rows.values():
        total = statistics.variance(sum(points) for points in some)
        _ = ITEMS / (ITEMS - 1) * (1 - sum(map(statistics.variance, zip(*some, strict=True))) / total)
    print(json.dumps({"all": perf_counter() - started, "memory": most_memory()}))
    await database.stop()


def measure() -> None:
    """Part (6)."""
    with tempfile.TemporaryDirectory() as place:
        url = furnish(Path(place))
        found = {}
        for kind in ("ours", "plain"):
            command = [sys.executable, "-m", "bench.count", kind, url]
            found[kind] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    one, other = found["ours"], found["plain"]
    print(
        f"\n(6) {BALLOTS} ballots of 40 items, {UNITS} units by {CLASSES} classes: opened, tabulated, audited, released"
    )
    print(
        f"ours: {one['all']:.1f} s ({one['opened']:.1f} to open and tabulate, {one['released']:.1f} to audit and "
        f"release {one['shown']} of {one['tables']} tables), {one['memory']:.0f} MB at most"
    )
    print(f"plain Python, nothing audited: {other['all']:.1f} s, {other['memory']:.0f} MB at most")


if __name__ == "__main__":
    asyncio.run({"ours": ours, "plain": plain}[sys.argv[1]](sys.argv[2]))
