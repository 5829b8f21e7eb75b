"""A small organ with an anonymous round and two tabulators of different units, opened by the rules of the house."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from secrets import token_bytes

import pytest

from bot.ceremony import Ceremony
from handlers.forms.form import Choice, Form, Question, digest, to_plain
from handlers.surveys import clock_count, office, office_changes, office_staff
from handlers.surveys.rolls import OneRound
from storage import vault
from storage.database import Database
from storage.records import Count, CountStage, Level, PostClass, Role, RosterLine, Round
from tests.handlers.surveys.paper import label
from tests.handlers.surveys.player import START, Organ

UNITS = {"1": "党政办公室", "2": "综合执法队"}
STAFF = [f"{unit}{number:02}" for unit in UNITS for number in range(1, 9)]
"""Eight people in each unit."""
FIRST, SECOND, THIRD = "101", "201", "202"
"""Who opens ballots: the first one with either of the others, who are of one unit."""
OFFICER = "105"
"""Who acts for the HR office."""
ROLES = defaultdict(lambda: frozenset({Role.EMPLOYEE}), {OFFICER: frozenset({Role.EMPLOYEE, Role.HR})})
WORDS = {FIRST: "seven green lanterns sing", SECOND: "a river without any bridge", THIRD: "paper boats on monday"}
CLOSES = timedelta(days=3)


def questions() -> Form:
    """Two statements to agree with, and room for words."""
    scale = tuple(Choice(str(n), label(str(n))) for n in range(1, 6))
    asked = [Question(f"/data/{name}", name, "select_one", label(name), choices=scale) for name in ("fair", "open")]
    return Form(
        "climate",
        label("组织氛围"),
        "1",
        ("zh_CN",),
        "zh_CN",
        (*asked, Question("/data/words", "words", "text", label("想说的话"))),
    )


def weak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases are stretched a little only: a test has no guesser to slow down."""
    monkeypatch.setattr(vault, "_EFFORT", 1)
    monkeypatch.setattr(vault, "_MEMORY", 8192)


@dataclass
class Urn:
    """An open anonymous round. `person`: the ids by staff number."""

    organ: Organ
    round: Round
    person: Mapping[str, int]
    told: list[int] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.organ.database

    @property
    def ceremony(self) -> Ceremony:
        """What tabulators go through, as it is begun anew by each process."""
        return Ceremony(self.database, lambda: self.organ.now)

    async def vote(self, number: str, words: str = "", fair: str = "4", open: str = "2") -> bool:
        """What the page does with a ballot that is handed in."""
        keys = self.database.vault
        tag = keys.tag(self.round.id, self.person[number])
        if tag is None:
            return False
        given = {"/data/fair": fair, "/data/open": open, **({"/data/words": words} if words else {})}
        plain = json.dumps({"a": given, "b": [int(number[0]) - 1] if self.round.secrecy.breakdowns else []})
        async with self.database.reading() as store:
            return await store.ballots.cast(
                self.round.id, tag, keys.seal(bytes.fromhex(self.round.secrecy.box), plain.encode())
            )

    async def close(self) -> None:
        """HR closes the round, and the clock goes on."""
        await self.organ.order(office.close_round, OneRound(self.round.id))
        await self.tick()

    async def tick(self) -> None:
        """The clock's door for rounds that have ended."""
        await self.organ.tick(clock_count.finish_count)

    async def unlock(self, number: str, words: str = "") -> Count | None:
        """A tabulator unlocks the round; the count where that was the last key."""
        _, count = await self.ceremony.unlock(self.round.id, number, words or WORDS[number], self.told.append)
        return count

    async def count(self) -> Count:
        """How far the counting is."""
        async with self.database.reading() as store:
            found = await store.counts.count(self.round.id)
        assert found
        return found

    async def stage(self) -> CountStage:
        """The same, in a word."""
        return (await self.count()).stage

    async def ballots(self) -> list[bytes]:
        """All there are."""
        async with self.database.reading() as store:
            return [one for some in [batch async for batch in store.ballots.read(self.round.id)] for one in some]

    def files(self) -> set[str]:
        """What lies in the directory of keys."""
        return {path.suffix[1:] for path in self.database.vault.directory.glob("round-*")}


async def organ_with_tabulators(database: Database, *tabulators: str, made: Callable[[], Form] = questions) -> Organ:
    """Two units with eight people each, all with an account, and these tabulators enrolled."""
    async with database.transaction() as store:
        for code, name in UNITS.items():
            await store.people.put_unit(code, name, None)
        lines = [RosterLine(one, f"某{one}", one[0], PostClass.GENERAL, Level.STAFF, roles=ROLES[one]) for one in STAFF]
        await store.people.put_people(lines, date(2026, 1, 1))
        for one in await store.people.people():
            account = (await store.people.recognise([("webchat", f"at-{one.number}")]))["webchat", f"at-{one.number}"][
                0
            ]
            await store.people.bind(account.id, one.id)
        plain = to_plain(made())
        kept = await store.surveys.put_questionnaire("climate", {"zh_CN": "组织氛围"}, plain, digest(plain))
    organ = Organ(database, kept)
    for number in tabulators:
        await enrol(organ, number)
    return organ


async def invite(organ: Organ, number: str) -> office_staff.Enrolment:
    """Somebody is to become a tabulator, by a secret of their own."""
    clerk = replace(organ.clerk(), draw=token_bytes)
    async with organ.database.transaction() as store:
        return await office_staff.add_tabulator(office_staff.OneTabulator(number), clerk, store)


async def enrol(organ: Organ, number: str) -> str:
    """Somebody becomes a tabulator; the recovery key."""
    added = await invite(organ, number)
    ceremony = Ceremony(organ.database, lambda: organ.now)
    _, recovery = await ceremony.enrol(added.secret, WORDS[number], WORDS[number])
    await ceremony.finish(number, recovery, recovery[-4:], WORDS[number])
    return recovery


async def urn_on(database: Database, *tabulators: str, **plan: object) -> Urn:
    """The organ, and the round open."""
    organ = await organ_with_tabulators(database, *(tabulators or (FIRST, SECOND, THIRD)))
    return await opened(organ, **plan)


async def opened(organ: Organ, **plan: object) -> Urn:
    """One more round, drafted, approved and opened."""
    round = await organ.planned(anonymous=True, closes=START + CLOSES, **plan)
    await approve(organ, round)
    await organ.order(office.open_round, OneRound(round.id))
    async with organ.database.reading() as store:
        kept = await store.surveys.round(round.id)
        people = {one.number: one.id for one in await store.people.people()}
    assert kept
    return Urn(organ, kept, people)


async def approve(organ: Organ, round: Round) -> None:
    """A second person approves it."""
    async with organ.database.transaction() as store:
        await office_changes.approve_round(OneRound(round.id), organ.clerk("周主任"), store)
