"""Where everything in a form stands, and where names and paths lead: found out once, when a form is made ready.

Every item has a place, its number in the order of the rows. A path leads from where an expression stands to one
place: so many entries of repeats up, then down through the entries of others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from handlers.forms.expressions import Malformed, Name, Node, Pace, Path
from handlers.forms.form import Group, Item, Question
from handlers.talk import Text, t

TOP = -1
"""The place of what is in no group."""
_DOCUMENT = -2


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an expression stands, or what a predicate looks at: a place, and the repeats whose entries it is in,
    the outermost first. `origin`: outside the brackets of a predicate. `columns`: those of the choices that it
    chooses from."""

    place: int
    entries: tuple[int, ...]
    origin: "Standing | None" = None
    columns: frozenset[str] | None = None


class Stage(NamedTuple):
    """Down into the entries of a repeat, those that keep the predicates."""

    repeat: int
    predicates: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """How to get to a place: from the entry one is in (or is in outside the brackets, if `outside`) so many up, then
    down the stages; `predicates` choose among the answers found there."""

    place: int
    outside: bool
    up: int
    down: tuple[Stage, ...]
    predicates: tuple[Node, ...]

    @property
    def many(self) -> bool:
        """Can it lead to several?"""
        return any(not stage.predicates for stage in self.down)


@dataclass(slots=True)
class _Course:
    """A path being followed: where it is, how many of the entries it started in it is still in."""

    place: int
    base: tuple[int, ...]
    within: int
    predicates: dict[int, tuple[Node, ...]] = field(default_factory=dict)


class Places:
    """The items of a form by place. `parents` and `scopes` (the repeats around it) are by place, too."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items: list[Item] = []
        self.parents: list[int] = []
        self.scopes: list[tuple[int, ...]] = []
        self.inside: dict[tuple[int, str], int] = {}
        self.named: dict[str, list[int]] = {}
        self.ends: list[int] = []
        self._add(items, TOP, ())
        self.root = items[0].path.split("/")[1] if items else ""

    def _add(self, items: Sequence[Item], parent: int, scope: tuple[int, ...]) -> None:
        for item in items:
            place = len(self.items)
            self.items.append(item)
            self.parents.append(parent)
            self.scopes.append(scope)
            self.ends.append(place)
            self.inside.setdefault((parent, item.name), place)
            self.named.setdefault(item.name, []).append(place)
            if isinstance(item, Group):
                self._add(item.items, place, (*scope, place) if item.repeat else scope)
                self.ends[place] = len(self.items) - 1

    def repeats(self, place: int) -> bool:
        """Is it a repeat?"""
        item = self.items[place] if place >= 0 else None
        return isinstance(item, Group) and item.repeat

    def own(self, place: int) -> tuple[int, ...]:
        """The repeats in whose entries it is, itself included."""
        if place < 0:
            return ()
        return (*self.scopes[place], place) if self.repeats(place) else self.scopes[place]

    def tail(self, place: int) -> str:
        """Its path behind that of the innermost entry it stands in."""
        scope = self.scopes[place]
        path = self.items[place].path
        return path.removeprefix(self.items[scope[-1]].path) if scope else path

    def stages(self, place: int) -> list[tuple[int, str]]:
        """The repeats around it, each with its path behind the one before."""
        return [(repeat, self.tail(repeat)) for repeat in self.scopes[place]]

    def standing(self, place: int, field: str = "") -> Standing:
        """Where the expression in this field of an item stands."""
        at, question = Standing(place, self.scopes[place]), self.question(place)
        if field == "constraint":
            return self.looking(place, at)
        if field == "choice_filter" and question:
            return replace(at, columns=frozenset({"name"}.union(*(choice.columns for choice in question.choices))))
        return at

    # Names and paths ----------------------------------------------------------------------------------

    def find(self, name: Name) -> int:
        """The place that a `${name}` means. Raises Malformed if there is none, or several."""
        found = self.named.get(name.name, [])
        asked = [place for place in found if isinstance(self.items[place], Question)]
        match asked or found:
            case [place]:
                return place
            case [] if name.name.startswith("last-saved#"):
                raise Malformed(name.position, t("answers of an earlier time cannot be asked for here"))
            case []:
                raise Malformed(name.position, t("there is no question “{name}”", name=name.name))
        raise Malformed(name.position, t("several questions are called “{name}”", name=name.name))

    def way(self, node: Name | Path, at: Standing, chosen: Sequence[Stage] = ()) -> Way:
        """Where a name or path leads. `chosen`: the entries that `indexed-repeat` names. Raises Malformed."""
        course = self._start(node, at)
        if isinstance(node, Path):
            for pace in node.paces:
                self._go(course, pace, node)
        for stage in chosen:
            self._choose(course, stage.repeat, stage.predicates)
        own = self.own(course.place)
        shared = 0
        while shared < min(course.within, len(own)) and own[shared] == course.base[shared]:
            shared += 1
        down = tuple(Stage(repeat, course.predicates.pop(repeat, ())) for repeat in own[shared:])
        predicates = course.predicates.pop(course.place, ())
        if course.predicates:
            raise Malformed(node.position, t("brackets can only stand behind a repeat or a question"))
        outside = isinstance(node, Path) and node.origin == "current()"
        return Way(course.place, outside, len(course.base) - shared, down, predicates)

    def question(self, place: int) -> Question | None:
        """The question at this place, if it is one."""
        item = self.items[place] if place >= 0 else None
        return item if isinstance(item, Question) else None

    def looking(self, place: int, at: Standing) -> Standing:
        """Where a predicate stands: it looks at the entries or answers of this place."""
        return Standing(place, self.own(place), origin=at.origin or replace(at, origin=None))

    def _start(self, node: Name | Path, at: Standing) -> _Course:
        if isinstance(node, Name):
            return _Course(self.find(node), at.entries, len(at.entries))
        match node.origin:
            case Name():
                return _Course(self.find(node.origin), at.entries, len(at.entries))
            case "/":
                return _Course(_DOCUMENT, at.entries, len(at.entries))
            case "current()":
                at = at.origin or at
        return _Course(at.place, at.entries, len(at.entries))

    def _go(self, course: _Course, pace: Pace, path: Path) -> None:
        if pace.name == "..":
            course.place = self._up(course, path)
        elif pace.name != ".":
            course.place = self._into(course.place, pace.name, path)
        if pace.predicates:
            self._choose(course, course.place, pace.predicates)

    def _up(self, course: _Course, path: Path) -> int:
        """To the group around. Out of an entry, one is no longer in it: the way back leads to all entries."""
        if course.place < 0:
            raise Malformed(path.position, t("this path leads out of the form"))
        if self.repeats(course.place):
            course.within = min(course.within, len(self.scopes[course.place]))
        return self.parents[course.place]

    def _into(self, place: int, name: str, path: Path) -> int:
        if place == _DOCUMENT and name == self.root:
            return TOP
        found = self.inside.get((place, name))
        if found is None:
            raise Malformed(path.position, self._nowhere(place, name))
        return found

    def _nowhere(self, place: int, name: str) -> Text:
        if self.question(place) and name in self.named:
            return t("an answer is named like {example}", example=f"${{{name}}}")
        return t("this path leads nowhere: there is no “{name}” at this place", name=name)

    def _choose(self, course: _Course, place: int, predicates: tuple[Node, ...]) -> None:
        course.predicates[place] = course.predicates.get(place, ()) + predicates
        if self.repeats(place):
            course.within = min(course.within, len(self.scopes[place]))
