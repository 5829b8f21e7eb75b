"""Answers written down: what depends on them is worked out, and what their change triggers is set."""

from handlers.forms.frames import everywhere
from handlers.forms.kind import Value
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
        for frame in everywhere(view.root, view.plan.places.stages(row.place), within):
            found = once_set(row.calculation(frame)) if row.calculation else ""
            write(view, Spot(row, frame), row.kind.stored(found), triggers | {place})
