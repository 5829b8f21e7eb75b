"""One aiohttp application: webhooks, pages, API, health, metrics.

`/healthz` says the process lives, `/readyz` that it can do its work, `/metrics` counts.
"""

from collections.abc import Awaitable, Callable, Iterable

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import REGISTRY

BODY = 16 * 1024 * 1024
"""The largest request body, in bytes; each door may set a smaller one."""

log = structlog.get_logger("bot.server")

Ready = Callable[[], Awaitable[str]]
"""`""` when all is well, else what is wrong."""


def build(routes: Iterable[web.AbstractRouteDef], ready: Ready) -> web.Application:
    """The application with everybody's routes."""
    application = web.Application(middlewares=[_calm], client_max_size=BODY)
    application.add_routes(list(routes))
    application.add_routes(
        [web.get("/healthz", _healthz), web.get("/readyz", _readyz(ready)), web.get("/metrics", _metrics)]
    )
    return application


class Server:
    """Serves an application on one address until stopped."""

    def __init__(self, application: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=5.0, handler_cancellation=False)
        self._host = host
        self._port = port

    async def start(self) -> None:
        """Listens. Raises OSError if the address is taken."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port, backlog=512).start()
        except OSError:
            await self._runner.cleanup()
            raise

    @property
    def port(self) -> int:
        """The port listened on."""
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Finishes what is being served, then closes."""
        await self._runner.cleanup()


@web.middleware
async def _calm(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """An unexpected failure is logged without a body, and answered without a traceback."""
    try:
        return await handler(request)
    except (web.HTTPException, ConnectionResetError):
        raise
    except Exception as problem:
        route = request.match_info.route.resource
        log.error("request failed", path=route.canonical if route else "", exc_info=problem)
        return web.Response(status=500, text="Something went wrong on our side. Nothing was lost; please try again.")


async def _healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _readyz(ready: Ready) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def readyz(_request: web.Request) -> web.Response:
        problem = await ready()
        return web.Response(text=f"{problem or 'ready'}\n", status=503 if problem else 200)

    return readyz


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
