"""How a room signs its functions up, and how bot finds them.

A chat door is signed up under what opens it: a command, the verb of a button, or the flow an
account is in. An office door is signed up under its own name, with its REST path and scope; a page door
under its own name.
Signing up happens when a room's `chat.py`, `page.py`, `office.py` or `clock.py` is imported; `find()` imports them all.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_type_hints

import handlers
from handlers.talk import Command, Reply, Sent, Tap, Turn, Typed, What

ChatDoor = Callable[[Turn, Any], Awaitable[Reply]]
UnawaitedDoor = Callable[[Turn, Reply, Any], Awaitable[Reply]]
OfficeDoor = Callable[[Any, Any, Any], Awaitable[Any]]
ClockDoor = Callable[[datetime, Any], Awaitable[int]]
DueDoor = Callable[[datetime, Any], Awaitable[Sequence[int]]]
OneDoor = Callable[[int, datetime, Any], Awaitable[int]]
PageDoor = Callable[[Any, Any, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Office:
    """One thing a clerk may order: `door(order, clerk, store)`.

    With `until` it may be watched, time and again, until that says of an answer that it is the last.
    """

    name: str
    method: str
    path: str
    scope: str
    door: OfficeDoor
    order: type
    answer: Any
    until: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever is at one of our pages, at a known time.

    `chat` is the address of the web chat in the same browser, `browser` the one by which a pass is found.
    """

    chat: str
    browser: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """One thing a page may want: `door(order, guest, store)`; `writes` if it changes anything."""

    name: str
    door: PageDoor
    order: type
    writes: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing time brings, every so many seconds: all that is due, as much as one transaction takes."""

    seconds: int
    door: ClockDoor


@dataclass(frozen=True, slots=True)
class TickEach:
    """The same where each thing due has a transaction of its own: `due(now, store)` gives their ids."""

    seconds: int
    due: DueDoor
    door: OneDoor


_commands: dict[str, ChatDoor] = {}
_taps: dict[str, ChatDoor] = {}
_flows: dict[str, ChatDoor] = {}
_standings: dict[str, ChatDoor] = {}
_offices: dict[str, Office] = {}
_pages: dict[str, Window] = {}
_ticks: dict[str, Tick | TickEach] = {}
_fallback: list[ChatDoor] = []
_stranger: list[ChatDoor] = []
_unawaited: list[UnawaitedDoor] = []
_private: set[ChatDoor] = set()


def command(*names: str) -> Callable[[ChatDoor], ChatDoor]:
    """Opened by `/name`."""
    return _signer(_commands, names)


def tap(*verbs: str) -> Callable[[ChatDoor], ChatDoor]:
    """Opened by a button whose data is `verb` or begins with `verb:`."""
    return _signer(_taps, verbs)


def flow(*names: str) -> Callable[[ChatDoor], ChatDoor]:
    """Opened by words or files while the account's `flow` is `name` or begins with `name:`."""
    return _signer(_flows, names)


def standing(*names: str) -> Callable[[ChatDoor], ChatDoor]:
    """Says once more where the flow of this name stands: for another room that has come between."""
    return _signer(_standings, names)


def private(door: ChatDoor) -> ChatDoor:
    """Nothing that it hears or says is kept, a refusal neither: it is fleeting where the channel lets it be, and in no
    transcript anywhere."""
    _private.add(door)
    return door


def fallback(door: ChatDoor) -> ChatDoor:
    """Opened by a bound account when nothing else is."""
    _fallback[:] = [door]
    return door


def stranger(door: ChatDoor) -> ChatDoor:
    """Opened by everything an account says that is not bound to a person."""
    _stranger[:] = [door]
    return door


def unawaited(door: UnawaitedDoor) -> UnawaitedDoor:
    """Opened after every other door where words or a file came that nobody waited for (`Reply.taken`): what is said
    then, and whether it may be kept."""
    _unawaited[:] = [door]
    return door


def office(
    method: str, path: str, scope: str, *, until: Callable[[Any], bool] | None = None
) -> Callable[[OfficeDoor], OfficeDoor]:
    """Opened by REST at `/api/v1` + path, by the command line and the console under its own name.

    With `until` also watched at path + `/events`, as long as that says no of the answer.
    """

    def sign(door: OfficeDoor) -> OfficeDoor:
        hints = get_type_hints(door)
        name = door.__name__
        if name in _offices:
            raise ValueError(f"two office doors are called {name}")
        _offices[name] = Office(name, method, path, scope, door, hints["order"], hints["return"], until)
        return door

    return sign


def page(*, writes: bool) -> Callable[[PageDoor], PageDoor]:
    """Opened by one of our pages under its own name."""

    def sign(door: PageDoor) -> PageDoor:
        name = door.__name__
        if name in _pages:
            raise ValueError(f"two page doors are called {name}")
        _pages[name] = Window(name, door, get_type_hints(door)["order"], writes)
        return door

    return sign


def every(seconds: int) -> Callable[[ClockDoor], ClockDoor]:
    """Opened by time: `door(now, store)` does what is due by the tables and returns how much that was.

    As long as that is something it is opened again at once, each time in a transaction of its own.
    """

    def sign(door: ClockDoor) -> ClockDoor:
        _ticks[f"{door.__module__}.{door.__name__}"] = Tick(seconds, door)
        return door

    return sign


def each(seconds: int, due: DueDoor) -> Callable[[OneDoor], OneDoor]:
    """Opened by time for each thing that is due: `door(id, now, store)`, each in a transaction of its own.

    What goes wrong with one of them undoes that one alone, and holds up no other; the next tick tries it again.
    """

    def sign(door: OneDoor) -> OneDoor:
        _ticks[f"{door.__module__}.{door.__name__}"] = TickEach(seconds, due, door)
        return door

    return sign


async def ordered(name: str, by: Any, store: Any, /, **fields: Any) -> Any:
    """Knocks at an office door out of another door, in the same transaction: an officer's chat orders what REST does.

    Raises Refusal.
    """
    office = _offices[name]
    return await office.door(office.order(**fields), by, store)


def _signer(book: dict[str, ChatDoor], names: tuple[str, ...]) -> Callable[[ChatDoor], ChatDoor]:
    def sign(door: ChatDoor) -> ChatDoor:
        for name in names:
            if name in book:
                raise ValueError(f"two doors are opened by {name}")
            book[name] = door
        return door

    return sign


def find() -> None:
    """Imports the chat, page, office and clock doors of every room, those of a subject (`office_plans`) too."""
    for room in pkgutil.iter_modules(handlers.__path__):
        if room.ispkg:
            package = importlib.import_module(f"handlers.{room.name}")
            for module in pkgutil.iter_modules(package.__path__):
                if module.name.partition("_")[0] in {"chat", "page", "office", "clock"}:
                    importlib.import_module(f"handlers.{room.name}.{module.name}")


def chat_door(turn: Turn) -> ChatDoor:
    """Who is to answer this turn."""
    if turn.person is None:
        return _stranger[0]
    door: ChatDoor | None = None
    match turn.what:
        case Command(name):
            door = _commands.get(name)
        case Tap(data):
            door = _taps.get(data.partition(":")[0])
        case Typed() | Sent():
            door = _flows.get(turn.account.flow.partition(":")[0])
    return door or _fallback[0]


def is_free(what: What) -> bool:
    """Is it something of a person's own making: words, a file, or a command there is not?"""
    return isinstance(what, Typed | Sent) or (isinstance(what, Command) and what.name not in _commands)


def is_private(door: ChatDoor) -> bool:
    """Is nothing kept of what this door hears and says?"""
    return door in _private


def unawaited_door() -> UnawaitedDoor:
    """Who is to say what becomes of what nobody waited for."""
    return _unawaited[0]


def standing_door(flow: str) -> ChatDoor | None:
    """Who says where this flow stands; None where nothing is going on."""
    return _standings.get(flow.partition(":")[0])


def offices() -> dict[str, Office]:
    """All office doors by name."""
    return _offices


def pages() -> dict[str, Window]:
    """All page doors by name."""
    return _pages


def ticks() -> dict[str, Tick | TickEach]:
    """All clock doors by name."""
    return _ticks
