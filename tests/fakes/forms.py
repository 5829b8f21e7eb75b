"""A round on a page: served on a real port, from a real database, for people who come from a chat by a link."""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any

from aiohttp import CookieJar, FormData
from aiohttp.test_utils import TestClient

from handlers import doors
from handlers.doors import Guest
from handlers.forms.form import Form, digest, to_plain
from handlers.forms.walk import answers
from handlers.surveys import office
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules import passes, sheets
from storage.database import Database
from storage.records import Clerk, Level, Person, Picture, PostClass, Role, RosterLine, Round, Sheet
from tests.fakes.pages import House, house
from tests.fakes.paging import ANSWER, Paper, read

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@dataclass
class Ward:
    """One open round of one questionnaire; `now` is what the doors are told."""

    database: Database
    house: House
    form: Form
    round: Round
    now: datetime = NOON

    async def order(self, door: doors.OfficeDoor, order: object) -> Any:
        """Has a door of the office carry something out."""
        async with self.database.transaction() as store:
            return await door(order, Clerk("hr", frozenset({Role.HR}), self.now, token_bytes), store)

    async def person(self, number: str = "0001") -> Person:
        """The person with this staff number."""
        async with self.database.reading() as store:
            found = await store.people.by_number(number)
        assert found
        return found

    async def link(self, number: str = "0001") -> str:
        """A fresh link for this person, as the chat gives it."""
        person = await self.person(number)
        key, issued = passes.issued(person.id, self.round.id, self.now, token_bytes)
        async with self.database.transaction() as store:
            await store.access.put_pass(issued, self.now)
        return f"/form/{self.round.id}?key={key}"

    async def sheet(self, number: str = "0001") -> Sheet:
        """What this person has answered so far."""
        person = await self.person(number)
        async with self.database.reading() as store:
            found = await store.surveys.sheet(self.round.id, person.id)
        assert found
        return found

    async def answers(self, number: str = "0001") -> dict[str, Any]:
        """The relevant answers of this person by path."""
        return dict(answers(self.form, sheets.walk_of(await self.sheet(number)), self.now))

    async def visitor(self, number: str = "0001", **headers: str) -> "Visitor":
        """A browser that has opened a link of this person."""
        visitor = self.stranger(**headers)
        await visitor.open(await self.link(number))
        await visitor.press("Go on")
        return visitor

    def stranger(self, **headers: str) -> "Visitor":
        """A browser nobody knows."""
        given = {"Accept-Language": "en", **headers}
        client = TestClient(self.house.server, cookie_jar=CookieJar(unsafe=True), headers=given)
        self.house.clients.append(client)
        return Visitor(client, f"/form/{self.round.id}")


@dataclass
class Visitor:
    """A browser without scripts: what stands in the fields of a page is posted by its buttons."""

    client: TestClient[Any, Any]
    place: str
    status: int = 0
    address: str = ""
    paper: Paper = None  # type: ignore[assignment]

    async def open(self, address: str = "") -> Paper:
        """Loads a page, following redirects."""
        async with self.client.get(address or self.place) as response:
            return await self._look(response)

    async def press(
        self, button: str, /, files: Mapping[str, tuple[str, bytes]] | None = None, **fields: str | list[str]
    ) -> Paper:
        """Presses the button with these words; the fields as they stand but for `fields` (by a question's name).

        `files`: name and content by the question's name; with them the form is sent in parts, as browsers do.
        """
        for name, value in fields.items():
            self.paper.enter(name, value)
        data = FormData(self.paper.posts(button), charset="utf-8", default_to_multipart=files is not None)
        for question, (filename, content) in (files or {}).items():
            data.add_field(f"{ANSWER}{self.paper.path(question)}", io.BytesIO(content), filename=filename)
        async with self.client.post(self.place, data=data) as response:
            return await self._look(response)

    async def draft(self, **fields: str | list[str]) -> tuple[int, dict[str, str]]:
        """Saves as the page's script does."""
        for name, value in fields.items():
            self.paper.enter(name, value)
        posts = [(name, value) for name, value in self.paper.posts("Next") if name != "do"]
        headers = {"Accept": "application/json"}
        async with self.client.post(self.place, data=FormData(posts), headers=headers) as response:
            return response.status, await response.json()

    async def _look(self, response: Any) -> Paper:
        self.status, self.address = response.status, str(response.url.relative())
        self.paper = read(await response.text())
        assert self.paper.foreign == []
        return self.paper


@asynccontextmanager
async def ward(database: Database, form: Form, pictures: Mapping[str, Picture] | None = None) -> AsyncIterator[Ward]:
    """The pages of an open round that asks two people."""
    doors.find()

    async def knock(name: str, chat: str, browser: str, **fields: Any) -> Any:
        window = doors.pages()[name]
        guest = Guest(chat, browser, found.now)
        async with database.transaction() if window.writes else database.reading() as store:
            return await window.door(window.order(**fields), guest, store)

    plain = to_plain(form)
    async with database.transaction() as store:
        await store.people.put_unit("zw", "政务中心", None)
        lines = [("0001", "陶冶"), ("0002", "文静")]
        await store.people.put_people(
            [RosterLine(number, name, "zw", PostClass.SERVICE, Level.STAFF) for number, name in lines]
        )
        kept = await store.surveys.put_questionnaire(form.name, form.title.words, plain, digest(plain), pictures)
    async with house(demo=False, knock=knock) as there:
        found = Ward(database, there, form, None)  # type: ignore[arg-type]
        planned = await found.order(office.plan_round, office.PlanRound("驻村走访登记", kept.id))
        found.round = await found.order(office.open_round, OneRound(planned.id))
        yield found
