"""The state of a walk: plain JSON, and how the form stands with it.

Its own keys: `version` of the form; `seq`, which grows; `at`, the path asked (of a repeat, where it waits for another
entry), or empty at the review; `answers` by path; `made`, the number of entries of each repeat, by path; `seed`;
`draft`, what is ticked so far; `todo`, there only while an answer is changed from the review, the paths to ask before
it comes back; `done` when handed in. What does not look like that, from another version or broken, counts as not there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.forms.frames import Moment
from handlers.forms.plan import Plan
from handlers.forms.view import View

State = Mapping[str, Any]


def restored(plan: Plan, state: State, now: datetime | None) -> View:
    """How the form stands with a state."""
    if isinstance(state, Kept) and (view := state.taken(plan, now)):
        return view
    answers, made = _mapping(state.get("answers")), _mapping(state.get("made"))
    counts = {path: count for path, count in made.items() if type(count) is int and count >= 0}
    return View(plan, Moment(dict(answers), counts, now, str(state.get("seed", ""))))


class Kept(dict[str, Any]):
    """A state, and how the form stands with it, as long as both are in the same memory: what need not be worked out
    again. Through JSON it comes back without, and nothing is different but the time it takes."""

    __slots__ = ("view",)

    def __init__(self, state: State, view: View) -> None:
        super().__init__(state, answers=view.moment.answers, made=view.moment.made)
        self.view: View | None = view

    def taken(self, plan: Plan, now: datetime | None) -> View | None:
        """The view, to be changed by the one who takes it, with answers of its own; None where there is none, or the
        clock has moved on and somebody looks at it."""
        view, self.view = self.view, None
        if view is None or view.plan is not plan or (plan.timely and view.moment.now != now):
            return None
        moment = view.moment
        if self["answers"] is not moment.answers or self["made"] is not moment.made:
            return None
        moment.answers, moment.made, moment.now = dict(moment.answers), dict(moment.made), now
        return view


def strings(found: Any) -> list[str]:
    """The texts in what should be a list of them."""
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
