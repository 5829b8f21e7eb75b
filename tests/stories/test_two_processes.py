"""Two processes serve from one PostgreSQL: they share the work, and one takes over what the other led."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import pytest

from bot.app import clerk, give_order
from storage.database import Database
from storage.records import Level, PostClass, RosterLine
from tests.fakes.telegram import FakeTelegram
from tests.stories.crowd import settings
from tests.stories.organ import SAMPLES, Phoenix
from tests.stories.visitor import visiting

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_CHAT = 7_310_000_000
MANY = 120
RATE = 30.0
"""Letters a second, as Telegram takes them: at this speed one letter at a time stands in doubt."""
TAKEN_OVER = 30.0
"""Seconds within which another process has taken over."""


pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def kind() -> str:
    return "postgresql"


@dataclass
class Two:
    """The two processes, the platform, and a round of `MANY` people to be opened."""

    one: Phoenix
    other: Phoenix
    fake: FakeTelegram
    url: str
    round_id: int

    async def leads(self, product: Phoenix) -> dict[str, bool]:
        """What it says it leads."""
        async with aiohttp.ClientSession() as session, session.get(f"{product.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        found = [line.split() for line in lines if line.startswith("huiyin_leads{")]
        return {name.split('"')[1]: float(value) == 1 for name, value in found}

    async def leader(self) -> tuple[Phoenix, Phoenix]:
        """The one that leads everything, and the one that leads nothing; waits until they agree."""
        async with asyncio.timeout(TAKEN_OVER):
            while True:
                one, other = await self.leads(self.one), await self.leads(self.other)
                if len(one) == 3 and all(one.values()) and not any(other.values()):
                    return self.one, self.other
                if len(other) == 3 and all(other.values()) and not any(one.values()):
                    return self.other, self.one
                await asyncio.sleep(0.05)

    async def order(self, name: str) -> None:
        """HR orders something about the round, at the command line of a third machine."""
        database = Database(self.url)
        await database.start()
        await give_order(database, clerk("hr", ZONE), name, {"round_id": self.round_id})
        await database.stop()

    async def told(self, fits: Callable[[int], bool], seconds: float = 60.0) -> None:
        """Waits until so many have been invited."""
        await self.fake.bell.until(lambda: fits(len(self.fake.sent)), "invitations", seconds)

    def doubles(self) -> int:
        """How many messages came more than once."""
        return self.fake.sent.total() - len(self.fake.sent)


async def planned(url: str, fake: FakeTelegram, many: int) -> int:
    """So many people, each with a chat, and a round of them to be opened; its id."""
    database = Database(url)
    await database.start()
    async with database.transaction() as store:
        await store.people.put_unit("u", "便民服务中心", None)
        lines = [RosterLine(f"{n:04}", f"人员{n}", "u", PostClass.SERVICE, Level.STAFF) for n in range(many)]
        await store.people.put_people(lines)
        people = await store.people.people()
        places = [("telegram", str(FIRST_CHAT + n)) for n in range(many)]
        known = await store.people.recognise(places)
        for person, place in zip(people, places, strict=True):
            await store.people.bind(known[place][0].id, person.id)
    for n in range(many):
        fake.person(FIRST_CHAT + n)
    form = SAMPLES / "self-assessment.xlsx"
    content = {"content": form.read_bytes(), "filename": form.name}
    questionnaire = await give_order(database, clerk("hr", ZONE), "add_questionnaire", content)
    plan = {"name": "第四季度", "questionnaire_id": questionnaire.id}
    drawn_up = await give_order(database, clerk("hr", ZONE), "plan_round", plan)
    await database.stop()
    return int(drawn_up.id)


@asynccontextmanager
async def two(url: str, directory: Path, **more: str) -> AsyncIterator[Two]:
    """Two that run, and the fake Telegram."""
    for name in ("one", "other"):
        (directory / name).mkdir()
    async with FakeTelegram() as fake:
        round_id = await planned(url, fake, MANY)
        given = settings(fake, TELEGRAM_RATE=str(RATE), LOG="info", **more)
        async with Phoenix(url, directory / "one", **given) as one, Phoenix(url, directory / "other", **given) as other:
            yield Two(one, other, fake, url, round_id)


async def test_the_leader_is_killed_in_the_middle_of_a_broadcast(database_url: str, tmp_path: Path) -> None:
    async with two(database_url, tmp_path) as pair:
        leader, other = await pair.leader()
        await pair.order("open_round")
        await pair.told(lambda count: count > MANY // 4)
        await leader.kill()
        killed, before = asyncio.get_running_loop().time(), len(pair.fake.sent)
        await pair.told(lambda count: count > before, TAKEN_OVER)
        await pair.told(lambda count: count == MANY)
        assert asyncio.get_running_loop().time() - killed < TAKEN_OVER
        assert all((await pair.leads(other)).values())
        assert pair.doubles() <= 1
        stranger = pair.fake.person(42)
        stranger.say("/start")  # heard by polling, which has been taken over, too
        await stranger.heard(1, TAKEN_OVER)
        await leader.start()
        assert not any((await pair.leads(leader)).values())


@asynccontextmanager
async def claiming(url: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Whoever claims letters stands still with the rows in hand, and its transaction open.

    What is given, once somebody stands so, lets the server go on.
    """
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(_STAND_STILL)
    try:
        async with asyncio.timeout(TAKEN_OVER):
            while not await connection.fetchval(_STANDING):
                await asyncio.sleep(0.01)

        async def go_on() -> None:
            await connection.execute("SELECT pg_advisory_unlock(1)")

        yield go_on
    finally:
        await connection.execute("DROP FUNCTION stand_still CASCADE")
        await connection.close()


_STAND_STILL = """
    SELECT pg_advisory_lock(1);
    CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
    CREATE TRIGGER claimed AFTER UPDATE ON letters FOR EACH ROW
        WHEN (OLD.state = 'waiting' AND NEW.state = 'sending') EXECUTE FUNCTION stand_still();
"""
_STANDING = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def test_the_leader_hangs_in_the_middle_of_a_claim_and_comes_back(database_url: str, tmp_path: Path) -> None:
    async with two(database_url, tmp_path) as pair:
        leader, other = await pair.leader()
        await pair.order("open_round")
        await pair.told(lambda count: count > MANY // 8)
        async with claiming(database_url) as go_on:
            os.kill(leader.pid, signal.SIGSTOP)
            try:
                await go_on()
                before = len(pair.fake.sent)
                assert before < MANY
                await pair.told(lambda count: count > before, TAKEN_OVER)
                await pair.told(lambda count: count == MANY, TAKEN_OVER)
                assert all((await pair.leads(other)).values())
            finally:
                os.kill(leader.pid, signal.SIGCONT)
            assert await pair.leader() == (other, leader)
            assert pair.doubles() <= 1
            assert await leader.stop() < 10
            assert pair.doubles() <= 1


async def test_a_clean_stop_hands_over_at_once(database_url: str, tmp_path: Path) -> None:
    async with two(database_url, tmp_path) as pair:
        leader, _ = await pair.leader()
        await pair.order("open_round")
        await pair.told(lambda count: count > MANY // 4)
        await leader.stop()
        stopped, before = asyncio.get_running_loop().time(), len(pair.fake.sent)
        await pair.told(lambda count: count > before, 10)
        assert asyncio.get_running_loop().time() - stopped < 6
        await pair.told(lambda count: count == MANY)
        assert not pair.doubles()


async def test_both_hear_and_answer(database_url: str, tmp_path: Path) -> None:
    """Web chats at either; what a hook brings to the one that does not lead is answered by it, too."""
    async with two(database_url, tmp_path, TELEGRAM_MODE="webhook", TELEGRAM_SECRET="s" * 20) as pair:
        leader, other = await pair.leader()
        for product in (leader, other):
            async with visiting(product.url) as visitor:
                assert await visitor.post(text="你好") == 200
                assert any(who == "bot" for who, _, _ in visitor.seen.messages)
        hook = pair.fake.delivery.hook
        assert hook is not None
        for number, product in enumerate((other, leader)):
            hook.url = f"{product.url}/hooks/telegram"
            stranger = pair.fake.person(42 + number)
            stranger.say("/start")
            await stranger.heard(1)
