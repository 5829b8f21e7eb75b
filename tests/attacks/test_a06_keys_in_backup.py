"""A6. Keys in a backup.

*What the attacker has:* whatever a backup takes: all files of the data directory but `keys/`, every dump, and the files
of the whole database server with its log. *What he tries:* to find a key in it: the tag key, the sealed box key, a half
that is unlocked, the box key itself; plain, in hexadecimal, in base64, or within something compressed. *What must
hold:* keys lie in the directory of keys and nowhere else, and after the closing not even there.
"""

import base64
from collections.abc import Collection
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from storage import vault
from storage.database import Database
from tests.attacks.copies import Copier
from tests.attacks.looking import found_in
from tests.conftest import Postgres
from tests.handlers.surveys.urn import FIRST, SECOND, STAFF, WORDS, Urn, urn_on


@pytest.fixture
def copies(database_url: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Copier:
    server: Postgres | None = request.getfixturevalue("postgres") if kind == "postgresql" else None
    return Copier(database_url, tmp_path / "copies", Path(server.server.pgdata) if server else None)


def forms(key: bytes) -> set[bytes]:
    """How a key may lie in a file."""
    found = {key, key.hex().encode(), key.hex().upper().encode()}
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + key)
        middle = coded[-(-offset * 8 // 6) : len(coded) - 4]
        found |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def parts(content: bytes) -> Collection[bytes]:
    """Pieces of a file of keys, each long enough to be nothing else."""
    return [content[at : at + 64] for at in range(0, max(1, len(content) - 63), 64)]


async def secrets(urn: Urn, keys: dict[str, set[bytes]]) -> None:
    """Everything that lies in the directory of keys now."""
    for path in urn.database.vault.directory.iterdir():
        keys.setdefault(path.suffix, set()).update(one for part in parts(path.read_bytes()) for one in forms(part))


async def test_keys_lie_in_their_directory_alone(database: Database, copies: Copier) -> None:
    urn = await urn_on(database, FIRST, SECOND)
    keys: dict[str, set[bytes]] = {}
    await secrets(urn, keys)
    for number in STAFF:
        assert await urn.vote(number)
    copies.take("open")
    await urn.close()
    await urn.unlock(FIRST)
    await secrets(urn, keys)
    copies.take("half")
    async with database.reading() as store:
        wrapped = {one.person_id: one.key for one in await store.tabulators.all() if one.key}
    for number in (FIRST, SECOND):
        private = vault.unlock(wrapped[urn.person[number]], WORDS[number])
        assert private
        keys[f"private of {number}"] = forms(private)
    second = vault.unlock(wrapped[urn.person[SECOND]], WORDS[SECOND])
    assert second
    box = database.vault.unlock_box(urn.round.id, urn.person[SECOND], second)
    assert isinstance(box, bytes)
    keys["the box key"] = forms(box)
    await urn.unlock(SECOND)
    copies.take("counted", whole=True)
    assert {".tag", ".box", ".spare", ".half", "the box key"} <= keys.keys()
    assert list(database.vault.directory.iterdir()) == []
    hits = {
        str(path.relative_to(copies.place)): hit
        for path in copies.place.rglob("*")
        if path.is_file() and (hit := found_in(path.read_bytes(), keys))
    }
    assert hits == {}


async def test_he_would_find_them(database: Database, tmp_path: Path) -> None:
    """The attacker's own test, in the directory of keys."""
    urn = await urn_on(database, FIRST, SECOND)
    keys: dict[str, set[bytes]] = {}
    await secrets(urn, keys)
    found = [found_in(path.read_bytes(), keys) for path in database.vault.directory.iterdir()]
    assert sorted(one for hit in found for one in hit) == [".box", ".spare", ".tag"]
    tag = (database.vault.directory / f"round-{urn.round.id}.tag").read_bytes()
    for hidden in (b"x" + tag, b"xy" + tag.hex().encode(), base64.b64encode(b"ab" + tag + b"z" * 9)):
        assert found_in(hidden, keys) == {".tag"}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_what_lies_beside_the_database(database: Database, database_url: str, tmp_path: Path) -> None:
    """A backup of the data directory that leaves out `keys/` leaves out all keys: they are in no other file."""
    urn = await urn_on(database, FIRST, SECOND)
    for number in STAFF:
        assert await urn.vote(number)
    keys: dict[str, set[bytes]] = {}
    await secrets(urn, keys)
    file = Path(make_url(database_url).database or "")
    others = [
        path for path in file.parent.rglob("*") if path.is_file() and database.vault.directory not in path.parents
    ]
    assert file in others
    assert [path.name for path in others if found_in(path.read_bytes(), keys)] == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in database.vault.directory.iterdir())
    assert database.vault.directory.stat().st_mode & 0o077 == 0
