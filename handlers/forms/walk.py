"""The walk through a form, one step at a time: pure, deterministic, never raising.

`step(form, state, given, now) -> Step(state', events)`. The state is small plain JSON and belongs to the
walk; outside it may be stored, and two things in it read: `seq`, which grows with every question or
review put (what buttons carry to know whether they are late), and `version`.
Order, relevance and refusals are ODK's, as JavaRosa has them. `now` is an aware time on the clock of where the
person is, for `today()` and words such as 昨天; None where it is not known.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.forms import telling
from handlers.forms.entries import grow
from handlers.forms.form import Form
from handlers.forms.kind import Value
from handlers.forms.moves import (
    Again,
    Another,
    Answer,
    Ask,
    Back,
    Block,
    Done,
    Event,
    FellAway,
    Given,
    Heading,
    Note,
    Picked,
    Refused,
    Remove,
    Review,
    ReviewLine,
    Say,
    Skip,
    Step,
    Submit,
    Toggle,
    Visit,
)
from handlers.forms.states import State
from handlers.forms.steps import Walk

__all__ = [
    "Again",
    "Another",
    "Answer",
    "Ask",
    "Back",
    "Block",
    "Done",
    "Event",
    "FellAway",
    "Given",
    "Heading",
    "Note",
    "Picked",
    "Refused",
    "Remove",
    "Review",
    "ReviewLine",
    "Say",
    "Skip",
    "State",
    "Step",
    "Submit",
    "Toggle",
    "Value",
    "Visit",
    "answers",
    "begin",
    "current",
    "fill",
    "nested",
    "page",
    "step",
]


def begin(form: Form, now: datetime | None = None, seed: str = "") -> Step:
    """The first question, after the notes before it. What looks like chance is derived from `seed`, which is kept
    in the state: give each walk its own."""
    walk = Walk.begun(form, now, seed)
    walk.forward(())
    return walk.done()


def step(form: Form, state: State, given: Given, now: datetime | None = None) -> Step:
    """The walk after what was given. What does not fit the moment changes nothing and puts the present
    question again."""
    walk = Walk.resumed(form, state, now)
    if not walk.take(given):
        walk.put_again()
    return walk.done()


def current(form: Form, state: State, now: datetime | None = None) -> tuple[Event, ...]:
    """The present question, review or end once more, changing nothing."""
    walk = Walk.resumed(form, dict(state), now)
    walk.put_again()
    return tuple(walk.events)


def answers(form: Form, state: State, now: datetime | None = None) -> dict[str, Any]:
    """The relevant answers and calculations so far by path, in the order of the rows; empty ones are left out."""
    return dict(Walk.resumed(form, dict(state), now).view.values())


def nested(form: Form, state: State, now: datetime | None = None) -> dict[str, Any]:
    """The same, nested as the groups are: `{"g": {"q": 1}}` of `/data/g/q`; the entries of a repeat are a list."""
    return Walk.resumed(form, dict(state), now).view.nested()


def page(form: Form, state: State, now: datetime | None = None) -> tuple[Block, ...]:
    """All that is relevant now, in order: questions, notes, where an entry may be added, and a heading where a group
    or an entry begins. Entries that a count asks for are there at once."""
    view = Walk.resumed(form, dict(state), now).view
    grow(view)
    return tuple(telling.blocks(view))


def fill(form: Form, state: State, answers: Mapping[str, Any], now: datetime | None = None) -> Step:
    """Many exact answers by path, taken in the order of the form as if they had been given one after the other. Those
    that fit are stored; each that does not is Refused and leaves the old one; an empty one empties. What is not
    there or not relevant is ignored. The walk stays where it is, if that is still there."""
    walk = Walk.resumed(form, state, now)
    if "done" not in walk.state:
        walk.fill(answers)
    return walk.done()
