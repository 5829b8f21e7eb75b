"""Knocks at a page door, in a transaction of its own."""

from typing import Any

from handlers import doors
from handlers.doors import Guest
from storage.database import Database


async def visit(database: Database, guest: Guest, name: str, /, **fields: Any) -> Any:
    """What the page door `name` answers a guest. Raises Refusal or Unavailable."""
    window = doors.pages()[name]
    async with database.transaction() if window.writes else database.reading() as store:
        return await window.door(window.order(**fields), guest, store)
