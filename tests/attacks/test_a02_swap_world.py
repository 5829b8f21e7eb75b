"""A2. Two worlds that differ only in who said what.

In each of 200 rounds two colleagues, A and B, answer at known moments, A before B, and eight others besides. A coin
decides whether A wrote the first of two comments and B the second, or the other way round. The attacker knows
everything but the coin: the roster, who answered when, both comments as they were released, every row and where it
lies, and, because he read the database after each answer, which opaque tag is A's and which is B's.

He has several ways to guess and may choose the best one afterwards. Guessing alone wins half of the rounds; more than
122 of 200 happen by luck once in a thousand times, and twice in a row never. What must hold: no way wins more.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from storage.database import Database
from tests.attacks.files import Loot
from tests.attacks.lives import WORDS, Life
from tests.attacks.world import World, furnished

pytestmark = pytest.mark.timeout(900)

TRIALS = 200
APART = 200
"""Days from one round to the next: so far apart, rounds have nothing to do with one another."""
LUCK = 122
"""Wins of 200 that luck alone exceeds once in a thousand times."""
A, B = 2, 7
"""When they answer, of ten."""


@dataclass(frozen=True)
class Evidence:
    """What the attacker has of one round. `first`, `second`: the two comments; `lie`: where they lie."""

    tags: dict[int, bytes]
    sizes: dict[int, int]
    first: str
    second: str
    lie: list[int]
    remarks: Sequence[Mapping[str, Any]]

    def key(self, words: str) -> bytes:
        """The random key under which a comment was released."""
        return next(bytes(row["key"]) for row in self.remarks if row["words"] == words)


GUESSES: dict[str, Callable[[Evidence], bool]] = {
    "what lies first was said first": lambda e: e.lie[0] < e.lie[1],
    "what has the smaller key was said first": lambda e: e.key(e.first) < e.key(e.second),
    "keys follow tags": lambda e: (e.key(e.first) < e.key(e.second)) == (e.tags[A] < e.tags[B]),
    "places follow tags": lambda e: (e.lie[0] < e.lie[1]) == (e.tags[A] < e.tags[B]),
    "the longer comment is in the larger ballot": lambda e: (
        (len(e.first) > len(e.second)) == (e.sizes[A] > e.sizes[B])
        if e.sizes[A] != e.sizes[B]
        else e.key(e.first)[-1] % 2 == 0
    ),
}
"""Each says of the evidence: A said the first comment."""


async def played(world: World, loot: Loot, chance: random.Random) -> tuple[bool, Evidence]:
    """One round: whether A said the first comment, and what the attacker has of it."""
    mark = "".join(chance.choices("abcdefghij", k=10))  # nothing a script would mask
    first, second = f"考核指标太多 {mark} {'请精简' * chance.randrange(1, 120)}", f"食堂不错 {mark}"
    is_so = chance.random() < 0.5
    said = {A: first, B: second} if is_so else {A: second, B: first}
    life = Life(world, await world.anonymous())
    tags: dict[int, bytes] = {}
    sizes: dict[int, int] = {}
    seen: set[bytes] = set()
    for place, person in enumerate(world.people):
        await life.answer(person, {"/data/trust": "34"[place % 2], WORDS: said.get(place, f"没有意见 {place}")})
        if place in said:
            # He looks at the urn just before and after these two: what is new is theirs.
            ballots = (await loot.rows("ballots"))["ballots"]
            mine = [row for row in ballots if bytes(row["tag"]) not in seen]
            tags[place], sizes[place] = bytes(mine[-1]["tag"]), len(mine[-1]["sealed"])
            seen |= {bytes(row["tag"]) for row in ballots}
        elif place + 1 in said:
            seen |= {bytes(row["tag"]) for row in (await loot.rows("ballots"))["ballots"]}
    await life.close()
    await life.count()
    remarks = [row for row in (await loot.rows("remarks"))["remarks"] if row["round_id"] == life.round.id]
    assert {first, second} <= {row["words"] for row in remarks}
    lie = await loot.places([first, second])
    return is_so, Evidence(tags, sizes, first, second, lie, remarks)


async def wins(world: World, loot: Loot, chance: random.Random) -> dict[str, int]:
    """How many of 200 rounds each way of guessing gets right."""
    won = dict.fromkeys(GUESSES, 0)
    for _ in range(TRIALS):
        await world.later(APART)
        is_so, evidence = await played(world, loot, chance)
        for name, guess in GUESSES.items():
            won[name] += guess(evidence) == is_so
    return won


async def test_nobody_tells_who_said_what(database: Database, database_url: str) -> None:
    world = await furnished(database, (5, 5))
    loot, chance = Loot(database_url), random.Random(20260302)
    won = await wins(world, loot, chance)
    lucky = [name for name, count in won.items() if max(count, TRIALS - count) > LUCK]
    if lucky:  # whoever was only lucky is not so again
        again = await wins(world, loot, chance)
        assert not [name for name in lucky if max(again[name], TRIALS - again[name]) > LUCK], (won, again)


def test_an_attacker_who_can_tell_is_noticed() -> None:
    """The guesses work: where comments lay in the order in which they came, the first would win every round."""
    remarks = [{"words": "x", "key": b"1"}, {"words": "xx", "key": b"2"}]
    evidence = Evidence({A: b"1", B: b"2"}, {A: 560, B: 2096}, "x", "xx", [1, 2], remarks)
    assert [guess(evidence) for guess in GUESSES.values()] == [True, True, True, True, True]
