"""One-time enrolment codes: sixteen letters and digits, `K7QM-2XHP-…`, that bind an account to a person.

Without 0, O, 1, I and L, which are taken for one another, 31 signs are left. Fifteen are drawn,
31**15 or 74 bits; the last is a check sign. At a thousand guesses a second for thirty days, the
chance of hitting one of a thousand living codes is one in nine thousand million: wrong tries need
not be counted, and a plain SHA-256 is enough to keep a code by, where a password needs a slow hash.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 16
GROUP = 4

_BASE = len(ALPHABET)
_LOOKED_AT = 500
"""characters of a message in which a code is looked for"""
_GROUPS = re.compile(r"(?<![A-Z0-9])(?=([A-Z0-9]{4}(?:[\W_]{0,3}[A-Z0-9]{4}){3})(?![A-Z0-9]))")


def draw(chance: Callable[[int], bytes]) -> str:
    """A new code, without its gaps. `chance(n)` gives n random bytes."""
    rest = int.from_bytes(chance(16)) % _BASE ** (LENGTH - 1)
    signs = ""
    for _ in range(LENGTH - 1):
        rest, at = divmod(rest, _BASE)
        signs += ALPHABET[at]
    return signs + _check(signs)


def grouped(code: str) -> str:
    """The code as it is printed, in fours."""
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def digest(code: str) -> bytes:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).digest()


def find(text: str) -> str:
    """The code in what was typed or pasted, without its gaps; empty where there is none that is whole.

    Small letters, wide signs, other dashes, spaces and words around it do not matter.
    """
    plain = _plain(text)
    tries = (_signs(found) for found in (plain, *_GROUPS.findall(plain)))
    return next((code for code in tries if _whole(code)), "")


def resembles(text: str) -> bool:
    """Whether somebody seems to have meant this as a code, though it is none."""
    signs = _signs(_plain(text))
    return len(text) <= 2 * LENGTH and abs(len(signs) - LENGTH) <= 3 and any(sign.isdigit() for sign in signs)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LOOKED_AT]).upper()


def _signs(plain: str) -> str:
    return re.sub("[^A-Z0-9]", "", plain)


def _whole(code: str) -> bool:
    return len(code) == LENGTH and set(code) <= set(ALPHABET) and _check(code[:-1]) == code[-1]


def _check(signs: str) -> str:
    """With this sign the places times the signs add up to 0 modulo the prime 31.

    So one wrong sign and two exchanged ones are always noticed. The last place is 16, and 2 is its inverse.
    """
    total = sum(place * ALPHABET.index(sign) for place, sign in enumerate(signs, 1))
    return ALPHABET[-2 * total % _BASE]
