"""What is heard and what is said, before it is in any language.

Channels turn updates into `Heard`; `bot.chat` makes a `Turn` of it; a door returns a `Reply`;
the courier words it, fits it to the channel and sends it. Everything said is a value, and
`pack` and `unpack` carry it through the outbox as plain JSON.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from secrets import token_bytes
from typing import Any

from storage.records import Account, Person

Words = Mapping[str, str]
"""Words an author wrote: language tag (`zh_CN`, `zh_TW`, `en`; `""` = no language named) to text."""


LANGUAGES: Words = {"zh_CN": "简体中文", "zh_TW": "繁體中文", "en": "English"}
"""The languages we speak, each in its own words; the first is spoken where nobody chose."""


@dataclass(frozen=True, slots=True)
class Text:
    """One of our own sentences, worded late by Babel: the English sentence is its key."""

    message: str
    args: Mapping[str, "Arg"] = field(default_factory=dict)
    plural: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Label:
    """An author's words in one or several languages; shown in the reader's, else in `default`."""

    words: Words
    default: str = ""


Part = Text | Label | str
"""A paragraph or a name. A plain `str` is said as it stands."""
Arg = Text | Label | str | int | float | date | datetime


def t(message: str, **args: Arg) -> Text:
    """A sentence of ours: `t("Thank you, {name}.", name=person.name)`."""
    return Text(message, args)


def joined(parts: Sequence["Part"]) -> "Part":
    """Several in one, with the reader's comma between them."""
    return reduce(lambda before, one: t("{these}, {one}", these=before, one=one), parts) if parts else ""


def tn(one: str, many: str, count: int, **args: Arg) -> Text:
    """A sentence with a number in it; `{count}` is filled in."""
    return Text(one, {**args, "count": count}, many, count)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice to tap. `data` comes back in `Tap`, at most 64 bytes: a verb and what it is about.

    `number`: the number that, typed, means the same; 0: its words do. `page`: the path of a page of ours, the same for
    everybody, that a channel in a browser opens in place of hearing the tap.
    """

    label: Part
    data: str
    number: int = 0
    page: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A document or, where `mime` begins with `image/`, a picture."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture on our own shelf (`store.surveys.picture(digest)`): fetched only when it is sent."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something to say: paragraphs and rows of buttons.

    `replaces` is the platform's id of a message of ours to edit in place; a channel that cannot
    edit, or no longer may, sends it anew. `attach`: an `image` or a `file` is awaited as the answer.
    """

    parts: tuple[Part, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    replaces: str = ""
    file: File | Stored | None = None
    attach: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """Take a message out of the chat, where the channel can: `message_id` as the platform has it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door answers: messages in order, and a few words shown over a tapped button."""

    messages: tuple[Message | Removal, ...] = ()
    toast: Part = ""
    confidential: bool = False
    """Nothing of this turn may stay in the transcript."""
    fleeting: bool = False
    """Said straight from memory, and kept nowhere: not in the outbox, nor the transcript. What is lost on the way, a
    tap brings again. For turns whose channel does not keep what is said on it (`Turn.keeps`)."""
    taken: bool = False
    """The words or the file of this turn were waited for, by an officer's order or the question of a named round."""


def say(*parts: Part, buttons: tuple[tuple[Button, ...], ...] = (), replaces: str = "", toast: Part = "") -> Reply:
    """A reply of one message."""
    return Reply((Message(parts, buttons, replaces),), toast)


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was tapped; `message_id` of the turn is the message it stood under."""

    data: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Words were typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """`/name argument` was typed or chosen from the menu."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file, picture, voice or sticker came: what it is, how big (bytes).

    `reference` is what its channel fetches it by. Where the flow of the account awaits one (it ends in `:image`
    or `:file`), the turn has it as `file`, checked and without metadata, or `trouble` says why not.
    """

    kind: str
    name: str = ""
    size: int = 0
    reference: str = ""
    file: File | None = None
    trouble: Part = ""


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot or left: the account is gone until it speaks again."""


What = Tap | Typed | Command | Sent | Left


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard on a channel. `external_id` is the platform's own and never comes twice."""

    channel: str
    address: str
    external_id: str
    what: What
    message_id: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing heard from a recognised account, at a known time."""

    what: What
    account: Account
    person: Person | None
    language: str
    now: datetime
    message_id: str = ""
    site: str = ""
    """What links to our own pages begin with."""
    draw: Callable[[int], bytes] = token_bytes
    """Chance: `draw(n)` gives n random bytes."""
    keeps: bool = True
    """Is what is said on this channel kept on our side? Then nothing of an anonymous round is said there."""


def heard_words(text: str) -> Typed | Command:
    """`/name argument` is a command (`/name@bot` too), everything else is words."""
    text = text.strip()
    if not text.startswith("/") or len(text) < 2 or not text[1].isascii() or not text[1].isalpha():
        return Typed(text)
    name, _, argument = text[1:].partition(" ")
    return Command(name.partition("@")[0].lower(), argument.strip())


def pack(said: Message | Removal) -> dict[str, Any]:
    """Plain JSON of what is to be said; `unpack` is its inverse."""
    if isinstance(said, Removal):
        return {"remove": said.message_id}
    plain: dict[str, Any] = {"parts": [_pack_arg(part) for part in said.parts]}
    if said.buttons:
        plain["buttons"] = [[_pack_button(button) for button in row] for row in said.buttons]
    if said.replaces:
        plain["replaces"] = said.replaces
    if said.attach:
        plain["attach"] = said.attach
    match said.file:
        case File(name, mime, content):
            plain["file"] = [name, mime, base64.b64encode(content).decode()]
        case Stored(name, digest):
            plain["file"] = [name, digest]
    return plain


def unpack(plain: Mapping[str, Any]) -> Message | Removal:
    """What `pack` made plain."""
    if "remove" in plain:
        return Removal(plain["remove"])
    return Message(
        tuple(_unpack_part(part) for part in plain["parts"]),
        tuple(tuple(Button(_unpack_part(label), *more) for label, *more in row) for row in plain.get("buttons", ())),
        plain.get("replaces", ""),
        _unpack_file(plain["file"]) if "file" in plain else None,
        plain.get("attach", ""),
    )


def _pack_button(button: Button) -> list[Any]:
    more = [button.number, button.page] if button.page else [button.number] if button.number else []
    return [_pack_arg(button.label), button.data, *more]


def _unpack_file(plain: Sequence[str]) -> File | Stored:
    name, mime, *content = plain
    return File(name, mime, base64.b64decode(content[0])) if content else Stored(name, mime)


def _pack_arg(arg: Arg) -> Any:
    match arg:
        case Text(message, args, plural, count):
            plain: dict[str, Any] = {"t": message}
            if args:
                plain["a"] = {name: _pack_arg(value) for name, value in args.items()}
            if plural:
                plain["n"] = [plural, count]
            return plain
        case Label(words, default):
            return {"l": dict(words), "d": default}
        case datetime():
            return {"time": arg.isoformat()}
        case date():
            return {"date": arg.isoformat()}
        case _:
            return arg


def _unpack_arg(plain: Any) -> Arg:
    match plain:
        case {"t": message}:
            plural, count = plain.get("n", ("", 0))
            return Text(message, {name: _unpack_arg(v) for name, v in plain.get("a", {}).items()}, plural, count)
        case {"l": words}:
            return Label(words, plain["d"])
        case {"time": value}:
            return datetime.fromisoformat(value)
        case {"date": value}:
            return date.fromisoformat(value)
        case str() | int() | float():
            return plain
    raise ValueError(f"not something we say: {plain!r}")


def _unpack_part(plain: Any) -> Part:
    part = _unpack_arg(plain)
    if isinstance(part, Text | Label | str):
        return part
    raise ValueError(f"not a paragraph: {plain!r}")
