"""Comments out of an anonymous round: in no order, without what a script can tell is somebody's. Pure. 留言"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from storage.records import Remark

LEAST = 10
"""Comments on a question: of fewer none is released (`docs/anonymity.md`)."""
MASK = "***"

_NARROW = {
    ord(wide): ord(narrow)
    for wide, narrow in zip("０１２３４５６７８９＠．－＋　（）Ｘ", "0123456789@.-+ ()X", strict=True)
}
_APART = r"[ .\-()]{0,2}"
_NUMBERS = re.compile(
    "|".join((
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
        r"\d{7,}[Xx]?",  # a mobile, a landline, an identity card, an account
        rf"(?:\+|\d)(?:{_APART}\d){{8,}}(?:{_APART}[Xx])?",  # the same with spaces and hyphens; a date has 8 digits
        r"(?<!\d)(?!(?:19|20)\d\d)[2-9]\d{2,3}[ -]\d{4}(?!\d)",  # a landline without its area; no pair of years
        r"[零〇一二三四五六七八九幺两]{7,}",  # the same in words
        r"(?:(?<=QQ)|(?<=微信)|(?<=微信号)|(?<=wechat)|(?<=vx))[号:： ]*[A-Za-z0-9_-]{5,}",
    )),
    re.IGNORECASE,
)  # fmt: skip


def remarks(
    round_id: int, about: str, words: Sequence[str], names: Collection[str], draw: Callable[[int], bytes]
) -> tuple[Remark, ...]:
    """The comments on a question, each under a random key, in the order of these keys: which is chance."""
    masked = masker(names)
    return tuple(sorted((Remark(round_id, about, draw(16), masked(one)) for one in words), key=lambda one: one.key))


def masker(names: Collection[str]) -> Callable[[str], str]:
    """What masks numbers, addresses and these people's names (of two characters or more, however they are spaced)."""
    known = {"".join(name.split()).casefold() for name in names}
    known = {name for name in known if len(name) > 1}
    lengths = sorted({len(name) for name in known}, reverse=True)

    def masked(words: str) -> str:
        narrow = words.translate(_NARROW)
        spans = [match.span() for match in _NUMBERS.finditer(narrow)]
        return _without(words, [*spans, *_named(narrow, known, lengths)])

    return masked


def _named(words: str, known: Collection[str], lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where one of the names stands."""
    places = [at for at, char in enumerate(words) if not char.isspace()]
    close = "".join(words[at] for at in places).lower()
    at = 0
    while at < len(close):
        fits = (one for one in lengths if close[at : at + one] in known)
        length = next((one for one in fits if _whole(words, places[at], places[at + one - 1] + 1)), 0)
        if length:
            yield places[at], places[at + length - 1] + 1
        at += length or 1


def _whole(words: str, start: int, end: int) -> bool:
    """Is what stands there no part of a longer word of Latin letters?"""
    before, after = words[start - 1 : start], words[end : end + 1]
    return not (_latin(before) and _latin(words[start])) and not (_latin(after) and _latin(words[end - 1]))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _without(words: str, spans: Iterable[tuple[int, int]]) -> str:
    found, end = list[str](), 0
    for start, stop in sorted(spans):
        if stop > end:
            found.append(words[end:start] + MASK if start >= end else "")
            end = stop
    return "".join([*found, words[end:]])
