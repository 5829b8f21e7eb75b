"""The course of a walk: where it stands, what an answer changes, and where it goes from there."""

from typing import Any, NamedTuple

from handlers.forms import telling
from handlers.forms.entries import grow, make
from handlers.forms.frames import Key
from handlers.forms.kind import Misfit, Value
from handlers.forms.moves import Done, Event, FellAway
from handlers.forms.states import State, strings
from handlers.forms.view import Joint, Spot, View
from handlers.forms.writing import write
from handlers.talk import Label, Part, t

_NEEDED = t("This question needs an answer.")
_UNFIT = t("This answer does not fit here. Please give another one.")
_END: Key = (float("inf"),)


class Before(NamedTuple):
    """How it was before an answer changed: the answered questions that may fall away, and, while mending, all that
    there was."""

    answered: list[tuple[str, Label]]
    known: set[str]


class Course:
    """A walk under way. The state given is never changed: what is written to is a copy."""

    def __init__(self, state: State, view: View) -> None:
        self.state = dict(state)
        self.view = view
        self.spot = view.locate(str(state.get("at", "")))
        self.events: list[Event] = []

    @property
    def answers(self) -> dict[str, Any]:
        """By path."""
        return self.view.moment.answers

    # What an answer changes ------------------------------------------------------------------------

    def fault(self, spot: Spot, value: Value | Misfit) -> tuple[str, Part] | None:
        """Why an answer is not taken, if so: the reason and the words."""
        if isinstance(value, Misfit):
            return value.reason, value.message
        if value is None:
            if self.view.required(spot):
                return "required", _said(self.view.filled(spot).required_message, _NEEDED)
        elif not self.view.fits(spot, value):
            return "constraint", _said(self.view.filled(spot).constraint_message, _UNFIT)
        return None

    def noted(self, place: int | None) -> Before:
        """How it is before the answer at this place changes, or any."""
        mending = "todo" in self.state
        touched = None if place is None or mending else self.view.plan.affected(place)[0]
        answered = [
            (spot.path, self.view.filled(spot).label)
            for spot in (self.view.asked if touched is None or any(one < 0 for one in touched) else ())
            if (touched is None or ~spot.row.place in touched) and spot.path in self.answers
        ]
        return Before(answered, {spot.path for spot in self.view.spots} if mending else set())

    def compare(self, before: Before) -> None:
        """Says which answered questions fell away; while mending, notes what came up unanswered."""
        mending = "todo" in self.state
        if mending:
            grow(self.view)
        lost = self.drop() if mending else set()
        fell = tuple(label for path, label in before.answered if path in self.answers and not self.shows(path))
        if fell:
            self.events.append(FellAway(fell))
        if mending:
            there = [spot.path for spot in self.view.spots]
            came = {path for path in there if path not in self.answers and path not in before.known}
            todo = {*came, *lost, *strings(self.state["todo"])}
            self.state["todo"] = [path for path in there if path in todo]

    def shows(self, path: str) -> bool:
        """Is there something relevant at this path?"""
        spot = self.view.locate(path)
        return spot is not None and self.view.shows(spot)

    def reach(self, spot: Spot) -> bool:
        """Drops choices that are no longer offered; whether there were any."""
        value = self.answers.get(spot.path)
        left = self.view.left(spot, value)
        if left == value:
            return False
        write(self.view, spot, left)
        return True

    def drop(self) -> set[str]:
        """Drops all choices that are no longer offered; the questions left empty."""
        lost: set[str] = set()
        while spot := next((one for one in self.view.asked if one.row.choice_filter and self.reach(one)), None):
            lost.add(spot.path)
        return lost - self.answers.keys()

    def arrive(self, spot: Spot | Joint) -> Key | None:
        """Makes the next entry, where a count asks for it; drops choices no longer offered. If the form is another one
        by that: behind which place to go on. What has come up before it is not asked on the way forward."""
        if isinstance(spot, Spot):
            return (*spot.key[:-1], spot.row.place - 0.5) if self.reach(spot) else None
        if self.view.lacks(spot):
            make(self.view, spot)
            return (*spot.key[:-1], self.view.moment.made[spot.path])
        return None

    def picked(self, spot: Spot) -> tuple[str, ...]:
        """What is ticked: the draft, or else the answer."""
        if spot.row.kind.several and "draft" in self.state:
            return tuple(strings(self.state["draft"]))
        return telling.picked(self.view, spot)

    # Where it goes ---------------------------------------------------------------------------------

    def back(self) -> bool:
        if "todo" in self.state:
            self.put(None)
            return True
        key = self.spot.key if self.spot else _END
        while True:
            spot = next((spot for spot in reversed(self.view.before(key)) if self.view.waits(spot)), None)
            if spot is None:
                return False
            if isinstance(spot, Joint) or not self.reach(spot) or self.view.shows(spot):
                self.put(self.view.locate(spot.path))
                return True

    def go_on(self, spot: Spot | Joint) -> None:
        if "todo" in self.state:
            self.mend()
        else:
            self.forward(spot.key)

    def forward(self, key: Key) -> None:
        """To the next place behind this one that waits, over the notes before it; else to the review. Entries that
        a count asks for are made when they are reached, and choices no longer offered are dropped."""
        while spot := self.view.following(key):
            if behind := self.arrive(spot):
                key = behind
                continue
            if self.view.waits(spot):
                return self.put(spot)
            if isinstance(spot, Spot):
                self.events.append(telling.note(self.view, spot))
            key = spot.key
        return self.put(None)

    def mend(self) -> None:
        """To the next question that came up while an answer was changed; else back to the review."""
        todo = strings(self.state["todo"])
        for done, path in enumerate(todo, 1):
            spot = self.view.locate(path)
            if spot and self.view.shows(spot):
                if self.view.waits(spot):
                    self.state["todo"] = todo[done:]
                    return self.put(spot)
                if isinstance(spot, Spot):
                    self.events.append(telling.note(self.view, spot))
        return self.put(None)

    def put(self, spot: Spot | Joint | None) -> None:
        """Asks this question, or shows the review."""
        self.spot = spot
        seq = self.state.get("seq", 0)
        self.state["seq"] = seq + 1 if isinstance(seq, int) else 1
        self.state["at"] = spot.path if spot else ""
        self.state.pop("draft", None)
        if not spot:
            self.state.pop("todo", None)
        self.put_again()

    def put_again(self) -> None:
        """The present question, review or end."""
        if "done" in self.state:
            self.events.append(Done(self.view.nested()))
        elif isinstance(self.spot, Spot):
            self.events.append(telling.ask(self.view, self.spot, self.picked(self.spot)))
        elif self.spot:
            self.events.append(telling.another(self.view, self.spot))
        else:
            self.events.append(telling.review(self.view))


def _said(own: Label, otherwise: Part) -> Part:
    return own if own.words else otherwise
