"""Another order for each walk, the same each time it is looked at: ODK's `randomize`."""

from collections.abc import Sequence
from hashlib import sha256
from math import fmod
from typing import TypeVar

from handlers.forms.values import Value, number, text

Thing = TypeVar("Thing")

_MODULUS = 2147483647.0


def shuffled(things: Sequence[Thing], seed: float) -> list[Thing]:
    """The order that JavaRosa gives for a seed: Fisher-Yates inside out, by the generator of Park and Miller."""
    state = fmod(seed, _MODULUS)
    state = state + _MODULUS - 1 if state <= 0 else state
    found: list[Thing] = []
    for place, thing in enumerate(things):
        state = fmod(state * 16807.0, _MODULUS)
        other = int((state - 1) / (_MODULUS - 1) * (place + 1))
        found.append(thing)
        found[place], found[other] = found[other], thing
    return found


def seeded(value: Value) -> float:
    """The number that a seed stands for: a whole one, or the beginning of the digest of a text."""
    found = number(value)
    if found == found:
        return float(int(max(-(2.0**63), min(2.0**63, found))))
    words = text(value)
    return (
        float(int.from_bytes(sha256(words.encode("utf-8", "replace")).digest()[:8], "big", signed=True))
        if words
        else 0.0
    )
