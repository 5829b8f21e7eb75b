"""A cradle, as `tests.stories.cradle`, of serving processes that kill themselves (-9) where a test wants it.

The process is the product with all it has. From outside, three things are otherwise: its time begins at
`HAUNTED_AT`, its clock ticks five times a second, and passphrases are hardly stretched. At a SIGUSR1 it reads a number
out of the file `HAUNTED_BY`, empties it, and dies at that step that lasts (`tests.attacks.mortal`), counted from there.
Commits of the clock's ticks are no steps.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import app
from bot.__main__ import main
from bot.clock import Clock
from handlers import doors
from storage import vault
from storage.ballots import Ballots
from storage.store import Store
from tests.attacks.mortal import Life

TICK = 0.2
"""Seconds between two ticks."""
TICKING = ContextVar("TICKING", default=False)


class Untimely(Life):
    """Counts for another life what is not done by the clock."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def step(self) -> None:
        """One step, but where time brought it."""
        if not TICKING.get():
            self._life.step()


def hurry() -> None:
    """The clock ticks quickly, and says so to what it knocks at."""
    add, tick = AsyncIOScheduler.add_job, Clock.tick

    def added(self: Any, *given: Any, **more: Any) -> Any:
        return add(self, *given, **{**more, **({"seconds": TICK} if "seconds" in more else {})})

    async def ticked(self: Clock, name: str) -> None:
        TICKING.set(True)
        await tick(self, name)

    AsyncIOScheduler.add_job = added
    Clock.tick = ticked  # type: ignore[method-assign]


def be_mortal(by: Path) -> None:
    """Counts steps from the signal on."""
    life = Life(0)
    life.armed = False
    life.around(os, "fsync")
    for name in ("replace", "unlink"):
        life.around(Path, name)
    for name in ("open", "cast", "seal", "erase"):
        life.around(Ballots, name)
    for place in (AsyncConnection, Store):
        Untimely(life).around(place, "commit")

    def arm(*_: object) -> None:
        life.last, life.steps, life.armed = int(by.read_text()), 0, True
        os.truncate(by, 0)

    signal.signal(signal.SIGUSR1, arm)


def serve(settings: dict[str, str], begin: Callable[[], None]) -> None:
    """What the forked process does, and all it does."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ.update(settings)
    vault._EFFORT, vault._MEMORY = 1, 8192
    at, begun = datetime.fromisoformat(settings["HAUNTED_AT"]), time.monotonic()
    app.now = lambda: at + timedelta(seconds=time.monotonic() - begun)
    hurry()
    begin()
    os._exit(main(["serve"]))


def live(begin: Callable[[], None]) -> None:
    """Forks a process for each line it reads; `begin` is what makes it another than the product."""
    doors.find()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            serve(json.loads(line), begin)
        os.write(sys.stdout.fileno(), f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(sys.stdout.fileno(), f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    live(lambda: be_mortal(Path(os.environ["HAUNTED_BY"])))
