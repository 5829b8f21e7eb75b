"""A3. Does the place where a comment lies tell when it was written?

In 50 rounds 30 people answer one after the other, each with a comment, and the attacker knows the order from the chat
platform. After the close he looks where the released comments lie: which byte of the file, which page and line of the
table, which place in the order of their keys, and in what order they are given out. If any of these had to do with
the order of arrival, the ranks would correlate. What must hold: over all rounds together the correlation is what
chance makes of it (a rank correlation of 30 has a standard deviation of 1/√29; the mean of 50 of them may be four and a
half of its own standard deviations away from zero, which luck exceeds seven times in a million).
"""

import math
from collections.abc import Sequence
from statistics import fmean

import pytest

from storage.database import Database
from tests.attacks.files import Loot
from tests.attacks.lives import WORDS, lived
from tests.attacks.world import furnished

pytestmark = pytest.mark.timeout(900)

ROUNDS, PEOPLE = 50, 30
CHANCE = 4.5 / math.sqrt(PEOPLE - 1) / math.sqrt(ROUNDS)


def correlation(found: Sequence[int]) -> float:
    """Spearman's rank correlation between the order of arrival and where something was found; no two are equal."""
    ranks = {value: rank for rank, value in enumerate(sorted(found))}
    n = len(found)
    return 1 - 6 * sum((ranks[value] - arrival) ** 2 for arrival, value in enumerate(found)) / (n * (n * n - 1))


def test_the_attacker_would_see_an_order() -> None:
    assert correlation([3, 5, 9, 11]) == 1
    assert correlation([11, 9, 5, 3]) == -1


async def test_where_comments_lie_is_chance(database: Database, database_url: str) -> None:
    world = await furnished(database, (15, 15))
    loot = Loot(database_url)
    found: dict[str, list[float]] = {"place": [], "key": [], "given out": []}
    for number in range(ROUNDS):
        await world.later(days=200)  # so far apart, rounds have nothing to do with one another
        said = [f"第 {number} 轮第 {arrival} 份" for arrival in range(PEOPLE)]
        life = await lived(world, [(one, {WORDS: words}) for one, words in zip(world.people, said, strict=True)])
        found["place"].append(correlation(await loot.places(said)))
        async with database.reading() as store:
            remarks = await store.counts.remarks(life.round.id)
        keys = {one.words: int.from_bytes(one.key) for one in remarks}
        found["key"].append(correlation([keys[words] for words in said]))
        order = [one.words for one in remarks]
        found["given out"].append(correlation([order.index(words) for words in said]))
    means = {how: fmean(each) for how, each in found.items()}
    assert all(abs(mean) < CHANCE for mean in means.values()), means
