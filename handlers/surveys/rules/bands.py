"""By what the results of an anonymous round are told apart: bands of people, none of them too small. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from storage.records import Attribute, Band, Breakdown, Crowd, Invitation

LEAST = 5
"""People in a band, at the least: `docs/anonymity.md`."""

VALUE: Mapping[Attribute, Callable[[Crowd | Invitation], str]] = {
    Attribute.UNIT: lambda one: str(one.unit_id),
    Attribute.POST_CLASS: lambda one: one.post_class.value,
    Attribute.LEVEL: lambda one: one.level.value,
    Attribute.KIND: lambda one: one.kind.value,
}
"""The category somebody is in by an attribute."""


def bands(breakdowns: Sequence[Breakdown], crowds: Iterable[Crowd]) -> tuple[Breakdown, ...]:
    """The breakdowns with their bands, the largest first; categories with fewer than five eligible people stand in one
    band, the last, with the smallest of the others where they are too few even so."""
    crowds = tuple(crowds)
    return tuple(Breakdown(one.attribute, _bands(one.attribute, crowds)) for one in breakdowns)


def places(breakdowns: Sequence[Breakdown], line: Invitation) -> tuple[int, ...]:
    """In which band of each breakdown somebody on the roll is. Who is in none (nobody was of that category when they
    were drawn up) is in the last."""
    return tuple(_place(one, VALUE[one.attribute](line)) for one in breakdowns)


def _place(breakdown: Breakdown, value: str) -> int:
    found = (at for at, band in enumerate(breakdown.bands) if value in band.values)
    return next(found, len(breakdown.bands) - 1)


def _bands(attribute: Attribute, crowds: Iterable[Crowd]) -> tuple[Band, ...]:
    sizes: Counter[str] = Counter()
    for crowd in crowds:
        sizes[VALUE[attribute](crowd)] += crowd.eligible
    ordered = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    whole = [Band((value,), size) for value, size in ordered if size >= LEAST]
    small = [(value, size) for value, size in ordered if size < LEAST]
    if not small:
        return tuple(whole)
    rest = Band(tuple(value for value, _ in small), sum(size for _, size in small))
    if rest.invited < LEAST and whole:
        last = whole.pop()
        rest = Band((*last.values, *rest.values), last.invited + rest.invited)
    return (*whole, rest)
