"""Several choices at once, in free words: `2,3 和 5`, `ACD`, `除了第二个都选`, `以上都不是`."""

import re

from handlers.forms import assent
from handlers.forms.choosing import none_of
from handlers.forms.numerals import number
from handlers.forms.offers import Offer
from handlers.forms.understand import Meant, bare, hear

_SPLITS = [re.compile(signs) for signs in ("[;\n]", "[,]", "、", r"以及|还有|和|与|跟|及|\band\b|&|\+|/", r"\s")]
_JOINED = 3
"""Which of them are words that something must follow."""
_NUMERAL = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,2}|[a-z]{3,5})"
_ENDS = re.compile(
    rf"(?P<first>前|(?:the )?first )(?P<a>{_NUMERAL})[个项]?|(?P<last>最?后|(?:the )?last )(?P<b>{_NUMERAL})[个项]?"
)
_EXCEPT = re.compile(
    r"除了?(?P<a>[^除]+?)(?:以外|之外|外)?[,，]?\s?(?:其他|其它|其余|剩下)?的?我?(?:都|全|全部|全都)(?:选|要|有|是)"
    r"|(?:all|everything)(?: of them)? (?:except|but|apart from|except for) (?P<b>.+)"
)
_ALL_THESE = re.compile(r"(.+?)[,，]?(?:都|全)(?:选|要)")
_LETTERS = re.compile("[a-g]{2,7}")
"""Up to G: further letters make words (`hi`)."""

_MOST_PIECES = 40

Pieces = list[Meant[int]]


def pick_several(offer: Offer, text: str) -> Meant[int]:
    """Which choices (by index, in their order) are meant together; not `sure` where that is in doubt."""
    return hear(text, lambda words: _read(offer, words))


def doubtful(offer: Offer, text: str) -> tuple[int, ...]:
    """The choices between which a piece of the words leaves open which is meant."""
    meant = hear(text, lambda words: Meant(tuple(_pieces(offer, words, 0))))
    return next((piece.things for piece in meant.things if len(piece.things) > 1), ())


def _read(offer: Offer, words: str) -> Meant[int]:
    whole = offer.find(words)
    if whole.things:
        return whole if len(whole.things) == 1 else Meant()
    said = bare(words)
    if nothing := none_of(offer, said):
        return Meant(tuple(nothing))
    meant = _many(offer, said) or _letters(offer, said) or _together(_pieces(offer, _listed(said), 0))
    return Meant(meant, len(meant) == 1 or not _none_fits(offer).intersection(meant))


def _listed(words: str) -> str:
    """`1和2都选` without its last words."""
    these = _ALL_THESE.fullmatch(words)
    return these[1] if these else words


def _many(offer: Offer, words: str) -> tuple[int, ...]:
    """All, all but some, the first or last few. Where one choice is that none fits, nobody can mean all."""
    everything = tuple(range(len(offer.choices)))
    if ends := _ENDS.fullmatch(words):
        count = int(number(ends["a"] or ends["b"]) or 0)
        few = everything[:count] if ends["first"] else everything[-count:]
        return few if 1 < count < len(everything) else ()
    if _none_fits(offer):
        return ()
    if but := _EXCEPT.fullmatch(words):
        out = _together(_pieces(offer, (but["a"] or but["b"]).strip(), 0))
        return tuple(index for index in everything if index not in out) if out else ()
    return everything if assent.ALL.fullmatch(words) else ()


def _none_fits(offer: Offer) -> set[int]:
    """The choices that say that none of the others fits."""
    return {index for label, found in offer.labels.items() if assent.fits_none(label) for index in found}


def _letters(offer: Offer, words: str) -> tuple[int, ...]:
    if not _LETTERS.fullmatch(words) or list(words) != sorted(set(words)):
        return ()
    places = [index for letter in words for index in offer.letter(letter)]
    return tuple(places) if len(places) == len(words) else ()


def _together(pieces: Pieces) -> tuple[int, ...]:
    """All pieces, if each is clear."""
    if not pieces or any(piece.answer is None for piece in pieces):
        return ()
    return tuple(dict.fromkeys(piece.things[0] for piece in pieces))


def _pieces(offer: Offer, words: str, level: int) -> Pieces:
    found = offer.find(words)
    if found.things or level == len(_SPLITS):
        return [found]
    parts = _SPLITS[level].split(words)
    pieces = [piece for piece in parts if bare(piece)]
    if len(pieces) > _MOST_PIECES or (level == _JOINED and not bare(parts[-1])):
        return [Meant()]  # `1和`: there is more to come
    return [found for piece in pieces for found in _pieces(offer, piece.strip(), level + 1)] or [Meant()]
