"""A process that lives through one anonymous round, and kills itself (-9) before or after the n-th step that lasts.

Steps that last: every sync of a file and every renaming or removal of one (the keys), every commit of a database (of
the main one and of the ballots' own), and every call of the ballots' shelf. They are wrapped here, from outside: the
product knows nothing of it.

Reads lines of JSON, forks for each one a process that does it, and tells what became of it: `in NUMBER` once the ballot
of somebody is acknowledged, `counted N` once so many ballots were counted, `steps N` if it came to its end, and last
`ended STATUS`.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ceremony import Ceremony
from handlers.surveys import counting, office
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules import release, tallying
from storage import vault
from storage.ballots import Ballots
from storage.database import Database
from storage.store import Store
from tests.handlers.surveys.player import START, Organ
from tests.handlers.surveys.urn import FIRST, SECOND, WORDS, Urn

VOTERS: Sequence[str] = ("101", "201", "102", "202", "103", "203", "104", "204", "105", "205", "106", "206", "101")
"""Who answers, in this order; the first one changes her mind at the end."""
WATCHED = 2
"""Of so many ballots each step is one at which it may die; then again of the last one."""


class Life:
    """Counts the steps, and ends at one of them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.steps = 0
        self.armed = True

    def step(self) -> None:
        """One step nearer to the end."""
        if self.armed:
            self.steps += 1
            if self.steps == self.last:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, place: Any, name: str) -> None:
        """A function: before it, and after it."""
        inner: Callable[..., Any] = getattr(place, name)

        @wraps(inner)
        def plain(*given: Any, **more: Any) -> Any:
            self.step()
            answer = inner(*given, **more)
            self.step()
            return answer

        @wraps(inner)
        async def awaited(*given: Any, **more: Any) -> Any:
            self.step()
            answer = await inner(*given, **more)
            self.step()
            return answer

        setattr(place, name, awaited if asyncio.iscoroutinefunction(inner) else plain)


def tell(*words: object) -> None:
    """A line for whoever watches, at once."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


async def live(given: dict[str, Any], life: Life) -> None:
    """Opens the round, has everybody answer, closes it, and has it counted."""
    database = Database(given["url"], keys=Path(given["keys"]))
    await database.start()
    async with database.reading() as store:
        round = await store.surveys.round(given["round"])
        people = {one.number: one.id for one in await store.people.people()}
        questionnaire = await store.surveys.questionnaire(round.questionnaire_id) if round else None
    assert round
    assert questionnaire
    organ = Organ(database, questionnaire, START)
    await organ.order(office.open_round, OneRound(round.id))
    async with database.reading() as store:
        round = await store.surveys.round(given["round"])
    assert round
    urn = Urn(organ, round, people)
    for place, number in enumerate(VOTERS):
        life.armed = place < WATCHED or place + 1 == len(VOTERS)
        if await urn.vote(number, fair="5" if place + 1 == len(VOTERS) else "1"):
            tell("in", number)
    life.armed = True
    await organ.order(office.close_round, OneRound(round.id))
    async with database.transaction() as store:
        await counting.go_on(round.id, START, store)
    for number in (FIRST, SECOND):
        await Ceremony(database, lambda: START).unlock(round.id, number, WORDS[number])
    life.armed = False
    await database.stop()


def watch_counting() -> None:
    """Tells how many ballots were counted."""
    inner = release.release

    def told(box: tallying.Box, *given: Any) -> Any:
        tell("counted", sum(len(one.cells) for one in box._batches))
        return inner(box, *given)

    release.release = told


def be_born(given: dict[str, Any]) -> None:
    """What the forked process does, and all it does."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    vault._EFFORT, vault._MEMORY = 1, 8192
    watch_counting()
    life = Life(given["last"])
    life.around(os, "fsync")
    for name in ("replace", "unlink"):
        life.around(Path, name)
    for place in (AsyncConnection, Store):
        life.around(place, "commit")
    for name in ("open", "cast", "seal", "erase"):
        life.around(Ballots, name)
    asyncio.run(live(given, life))
    tell("steps", life.steps)
    os._exit(0)


if __name__ == "__main__":
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            try:
                be_born(json.loads(line))
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        _, status = os.waitpid(child, 0)
        tell("ended", os.waitstatus_to_exitcode(status))
