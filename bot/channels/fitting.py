"""Message -> what one channel can show. Pure.

Texts over the limit become several; choices become numbered text where buttons lack room.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.channels.base import Key, Limits, Speech
from handlers.talk import Button, File, Message, Part, t

CAPTION = 1024
"""Longest text that goes under a file, in the channel's units: Telegram's, the strictest we know."""

_CODECS = {"utf16": ("utf-16-le", 2), "utf8": ("utf-8", 1), "chars": ("utf-32-le", 4)}
"""The unit's encoding, and bytes to a unit."""
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？；…][”’」』）]*|[.!?;][\"')]*(?=\s)"),
    re.compile(r"[，、：]|\s"),
)
"""Good places to cut after, the best first: paragraph, line, sentence, phrase."""
_UNSEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Cs"))
"""Unicode categories of what cannot be seen."""
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""The letters two of which make a flag."""
_CLUSTER = 32
"""How far to look back for the beginning of what is one character to the eye."""

Wording = Callable[[Part], str]
"""Gives the words of a part in the reader's language."""
Rows = tuple[tuple[Key, ...], ...]


def fit(message: Message, word: Wording, limits: Limits) -> list[Speech]:
    """What to say, in order, buttons under the last; empty where there is nothing to show. A `Stored` file that nobody
    has fetched before is left out.

    Raises ValueError where a button carries more than `limits.data` bytes: a mistake of ours.
    """
    keys, numbered = _keys(message.buttons, word, limits)
    paragraphs = [_sound(word(part)) for part in message.parts]
    text = "\n\n".join(paragraph for paragraph in (*paragraphs, numbered) if paragraph)
    file = message.file if isinstance(message.file, File) else None
    if file and size(text, limits.unit) <= min(limits.text or CAPTION, CAPTION):
        return [Speech(text, keys, file, attach=message.attach)]
    pieces = list(split(text, limits.text, limits.unit))
    if keys and not pieces:
        pieces = ["…"]
    speeches = [Speech(piece) for piece in pieces[:-1]] + [
        Speech(piece, keys, attach=message.attach) for piece in pieces[-1:]
    ]
    return [Speech("", (), file), *speeches] if file else speeches


def size(text: str, unit: str) -> int:
    """Length in `utf16`, `utf8` or `chars`."""
    codec, width = _CODECS[unit]
    return len(text.encode(codec)) // width


def split(text: str, limit: int, unit: str) -> Iterator[str]:
    """Pieces of at most `limit` units (0: no limit), none blank; only blanks at the cuts are lost."""
    if not limit or len(text) * 4 <= limit or size(text, unit) <= limit:
        if not is_blank(text):
            yield text
        return
    start = 0
    while start < len(text):
        end = _cut(text, start, _reach(text, start, limit, unit))
        piece = text[start:end].strip()
        if not is_blank(piece):
            yield piece
        start = end


def is_blank(text: str) -> bool:
    """Nothing in it can be seen: platforms refuse such a message."""
    return all(unicodedata.category(char) in _UNSEEN for char in text)


def _sound(text: str) -> str:
    """Without halves of surrogate pairs, which no platform takes; empty if nothing can be seen."""
    if text.isprintable() and not text.isspace():  # the usual case, at once
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode(errors="replace").decode()
    return "" if is_blank(text) else text


def _reach(text: str, start: int, limit: int, unit: str) -> int:
    """Where the longest piece from `start` ends, however ugly that cut would be."""
    codec, width = _CODECS[unit]
    window = text[start : start + limit].encode(codec)[: limit * width]
    return start + max(1, len(window.decode(codec, "ignore")))


def _cut(text: str, start: int, reach: int) -> int:
    """The best place to end a piece that may go as far as `reach`."""
    if reach >= len(text):
        return len(text)
    middle = start + (reach - start) // 2
    for ending in _ENDS:
        places = [found.end() for found in ending.finditer(text, middle, reach)]
        if places:
            return places[-1]
    return _between(text, start, reach)


def _between(text: str, start: int, reach: int) -> int:
    """The last place up to `reach` that does not tear what is one character to the eye."""
    for place in range(reach, max(start, reach - _CLUSTER), -1):
        if not _joined(text, place):
            return place
    return reach


def _joined(text: str, place: int) -> bool:
    """The characters before and after are one to the eye: letter and mark, joined emoji, a flag."""
    before, after = text[place - 1], text[place]
    if before == "\u200d" or after == "\u200d":
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones, tags
        return True
    if before in _FLAGS and after in _FLAGS:
        ahead = text[max(0, place - _CLUSTER) : place]
        return (len(ahead) - len(ahead.rstrip(_FLAGS))) % 2 == 1
    return unicodedata.category(after) in ("Mn", "Mc", "Me")


def _keys(buttons: Sequence[Sequence[Button]], word: Wording, limits: Limits) -> tuple[Rows, str]:
    """The rows of keys, and the numbered list of what they cannot say themselves."""
    rows = [
        [Key(_sound(word(button.label)) or "…", _data(button.data, limits.data), button.page) for button in row]
        for row in buttons
    ]
    numbers = [button.number for row in buttons for button in row]
    every = [key for row in rows for key in row]
    if not limits.buttons:
        return (), _spoken(every, numbers, word)
    if len(every) > limits.buttons or any(len(key.label) > (limits.label or len(key.label)) for key in every):
        rows, numbered = _numbered(rows, numbers, word, limits)
    else:
        numbered = ""
    return tuple(_flow(rows, limits.row)), numbered


def _spoken(keys: Sequence[Key], numbers: Sequence[int], word: Wording) -> str:
    """Where there are no buttons: each answer with the number that means it; then the words that will do."""
    answers = [f"{number}. {key.label}" for key, number in zip(keys, numbers, strict=True) if number]
    words = [key.label for key, number in zip(keys, numbers, strict=True) if not number]
    lines = [*answers, word(t("Reply with the number."))] if answers else []
    if words:
        instead = word(t("Or reply:"))
        lines.append(f"{instead} {' · '.join(words)}")
    return "\n".join(lines)


def _numbered(
    rows: list[list[Key]], numbers: Sequence[int], word: Wording, limits: Limits
) -> tuple[list[list[Key]], str]:
    """Keys of one verb are numbered together, if one of them is too long or they are too many: by the number that,
    typed, means the same, or else one after the other."""
    every = [key for row in rows for key in row]
    keyless = _too_many([_verb(key.data) for key in every], limits.buttons)
    listed = keyless | {_verb(key.data) for key in every if limits.label and len(key.label) > limits.label}
    lines: list[str] = []
    left: list[list[Key]] = [[] for _ in rows]
    remaining = iter(numbers)
    for row, kept in zip(rows, left, strict=True):
        for key in row:
            verb, number = _verb(key.data), next(remaining)
            if verb in listed:
                lines.append(f"{number or len(lines) + 1}. {key.label}")
                key = replace(key, label=_short(lines[-1], limits.label))
            if verb not in keyless:
                kept.append(key)
    if keyless:
        lines.append(word(t("Reply with the number.")))
    return left, "\n".join(lines)


def _flow(rows: list[list[Key]], width: int) -> Iterator[tuple[Key, ...]]:
    """Rows no wider than `width` (0: no limit), none empty."""
    for row in rows:
        if not width or len(row) <= width:
            if row:
                yield tuple(row)
        else:
            yield from (tuple(row[place : place + width]) for place in range(0, len(row), width))


def _data(data: str, limit: int) -> str:
    if limit and len(data) * 4 > limit and (length := len(data.encode())) > limit:
        raise ValueError(f"a button carries {length} bytes, this channel takes {limit}: {_verb(data)}")
    return data


def _verb(data: str) -> str:
    return data.partition(":")[0]


def _too_many(verbs: Sequence[str], room: int) -> set[str]:
    """The verbs to go without keys, the most frequent first, so that those of the others have room."""
    keyless: set[str] = set()
    count = len(verbs)
    for verb, uses in Counter(verbs).most_common():
        if count <= room:
            break
        keyless.add(verb)
        count -= uses
    return keyless


def _short(label: str, limit: int) -> str:
    if not limit or len(label) <= limit:
        return label
    return label[: _between(label, 0, limit - 1)].rstrip() + "…"
