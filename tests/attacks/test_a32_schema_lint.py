"""A32. Does the shape of the tables give anybody away?

The attacker reads the schema of every database, nothing else. An anonymous table must have no way to a person: no
foreign key at all, no column that could hold a time, a number that grows, a channel, an address or a language, no
default that writes one of these by itself, and no order but that of a random key. On PostgreSQL the role that keeps
ballots must have no right on any other table, no sequence, and may not become another role.

The lists are of what is allowed: a new column fails until somebody has thought about it here.
"""

import os
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from storage import vault
from storage.database import Database

ALLOWED = {
    "urns": {"round_id": "INTEGER", "is_open": "BOOLEAN"},
    "ballots": {"round_id": "INTEGER", "tag": "BLOB", "sealed": "BLOB"},
    "drafts": {"round_id": "INTEGER", "tag": "BLOB", "sealed": "BLOB"},
}
RESULTS = {
    "released": {"round_id", "place", "about", "group", "figures"},
    "remarks": {"round_id", "about", "key", "words"},
}
"""What is released stands in the main database: no time, no person, and no number a ballot has left there."""
GROWING = ("autoincrement", "rowid", "uuid", "timestamp", "datetime", "current_", "now(", "strftime", "default")
NONE = (
    "SELECT 1 FROM pg_constraint WHERE contype = 'f' AND connamespace = 'ballots'::regnamespace",
    "SELECT 1 FROM pg_class WHERE relkind IN ('S', 'v', 'm') AND relnamespace = 'ballots'::regnamespace",
    "SELECT 1 FROM information_schema.triggers WHERE trigger_schema = 'ballots'",
    "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'huiyin_ballots'",
)
"""Foreign keys, sequences and views, triggers, roles that this one may become: of all these there is none."""
POSTGRES = {"INTEGER": "bigint", "BOOLEAN": "boolean", "BLOB": "bytea"}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_file_of_ballots(database: Database, tmp_path: Path) -> None:
    async with database.reading() as store:
        await store.ballots.open(1)
    with sqlite3.connect(tmp_path / "huiyin-ballots.db") as file:
        made = dict(file.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        assert made.keys() == ALLOWED.keys()  # no index, no trigger, no other table
        for name, sql in made.items():
            plain = sql.lower().replace("without rowid", "")
            assert "without rowid" in sql.lower()
            assert not [word for word in (*GROWING, "references", "foreign") if word in plain]
            columns = {column[1]: column[2] for column in file.execute(f"PRAGMA table_info({name})")}
            assert columns == ALLOWED[name]
    with sqlite3.connect(tmp_path / "huiyin.db") as main:
        for name, columns in RESULTS.items():
            assert {column[1] for column in main.execute(f"PRAGMA table_info({name})")} == columns
            keys = {(key[2], key[3]) for key in main.execute(f"PRAGMA foreign_key_list({name})")}
            assert keys == {("rounds", "round_id")}
        [[sql]] = main.execute("SELECT sql FROM sqlite_master WHERE name = 'remarks'")
        assert "WITHOUT ROWID" in sql


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_the_schema_of_ballots(database: Database, database_url: str) -> None:
    address = urlsplit(database_url)
    connection = await asyncpg.connect(
        user="postgres", database=address.path.lstrip("/"), host=parse_qs(address.query)["host"][0]
    )
    try:
        rows = await connection.fetch(
            "SELECT table_name, column_name, data_type, column_default, is_identity FROM information_schema.columns "
            "WHERE table_schema = 'ballots'"
        )
        found: dict[str, dict[str, str]] = {}
        for table, column, kind, default, identity in rows:
            assert default is None
            assert identity == "NO"
            found.setdefault(table, {})[column] = kind
        assert found == {
            name: {column: POSTGRES[kind] for column, kind in columns.items()} for name, columns in ALLOWED.items()
        }
        for query in NONE:
            assert not await connection.fetch(query)
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = 'huiyin_ballots'")
        assert not any(
            role[right] for right in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication")
        )
        await connection.execute("SET ROLE huiyin_ballots")
        others = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert len(others) > 20
        for (table,) in others:
            for what in ("TABLE", "DELETE FROM"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"{what} public.{table}")
    finally:
        await connection.close()


def test_files_of_keys_tell_no_time(tmp_path: Path) -> None:
    key, _ = vault.new_key("a passphrase for the test")
    keys = vault.Vault(tmp_path / "keys")
    keys.open(1, {5: key.public}, [(5,)])
    files = list((tmp_path / "keys").iterdir())
    assert len(files) == 3
    for file in files:
        state = file.stat()
        assert state.st_mtime == 0
        assert state.st_mode & 0o777 == 0o600
        assert state.st_uid == os.geteuid()
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
