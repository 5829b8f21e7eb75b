"""Tokens of the REST interface."""

from storage.database import Database
from storage.records import ApiToken
from tests.storage.organ import NOW


async def test_a_token_is_found_by_its_digest(database: Database) -> None:
    token = ApiToken(b"\x00digest", "payroll", frozenset({"rounds:read", "people:write"}), NOW)
    async with database.transaction() as store:
        await store.access.put_token(token)
        await store.access.put_token(ApiToken(b"other", "none", frozenset(), NOW))
    async with database.reading() as store:
        assert await store.access.token(b"\x00digest") == token
        assert await store.access.token(b"unknown") is None
