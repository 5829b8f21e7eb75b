"""What a roster would change: who comes, who changes, who leaves. Pure comparison, nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from handlers.people.rules.roster import Roster
from handlers.talk import Text, t
from storage.records import Person, RosterLine, Unit

MANY = 5
"""one person in so many may leave without being asked about"""


@dataclass(frozen=True, slots=True)
class Named:
    """One person, as reports name them."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """A person known before, and the fields that differ, called as `RosterLine` calls them."""

    number: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between the file and what is stored. `units_missing`: the file does not name them any more."""

    added: tuple[Named, ...]
    changed: tuple[Change, ...]
    unchanged: int
    leavers: tuple[Named, ...]
    units_added: tuple[str, ...]
    units_missing: tuple[str, ...]

    @property
    def many_leave(self) -> bool:
        """More than one person in five would leave: more likely a part of the roster than the whole."""
        before = len(self.changed) + self.unchanged + len(self.leavers)
        return len(self.leavers) * MANY > before


def compare(roster: Roster, people: Sequence[Person], units: Sequence[Unit]) -> Changes:
    """`people` are those on the roster now; who left before and comes back counts as added."""
    known = _lines(people, units)
    before = {unit.code for unit in units}
    after = {unit.code for unit in roster.units}
    staying = {line.number for line in roster.lines}
    changed = tuple(
        Change(line.number, line.name, differing)
        for line in roster.lines
        if line.number in known and (differing := _differing(known[line.number], line))
    )
    return Changes(
        added=tuple(Named(line.number, line.name) for line in roster.lines if line.number not in known),
        changed=changed,
        unchanged=len(staying & known.keys()) - len(changed),
        leavers=tuple(Named(line.number, line.name) for line in known.values() if line.number not in staying),
        units_added=tuple(unit.code for unit in roster.units if unit.code not in before),
        units_missing=tuple(unit.code for unit in units if unit.code not in after),
    )


def without_zeros(changes: Changes) -> tuple[Text, ...]:
    """A sentence for everybody who would come as a newcomer while a number that has only zeros more would leave."""
    leaving = {leaver.number.lstrip("0"): leaver.number for leaver in changes.leavers}
    return tuple(
        t(
            "{name}: {number} seems to have lost the zeros of {meant}. "
            "Format the column of staff numbers as text and type the number again.",
            name=newcomer.name,
            number=newcomer.number,
            meant=leaving[newcomer.number],
        )
        for newcomer in changes.added
        if newcomer.number in leaving
    )


def _lines(people: Sequence[Person], units: Sequence[Unit]) -> dict[str, RosterLine]:
    """Stored people as the spreadsheet would have them, by staff number."""
    codes = {unit.id: unit.code for unit in units}
    numbers = {person.id: person.number for person in people}
    return {
        one.number: RosterLine(
            one.number,
            one.name,
            codes[one.unit_id],
            one.post_class,
            one.level,
            numbers.get(one.supervisor_id or 0, ""),
            one.roles,
            one.language,
            one.kind,
            one.standing,
            one.joined,
            one.probation_ends,
        )
        for one in people
    }


def _differing(before: RosterLine, after: RosterLine) -> tuple[str, ...]:
    return tuple(one.name for one in fields(RosterLine) if getattr(before, one.name) != getattr(after, one.name))
