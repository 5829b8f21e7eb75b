"""The fake in a process of its own: `python -m tests.fakes.telegram --port 8081`; people are moved by HTTP.

POST /control/person {"chat_id", "language_code"?} · POST /control/say {"chat_id", "text"} ·
POST /control/tap {"chat_id", "what"} · GET /control/inbox/CHAT · GET /control/counters
"""

import argparse
import asyncio

from aiohttp import web

from tests.fakes.telegram import FakeTelegram, Faults, Flood
from tests.fakes.telegram.server import TOKEN


def control(fake: FakeTelegram) -> list[web.RouteDef]:
    """The people's side, for programs in other processes."""

    async def person(request: web.Request) -> web.Response:
        order = await request.json()
        fake.person(int(order["chat_id"]), order.get("language_code", "zh-hans"))
        return web.json_response({})

    async def say(request: web.Request) -> web.Response:
        order = await request.json()
        return web.json_response({"update_id": fake.person(int(order["chat_id"])).say(order["text"])})

    async def tap(request: web.Request) -> web.Response:
        order = await request.json()
        return web.json_response({"query_id": fake.person(int(order["chat_id"])).tap(order["what"]).id})

    async def inbox(request: web.Request) -> web.Response:
        shown = fake.person(int(request.match_info["chat"])).inbox
        return web.json_response(
            [{"message_id": posted.id, "text": posted.text, "keyboard": posted.keyboard} for posted in shown]
        )

    async def counters(_request: web.Request) -> web.Response:
        counts = {"calls": fake.calls, "refusals": fake.refusals, "sent": fake.sent, "doubles": fake.doubles}
        return web.json_response({**counts, "judgements": fake.judgements, "pending": len(fake.delivery.pending)})

    return [
        web.post("/control/person", person),
        web.post("/control/say", say),
        web.post("/control/tap", tap),
        web.get("/control/inbox/{chat}", inbox),
        web.get("/control/counters", counters),
    ]


async def main(arguments: argparse.Namespace) -> None:
    """Serves until it is killed; prints its address once it does."""
    flood = Flood(arguments.rate, arguments.chat_rate) if arguments.rate or arguments.chat_rate else None
    faults = Faults(spread=arguments.spread, duplicate=arguments.duplicate)
    fake = FakeTelegram(
        arguments.token, judge=not arguments.no_judge, flood=flood, faults=faults, latency=arguments.latency
    )
    await fake.start(arguments.port, control(fake))
    print(fake.api, flush=True)  # noqa: T201
    try:
        await asyncio.Event().wait()
    finally:
        await fake.stop()


def parser() -> argparse.ArgumentParser:
    """What can be asked for on the command line."""
    options = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--token", default=TOKEN)
    options.add_argument("--rate", type=float, default=0.0, help="flood limit over all chats, a second")
    options.add_argument("--chat-rate", type=float, default=0.0, help="flood limit of one chat, a second")
    options.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    options.add_argument("--spread", type=float, default=0.0, help="seconds over which a hook's updates are shuffled")
    options.add_argument("--duplicate", type=float, default=0.0, help="chance of an update to come twice")
    options.add_argument("--no-judge", action="store_true", help="spare pydantic's time")
    return options


if __name__ == "__main__":
    asyncio.run(main(parser().parse_args()))
