"""One step of a walk being made: what is given is taken or refused, and then the next place is found."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from handlers.forms import telling
from handlers.forms.entries import grow, inside, make, open_form, remove, renumbered
from handlers.forms.form import Form
from handlers.forms.frames import Key, Moment, everywhere
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
from handlers.forms.plan import Plan, plan
from handlers.forms.view import Joint, Spot, View
from handlers.forms.writing import write
from handlers.talk import Label, Part, t

State = Mapping[str, Any]

_NEEDED = t("This question needs an answer.")
_UNFIT = t("This answer does not fit here. Please give another one.")
_END: Key = (float("inf"),)
_ENTRY = re.compile(r"(.*)\[(\d{1,6})\]")


class Kept(dict[str, Any]):
    """A state, and how the form stands with it, as long as both are in the same memory: what need not be worked out
    again. Through JSON it comes back without, and nothing is different but the time it takes."""

    __slots__ = ("view",)

    def __init__(self, state: State, view: View) -> None:
        super().__init__(state, answers=view.moment.answers, made=view.moment.made)
        self.view: View | None = view

    def taken(self, made: Plan, now: datetime | None) -> View | None:
        """The view, to be changed by the one who takes it, with answers of its own; None where there is none, or the
        clock has moved on and somebody looks at it."""
        view, self.view = self.view, None
        if view is None or view.plan is not made or (made.timely and view.moment.now != now):
            return None
        moment = view.moment
        if self["answers"] is not moment.answers or self["made"] is not moment.made:
            return None
        moment.answers, moment.made, moment.now = dict(moment.answers), dict(moment.made), now
        return view


class Before(NamedTuple):
    """How it was before an answer changed: the answered questions that may fall away, and, while mending, all that
    there was."""

    answered: list[tuple[str, Label]]
    known: set[str]


class Walk:
    """One step being made. The state given is never changed: what is written to is a copy.

    The state's own keys: `at` is the path asked (of a repeat, where it waits for another entry), or empty at the
    review; `answers` by path; `made` the number of entries of each repeat, by path; `seed`; `draft` what is ticked
    so far; `todo`, there only while an answer is changed from the review, the paths to ask before it comes back;
    `done` when handed in. What does not look like that, from another version or broken, counts as not there.
    """

    def __init__(self, state: State, view: View) -> None:
        self.state = dict(state)
        self.view = view
        self.spot = view.locate(str(state.get("at", "")))
        self.events: list[Event] = []

    @classmethod
    def resumed(cls, form: Form, state: State, now: datetime | None) -> "Walk":
        """A walk from where it stands."""
        made = plan(form)
        if isinstance(state, Kept) and (view := state.taken(made, now)):
            return cls(state, view)
        answers, counts = _mapping(state.get("answers")), _mapping(state.get("made"))
        counted = {path: count for path, count in counts.items() if type(count) is int and count > 0}
        return cls(state, View(made, Moment(dict(answers), counted, now, str(state.get("seed", "")))))

    @classmethod
    def begun(cls, form: Form, now: datetime | None, seed: str) -> "Walk":
        """A walk that begins."""
        state = {"version": form.version, "seq": 0, "at": ""} | ({"seed": seed} if seed else {})
        return cls(state, open_form(plan(form), Moment(now=now, seed=seed)))

    def done(self) -> Step:
        """The state after, and what happened."""
        return Step(Kept(self.state, self.view), tuple(self.events))

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
                now = self.view.moment.now
                question, today = self.view.filled(spot), now.date() if now else None
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
        before = self.noted(spot.row.place)
        write(self.view, spot, None if isinstance(value, Misfit) else value)
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

    def noted(self, place: int | None) -> Before:
        """How it is before the answer at this place changes, or any."""
        touched = None if place is None else self.view.plan.affected(place)[0]
        answered = [
            (spot.path, self.view.filled(spot).label)
            for spot in (self.view.asked if touched is None or any(one < 0 for one in touched) else ())
            if (touched is None or ~spot.row.place in touched) and spot.path in self.answers
        ]
        return Before(answered, {spot.path for spot in self.view.spots} if "todo" in self.state else set())

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
            todo = {*came, *lost, *_strings(self.state["todo"])}
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
            before = self.noted(joint.circuit.place)
            make(self.view, joint)
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
        remove(self.view.moment, joint.path, number)
        touched = self.view.plan.followers(inside(self.view.plan, joint.circuit))
        self.view.look(touched, joint.frame.numbers)
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
        before, at = self.noted(None), self.spot
        grow(self.view)
        key: Key = ()
        while spot := self.view.following(key):
            key = spot.key
            if isinstance(spot, Spot) and spot.path in answers and self.view.asks(spot):
                value = self.exact(spot, answers[spot.path])
                if fault := self.fault(spot, value):
                    self.events.append(Refused(spot.path, *fault))
                else:
                    write(self.view, spot, None if isinstance(value, Misfit) else value)
                    grow(self.view)
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
            spot = next((spot for spot in reversed(self.view.before(key)) if self.view.waits(spot)), None)
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
        if mend and self.lacking():
            self.mend()
        elif bad := self.checked():
            if mend:
                self.state["todo"] = []
            self.put(bad)
        else:
            self.finish()
            self.put_again()
        return True

    def lacking(self) -> bool:
        """Is there more to ask: in entries that a count asks for by now, or where a choice is no longer offered?"""
        self.state["todo"] = []
        self.compare(self.noted(None))
        if self.state["todo"]:
            return True
        del self.state["todo"]
        return False

    def checked(self) -> Spot | None:
        """All that is relevant once more, in order, as if one went through it; the first answer that is not taken."""
        key: Key = ()
        while spot := self.view.following(key):
            if self.arrive(spot):
                continue
            if isinstance(spot, Spot) and spot.row.kind.asked:
                if fault := self.fault(spot, self.answers.get(spot.path)):
                    self.events.append(Refused(spot.path, *fault))
                    return spot
            key = spot.key
        return None

    def arrive(self, spot: Spot | Joint) -> bool:
        """Makes the next entry, where a count asks for it; drops choices no longer offered. Whether that was needed:
        then the form is another one."""
        if isinstance(spot, Spot):
            return self.reach(spot)
        if self.view.lacks(spot):
            make(self.view, spot)
            return True
        return False

    def finish(self) -> None:
        """Handed in; the moment is noted, where the form wants to know."""
        self.state["done"] = True
        for row in self.view.plan.rows:
            if row.question.type == "end" and self.view.moment.now:
                for frame in everywhere(self.view.root, self.view.plan.places.stages(row.place), {}):
                    write(self.view, Spot(row, frame), self.view.moment.now.strftime("%Y-%m-%dT%H:%M"))

    def go_on(self, spot: Spot | Joint) -> None:
        if "todo" in self.state:
            self.mend()
        else:
            self.forward(spot.key)

    def forward(self, key: Key) -> None:
        """To the next place behind this one that waits, over the notes before it; else to the review. Entries that
        a count asks for are made when they are reached, and choices no longer offered are dropped."""
        while spot := self.view.following(key):
            if self.arrive(spot):
                continue
            if self.view.waits(spot):
                return self.put(spot)
            if isinstance(spot, Spot):
                self.events.append(telling.note(self.view, spot))
            key = spot.key
        return self.put(None)

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


def _said(own: Label, otherwise: Part) -> Part:
    return own if own.words else otherwise


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _strings(found: Any) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
