"""A1. Canaries: everything anybody says or is called is marked, and looked for in every file there is.

*What the attacker has:* the machine, switched off at any moment: the databases with their logs (PostgreSQL's whole
directory), the directory of keys, the log of a process that logs at DEBUG, its temporary files. The process is killed
(-9) more than twenty times, while a round opens, between and in the middle of requests that answer it, while words are
typed beside it, while people are reminded, while it closes, and while two tabulators unlock it. *What he tries:* to
find an answer, a comment, a ticket, a passphrase, a recovery key or a browser's token: as it is, in UTF-16, in GBK, in
base64, in hexadecimal, in a URL, escaped, compressed. *What must hold:* none is anywhere, ever, but for comments once
they are released. Who somebody is stands in the main database alone: not beside the ballots, not with the keys, not
beside a result, and in no log.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.attacks.besieged import EACH, REMINDED, Marks, Siege, besieged
from tests.attacks.files import Loot
from tests.attacks.looking import Eyes
from tests.attacks.world import START
from tests.conftest import Postgres

pytestmark = pytest.mark.timeout(300)

FIRST, SECOND = "seven canaries in a coal mine 91a2", "a lamp that no miner carries 5d3c"
FORGOTTEN = "a lamp that every miner carries 77e0"
NAMELESS = ("ballots", "drafts", "urns", "counts", "released", "remarks")
"""Tables in which nobody is named, but in `counts` those who have opened the ballots."""
MAIN = ("huiyin.db", "huiyin.db-wal", "huiyin.db-shm")


class Watch:
    """Looks, and says what is where it must not be. `released`: comments may be in the main database now."""

    def __init__(self, marks: Marks, lies: Path, server: Path | None) -> None:
        self.marks = marks
        self.released = False
        self.times = 0
        self._process = Eyes(lies)
        self._server = Eyes(server) if server else None
        self.found: set[str] = set()
        self.openers: set[str] = set()

    def look(self) -> None:
        """At every file."""
        self.times += 1
        lying = self._process.look(self.marks)
        wrong = {file: self._wrong(marks, main=file in MAIN) for file, marks in lying.items()}
        if self._server:
            served = self._server.look(self.marks)
            wrong |= {file: self._wrong(marks, main=file != "log") for file, marks in served.items()}
            lying |= served
        self.found = self.found.union(*lying.values())
        assert not {file: marks for file, marks in wrong.items() if marks}

    def _wrong(self, marks: set[str], *, main: bool) -> set[str]:
        fine = self.marks.persons | self.marks.choices if main else set()
        return marks - fine - (self.marks.shown if main and self.released else set())

    async def look_at_rows(self, loot: Loot) -> None:
        """The same row by row, where neither a page nor a way of compressing hides anything."""
        rows: Mapping[str, str] = {name: repr(some) for name, some in (await loot.rows()).items()}
        for name, said in rows.items():
            there = {mark for mark in self.marks if mark in said}
            assert not there & self.marks.secrets, name
            named = there & self.marks.persons - (self.openers if name == "counts" else set())
            assert name not in NAMELESS or not named, name
            assert name == "remarks" or not there & self.marks.shown, name
            assert name in {"questionnaires", "released"} or not there & self.marks.choices, name


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest) -> Path | None:
    """Where PostgreSQL keeps its files."""
    if kind == "sqlite":
        return None
    postgres: Postgres = request.getfixturevalue("postgres")
    return Path(postgres.server.pgdata)


async def test_no_canary_is_anywhere_whenever_it_is_killed(
    database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, server: Path | None
) -> None:
    loot = Loot(database_url)
    watches: list[Watch] = []

    def watching(marks: Marks) -> Callable[[], None]:
        watches.append(Watch(marks, tmp_path, server))
        return watches[0].look

    by = tmp_path_factory.mktemp("haunted") / "by"
    async with besieged(database_url, tmp_path, by, watching) as siege:
        watch = watches[0]
        await play(siege, watch, loot)
    watch.look()
    assert siege.deaths >= 20
    assert siege.in_the_middle >= 20
    assert watch.found >= {one.name for one in siege.everybody}, "what lies there is found"
    assert watch.found & siege.marks.shown


async def play(siege: Siege, watch: Watch, loot: Loot) -> None:
    """A round, from its keys to its results."""
    first, second = siege.tabulators
    watch.openers = {first.name, second.name}
    await siege.try_key(first, FIRST, await siege.enrol(first, FIRST))
    recovery = await siege.enrol(second, FORGOTTEN)
    await siege.try_key(second, FORGOTTEN, recovery)
    siege.marks.secrets.add(SECOND)
    await siege.draw_up()
    await siege.survive(siege.open, 2, 9, 17, 21)
    await watch.look_at_rows(loot)

    tapping, *voting = siege.everybody[1:16]
    for one, steps in zip(voting, ([1], [2], [3], [4, 5], [6], [7]), strict=False):
        await siege.survive(partial(siege.vote, one), *steps)
    await watch.look_at_rows(loot)
    for one in voting[6:]:
        await siege.vote(one)
    await siege.survive(lambda: siege.tap_through(tapping), 2, 7)
    on_telegram, in_browser = siege.everybody[7], siege.everybody[8]
    await siege.survive(lambda: siege.type_in(on_telegram, "金丝雀打在聊天里的话 0b9d"), 1)
    await siege.survive(lambda: siege.type_in(in_browser, "金丝雀打在网页聊天里的话 0b9e"), 1, 2)
    await watch.look_at_rows(loot)

    await siege.until(START + REMINDED)
    await siege.survive(lambda: siege.reminded(EACH), 3)
    await siege.at_keys(number=second.number, do="renew", recovery=recovery, new=SECOND, again=SECOND)
    siege.see()

    await siege.survive(siege.close, 1, 3, 8)
    await siege.survive(lambda: siege.unlock(first, FIRST), 2)
    await siege.fall(lambda: siege.unlock(second, SECOND), 2)
    watch.released = True
    await siege.survive(lambda: siege.unlock(second, SECOND), 4, 6, 10)
    await watch.look_at_rows(loot)
    remarks = (await loot.rows("remarks"))["remarks"]
    assert len(remarks) >= 10
