"""Free words, as people type them in a chat, read without ever guessing.

Here is what all readings share: words folded so that width, case and invisible characters do not matter.
`numerals`, `days` and `choosing` read on.
"""

import re
import unicodedata
from functools import lru_cache

LONGEST = 300
"""Characters of an answer that names a number, a day or choices; longer ones are not looked into."""

_JOINERS = "\u200c\u200d"
_DIRECTIONS = "\u200e\u200f\u061c"
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without control and zero-width characters, lone surrogates and orders to turn the direction
    of writing. Joiners inside emoji and words, and plain direction marks, do no harm and stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = _HARMFUL.sub("", lines)
    while (shorter := kept.strip().strip(_JOINERS + _DIRECTIONS)) != kept:
        kept = shorter
    return kept


def fold(text: str) -> str:
    """Words as they are compared: lower case, one width, circled signs set apart, nothing invisible."""
    return _SPACES.sub(" ", "".join(map(_folded, text[: LONGEST + 1]))).strip()


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char.isspace():
        return " "
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""  # Me, Mn: the keycap and the variation selector around a digit
    kind = unicodedata.decomposition(char).partition(" ")[0]
    if kind in ("<wide>", "<narrow>"):
        return unicodedata.normalize("NFKC", char).casefold()
    if kind == "<circle>" or "\u2474" <= char <= "\u24ff" or "\u3220" <= char <= "\u3229":
        return f" {unicodedata.normalize('NFKC', char).casefold()} "
    return char.casefold()
