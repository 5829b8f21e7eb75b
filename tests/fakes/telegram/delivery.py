"""How updates reach the bot: long polls, acknowledged by a higher offset, or a webhook, tried again until a 2xx."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.fakes.telegram.chats import Bell
from tests.fakes.telegram.methods import Refused
from tests.fakes.telegram.moods import Faults

Update = dict[str, Any]
Invoke = Callable[[str, dict[str, Any]], Awaitable[object]]

USUAL = ("message", "edited_message", "callback_query", "my_chat_member")
"""What comes as long as nobody says what is wanted."""
SOONEST, LATEST = 0.02, 0.5
"""Seconds between tries of a hook."""


@dataclass
class Hook:
    """Where updates are pushed."""

    url: str
    secret: str
    connections: int


class Delivery:
    """Keeps updates until they are acknowledged."""

    def __init__(self, faults: Faults, invoke: Invoke) -> None:
        self.pending: dict[int, Update] = {}
        self.hook: Hook | None = None
        self.statuses: list[int] = []
        """What the hook answered, 0 where there was no answer."""
        self.delivered = 0
        self._faults = faults
        self._invoke = invoke
        self._allowed: Sequence[str] = USUAL
        self._bell = Bell()
        self._poll = 0
        self._lanes: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._gate = asyncio.Semaphore(40)
        self._closed = False

    def put(self, update: Update) -> None:
        """There is something for the bot to hear."""
        if next((key for key in update if key != "update_id"), "") not in self._allowed:
            return
        self.pending[update["update_id"]] = update
        if self.hook:
            self._push(update)
        self._bell.ring()

    async def taken(self, seconds: float = 30.0) -> None:
        """Waits until nothing is left to deliver."""
        await self._bell.until(lambda: not self.pending, "all updates to be acknowledged", seconds)

    async def close(self) -> None:
        """Ends polls and pushes."""
        self._closed = True
        self._poll += 1
        self._bell.ring()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def get_updates(self, fields: dict[str, Any]) -> list[Update]:
        """A long poll. A second poller ends the first one's."""
        if self.hook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first",
            )
        self._allow(fields)
        offset = int(fields.get("offset") or 0)
        if offset > 0:
            self.pending = {number: update for number, update in self.pending.items() if number >= offset}
            self._bell.ring()
        self._poll += 1
        mine = self._poll
        self._bell.ring()
        try:
            async with asyncio.timeout(float(fields.get("timeout") or 0)):
                await self._bell.until(lambda: self.pending or mine != self._poll, "updates", 3600)
        except TimeoutError:
            return []
        if self._closed:
            return []
        if mine != self._poll:
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        updates = [self.pending[number] for number in sorted(self.pending)][: int(fields.get("limit") or 100)]
        updates += [update for update in updates if self._faults.again()]
        if self._faults.shuffle:
            self._faults.random.shuffle(updates)
        self.delivered += len(updates)
        return updates

    def set_webhook(self, fields: dict[str, Any]) -> bool:
        """Pushes from now on, what is pending first."""
        url = str(fields["url"])
        self._allow(fields)
        if fields.get("drop_pending_updates") in (True, "true"):
            self.pending.clear()
        connections = int(fields.get("max_connections") or 40)
        if not 1 <= connections <= 100:
            raise Refused(400, "Bad Request: max_connections must be between 1 and 100")
        self._gate = asyncio.Semaphore(connections)
        self.hook = Hook(url, str(fields.get("secret_token", "")), connections)
        for number in sorted(self.pending):
            self._push(self.pending[number])
        return True

    def delete_webhook(self, fields: dict[str, Any]) -> bool:
        """Waits for polls from now on."""
        self.hook = None
        if fields.get("drop_pending_updates") in (True, "true"):
            self.pending.clear()
        return True

    def info(self) -> dict[str, Any]:
        """getWebhookInfo."""
        url = self.hook.url if self.hook else ""
        return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.pending)}

    async def once(self, update: Update) -> int:
        """Pushes one update one time: the status, 0 if there was none."""
        hook = self.hook
        if hook is None:
            return 0
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60)
            )
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        body = b""
        try:
            async with self._gate, self._session.post(hook.url, json=update, headers=headers) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError):
            status = 0
        self.statuses.append(status)
        self.delivered += 1
        if 200 <= status <= 299 and body:
            await self._reply(body)
        return status

    async def _reply(self, body: bytes) -> None:
        """A call in the body of a 200; Telegram never tells how it went."""
        call = json.loads(body)
        method = call.pop("method")
        with suppress(Refused):
            await self._invoke(method, call)

    def _allow(self, fields: dict[str, Any]) -> None:
        if fields.get("allowed_updates") is not None:
            self._allowed = fields["allowed_updates"] or USUAL

    def _push(self, update: Update) -> None:
        """In the order of each chat; with `spread`, in no order at all."""
        if self._faults.spread:
            self._own(self._later(update))
            if self._faults.again():
                self._own(self._later(update))
            return
        lane = self._lanes.setdefault(_chat_of(update), deque())
        lane.append(update)
        if len(lane) == 1:
            self._own(self._drain(lane))

    async def _later(self, update: Update) -> None:
        await asyncio.sleep(self._faults.random.random() * self._faults.spread)
        await self._until_taken(update)

    async def _drain(self, lane: deque[Update]) -> None:
        while lane:
            await self._until_taken(lane[0])
            if self._faults.again():
                await self._until_taken(lane[0])
            lane.popleft()

    async def _until_taken(self, update: Update) -> None:
        pause = SOONEST
        while self.hook and not 200 <= await self.once(update) <= 299:
            await asyncio.sleep(pause)
            pause = min(LATEST, pause * 2)
        if self.hook:
            self.pending.pop(update["update_id"], None)
            self._bell.ring()

    def _own(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _chat_of(update: Update) -> int:
    """Whose order it keeps; updates of no sound shape keep one of their own."""
    match next((value for key, value in update.items() if key != "update_id"), None):
        case {"message": {"chat": {"id": int(chat)}}} | {"chat": {"id": int(chat)}}:
            return chat
    return 0
