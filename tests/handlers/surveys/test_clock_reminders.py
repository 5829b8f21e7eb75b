"""Reminders as they go out: who gets one, when, and that nobody gets more than the rules allow.

The simulation at the end plays weeks on a real database with random rounds, holidays, mutes, downtimes and crashes,
and holds every message that went out against the rules, which it knows for itself.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from handlers.days import Calendar
from handlers.doors import ClockDoor
from handlers.surveys import clock, clock_reminders, office
from handlers.surveys.rolls import OneRound
from handlers.talk import Message, unpack
from storage.database import Database
from storage.records import (
    BroadcastKind,
    DayKind,
    Disposition,
    Person,
    Reminding,
    Round,
    RoundState,
    SpecialDay,
    Whom,
)
from tests.handlers.surveys.paper import WORDS
from tests.handlers.surveys.player import Organ, organ_on
from tests.samples.holidays import year_of

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 9, 21)  # Monday; Mid-Autumn from Friday on, National Day from Thursday after, 10-10 is worked


@dataclass(frozen=True)
class Said:
    """A reminder that went out."""

    at: datetime
    person: int
    round: int
    number: int
    message: Message

    def text(self) -> str:
        return "\n".join(WORDS.word(part, "en") for part in self.message.parts)

    def buttons(self) -> list[str]:
        return [button.data for row in self.message.buttons for button in row]


@dataclass
class Office:
    """An organ whose clock is turned by hand."""

    organ: Organ
    said: list[Said] = field(default_factory=list)

    async def tick(self, now: datetime) -> None:
        """All that is done at this moment: reminders begun, letters written and sent."""
        self.organ.now = now
        await self.organ.tick(clock.close_due, clock_reminders.remind, clock.fan_out)
        await self.send(now)

    async def send(self, now: datetime) -> None:
        async with self.organ.database.transaction() as store:
            letters = await store.outbox.claim("webchat", 1000, now, now + timedelta(seconds=60))
            await store.outbox.sent([(letter.id, "m") for letter in letters], now)
            broadcasts = {
                one.id: one for round in await store.surveys.rounds() for one in await store.broadcasts.of(round.id)
            }
        for letter in letters:
            assert letter.broadcast_id is not None
            assert letter.person_id is not None
            told = broadcasts[letter.broadcast_id]
            if told.kind is BroadcastKind.REMINDER:
                message = unpack(letter.body)
                assert isinstance(message, Message)
                self.said.append(Said(now, letter.person_id, told.round_id, told.number, message))

    async def day(self, day: date, *hours: float) -> list[Said]:
        """What is said of itself on that day, if the clock ticks at these hours."""
        before = len(self.said)
        for hour in hours or (3, 8, 10.2, 15, 22):
            await self.tick(at(day, hour))
        return self.said[before:]

    async def days(self, first: date, last: date, *hours: float) -> list[Said]:
        before = len(self.said)
        while first <= last:
            await self.day(first, *hours)
            first += timedelta(days=1)
        return self.said[before:]

    async def opened(self, name: str, now: datetime, **plan: object) -> Round:
        self.organ.now = now
        return await self.organ.opened(name=name, **plan)

    async def set(self, round: Round, **facts: object) -> None:
        async with self.organ.database.transaction() as store:
            found = await store.surveys.round(round.id)
            assert found is not None
            await store.surveys.save_round(replace(found, **facts))  # type: ignore[arg-type]

    async def hand_in(self, round: Round, person: Person) -> None:
        async with self.organ.database.transaction() as store:
            await store.surveys.set_disposition(round.id, person.id, Disposition.HANDED_IN)


def at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), ZONE) + timedelta(hours=hour)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


async def staffed(database: Database) -> Office:
    """Three people with an account each."""
    organ = await organ_on(database)
    for number in ("001", "002", "003"):
        await organ.player(number)
    return Office(organ)


@pytest.fixture
async def hr(database: Database) -> Office:
    return await staffed(database)


MORNING = at(FIRST_DAY, 9)


async def test_who_has_not_handed_in_is_reminded_on_the_third_working_day(hr: Office) -> None:
    round = await hr.opened("三季度自评", MORNING, closes=at(day("10-31"), 18))
    one, two, three = [await hr.organ.person(number) for number in ("001", "002", "003")]
    assert await hr.days(FIRST_DAY, day("09-23")) == []
    await hr.hand_in(round, one)
    async with hr.organ.database.transaction() as store:
        await store.people.mute(two.id, True)
    (said,) = await hr.days(day("09-24"), day("09-27"))
    assert (said.at, said.person, said.number) == (at(day("09-24"), 10.2), three.id, 1)
    assert "is open for 37 more days" in said.text()
    assert said.buttons() == [f"ao:{round.id}", "mu:on"]


async def test_three_and_no_more_and_an_extension_does_not_begin_anew(hr: Office) -> None:
    round = await hr.opened("三季度自评", MORNING, closes=at(day("10-12"), 18))
    await hr.days(FIRST_DAY, day("10-11"))
    await hr.set(round, closes=at(day("11-30"), 18))
    await hr.days(day("10-12"), day("11-20"), 10.2)
    mine = [(one.at.date(), one.number) for one in hr.said if one.person == hr.said[0].person]
    # Working days after 09-21: 22 23 24, 28 29 30, 10-08 09 10 (a Saturday that is worked).
    assert mine == [(day("09-24"), 1), (day("09-30"), 2), (day("10-10"), 3)]
    assert len({one.text() for one in hr.said if one.person == hr.said[0].person}) == 3


async def test_a_week_of_downtime_ends_with_one_reminder(hr: Office) -> None:
    await hr.opened("三季度自评", MORNING, reminding=Reminding(3, 1, 2))
    assert await hr.day(FIRST_DAY) == []
    said = await hr.day(day("10-09"))
    assert [(one.at.hour, one.number) for one in said] == [(8, 3)] * 3
    assert await hr.days(day("10-10"), day("10-20")) == []


async def test_several_rounds_come_in_one_message_and_count(hr: Office) -> None:
    first = await hr.opened("三季度自评", MORNING, reminding=Reminding(1, 3, 3))
    second = await hr.opened("年度问卷", MORNING, reminding=Reminding(1, 3, 3))
    third = await hr.opened("刚发的", at(day("09-24"), 9), reminding=Reminding(1, 9, 3))
    person = await hr.organ.person("001")
    await hr.hand_in(first, person)
    said = await hr.days(FIRST_DAY, day("09-30"))
    assert len(said) == 3
    by_person = {one.person: one for one in said}
    assert by_person.pop(person.id).buttons() == [f"ao:{second.id}", f"ao:{third.id}", "mu:on"]
    for one in by_person.values():
        assert one.round == first.id
        assert one.buttons() == [f"ao:{first.id}", f"ao:{second.id}", f"ao:{third.id}", "mu:on"]
    async with hr.organ.database.reading() as store:
        assert [one.number for one in await store.broadcasts.of(second.id)][1:] == [1]


async def test_a_paused_round_reminds_nobody_and_catches_up_when_it_goes_on(hr: Office) -> None:
    round = await hr.opened("三季度自评", MORNING)
    await hr.set(round, state=RoundState.PAUSED)
    assert await hr.days(FIRST_DAY, day("09-29")) == []
    await hr.set(round, state=RoundState.OPEN)
    assert len(await hr.day(day("09-30"), 9)) == 3


async def test_a_round_without_reminders_is_silent(hr: Office) -> None:
    await hr.opened("三季度自评", MORNING, reminding=Reminding(0, 1, 1))
    assert await hr.days(FIRST_DAY, day("10-20"), 10.2) == []


async def test_a_reminder_cut_off_by_the_evening_goes_on_the_next_working_day(
    hr: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.surveys.fanning.BATCH", 2)
    await hr.opened("三季度自评", MORNING)
    await hr.day(FIRST_DAY)
    evening = at(day("09-24"), 20.99)
    async with hr.organ.database.transaction() as store:
        assert await clock_reminders.remind(evening, store) == 1
    async with hr.organ.database.transaction() as store:
        assert await clock.fan_out(evening, store) == 2
    await hr.send(evening)
    async with hr.organ.database.transaction() as store:
        assert await clock.fan_out(at(day("09-24"), 21), store) == 0
    assert await hr.days(day("09-25"), day("09-27")) == []  # Mid-Autumn
    said = await hr.day(day("09-28"), 8)
    assert len(said) == 1
    assert len({one.person for one in hr.said}) == 3


async def test_an_anonymous_round_reminds_everybody_alike_and_twice(hr: Office) -> None:
    anonymous = await hr.opened("作风问卷", MORNING)
    await hr.set(anonymous, anonymous=True)
    named = await hr.opened("三季度自评", MORNING)
    one = await hr.organ.person("001")
    await hr.hand_in(anonymous, one)
    said = await hr.days(FIRST_DAY, day("09-29"))
    assert Counter(one.round for one in said) == {anonymous.id: 3, named.id: 3}
    assert len({one.text() for one in said[:3]}) == 1
    assert f"ao:{named.id}" not in said[0].buttons()
    assert [one.at.date() for one in said] == [day("09-24")] * 3 + [day("09-28")] * 3
    assert f"ao:{anonymous.id}" not in said[3].buttons()
    later = await hr.days(day("09-30"), day("10-20"), 10.2)
    assert Counter((one.round, one.number) for one in later) == {
        (anonymous.id, 2): 3,
        (named.id, 2): 3,
        (named.id, 3): 3,
    }
    async with hr.organ.database.reading() as store:
        assert {one.whom for one in (await store.broadcasts.of(anonymous.id))[1:]} == {Whom.EVERYBODY}


async def test_an_anonymous_reminder_gives_way_to_one_already_begun_that_day(hr: Office) -> None:
    await hr.opened("三季度自评", MORNING, reminding=Reminding(1, 3, 3))
    anonymous = await hr.opened("作风问卷", MORNING, reminding=Reminding(1, 3, 3))
    await hr.set(anonymous, anonymous=True, state=RoundState.PAUSED)
    assert len(await hr.days(FIRST_DAY, day("09-24"))) == 3
    await hr.set(anonymous, state=RoundState.OPEN)
    assert await hr.tick(at(day("09-24"), 16)) is None
    assert len(hr.said) == 3
    assert {one.round for one in await hr.day(day("09-28"))} == {anonymous.id}


async def test_without_a_calendar_reminders_wait_and_are_not_lost(hr: Office) -> None:
    await hr.opened("年末问卷", at(day("12-29"), 9), reminding=Reminding(1, 3, 3))
    assert await hr.day(day("12-31"), 10.2, 15) == []
    january = date(2027, 1, 12)
    assert await hr.day(january) == []
    progress = await hr.organ.order(office.round_progress, OneRound(1))
    assert isinstance(progress, office.Progress)
    assert progress.no_calendar == 2027
    async with hr.organ.database.transaction() as store:
        await store.calendar.put_days([], year_of(2027))
    assert len(await hr.day(january + timedelta(days=1))) == 3
    progress = await hr.organ.order(office.round_progress, OneRound(1))
    assert isinstance(progress, office.Progress)
    assert progress.no_calendar == 0


async def test_a_round_is_planned_with_its_own_reminding(hr: Office) -> None:
    round = await hr.organ.planned(reminding=Reminding(2, 5, 4))
    assert round.reminding == Reminding(2, 5, 4)
    with pytest.raises(office.rounds.BadInput):
        await hr.organ.planned(reminding=Reminding(9, 5, 4))


# The simulation.


@dataclass(frozen=True)
class Plan:
    """A round of the simulation: when it opens and closes (hours from the first midnight), and how it reminds."""

    opens: int
    closes: int
    reminding: Reminding
    anonymous: bool


@dataclass(frozen=True)
class Deed:
    """Something somebody does at an hour: `mute` and `unmute` a person, `hand in`, `pause`, `resume`, `extend`."""

    hour: int
    what: str
    person: int
    round: int


WEEKS = 3
TICKS = (8, 10.1, 20.9, 21.1)
"""hours of every day at which the clock ticks; the fan-out may need many ticks for what one reminder says"""
HOURS = st.integers(0, WEEKS * 7 * 24 - 1)
remindings = st.builds(Reminding, st.sampled_from([3, 3, 2, 1, 0]), st.integers(1, 3), st.integers(1, 2))
openings = st.builds(lambda day, hour: day * 24 + hour, st.integers(0, 6), st.sampled_from([9, 14, 23]))
plans = st.lists(
    st.builds(Plan, openings, st.integers(5 * 24, WEEKS * 7 * 24), remindings, st.sampled_from([False, False, True])),
    min_size=2,
    max_size=3,
)
deeds = st.lists(
    st.builds(
        Deed,
        HOURS,
        st.sampled_from(["mute", "unmute", "hand in", "hand in", "pause", "resume", "extend"]),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=12,
)
specials = st.dictionaries(st.integers(0, WEEKS * 7 - 1), st.sampled_from(DayKind), max_size=8)
downtimes = st.lists(st.tuples(HOURS, st.integers(1, 8 * 24)), max_size=2)
minutes = st.lists(st.integers(0, WEEKS * 7 * 24 * 60 - 1), max_size=25)
crashes = st.sets(st.integers(0, 40), max_size=6)
paces = st.integers(1, 4)
"""letters the fan-out writes in one tick"""


class Crash(Exception):
    """The process is killed in the middle of a transaction."""


@dataclass
class Simulation:
    """Weeks of an office; remembers for itself who is muted and who has handed in what."""

    hr: Office
    calendar: Calendar
    people: Sequence[Person]
    crashes: Iterable[int]
    pace: int
    rounds: dict[int, Plan] = field(default_factory=dict)
    opened: dict[int, datetime] = field(default_factory=dict)
    closes: dict[int, datetime] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    muted: set[int] = field(default_factory=set)
    handed_in: set[tuple[int, int]] = field(default_factory=set)
    worked: int = 0

    async def open(self, plan: Plan, now: datetime) -> None:
        round = await self.hr.opened(f"第{len(self.rounds) + 1}轮", now, reminding=plan.reminding)
        closes = now + timedelta(hours=plan.closes)
        await self.hr.set(round, closes=closes, anonymous=plan.anonymous)
        self.rounds[round.id] = plan
        self.opened[round.id], self.closes[round.id] = now, closes

    async def do(self, deed: Deed, now: datetime) -> None:
        person, id = self.people[deed.person], deed.round + 1
        match deed.what:
            case "mute" | "unmute":
                (self.muted.add if deed.what == "mute" else self.muted.discard)(person.id)
                async with self.hr.organ.database.transaction() as store:
                    await store.people.mute(person.id, deed.what == "mute")
            case _ if id not in self.rounds or self.closes[id] <= now:
                return
            case "hand in":
                self.handed_in.add((id, person.id))
                await self.change(id, person)
            case "pause" | "resume":
                (self.paused.add if deed.what == "pause" else self.paused.discard)(id)
                await self.change(id, state=RoundState.PAUSED if deed.what == "pause" else RoundState.OPEN)
            case "extend":
                self.closes[id] += timedelta(days=7)
                await self.change(id, closes=self.closes[id])

    async def change(self, id: int, person: Person | None = None, **facts: object) -> None:
        async with self.hr.organ.database.reading() as store:
            round = await store.surveys.round(id)
        assert round is not None
        await (self.hr.hand_in(round, person) if person else self.hr.set(round, **facts))

    async def tick(self, now: datetime) -> None:
        """As Office.tick, at the fan-out's pace; some transactions are cut off before they are committed."""
        await self.knock(clock_reminders.remind, now)
        if not any([await self.knock(clock.fan_out, now) for _ in range(self.pace)]):
            return
        before = len(self.hr.said)
        await self.hr.send(now)
        for said in self.hr.said[before:]:
            self.judge(said)

    async def knock(self, door: ClockDoor, now: datetime) -> bool:
        """Was anything done?"""
        worked = 0
        with contextlib.suppress(Crash):
            async with self.hr.organ.database.transaction() as store:
                if worked := await door(now, store):
                    self.worked += 1
                if worked and self.worked in self.crashes:
                    raise Crash
        return bool(worked)

    def judge(self, said: Said) -> None:
        """No message outside the rules."""
        plan = self.rounds[said.round]
        assert 8 <= said.at.hour < 21, "at night"
        assert self.calendar.is_working_day(said.at.date()), "on a day of rest"
        assert said.person not in self.muted, "to somebody who wants none"
        assert said.round not in self.paused, "of a paused round"
        assert said.at < self.closes[said.round], "after closing"
        if not plan.anonymous:
            assert (said.round, said.person) not in self.handed_in, "after handing in"
        working = self.days_worked(self.opened[said.round].date(), said.at.date())
        assert working >= plan.reminding.first + (said.number - 1) * plan.reminding.every, "too early"
        assert said.number <= (min(plan.reminding.most, 2) if plan.anonymous else plan.reminding.most), "too often"

    def days_worked(self, start: date, end: date) -> int:
        """Working days after `start` up to `end`."""
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.calendar.is_working_day(one) for one in days)

    def judge_all(self) -> None:
        said = self.hr.said
        assert not [one for one, n in Counter((s.person, s.at.date()) for s in said).items() if n > 1], "twice a day"
        per_task = Counter((s.person, s.round) for s in said)
        for (_, round), count in per_task.items():
            assert count <= self.rounds[round].reminding.most, "too often"
        assert not [one for one, n in Counter((s.person, s.round, s.number) for s in said).items() if n > 1], "repeated"
        for person in self.people:
            mine = [one for one in said if one.person == person.id]
            for round in self.rounds:
                numbers = [one.number for one in mine if one.round == round]
                assert numbers == sorted(numbers)


async def simulate(
    database: Database,
    rounds: Sequence[Plan],
    acts: Sequence[Deed],
    own: Mapping[int, DayKind],
    down: Sequence[tuple[int, int]],
    odd_minutes: Sequence[int],
    crashes: Iterable[int],
    pace: int,
) -> Simulation:
    hr = await staffed(database)
    special = [SpecialDay(FIRST_DAY + timedelta(days=n), kind) for n, kind in own.items()]
    async with database.transaction() as store:
        await store.calendar.put_days([], special)
    people = [await hr.organ.person(number) for number in ("001", "002", "003")]
    simulation = Simulation(hr, Calendar(special), people, crashes, pace)
    start = at(FIRST_DAY, 0)
    ticks = {start + timedelta(days=n, hours=h) for n in range(WEEKS * 7) for h in TICKS}
    ticks |= {start + timedelta(minutes=n) for n in odd_minutes}
    events: list[tuple[datetime, int, object]] = [(tick, 2, None) for tick in ticks if not _is_down(tick, start, down)]
    events += [(start + timedelta(hours=plan.opens), 0, plan) for plan in rounds]
    events += [(start + timedelta(hours=deed.hour), 1, deed) for deed in acts]
    for now, _, event in sorted(events, key=lambda one: one[:2]):
        match event:
            case Plan():
                await simulation.open(event, now)
            case Deed():
                await simulation.do(event, now)
            case None:
                await simulation.tick(now)
    return simulation


def _is_down(tick: datetime, start: datetime, down: Sequence[tuple[int, int]]) -> bool:
    return any(timedelta(hours=at) <= tick - start < timedelta(hours=at + length) for at, length in down)


@given(plans, deeds, specials, downtimes, minutes, crashes, paces)
@settings(max_examples=15, deadline=None, phases=[Phase.reuse, Phase.generate])
def test_no_message_outside_the_rules(
    migrated_file: Path,
    rounds: list[Plan],
    acts: list[Deed],
    own: dict[int, DayKind],
    down: list[tuple[int, int]],
    odd_minutes: list[int],
    crashes: set[int],
    pace: int,
) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
            patch.setattr("handlers.surveys.fanning.BATCH", 1)
            file = Path(directory) / "huiyin.db"
            shutil.copy(migrated_file, file)
            database = Database(f"sqlite+aiosqlite:///{file}")
            await database.start()
            try:
                simulation = await simulate(database, rounds, acts, own, down, odd_minutes, crashes, pace)
                simulation.judge_all()
            finally:
                await database.stop()

    asyncio.run(play())
