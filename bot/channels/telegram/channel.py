"""The Telegram channel: polling or webhook in; out by `speaking`.

An update is acknowledged, by the offset moving on or by a 200, only when the ear says that it is durable.
A hook's 200 carries the answer to a tap in its body, which spares a request.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import structlog
from aiohttp import web
from telegram import Bot, BotCommandScopeChat
from telegram.error import InvalidToken, TelegramError

from bot.channels.base import ChannelError, Ear, Limits, Speech
from bot.channels.telegram.reading import NAME, WANTED, number_of, query_of, read
from bot.channels.telegram.speaking import Speaker, toasted
from bot.channels.telegram.wire import Answer, Flood, Wire
from handlers.talk import Command, Heard

Menu = Mapping[str, Sequence[tuple[str, str]]]
"""Language tag to commands and what each does; the first language is also everybody else's."""

PATH = "/hooks/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
MOST_BODY = 1024 * 1024
"""Bytes of the longest update we read."""
WAIT = 25
"""Seconds one getUpdates waits for something to come."""
LONGEST_PAUSE = 30.0
"""Seconds between tries, at most."""

log = structlog.get_logger("bot.channels.telegram")

_UPDATES = msgspec.json.Decoder(Answer[list[object]])


MenuAt = Callable[[str], Awaitable[Sequence[tuple[str, str]]]]
"""The commands of one chat and what each does; none where it has everybody's."""


async def at_once() -> None:
    """Nobody else polls."""


class Telegram:
    """`bot.channels.base.Channel` on Telegram, private chats only."""

    name = NAME

    def __init__(
        self,
        token: str,
        api: str = "https://api.telegram.org",
        mode: str = "polling",
        secret: str = "",
        public_url: str = "",
        rate: float = 30.0,
        menu: Menu | None = None,
        pause: float = 0.5,
        turn: Callable[[], Awaitable[None]] = at_once,
        menu_at: MenuAt | None = None,
    ) -> None:
        """`mode`: `polling` or `webhook`; the latter needs `secret` (1-256 of A-Z a-z 0-9 _ -) and `public_url`.

        `rate`: messages a second over all chats; 0: no limit, neither there nor in one chat.
        `pause`: seconds before the second try of what failed. `turn`: returns when it is for this process to poll:
        Telegram lets one alone. `menu_at`: asked again after each command somebody has sent.
        Raises ValueError where these do not make sense.
        """
        if not token:
            raise ValueError("Telegram needs a bot token")
        if mode not in ("polling", "webhook"):
            raise ValueError("Telegram's mode is polling or webhook")
        if mode == "webhook" and not (public_url and re.fullmatch(r"[\w-]{1,256}", secret, re.ASCII)):
            raise ValueError("Telegram's webhook needs a public address and a secret of 1 to 256 of A-Z a-z 0-9 _ -")
        self.limits = Limits(
            text=4096,
            unit="utf16",
            buttons=100,
            row=8,
            label=40,
            data=64,
            rate=rate,
            chat_rate=1.0 if rate else 0.0,
            chat_burst=5,
            assures=True,
            keeps=False,
        )
        self._hooked = mode == "webhook"
        self._secret = secret
        self._hook_url = public_url.rstrip("/") + PATH
        self._menu = menu or {}
        self._pause = pause
        self._turn = turn
        self._menu_at = menu_at
        self._own_menus: dict[str, Sequence[tuple[str, str]]] = {}
        base = api.rstrip("/") + "/bot"
        self._wire = Wire(base + token)
        self._bot = Bot(token, base_url=base, request=self._wire, get_updates_request=self._wire)
        self._speaker = Speaker(self._wire, self._bot)
        self._ear: Ear | None = None
        self._runner: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._hearing = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def start(self, ear: Ear) -> None:
        """Begins to hear. Raises ChannelError where Telegram refuses us; goes on trying where it is out of reach."""
        await self._wire.initialize()
        introduced = await self._introduce()
        self._ear = ear
        self._runner = asyncio.get_running_loop().create_task(self._run(introduced))
        self._runner.add_done_callback(_say_if_crashed)

    async def stop(self) -> None:
        """Hears no more, finishes what is being heard, lets go of connections."""
        self._stopping.set()
        await self._quiet.wait()
        if self._runner:
            await asyncio.wait([self._runner])
        await self._wire.shutdown()

    async def send(self, address: str, speech: Speech, key: str) -> str:
        """Says it; returns the message's id."""
        return await self._speaker.send(address, speech)

    async def edit(self, address: str, message_id: str, speech: Speech, key: str) -> str:
        """Replaces an earlier message, or says it anew; returns the id."""
        return await self._speaker.edit(address, message_id, speech)

    async def delete(self, address: str, message_id: str) -> None:
        """Takes a message away."""
        await self._speaker.delete(address, message_id)

    async def fetch(self, reference: str, most: int) -> bytes:
        """The content of a picture or document somebody sent."""
        return await self._speaker.fetch(reference, most)

    def routes(self) -> Sequence[web.RouteDef]:
        """The webhook, in that mode."""
        return [web.post(PATH, self._hook)] if self._hooked else []

    async def _introduce(self) -> bool:
        """Tells Telegram how we hear and what the menu holds; False where it must be tried again."""
        try:
            await self._speaker.asked(self._present())
        except ChannelError as problem:
            if not problem.retryable:
                await self._wire.shutdown()
                raise
            log.warning("cannot begin yet", channel=NAME, reason=str(problem))
            return False
        return True

    async def deep_link(self) -> str:
        """What a link that opens this bot begins with, up to the code. Raises ChannelError. Not while hearing."""
        await self._wire.initialize()
        try:
            await self._speaker.asked(self._sign_in())
        finally:
            await self._wire.shutdown()
        return f"https://t.me/{self._bot.username}?start="

    async def _sign_in(self) -> None:
        try:
            await self._bot.initialize()
        except InvalidToken:
            raise ChannelError("Telegram refuses the bot token (HUIYIN_TELEGRAM_TOKEN)", retryable=False) from None

    async def _present(self) -> None:
        await self._sign_in()
        if self._hooked:
            await self._bot.set_webhook(
                self._hook_url, secret_token=self._secret, allowed_updates=WANTED, max_connections=100
            )
        else:
            await self._bot.delete_webhook()
        told: set[str] = set()
        for language, commands in self._menu.items():
            code = language.partition("_")[0]  # Telegram knows zh, but neither zh_CN nor zh_TW
            if code not in told:
                await self._bot.set_my_commands(commands, language_code=code if told else None)
            told.add(code)

    async def _run(self, introduced: bool) -> None:
        """Owns every task of this channel, until told to stop."""
        async with asyncio.TaskGroup() as nursery:
            listening = nursery.create_task(self._listen(nursery, introduced))
            await self._stopping.wait()
            await self._quiet.wait()
            listening.cancel()

    async def _listen(self, nursery: asyncio.TaskGroup, introduced: bool) -> None:
        tries = 0
        while not introduced:
            await self._rest(tries)
            introduced = await self._introduce()
            tries += 1
        if not self._hooked:
            await self._poll(nursery)

    async def _poll(self, nursery: asyncio.TaskGroup) -> None:
        """Fetches and takes, for ever.

        After an empty answer all is acknowledged and the offset forgotten, because after a quiet week
        Telegram may begin to count elsewhere.
        """
        offset = failures = 0
        while True:
            await self._turn()
            fields = {"offset": offset, "limit": 100, "timeout": WAIT, "allowed_updates": WANTED}
            try:
                updates = await self._wire.call("getUpdates", fields, _UPDATES, read=WAIT + 10.0)
            except TelegramError as problem:
                log.warning("cannot hear", channel=NAME, reason=str(self._speaker.trouble(problem)))
                await self._rest(failures, problem.seconds if isinstance(problem, Flood) else 0.0)
                failures += 1
                continue
            untaken = await self._take(updates, nursery)
            offset = min(untaken) if untaken else max(map(number_of, updates), default=-1) + 1
            if untaken:
                await self._rest(failures)
            failures = failures + 1 if untaken else 0

    async def _rest(self, failures: int, at_least: float = 0.0) -> None:
        await asyncio.sleep(max(at_least, min(LONGEST_PAUSE, self._pause * 2.0 ** min(failures, 16))))

    async def _take(self, updates: Sequence[object], nursery: asyncio.TaskGroup) -> list[int]:
        """Chats side by side, each in its order; returns the first number of each chat that must come again."""
        chats: dict[str, list[tuple[object, Heard]]] = {}
        for update in updates:
            if heard := read(update):
                chats.setdefault(heard.address, []).append((update, heard))
            elif query := query_of(update):
                nursery.create_task(self._speaker.answer(query, ""))
        untaken: list[int] = []
        async with asyncio.TaskGroup() as side_by_side:
            for chat in chats.values():
                side_by_side.create_task(self._take_chat(chat, untaken, nursery))
        return untaken

    async def _take_chat(
        self, chat: Sequence[tuple[object, Heard]], untaken: list[int], nursery: asyncio.TaskGroup
    ) -> None:
        for update, heard in chat:
            toast = await self._hear(heard)
            if toast is None:
                untaken.append(number_of(update))
                return
            if query := query_of(update):
                nursery.create_task(self._speaker.answer(query, toast))

    async def _hear(self, heard: Heard) -> str | None:
        """The toast, when all is durable; None where it is not, and must come again."""
        if self._ear is None or self._stopping.is_set():
            return None
        self._hearing += 1
        self._quiet.clear()
        try:
            toast = await self._ear(heard)
            if isinstance(heard.what, Command):
                await self._show_menu(heard.address)
            return toast
        except Exception as problem:  # whatever it is, the next person shall be heard
            log.warning("not taken, it will come again", channel=NAME, reason=type(problem).__name__)
            return None
        finally:
            self._hearing -= 1
            if not self._hearing:
                self._quiet.set()

    async def _show_menu(self, address: str) -> None:
        """The commands that whoever is there can use; where that fails, the next command tries again."""
        wanted = tuple(await self._menu_at(address)) if self._menu_at else ()
        if wanted == self._own_menus.get(address, ()):
            return
        scope = BotCommandScopeChat(int(address))
        change = self._bot.set_my_commands(wanted, scope) if wanted else self._bot.delete_my_commands(scope)
        try:
            await self._speaker.asked(change)
        except ChannelError as problem:
            log.warning("menu not shown", channel=NAME, reason=str(problem))
            return
        self._own_menus[address] = wanted

    async def _hook(self, request: web.Request) -> web.Response:
        offered = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(offered, self._secret.encode()):
            log.warning("webhook called with a wrong secret", channel=NAME, status=403)
            return web.Response(status=403)
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MOST_BODY:
                return web.Response(status=413)
        try:
            update = msgspec.json.decode(body)
        except (msgspec.MsgspecError, RecursionError):
            return web.Response(status=400)
        heard = read(update)
        toast = await self._hear(heard) if heard else ""
        if toast is None:
            return web.Response(status=503)
        query = query_of(update)
        if not query:
            return web.Response()
        answer = msgspec.json.encode({"method": "answerCallbackQuery", **toasted(query, toast)})
        return web.Response(body=answer, content_type="application/json")


def _say_if_crashed(runner: asyncio.Task[None]) -> None:
    if not runner.cancelled() and (problem := runner.exception()):
        log.error("stopped hearing", channel=NAME, exc_info=problem)
