"""Which groups may be shown beside one another, so that no few people can be computed from them. Pure, exact.

What is shown of a group is taken to be exact: the number of its people for each answer. Whoever has the tables of
some groups has all their sums and differences: the row space of the groups over the people. People in the same cell
(one place in each breakdown's bands) stand in the same groups, so a vector of that space has one value a cell, and the
people it tells of are those in the cells where it is not zero: its support. A group is shown beside those before it
only if no vector of the row space that it adds has a support of

- fewer than `k` people, or
- fewer than `SMALL` people of whom nearly all gave the same answer: all but `SPARE`. Were it one less than that, those
  who differ could all be in league (`INSIDERS`), and would know the answer of everybody else.

`Cuts` does this within one round, where at most two breakdowns make it a question of cuts in a graph; `Spans` where
there are more groupings, as with earlier rounds.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

Cell = tuple[int, ...]
"""A place in the bands of each breakdown."""
Group = tuple[tuple[int, int], ...]
"""Pairs of a breakdown and a place in its bands; () is everybody."""
Counts = Mapping[Cell, Sequence[int]]
"""How many people a cell has, and behind that how many of them gave each answer (of which one may give several)."""

SMALL = 20
INSIDERS = 4
"""So many may tell one another what they answered, and what they see of a group still tells of nobody else."""
SPARE = INSIDERS + 1


def key(group: Group) -> str:
    """The group as `Released.group` names it."""
    return ",".join(f"{breakdown}={place}" for breakdown, place in group)


def named(text: str) -> Group:
    """The group that `key` names."""
    pairs = (one.split("=") for one in text.split(",") if one)
    return tuple((int(breakdown), int(place)) for breakdown, place in pairs)


def holds(group: Group, cell: Cell) -> bool:
    """Is whoever is in the cell in the group?"""
    return all(cell[breakdown] == place for breakdown, place in group)


def groups(cells: Iterable[Cell]) -> list[Group]:
    """Everybody, each band, each meeting of two bands, of all there are; parents first."""
    cells = list(cells)
    found: set[Group] = {()}
    for cell in cells:
        pairs = tuple(enumerate(cell))
        found |= {(pair,) for pair in pairs} | {pairs}
    return sorted(found, key=lambda group: (len(group), group))


def sizes(counts: Mapping[Cell, int]) -> dict[Group, int]:
    """How many people each group has that has any, parents first."""
    found: dict[Group, int] = dict.fromkeys(groups(cell for cell, count in counts.items() if count), 0)
    for cell, count in counts.items():
        pairs = tuple(enumerate(cell))
        for group in {(), pairs, *((pair,) for pair in pairs)} if count else ():
            found[group] += count
    return found


def ordered(counts: Mapping[Cell, int]) -> list[Group]:
    """The groups as they are tried: from large to small, of equal ones the parents first."""
    found = sizes(counts)
    return sorted(found, key=lambda group: (-found[group], len(group), group))


def agrees(answers: Sequence[int]) -> bool:
    """Are these fewer than `SMALL` of whom all but `SPARE` gave the same answer? As a value of `Counts`."""
    return answers[0] < SMALL and answers[0] - max(answers[1:], default=0) <= SPARE


_Node = tuple[int, int]
_REST = -1
_ENOUGH_APART = (10, 3, 1, 1000)
"""Weights of who differs, tried in turn."""


class Cuts:
    """The audit within one round of at most two breakdowns.

    Each unshown cell is an edge between its row's node and its column's node, as heavy as it has people; a row (a band
    of the first breakdown) that is shown has a node of its own, all others share one, and so the columns. A vector of
    the row space is: a number for everybody, one for each shown row, column and cell. On an unshown cell its value is
    the sum of those of everybody, its row and its column, hence the difference of two potentials, one at either end of
    the edge: any potentials can be had, as everybody is always shown first. So the unshown cells of a support are a
    cut, and each cut is one; a shown cell can be set to zero by itself. The least support is therefore the lightest cut
    that is not empty, or a shown cell.

    Showing one more group splits a node (a row or column leaves the others) or takes an edge away (a cell). A cut that
    leaves the two ends together was there before, equally heavy. So only those that part the two ends are new, and
    the lightest of these is the largest flow between them (Ford and Fulkerson). Where nothing flows, the ends are in
    different parts of the graph, and each cut of either part can be drawn so that the ends stay together.

    Whether nearly all in a cut agree is asked of all cuts below `SMALL` together: if fewer than `SMALL` people were in
    one, of whom at most `SPARE` differ from one answer, its weight would be at most SMALL - 1 + w * SPARE, when whoever
    differs weighs 1 + w. A flow of more than that, for any w > 0, rules it out. Where no w does, the group is hidden,
    even if there should be no such cut.
    """

    def __init__(self, counts: Counts, least: int, alike: bool = True, shown: Iterable[Group] = ()) -> None:
        """`least`: k; `alike`: are supports refused of whom nearly all agree? `shown`: groups that are shown anyway;
        if there are any, everybody is among them."""
        self._least, self._alike = least, alike
        self._enough = max(least, SMALL) if alike else least
        self._counts = {cell: tuple(some) for cell, some in counts.items() if some[0]}
        self._sums = {cell: some[0] for cell, some in self._counts.items()}
        self._inside = members(self._counts)
        self._edges: set[Cell] = set()
        self._light = 0
        """Edges lighter than what is enough."""
        self._graph: dict[_Node, dict[_Node, int]] = {}
        self._split: set[tuple[int, int]] = set()
        self._all = False
        for cell in self._counts:
            self._put(cell)
        for group in shown:
            self._show(group)

    def take(self, group: Group) -> bool:
        """Shows the group, if that may be."""
        inside = self._inside.get(group, [])
        if sum(self._sums[cell] for cell in inside) < self._least:
            return False
        if not group:
            self._all = not self._bad([sum(some) for some in zip(*self._counts.values(), strict=True)])
            return self._all
        is_cell = self._is_cell(group)
        if not self._all or (is_cell and self._bad(self._counts[inside[0]])):
            return False
        ends = self._ends(inside[0]) if is_cell else (group[0], (group[0][0], _REST))
        self._show(group)
        if self._parts(*ends):
            return True
        self.untake(group)
        return False

    def untake(self, group: Group) -> None:
        """The group is not shown after all; it must have been the last that was taken."""
        inside = self._inside.get(group, [])
        if not group:
            self._all = False
        elif self._is_cell(group):
            for cell in inside:
                self._put(cell)
        else:
            edges = [cell for cell in inside if cell in self._edges]
            for cell in edges:
                self._drop(cell)
            self._split.discard(group[0])
            for cell in edges:
                self._put(cell)

    def _show(self, group: Group) -> None:
        edges = [cell for cell in self._inside.get(group, ()) if cell in self._edges]
        if not group:
            self._all = True
            return
        for cell in edges:
            self._drop(cell)
        if not self._is_cell(group):
            self._split.add(group[0])
            for cell in edges:
                self._put(cell)

    def _is_cell(self, group: Group) -> bool:
        return len(group) == len(next(iter(self._counts), ()))

    def _put(self, cell: Cell) -> None:
        self._edges.add(cell)
        self._weigh(cell, self._sums[cell])

    def _drop(self, cell: Cell) -> None:
        self._edges.discard(cell)
        self._weigh(cell, -self._sums[cell])

    def _weigh(self, cell: Cell, weight: int) -> None:
        row, column = self._ends(cell)
        self._light += (1 if weight > 0 else -1) if abs(weight) < self._enough else 0
        for near, far in ((row, column), (column, row)):
            there = self._graph.setdefault(near, {})
            there[far] = there.get(far, 0) + weight

    def _ends(self, cell: Cell) -> tuple[_Node, _Node]:
        """The nodes of a cell's row and column; of one breakdown all cells lie between two nodes."""
        if len(cell) < 2:
            return (0, _REST), (1, _REST)
        row, column = enumerate(cell)
        return row if row in self._split else (0, _REST), column if column in self._split else (1, _REST)

    def _bad(self, answers: Sequence[int]) -> bool:
        """May these people not be told of?"""
        return answers[0] < self._least or (self._alike and agrees(answers))

    def _parts(self, one: _Node, other: _Node) -> bool:
        """Is no cut that parts these two bad?"""
        if not self._light:
            return True
        found = _flow(self._graph, one, other, self._enough)
        if found == 0 or found >= self._enough:
            return True
        if found < self._least:
            return False
        joined = self._joined()
        return all(_differ(joined, one, other, at) for at in range(1, len(next(iter(self._counts.values())))))

    def _joined(self) -> dict[_Node, dict[_Node, list[int]]]:
        """The graph with the answers of all cells between two nodes together."""
        graph: dict[_Node, dict[_Node, list[int]]] = {}
        for cell in self._edges:
            row, column = self._ends(cell)
            some = graph.setdefault(row, {}).get(column)
            sums = (
                [one + two for one, two in zip(some, self._counts[cell], strict=True)] if some else self._counts[cell]
            )
            graph[row][column] = graph.setdefault(column, {})[row] = list(sums)
        return graph


def _differ(joined: Mapping[_Node, Mapping[_Node, Sequence[int]]], one: _Node, other: _Node, answer: int) -> bool:
    """Do enough in each cut below `SMALL` give another answer than this one?"""
    for weight in _ENOUGH_APART:
        enough = SMALL + weight * SPARE
        graph = {
            near: {far: some[0] + weight * (some[0] - some[answer]) for far, some in there.items()}
            for near, there in joined.items()
        }
        if _flow(graph, one, other, enough) >= enough:
            return True
    return False


def members(cells: Iterable[Cell]) -> dict[Group, list[Cell]]:
    """The cells of each group."""
    found: dict[Group, list[Cell]] = {}
    for cell in cells:
        pairs = tuple(enumerate(cell))
        for group in {(), pairs, *((pair,) for pair in pairs)}:
            found.setdefault(group, []).append(cell)
    return found


_Graph = Mapping[_Node, Mapping[_Node, int]]


def _flow(graph: _Graph, one: _Node, other: _Node, enough: int) -> int:
    """The largest flow between two nodes, or `enough` if it is at least that."""
    used: dict[tuple[_Node, _Node], int] = {}
    flow = 0
    while flow < enough and (path := _path(graph, used, one, other)):
        width = min(graph[near][far] - used.get((near, far), 0) for near, far in path)
        for near, far in path:
            used[near, far] = used.get((near, far), 0) + width
            used[far, near] = used.get((far, near), 0) - width
        flow += width
    return min(flow, enough)


def _path(
    graph: _Graph, used: Mapping[tuple[_Node, _Node], int], one: _Node, other: _Node
) -> list[tuple[_Node, _Node]]:
    """A shortest path on which something can still flow."""
    before: dict[_Node, _Node] = {one: one}
    waiting = deque((one,))
    while waiting and other not in before:
        near = waiting.popleft()
        for far, room in graph.get(near, {}).items():
            if far not in before and room > used.get((near, far), 0):
                before[far] = near
                waiting.append(far)
    path, at = list[tuple[_Node, _Node]](), other
    while at in before and at != one:
        path.append((before[at], at))
        at = before[at]
    return path


_PRIME = 2**31 - 1
EFFORT = 40_000_000
"""Numbers that may be looked at for all groups, and a tenth of it for one; what would take more is hidden."""


class TooHard(Exception):
    """The search would take too long."""


class Spans:
    """The audit over any groupings: the row space itself, searched for vectors with a small support.

    `weights`: people in each class; a group is given as the classes it holds. The arithmetic is modulo a prime: a
    vector of rational numbers, written with whole ones that have no common divisor, stays one modulo the prime with no
    larger support, so nothing is missed as long as the rank stays the same; only a prime that divides every largest
    minor of a matrix of zeros and ones could lower it.
    """

    def __init__(self, weights: Sequence[int], least: int) -> None:
        self._weights, self._least = list(weights), least
        self._rows: list[tuple[int, list[int]]] = []
        """Reduced rows, each with the place of its leading one."""
        self._spent = self._limit = 0

    def show(self, inside: Iterable[int]) -> None:
        """This group is shown, whatever follows from it."""
        self._keep(self._reduced(self._vector(inside)))

    def take(self, inside: Iterable[int]) -> bool:
        """Shows the group, if no small support comes with it. Raises TooHard where that cannot be told in time."""
        self._limit = min(EFFORT, self._spent + EFFORT // 10)
        row = self._reduced(self._vector(inside))
        if not any(row):
            return True
        basis = [[*old, 0] for _, old in self._rows] + [[*row, 1]]
        if self._small(basis, self._weights, self._least - 1):
            return False
        self._keep(row)
        return True

    def _vector(self, inside: Iterable[int]) -> list[int]:
        row = [0] * len(self._weights)
        for place in inside:
            row[place] = 1 if self._weights[place] else 0
        return row

    def _reduced(self, row: list[int]) -> list[int]:
        for lead, old in self._rows:
            if factor := row[lead]:
                row = _less(row, old, factor)
        return row

    def _keep(self, row: list[int]) -> None:
        lead = next((place for place, number in enumerate(row) if number), None)
        if lead is None:
            return
        inverse = pow(row[lead], -1, _PRIME)
        row = [number * inverse % _PRIME for number in row]
        self._rows = [(place, _less(old, row, old[lead]) if old[lead] else old) for place, old in self._rows]
        self._rows.append((lead, row))

    def _small(self, basis: list[list[int]], weights: list[int], room: int) -> bool:
        """Is there a vector with a share of the new group whose support weighs at most `room`?"""
        while True:
            if not any(row[-1] for row in basis):
                return False
            self._spent += 3 * len(basis) * len(weights)
            if self._spent > self._limit:
                raise TooHard
            basis, weights = _merged(basis, weights)
            if not weights:
                return True
            place = max(range(len(weights)), key=weights.__getitem__)
            if weights[place] <= room:
                break
            basis = self._without(basis, place)
        outside = [row[:place] + row[place + 1 :] for row in basis]
        return self._small(self._without(basis, place), weights, room) or self._small(
            outside, weights[:place] + weights[place + 1 :], room - weights[place]
        )

    def _without(self, basis: list[list[int]], place: int) -> list[list[int]]:
        """The vectors of the space that are zero at this place."""
        lead = next(row for row in basis if row[place])
        inverse = pow(lead[place], -1, _PRIME)
        return [
            _less(row, lead, row[place] * inverse % _PRIME) if row[place] else row for row in basis if row is not lead
        ]


def _less(row: list[int], other: list[int], factor: int) -> list[int]:
    return [(one - factor * two) % _PRIME for one, two in zip(row, other, strict=True)]


def _merged(basis: list[list[int]], weights: list[int]) -> tuple[list[list[int]], list[int]]:
    """The same with classes together whose values are in one proportion in all vectors: they are zero together."""
    columns: dict[tuple[int, ...], int] = {}
    for weight, column in zip(weights, zip(*(row[:-1] for row in basis), strict=True), strict=True):
        first = next((number for number in column if number), 0)
        if first and weight:
            inverse = pow(first, -1, _PRIME)
            scaled = tuple(number * inverse % _PRIME for number in column)
            columns[scaled] = columns.get(scaled, 0) + weight
    shares = [row[-1] for row in basis]
    rows = [[*some, share] for some, share in zip(zip(*columns, strict=True), shares, strict=True)] if columns else []
    return rows or [[share] for share in shares], list(columns.values())
