"""The office doors the pages knock at, with an organ of a few people and rounds of its own."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from handlers.people.office import Listed
from handlers.surveys.office import Progress
from handlers.surveys.rules.table import Table
from storage.records import Disposition, Level, Person, PostClass, Role, Round, RoundState, Unit

UNITS = (Unit(1, "zw", "政务中心"), Unit(2, "dj", "党建办公室", 1), Unit(3, "wg", "网格中心", 1))
ABOUT = ("staff_number", "person", "unit", "post_class", "status", "handed_in", "entered_by")


def person(number: int, name: str, unit: int, post: PostClass, *roles: Role, language: str = "") -> Listed:
    """One on the roster."""
    someone = Person(number, f"N{number:03}", name, unit, post, Level.STAFF, None, frozenset(roles), language)
    return Listed(someone, UNITS[unit - 1], ())


def organ() -> list[Listed]:
    """A handful of people: two services in one unit, a guide of each kind, an HR officer."""
    return [
        person(1, "周立安", 1, PostClass.GENERAL, Role.HEAD, Role.COMMITTEE),
        person(2, "沈若衡", 1, PostClass.GENERAL, Role.BRANCH_LEADER),
        person(3, "罗婉清", 1, PostClass.SERVICE, Role.SUPERVISOR),
        person(4, "陶冶", 1, PostClass.SERVICE),
        person(5, "文静", 1, PostClass.SERVICE, language="zh_TW"),
        person(6, "贺丽娜", 1, PostClass.PARTY),
        person(7, "许明远", 2, PostClass.PARTY),
        person(8, "蒋雨薇", 2, PostClass.PARTY, Role.HR),
        person(9, "<b>申晓静</b>", 3, PostClass.GRID),
    ]


@dataclass
class Office:
    """Answers orders by name; `asked` keeps them."""

    people: list[Listed] = field(default_factory=organ)
    rounds: list[Round] = field(default_factory=list)
    table: Table = field(default_factory=lambda: Table(ABOUT, ()))
    counts: tuple[int, int, int, int] = (9, 2, 1, 3)
    """invited, unreachable, started, handed in"""
    assurance: Any = None
    failure: Exception | None = None
    asked: list[SimpleNamespace] = field(default_factory=list)

    async def __call__(self, name: str, **fields: Any) -> Any:
        """Knocks."""
        self.asked.append(SimpleNamespace(name=name, **fields))
        if self.failure:
            raise self.failure
        match name:
            case "list_people":
                return self.people
            case "list_rounds":
                return self.rounds
            case "round_answers":
                return self.table
            case "round_assurance":
                return self.assurance
            case "round_progress":
                invited, unreachable, started, handed_in = self.counts
                counts = dict.fromkeys(Disposition, 0) | {Disposition.STARTED: started}
                counts |= {Disposition.UNREACHABLE: unreachable, Disposition.HANDED_IN: handed_in}
                counts[Disposition.INVITED] = invited - unreachable - started - handed_in
                return Progress(fields["round_id"], "title", RoundState.OPEN, *self.counts, counts)
        raise KeyError(name)
