"""A year of an organ in fake time: plans, ticks, people who answer, crashes, and a calendar of all that happened."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import Clock
from bot.courier import Courier
from handlers import doors
from handlers.forms.form import Form, Question
from handlers.surveys import office_plans
from handlers.surveys.office_plans import OnePlan, PlanRounds
from handlers.surveys.rules.schedules import Schedule
from storage.database import Database
from storage.records import Broadcast, BroadcastKind, Disposition, Letter, Plan, Round, RoundState
from tests.handlers.surveys.paper import LIKERT, WORDS, label
from tests.handlers.surveys.player import Organ, organ_on

SECONDS, DAY = timedelta(seconds=30), timedelta(days=1)
WORD = {BroadcastKind.INVITATION: "invites", BroadcastKind.REMINDER: "reminds", BroadcastKind.NOTICE: "tells"}


class Killed(BaseException):
    """The process is gone, in the middle of what it did."""


def one_question() -> Form:
    """A questionnaire that is answered with one tap."""
    question = Question("/data/view", "view", "select_one", label("总体评价"), required="true()", choices=LIKERT)
    return Form("pulse", label("问卷"), "1", ("zh_CN",), "zh_CN", (question,))


@dataclass
class Year:
    """The organ; `events` is what happened, a line each."""

    url: str
    zone: ZoneInfo
    organ: Organ
    clock: Clock
    events: list[str] = field(default_factory=list)
    invited: Counter[tuple[int, int]] = field(default_factory=Counter)
    reminded: Counter[tuple[int, str]] = field(default_factory=Counter)
    known: dict[int, RoundState] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)

    @classmethod
    async def begin(cls, url: str, now: datetime) -> "Year":
        """The organ with its people at this moment; one of them has no account."""
        zone = now.tzinfo
        assert isinstance(zone, ZoneInfo)
        database = await _started(url)
        organ = await organ_on(database, one_question)
        organ.now = now
        year = cls(url, zone, organ, _clock(organ))
        for number in ("001", "002"):
            await organ.player(number)
        return year

    async def plan(self, name: str, schedule: Schedule, **more: object) -> Plan:
        """A plan, drawn up by one and approved by another."""
        order = PlanRounds(name, self.organ.questionnaire.id, schedule, **more)  # type: ignore[arg-type]
        plan = await self.organ.order(office_plans.plan_rounds, order)
        assert isinstance(plan, Plan)
        async with self.organ.database.transaction() as store:
            return await office_plans.approve_plan(OnePlan(plan.id), self.organ.clerk("王主任"), store)

    async def until(self, end: datetime) -> None:
        """Lets time pass: a few ticks each day, and closely around all that is due by the rounds there are."""
        while self.organ.now < end:
            self.organ.now = min(await self._next(), end)
            await self._tick()
            await self._answer()

    async def sleep(self, end: datetime) -> None:
        """Nothing runs until then."""
        self._tell("down", "")
        self.organ.now = end
        await self.restart()

    async def crash(self, owner: type, method: str, about: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lets time pass until this is called the next time, and kills the process as soon as it has been done."""
        with monkeypatch.context() as patch:
            patch.setattr(owner, method, _deadly(getattr(owner, method)))
            try:
                await self.until(self.organ.now + timedelta(days=400))
            except Killed:
                self._tell("killed", about)
            else:
                raise AssertionError(f"{method} was never called")
        await self.restart()

    async def restart(self) -> None:
        """Another process, with nothing but the database."""
        await self.organ.database.stop()
        self.organ.database = await _started(self.url)
        self.clock = _clock(self.organ)
        async with self.organ.database.transaction() as store:
            await store.outbox.reclaim()
        await self._tick()

    async def _next(self) -> datetime:
        """The next moment at which to tick: around what is due by the rounds there are, in the morning and at midnight
        while one is open, and every few days at least."""
        async with self.organ.database.reading() as store:
            rounds = await store.surveys.rounds()
        near = [time + SECONDS * n for one in rounds for time in (one.opens, one.closes) if time for n in (-1, 0, 1)]
        ahead = [time.astimezone(self.zone) for time in near]
        today = self.organ.now.date()
        if any(one.state is RoundState.OPEN for one in rounds):
            ahead += [self._at(today, "10:05"), self._at(today + DAY, "00:00")]
        ahead.append(self._at(today + 3 * DAY, "12:00"))
        return min((time for time in ahead if time > self.organ.now), key=datetime.timestamp)

    def _at(self, day: date, time: str) -> datetime:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=self.zone)

    async def _tick(self) -> None:
        # What ticks each second comes after what ticks each half minute.
        for name in sorted(doors.ticks(), key=lambda name: -doors.ticks()[name].seconds):
            await self.clock.tick(name)
        await self._look()
        await self._send()

    async def _look(self) -> None:
        """Writes down what has become of the rounds."""
        async with self.organ.database.reading() as store:
            rounds = sorted(await store.surveys.rounds(), key=lambda round: round.id)
            for round in rounds:
                before, self.known[round.id] = self.known.get(round.id), round.state
                if round.state in (before, RoundState.PLANNED):
                    continue
                counts = await store.surveys.progress(round.id)
                people = sum(counts.values())
                if round.state is RoundState.CLOSED and not people:
                    self._tell("missed", f"{round.name}: it never opened")
                elif round.state is RoundState.OPEN:
                    assert before is not RoundState.CLOSED
                    self._tell("opens", f"{round.name}, {_people(people)}, until {self._local(round.closes)}")
                else:
                    self._tell("closes", f"{round.name}, {counts[Disposition.HANDED_IN]} of {people} have handed in")

    async def _send(self) -> None:
        """What the courier would send now; it counts as sent once it is marked as sent."""
        now, database = self.organ.now, self.organ.database
        async with database.transaction() as store:
            letters = await store.outbox.claim("webchat", 1000, now, now + SECONDS)
        if not letters:
            return
        async with database.transaction() as store:
            await store.outbox.sent([(letter.id, "-") for letter in letters], now)
        async with database.reading() as store:
            rounds = await store.surveys.rounds()
            said = {one.id: (one, round) for round in rounds for one in await store.broadcasts.of(round.id)}
        count = Counter(letter.broadcast_id for letter in letters)
        for id, people in count.items():
            assert id is not None
            broadcast, round = said[id]
            which = f" ({broadcast.number}.)" if broadcast.number else ""
            self._tell(WORD[broadcast.kind], f"{round.name}, {_people(people)}{which}")
        for letter in letters:
            self._count(letter, *said[letter.broadcast_id or 0])

    def _count(self, letter: Letter, broadcast: Broadcast, round: Round) -> None:
        assert letter.person_id is not None
        if broadcast.kind is BroadcastKind.INVITATION:
            self.invited[round.id, letter.person_id] += 1
        elif broadcast.kind is BroadcastKind.REMINDER:
            self.reminded[letter.person_id, f"{self.organ.now:%Y-%m-%d}"] += 1

    async def _answer(self) -> None:
        """One of them answers every round on the day after it opened."""
        async with self.organ.database.reading() as store:
            rounds = await store.surveys.rounds()
        for round in rounds:
            rested = round.opens is not None and self.organ.now > round.opens + timedelta(hours=20)
            if round.state is RoundState.OPEN and rested and round.id not in self.answered:
                self.answered.add(round.id)
                player = await self.organ.player("001")
                await player.tap(f"ao:{round.id}")
                await player.press("很好")
                await player.press("Hand in")

    def _tell(self, what: str, about: str) -> None:
        self.events.append(f"{self._local(self.organ.now)}  {what:8} {about}".rstrip())

    def _local(self, moment: datetime | None) -> str:
        assert moment is not None
        local = moment.astimezone(self.zone)
        offset = f"{local:%z}" if self.zone.key != "Asia/Shanghai" else ""
        return f"{local:%Y-%m-%d %a %H:%M}{':30' if local.second else ''}{offset}"


def _people(count: int) -> str:
    return f"{count} person" if count == 1 else f"{count} people"


def _clock(organ: Organ) -> Clock:
    return Clock(organ.database, Courier(organ.database, {}, WORDS, "en"), lambda: organ.now)


async def _started(url: str) -> Database:
    database = Database(url, holder="the one process")
    await database.start()
    return database


def _deadly(method: Callable[..., Any]) -> Callable[..., Any]:
    async def once(*arguments: Any, **named: Any) -> Any:
        done = await method(*arguments, **named)
        if done is None or done:
            raise Killed
        return done

    return once
