"""Ballots handed in on the page, so many a second whatever happens, over HTTP to a serving process: how long each waits
until it is durable; beside the same questionnaire handed in by name in the same run."""

import asyncio
import json
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import aiohttp

from bench import bots
from bench.wide import SHANGHAI, Server
from bot.app import clerk, give_order, now
from bot.visits import Visit
from handlers.forms import walk as walking
from handlers.forms.form import Form, load
from handlers.surveys.rules import ballots, passes, sheets
from storage.database import Database
from storage.records import Level, Pass, PostClass, RosterLine, RoundState, Secrecy, Ticket

QUESTIONS = 40
RATE = 50
"""Ballots a second."""
SECONDS = 20
PEOPLE = RATE * SECONDS


@dataclass(frozen=True)
class Post:
    """One handing in, ready to be sent."""

    path: str
    body: bytes
    headers: dict[str, str]
    status: int


def _filled(form: Form, seed: int) -> dict[str, object]:
    """A walk with every question answered."""
    given = {question.path: str((seed + n) % 5 + 1) for n, question in enumerate(form.questions())}
    return dict(walking.fill(form, walking.begin(form).state, given).state)


async def _ballots(database: Database, people: Sequence[int], questionnaire_id: int) -> list[Post]:
    """An open anonymous round, and of each person a draft with everything in it."""
    by = clerk("bench", SHANGHAI)
    planned = await give_order(database, by, "plan_round", {"name": "基准", "questionnaire_id": questionnaire_id})
    box = database.vault.open(planned.id, {1: secrets.token_bytes(32)}, [(1,)]).hex()
    posts = []
    async with database.transaction() as store:
        closes = now() + timedelta(days=1)
        opened = replace(planned, state=RoundState.OPEN, anonymous=True, closes=closes, secrecy=Secrecy(box=box))
        await store.surveys.save_round(opened)
        kept = await store.surveys.questionnaire(questionnaire_id)
        form = load(kept.form, kept.digest)
        await store.ballots.open(planned.id)
        for person in people:
            tag = database.vault.tag(planned.id, person)
            assert tag
            hidden = database.vault.hide(planned.id, tag, ballots.kept(_filled(form, person)))
            assert hidden
            await store.ballots.put_draft(planned.id, *hidden)
            link = database.vault.issue(planned.id, Ticket(tag), now() + timedelta(hours=2))
            body = {"ticket": link, "go": "hand-in", "pad": ""}
            body["pad"] = "x" * (16 * 1024 - len(json.dumps(body)))
            headers = {"Content-Type": "application/json"}
            posts.append(Post(f"/ballot/{planned.id}", json.dumps(body).encode(), headers, 200))
    return posts


async def _sheets(database: Database, people: Sequence[int], questionnaire_id: int) -> list[Post]:
    """An open named round, and of each person a sheet with everything on it and a browser that is let in."""
    by = clerk("bench", SHANGHAI)
    planned = await give_order(database, by, "plan_round", {"name": "实名", "questionnaire_id": questionnaire_id})
    await give_order(database, by, "open_round", {"round_id": planned.id})
    posts = []
    async with database.transaction() as store:
        kept = await store.surveys.questionnaire(questionnaire_id)
        form = load(kept.form, kept.digest)
        for person in people:
            await store.surveys.save_sheet(sheets.begun(planned.id, person, _filled(form, person), sheets.PAGE))
            visit = Visit(secrets.token_urlsafe(32))
            browser = passes.digest(visit.other(f"form {planned.id}").address)
            await store.access.put_pass(Pass(browser, person, planned.id, now() + timedelta(days=1), used=True), now())
            headers = {
                "Cookie": f"huiyin-form={visit.token}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            body = f"csrf={visit.form_token}&do=hand-in".encode()
            posts.append(Post(f"/form/{planned.id}", body, headers, 303))
    return posts


async def furnish(url: str, keys: Path) -> dict[str, list[Post]]:
    """A database of people who have filled in both rounds, and what hands them in."""
    database = Database(url, keys=keys)
    await database.start()
    await database.migrate()
    async with database.transaction() as store:
        await store.people.put_unit("u", "便民服务中心", None)
        lines = [RosterLine(f"{n:06}", f"人员{n}", "u", PostClass.SERVICE, Level.STAFF) for n in range(PEOPLE)]
        await store.people.put_people(lines)
        people = [person.id for person in await store.people.people()]
    content = {"content": bots.questionnaire(QUESTIONS), "filename": "bench.csv"}
    form = await give_order(database, clerk("bench", SHANGHAI), "add_questionnaire", content)
    found = {
        "anonymous": await _ballots(database, people, form.id),
        "named": await _sheets(database, people, form.id),
    }
    await database.stop()
    return found


async def hand_in(site: str, posts: Sequence[Post]) -> tuple[list[float], int]:
    """Sends them at their times, `RATE` a second; the seconds from each one's time to its answer, and how many were
    not taken."""
    waits: list[float] = []
    refused: list[Post] = []
    started = perf_counter() + 0.1
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session, asyncio.TaskGroup() as crowd:

        async def one(post: Post, at: float) -> None:
            await asyncio.sleep(at - perf_counter())
            sent = session.post(site + post.path, data=post.body, headers=post.headers, allow_redirects=False)
            async with sent as response:
                await response.read()
                if response.status != post.status:
                    refused.append(post)
            waits.append(perf_counter() - at)

        for number, post in enumerate(posts):
            crowd.create_task(one(post, started + number / RATE))
    return waits, len(refused)


async def _run(name: str, url: str, directory: Path) -> None:
    keys = directory / f"{name}-keys"
    made = await furnish(url, keys)
    port = bots.free_port()
    env = {
        **os.environ,
        "HUIYIN_DATA_DIR": str(directory),
        "HUIYIN_DATABASE_URL": url,
        "HUIYIN_KEYS_DIR": str(keys),
        "HUIYIN_HTTP": f"127.0.0.1:{port}",
        "HUIYIN_CHANNELS": "webchat",
        "HUIYIN_PROFILE": "open",
        "HUIYIN_LOG": "error",
    }
    async with bots.running(["-m", "bot", "serve"], port, env) as (process, _):
        for kind, posts in made.items():
            before = sum(process.cpu_times()[:2])
            waits, refused = await hand_in(f"http://127.0.0.1:{port}", posts)
            work = (sum(process.cpu_times()[:2]) - before) / len(waits) * 1000
            slow = quantiles(waits, n=100)[98]
            middle, most = median(waits) * 1000, max(waits) * 1000
            print(f"{name:12}{kind:11}{len(waits):7}{refused:9}{middle:11.1f}{slow * 1000:9.1f}{most:9.1f}{work:9.1f}")


async def _all() -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        await _run("SQLite", f"sqlite+aiosqlite:///{directory}/huiyin.db", directory)
        server = Server(directory / "postgresql")
        try:
            url, _ = await server.create()
            await _run("PostgreSQL", url, directory)
        finally:
            server.stop()


def measure() -> None:
    """Measures and prints."""
    print(f"\n(7) handing in {QUESTIONS} answers on the page, {RATE} a second for {SECONDS} s, until it is on disk")
    print(f"{'':12}{'':11}{'count':>7}{'refused':>9}{'median ms':>11}{'p99 ms':>9}{'most ms':>9}{'CPU ms':>9}")
    asyncio.run(_all())
