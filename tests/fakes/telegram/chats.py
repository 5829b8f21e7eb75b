"""Private chats as people see them, and the people in them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Keyboard = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of (label, data)."""
PATIENCE = 30.0
"""Seconds a person waits for what a test says will come."""


class Bell:
    """Rings at every change; who waits for something looks again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Something has changed."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def until(self, look: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
        """What `look` finds, once it finds anything. AssertionError after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := look()):
                    waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting.add(waiting)
                    await waiting
        except TimeoutError:
            raise AssertionError(f"waited {seconds} s in vain for {what}") from None
        return found


@dataclass
class Upload:
    """A file that was sent."""

    name: str
    mime: str
    content: bytes


@dataclass
class Posted:
    """A message in a chat; `history` holds what an edit replaced: (text, keyboard), oldest first."""

    id: int
    ours: bool
    text: str
    keyboard: Keyboard = ()
    file: Upload | None = None
    picture: bool = False
    history: list[tuple[str, Keyboard]] = field(default_factory=list)
    deleted: bool = False
    first: tuple[str, Keyboard] = ("", ())

    @property
    def labels(self) -> list[str]:
        """The words on its buttons, in order."""
        return [label for row in self.keyboard for label, _ in row]

    @property
    def data(self) -> list[str]:
        """What its buttons carry, in order."""
        return [data for row in self.keyboard for _, data in row]


@dataclass
class Query:
    """A tap that waits for an answer."""

    id: str
    chat: int
    toast: str | None = None
    old: bool = False


class World(Protocol):
    """What a person needs of Telegram."""

    def update(self, kind: str, content: dict[str, Any]) -> int: ...
    def message_id(self) -> int: ...
    def date(self) -> int: ...
    def shown(self, person: "Person", posted: Posted) -> dict[str, Any]: ...
    def query(self, chat: int) -> Query: ...
    def upload(self, name: str, content: bytes) -> str: ...


class Person:
    """Somebody with a private chat with the bot. What he does becomes an update; what he sees is `inbox`."""

    def __init__(self, world: World, chat_id: int, language_code: str, name: str) -> None:
        self.chat_id = chat_id
        self.language_code = language_code
        self.name = name
        self.blocked = False
        self.posted: dict[int, Posted] = {}
        self.events: list[tuple[str, Posted]] = []
        """All that the bot did: ("sent" | "edited" | "deleted", the message as it was then)."""
        self.toasts: list[str] = []
        self.bell = Bell()
        self._world = world
        self._seen = 0

    @property
    def inbox(self) -> list[Posted]:
        """The bot's messages as the chat shows them now."""
        return [posted for posted in self.posted.values() if posted.ours and not posted.deleted]

    @property
    def last(self) -> Posted:
        """The bot's lowest message."""
        return self.inbox[-1]

    def say(self, text: str) -> int:
        """Types a text; returns the update's number."""
        return self._message({"text": text}, text)

    def start(self, code: str = "") -> int:
        """Opens the bot, perhaps by a deep link."""
        return self.say(f"/start {code}".strip())

    def send_document(
        self, name: str = "a.pdf", size: int = 1000, mime: str = "application/pdf", content: bytes = b""
    ) -> int:
        """Sends a file, of so many bytes or with this content."""
        reference = self._world.upload("doc", content)
        shown = {**_file(reference, len(content) or size), "file_name": name, "mime_type": mime}
        return self._message({"document": shown})

    def send_photo(self, size: int = 1000, content: bytes = b"") -> int:
        """Sends a picture, of so many bytes or with this content."""
        size = len(content) or size
        sizes = [
            {**_file(self._world.upload(f"photo{side}", content), size * side // 800), "width": side, "height": side}
            for side in (90, 800)
        ]
        return self._message({"photo": sizes})

    def send_voice(self, size: int = 1000) -> int:
        """Says something into the microphone."""
        return self._message({"voice": {**_file("voice", size), "duration": 3}})

    def send_sticker(self) -> int:
        """Sends a sticker."""
        kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._message({"sticker": {**_file("sticker", 1000), **kind}})

    def send(self, **content: Any) -> int:
        """Sends anything else the Bot API has a message for."""
        return self._message(content)

    def change(self, message_id: int, text: str) -> int:
        """Edits an earlier message of his own."""
        message = {**self._frame(message_id), "text": text, "edit_date": self._world.date()}
        return self._world.update("edited_message", message)

    def tap(self, what: str | int, message: Posted | None = None) -> Query:
        """Taps a button, named by its words, its data or its place, of the given or the lowest message with buttons."""
        query = self._world.query(self.chat_id)
        message = message or next(posted for posted in reversed(self.inbox) if posted.keyboard)
        content = {"id": query.id, "from": self._me(), "chat_instance": str(self.chat_id)}
        shown = self._world.shown(self, message)
        self._world.update("callback_query", {**content, "message": shown, "data": _data(message, what)})
        return query

    def block(self) -> int:
        """Wants no more of the bot."""
        self.blocked = True
        return self._member("member", "kicked")

    def unblock(self) -> int:
        """Lets the bot speak again."""
        self.blocked = False
        return self._member("kicked", "member")

    async def heard(self, what: Callable[[Posted], bool] | int, seconds: float = PATIENCE) -> Posted:
        """The first message in the inbox that fits, or the last once the bot has sent and edited `what` times."""
        if isinstance(what, int):
            wanted = what
            await self.bell.until(lambda: len(self._spoken()) >= wanted, f"{wanted} messages and edits", seconds)
            return self._spoken()[wanted - 1]
        fits = what
        return await self.bell.until(lambda: next(filter(fits, self.inbox), None) or _NOTHING, "a message", seconds)

    async def next(self, seconds: float = PATIENCE) -> Posted:
        """The next thing sent or edited that `next` has not given yet, as it was then."""
        self._seen += 1
        return await self.heard(self._seen, seconds)

    async def answered(self, query: Query, seconds: float = PATIENCE) -> str:
        """The words shown over the tapped button, empty if there were none."""
        await self.bell.until(lambda: query.toast is not None, "an answer to a tap", seconds)
        return query.toast or ""

    def happened(self, kind: str, posted: Posted) -> None:
        """The bot did something in this chat."""
        self.events.append((kind, replace(posted, history=list(posted.history))))
        self.bell.ring()

    def frame(self) -> dict[str, Any]:
        """The chat, as updates name it."""
        return {"id": self.chat_id, "type": "private", "first_name": self.name}

    def _spoken(self) -> list[Posted]:
        return [posted for kind, posted in self.events if kind != "deleted"]

    def _me(self) -> dict[str, Any]:
        me = {"id": self.chat_id, "is_bot": False, "first_name": self.name}
        return {**me, "language_code": self.language_code} if self.language_code else me

    def _frame(self, message_id: int) -> dict[str, Any]:
        return {"message_id": message_id, "date": self._world.date(), "chat": self.frame(), "from": self._me()}

    def _message(self, content: dict[str, Any], text: str = "") -> int:
        message_id = self._world.message_id()
        self.posted[message_id] = Posted(message_id, False, text)
        return self._world.update("message", {**self._frame(message_id), **content})

    def _member(self, old: str, new: str) -> int:
        bot = {"id": 1, "is_bot": True, "first_name": "Bot"}
        was, now = ({"user": bot, "status": status, "until_date": 0} for status in (old, new))
        frame = {"chat": self.frame(), "from": self._me(), "date": self._world.date()}
        return self._world.update("my_chat_member", {**frame, "old_chat_member": was, "new_chat_member": now})


_NOTHING: Any = None


def _file(name: str, size: int) -> dict[str, Any]:
    return {"file_id": f"id-{name}", "file_unique_id": name, "file_size": size}


def _data(message: Posted, what: str | int) -> str:
    if isinstance(what, int):
        return message.data[what]
    if what in message.labels:
        return message.data[message.labels.index(what)]
    if what in message.data:
        return what
    raise AssertionError(f"no button {what!r} among {message.labels}")
