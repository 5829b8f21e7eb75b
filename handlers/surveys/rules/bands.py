"""The bands of an anonymous round: groups by which its results may be told apart."""

from collections.abc import Sequence

from storage.records import Attribute, Breakdown, Invitation


def places(breakdowns: Sequence[Breakdown], line: Invitation) -> tuple[int, ...]:
    """The place of this line of the roll in each breakdown's bands."""
    value = {
        Attribute.UNIT: str(line.unit_id),
        Attribute.POST_CLASS: line.post_class.value,
        Attribute.LEVEL: line.level.value,
        Attribute.KIND: line.kind.value,
    }
    return tuple(
        next(place for place, band in enumerate(one.bands) if value[one.attribute] in band.values) for one in breakdowns
    )
