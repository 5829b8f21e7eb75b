"""Answers written down, and the form looked at anew: what depends on them, and what their change triggers."""

from collections.abc import Mapping
from dataclasses import replace

from handlers.forms.frames import Frame, Moment
from handlers.forms.kind import Value
from handlers.forms.plan import Row
from handlers.forms.values import once_set
from handlers.forms.view import Spot, View


def again(view: View, touched: frozenset[int], within: Mapping[int, int]) -> View:
    """The form looked at anew, after the answers at these places in these entries were touched."""
    moment = view.moment
    worked = moment.worked | touched if moment.fresh is not None else moment.worked
    return View(view.plan, replace(moment, touched=touched, within=within, worked=worked))


def write(view: View, spot: Spot, value: Value, triggers: frozenset[int] = frozenset()) -> View:
    """The form after an answer was written down; after the calculations, what its change triggers is set."""
    plan, place, answers = view.plan, spot.row.place, view.moment.answers
    old = answers.pop(spot.path, None)
    if value is not None:
        answers[spot.path] = value
    if place not in plan.named and place not in plan.triggered:
        return view
    within = spot.frame.numbers
    view = again(view, plan.followers([place]), within)
    if old == value or place in triggers:
        return view
    for row in plan.triggered.get(place, ()):
        for frame in everywhere(view, row, within):
            found = once_set(row.calculation(frame)) if row.calculation else ""
            view = write(view, Spot(row, frame), row.kind.stored(found), triggers | {place})
    return view


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
