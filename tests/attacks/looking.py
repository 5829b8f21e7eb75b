"""How an attacker looks for words in files: in every encoding, also base64, hexadecimal, URLs, JSON and gzip."""

import base64
import gzip
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import numpy as np

PIECE = 1 << 16
"""Bytes of a file that are looked at again where one of them has changed."""
OVERLAP = 1 << 10
"""Bytes looked at before and after them: no form of a mark is longer."""


def shapes(mark: str) -> set[bytes]:
    """Every form in which the words may lie in a file."""
    found: set[bytes] = set()
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gbk"):
        plain = mark.encode(encoding)
        found |= _coded(plain)
    percent = quote(mark, safe="")
    found |= {percent.encode(), percent.lower().encode(), quote(percent, safe="").encode()}
    escaped = "".join(f"\\u{ord(letter):04x}" if ord(letter) > 127 else letter for letter in mark)
    found |= {escaped.encode(), escaped.upper().replace("\\U", "\\u").encode(), escaped.replace("\\", "\\\\").encode()}
    return {one for one in found if len(one) >= 8}


def key_shapes(key: bytes) -> set[bytes]:
    """Every form in which a key may lie in a file."""
    return {*_coded(key), repr(key[:16])[2:-1].encode()}


def _coded(plain: bytes) -> set[bytes]:
    found = {plain, plain.hex().encode(), plain.hex().upper().encode()}
    for offset in range(3):
        # Whatever stands before: only what is certain in the middle of base64 is looked for.
        coded = base64.b64encode(b"\0" * offset + plain)
        middle = coded[-(-offset * 8 // 6) : len(coded) - 4]
        found |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def found_in(content: bytes, marks: Mapping[str, Collection[bytes]]) -> set[str]:
    """The marks that lie in the bytes, also within what is compressed there."""
    whole = [content, *_unpacked(content)]
    return {mark for mark, forms in marks.items() if any(form in part for form in forms for part in whole)}


def found_in_files(directories: Iterable[Path], marks: Iterable[str]) -> dict[str, set[str]]:
    """By file, the marks in it; also where a name of a file holds one."""
    forms = {mark: shapes(mark) for mark in marks}
    hits: dict[str, set[str]] = {}
    for directory in directories:
        for file in sorted(directory.rglob("*")):
            if file.is_file() and not file.is_symlink():
                hit = found_in(file.name.encode() + b"\n" + _content(file), forms)
                if hit:
                    hits[str(file.relative_to(directory))] = hit
    return hits


class Eyes:
    """Look at the same places again and again, each time only at what has changed there since, for many marks at once.

    Every form of a mark has eight bytes or more: of each place of a file the eight bytes there are one number, which
    is looked up among the numbers the forms begin with.
    """

    def __init__(self, *places: Path) -> None:
        self._places = places
        self._forms: dict[str, set[bytes]] = {}
        self._seen: dict[Path, tuple[tuple[int, int], list[int]]] = {}

    def look(self, marks: Iterable[str]) -> dict[str, set[str]]:
        """By file, the marks in what has changed of it, or in its name."""
        for mark in marks:
            self._forms.setdefault(mark, shapes(mark))
        sought = Sought(self._forms)
        hits: dict[str, set[str]] = {}
        for place in self._places:
            for file in sorted(place.rglob("*")):
                if file.is_file() and not file.is_symlink():
                    hit = sought.among(file.name.encode().ljust(8))
                    for piece in self._changed(file):
                        hit |= sought.among(piece)
                    if hit:
                        hits.setdefault(str(file.relative_to(place)), set()).update(hit)
        return hits

    def _changed(self, file: Path) -> Iterator[bytes]:
        try:
            state = file.stat()
        except FileNotFoundError:
            return
        stamp = state.st_mtime_ns, state.st_size
        before, known = self._seen.get(file, ((0, 0), []))
        if stamp == before:
            return
        content = _content(file)
        pieces = [hash(content[at : at + PIECE]) for at in range(0, len(content), PIECE)]
        self._seen[file] = stamp, pieces
        for number, piece in enumerate(pieces):
            if piece != (known[number] if number < len(known) else None):
                yield content[max(0, number * PIECE - OVERLAP) : (number + 1) * PIECE + OVERLAP]


class Sought:
    """All forms of all marks, by their first eight bytes."""

    def __init__(self, marks: Mapping[str, Collection[bytes]]) -> None:
        self._by_head: dict[int, list[tuple[bytes, str]]] = {}
        for mark, forms in marks.items():
            for form in forms:
                self._by_head.setdefault(int.from_bytes(form[:8], "little"), []).append((form, mark))
        self._heads = np.array(sorted(self._by_head), dtype="<u8")
        self._ends = np.zeros(1 << 16, dtype=bool)
        self._ends[self._heads & 0xFFFF] = True

    def among(self, content: bytes) -> set[str]:
        """The marks that lie in the bytes, also within what is compressed there."""
        return {mark for part in (content, *_unpacked(content)) for mark in self._plainly(part)}

    def _plainly(self, content: bytes) -> Iterator[str]:
        for offset in range(min(8, len(content) - 7)):
            numbers = np.frombuffer(content, "<u8", (len(content) - offset) // 8, offset)
            likely = np.flatnonzero(self._ends[numbers & 0xFFFF])
            found = likely[np.isin(numbers[likely], self._heads)]
            for place in found.tolist():
                for form, mark in self._by_head[int(numbers[place])]:
                    if content.startswith(form, offset + 8 * place):
                        yield mark


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""  # a server that runs has just thrown it away


def _unpacked(content: bytes) -> Iterable[bytes]:
    """What is in every gzip stream that begins somewhere."""
    at = content.find(b"\x1f\x8b\x08")
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(content[at:], 1 << 24)
        at = content.find(b"\x1f\x8b\x08", at + 1)


def hidden_in(mark: str) -> list[bytes]:
    """The words as they may be hidden: what `found_in` must find, each of them (for the attacker's own test)."""
    return [
        f"x{mark}x".encode(),
        f"x{mark}x".encode("utf-16-le"),
        mark.encode("gbk"),
        *(base64.b64encode(f"{'a' * n}{mark} and on".encode()) for n in range(4)),
        mark.encode().hex().encode(),
        quote(mark).encode(),
        b"\0\1" + gzip.compress(mark.encode()) + b"\2",
        f'"{mark}"'.encode("ascii", "backslashreplace"),
    ]
