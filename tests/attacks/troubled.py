"""A cradle as `tests.attacks.haunted`, of processes in which everything goes wrong once, and says all it was given.

Every door an anonymous round goes through, every step below it (the vault, the ballots' shelf, the engine of forms,
the counting, the channel) fails the first time it is called, with an exception whose words hold all its arguments, and
is itself again. Besides, every so many statements fail as a database driver fails, with statement and parameters, and
every so many calls of the platform as its library does; what was not taken comes again at once. It begins at a SIGUSR1,
which empties the file `HAUNTED_BY`; what has failed is noted there, a name a line.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram.error import NetworkError

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.wire import Wire
from bot.courier import Post
from handlers import doors
from handlers.surveys import booth, chat_ballot, counting, page_ballot, tickets
from handlers.surveys.rules import release, tallying
from storage import vault
from storage.ballots import Ballots
from storage.vault import Vault
from tests.attacks import haunted

STATEMENTS, CALLS = 151, 19
"""Of so many one fails."""
SOLE = ("Post.", "Courier.", "Lead.", "App.")
"""Tasks that end the process where something nobody expects befalls them: another process begins then."""
STEPS: dict[Any, tuple[str, ...]] = {
    Vault: ("open", "tag", "issue", "redeem", "hide", "show", "draft_key", "unlock_box", "destroy_tag_key", "read"),
    vault: ("new_key", "unlock", "renewed"),
    Ballots: ("open", "cast", "has", "put_draft", "draft", "seal", "count", "erase"),
    booth: ("draft", "keep", "cast"),
    tickets: ("issue", "redeem"),
    chat_ballot: ("begin", "step", "current"),
    page_ballot: ("begin",),
    tallying.Box: ("add",),
    release: ("release",),
    counting: ("keep", "counting_of"),
    Post: ("_say",),
}
PAGES = (
    *("issue_ticket", "see_ballot", "see_questions", "begin_ballot", "fill_ballot", "cast_ballot"),
    *("see_enrolment", "check_passphrase", "put_key", "try_key", "key_fits", "renew_key"),
    *("see_counts", "unlock_half", "begin_counting", "keep_count", "finish"),
)
OFFICES = ("add_tabulator", "plan_round", "approve_round", "open_round", "close_round")
TAPS = ("bl", "bo", "b", "bs", "bh")
TICKS = ("clock.fan_out", "clock_count.finish_count")
ALL = {
    *(f"{place.__name__}.{name}" for place, names in STEPS.items() for name in names),
    *(f"door {name}" for name in (*PAGES, *OFFICES, *TAPS, *TICKS, "unawaited")),
    "statement",
    "message",
}
"""What fails."""


class Trouble(Exception):
    """Something nobody has thought of; it says what it knows."""


class Troubles:
    """Makes things fail. `by`: where what has failed is noted."""

    def __init__(self, by: Path) -> None:
        self._by = by
        self._statements = 0
        self._calls = 0
        self._failed: set[str] = set()

    def note(self, name: str) -> None:
        """This has failed."""
        with self._by.open("a") as file:
            file.write(f"{name}\n")

    def once(self, name: str, inner: Callable[..., Any], restore: Callable[[], None]) -> Callable[..., Any]:
        """The function, which fails and then is what it was."""

        def fail(*given: Any, **more: Any) -> None:
            restore()
            self.note(name)
            raise Trouble(f"{name} {given} {more} {[vars(one) for one in given if hasattr(one, '__dict__')]}")

        @wraps(inner)
        async def awaited(*given: Any, **more: Any) -> Any:
            if name not in self._failed:  # a route may keep for ever what it was given in the beginning
                self._failed.add(name)
                fail(*given, **more)
            return await inner(*given, **more)

        return awaited if asyncio.iscoroutinefunction(inner) else wraps(inner)(fail)

    def in_place(self, place: Any, name: str) -> None:
        """A function of a module or class."""
        inner = getattr(place, name)
        given = vars(place)[name]
        failing = self.once(f"{place.__name__}.{name}", inner, lambda: setattr(place, name, given))
        setattr(place, name, staticmethod(failing) if isinstance(given, staticmethod) else failing)

    def in_book(self, book: dict[str, Any], key: str, name: str) -> None:
        """A door in a book of doors."""
        kept = book[key]
        if hasattr(kept, "door"):
            book[key] = replace(kept, door=self.once(name, kept.door, lambda: book.update({key: kept})))
        else:
            book[key] = self.once(name, kept, lambda: book.update({key: kept}))

    def among_statements(self) -> None:
        """Every so often the driver says what it could not do."""
        inner = AsyncConnection.execute

        async def execute(connection: AsyncConnection, statement: Any, given: Any = None, **more: Any) -> Any:
            task = asyncio.current_task()
            alone = task is not None and str(getattr(task.get_coro(), "__qualname__", "")).startswith(SOLE)
            self._statements += not alone
            if not alone and self._statements % STATEMENTS == 0:
                self.note("statement")
                values = statement.compile().params if hasattr(statement, "compile") else given
                raise DataError(str(statement), values, Trouble(f"{values} {given}"))
            return await inner(connection, statement, given, **more)

        AsyncConnection.execute = execute  # type: ignore[method-assign, assignment]

    def among_calls(self) -> None:
        """Every so often the platform cannot be reached."""
        inner = Wire.call

        async def call(wire: Wire, *given: Any, **more: Any) -> Any:
            self._calls += 1
            if self._calls % CALLS == 0:
                self.note("message")
                raise NetworkError(f"{given} {more}")
            return await inner(wire, *given, **more)

        Wire.call = call  # type: ignore[method-assign, assignment]


def begin(by: Path) -> None:
    """All of them."""
    troubles = Troubles(by)
    for place, names in STEPS.items():
        for name in names:
            troubles.in_place(place, name)
    for name in PAGES:
        troubles.in_book(doors._pages, name, f"door {name}")
    for name in TAPS:
        troubles.in_book(doors._taps, name, f"door {name}")
    for name in TICKS:
        troubles.in_book(doors._ticks, f"handlers.surveys.{name}", f"door {name}")
    unawaited = doors._unawaited[0]
    doors._unawaited[0] = troubles.once("door unawaited", unawaited, lambda: doors._unawaited.__setitem__(0, unawaited))
    troubles.among_statements()
    troubles.among_calls()
    Telegram._rest = _hardly  # type: ignore[method-assign, assignment]


async def _hardly(*_: object) -> None:
    await asyncio.sleep(0.01)


def wait(by: Path) -> None:
    """It all begins at the signal, but what the routes are made of."""
    for name in OFFICES:
        Troubles(by).in_book(doors._offices, name, f"door {name}")

    def arm(*_: object) -> None:
        os.truncate(by, 0)
        begin(by)

    signal.signal(signal.SIGUSR1, arm)


if __name__ == "__main__":
    haunted.live(lambda: wait(Path(os.environ["HAUNTED_BY"])))
