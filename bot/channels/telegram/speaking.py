"""What we say on Telegram: messages, edits, deletions, files, the words over a tapped button.

Whatever goes wrong is told in the courier's terms, and never with the token in it.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import msgspec
import structlog
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError, TimedOut

from bot.channels.base import ChannelError, Gone, Speech, Throttled
from bot.channels.telegram.reading import NAME
from bot.channels.telegram.wire import Answer, Flood, Wire
from handlers.talk import File

T = TypeVar("T")

MOST_TOAST = 200
"""Characters shown over a tapped button."""
MOST_PICTURE = 10_000_000
"""Bytes; a larger picture goes as a document."""
PICTURES = ("image/jpeg", "image/png", "image/webp")
MANY, SOON = 3, 3.0
"""So many chats throttled within so many seconds: Telegram means all of us."""
NO_PREVIEW = {"is_disabled": True}
UNEDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
    "there is no text in the message to edit",
)
"""Refusals of an edit after which the message is sent anew. In lower case."""
NOBODY = ("chat not found", "peer_id_invalid", "user not found")
"""Refusals that mean nobody can be reached there."""

log = structlog.get_logger("bot.channels.telegram")


class _Sent(msgspec.Struct):
    message_id: int


class _Stored(msgspec.Struct):
    file_path: str = ""


_STORED = msgspec.json.Decoder(Answer[_Stored])
_SENT = msgspec.json.Decoder(Answer[_Sent])
_DONE = msgspec.json.Decoder(Answer[object])


class Speaker:
    """Says things through `wire`, where it matters, and through PTB's `bot`, where it does not."""

    def __init__(self, wire: Wire, bot: Bot) -> None:
        self._wire = wire
        self._bot = bot
        self._floods: dict[str, float] = {}

    async def send(self, address: str, speech: Speech) -> str:
        """Returns the message's id. What was taken but not confirmed may come twice: Telegram knows no keys."""
        if speech.file:
            return await self.asked(self._send_file(address, speech.file, speech), address)
        fields = {"chat_id": address, **_said(speech)}
        return str((await self.asked(self._wire.call("sendMessage", fields, _SENT), address)).message_id)

    async def edit(self, address: str, message_id: str, speech: Speech) -> str:
        """Replaces text and buttons; sends anew what cannot be edited: too old, gone, a file."""
        if speech.file:
            return await self.send(address, speech)
        fields = {"chat_id": address, "message_id": _number(message_id), **_said(speech)}
        try:
            await self._wire.call("editMessageText", fields, _DONE)
        except TelegramError as problem:
            refusal = problem.message.lower() if isinstance(problem, BadRequest) else ""
            if "message is not modified" in refusal:
                return message_id
            if not any(words in refusal for words in UNEDITABLE):
                raise self.trouble(problem, address) from None
        else:
            return message_id
        return await self.send(address, speech)

    async def delete(self, address: str, message_id: str) -> None:
        """Takes a message out of both sides' chat; Telegram allows that for 48 hours."""
        try:
            await self._bot.delete_message(address, _number(message_id))
        except TelegramError as problem:
            if "message to delete not found" not in problem.message.lower():
                raise self.trouble(problem, address) from None

    async def fetch(self, reference: str, most: int) -> bytes:
        """The content of a file somebody sent. Telegram hands out up to 20 MB."""
        return await self.asked(self._download(reference, most))

    async def _download(self, reference: str, most: int) -> bytes:
        stored = await self._wire.call("getFile", {"file_id": reference}, _STORED)
        return await self._wire.download(stored.file_path, most)

    async def answer(self, query: str, toast: str) -> None:
        """Ends the tapped button's waiting. Not worth a second try."""
        try:
            await self._wire.call("answerCallbackQuery", toasted(query, toast), _DONE, read=5.0)
        except TelegramError as problem:
            log.info("toast not shown", channel=NAME, reason=type(problem).__name__)

    async def asked(self, asking: Awaitable[T], address: str = "") -> T:
        """What Telegram answers. Raises ChannelError."""
        try:
            return await asking
        except TelegramError as problem:
            raise self.trouble(problem, address) from None

    def trouble(self, problem: TelegramError, address: str = "") -> ChannelError:
        """What went wrong, in the courier's terms."""
        match problem:
            case Flood():
                return Throttled(problem.seconds, everyone=self._means_everyone(address))
            case Forbidden():
                return Gone("blocked, or the account is closed")
            case BadRequest() if any(words in problem.message.lower() for words in NOBODY):
                return Gone("no such chat")
            case BadRequest():
                return ChannelError(problem.message.replace(self._bot.token, "…")[:200], retryable=False)
            case InvalidToken():
                return ChannelError("Telegram refuses the bot token")
            case Conflict():
                return ChannelError("another program hears with the same bot token, or a webhook is set")
            case TimedOut():
                return ChannelError("Telegram did not answer in time")
        return ChannelError("Telegram cannot be reached")

    async def _send_file(self, address: str, file: File, speech: Speech) -> str:
        as_picture = file.mime in PICTURES and len(file.content) <= MOST_PICTURE
        send = self._bot.send_photo if as_picture else self._bot.send_document
        sent = await send(
            address,
            file.content,
            caption=speech.text or None,
            filename=file.name,
            read_timeout=60,
            api_kwargs={"reply_markup": _keyboard(speech)} if speech.keys else None,
        )
        return str(sent.message_id)

    def _means_everyone(self, address: str) -> bool:
        """Telegram does not say whether a chat or the whole bot is too fast; several chats at once are the bot."""
        now = asyncio.get_running_loop().time()
        self._floods = {chat: when for chat, when in self._floods.items() if now - when < SOON} | {address: now}
        return len(self._floods) >= MANY


def toasted(query: str, toast: str) -> dict[str, str]:
    """The fields of answerCallbackQuery."""
    return {"callback_query_id": query, "text": toast[:MOST_TOAST]} if toast else {"callback_query_id": query}


def _said(speech: Speech) -> dict[str, object]:
    said: dict[str, object] = {"text": speech.text, "link_preview_options": NO_PREVIEW}
    if speech.keys:
        said["reply_markup"] = _keyboard(speech)
    return said


def _keyboard(speech: Speech) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": key.label, "callback_data": key.data} for key in row] for row in speech.keys]}


def _number(message_id: str) -> int:
    """As Telegram counts messages; 0, which is none, for anything else."""
    return int(message_id) if message_id.isdecimal() else 0
