"""People at the page of an anonymous questionnaire: they post what its script posts; and the box, opened at the end."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from handlers import doors
from handlers.doors import Guest
from handlers.surveys import tickets
from storage import vault
from storage.records import Account, Person, Round
from tests.attacks.world import PASSPHRASES, World
from tests.fakes.pages import House, house
from tests.fakes.paging import ANSWER, Paper, read

doors.find()


@dataclass
class Voter:
    """One browser with a link. `paper` is what it shows, `told` what stands below, `sizes` what has passed each way."""

    client: TestClient[web.Request, web.Application]
    round_id: int
    link: str
    language: str = ""
    paper: Paper = field(default_factory=lambda: read(""))
    told: str = ""
    gone: bool = False
    sizes: list[tuple[int, int]] = field(default_factory=list)

    async def press(self, go: str = "", /, **more: Any) -> int:
        """Posts what is on the page, and shows what comes; the status."""
        return await self.send({**self.body(go), **more})

    def body(self, go: str) -> dict[str, Any]:
        """What the script would post."""
        sent = [(c.name, c.value) for c in self.paper.controls if c.kind not in {"radio", "checkbox"} or c.on]
        one = dict(sent)
        answers: dict[str, list[str]] = {}
        for name, value in sent:
            if name.startswith(ANSWER):
                answers.setdefault(name.removeprefix(ANSWER), []).append(value)
        return {
            "ticket": self.link,
            "go": go,
            "language": self.language,
            "answers": answers,
            "seen": [value for name, value in sent if name == "on"],
            "at": one.get("at", ""),
            "stamp": one.get("stamp", ""),
            "mending": "mending" in one,
            "insist": "insist" in one,
        }

    async def send(self, body: object) -> int:
        """Posts exactly this."""
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        async with self.client.post(f"/ballot/{self.round_id}", data=content, headers=headers) as response:
            assert not response.cookies
            assert response.headers["Cache-Control"] == "no-store"
            given = await response.read()
            plain = json.loads(given)
            self.sizes.append((len(content), len(given)))
            self.told, self.gone = plain.get("error", ""), plain.get("gone", False)
            if not self.told or not self.paper.buttons:
                self.paper = read(plain["html"])
            return response.status

    async def answer(self, **answers: str | list[str]) -> int:
        """Fills in and goes on, as far as the review where all fits."""
        for name, value in answers.items():
            self.paper.enter(name, value)
        return await self.press("next")

    async def vote(self, **answers: str | list[str]) -> None:
        """From the link to the ballot that is in."""
        assert await self.press() == 200
        assert await self.press("change" if "change" in self.offers() else "begin") == 200
        assert await self.answer(**answers) == 200
        assert await self.press("hand-in") == 200
        assert "change" in self.offers(), self.paper.text

    def offers(self) -> list[str]:
        """What the buttons do."""
        return [value for name, value, _ in self.paper.buttons if name == "do"]


@dataclass
class Poll:
    """An anonymous round of an organ whose pages are served."""

    world: World
    round: Round
    house: House

    async def ticket(self, person: Person) -> str:
        """A new ticket of this person."""
        async with self.world.database.reading() as store:
            line = await store.surveys.invitation(self.round.id, person.id)
            assert line
            return await tickets.issue(self.round, person, line, self.world.now, store)

    async def voter(self, person: Person, **headers: str) -> Voter:
        """This person, in a browser of their own, with a new link."""
        return Voter(self.browser(**headers), self.round.id, await self.ticket(person))

    def browser(self, **headers: str) -> TestClient[web.Request, web.Application]:
        """One more browser."""
        return self.house.browser(**headers).client

    async def account(self, person: Person, channel: str, address: str) -> Account:
        """One more account of this person."""
        async with self.world.database.transaction() as store:
            account = (await store.people.recognise([(channel, address)]))[channel, address][0]
            await store.people.bind(account.id, person.id)
        return account

    async def change(self, **news: Any) -> None:
        """The round is otherwise from now on, however it came to that."""
        async with self.world.database.transaction() as store:
            self.round = replace(self.round, **news)
            await store.surveys.save_round(self.round)

    async def box(self) -> list[dict[str, Any]]:
        """What is in the ballots at the end."""
        return await opened(self.world, self.round.id)


async def opened(world: World, id: int) -> list[dict[str, Any]]:
    """The ballots of a round, once they are sealed, the tag key is destroyed, and two tabulators have unlocked."""
    keys = world.database.vault
    async with world.database.reading() as store:
        await store.ballots.seal(id)
        keys.destroy_tag_key(id)
        wrapped = {one.person_id: one.key for one in await store.tabulators.all()}
        found: object = None
        for person_id, passphrase in zip(world.tabulators, PASSPHRASES, strict=False):
            key = wrapped[person_id]
            assert key
            private = vault.unlock(key, passphrase)
            assert private
            found = keys.unlock_box(id, person_id, private)
        assert isinstance(found, bytes)
        sealed = [one async for some in store.ballots.read(id) for one in some]
        assert len(sealed) == await store.ballots.count(id)
    return [json.loads(one) for one in vault.read(found, sealed)]


@asynccontextmanager
async def poll(world: World, **plan: Any) -> AsyncIterator[Poll]:
    """An open anonymous round, and its page."""

    async def knock(name: str, chat: str, browser: str, **fields: Any) -> Any:
        window = doors.pages()[name]
        assert not window.writes, f"{name} would take the writer of the main database"
        async with world.database.reading() as store:
            return await window.door(window.order(**fields), Guest(chat, browser, world.now), store)

    round = await world.anonymous(**plan)
    async with house(demo=False, knock=knock) as served:
        yield Poll(world, round, served)
