"""The whole product on a port, over the database of a test, at the organ's time: what somebody outside can ask."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from bot import app, settings
from bot.app import App
from bot.visits import Visit
from handlers.surveys import tickets
from storage.database import Database
from storage.records import ApiToken, Round
from tests.fakes.voting import Voter

SCOPES = frozenset({"answers:read", "people:read", "questionnaires:read", "rounds:read", "plans:read", "audit:read"})
DESK = Visit("d" * 43)
"""The browser of somebody of the HR office."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as it came over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body in words."""
        return self.body.decode()


@dataclass
class Served:
    """The product, and whoever asks it. `chosen`: its settings, for the command line beside it."""

    database: Database
    url: str
    chosen: settings.Settings
    now: Callable[[], datetime]
    client: aiohttp.ClientSession
    tokens: list[str] = field(default_factory=list)

    async def token(self, name: str, scopes: frozenset[str]) -> Mapping[str, str]:
        """A new token of the HR backend with these scopes; the header that carries it."""
        digest = hashlib.sha256(name.encode()).digest()
        async with self.database.transaction() as store:
            await store.access.put_token(ApiToken(digest, name, scopes, self.now() + timedelta(days=1)))
        return {"Authorization": f"Bearer {name}"}

    async def officer(self, person_id: int) -> Mapping[str, str]:
        """This person sits at HR's desk in a browser; the header with its cookie."""
        async with self.database.transaction() as store:
            account = (await store.people.recognise([("webchat", DESK.address)]))["webchat", DESK.address][0]
            await store.people.bind(account.id, person_id)
        return {"Cookie": f"huiyin-desk={DESK.token}"}

    async def get(self, path: str, headers: Mapping[str, str] = {}) -> Said:
        """Asks for this address. What differs with the clock alone is left out."""
        async with self.client.get(path, headers=headers) as response:
            told = tuple(sorted((name, value) for name, value in response.headers.items() if name != "Date"))
            body = await (response.content.readany() if path.endswith("/events") else response.read())
            return Said(response.status, told, body)

    async def voter(self, round: Round, person_id: int) -> Voter:
        """Somebody on the roll at the page, with a new link."""
        async with self.database.reading() as store:
            line = await store.surveys.invitation(round.id, person_id)
            person = await store.people.person(person_id)
            assert line
            assert person
            link = await tickets.issue(round, person, line, self.now(), store)
        return Voter(cast(Any, self.client), round.id, link)


@asynccontextmanager
async def serving(
    database: Database, url: str, now: Callable[[], datetime], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """Serves it; neither clock nor courier runs, so that nothing changes by itself."""
    monkeypatch.setattr(app, "now", now)
    given = {"HUIYIN_DATA_DIR": str(directory), "HUIYIN_DATABASE_URL": url, "HUIYIN_LOCALE": "en"}
    chosen = replace(settings.read(settings.gather(given, directory)), port=0, keys_dir=database.vault.directory)
    running = App(chosen, database, demo=True)
    await running.server.start()
    address = f"http://127.0.0.1:{running.server.port}"
    try:
        async with aiohttp.ClientSession(address, cookie_jar=aiohttp.DummyCookieJar()) as client:
            yield Served(database, address, chosen, now, client)
    finally:
        await running.server.stop()
