"""Which groups are shown of each question of an anonymous round, beside what earlier rounds have shown. Pure.

Within a round the audit counts who answered; between rounds who was asked, because who answered is destroyed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from handlers.surveys.rules.disclosure import (
    SMALL,
    Cell,
    Cuts,
    Group,
    Spans,
    TooHard,
    agrees,
    holds,
    members,
    named,
    ordered,
    sizes,
)
from handlers.surveys.rules.gathering import Gathered, mostly, sight
from storage.records import Released, Round

RECENT = timedelta(days=180)
"""Between rounds further apart than this people's answers have changed too much to be taken from one another:
`docs/anonymity.md`."""
Cells = tuple[Cell | None, ...]
"""Where somebody is in this round's bands, and in those of each earlier round; None where they were not asked."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An anonymous round before this one, of which somebody is asked again, and all that was released of it."""

    round: Round
    released: Sequence[Released]


class Rule(StrEnum):
    """Why a table is hidden; told to auditors as numbers alone, and no more closely: which one is for what people
    answered would tell what they did."""

    FEW = "few"
    """too few were asked, or answered"""
    BESIDE = "beside"
    """too few, or a small group that all but agrees, would be told of, by itself or with other groups' tables"""
    EARLIER = "earlier"
    """too few could be computed together with an earlier round"""
    UNEXAMINED = "unexamined"
    """it would have taken too long to tell"""


class Between:
    """The audit between this round and those before it that asked the same question."""

    def __init__(self, round: Round, asked: Mapping[Cells, int], earlier: Sequence[Earlier]) -> None:
        self._least = round.secrecy.threshold
        self._asked = {cells: count for cells, count in asked.items() if count}
        self._earlier = [(at, one) for at, one in enumerate(earlier, 1) if _is_recent(round, one.round)]
        self._done: dict[tuple[int, ...], tuple[Collection[Group], Collection[Group]]] = {}

    @property
    def here(self) -> dict[Cell, int]:
        """How many were asked in this round, by cell."""
        found: Counter[Cell] = Counter()
        for cells, count in self._asked.items():
            if cells[0] is not None:
                found[cells[0]] += count
        return dict(found)

    def shown(self, path: str) -> tuple[Collection[Group], Collection[Group]]:
        """The groups of which this question may be shown, and those that could not be examined."""
        ours = tuple(at for at, one in self._earlier if any(_is_shown(table, path) for table in one.released))
        if ours not in self._done:
            self._done[ours] = self._examined(ours)
        return self._done[ours]

    def _examined(self, ours: Sequence[int]) -> tuple[Collection[Group], Collection[Group]]:
        candidates = ordered(self.here)
        if not ours:
            return frozenset(candidates), ()
        before = {at: self._groups(at) for at in ours}
        same = all(cells[at] == cells[0] for cells in self._asked for at in ours)
        if same and any(() in groups for groups in before.values()):
            cuts = Cuts(
                {cells[0]: (count,) for cells, count in self._asked.items() if cells[0] is not None},
                self._least,
                alike=False,
                shown=[group for groups in before.values() for group in groups],
            )
            return frozenset(group for group in candidates if cuts.take(group)), ()
        return self._spanned(candidates, before)

    def _groups(self, at: int) -> set[Group]:
        """Every group of an earlier round of which any question was shown."""
        released = next(one.released for place, one in self._earlier if place == at)
        return {named(table.group) for table in released if table.about.startswith("/") and table.figures is not None}

    def _spanned(
        self, candidates: Iterable[Group], before: Mapping[int, Iterable[Group]]
    ) -> tuple[Collection[Group], Collection[Group]]:
        classes = list(self._asked)
        spans = Spans([self._asked[cells] for cells in classes], self._least)
        for at, groups in before.items():
            for group in groups:
                spans.show(_inside(classes, at, group))
        fine, unexamined = set[Group](), set[Group]()
        for group in candidates:
            if () not in fine and group:
                break
            try:
                if spans.take(_inside(classes, 0, group)):
                    fine.add(group)
            except TooHard:
                unexamined.add(group)
        return fine, unexamined


def _inside(classes: Sequence[Cells], at: int, group: Group) -> list[int]:
    return [place for place, cells in enumerate(classes) if (cell := cells[at]) is not None and holds(group, cell)]


def _is_recent(here: Round, before: Round) -> bool:
    return here.opens is None or before.closes is None or here.opens - before.closes <= RECENT


def _is_shown(table: Released, path: str) -> bool:
    """Was anything shown of a question of this name? That it stands in another group now makes it no other question."""
    name = path.rpartition("/")[2]
    return table.figures is not None and table.about.startswith("/") and table.about.rpartition("/")[2] == name


class Screen:
    """The audit of one round: `answered` by cell."""

    def __init__(self, names: Sequence[Cell], answered: Mapping[Cell, int], between: Between, least: int) -> None:
        self.names, self.least, self._between = names, least, between
        self.asked, self.answered = sizes(between.here), sizes(answered)
        self.hidden: Counter[Rule] = Counter()
        places = {name: at for at, name in enumerate(names)}
        self._places = {group: [places[cell] for cell in cells] for group, cells in members(names).items()}
        silent = {cell: max(0, count - answered.get(cell, 0)) for cell, count in between.here.items()}
        asked, given = _plain(between.here, least), _plain(answered, least)
        still = _plain(silent, least)
        self.groups: list[Group] = []
        """Of whom anything may be shown, from large to small."""
        self.rated: set[Group] = set()
        """Of whom it may be told how many answered."""
        missing = sizes(silent)
        for group in ordered(answered):
            fits = asked.take(group)
            if not fits or not given.take(group):
                if fits:
                    asked.untake(group)
                large = min(self.asked.get(group, 0), self.answered[group]) >= least
                self.hidden[Rule.BESIDE if large else Rule.FEW] += 1
            else:
                self.groups.append(group)
                if not missing.get(group) or still.take(group):
                    self.rated.add(group)

    def inside(self, group: Group) -> Sequence[int]:
        """The places of a group's cells."""
        return self._places[group]

    def screened(self, gathered: Gathered) -> set[Group]:
        """Of which groups a question is shown."""
        people = {cell: some[0] for cell, some in gathered.counts(self.names).items()}
        cuts, shown = self._cuts(gathered), set[Group]()
        fine, unexamined = self._between.shown(gathered.asked.path)
        ours = frozenset(self.groups)
        for group in (group for group in ordered(people) if group in ours):
            if group not in fine:
                self.hidden[Rule.UNEXAMINED if group in unexamined else Rule.EARLIER] += 1
            elif why := self._why(gathered, group, cuts):
                self.hidden[why] += 1
            else:
                shown.add(group)
        return shown

    def mostly(self, gathered: Gathered) -> dict[str, Any] | None:
        """What is shown of a small round that all but agrees; None where it does not, or may not be shown either.

        Never of a part of a round: that one is cut down to this and another is hidden would tell, with the table of the
        whole, who differs.
        """
        if () not in self._between.shown(gathered.asked.path)[0]:
            return None
        seen = sight(gathered, self.inside(()))
        if gathered.agreeing is None or seen.known < self.least:
            return None
        agreeing = gathered.agreeing.sum(axis=0).tolist()
        return mostly(gathered.asked, seen) if agrees((seen.answered, *agreeing)) else None

    def _cuts(self, gathered: Gathered) -> Cuts:
        counts = gathered.counts(self.names)
        if gathered.agreeing is None and gathered.asked.kind == "number":
            return Cuts(counts, max(self.least, SMALL), alike=False)
        return Cuts(counts, self.least, alike=gathered.agreeing is not None)

    def _why(self, gathered: Gathered, group: Group, cuts: Cuts) -> Rule | None:
        """Why a group is hidden; None if it is shown."""
        seen = sight(gathered, self.inside(group))
        if seen.known < self.least:
            return Rule.FEW
        return None if cuts.take(group) else Rule.BESIDE


def _plain(people: Mapping[Cell, int], least: int) -> Cuts:
    return Cuts({cell: (count,) for cell, count in people.items()}, least, alike=False)
