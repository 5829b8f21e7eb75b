"""Units form a tree; so do supervisors. How the tree is read out of rows, and where it is none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.people.rules.cells import short
from handlers.talk import Text, t
from storage.records import Unit

SEPARATOR = "/"
DEPTH = 10
"""units one below the other, at most"""
UNIT_LENGTH = 60

Mention = tuple[str, str]
"""What a row says of a unit: its own name or path, and the name or path of the one above (or "")."""
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit as the roster has it. `code` is its path from the top, `parent` the code of the one above."""

    code: str
    name: str
    parent: str = ""


def code(path: Path) -> str:
    """The path as units are called everywhere: `某镇/党政综合办公室`."""
    return SEPARATOR.join(path)


def split(text: str) -> Path:
    """The parts of a path, from the top."""
    return tuple(part.strip() for part in text.split(SEPARATOR) if part.strip())


@dataclass(frozen=True, slots=True)
class Planted:
    """Each mention's path from the top, or what is wrong with it; and all units, those above first."""

    paths: Mapping[Mention, Path]
    wrong: Mapping[Mention, Text]
    units: tuple[UnitLine, ...]


def plant(mentions: Iterable[Mention]) -> Planted:
    """The tree that the rows' mentions make.

    A mention with a separator is a path from the top. One without stands below the unit its row
    names; where it names none, exactly one of the paths that the other rows make has to end in
    it. Where no row makes a path, every unit stands at the top.
    """
    said = dict.fromkeys(mentions)
    grove = _Grove(said)
    vague = [mention for mention in said if SEPARATOR not in mention[0] and not mention[1]]
    paths = {mention: grove.place(*mention) for mention in sorted(said.keys() - set(vague), key=_by_path)}
    flat = not grove.known
    for unit, parent in vague:
        paths[unit, parent] = grove.place(unit, parent) if flat else grove.look_up(unit)
    ordered = sorted(grove.known, key=lambda path: (len(path), path))
    return Planted(
        {mention: path for mention, path in paths.items() if not isinstance(path, Text)},
        {mention: path for mention, path in paths.items() if isinstance(path, Text)},
        tuple(UnitLine(code(path), path[-1], code(path[:-1])) for path in ordered),
    )


def below(top: Unit, units: Sequence[Unit]) -> set[int]:
    """The ids of this unit and of all below it."""
    inside = {top.id}
    while more := {unit.id for unit in units if unit.parent_id in inside} - inside:
        inside |= more
    return inside


def loops(above: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The circles in "who stands above whom", each once, beginning with the one that is named first."""
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for start in above:
        way: dict[str, int] = {}
        at = start
        while at in above and at not in seen:
            seen.add(at)
            way[at] = len(way)
            at = above[at]
        if at in way:
            found.append(tuple(way)[way[at] :])
    return found


def _by_path(mention: Mention) -> tuple[bool, Mention]:
    """Paths are placed first: what stands below a bare name is looked up among them."""
    return SEPARATOR not in mention[0], mention


class _Grove:
    """The units placed so far, and what the rows say stands above which."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self.known: set[Path] = set()
        self._ends: dict[str, set[Path]] = defaultdict(set)
        self._above: dict[str, set[str]] = defaultdict(set)
        for unit, parent in mentions:
            if parent and SEPARATOR not in unit:
                self._above[unit].add(parent)

    def place(self, unit: str, parent: str) -> Path | Text:
        """Its path from the top, or what is wrong with it."""
        if not split(unit):
            return t("the unit is empty. Write it in every row: a merged cell counts for its first row only.")
        if SEPARATOR in unit or not parent:
            return self._learn(split(unit))
        above = self._climb(parent, (unit,))
        return above if isinstance(above, Text) else self._learn((*above, unit))

    def look_up(self, unit: str) -> Path | Text:
        """The one path that ends in this unit, or what is wrong with it."""
        if not unit:
            return self.place(unit, "")
        ends = self._ends.get(unit)
        if not ends:
            return t(
                "the unit {unit} is unknown: other rows write units with the one above, and none of them ends so. "
                "Correct it, write its whole path, or put / before a unit at the top.",
                unit=short(unit),
            )
        return _several(unit) if len(ends) > 1 else next(iter(ends))

    def _climb(self, unit: str, below: Path) -> Path | Text:
        if unit in below:
            way = " → ".join((*below[below.index(unit) :], unit))
            return t("the units above lead in a circle: {way}. Correct the column of the unit above.", way=way)
        if SEPARATOR in unit:
            return split(unit)
        parents = self._above.get(unit, set()) if len(below) <= DEPTH else set()
        ends = self._ends.get(unit, {(unit,)})
        if len(parents) > 1 or (not parents and len(ends) > 1):
            return _several(unit)
        if not parents:
            return next(iter(ends))
        above = self._climb(next(iter(parents)), (*below, unit))
        return above if isinstance(above, Text) else (*above, unit)

    def _learn(self, path: Path) -> Path | Text:
        if len(path) > DEPTH or max(map(len, path)) > UNIT_LENGTH:
            return t(
                "the unit {unit} is too long: at most {depth} units one below the other, {most} characters each.",
                unit=short(code(path)),
                depth=DEPTH,
                most=UNIT_LENGTH,
            )
        for end in range(1, len(path) + 1):
            self.known.add(path[:end])
            self._ends[path[end - 1]].add(path[:end])
        return path


def _several(unit: str) -> Text:
    return t("several units are called {unit}. Write the whole path, from the top, with / between.", unit=short(unit))
