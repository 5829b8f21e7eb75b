"""An order of all the choices, in free words: `2>1>3`, `先B再A最后C`, `312`."""

import re

from handlers.forms.numerals import DIGITS
from handlers.forms.offers import Offer
from handlers.forms.understand import Meant, bare, hear

_BEFORE = r"首先是?|先是?|然后是?|接着是?|其次是?|再次?是?|最后是?|第[一二三四五六七八九](?:[是为位]|(?![个项]))"
_ENGLISH = r"\bfirst(?:ly)?\b|\b(?:and )?then\b|\bnext\b|\b(?:and )?finally\b|\b(?:and )?lastly\b"
_STEP = re.compile(f"({_BEFORE}|{_ENGLISH})")
_SPLITS = [re.compile(signs) for signs in (r"\s?(?:->|=>|>|→|》)\s?", r"\s?[;\n]\s?", r"\s?[,，]\s?", "、", r"\s")]
_RUN = re.compile("[1-9]{2,9}|[a-i]{2,9}|[一二三四五六七八九]{2,9}")
_FIRST, _LAST = re.compile("首先|先|first"), re.compile("最后|finally|lastly")


def ranked(offer: Offer, text: str) -> Meant[int]:
    """The choices (by index) in the order the words give; nothing unless each is named just once."""
    meant = hear(text, lambda words: Meant((order,) if (order := _order(offer, words)) else ()))
    return Meant(meant.things[0], meant.sure) if meant.things else Meant()


def _order(offer: Offer, words: str) -> tuple[int, ...]:
    said = bare(words)
    count = len(offer.choices)
    if _RUN.fullmatch(said) and len(said) == count:
        return _all(offer, [str(DIGITS.get(char, char)) for char in said])
    for split in _SPLITS:
        pieces = [piece for piece in split.split(said) if bare(piece)]
        if len(pieces) == count and (found := _all(offer, pieces)):
            return found
    return _stepped(offer, said)


def _stepped(offer: Offer, words: str) -> tuple[int, ...]:
    """`先B再A最后C`, `第一B，第二A，第三C`: the words between must count up."""
    _, *parts = pieces = _STEP.split(words)
    if bare(pieces[0]):
        parts = ["", *pieces]
    steps, named = parts[::2], [bare(piece) for piece in parts[1::2]]
    if len(named) != len(offer.choices) or not all(_fits(step, at, len(named)) for at, step in enumerate(steps)):
        return ()
    return _all(offer, named)


def _fits(step: str, at: int, count: int) -> bool:
    if step[:1] == "第":
        return DIGITS[step[1]] == at + 1
    if _FIRST.match(step) or not step:
        return at == 0
    return at == count - 1 if _LAST.search(step) else at > 0


def _all(offer: Offer, pieces: list[str]) -> tuple[int, ...]:
    found = [offer.find(piece.strip()).answer for piece in pieces]
    order = tuple(index for index in found if index is not None)
    return order if len(order) == len(pieces) and sorted(order) == list(range(len(offer.choices))) else ()
