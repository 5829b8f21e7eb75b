"""What an attacker with the database in his hands sees past the product: rows, where they lie, what wrote them."""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table, all rows in the order in which they lie, each with all its columns; on PostgreSQL also `ctid`, `xmin`."""


@dataclass(frozen=True)
class Loot:
    """A database, opened by somebody who has its files or its superuser."""

    url: str

    @property
    def is_file(self) -> bool:
        """SQLite, in two files."""
        return self.url.startswith("sqlite")

    @property
    def files(self) -> list[Path]:
        """The files of a SQLite database."""
        path = Path("/" + urlsplit(self.url).path.lstrip("/"))
        return [path, path.with_name(f"{path.stem}-ballots{path.suffix}")]

    async def rows(self, *tables: str) -> Rows:
        """Everything, or these tables."""
        return self._of_files(tables) if self.is_file else await self._of_server(tables)

    def _of_files(self, wanted: Sequence[str]) -> Rows:
        found: dict[str, list[dict[str, Any]]] = {}
        for file in self.files:
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
                connection.row_factory = sqlite3.Row
                names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for name in [name for (name,) in names if not wanted or name in wanted]:
                    found[name] = [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]
            connection.close()
        return found

    async def _of_server(self, wanted: Sequence[str]) -> Rows:
        async with self.connected() as connection:
            tables = await connection.fetch(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'ballots')"
            )
            return {
                name: [
                    dict(row)
                    for row in await connection.fetch(
                        f'SELECT ctid::text, xmin::text::bigint AS xmin, * FROM {schema}."{name}" ORDER BY ctid'
                    )
                ]
                for schema, name in tables
                if not wanted or name in wanted
            }

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Any]:
        """The superuser's connection to a PostgreSQL database."""
        address = urlsplit(self.url)
        name, host = address.path.lstrip("/"), parse_qs(address.query)["host"][0]
        connection = await asyncpg.connect(user="postgres", database=name, host=host)
        try:
            yield connection
        finally:
            await connection.close()

    async def places(self, words: Sequence[str]) -> list[int]:
        """Where comments lie, one number each: the byte in the file, or page and line of the table. No two begin with
        the same 18 characters; what is longer may go on elsewhere."""
        if self.is_file:
            log = self.files[0].with_name(f"{self.files[0].name}-wal")
            content = self.files[0].read_bytes() + (log.read_bytes() if log.exists() else b"")
            found = [content.rfind(one[:18].encode()) for one in words]
            assert min(found) >= 0
            return found
        async with self.connected() as connection:
            lies = {row["words"]: row["ctid"] for row in await connection.fetch("SELECT ctid, words FROM remarks")}
        return [lies[one][0] * 10_000 + lies[one][1] for one in words]
