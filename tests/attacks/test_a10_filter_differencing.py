"""A10: computing few people out of tables that each tell of many.

**What the attacker has.** Every table that was released of every round of an organ; who was asked in each, with unit
and class; and, more than anybody really has, who answered which question. He takes each table to be exact: whole
percents and bands are no obstacle to him.

**What he tries.** The tables of one question tell sums over groups of people. He adds and subtracts them, with any
factors: whatever he can get is a vector of the row space of the groups over the people. He looks for one that is zero
for all but few people: the sum of their answers alone (of one person: the answer). He also adds tables of different
rounds, as if everybody had answered alike each time; there nobody, not even he, knows who answered, so he counts who
was asked.

**What must hold.** In 500 organs of 20 to 200 people, some of whom come, go and change units between rounds: no person,
and no group of fewer than the threshold, can be had.

His algebra is his own, in fractions, person by person; it shares nothing with the product's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import pytest

from handlers.surveys.rules.release import Earlier
from storage.records import Released
from tests.handlers.surveys.counted import Counted, form, question, round_of

ORGANS = 500
PATHS = ("/data/a", "/data/b")
FORM = form(*(question(path, choices=("1", "2", "3")) for path in PATHS))

Row = dict[int, Fraction]
"""A vector over people (or over people who cannot be told apart): what is not zero."""


# The attacker's algebra -----------------------------------------------------------------------------------


def fewest(groups: Iterable[Iterable[int]], enough: int) -> set[int] | None:
    """Fewer than `enough` people whose answers alone can be had from the sums over these groups; None if there are
    none."""
    alike: dict[tuple[int, ...], list[int]] = {}
    sets = [frozenset(group) for group in groups]
    for person in set().union(*sets):
        alike.setdefault(tuple(at for at, group in enumerate(sets) if person in group), []).append(person)
    kinds = list(alike.values())
    rows: list[Row] = [{} for _ in sets]
    for at, member in enumerate(alike):
        for group in member:
            rows[group][at] = Fraction(1)
    found = search(independent(rows), [len(people) for people in kinds], enough - 1)
    return None if found is None else {person for at in found for person in kinds[at]}


def independent(rows: Iterable[Row]) -> list[Row]:
    """The same space, without what follows from the rest."""
    kept: list[Row] = []
    for row in rows:
        for one in kept:
            row = minus(row, one, next(iter(one)))
        if row:
            kept.append(row)
    return kept


def minus(row: Row, other: Row, at: int) -> Row:
    """The row, made zero at a place where the other is not."""
    factor = row.get(at, Fraction(0)) / other[at]
    if not factor:
        return row
    places = sorted({*row, *other})
    made = {place: row.get(place, Fraction(0)) - factor * other.get(place, Fraction(0)) for place in places}
    return {place: number for place, number in made.items() if number}


def search(rows: list[Row], weights: Sequence[int], room: int, taken: frozenset[int] = frozenset()) -> set[int] | None:
    """The places where a vector of the space is not zero, if they weigh at most `room` together. `taken` are paid for:
    they may be anything. Every other place is zero or paid for, and both are tried."""
    if not rows:
        return None
    open_places = {place for row in rows for place in row} - taken
    if not open_places:
        return set(rows[0])
    place = max(open_places, key=lambda one: (weights[one], one))
    lead = next(row for row in rows if place in row)
    zero = [made for row in rows if row is not lead and (made := minus(row, lead, place))]
    found = search(zero, weights, room, taken)
    if found is None and weights[place] <= room:
        found = search(rows, weights, room - weights[place], taken | {place})
    return found


def test_the_attacker_knows_his_trade() -> None:
    """Three units of 30, 20 and 7, and everybody: the seven are what is left."""
    everybody, one, two = range(57), range(30), range(30, 50)
    assert fewest([everybody, one, two], 10) == set(range(50, 57))
    assert fewest([everybody, one, two], 5) is None
    assert fewest([everybody, one], 10) is None
    assert fewest([{1, 2, 3}, {2, 3, 4}, {1, 4, 5}, {5, 6, 7}], 2) is None
    assert fewest([{1, 2}, {2, 3}, {1, 3}], 2) == {1} or fewest([{1, 2}, {2, 3}, {1, 3}], 2) in ({2}, {3})


# The organ ------------------------------------------------------------------------------------------------


@dataclass
class Held:
    """A round as it was: where everybody who was asked stood, what they answered, what was released."""

    counted: Counted
    places: Mapping[int, tuple[int, ...]]
    answers: Mapping[int, Mapping[str, str]]
    released: Sequence[Released]

    def groups(self, path: str, people: Iterable[int]) -> list[set[int]]:
        """Of whom a table of this question was shown, among these people."""
        here = list(people)
        shown = [one.group for one in self.released if one.about == path and one.figures is not None]
        return [
            {
                person
                for person in here
                if all(self.places[person][int(pair[0])] == int(pair[2:]) for pair in group.split(",") if pair)
            }
            for group in shown
        ]


def organ(random: Random) -> list[Held]:
    """Two or three rounds in an organ of 20 to 200 people."""
    units, classes = random.randint(2, 9), random.randint(2, 4)
    places = {
        person: (min(random.randrange(units), random.randrange(units)), random.randrange(classes))
        for person in range(random.randint(20, 200))
    }
    shape = random.choice([(units,), (units, classes), (units, classes)])
    threshold = random.choice([5, 10])
    turnout = random.choice([1.0, 0.9, 0.7])
    held: list[Held] = []
    for number in range(random.choice([2, 2, 3])):
        if number:
            places = changed(places, random, units, classes)
        held.append(asked(held, places, shape, threshold, turnout, random))
    return held


def changed(
    places: Mapping[int, tuple[int, int]], random: Random, units: int, classes: int
) -> dict[int, tuple[int, int]]:
    """Nothing, or somebody leaves, some come, some are moved to other units, a unit is not asked again."""
    after = dict(places)
    match random.randrange(5):
        case 0:
            del after[random.choice(list(after))]
        case 1:
            for _ in range(random.randint(1, 15)):
                after[1000 + random.randrange(1000)] = (random.randrange(units), random.randrange(classes))
        case 2:
            for person in random.sample(list(after), min(len(after), random.randint(1, 12))):
                after[person] = (random.randrange(units), after[person][1])
        case 3:
            without = random.randrange(units)
            after = {person: place for person, place in after.items() if place[0] != without} or after
    return after


def asked(
    held: Sequence[Held],
    places: Mapping[int, tuple[int, int]],
    shape: tuple[int, ...],
    threshold: int,
    turnout: float,
    random: Random,
) -> Held:
    """The next round: asked, answered, counted, released."""
    here = {person: place[: len(shape)] for person, place in places.items()}
    answers = {
        person: {path: random.choice("123") for path in PATHS if random.random() < max(turnout, 0.8)}
        for person in here
        if random.random() < turnout
    }
    number = len(held) + 1
    counted = Counted(FORM, round_of(shape, threshold, id=number, days=number * 20))
    counted.ballots = [(here[person], said) for person, said in answers.items()]
    everybody = {*here, *(person for one in held for person in one.places)}
    crowd = Counter((here.get(person), *(one.places.get(person) for one in held)) for person in sorted(everybody))
    outcome = counted.release(crowd, [Earlier(one.counted.round, one.released) for one in held])
    return Held(counted, here, answers, outcome.tables)


@pytest.mark.parametrize("part", range(10))
def test_no_few_people_can_be_computed_out_of_all_tables(part: int) -> None:
    shown = 0
    for seed in range(part * ORGANS // 10, (part + 1) * ORGANS // 10):
        held = organ(Random(seed))
        enough = held[0].counted.round.secrecy.threshold
        for path in PATHS:
            for one in held:
                told = [person for person, said in one.answers.items() if path in said]
                assert fewest(one.groups(path, told), enough) is None, (seed, path)
            together = [group for one in held for group in one.groups(path, one.places)]
            assert fewest(together, enough) is None, (seed, path)
            shown += len(together)
    assert shown > 10 * ORGANS // 10, "what shows nothing is no protection"
