"""What is worked out about one item when all that it depends on has been: small functions that write to a frame."""

from collections.abc import Callable
from math import isfinite

from handlers.forms.frames import Frame, Run
from handlers.forms.kind import Kind
from handlers.forms.values import Value, number, truth

Work = Callable[[Frame], None]


def condition(place: int, parent: int, relevant: Run | None) -> Work:
    """Is it relevant here? What is in a hidden group never is."""
    if relevant is None:

        def follow(frame: Frame) -> None:
            if parent in frame.hidden:
                frame.hidden.add(place)

        return follow

    def decide(frame: Frame) -> None:
        if parent in frame.hidden or not truth(relevant(frame)):
            frame.hidden.add(place)

    return decide


def entries(place: int, tail: str, count: Run | None) -> Work:
    """The entries of a repeat: those that were made; with a count, no more than it says."""

    def enter(frame: Frame) -> None:
        if place in frame.hidden:
            return
        moment = frame.moment
        made = moment.made.get(frame.path + tail, 0)
        there = made if count is None else min(made, counted(count(frame)))
        path = f"{frame.path}{tail}["
        found = [Frame(moment, frame, place, number, f"{path}{number}]") for number in range(1, there + 1)]
        frame.entries[place] = found
        moment.frames.setdefault(place, []).extend(found)

    return enter


def counted(value: Value) -> int:
    """A count, cut to a whole number; 0 where it is none."""
    found = number(value)
    return max(0, int(found)) if isfinite(found) else 0


def answer(place: int, tail: str, kind: Kind) -> Work:
    """The stored answer, if it counts."""
    seen = kind.seen

    def take(frame: Frame) -> None:
        if place not in frame.hidden and (value := frame.moment.answers.get(frame.path + tail)) is not None:
            frame.values[place] = seen(value)

    return take


def calculation(place: int, tail: str, run: Run, once: Kind | None) -> Work:
    """What is worked out each time. With `once` in it, what was yielded first is noted among the answers."""

    def work(frame: Frame) -> None:
        if place in frame.hidden:
            return
        value = run(frame)
        if value == "" or value != value:
            return
        frame.values[place] = value
        if once:
            frame.moment.answers.setdefault(frame.path + tail, once.stored(value))

    return work


def reckoning(place: int, tail: str, run: Run, kind: Kind) -> Work:
    """A calculation in place of an answer: it becomes the answer whenever what it depends on was touched."""

    def work(frame: Frame) -> None:
        moment = frame.moment
        if place not in moment.touched or not frame.is_within(moment.within):
            return
        value = run(frame)
        stored = kind.stored("" if value != value else value)
        if stored is None:
            moment.answers.pop(frame.path + tail, None)
        else:
            moment.answers[frame.path + tail] = stored

    return work
