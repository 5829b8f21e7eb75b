"""The only place that knows cryptography: tabulators' keys, a round's two keys, sealed ballots and drafts.

A round has two keys, both born when it opens and both outside every database and backup, in one directory:

* the **tag key** K makes a person's opaque tag, and the tickets of links. It is gone before anything is read;
* the **box key** R reads ballots. Its private half exists only sealed to two tabulators, one inside the other.

Everything is libsodium's: X25519 sealed boxes, XChaCha20-Poly1305, BLAKE2b, Argon2id. To put SM2, SM3 and SM4
in their place, this module alone changes. Design: the double envelope, as with a postal vote.
"""

import base64
import json
import os
import secrets
import stat
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

from nacl import pwhash
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead
from nacl.utils import random

from storage.records import LARGEST_BALLOT, Half, Ticket, WrappedKey

SIZES = (512, 2048, LARGEST_BALLOT + 4)
"""Bytes of a ballot before it is sealed: all ballots of a round are filled up to the same one of these, so that none is
told by its length; drafts always to the last."""
_RECOVERY = 20
"""Random bytes of a printed recovery key: 160 bits, in base 32."""
_GROUP = 4
"""Of its characters so many stand together."""
_SALT = pwhash.argon2id.SALTBYTES
_EFFORT, _MEMORY = pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE
"""Argon2id with 3 passes over 256 MiB: about half a second, which a guesser pays each time."""


def new_key(passphrase: str) -> tuple[WrappedKey, str]:
    """A tabulator's new key pair, its private half wrapped by the passphrase, and by the recovery key returned beside
    it, which is to be printed and kept nowhere. Takes about a second: call it in a thread."""
    private = PrivateKey.generate()
    recovery = _printed(base64.b32encode(random(_RECOVERY)).decode())
    return WrappedKey(bytes(private.public_key), _wrap(bytes(private), passphrase), _spare(private, recovery)), recovery


def decoy() -> WrappedKey:
    """A key no passphrase opens: trying it takes as long as trying one of somebody."""
    return WrappedKey(b"", random(_SALT + 72), random(72))


def unlock(key: WrappedKey, passphrase: str) -> bytes | None:
    """The private half; None where the passphrase is wrong. Takes about half a second: call it in a thread."""
    salt, sealed = key.wrapped[:_SALT], key.wrapped[_SALT:]
    return _opened(_stretched(passphrase, salt), sealed, b"tabulator")


def renewed(key: WrappedKey, recovery: str, passphrase: str) -> WrappedKey | None:
    """The same key under a new passphrase, by its printed recovery key; None where that is not the one."""
    private = _opened(_from_recovery(recovery), key.spare, b"recovery")
    return WrappedKey(key.public, _wrap(private, passphrase), key.spare) if private else None


def padded(plain: bytes, room: int = SIZES[-1]) -> bytes:
    """The bytes, filled up to `room`. Raises ValueError where they do not fit."""
    if len(plain) + 4 > room:
        raise ValueError("too long for a ballot")
    return (struct.pack(">I", len(plain)) + plain).ljust(room, b"\0")


def unpadded(filled: bytes) -> bytes:
    """What `padded` filled up."""
    return filled[4 : 4 + struct.unpack(">I", filled[:4])[0]]


def room_for(most: int) -> int:
    """The size that ballots of at most so many bytes are filled up to."""
    return next((size for size in SIZES if most + 4 <= size), SIZES[-1])


def seal(box: bytes, plain: bytes, room: int = SIZES[-1]) -> bytes:
    """A ballot that only the private half of the round's box key can read, filled up to `room`. Raises ValueError
    where it does not fit."""
    return bytes(SealedBox(PublicKey(box)).encrypt(padded(plain, room)))


def read(box_key: bytes, sealed: Iterable[bytes]) -> list[bytes]:
    """The ballots. Raises ValueError where one was not sealed to this key."""
    opener = SealedBox(PrivateKey(box_key))
    try:
        return [unpadded(opener.decrypt(one)) for one in sealed]
    except CryptoError as error:
        raise ValueError("a ballot is not sealed to this key") from error


def opens(box_key: bytes, box: str) -> bool:
    """Is this the private half of the box key whose public half is `box`, in hex?"""
    return bytes(PrivateKey(box_key).public_key).hex() == box


class Vault:
    """The keys of rounds, each a file in one directory; the directory is made when the first round opens."""

    seal = staticmethod(seal)
    room_for = staticmethod(room_for)
    read = staticmethod(read)
    opens = staticmethod(opens)

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    # Opening ----------------------------------------------------------------------------------------------

    def open(self, round_id: int, tabulators: Mapping[int, bytes], pairs: Sequence[tuple[int, ...]]) -> bytes:
        """Makes both keys of a round, and returns the public half of the box key. Durable when this returns.

        `tabulators`: public keys by id; `pairs`: who may unlock together (each in any order). Opening again, as after
        a crash before the round was open, makes new keys.
        """
        private, tag_key = PrivateKey.generate(), random(32)
        self._write(round_id, "box", _nested(bytes(private), pairs, tabulators))
        self._write(round_id, "spare", _nested(tag_key, pairs, tabulators))
        self._write(round_id, "tag", tag_key)
        return bytes(private.public_key)

    def has_tag_key(self, round_id: int) -> bool:
        """Does anything exist by which a ballot could be told to be somebody's?"""
        kept = any(self._path(round_id, kind).exists() for kind in ("tag", "spare"))
        return kept or self._half(round_id, "spare") is not None

    def is_ready(self, round_id: int) -> bool:
        """Can tickets be made: is the tag key at hand?"""
        return self._path(round_id, "tag").exists()

    def has_box_key(self, round_id: int) -> bool:
        """Is the sealed box key still there?"""
        return self._path(round_id, "box").exists()

    def pairs(self, round_id: int) -> list[tuple[int, ...]]:
        """Who may unlock the box together, each pair once; none where the sealed box key is not there."""
        orders = (tuple(map(int, order.split("-"))) for order in _plain(self._read(round_id, "box")))
        return sorted({tuple(sorted(one)) for one in orders})

    # Answering --------------------------------------------------------------------------------------------

    def tag(self, round_id: int, person_id: int) -> bytes | None:
        """The opaque tag of a person in a round; None where the tag key is lost or destroyed."""
        key = self._read(round_id, "tag")
        return _derived(key, b"ballot", struct.pack(">QQ", round_id, person_id)) if key else None

    def issue(self, round_id: int, ticket: Ticket, until: datetime) -> str | None:
        """What a link carries in its fragment: the ticket, sealed; None where the tag key is gone. Nobody keeps it."""
        key = self._read(round_id, "tag")
        if not key:
            return None
        plain = struct.pack(">Q32sB", int(until.timestamp()), ticket.tag, len(ticket.bands)) + bytes(ticket.bands)
        return base64.urlsafe_b64encode(_closed(_derived(key, b"ticket"), plain, _aad(round_id))).decode().rstrip("=")

    def redeem(self, round_id: int, link: str, now: datetime) -> Ticket | None:
        """The ticket in a link; None where it is forged, expired, of another round, or the tag key is gone."""
        key = self._read(round_id, "tag")
        if not key:
            return None
        try:
            sealed = base64.urlsafe_b64decode(link.encode() + b"=" * (-len(link) % 4))
        except ValueError:
            return None
        plain = _opened(_derived(key, b"ticket"), sealed, _aad(round_id))
        if plain is None:
            return None
        until, tag, count = struct.unpack(">Q32sB", plain[:41])
        return Ticket(tag, tuple(plain[41 : 41 + count])) if now.timestamp() < until else None

    def hide(self, round_id: int, tag: bytes, draft: bytes) -> tuple[bytes, bytes] | None:
        """Under which key a draft is kept, and the draft, sealed; None where the tag key is gone. Raises ValueError
        beyond `LARGEST_BALLOT`."""
        key = self._read(round_id, "tag")
        if not key:
            return None
        return _derived(key, b"draft", tag), _closed(_derived(key, b"draft key", tag), padded(draft), _aad(round_id))

    def show(self, round_id: int, tag: bytes, sealed: bytes) -> bytes | None:
        """The draft that `hide` sealed; None where the tag key is gone or it is another's."""
        key = self._read(round_id, "tag")
        plain = _opened(_derived(key, b"draft key", tag), sealed, _aad(round_id)) if key else None
        return unpadded(plain) if plain is not None else None

    def draft_key(self, round_id: int, tag: bytes) -> bytes | None:
        """Under which key the draft of this tag is kept."""
        key = self._read(round_id, "tag")
        return _derived(key, b"draft", tag) if key else None

    # Closing ----------------------------------------------------------------------------------------------

    def destroy_tag_key(self, round_id: int) -> None:
        """From now on no ballot can be told to be anybody's. Doing it again does nothing."""
        if self._half(round_id, "spare"):
            self._shred(round_id, "half")
        self._shred(round_id, "spare")
        self._shred(round_id, "tag")

    def destroy_box_key(self, round_id: int) -> None:
        """From now on no ballot can be read. Doing it again does nothing."""
        self._shred(round_id, "half")
        self._shred(round_id, "box")

    def unlock_box(self, round_id: int, tabulator_id: int, private: bytes) -> bytes | Half:
        """What a tabulator's private half does: the first one's is noted, the second one's gives the box key.

        Half.STILL_TAGGED: the tag key exists, nothing is opened; Half.LOST: the sealed box key is not there;
        Half.NOT_ALLOWED: this tabulator was none when the round opened, or may not unlock with the one who was first;
        Half.FIRST: noted, the other one is needed.
        """
        if self.has_tag_key(round_id):
            return Half.STILL_TAGGED
        return self._unlock(round_id, "box", tabulator_id, private)

    def first(self, round_id: int) -> int | None:
        """The id of the tabulator whose half of unlocking the box is noted; None where nobody's is."""
        half = self._half(round_id, "box")
        return half[0] if half else None

    def recover_tag_key(self, round_id: int, tabulator_id: int, private: bytes) -> Half:
        """The same for a tag key that was lost while the round is open, as by a restart of a machine that keeps it in
        memory: Half.DONE when it is there again."""
        if self.is_ready(round_id):
            return Half.DONE
        found = self._unlock(round_id, "spare", tabulator_id, private)
        if isinstance(found, Half):
            return found
        self._write(round_id, "tag", found)
        self._shred(round_id, "half")
        return Half.DONE

    def bundle(self, round_id: int) -> bytes | None:
        """The sealed keys of a round, to be kept by the tabulators elsewhere; None where they are not there."""
        parts = {kind: self._read(round_id, kind) for kind in ("box", "spare")}
        if not all(parts.values()):
            return None
        plain = {kind: base64.b64encode(part or b"").decode() for kind, part in parts.items()}
        return json.dumps({"round": round_id, **plain}).encode()

    @staticmethod
    def bundled(bundle: bytes) -> int | None:
        """The id of the round whose sealed keys these are; None where this is no bundle."""
        return found[0] if (found := _unbundled(bundle)) else None

    def take_back(self, bundle: bytes, *, spare: bool) -> None:
        """Puts what is lost of a round's sealed keys back into the directory; its sealed tag key only where `spare`:
        after the closing it must not come back. What is no bundle changes nothing."""
        if not (found := _unbundled(bundle)):
            return
        for kind, part in found[1].items():
            if (spare or kind != "spare") and not self._path(found[0], kind).exists():
                self._write(found[0], kind, part)

    def troubles(self, data_dir: Path) -> tuple[list[str], list[str]]:
        """What is wrong with the directory (rights, owner), and what is only advised: another volume than that of the
        database and its backups."""
        wrong: list[str] = []
        if not self.directory.exists():
            return [], []
        state = self.directory.stat()
        if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            wrong.append(f"Others may look into {self.directory}: run `chmod 700 {self.directory}`.")
        if state.st_uid != os.geteuid():
            wrong.append(f"{self.directory} belongs to another user: give it to the one this runs as.")
        for file in sorted(self.directory.iterdir()):
            if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                wrong.append(f"Others may read {file}: run `chmod 600 {file}`.")
        if not data_dir.exists() or data_dir.stat().st_dev != state.st_dev:
            return wrong, []
        advice = f"The keys of anonymous rounds lie on the same volume as the data ({self.directory}): "
        return wrong, [
            f"{advice}set HUIYIN_KEYS_DIR to a volume of its own (tmpfs or encrypted) that no backup takes in."
        ]

    # Files ------------------------------------------------------------------------------------------------

    def _unlock(self, round_id: int, kind: str, tabulator_id: int, private: bytes) -> bytes | Half:
        content = self._read(round_id, kind)
        if content is None:
            return Half.LOST
        try:
            return self._open(round_id, kind, content, tabulator_id, private)
        except CryptoError:
            return Half.NOT_ALLOWED  # another key of the same person, enrolled after the opening
        except ValueError:
            return Half.LOST  # what is there is no sealed key any more

    def _open(self, round_id: int, kind: str, content: bytes, tabulator_id: int, private: bytes) -> bytes | Half:
        sealed = {
            tuple(map(int, order.split("-"))): base64.b64decode(box) for order, box in json.loads(content).items()
        }
        if (tabulator_id,) in sealed:
            return _unsealed(private, sealed[tabulator_id,])
        half = self._half(round_id, kind)
        if half and half[0] != tabulator_id:
            if tabulator_id not in half[1]:
                return Half.NOT_ALLOWED
            return _unsealed(private, half[1][tabulator_id])
        mine = {order[1]: _unsealed(private, box) for order, box in sealed.items() if order[0] == tabulator_id}
        if not mine:
            return Half.NOT_ALLOWED
        others = {str(other): base64.b64encode(box).decode() for other, box in mine.items()}
        self._write(round_id, "half", json.dumps({"of": kind, "by": tabulator_id, "for": others}).encode())
        return Half.FIRST

    def _half(self, round_id: int, kind: str) -> tuple[int, dict[int, bytes]] | None:
        plain = _plain(self._read(round_id, "half"))
        if plain.get("of") != kind:
            return None
        return plain["by"], {int(other): base64.b64decode(box) for other, box in plain["for"].items()}

    def _path(self, round_id: int, kind: str) -> Path:
        return self.directory / f"round-{round_id}.{kind}"

    def _read(self, round_id: int, kind: str) -> bytes | None:
        try:
            return self._path(round_id, kind).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, round_id: int, kind: str, content: bytes) -> None:
        """Whole or not at all, and on the disk when this returns; the file tells no time."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(round_id, kind)
        fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.utime(fresh, (0, 0))
        fresh.replace(path)
        self._sync()

    def _shred(self, round_id: int, kind: str) -> None:
        """The file and what a crash left of writing it, written over and gone from the disk when this returns."""
        path = self._path(round_id, kind)
        for found in (path, *self.directory.glob(f".{path.name}-*")):
            if found.exists():
                with found.open("r+b") as file:
                    file.write(random(found.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
                found.unlink()
                self._sync()

    def _sync(self) -> None:
        directory = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _plain(content: bytes | None) -> dict[str, Any]:
    """What is in a file; nothing where it is not there, or a crash has left it written over and not yet gone."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unbundled(bundle: bytes) -> tuple[int, dict[str, bytes]] | None:
    try:
        plain = json.loads(bundle)
        return int(plain["round"]), {kind: base64.b64decode(plain[kind]) for kind in ("box", "spare")}
    except (ValueError, KeyError, TypeError):
        return None


# Cryptography ---------------------------------------------------------------------------------------------


def _nested(secret: bytes, pairs: Sequence[tuple[int, ...]], tabulators: Mapping[int, bytes]) -> bytes:
    """The secret once for each order of each pair: sealed to the last, that to the one before."""
    sealed = {}
    for order in (order for pair in pairs for order in permutations(pair)):
        content = secret
        for one in reversed(order):
            content = bytes(SealedBox(PublicKey(tabulators[one])).encrypt(content))
        sealed["-".join(map(str, order))] = base64.b64encode(content).decode()
    return json.dumps(sealed).encode()


def _unsealed(private: bytes, sealed: bytes) -> bytes:
    return bytes(SealedBox(PrivateKey(private)).decrypt(sealed))


def _derived(key: bytes, purpose: bytes, about: bytes = b"") -> bytes:
    return bytes(blake2b(about, key=key, person=purpose, encoder=RawEncoder))


def _aad(round_id: int) -> bytes:
    return struct.pack(">Q", round_id)


def _closed(key: bytes, plain: bytes, about: bytes) -> bytes:
    return bytes(Aead(key).encrypt(plain, about))


def _opened(key: bytes, sealed: bytes, about: bytes) -> bytes | None:
    try:
        return bytes(Aead(key).decrypt(sealed, about))
    except (CryptoError, ValueError):
        return None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return bytes(pwhash.argon2id.kdf(Aead.KEY_SIZE, passphrase.encode(), salt, _EFFORT, _MEMORY))


def _wrap(private: bytes, passphrase: str) -> bytes:
    salt = random(_SALT)
    return salt + _closed(_stretched(passphrase, salt), private, b"tabulator")


def _spare(private: PrivateKey, recovery: str) -> bytes:
    return _closed(_from_recovery(recovery), bytes(private), b"recovery")


def _printed(recovery: str) -> str:
    """In groups, so that it can be read aloud and typed."""
    return "-".join(recovery[at : at + _GROUP] for at in range(0, len(recovery), _GROUP))


def _from_recovery(recovery: str) -> bytes:
    """The key a recovery key stands for, however it was typed."""
    plain = "".join(recovery.split()).replace("-", "").upper()
    return bytes(blake2b(plain.encode(), person=b"recovery", encoder=RawEncoder))
