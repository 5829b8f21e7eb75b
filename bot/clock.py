"""APScheduler ticks; what is due is computed from tables, so a missed tick catches up by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.courier import Courier
from handlers import doors
from handlers.doors import TickEach
from handlers.refusals import Refusal
from storage.database import Database, Unavailable

NAME = "clock"
"""What the one process leads whose clock ticks."""
SEEN = timedelta(days=8)
"""How long de-duplication rows are kept: longer than any platform delivers again (`platforms.md` 3, 4.1)."""
SENT = timedelta(days=30)
"""How long sent letters are kept."""

log = structlog.get_logger("bot.clock")


class Clock:
    """Lets time into the rooms, and sweeps what has served its time."""

    def __init__(
        self,
        database: Database,
        courier: Courier,
        now: Callable[[], datetime],
        leads: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        """`leads(NAME)`: of all processes on this database, is it this one whose clock ticks?"""
        self._database = database
        self._courier = courier
        self._now = now
        self._leads = leads
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def start(self) -> None:
        """Begins to tick."""
        for name, tick in doors.ticks().items():
            self._scheduler.add_job(self.tick, "interval", [name], seconds=tick.seconds, id=name)
        self._scheduler.add_job(self.sweep, "interval", hours=1, id="sweep")
        self._scheduler.start()

    def stop(self) -> None:
        """Ticks no more."""
        self._scheduler.shutdown(wait=False)

    async def tick(self, name: str) -> None:
        """Knocks at one clock door until nothing is due there, where this process leads the clock."""
        tick = doors.ticks()[name]
        try:
            if isinstance(tick, TickEach):
                await self._knock_for_each(name, tick)
                return
            count = -1
            while count and self._leads(NAME):
                async with self._database.transaction() as store:
                    count = await tick.door(self._now(), store)
                self._done(name, count)
        except Unavailable as problem:
            log.error("tick missed, the next one catches up", reason=problem.reason)

    async def _knock_for_each(self, name: str, tick: TickEach) -> None:
        async with self._database.reading() as store:
            due = await tick.due(self._now(), store)
        for id in due:
            if not self._leads(NAME):
                return
            try:
                async with self._database.transaction() as store:
                    count = await tick.door(id, self._now(), store)
            except Unavailable:
                raise
            except Refusal as no:
                log.info("cannot be done yet, the next tick tries again", path=name, id=id, reason=no.text.message)
            except Exception:
                log.exception("went wrong, the next tick tries again", path=name, id=id)
            else:
                self._done(name, count)

    def _done(self, name: str, count: int) -> None:
        if count:
            log.info("done on time", path=name, count=count)
            self._courier.wake()

    async def sweep(self) -> None:
        """Takes away de-duplication rows and sent letters that nobody needs any more."""
        if not self._leads(NAME):
            return
        try:
            async with self._database.transaction() as store:
                await store.inbox.sweep(self._now() - SEEN)
                await store.outbox.sweep(self._now() - SENT)
        except Unavailable as problem:
            log.error("sweep missed, the next one catches up", reason=problem.reason)
