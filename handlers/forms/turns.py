"""What is worked out about one item when all that it depends on has been: small functions that write to a frame.

Each can be done again when something has changed, and then writes what is true now.
"""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple

from handlers.forms.frames import Frame, Run, everywhere
from handlers.forms.kind import Kind
from handlers.forms.values import Value, number, plain, truth

Work = Callable[[Frame], None]


class Turn(NamedTuple):
    """Something to work out in each entry of a repeat (`scope`; below 0: once). `about`: a place for its value,
    `~place` for whether it is relevant. `derived`: not there yet while computed defaults are set."""

    scope: int
    about: int
    derived: bool
    work: Work

    @property
    def place(self) -> int:
        """Of the row or group."""
        return max(self.about, ~self.about)


def condition(place: int, parent: int, relevant: Run | None) -> Work:
    """Is it relevant here? What is in a hidden group never is."""

    def decide(frame: Frame) -> None:
        hidden = frame.hidden
        hide = parent in hidden or (relevant is not None and not truth(relevant(frame)))
        if hide is not (place in hidden):
            (hidden.add if hide else hidden.discard)(place)
            frame.moment.turned = True

    return decide


def entries(place: int, tail: str, count: Run | None) -> Work:
    """The entries of a repeat: those that were made; with a count, no more than it says."""

    def enter(frame: Frame) -> None:
        moment, known = frame.moment, frame.entries.get(place)
        if place in frame.hidden:
            moment.outdated = moment.outdated or known is not None
            return
        there = moment.made.get(frame.path + tail, 0)
        if count is not None and not moment.is_new(frame):
            there = min(there, counted(count(frame)))
        if moment.whole:
            path = f"{frame.path}{tail}["
            found = [Frame(moment, frame, place, number, f"{path}{number}]") for number in range(1, there + 1)]
            frame.entries[place] = found
            moment.frames.setdefault(place, []).extend(found)
        else:
            moment.outdated = moment.outdated or known is None or len(known) != there

    return enter


def counted(value: Value) -> int:
    """A count, cut to a whole number; 0 where it is none."""
    found = number(value)
    return max(0, int(found)) if isfinite(found) else 0


def answer(place: int, tail: str, kind: Kind) -> Work:
    """The stored answer, if it counts."""
    seen = kind.seen

    def take(frame: Frame) -> None:
        value = frame.moment.answers.get(frame.path + tail)
        if value is None or place in frame.hidden:
            frame.values.pop(place, None)
        else:
            frame.values[place] = seen(value)

    return take


def calculation(place: int, tail: str, run: Run, *, once: bool) -> Work:
    """What is worked out each time. With `once` in it, what was yielded first is noted among the answers, for
    good; but while it is not relevant, what it depends on can still change it."""

    def work(frame: Frame) -> None:
        moment = frame.moment
        if place in frame.hidden:
            frame.values.pop(place, None)
            if once and place in moment.touched and frame.is_within(moment.within):
                moment.answers.pop(frame.path + tail, None)
            return
        value = run(frame)
        if value == "" or value != value:
            frame.values.pop(place, None)
            return
        frame.values[place] = value
        if once and (moment.fresh is None or place in moment.worked):
            moment.answers.setdefault(frame.path + tail, plain(value))

    return work


def reckoning(place: int, tail: str, run: Run, kind: Kind, stages: Sequence[tuple[int, str]]) -> Work:
    """A calculation in place of an answer: it becomes the answer whenever what it depends on was touched, in hidden
    entries, too. To be done once for the whole form; `stages`: the repeats it stands in."""

    def work(root: Frame) -> None:
        moment = root.moment
        if place not in moment.touched:
            return
        for frame in everywhere(root, stages, moment.within):
            value = run(frame)
            stored = kind.stored("" if value != value else value)
            if stored is None:
                moment.answers.pop(frame.path + tail, None)
            else:
                moment.answers[frame.path + tail] = stored

    return work
