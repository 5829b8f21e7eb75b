"""A25. What the logs say when everything goes wrong.

*What the attacker has:* the log of a process in which every logger speaks at DEBUG, and PostgreSQL's own log, in which
somebody has switched on everything: each statement, its time, its parameters, also of what failed. *What he does:* he
sees to it that everything fails once: each door an anonymous round goes through, each step below it, the database, the
channel; with exceptions that say all they know. *What he looks for:* the bot's token, a browser's, an API's; a ticket;
a body, an answer or a comment; a passphrase, a recovery key, a tabulator's private key, the tag key, the box key. *What
must hold:* nothing of it is in either log. (Sealed ballots and opaque tags are in PostgreSQL's then, as in its tables;
and comments once they are released.)
"""

import asyncio
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from storage import vault
from storage.database import Database
from storage.vault import Vault
from tests.attacks.besieged import Siege, besieged
from tests.attacks.looking import Sought, key_shapes, shapes
from tests.attacks.troubled import ALL
from tests.conftest import Postgres

pytestmark = pytest.mark.timeout(300)

FIRST, SECOND = "seven canaries in a coal mine 25a2", "a lamp that no miner carries 253c"
FORGOTTEN = "a lamp that every miner carries 25e0"
TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
    "log_min_messages": "debug1",
}


@pytest.fixture
def server_log(kind: str, request: pytest.FixtureRequest, database_url: str) -> Iterator[Path | None]:
    """PostgreSQL's log, in which everything is said of this database from now on."""
    if kind == "sqlite":
        yield None
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = make_url(database_url).database
    for setting, value in TALKATIVE.items():
        postgres.run(f"ALTER DATABASE {name} SET {setting} = '{value}'")
    yield Path(postgres.server.log)
    postgres.run(f"ALTER DATABASE {name} RESET ALL")


async def the_keys(siege: Siege, url: str, tag_key: bytes, box_file: Path) -> dict[str, bytes]:
    """All that was secret and is bytes: what only the two tabulators could have made of it, and the tag key."""
    database = Database(url, keys=box_file.parent)
    await database.start()
    async with database.reading() as store:
        wrapped = [one for one in await store.tabulators.all() if one.key]
    await database.stop()
    private = {}
    for one in wrapped:
        assert one.key
        private[one.person_id] = next(
            found for words in (FIRST, SECOND) if (found := vault.unlock(one.key, words)) is not None
        )
    box: object = None
    for id, key in private.items():
        box = Vault(box_file.parent).unlock_box(siege.round_id, id, key)
    assert isinstance(box, bytes)
    return {"the tag key": tag_key, "the box key": box, **{f"the key of {id}": key for id, key in private.items()}}


async def play(siege: Siege) -> None:
    """A round up to its closing: whatever is done is done until it goes well."""
    siege.patience = 2.0
    first, second = siege.tabulators

    recovery = ""
    for who, words in ((first, FIRST), (second, FORGOTTEN)):
        recovery = await siege.insist(partial(siege.enrol, who, words))
        await siege.insist(partial(siege.try_key, who, words, recovery))
    siege.marks.secrets.add(SECOND)
    renewal = {"number": second.number, "do": "renew", "recovery": recovery, "new": SECOND, "again": SECOND}
    await siege.insist(partial(siege.at_keys, **renewal))
    await siege.insist(siege.draw_up)
    await siege.insist(siege.open)
    await siege.insist(partial(siege.tap_through, siege.everybody[5]))
    in_browsers = [one for one in siege.everybody if not one.chat]
    for one in (siege.everybody[9], *in_browsers):
        await siege.insist(partial(siege.vote, one))
    for one in siege.everybody[7:9]:
        await siege.insist(partial(siege.type_in, one, "金丝雀打在聊天里的话 250b"))


async def test_no_log_tells_anything_when_everything_goes_wrong(
    database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, server_log: Path | None
) -> None:
    beside = tmp_path_factory.mktemp("troubled")
    by, copy = beside / "by", beside / "copy"
    copy.mkdir()
    begun = server_log.stat().st_size if server_log else 0
    said: list[bytes] = []

    def statements() -> bytes:
        return server_log.read_bytes()[begun:] if server_log else b""

    async with besieged(database_url, tmp_path, by, lambda _: lambda: None, "tests.attacks.troubled") as siege:
        await siege.product.doom(1)
        await play(siege)
        kept = tmp_path / "keys" / f"round-{siege.round_id}"
        tag_key = kept.with_suffix(".tag").read_bytes()
        shutil.copy(kept.with_suffix(".box"), copy)
        await siege.insist(siege.close)
        siege.see()
        said.append(statements())
        for who, words in zip(siege.tabulators, (FIRST, SECOND), strict=True):
            await siege.insist(partial(siege.unlock, who, words))
        async with asyncio.timeout(30):
            while "Ballots.erase" not in by.read_text():
                await asyncio.sleep(0.05)
        keys = await the_keys(siege, database_url, tag_key, copy / f"round-{siege.round_id}.box")
    said.append(statements())
    marks = siege.marks
    forms = {**{mark: shapes(mark) for mark in marks.secrets}, **{name: key_shapes(key) for name, key in keys.items()}}
    unshown = Sought({**forms, **{mark: shapes(mark) for mark in marks.shown}})
    log = (tmp_path / "data" / "serve.log").read_bytes()
    assert set(by.read_text().split("\n")) >= ALL
    assert log.count(b"Trouble") > 20
    assert not unshown.among(log)
    assert not Sought({mark: shapes(mark) for mark in marks.persons}).among(log)
    assert not unshown.among(said[0])
    assert not Sought(forms).among(said[1])
    assert bool(server_log) == (b"INSERT INTO" in said[1])
