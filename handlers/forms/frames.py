"""What expressions see while they are worked out: the answers that count, entry by entry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from handlers.forms.form import Choice
from handlers.forms.values import Value

Run = Callable[["Frame"], Value]
"""An expression, ready to be worked out."""
Key = tuple[float, ...]
"""Where something stands in the walk: places and numbers of entries in turn. Smaller is earlier."""


@dataclass(slots=True)
class Moment:
    """What is the same for the whole form: the answers by path, how many entries of repeats were made, the time
    where the person is (None: not known), what chance is derived from, and in which language labels are read.

    `touched`: what (as `Plan.followers` has it) may be other than before, so that calculations in place of an answer
    are made anew; only in those entries `within`: repeat to number. `fresh`: while computed defaults are set, what the
    paths of the new entry (of all, when the form is opened) begin with: relevance and calculations are not there yet,
    but those `worked`. `frames`: the entries there are, by place of the repeat.

    While things are worked out, `whole` says that all are; else only what was touched, and then `turned` that some
    relevance is another, and `outdated` that there are other entries than before.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    now: datetime | None = None
    seed: str = ""
    language: str = ""
    touched: frozenset[int] = frozenset()
    within: Mapping[int, int] = field(default_factory=dict)
    fresh: str | None = None
    worked: frozenset[int] = frozenset()
    frames: "dict[int, list[Frame]]" = field(default_factory=dict)
    whole: bool = True
    turned: bool = False
    outdated: bool = False

    def is_new(self, frame: "Frame") -> bool:
        """Is it what is being filled with computed defaults?"""
        return self.fresh is not None and frame.path.startswith(self.fresh)

    def chance(self, *about: object) -> bytes:
        """Bytes that look like chance and are always the same for the same thing in the same walk."""
        return sha256("\n".join(map(str, (self.seed, *about))).encode("utf-8", "replace")).digest()


class Frame:
    """The whole form, or one entry of a repeat, as expressions see it. `repeat` and `number` say which, `path` is
    what its answers' paths begin with.

    `values`: by place, what is answered, relevant and named by some expression. `hidden`: the places not relevant
    here. `entries`: by place of a repeat. `stops`: what stands here, relevant or not, with its place, once the view has
    listed it. While a predicate, a constraint or a filter is worked out, `here`, `position` and `choice` are what it
    looks at, and `outside` is the entry where it stands.
    """

    __slots__ = (
        *("choice", "entries", "here", "hidden", "key", "moment", "number", "outside", "parent", "path", "position"),
        *("repeat", "stops", "values"),
    )

    def __init__(
        self, moment: Moment, parent: "Frame | None" = None, repeat: int = -1, number: int = 0, path: str = ""
    ):
        self.moment = moment
        self.parent = parent
        self.repeat = repeat
        self.number = number
        self.path = path
        self.key: Key = (*parent.key, repeat, number) if parent else ()
        self.values: dict[int, Value] = {}
        self.hidden: set[int] = set()
        self.entries: dict[int, list[Frame]] = {}
        self.stops: list[tuple[int, Any]] | None = None
        self.here: Value = ""
        self.position = 0.0
        self.choice: Choice | None = None
        self.outside: Frame | None = None

    def looking(self, at: Value = "", position: float = 0.0, outside: "Frame | None" = None) -> "Frame":
        """The same, looking at one answer or entry among others."""
        frame = Frame.__new__(Frame)
        for slot in _SHARED:
            setattr(frame, slot, getattr(self, slot))
        frame.here, frame.position, frame.outside = at, position, outside
        return frame

    def above(self, levels: int) -> "Frame":
        """The entry so many levels up."""
        frame = self
        for _ in range(levels):
            frame = frame.parent or frame
        return frame

    def chain(self) -> "list[Frame]":
        """This entry and those around it, the innermost first, without the whole form."""
        found, frame = [], self
        while frame.parent:
            found.append(frame)
            frame = frame.parent
        return found

    @property
    def numbers(self) -> dict[int, int]:
        """The entries it is in: repeat to number."""
        return {entry.repeat: entry.number for entry in self.chain()}

    def is_within(self, entries: Mapping[int, int]) -> bool:
        """Is it in these entries, as far as it is in those repeats at all?"""
        return all(entries.get(frame.repeat, frame.number) == frame.number for frame in self.chain())


_SHARED = tuple(slot for slot in Frame.__slots__ if slot not in ("here", "position", "outside"))


def everywhere(root: Frame, stages: Sequence[tuple[int, str]], within: Mapping[int, int]) -> list[Frame]:
    """All entries at the end of these repeats (each with its path behind the one before), as far as they are in those
    given; also those that are hidden, in which nothing is answered."""
    found = [root]
    for repeat, tail in stages:
        found = [entry for frame in found for entry in _entries(frame, repeat, tail)]
    return [frame for frame in found if frame.is_within(within)]


def _entries(frame: Frame, repeat: int, tail: str) -> list[Frame]:
    path, there = frame.path + tail, frame.entries.get(repeat, [])
    hidden = range(len(there) + 1, frame.moment.made.get(path, 0) + 1)
    return there + [Frame(frame.moment, frame, repeat, number, f"{path}[{number}]") for number in hidden]
