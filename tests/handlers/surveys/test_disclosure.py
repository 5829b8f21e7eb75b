"""The audit against brute force: every support of every few people, by rational linear algebra of its own."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.surveys.rules.disclosure import Cell, Cuts, Group, Spans, groups, holds, key, named, ordered

Row = list[Fraction]


def rank(rows: Iterable[Sequence[int]]) -> int:
    """The rank of a matrix of rational numbers."""
    left: list[Row] = [[Fraction(number) for number in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        lead = next((at for at in range(found, len(left)) if left[at][column]), None)
        if lead is None:
            continue
        left[found], left[lead] = left[lead], left[found]
        for at in range(found + 1, len(left)):
            if factor := left[at][column] / left[found][column]:
                left[at] = [one - factor * two for one, two in zip(left[at], left[found], strict=True)]
        found += 1
    return found


def supports(shown: Sequence[Sequence[int]], places: int) -> Iterable[tuple[int, ...]]:
    """The smallest sets of classes outside which a vector of the row space is zero: whoever takes them away lowers the
    rank of the rest."""
    whole = rank(shown)
    found: list[set[int]] = []
    for size in range(1, places + 1):
        for some in combinations(range(places), size):
            if any(one <= set(some) for one in found):
                continue
            rest = [[row[at] for at in range(places) if at not in some] for row in shown]
            if (rank(rest) if rest and rest[0] else 0) < whole:
                found.append(set(some))
                yield some


def is_bad(answers: Sequence[Sequence[int]], support: Sequence[int], least: int) -> bool:
    """Are these people too few, or do nearly all of so few agree? (If some of them are not bad, all are not.)"""
    people, *columns = (sum(answers[at][one] for at in support) for one in range(len(answers[0])))
    return 0 < people < least or (0 < people < 20 and people - max(columns) <= 5)


def released(counts: Mapping[Cell, Sequence[int]], least: int) -> list[Group]:
    """What the product would show."""
    cuts = Cuts(counts, least)
    return [group for group in ordered({cell: some[0] for cell, some in counts.items()}) if cuts.take(group)]


def said(yes: int, no: int) -> tuple[int, int, int]:
    """People, and how many of them said yes and no."""
    return yes + no, yes, no


def drawn(random: Random, shape: tuple[int, ...], most: int) -> dict[Cell, tuple[int, int, int]]:
    """Some people in each cell, and how many of them said yes and no."""
    cells = product(*(range(size) for size in shape))
    return {cell: said(random.choice((0, random.randint(0, most))), random.randint(0, most)) for cell in cells}


@pytest.mark.parametrize("seed", range(60))
def test_no_few_people_can_be_computed_from_what_is_shown(seed: int) -> None:
    random = Random(seed)
    shape = random.choice([(3, 3), (2, 4), (5,), (4, 2), ()])
    counts = drawn(random, shape, random.choice([4, 9, 25]))
    least = random.choice([5, 10])
    full = [cell for cell, some in counts.items() if some[0]]
    shown = [[int(holds(group, cell)) for cell in full] for group in released(counts, least)]
    if shown:
        found = list(supports(shown, len(full)))
        assert not [one for one in found if is_bad([counts[cell] for cell in full], one, least)]


def test_nothing_more_could_be_shown_where_only_the_number_counts() -> None:
    """The flow refuses only what brute force refuses."""
    refused = 0
    for seed in range(20):
        counts = drawn(Random(seed), (3, 3), 6)
        full = [cell for cell, some in counts.items() if some[0]]
        cuts = Cuts(counts, 5, alike=False)
        shown: list[list[int]] = []
        for group in ordered({cell: some[0] for cell, some in counts.items()}):
            row = [int(holds(group, cell)) for cell in full]
            found = supports([*shown, row], len(full))
            bad = any(0 < sum(counts[full[at]][0] for at in one) < 5 for one in found)
            assert cuts.take(group) is (not bad), (seed, group)
            shown += [] if bad else [row]
            refused += bad
    assert refused > 50


def test_the_complement_of_what_is_hidden_is_hidden() -> None:
    """57 people in three units of 30, 20 and 7: neither the 7 nor all but them."""
    counts = {(0,): said(20, 10), (1,): said(10, 10), (2,): said(4, 3)}
    assert released(counts, 10) == [(), ((0, 0),)]
    assert released({(0,): said(20, 10), (1,): said(10, 10)}, 10) == [(), ((0, 0),), ((0, 1),)]


def test_whoever_all_but_agree_cannot_be_had_as_a_difference() -> None:
    """Fifteen who all say yes are what is left of everybody without the thirty."""
    assert released({(0,): said(20, 10), (1,): said(15, 0)}, 10) == [()]
    assert released({(0,): said(20, 10), (1,): said(9, 6)}, 10) == [(), ((0, 0),), ((0, 1),)]
    assert released({(0,): said(20, 10), (1,): said(25, 0)}, 10) == [(), ((0, 0),), ((0, 1),)]


def test_what_was_taken_can_be_given_back() -> None:
    counts = {(0, 0): said(9, 9), (0, 1): said(9, 9), (1, 0): said(9, 9), (1, 1): said(9, 9)}
    cuts = Cuts(counts, 10)
    for group in [(), ((0, 0),), ((1, 0),), ((0, 0), (1, 0))]:
        assert cuts.take(group)
        cuts.untake(group)
        assert cuts.take(group)
    assert not Cuts(counts, 10).take(((0, 0),)), "everybody first"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_spans_refuse_exactly_what_brings_a_small_support(data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(0, 7), min_size=2, max_size=6))
    some = st.sets(st.integers(0, len(weights) - 1), min_size=1)
    spans, shown = Spans(weights, 5), list[list[int]]()
    full = [at for at, weight in enumerate(weights) if weight]

    def small() -> bool:
        found = supports(shown, len(full)) if shown and full else ()
        return any(sum(weights[full[at]] for at in one) < 5 for one in found)

    for inside in data.draw(st.lists(some, min_size=1, max_size=4)):
        fine = spans.take(inside)
        shown.append([int(at in inside) for at in full])
        assert fine is (not small())
        if not fine:
            shown.pop()


def test_one_joiner_between_two_rounds_is_seen() -> None:
    """Everybody, then everybody and one more."""
    spans = Spans([56, 1], 10)
    spans.show([0])
    assert not spans.take([0, 1])
    spans = Spans([46, 10], 10)
    spans.show([0])
    assert spans.take([0, 1])


def test_groups_and_their_names() -> None:
    assert groups([(0, 1), (1, 1)]) == [(), ((0, 0),), ((0, 1),), ((1, 1),), ((0, 0), (1, 1)), ((0, 1), (1, 1))]
    assert all(named(key(group)) == group for group in groups([(0, 1), (1, 1)]))
    assert key(((0, 2), (1, 0))) == "0=2,1=0"
