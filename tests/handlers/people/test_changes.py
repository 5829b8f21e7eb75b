"""What a roster would change."""

from handlers.people.rules.changes import Change, Named, compare, without_zeros
from handlers.people.rules.roster import Roster
from handlers.people.rules.tree import UnitLine
from storage.records import Level, Person, PostClass, Role, RosterLine, Unit

UNITS = (Unit(1, "镇", "镇"), Unit(2, "镇/科", "科", 1))


def person(id: int, number: str, name: str = "甲", unit: int = 2, above: int | None = None) -> Person:
    return Person(id, number, name, unit, PostClass.GRID, Level.STAFF, above, frozenset({Role.HR}))


def line(number: str, name: str = "甲", unit: str = "镇/科", above: str = "") -> RosterLine:
    return RosterLine(number, name, unit, PostClass.GRID, Level.STAFF, above, frozenset({Role.HR}))


def roster(*lines: RosterLine) -> Roster:
    return Roster((UnitLine("镇", "镇"), UnitLine("镇/科", "科", "镇")), lines)


def test_the_same_roster_changes_nothing() -> None:
    found = compare(roster(line("1"), line("2", above="1")), [person(7, "1"), person(8, "2", above=7)], UNITS)
    assert (found.added, found.changed, found.leavers, found.units_added, found.units_missing) == ((), (), (), (), ())
    assert found.unchanged == 2
    assert not found.many_leave


def test_who_comes_changes_and_leaves() -> None:
    known = [person(7, "1"), person(8, "2", above=7), person(9, "3", "丙")]
    found = compare(roster(line("4", "丁"), line("1", "乙", "镇"), line("2")), known, [*UNITS, Unit(3, "旧科", "旧科")])
    assert found.added == (Named("4", "丁"),)
    assert found.changed == (Change("1", "乙", ("name", "unit_code")), Change("2", "甲", ("supervisor",)))
    assert found.leavers == (Named("3", "丙"),)
    assert found.unchanged == 0
    assert found.units_missing == ("旧科",)
    assert found.units_added == ()


def test_units_that_are_new() -> None:
    assert compare(roster(line("1")), [], UNITS[:1]).units_added == ("镇/科",)


def test_one_in_five_may_leave() -> None:
    known = [person(at, str(at)) for at in range(1, 11)]
    assert not compare(roster(*(line(str(at)) for at in range(1, 9))), known, UNITS).many_leave
    assert compare(roster(*(line(str(at)) for at in range(1, 8))), known, UNITS).many_leave


def test_numbers_that_lost_their_zeros_in_every_row() -> None:
    known = [person(1, "0012"), person(2, "0013"), person(3, "14")]
    (problem,) = without_zeros(compare(roster(line("12", "乙"), line("14"), line("15")), known, UNITS))
    assert (problem.args["name"], problem.args["number"], problem.args["meant"]) == ("乙", "12", "0012")
