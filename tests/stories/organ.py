"""An organ for the stories: roster, codes, one open round; the product as a process; HR's table."""

import asyncio
import csv
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import aiohttp

from bot.app import clerk, give_order
from handlers.forms.form import Form
from handlers.forms.xlsform import read
from storage.database import Database

SAMPLES = Path(__file__).parents[2] / "bot" / "samples"


@dataclass(frozen=True)
class Organ:
    """What is asked, and who is in it: staff numbers to enrolment codes, names, and languages the roster names."""

    form: Form
    round_id: int
    codes: dict[str, str]
    names: dict[str, str]
    languages: dict[str, str]


async def furnish(url: str, form: Path = SAMPLES / "self-assessment.xlsx") -> Organ:
    """The demo's 120 people, a code for each, and an open round."""
    database = Database(url)
    await database.start()
    await database.migrate()
    by = clerk("hr", ZoneInfo("Asia/Shanghai"))
    roster = SAMPLES / "roster.xlsx"
    await give_order(database, by, "import_roster", {"content": roster.read_bytes(), "filename": roster.name})
    issued = await give_order(database, by, "issue_codes", {})
    folder = form.with_name(f"{form.stem}-media")
    media = {one.name: one.read_bytes() for one in folder.iterdir()} if folder.is_dir() else {}
    content = {"content": form.read_bytes(), "filename": form.name, "media": media}
    questionnaire = await give_order(database, by, "add_questionnaire", content)
    plan = {"name": "2026 年第四季度", "questionnaire_id": questionnaire.id}
    planned = await give_order(database, by, "plan_round", plan)
    await give_order(database, by, "open_round", {"round_id": planned.id})
    await database.stop()
    codes = {one.person.number: one.code for one in issued}
    names = {one.person.number: one.person.name for one in issued}
    languages = {one.person.number: one.person.language for one in issued if one.person.language}
    return Organ(read(form.read_bytes(), form.name), planned.id, codes, names, languages)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Product:
    """`huiyin serve` as a process that can be killed."""

    def __init__(self, url: str, directory: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = directory / "serve.log"
        self._process: asyncio.subprocess.Process | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HUIYIN_")},
            "HUIYIN_DATA_DIR": str(directory),
            "HUIYIN_DATABASE_URL": url,
            "HUIYIN_HTTP": f"127.0.0.1:{self.port}",
            "HUIYIN_PROFILE": "open",
            "HUIYIN_LOG": "debug",
            **{f"HUIYIN_{name}": value for name, value in settings.items()},
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.running:
            await self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The serving process's id."""
        assert self._process
        return self._process.pid

    def settle(self, **settings: str) -> None:
        """Other settings, from the next start on."""
        self._environment.update({f"HUIYIN_{name}": value for name, value in settings.items()})

    async def start(self) -> None:
        """Starts it, and waits until it is ready."""
        await self._begin()
        await self.until_ready()

    async def until_ready(self, status: int = 200) -> None:
        """Waits until it says that it is ready; or, by another status, that it is not."""
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while await self._ready(session) != status:
                assert self.running, self.log.read_text()[-3000:]
                await asyncio.sleep(0.02)

    async def _ready(self, session: aiohttp.ClientSession) -> int:
        try:
            async with session.get(f"{self.url}/readyz") as response:
                return response.status
        except aiohttp.ClientError:
            return 0

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> float:
        """SIGTERM; how many seconds it took to end well."""
        begun = asyncio.get_running_loop().time()
        status = await self._end(signal.SIGTERM)
        assert status == 0, self.log.read_text()[-3000:]
        return asyncio.get_running_loop().time() - begun

    async def _end(self, number: signal.Signals) -> int:
        if self.running:
            os.kill(self.pid, number)
        async with asyncio.timeout(30):
            return await self._ended()

    async def _begin(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", env=self._environment, stderr=log, stdout=log
            )

    async def _ended(self) -> int:
        """The exit status."""
        assert self._process
        return await self._process.wait()

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Another command, to its end: exit status, and what it said on stdout and stderr."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments), env=self._environment, stdout=pipe, stderr=pipe
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def cli(self, *arguments: str) -> str:
        """Another command beside the one that serves, which must do; what it printed."""
        status, out, err = await self.run(*arguments)
        assert status == 0, err
        return out

    async def answers(self, round_id: int, directory: Path) -> dict[str, dict[str, str]]:
        """HR's table, as `huiyin round answers` writes it: staff number to row."""
        out = directory / "answers.csv"
        await self.cli("round", "answers", str(round_id), "--out", str(out))
        with out.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len({row["staff_number"] for row in rows}), "somebody is there twice"
        return {row["staff_number"]: row for row in rows}


class Phoenix(Product):
    """The same, begun in a moment: a process that has made all imports forks the one that serves.

    What is killed leaves no coverage, so none is measured.
    """

    CRADLE = "tests.stories.cradle"
    """The module that forks."""
    _child = 0

    @property
    def running(self) -> bool:
        return self._child != 0

    @property
    def pid(self) -> int:
        return self._child

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        assert self._process
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()

    async def _begin(self) -> None:
        if self._process is None:
            with self.log.open("ab") as log:
                pipe = asyncio.subprocess.PIPE
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", self.CRADLE),
                    env={name: value for name, value in self._environment.items() if not name.startswith("COVERAGE")},
                    stdin=pipe,
                    stdout=pipe,
                    stderr=log,
                )
        assert self._process.stdin
        self._process.stdin.write(json.dumps(self._environment).encode() + b"\n")
        self._child = await self._told()

    async def _ended(self) -> int:
        self._child = 0
        return await self._told()

    async def _told(self) -> int:
        """What the cradle says next."""
        assert self._process
        assert self._process.stdout
        return int(await self._process.stdout.readline())
