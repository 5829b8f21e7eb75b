"""Several choices at once, in free words: `2,3 和 5`, `ACD`, `除了第二个都选`, `以上都不是`."""

import re

from handlers.forms import assent
from handlers.forms.choosing import Offer, none_of
from handlers.forms.form import Choice
from handlers.forms.numerals import number
from handlers.forms.understand import TRIM, Meant, hear

_SPLITS = [re.compile(signs) for signs in ("[;\n]", "[,]", "、", r"以及|还有|和|与|跟|及|\band\b|&|\+|/", r"\s")]
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

Pieces = list[Meant[int]]


def pick_several(choices: tuple[Choice, ...], text: str) -> Meant[int]:
    """Which choices (by index, in their order) are meant together; not `sure` where that is in doubt."""
    offer = Offer(choices)
    return hear(text, lambda words: _read(offer, words))


def doubtful(choices: tuple[Choice, ...], text: str) -> tuple[int, ...]:
    """The choices between which a piece of the words leaves open which is meant."""
    meant = hear(text, lambda words: Meant(tuple(_pieces(Offer(choices), words, 0))))
    return next((piece.things for piece in meant.things if len(piece.things) > 1), ())


def _read(offer: Offer, words: str) -> Meant[int]:
    bare = words.strip(TRIM)
    everything = tuple(range(len(offer.choices)))
    if whole := offer.find(words).things:
        return offer.find(words) if len(whole) == 1 else Meant()
    if ALL := assent.ALL.fullmatch(bare):
        return Meant(everything if ALL and not _says_none(offer) else ())
    if nothing := none_of(offer, bare):
        return Meant(tuple(nothing))
    if ends := _ENDS.fullmatch(bare):
        count = int(number(ends["a"] or ends["b"]) or 0)
        fits = 1 < count < len(everything)
        return Meant((everything[:count] if ends["first"] else everything[-count:]) if fits else ())
    if but := _EXCEPT.fullmatch(bare):
        out = _together(_pieces(offer, (but["a"] or but["b"]).strip(), 0))
        return Meant(tuple(i for i in everything if i not in out) if out and not _says_none(offer) else ())
    if these := _ALL_THESE.fullmatch(bare):
        bare = these[1]
    return Meant(_letters(offer, bare) or _together(_pieces(offer, bare, 0)))


def _says_none(offer: Offer) -> bool:
    return any(word in offer.labels for word in assent.NEITHER | assent.NOTHING)


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
    pieces = [piece for piece in _SPLITS[level].split(words) if piece.strip(TRIM)]
    return [found for piece in pieces for found in _pieces(offer, piece.strip(), level + 1)] or [Meant()]
