"""REST: tokens, scopes, problem documents, and a description that says what the code does."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
import pytest

from bot.server import Server, build
from bot.web import api as module
from bot.web import wire
from bot.web.api import Api
from bot.words import Words
from handlers import doors
from handlers.refusals import BadInput, NotFound
from handlers.talk import t
from storage.database import Database, Unavailable
from storage.records import ApiToken, Clerk, Unit
from storage.store import Store

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Make:
    code: str
    name: str = "x"


@dataclass(frozen=True, slots=True)
class Look:
    unit_id: int
    deep: bool = False


@pytest.fixture
async def base(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(doors, "_offices", {})

    @doors.office("POST", "/units", "units:write")
    async def make_unit(order: Make, clerk: Clerk, store: Store) -> Unit:
        """Makes a unit."""
        if order.code == "bad":
            raise BadInput(t("Not so."), [t("Row {row} is wrong.", row=3)])
        return await store.people.put_unit(order.code, order.name, None)

    @doors.office("POST", "/units/{unit_id}/look", "units:write")
    async def look_hard(order: Look, clerk: Clerk, store: Store) -> str:
        return f"{clerk.name} {order.unit_id}"

    @doors.office("GET", "/units/{unit_id}", "units:read")
    async def show_unit(order: Look, clerk: Clerk, store: Store) -> Unit:
        for unit in await store.people.units():
            if unit.id == order.unit_id:
                return unit
        raise NotFound(t("There is no such unit."))

    async with database.transaction() as store:
        for name, scopes, expires in (
            ("all", {"units:read", "units:write"}, NOW + timedelta(days=1)),
            ("reader", {"units:read"}, NOW + timedelta(days=1)),
            ("old", {"units:read"}, NOW),
        ):
            digest = hashlib.sha256(name.encode()).digest()
            await store.access.put_token(ApiToken(digest, name, frozenset(scopes), expires))

    async def ready() -> str:
        return ""

    words = Words(ZoneInfo("Asia/Shanghai"))
    api = Api(database, words, lambda: NOW, bytes, lambda: None, "1")
    server = Server(build(api.routes(), ready), "127.0.0.1", 0)
    await server.start()
    yield f"http://127.0.0.1:{server.port}/api/v1"
    await server.stop()


async def call(
    method: str, url: str, token: str = "all", json: object = None, **headers: str
) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}", **headers}
    async with aiohttp.ClientSession() as session, session.request(method, url, json=json, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def test_orders_go_in_and_records_come_out(base: str) -> None:
    status, made = await call("POST", f"{base}/units", json={"code": "u", "name": "窗口"})
    assert (status, made["name"]) == (200, "窗口")
    assert await call("GET", f"{base}/units/{made['id']}?deep=true", "reader") == (200, made)
    assert await call("POST", f"{base}/units/{made['id']}/look", json={}) == (200, f"all {made['id']}")


@pytest.mark.parametrize(
    ("method", "path", "token", "json", "status", "says"),
    [
        ("GET", "/units/1", "nobody", None, 401, "No valid token"),
        ("GET", "/units/1", "old", None, 401, "No valid token"),
        ("POST", "/units", "reader", {"code": "u"}, 403, "does not reach"),
        ("GET", "/units/99", "all", None, 404, "no such unit"),
        ("GET", "/units/abc", "all", None, 422, "does not fit"),
        ("GET", "/units/1?colour=red", "all", None, 422, "does not fit"),
        ("POST", "/units", "all", {"code": 5}, 422, "does not fit"),
        ("POST", "/units", "all", ["u"], 422, "does not fit"),
        ("POST", "/units", "all", {"code": "bad"}, 422, "Not so."),
    ],
)
async def test_problems(base: str, method: str, path: str, token: str, json: object, status: int, says: str) -> None:
    found, problem = await call(method, base + path, token, json)
    assert found == problem["status"] == status
    assert says in str(problem["title"])


async def test_every_problem_is_listed_in_the_readers_language(base: str) -> None:
    _, problem = await call("POST", f"{base}/units", json={"code": "bad"}, **{"Accept-Language": "fr;q=0.9, zh-TW"})
    assert problem["problems"] == ["Row 3 is wrong."]


async def test_without_a_token_nothing(base: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/units/1") as response:
        assert response.status == 401


async def test_without_a_database(base: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(database, "reading", gone)
    assert (await call("GET", f"{base}/units/1"))[0] == 503


async def test_the_description_is_made_from_the_code(base: str) -> None:
    _, document = await call("GET", f"{base}/openapi.json")
    assert document["openapi"] == "3.1.0"
    paths = msgspec.convert(document["paths"], dict[str, dict[str, dict[str, object]]])
    assert set(paths) == {"/units", "/units/{unit_id}", "/units/{unit_id}/look"}
    assert paths["/units"]["post"]["summary"] == "Makes a unit."
    parameters = paths["/units/{unit_id}"]["get"]["parameters"]
    assert [(one["name"], one["in"]) for one in msgspec.convert(parameters, list[dict[str, object]])] == [
        ("unit_id", "path"),
        ("deep", "query"),
    ]
    shapes = msgspec.convert(document["components"], dict[str, dict[str, object]])["schemas"]
    assert {"Unit", "Make", "Look", "Problem"} <= set(shapes)


async def test_what_may_be_watched_is_told_at_each_change_until_the_last(
    base: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK", 0.02)
    answers = iter([3, 3, 2, 2, 0, 7])

    @doors.office("GET", "/left/{unit_id}", "units:read", until=lambda left: not left)
    async def left(order: Look, clerk: Clerk, store: Store) -> int:
        if order.unit_id == 9:
            raise NotFound(t("There is no such unit."))
        return next(answers)

    async def ready() -> str:
        return ""

    api = Api(database, Words(ZoneInfo("Asia/Shanghai")), lambda: NOW, bytes, lambda: None, "1")
    server = Server(build(api.routes(), ready), "127.0.0.1", 0)
    await server.start()
    url = f"http://127.0.0.1:{server.port}/api/v1/left"
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer reader"}) as session:
        async with session.get(f"{url}/1/events") as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            text = await response.text()
        assert [line for line in text.split("\n\n") if line.startswith("data")] == ["data: 3", "data: 2", "data: 0"]
        async with session.get(f"{url}/9/events") as response:
            assert (response.status, response.content_type) == (404, "application/problem+json")
        async with session.get(f"{url}/1/events", headers={"Authorization": "Bearer nobody"}) as response:
            assert response.status == 401
        answers = iter([5] * 10_000)
        async with session.get(f"{url}/1/events") as response:
            assert await response.content.readline() == b"data: 5\n"
            api.stop()
            async with asyncio.timeout(5):
                await response.read()
    described = wire.openapi(doors.offices().values(), "1")["paths"]["/left/{unit_id}/events"]["get"]
    assert "text/event-stream" in described["responses"]["200"]["content"]
    await server.stop()
