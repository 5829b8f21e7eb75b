"""What the law of channels needs of a platform: one module per channel, each with a `Driver` or two."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.channels.base import Channel
from tests.fakes.ear import Ear


class Driver(Protocol):
    """A channel that is started with `ear`, and one person who uses it."""

    @property
    def channel(self) -> Channel: ...
    @property
    def ear(self) -> Ear: ...
    @property
    def address(self) -> str: ...

    async def say(self, text: str) -> None:
        """The person types; the platform keeps at it until it is taken."""

    async def tap(self, label: str) -> str:
        """The person taps a button shown now; returns the toast once it has been shown."""

    async def shown(self) -> list[tuple[str, list[str]]]:
        """What the bot's side of the chat shows now: texts and the labels under them, oldest first."""

    def keeps(self, text: str) -> bool:
        """Is what was said kept on our side?"""

    async def leave(self) -> bool:
        """The person blocks the bot; False where a platform has no such thing."""


class Platform(Protocol):
    """Starts a platform and a channel on it."""

    def __call__(self, ear: Ear) -> AbstractAsyncContextManager[Driver]: ...
