"""A5. All backups, and later both passphrases.

*What the attacker has:* a copy of everything the databases had, taken at every moment of a round (the files and logs of
SQLite; dumps of PostgreSQL, and at the end the files of the whole server with its log), and after the closing the
passphrases of both tabulators, whose wrapped keys lie in the copies. Only `keys/` he does not have. *What he tries:* to
read a ballot, or to compute whose it is: with the tabulators' keys themselves, with every value of the copies taken for
the round's box key or its tag key, and with the product's own code pointed at what he has. *What must hold:* no ballot
can be read and no tag be computed. That his program would do it if he had `keys/` is shown first.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey, SealedBox

from storage import vault
from storage.database import Database
from storage.records import Half
from storage.vault import Vault
from tests.attacks.copies import Copier
from tests.conftest import Postgres
from tests.handlers.surveys.urn import FIRST, SECOND, STAFF, WORDS, Urn, urn_on

KEY = 32
"""Bytes of each key."""


@dataclass
class Attacker:
    """`ballots`: the sealed ones by their tags, out of all copies; `private`: the tabulators' keys, opened."""

    round_id: int
    people: Iterable[int]
    ballots: dict[bytes, bytes]
    private: dict[int, bytes]
    values: set[bytes]

    def readable(self) -> set[bytes]:
        """Ballots that one of the keys he has, or could have, opens."""
        found = set()
        for key in {*self.private.values(), *self.candidates()}:
            opener = SealedBox(PrivateKey(key))
            for sealed in self.ballots.values():
                try:
                    opener.decrypt(sealed)
                except CryptoError:
                    break  # all are sealed to the same key
                found.add(sealed)
        return found

    def computable(self) -> set[bytes]:
        """Tags of ballots that one of the values makes out of somebody's id."""
        about = [struct.pack(">QQ", self.round_id, person) for person in self.people]
        made = {
            bytes(blake2b(one, key=key, person=b"ballot", encoder=RawEncoder))
            for key in self.candidates()
            for one in about
        }
        return made & self.ballots.keys()

    def candidates(self) -> Iterator[bytes]:
        """Every value of the length of a key, and of longer ones the beginning, the end, and what their keys open."""
        for value in self.values:
            if len(value) >= KEY:
                yield value[:KEY]
                yield value[-KEY:]
            yield from self.opened(value)

    def opened(self, value: bytes) -> Iterator[bytes]:
        """What both tabulators' keys, one after the other, make of a value."""
        for first in self.private.values():
            for second in self.private.values():
                try:
                    inner = SealedBox(PrivateKey(first)).decrypt(value)
                    yield SealedBox(PrivateKey(second)).decrypt(inner)[:KEY]
                except (CryptoError, ValueError):
                    continue


async def a_round(urn: Urn, copies: Copier) -> dict[bytes, bytes]:
    """Everybody answers, two of them twice; the round is closed, opened, counted. A copy at every step. The ballots,
    by their tags."""
    for number in (*STAFF, STAFF[0], STAFF[9]):
        assert await urn.vote(number, words=f"the words of {number}")
        copies.take(f"voted-{len(list(copies.place.iterdir()))}")
    async with urn.database.reading() as store:
        for number in STAFF:
            tag = urn.database.vault.tag(urn.round.id, urn.person[number])
            assert tag
            assert await store.ballots.has(urn.round.id, tag)
    sealed = await urn.ballots()
    tags = sorted(urn.database.vault.tag(urn.round.id, id) or b"" for n, id in urn.person.items() if n in STAFF)
    ballots = dict(zip(tags, sealed, strict=True))
    await urn.close()
    copies.take("closed")
    await urn.unlock(FIRST)
    copies.take("half")
    await urn.unlock(SECOND)
    copies.take("counted", whole=True)
    return ballots


@pytest.fixture
def copies(database_url: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Copier:
    place = tmp_path / "copies"
    place.mkdir()
    server: Postgres | None = request.getfixturevalue("postgres") if kind == "postgresql" else None
    return Copier(database_url, place, Path(server.server.pgdata) if server else None)


async def attacker(urn: Urn, ballots: dict[bytes, bytes], values: set[bytes]) -> Attacker:
    """With the passphrases he opens the wrapped keys, which lie in his copies."""
    async with urn.database.reading() as store:
        wrapped = {one.person_id: one.key for one in await store.tabulators.all() if one.key}
    private = {}
    for number in (FIRST, SECOND):
        key = wrapped[urn.person[number]]
        assert key.wrapped in values
        opened = vault.unlock(key, WORDS[number])
        assert opened
        private[urn.person[number]] = opened
    return Attacker(urn.round.id, urn.person.values(), ballots, private, values)


async def test_with_the_keys_he_would_read_everything(database: Database, copies: Copier) -> None:
    """The attacker's own test: what lies in `keys/` while the round is open is all he lacks."""
    urn = await urn_on(database, FIRST, SECOND)
    directory = database.vault.directory
    stolen = {path.suffix: path.read_bytes() for path in directory.iterdir()}
    ballots = await a_round(urn, copies)
    values = copies.cells() | {stolen[".tag"]}
    assert (await attacker(urn, ballots, values)).computable() == ballots.keys()
    for kind in (".box", ".spare"):
        (directory / f"round-{urn.round.id}{kind}").write_bytes(stolen[kind])
    (directory / f"round-{urn.round.id}.spare").unlink()
    keys = Vault(directory)
    mine = (await attacker(urn, ballots, values)).private
    assert keys.unlock_box(urn.round.id, urn.person[FIRST], mine[urn.person[FIRST]]) is Half.FIRST
    box = keys.unlock_box(urn.round.id, urn.person[SECOND], mine[urn.person[SECOND]])
    assert isinstance(box, bytes)
    assert (await attacker(urn, ballots, values | {box})).readable() == set(ballots.values())


async def test_without_them_he_reads_nothing(database: Database, copies: Copier, tmp_path: Path) -> None:
    urn = await urn_on(database, FIRST, SECOND)
    ballots = await a_round(urn, copies)
    values = copies.cells()
    assert set(ballots.values()) <= values, "he has the ballots"
    assert ballots.keys() <= values, "he has their tags"
    he = await attacker(urn, ballots, values)
    assert he.readable() == set()
    assert he.computable() == set()
    own = Vault(tmp_path / "his")
    for number in (FIRST, SECOND):
        assert own.unlock_box(urn.round.id, urn.person[number], he.private[urn.person[number]]) is Half.LOST
    assert own.tag(urn.round.id, urn.person[FIRST]) is None
    assert await urn.ballots() == []
