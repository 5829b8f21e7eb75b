"""Entries of repeats, made and taken away; and what a form or an entry holds from its beginning."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from handlers.forms.frames import Moment, everywhere
from handlers.forms.plan import Circuit, Plan, Row, Stop
from handlers.forms.values import once_set
from handlers.forms.view import MOST_ENTRIES, Joint, Spot, View
from handlers.forms.writing import write


def open_form(plan: Plan, moment: Moment) -> View:
    """A form that begins: defaults, the first entry of each repeat, calculations."""
    _fill(plan.body, "", moment, opening=True)
    moment.fresh = ""
    view = View(plan, moment)
    _default(view, plan.body, {})
    _finish(view, frozenset(range(len(plan.places.items))), {})
    return view


def make(view: View, joint: Joint) -> None:
    """One more entry at the end of a repeat. When it is there, each repeat inside begins with a first one, too, unless
    it has a count: then the walk makes them when it reaches them."""
    circuit, frame = joint
    number = view.moment.made.get(joint.path, 0) + 1
    view.moment.made[joint.path] = number
    _fill(circuit.body, f"{joint.path}[{number}]", view.moment, opening=False)
    within = frame.numbers | {circuit.place: number}
    if any(_dynamic(circuit.body)):
        view.moment.fresh = f"{joint.path}[{number}]"
        view.look()
        _default(view, circuit.body, within)
    _finish(view, view.plan.followers(inside(view.plan, circuit)), within)
    for stop in circuit.body:
        if isinstance(stop, Circuit) and stop.count is None and not view.full:
            (around,) = everywhere(view.root, view.plan.places.stages(stop.place), within)
            make(view, Joint(stop, around))


def inside(plan: Plan, circuit: Circuit) -> list[int]:
    """The number of entries, and all that stands in them, for `Plan.followers`."""
    places = range(circuit.place + 1, plan.places.ends[circuit.place] + 1)
    return [circuit.place, *places, *(~place for place in places)]


def grow(view: View) -> None:
    """All entries that counts ask for and that are not there yet."""
    while joint := next((spot for spot in view.spots if isinstance(spot, Joint) and view.lacks(spot)), None):
        make(view, joint)


def remove(moment: Moment, path: str, number: int) -> None:
    """Takes one entry away, with its answers; those behind it move up."""
    moment.answers = _moved(moment.answers, path, number)
    moment.made = _moved(moment.made, path, number)
    moment.made[path] -= 1


def renumbered(old: str, path: str, number: int) -> str | None:
    """What a path is called when this entry of the repeat at `path` is gone; None if it was in it."""
    match = re.match(re.escape(path) + r"\[(\d+)\]", old)
    if not match or int(match[1]) < number:
        return old
    return None if int(match[1]) == number else f"{path}[{int(match[1]) - 1}]{old[match.end() :]}"


def _moved(found: Mapping[str, Any], path: str, number: int) -> dict[str, Any]:
    return {new: value for old, value in found.items() if (new := renumbered(old, path, number)) is not None}


def _fill(body: tuple[Stop, ...], path: str, moment: Moment, opening: bool) -> None:
    """Plain defaults; when the form is opened, also the first entries of the repeats inside, with a count or not."""
    for stop in body:
        if isinstance(stop, Circuit):
            if opening and sum(moment.made.values()) < MOST_ENTRIES:
                moment.made[path + stop.tail] = 1
                _fill(stop.body, f"{path}{stop.tail}[1]", moment, opening)
        elif (value := _noted(stop, moment.now) if stop.kind.silent else None) or stop.default is not None:
            moment.answers[path + stop.tail] = value or stop.default


def _noted(row: Row, now: datetime | None) -> str | None:
    """What is noted by itself when the form is opened."""
    if now is None:
        return None
    return {"today": now.date().isoformat(), "start": now.strftime("%Y-%m-%dT%H:%M")}.get(row.question.type)


def _default(view: View, body: tuple[Stop, ...], within: Mapping[int, int]) -> None:
    """Computed defaults, in order, each seeing those before it, but nothing that is worked out in what is new."""
    for row in _dynamic(body):
        for frame in everywhere(view.root, view.plan.places.stages(row.place), within):
            found = once_set(row.dynamic(frame)) if row.dynamic else ""
            # As in ODK, nothing, too, lets what follows be worked out
            write(view, Spot(row, frame), row.kind.stored(found))


def _finish(view: View, touched: frozenset[int], within: Mapping[int, int]) -> None:
    """Nothing is new any more: relevance and calculations are worked out."""
    view.moment.fresh, view.moment.worked = None, frozenset()
    view.look(touched, within)


def _dynamic(body: tuple[Stop, ...]) -> Iterator[Row]:
    for stop in body:
        if isinstance(stop, Circuit):
            yield from _dynamic(stop.body)
        elif stop.dynamic:
            yield stop
