"""The one application: health, readiness, metrics, and calm when something breaks."""

import aiohttp
import pytest
from aiohttp import web

from bot.server import Server, build


async def broken(_request: web.Request) -> web.Response:
    raise ZeroDivisionError("the answer was 5")


async def absent(_request: web.Request) -> web.Response:
    raise web.HTTPNotFound


async def serving(problem: str = "") -> Server:
    async def ready() -> str:
        return problem

    server = Server(build([web.get("/broken", broken), web.get("/absent", absent)], ready), "127.0.0.1", 0)
    await server.start()
    return server


@pytest.mark.parametrize(
    ("path", "problem", "status", "text"),
    [
        ("/healthz", "", 200, "ok"),
        ("/readyz", "", 200, "ready"),
        ("/readyz", "the database cannot be reached", 503, "the database cannot be reached"),
        ("/metrics", "", 200, "huiyin_heard"),
        ("/broken", "", 500, "Nothing was lost"),
        ("/absent", "", 404, "Not Found"),
    ],
)
async def test_what_it_answers(path: str, problem: str, status: int, text: str) -> None:
    server = await serving(problem)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{server.port}{path}") as response:
        assert response.status == status
        body = await response.text()
    assert text in body
    assert "the answer was" not in body
    await server.stop()


async def test_a_taken_address_is_an_error() -> None:
    server = await serving()
    with pytest.raises(OSError, match="address already in use"):
        await Server(web.Application(), "127.0.0.1", server.port).start()
    await server.stop()
