"""Of whom a released table is: the bands of the breakdowns, in words. 分组"""

from collections.abc import Mapping, Sequence

from handlers.talk import Part, joined
from handlers.terms import ATTRIBUTES, VALUES
from storage.records import Attribute, Breakdown


def places(group: str) -> tuple[tuple[int, int], ...]:
    """Which breakdowns a group is of, and its place in the bands of each: of `0=2,1=0` (0, 2) and (1, 0)."""
    pairs = (one.partition("=") for one in group.split(",") if one)
    return tuple((int(breakdown), int(band)) for breakdown, _, band in pairs)


def apart_by(group: str, breakdowns: Sequence[Breakdown]) -> Part:
    """By what a group is told apart from the others: "Unit", or "Unit, Level"."""
    return joined([ATTRIBUTES[breakdowns[breakdown].attribute] for breakdown, _ in places(group)])


def name_of(group: str, breakdowns: Sequence[Breakdown], units: Mapping[str, str]) -> Part:
    """Who is in a group; `units`: names by id."""
    return joined(
        [value for breakdown, band in places(group) for value in values_of(breakdowns[breakdown], band, units)]
    )


def values_of(breakdown: Breakdown, band: int, units: Mapping[str, str]) -> list[Part]:
    """What is told as one in this band."""
    values = breakdown.bands[band].values
    if breakdown.attribute is Attribute.UNIT:
        return [units.get(value, value) for value in values]
    return [VALUES.get(value, value) for value in values]
