"""One step of a walk being made: what is given is taken or refused, and then the next place is found."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.forms.course import Course
from handlers.forms.entries import grow, inside, make, open_form, remove, renumbered
from handlers.forms.form import Form
from handlers.forms.frames import Key, Moment, everywhere
from handlers.forms.kind import Misfit, Value
from handlers.forms.moves import (
    Again,
    Answer,
    Back,
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
from handlers.forms.states import Kept, State, restored, strings
from handlers.forms.view import Joint, Spot
from handlers.forms.writing import write
from handlers.talk import Part

_ENTRY = re.compile(r"(.*)\[(\d{1,6})\]")


class Walk(Course):
    """One step being made."""

    @classmethod
    def resumed(cls, form: Form, state: State, now: datetime | None) -> "Walk":
        """A walk from where it stands."""
        return cls(state, restored(plan(form), state, now))

    @classmethod
    def begun(cls, form: Form, now: datetime | None, seed: str) -> "Walk":
        """A walk that begins."""
        state = {"version": form.version, "seq": 0, "at": ""} | ({"seed": seed} if seed else {})
        return cls(state, open_form(plan(form), Moment(now=now, seed=seed)))

    def done(self) -> Step:
        """The state after, and what happened."""
        return Step(Kept(self.state, self.view), tuple(self.events))

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
        spot = self.spot
        return isinstance(spot, Spot) and spot.row.kind.asked and self.answer(spot, given)

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

    def toggle(self, spot: Spot, choice: str, on: bool | None) -> bool:
        if all(offered.name != choice for offered in self.view.offered(spot)):
            return False
        picked = self.picked(spot)
        draft = [name for name in picked if name != choice]
        self.state["draft"] = [*draft, choice] if on or (on is None and choice not in picked) else draft
        self.put_again()
        return True

    def again(self, joint: Joint, yes: bool) -> bool:
        """One more entry, or on behind the repeat."""
        if yes and self.view.waits(joint):
            before = self.noted(joint.circuit.place)
            make(self.view, joint)
            entry = (*joint.key[:-1], self.view.moment.made[joint.path])
            if "todo" not in self.state:
                self.forward(entry)
                return True
            self.state["todo"] = [joint.path, *strings(self.state["todo"])]
            self.compare(before)
        self.go_on(joint)
        return True

    def remove(self, path: str) -> bool:
        """Takes an entry away; where the walk was in it, it goes on with what follows."""
        found = _ENTRY.fullmatch(path)
        joint = self.view.locate(found[1]) if found else None
        if not found or not isinstance(joint, Joint) or joint.circuit.count or not self.view.shows(joint):
            return False
        number, at = int(found[2]), str(self.state.get("at", ""))
        there = len(joint.frame.entries[joint.circuit.place])
        if not 1 <= number <= there or path != f"{joint.path}[{number}]":
            return False
        remove(self.view.moment, joint.path, number)
        touched = self.view.plan.followers(inside(self.view.plan, joint.circuit))
        self.view.look(touched, joint.frame.numbers)
        if "todo" in self.state:
            renamed = [renumbered(one, joint.path, number) for one in strings(self.state["todo"])]
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
            if behind := self.arrive(spot):
                key = behind
                continue
            if isinstance(spot, Spot) and spot.row.kind.asked and (fault := self.unfit(spot)):
                self.events.append(Refused(spot.path, *fault))
                return spot
            key = spot.key
        return None

    def unfit(self, spot: Spot) -> tuple[str, Part] | None:
        """Why the answer there is would not be taken now, if so."""
        return self.fault(spot, self.answers.get(spot.path))

    def finish(self) -> None:
        """Handed in; the moment is noted, where the form wants to know."""
        self.state["done"] = True
        for row in self.view.plan.rows:
            if row.question.type == "end" and self.view.moment.now:
                for frame in everywhere(self.view.root, self.view.plan.places.stages(row.place), {}):
                    write(self.view, Spot(row, frame), self.view.moment.now.strftime("%Y-%m-%dT%H:%M"))
