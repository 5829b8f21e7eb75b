"""Answers written down: what depends on them is worked out, and what their change triggers is set."""

from collections.abc import Mapping

from handlers.forms.frames import Frame, Moment
from handlers.forms.kind import Value
from handlers.forms.plan import Row
from handlers.forms.values import once_set
from handlers.forms.view import Spot, View


def write(view: View, spot: Spot, value: Value, triggers: frozenset[int] = frozenset()) -> None:
    """Writes an answer down. After the calculations, what its change triggers is set."""
    plan, place, answers = view.plan, spot.row.place, view.moment.answers
    old = answers.pop(spot.path, None)
    if value is not None:
        answers[spot.path] = value
    if place not in plan.named and place not in plan.triggered:
        return
    within = spot.frame.numbers
    view.touch(place, within)
    if old == value or place in triggers:
        return
    for row in plan.triggered.get(place, ()):
        for frame in everywhere(view, row, within):
            found = once_set(row.calculation(frame)) if row.calculation else ""
            write(view, Spot(row, frame), row.kind.stored(found), triggers | {place})


def everywhere(view: View, row: Row, within: Mapping[int, int]) -> list[Frame]:
    """All entries in which a row stands, as far as they are in those given; also those that are hidden, in which
    nothing is answered."""
    found = [view.root]
    for repeat in view.plan.places.scopes[row.place]:
        tail = view.plan.places.tail(repeat)
        found = [entry for frame in found for entry in _entries(view.moment, frame, repeat, tail)]
    return [frame for frame in found if frame.is_within(within)]


def _entries(moment: Moment, frame: Frame, repeat: int, tail: str) -> list[Frame]:
    path, there = frame.path + tail, frame.entries.get(repeat, [])
    hidden = range(len(there) + 1, moment.made.get(path, 0) + 1)
    return there + [Frame(moment, frame, repeat, number, f"{path}[{number}]") for number in hidden]
