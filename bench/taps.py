"""A tap on a button, answered by the next question: taps a second and how long a person waits."""

import asyncio
from collections.abc import Callable
from statistics import median, quantiles
from time import perf_counter

from bench.bots import FIRST_CHAT, SECRET
from bench.stub import BUTTON, Hook


class Crowd:
    """`people` who each tap or talk again as soon as they are answered."""

    def __init__(self, people: int, kind: str, first: str) -> None:
        self.kind = kind
        self.waiting: dict[int, asyncio.Future[bytes]] = {}
        self.buttons = {FIRST_CHAT + n: first for n in range(people)}
        self.waits: list[float] = []
        self.answered = 0
        self._number = 0
        self._loop = asyncio.get_running_loop()

    def called(self, method: str, chat: int, body: bytes) -> None:
        """The bot called the stub."""
        if method in {"sendMessage", "editMessageText"} and (self.kind == "say" or BUTTON.search(body)):
            if waiting := self.waiting.pop(chat, None):
                waiting.set_result(body)
        elif method == "answerCallbackQuery":
            self.answered += 1

    async def go(self, port: int, seconds: float, choose: Callable[[list[str]], str]) -> float:
        """Taps for so long; taps a second."""
        hooks = []
        for _ in self.buttons:
            _, hook = await self._loop.create_connection(
                lambda: Hook(f"127.0.0.1:{port}", "/hooks/telegram", SECRET), "127.0.0.1", port
            )
            hooks.append(hook)
        started = perf_counter()
        end = started + seconds
        async with asyncio.TaskGroup() as nursery:
            for chat, hook in zip(list(self.buttons), hooks, strict=True):
                nursery.create_task(self._person(chat, hook, end, choose))
        taken = perf_counter() - started
        for hook in hooks:
            hook.close()
        return len(self.waits) / taken

    async def _person(self, chat: int, hook: Hook, end: float, choose: Callable[[list[str]], str]) -> None:
        while perf_counter() < end:
            started = perf_counter()
            waiting = self.waiting[chat] = self._loop.create_future()
            status, answer = await hook.post(self._update(chat))
            if status != 200:
                raise RuntimeError(f"the webhook answered {status}")
            if b"answerCallbackQuery" in answer:
                self.answered += 1
            async with asyncio.timeout(30):
                body = await waiting
            self.waits.append(perf_counter() - started)
            if self.kind == "tap":
                self.buttons[chat] = choose([data.decode() for data in BUTTON.findall(body)])

    def _update(self, chat: int) -> object:
        self._number += 1
        person = {"id": chat, "is_bot": False, "first_name": "x", "language_code": "zh-hans"}
        place = {"id": chat, "type": "private", "first_name": "x"}
        message: dict[str, object] = {"message_id": 7, "date": 1790000000, "chat": place, "text": "你好"}
        if self.kind == "say":
            return {"update_id": self._number, "message": {**message, "from": person}}
        query = {
            "id": str(self._number),
            "from": person,
            "chat_instance": "1",
            "data": self.buttons[chat],
            "message": {**message, "from": {"id": 1, "is_bot": True, "first_name": "b"}},
        }
        return {"update_id": self._number, "callback_query": query}

    def wait(self) -> tuple[float, float]:
        """Median and 95th percentile of what a person waited, in milliseconds."""
        return median(self.waits) * 1000, quantiles(self.waits, n=20)[18] * 1000


def an_answer(buttons: list[str]) -> str:
    """Our bot's first answer button of the question; after the last question, any of the review."""
    return next((data for data in buttons if data.startswith("a:")), buttons[0])


def first_button(buttons: list[str]) -> str:
    """The first button."""
    return buttons[0]
