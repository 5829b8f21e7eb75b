"""Pictures and files that are answers: under which name they are kept, and which are still in use."""

import hashlib
from collections.abc import Iterator
from pathlib import PurePath

from handlers.talk import File
from storage.records import Sheet, Upload


def upload(round_id: int, person_id: int, question: str, file: File) -> Upload:
    """What is kept. Its name says to which question it is the answer, and is this person's alone: `photo-1f….jpg`."""
    digest = hashlib.sha256(f"{round_id}:{person_id}:".encode() + file.content).hexdigest()[:12]
    return Upload(round_id, f"{question}-{digest}{PurePath(file.name).suffix}", person_id, file.mime, file.content)


def in_use(sheet: Sheet) -> frozenset[str]:
    """Every text on the sheet, answers put aside and those handed in before among them: no upload so named may go."""
    return frozenset(_texts(dict(sheet.state)))


def _texts(plain: object) -> Iterator[str]:
    match plain:
        case str():
            yield plain
        case dict():
            for value in plain.values():
                yield from _texts(value)
        case list() | tuple():
            for value in plain:
                yield from _texts(value)
