"""How an attacker looks for words in files: in every encoding, also base64, hexadecimal, URLs, JSON and gzip."""

import base64
import gzip
import zlib
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote


def shapes(mark: str) -> set[bytes]:
    """Every form in which the words may lie in a file."""
    found: set[bytes] = set()
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gbk"):
        plain = mark.encode(encoding)
        found |= {plain, plain.hex().encode(), plain.hex().upper().encode()}
        for offset in range(3):
            # Whatever stands before: only what is certain in the middle of base64 is looked for.
            coded = base64.b64encode(b"\0" * offset + plain)
            middle = coded[-(-offset * 8 // 6) : len(coded) - 4]
            found |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    percent = quote(mark, safe="")
    found |= {percent.encode(), percent.lower().encode(), quote(percent, safe="").encode()}
    escaped = "".join(f"\\u{ord(letter):04x}" if ord(letter) > 127 else letter for letter in mark)
    found |= {escaped.encode(), escaped.upper().replace("\\U", "\\u").encode(), escaped.replace("\\", "\\\\").encode()}
    return {one for one in found if len(one) >= 8}


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
