"""One step of a walk being made: what is given is taken or refused, and then the next place is found."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.forms import telling
from handlers.forms.entries import again, everywhere, grow, make, open_form, remove, renumbered
from handlers.forms.form import Form
from handlers.forms.frames import Key, Moment
from handlers.forms.kind import Misfit, Value
from handlers.forms.moves import (
    Again,
    Answer,
    Back,
    Done,
    Event,
    FellAway,
    Given,
    Picked,
    Refused,
    Remove,
    Say,
    Skip,
    Step,
    Submit,
    Toggle,
    Visit,
)
from handlers.forms.plan import plan
from handlers.forms.values import once_set
from handlers.forms.view import Joint, Spot, View
from handlers.talk import Label, Part, t

State = Mapping[str, Any]

_NEEDED = t("This question needs an answer.")
_UNFIT = t("This answer does not fit here. Please give another one.")
_END: Key = (float("inf"),)
_ENTRY = re.compile(r"(.*)\[(\d{1,6})\]")


class Walk:
    """One step being made. The state given is never changed: what is written to is a copy.

    The state's own keys: `at` is the path asked (of a repeat, where it waits for another entry), or empty at the
    review; `answers` by path; `made` the number of entries of each repeat, by path; `seed`; `draft` what is ticked
    so far; `todo`, there only while an answer is changed from the review, the paths to ask before it comes back;
    `done` when handed in. What does not look like that, from another version or broken, counts as not there.
    """

    def __init__(self, form: Form, state: State, now: datetime | None) -> None:
        self.state = dict(state)
        self.now = now
        answers, made = _mapping(state.get("answers")), _mapping(state.get("made"))
        counts = {path: count for path, count in made.items() if type(count) is int and count > 0}
        moment = Moment(dict(answers), counts, now, str(state.get("seed", "")))
        self.view = View(plan(form), moment)
        self.spot = self.view.locate(str(state.get("at", "")))
        self.events: list[Event] = []

    @classmethod
    def begun(cls, form: Form, now: datetime | None, seed: str) -> "Walk":
        """A walk that begins."""
        state = {"version": form.version, "seq": 0, "at": "", "answers": {}, "made": {}}
        walk = cls(form, {**state, "seed": seed} if seed else state, now)
        walk.view = open_form(walk.view.plan, walk.view.moment)
        return walk

    def done(self) -> Step:
        """The state after, and what happened. Answers are written to a copy, so that a state never changes."""
        moment = self.view.moment
        for key, found in (("answers", moment.answers), ("made", moment.made)):
            if self.state.get(key) != found:
                self.state[key] = found
        return Step(self.state, tuple(self.events))

    @property
    def answers(self) -> dict[str, Any]:
        """By path."""
        return self.view.moment.answers

    # What is given ------------------------------------------------------------------------------------

    def take(self, given: Given) -> bool:
        """Does what is asked for; False if it does not fit the moment."""
        if "done" in self.state:
            return False
        match given:
            case Back():
                return self.back()
            case Visit(path):
                return self.visit(path)
            case Submit(mend):
                return self.submit(mend)
            case Remove(path):
                return self.remove(path)
            case Again(yes):
                return isinstance(self.spot, Joint) and self.again(self.spot, yes)
        return isinstance(self.spot, Spot) and self.answer(self.spot, given)

    def answer(self, spot: Spot, given: Given) -> bool:
        match given:
            case Answer(value):
                return self.store(spot, self.exact(spot, value))
            case Say(words):
                question, today = self.view.filled(spot), self.now.date() if self.now else None
                offered = self.view.offered(spot, question.choices)
                return self.store(spot, spot.row.kind.hear(question, offered, words, today))
            case Skip():
                if self.answers.get(spot.path) is None:
                    return self.store(spot, None)
                self.go_on(spot)
                return True
            case Toggle(choice, on) if spot.row.kind.several:
                return self.toggle(spot, choice, on)
            case Picked() if spot.row.kind.several:
                return self.store(spot, self.exact(spot, list(self.picked(spot))))
        return False

    def exact(self, spot: Spot, value: Any) -> Value | Misfit:
        """An exact answer as it is stored, or why it is none."""
        if value is None or value in ("", [], ()):
            return None
        return spot.row.kind.take(spot.row.question, self.view.offered(spot), value)

    # What is done -------------------------------------------------------------------------------------

    def store(self, spot: Spot, value: Value | Misfit) -> bool:
        """Takes the answer and goes on, or refuses it and changes nothing."""
        if fault := self.fault(spot, value):
            self.events.append(Refused(spot.path, *fault))
            self.put_again()
            return True
        before = self.view
        self.write(spot, None if isinstance(value, Misfit) else value)
        self.compare(before)
        self.go_on(spot)
        return True

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

    def write(self, spot: Spot, value: Value, triggers: frozenset[int] = frozenset()) -> None:
        """Writes the answer down, and works out what depends on it; then what its change triggers."""
        plan, place = self.view.plan, spot.row.place
        old = self.answers.pop(spot.path, None)
        if value is not None:
            self.answers[spot.path] = value
        if place not in plan.named and place not in plan.triggered:
            return
        within = spot.frame.numbers
        self.view = again(self.view, plan.followers([place]), within)
        if old == value or place in triggers:
            return
        for row in plan.triggered.get(place, ()):
            for frame in everywhere(self.view, row, within):
                found = once_set(row.calculation(frame)) if row.calculation else ""
                self.write(Spot(row, frame), row.kind.stored(found), triggers | {place})

    def compare(self, before: View) -> None:
        """Says which answered questions fell away; while mending, notes what came up unanswered."""
        mending = "todo" in self.state
        if mending:
            self.view = grow(self.view)
        lost = self.drop() if mending else set()
        if self.view.is_like(before) and not lost:
            return
        there = {spot.path for spot in self.view.spots}
        fell = [spot for spot in before.asked if spot.path in self.answers and spot.path not in there]
        if fell:
            self.events.append(FellAway(tuple(before.filled(spot).label for spot in fell)))
        if mending:
            known = {spot.path for spot in before.spots} - lost
            came = [spot.path for spot in self.view.spots if spot.path not in known and spot.path not in self.answers]
            todo = {*came, *_strings(self.state["todo"])}
            self.state["todo"] = [spot.path for spot in self.view.spots if spot.path in todo]

    def reach(self, spot: Spot) -> bool:
        """Drops choices that are no longer offered; whether there were any."""
        value = self.answers.get(spot.path)
        left = self.view.left(spot, value)
        if left == value:
            return False
        self.write(spot, left)
        return True

    def drop(self) -> set[str]:
        """Drops all choices that are no longer offered; the questions left empty."""
        lost: set[str] = set()
        while spot := next((one for one in self.view.asked if one.row.choice_filter and self.reach(one)), None):
            lost.add(spot.path)
        return lost - self.answers.keys()

    def toggle(self, spot: Spot, choice: str, on: bool | None) -> bool:
        if all(offered.name != choice for offered in self.view.offered(spot)):
            return False
        picked = self.picked(spot)
        draft = [name for name in picked if name != choice]
        self.state["draft"] = [*draft, choice] if on or (on is None and choice not in picked) else draft
        self.put_again()
        return True

    def picked(self, spot: Spot) -> tuple[str, ...]:
        """What is ticked: the draft, or else the answer."""
        if spot.row.kind.several and "draft" in self.state:
            return tuple(_strings(self.state["draft"]))
        return telling.picked(self.view, spot)

    def again(self, joint: Joint, yes: bool) -> bool:
        """One more entry, or on behind the repeat."""
        if yes and self.view.waits(joint):
            before = self.view
            self.view = make(self.view, joint)
            entry = (*joint.key[:-1], self.view.moment.made[joint.path])
            if "todo" not in self.state:
                self.forward(entry)
                return True
            self.state["todo"] = [joint.path, *_strings(self.state["todo"])]
            self.compare(before)
        self.go_on(joint)
        return True

    def remove(self, path: str) -> bool:
        """Takes an entry away; where the walk was in it, it goes on with what follows."""
        found = _ENTRY.fullmatch(path)
        joint = self.view.locate(found[1]) if found else None
        if (
            not found
            or not isinstance(joint, Joint)
            or joint.circuit.count
            or joint.circuit.place in joint.frame.hidden
        ):
            return False
        number, at = int(found[2]), str(self.state["at"])
        if not 1 <= number <= len(joint.frame.entries[joint.circuit.place]):
            return False
        moment, place = self.view.moment, joint.circuit.place
        remove(moment, joint.path, number)
        touched = self.view.plan.followers(range(place, self.view.plan.places.ends[place] + 1))
        self.view = again(self.view, touched, joint.frame.numbers)
        if "todo" in self.state:
            renamed = [renumbered(one, joint.path, number) for one in _strings(self.state["todo"])]
            self.state["todo"] = [one for one in renamed if one]
        now_at = renumbered(at, joint.path, number)
        if now_at is not None:
            self.put(self.view.locate(now_at))
        elif "todo" in self.state:
            self.mend()
        else:
            self.forward((*joint.key[:-1], number))
        return True

    def fill(self, answers: Mapping[str, Any]) -> None:
        """Takes many answers, in the order of the form."""
        before, at = self.view, self.spot
        self.view = grow(self.view)
        key: Key = ()
        while spot := self.following(key):
            key = spot.key
            if isinstance(spot, Spot) and spot.path in answers and self.view.asks(spot):
                value = self.exact(spot, answers[spot.path])
                if fault := self.fault(spot, value):
                    self.events.append(Refused(spot.path, *fault))
                else:
                    self.write(spot, None if isinstance(value, Misfit) else value)
                    self.view = grow(self.view)
        self.drop()
        self.compare(before)
        self.stay(at)

    def stay(self, at: Spot | Joint | None) -> None:
        """Where it was, if that is still there; else at what follows, of which nothing is said."""
        self.spot = self.view.locate(at.path) if at else None
        if at and not (self.spot and self.view.shows(self.spot)):
            said = len(self.events)
            self.forward(at.key)
            del self.events[said:]

    # Where it goes ------------------------------------------------------------------------------------

    def back(self) -> bool:
        if "todo" in self.state:
            self.put(None)
            return True
        key = self.spot.key if self.spot else _END
        while True:
            before = self.view.spots[: bisect_left(self.view.spots, key, key=_key)]
            spot = next((spot for spot in reversed(before) if self.view.waits(spot)), None)
            if spot is None:
                return False
            if isinstance(spot, Joint) or not self.reach(spot) or self.view.shows(spot):
                self.put(self.view.locate(spot.path))
                return True

    def visit(self, path: str) -> bool:
        spot = self.view.locate(path)
        if (
            (self.spot and "todo" not in self.state)
            or not spot
            or not self.view.shows(spot)
            or not self.view.waits(spot)
        ):
            return False
        self.state.setdefault("todo", [])
        self.put(spot)
        return True

    def submit(self, mend: bool) -> bool:
        """Hands in, if all answers are what the author wants of them; those that are read-only, too. One of these that
        is not can be answered then: else nobody could ever hand in."""
        if self.spot:
            return False
        self.drop()
        for spot in self.view.spots:
            if not isinstance(spot, Spot) or not spot.row.kind.asked:
                continue
            if fault := self.fault(spot, self.answers.get(spot.path)):
                self.events.append(Refused(spot.path, *fault))
                if mend:
                    self.state["todo"] = []
                self.put(spot)
                return True
        self.finish()
        self.put_again()
        return True

    def finish(self) -> None:
        """Handed in; the moment is noted, where the form wants to know."""
        self.state["done"] = True
        for row in self.view.plan.rows:
            if row.question.type == "end" and self.now:
                for frame in everywhere(self.view, row, {}):
                    self.write(Spot(row, frame), self.now.strftime("%Y-%m-%dT%H:%M"))

    def go_on(self, spot: Spot | Joint) -> None:
        if "todo" in self.state:
            self.mend()
        else:
            self.forward(spot.key)

    def forward(self, key: Key) -> None:
        """To the next place behind this one that waits, over the notes before it; else to the review. Entries that
        a count asks for are made when they are reached, and choices no longer offered are dropped."""
        while spot := self.following(key):
            if isinstance(spot, Joint):
                if self.view.lacks(spot):
                    self.view = make(self.view, spot)
                    continue
            elif self.reach(spot):
                continue
            if self.view.waits(spot):
                return self.put(spot)
            if isinstance(spot, Spot):
                self.events.append(telling.note(self.view, spot))
            key = spot.key
        self.drop()
        return self.put(None)

    def following(self, key: Key) -> Spot | Joint | None:
        """What comes behind this place."""
        spots = self.view.spots
        place = bisect_right(spots, key, key=_key)
        return spots[place] if place < len(spots) else None

    def mend(self) -> None:
        """To the next question that came up while an answer was changed; else back to the review."""
        todo = _strings(self.state["todo"])
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


def _key(spot: Spot | Joint) -> Key:
    return spot.key


def _said(own: Label, otherwise: Part) -> Part:
    return own if own.words else otherwise


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _strings(found: Any) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
