"""A7. The order of destruction, and crashes between any two steps of it.

*What the attacker has:* the power to stop the machine at any moment, to start it again, and to call what opens ballots
at any moment. *What he tries:* to catch a state in which ballots can be read while it can still be told whose they are.
*What must hold:* while anything exists by which a ballot could be told to be somebody's (the tag key, or its sealed
copy), nothing opens the box, and no half of its key is unlocked. Killed between any two steps of opening, answering and
closing, a round is after a restart either complete or still sealed; no ballot is lost that was acknowledged, and none
is counted twice.

A round has some hundred steps that last. The nightly run dies at each of them; the quick one at every ninth.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from handlers.refusals import AlreadyDone, NotAllowed, NotFound
from handlers.surveys import office
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules import release, tallying
from storage.database import Database
from storage.records import BroadcastKind, CountStage, Half, RoundState
from tests.attacks.mortal import VOTERS
from tests.conftest import Postgres
from tests.handlers.surveys.player import START, Organ
from tests.handlers.surveys.urn import CLOSES, FIRST, SECOND, WORDS, Urn, approve, organ_with_tabulators, urn_on, weak

SOME, ALL = 9, 1


@pytest.fixture(autouse=True)
def _weak(monkeypatch: pytest.MonkeyPatch) -> None:
    weak(monkeypatch)


# Calling it too early -------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", ["tag", "spare"])
async def test_nothing_is_unlocked_while_a_trace_of_the_tag_key_exists(database: Database, left: str) -> None:
    """Also where a crash, or somebody with a copy, has left or put back one of the two."""
    urn = await urn_on(database)
    for number in VOTERS:
        assert await urn.vote(number)
    kept = {path: path.read_bytes() for path in database.vault.directory.iterdir()}
    await urn.close()
    for path, content in kept.items():
        if path.suffix == f".{left}":
            path.write_bytes(content)
    with pytest.raises(NotAllowed) as no:
        await urn.unlock(FIRST)
    assert "The key that ties ballots to people still exists" in no.value.text.message
    assert database.vault.unlock_box(urn.round.id, urn.person[FIRST], b"x" * 32) is Half.STILL_TAGGED
    assert urn.files() == {"box", left}


async def test_half_of_a_recovery_goes_with_the_tag_key(database: Database) -> None:
    """One tabulator has begun to bring back a lost tag key, the other never came: what is noted of it would give the
    tag key to the other alone."""
    urn = await urn_on(database)
    for number in VOTERS:
        assert await urn.vote(number)
    (database.vault.directory / f"round-{urn.round.id}.tag").unlink()
    await urn.ceremony.recover(urn.round.id, FIRST, WORDS[FIRST])
    assert urn.files() == {"box", "spare", "half"}
    (database.vault.directory / f"round-{urn.round.id}.spare").unlink()
    assert database.vault.has_tag_key(urn.round.id)
    await urn.close()
    assert urn.files() == {"box"}
    await urn.unlock(FIRST)
    assert await urn.unlock(SECOND)


@pytest.mark.parametrize("left", ["half", "box"])
async def test_what_a_crash_has_left_written_over_is_nothing(database: Database, left: str) -> None:
    """Killed after a file was written over with chance and before it was gone: found by dying at every step."""
    urn = await urn_on(database)
    for number in VOTERS:
        assert await urn.vote(number)
    await urn.close()
    await urn.unlock(FIRST)
    (database.vault.directory / f"round-{urn.round.id}.{left}").write_bytes(b"\xff\x00" * 90)
    assert not database.vault.has_tag_key(urn.round.id)
    if left == "box":
        with pytest.raises(NotFound):
            await urn.unlock(SECOND)
    else:
        await urn.unlock(FIRST)
        assert await urn.unlock(SECOND)


# Dying at any step ----------------------------------------------------------------------------------------


@dataclass
class Watched:
    """What a process told before it ended."""

    acknowledged: list[str] = field(default_factory=list)
    counted: int = 0
    steps: int = 0
    status: int = 0


class Cradle:
    """A process that forks mortal ones."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def live(self, **given: Any) -> Watched:
        """One of them, to its end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(given).encode() + b"\n")
        seen = Watched()
        while True:
            async with asyncio.timeout(60):
                word, _, about = (await self._process.stdout.readline()).decode().strip().partition(" ")
            match word:
                case "in":
                    seen.acknowledged.append(about)
                case "counted":
                    seen.counted = int(about)
                case "steps":
                    seen.steps = int(about)
                case "ended":
                    seen.status = int(about)
                    return seen
                case _:
                    raise AssertionError(f"it said {word!r}")


@asynccontextmanager
async def cradle(log: Path) -> AsyncIterator[Cradle]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    pipe = asyncio.subprocess.PIPE
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.attacks.mortal"), stdin=pipe, stdout=pipe, stderr=errors, env=environment
        )
        try:
            yield Cradle(process)
        finally:
            assert process.stdin
            process.stdin.close()
            await process.wait()


class Worlds:
    """As many copies as one likes of an organ with a round that is approved and not open yet."""

    def __init__(self, directory: Path, postgres: Postgres | None) -> None:
        self._directory = directory
        self._postgres = postgres
        self._first = directory / "first.db"
        self._count = 0
        self._name = postgres.create() if postgres else ""

    async def prepare(self) -> int:
        """The first one; the round's id."""
        database = Database(self._url(self._name, self._first), keys=self._directory / "unused")
        await database.start()
        await database.migrate()
        organ = await organ_with_tabulators(database, FIRST, SECOND)
        round = await organ.planned(anonymous=True, closes=START + CLOSES)
        await approve(organ, round)
        await database.stop()
        return round.id

    def another(self) -> tuple[str, Path]:
        """Where the next copy is, and its keys."""
        self._count += 1
        keys = self._directory / f"keys-{self._count}"
        if self._postgres is None:
            place = self._directory / f"world-{self._count}" / "huiyin.db"
            place.parent.mkdir()
            for file in self._first.parent.glob("first*"):
                shutil.copy(file, place.with_name(file.name.replace("first", "huiyin")))
            return self._url("", place), keys
        name = f"{self._name}w{self._count}"
        self._postgres.run(f"CREATE DATABASE {name} TEMPLATE {self._name}")
        return self._url(name, self._first), keys

    def drop(self, url: str) -> None:
        """The copy is not needed any more."""
        if self._postgres:
            self._postgres.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _url(self, name: str, file: Path) -> str:
        return self._postgres.url(name) if self._postgres else f"sqlite+aiosqlite:///{file}"


@pytest.fixture
def worlds(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Worlds:
    return Worlds(tmp_path, request.getfixturevalue("postgres") if kind == "postgresql" else None)


@pytest.mark.timeout(300)
async def test_dying_at_some_steps(worlds: Worlds, tmp_path: Path) -> None:
    await die_everywhere(worlds, tmp_path, SOME)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_dying_at_every_step(worlds: Worlds, tmp_path: Path) -> None:
    await die_everywhere(worlds, tmp_path, ALL)


async def die_everywhere(worlds: Worlds, tmp_path: Path, stride: int) -> None:
    """A life to its end tells how many steps there are; then one life for each step at which it ends."""
    round_id = await worlds.prepare()
    async with cradle(tmp_path / "log") as born:
        url, keys = worlds.another()
        whole = await born.live(url=url, keys=str(keys), round=round_id, last=0)
        assert whole.status == 0, (tmp_path / "log").read_text()[-3000:]
        assert whole.counted == len(set(VOTERS))
        assert not list(keys.iterdir())
        stages = set()
        for last in range(1, whole.steps + 1, stride):
            url, keys = worlds.another()
            seen = await born.live(url=url, keys=str(keys), round=round_id, last=last)
            assert seen.status == -9, f"step {last}: {(tmp_path / 'log').read_text()[-3000:]}"
            stages.add(await judge(url, keys, round_id, seen))
            worlds.drop(url)
    assert stages == {RoundState.PLANNED, RoundState.OPEN, *CountStage} - {CountStage.WITHHELD, CountStage.DISCARDED}


async def judge(url: str, keys: Path, round_id: int, seen: Watched) -> RoundState | CountStage:
    """What is found after the crash, and what becomes of it after the restart; how far the round was."""
    database = Database(url, keys=keys)
    await database.start()
    try:
        urn = await found(database, round_id)
        state, stage = urn.round.state, await at_rest(urn, seen)
        counted = await go_on(urn, seen)
        await complete(urn, counted or seen.counted)
        return stage if state is RoundState.CLOSED and stage else state
    finally:
        await database.stop()


async def found(database: Database, round_id: int) -> Urn:
    async with database.reading() as store:
        round = await store.surveys.round(round_id)
        people = {one.number: one.id for one in await store.people.people()}
        assert round
        organ = Organ(database, await store.surveys.questionnaire(round.questionnaire_id), START)
    return Urn(organ, round, people)


async def at_rest(urn: Urn, seen: Watched) -> CountStage | None:
    """Never both keys open; an open round has its keys and its urn; what was acknowledged is there."""
    keys, files = urn.database.vault, urn.files()
    async with urn.database.reading() as store:
        count = await store.counts.count(urn.round.id)
    tagged = keys.has_tag_key(urn.round.id)
    if tagged:
        assert "half" not in files
        assert count is None or count.stage is CountStage.SEALED
    if urn.round.state is RoundState.OPEN:
        assert {"box", "spare", "tag"} <= files
        assert count
        for number in set(seen.acknowledged):
            tag = keys.tag(urn.round.id, urn.person[number])
            async with urn.database.reading() as store:
                assert tag
                assert await store.ballots.has(urn.round.id, tag), f"the ballot of {number} is lost"
    if count and count.stage is CountStage.UNTAGGED:
        assert len(await urn.ballots()) == len(set(VOTERS))
    return count.stage if count else None


async def go_on(urn: Urn, seen: Watched) -> int:
    """The restart: what the clock, the office, the people and the tabulators do then. How many ballots were counted; 0
    where that was done before."""
    counted: list[int] = []
    if urn.round.state is RoundState.PLANNED:
        await urn.organ.order(office.open_round, OneRound(urn.round.id))
        urn = await found(urn.database, urn.round.id)
    if urn.round.state is RoundState.OPEN:
        for number in [one for one in VOTERS if one not in seen.acknowledged]:
            assert await urn.vote(number)
        assert len(await urn.ballots()) == len(set(VOTERS))
        await urn.organ.order(office.close_round, OneRound(urn.round.id))
    await urn.tick()
    with Counted(counted):
        for number in (FIRST, SECOND):
            try:
                await urn.ceremony.unlock(urn.round.id, number, WORDS[number])
            except AlreadyDone:
                """It was counted before the crash, or with the first one's half from then."""
    return sum(counted)


class Counted:
    """While it lasts, each counting puts down how many ballots it had."""

    def __init__(self, counted: list[int]) -> None:
        self._counted = counted
        self._inner = release.release

    def __enter__(self) -> None:
        def told(box: tallying.Box, *given: Any) -> Any:
            self._counted.append(sum(len(one.cells) for one in box._batches))
            return self._inner(box, *given)

        release.release = told

    def __exit__(self, *_: object) -> None:
        release.release = self._inner


async def complete(urn: Urn, counted: int) -> None:
    """Everything is released, once, of every ballot, once; and nothing is left of keys and ballots."""
    assert counted == len(set(VOTERS))
    count = await urn.count()
    assert count.stage is CountStage.RELEASED
    assert count.erased
    assert urn.files() == set()
    assert not list(urn.database.vault.directory.iterdir())
    assert await urn.ballots() == []
    async with urn.database.reading() as store:
        notices = [one for one in await store.broadcasts.of(urn.round.id) if one.kind is BroadcastKind.NOTICE]
        tables = await store.counts.released(urn.round.id)
    assert len([one for one in notices if "results" in str(one.body)]) == 1
    assert len({(one.about, one.group) for one in tables}) == len(tables)
