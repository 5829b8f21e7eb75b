"""What every channel is: a port of a few methods, its limits as data, and three errors.

ChannelError           sending failed; `retryable` and `gone` say what to do, `retry_after` when
 ├── Throttled         the platform asks us to wait
 └── Gone              this person cannot be reached any more
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from handlers.talk import File, Heard


class ChannelError(Exception):
    """Sending failed.

    `retryable`: the same may work later. `gone`: the person blocked us or left.
    `retry_after`: seconds the platform asks us to wait. `everyone`: for all chats, not this one.
    """

    retryable = True
    gone = False

    def __init__(self, reason: str, *, retryable: bool | None = None) -> None:
        super().__init__(reason)
        if retryable is not None:
            self.retryable = retryable
        self.retry_after = 0.0
        self.everyone = False


class Throttled(ChannelError):
    """The platform asks us to wait."""

    def __init__(self, retry_after: float, *, everyone: bool = False) -> None:
        super().__init__("throttled")
        self.retry_after = retry_after
        self.everyone = everyone


class Gone(ChannelError):
    """This person cannot be reached any more."""

    retryable = False
    gone = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows. Zero means no limit."""

    text: int
    """longest text, in `unit`s"""
    unit: str
    """`utf16`, `utf8` or `chars`"""
    buttons: int
    """buttons under one message; 0 where there are none: choices become numbered text"""
    row: int
    """buttons in one row"""
    label: int
    """longest button label, in characters"""
    data: int = 64
    """bytes a button can carry"""
    rate: float = 0.0
    """messages a second over all chats"""
    chat_rate: float = 0.0
    """messages a second in one chat"""
    chat_burst: int = 1
    """messages one chat takes at once before `chat_rate` counts"""
    edits: bool = True
    echoes: bool = False
    """the platform does not show a person his own words: we say them back"""
    assures: bool = False
    """what the platform has taken has arrived; false where it says yes also to what it drops"""
    silent: tuple[int, ...] = ()
    """minutes of the hour in which no broadcast is sent"""
    keeps: bool = True
    """what is said there is kept on our side, beyond the outbox: nothing fleeting may be said"""
    repeats: bool = True
    """the platform lets the same text go to one person twice a day; where it drops the second, broadcasts say when
    they were sent"""


@dataclass(frozen=True, slots=True)
class Key:
    """A button with its words chosen and fitted; `page`: the path of a page of ours that it may open instead."""

    label: str
    data: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """A message in one language, fitted to one channel: what `send` and `edit` take."""

    text: str
    keys: tuple[tuple[Key, ...], ...] = ()
    file: File | None = None
    own: bool = False
    """the person's own words, said back on a channel that `echoes`"""
    attach: str = ""
    """an `image` or a `file` is awaited as the answer"""


Ear = Callable[[Heard], Awaitable[str]]
"""Takes one thing heard, returns the worded toast. When it returns, all is durable: acknowledge.
When it raises, do not: the platform shall deliver again."""


class Channel(Protocol):
    """A messaging platform."""

    name: str
    limits: Limits

    async def start(self, ear: Ear) -> None:
        """Begins to hear; returns once that works."""

    async def stop(self) -> None:
        """Hears no more, then lets go of connections. What is being heard is finished first."""

    async def send(self, address: str, speech: Speech, key: str) -> str:
        """Says it and returns the platform's message id.

        `key` is the same when the same letter is sent again: platforms that can, drop the double.
        """

    async def edit(self, address: str, message_id: str, speech: Speech, key: str) -> str:
        """Replaces an earlier message; returns its id. One that cannot be edited is sent anew."""

    async def delete(self, address: str, message_id: str) -> None:
        """Takes a message away; one that is gone already is fine."""

    async def fetch(self, reference: str, most: int) -> bytes:
        """What was sent under this reference of a `Sent`. Raises ChannelError, not `retryable` where it has more than
        `most` bytes or the platform does not hand it out."""

    def routes(self) -> Sequence[web.RouteDef]:
        """What the one aiohttp application serves for this channel."""
