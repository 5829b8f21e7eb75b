"""Another order for each walk, the same each time it is looked at: ODK's `randomize`."""

import math
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")

_MODULUS = 2**31 - 1


def shuffled(things: Sequence[Thing], seed: int) -> list[Thing]:
    """The order that ODK's specification gives for a seed: Fisher-Yates (Durstenfeld) by the Park-Miller generator."""
    found = list(things)
    state = int(math.fmod(seed, _MODULUS))
    state = state + _MODULUS - 1 if state <= 0 else state
    for last in range(len(found) - 1, 0, -1):
        state = state * 16807 % _MODULUS
        other = int((state - 1) / (_MODULUS - 1) * (last + 1))
        found[last], found[other] = found[other], found[last]
    return found
