"""The walk through a form, one step at a time: pure, deterministic, never raising.

`step(form, state, given) -> Step(state', events)`. The state is small plain JSON and belongs to the
walk; outside it may be stored, and two things in it read: `seq`, which grows with every question or
review put (what buttons carry to know whether they are late), and `version`.
Order, relevance and refusals are ODK's, as JavaRosa has them.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from handlers.forms.form import Form
from handlers.forms.kind import Misfit, Value
from handlers.forms.moves import (
    Answer,
    Ask,
    Back,
    Done,
    Event,
    FellAway,
    Given,
    Note,
    Picked,
    Refused,
    Review,
    ReviewLine,
    Say,
    Skip,
    Step,
    Submit,
    Toggle,
    Visit,
)
from handlers.forms.plan import Row, View, look, plan
from handlers.talk import Label, Part, t

State = Mapping[str, Any]

__all__ = [
    "Answer",
    "Ask",
    "Back",
    "Done",
    "Event",
    "FellAway",
    "Given",
    "Note",
    "Picked",
    "Refused",
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
    "nested",
    "step",
]


def begin(form: Form, today: date | None = None) -> Step:
    """The first question, after the notes before it."""
    walk = _Walk(form, {"version": form.version, "seq": 0, "at": "", "answers": {}}, today)
    walk.forward(-1)
    return walk.done()


def step(form: Form, state: State, given: Given, today: date | None = None) -> Step:
    """The walk after what was given. What does not fit the moment changes nothing and puts the present
    question again. `today`: the date where the person is, for `today()` and words such as 昨天."""
    walk = _Walk(form, state, today)
    if not walk.take(given):
        walk.put_again()
    return walk.done()


def current(form: Form, state: State, today: date | None = None) -> tuple[Event, ...]:
    """The present question, review or end once more, changing nothing."""
    walk = _Walk(form, state, today)
    walk.put_again()
    return tuple(walk.events)


def answers(form: Form, state: State, today: date | None = None) -> dict[str, Any]:
    """The relevant answers so far by path, in the order of the rows; empty ones are left out."""
    return _Walk(form, state, today).relevant_answers()


_NEEDED = t("This question needs an answer.")
_UNFIT = t("This answer does not fit here. Please give another one.")
_NO_ANSWER = t("(no answer)")


class _Walk:
    """One step being made. The state given is never changed: what is written to is a copy.

    The state's own keys: `at` is the path asked, or empty at the review; `draft` what is ticked so far;
    `todo`, there only while an answer is changed from the review, the paths to ask before it comes back;
    `done` when handed in.
    """

    def __init__(self, form: Form, state: State, today: date | None) -> None:
        self.plan = plan(form)
        self.state = dict(state)
        self.answers: dict[str, Any] = state["answers"]
        self.today = today
        self.view = look(self.plan, self.answers, today)
        self.row = self.plan.by_path.get(state["at"])
        self.events: list[Event] = []

    def done(self) -> Step:
        return Step(self.state, tuple(self.events))

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
        return self.row is not None and self.answer(self.row, given)

    def answer(self, row: Row, given: Given) -> bool:
        match given:
            case Answer(value):
                return self.store(row, self.exact(row, value))
            case Say(words):
                question = self.view.filled(row)
                return self.store(row, row.kind.hear(question, question.choices, words, self.today))
            case Skip():
                return self.skip(row)
            case Toggle(choice, on) if row.kind.several:
                return self.toggle(row, choice, on)
            case Picked() if row.kind.several:
                return self.store(row, self.exact(row, self.picked(row)))
        return False

    def exact(self, row: Row, value: Any) -> Value | Misfit:
        if value is None or value in ("", [], ()):
            return None
        question = row.question
        return row.kind.take(question, question.choices, value)

    # What is done -------------------------------------------------------------------------------------

    def store(self, row: Row, value: Value | Misfit) -> bool:
        """Takes the answer and goes on, or refuses it and changes nothing."""
        if isinstance(value, Misfit):
            return self.refuse(row, value.reason, value.message)
        if fault := self.fault(row, value):
            return self.refuse(row, *fault)
        self.answers = dict(self.answers)
        self.answers.pop(row.path, None)
        if value is not None:
            self.answers[row.path] = value
        self.state["answers"] = self.answers
        if row.named:
            before, self.view = self.view, look(self.plan, self.answers, self.today)
            if before.relevant != self.view.relevant:
                self.compare(before)
        self.go_on(row)
        return True

    def fault(self, row: Row, value: Value) -> tuple[str, Part] | None:
        """Why the author does not want this answer, if so: the reason and the words."""
        if value is None:
            if self.view.required(row):
                return "required", self.said(self.view.filled(row).required_message, _NEEDED)
        elif not self.view.fits(row, value):
            return "constraint", self.said(self.view.filled(row).constraint_message, _UNFIT)
        return None

    @staticmethod
    def said(own: Label, otherwise: Part) -> Part:
        return own if own.words else otherwise

    def refuse(self, row: Row, reason: str, message: Part) -> bool:
        self.events.append(Refused(row.path, reason, message))
        self.ask(row)
        return True

    def compare(self, before: View) -> None:
        """Says which answered questions fell away; while mending, remembers what came up unanswered."""
        fell = [row for row in before.asked() if row.path in self.answers and not self.view.relevant[row.place]]
        if fell:
            self.events.append(FellAway(tuple(before.filled(row).label for row in fell)))
        if "todo" in self.state:
            came = [row for row in self.view.following(-1) if not before.relevant[row.place]]
            todo = {*self.state["todo"], *(row.path for row in came if row.path not in self.answers)}
            self.state["todo"] = [row.path for row in self.plan.rows if row.path in todo]

    def skip(self, row: Row) -> bool:
        if row.path not in self.answers and (fault := self.fault(row, None)):
            return self.refuse(row, *fault)
        self.go_on(row)
        return True

    def toggle(self, row: Row, choice: str, on: bool | None) -> bool:
        if all(offered.name != choice for offered in row.question.choices):
            return False
        draft = [name for name in self.picked(row) if name != choice]
        ticked = len(draft) < len(self.picked(row))
        self.state["draft"] = [*draft, choice] if on or (on is None and not ticked) else draft
        self.ask(row)
        return True

    def picked(self, row: Row) -> list[str]:
        """What is ticked: the draft, or else the answer."""
        value = self.state["draft"] if "draft" in self.state else self.answers.get(row.path) or []
        return list(value) if isinstance(value, list) else [str(value)]

    def back(self) -> bool:
        if "todo" in self.state:
            self.put(None)
            return True
        end = self.row.place if self.row else self.plan.size
        earlier = [row for row in self.view.asked() if row.place < end]
        if earlier:
            self.put(earlier[-1])
        return bool(earlier)

    def visit(self, path: str) -> bool:
        row = self.plan.by_path.get(path)
        if (self.row and "todo" not in self.state) or row not in self.view.asked():
            return False
        self.state.setdefault("todo", [])
        self.put(row)
        return True

    def submit(self, mend: bool) -> bool:
        if self.row:
            return False
        for row in self.view.asked():
            if fault := self.fault(row, self.answers.get(row.path)):
                self.events.append(Refused(row.path, *fault))
                if mend:
                    self.state["todo"] = []
                self.put(row)
                return True
        self.state["done"] = True
        self.put_again()
        return True

    # Where it goes ------------------------------------------------------------------------------------

    def go_on(self, row: Row) -> None:
        if "todo" in self.state:
            self.mend()
        else:
            self.forward(row.place)

    def forward(self, place: int) -> None:
        """To the next question behind this place, over the notes before it; else to the review."""
        for row in self.view.following(place):
            if row.kind.asked:
                return self.put(row)
            self.events.append(Note(row.path, self.view.filled(row).label))
        return self.put(None)

    def mend(self) -> None:
        """To the next question that came up while an answer was changed; else back to the review."""
        todo = [self.plan.by_path[path] for path in self.state["todo"]]
        for done, row in enumerate(todo, 1):
            if self.view.relevant[row.place]:
                if row.kind.asked:
                    self.state["todo"] = [later.path for later in todo[done:]]
                    return self.put(row)
                self.events.append(Note(row.path, self.view.filled(row).label))
        return self.put(None)

    def put(self, row: Row | None) -> None:
        """Asks this question, or shows the review."""
        self.row = row
        self.state["seq"] += 1
        self.state["at"] = row.path if row else ""
        self.state.pop("draft", None)
        if not row:
            self.state.pop("todo", None)
        self.put_again()

    # What is shown ------------------------------------------------------------------------------------

    def put_again(self) -> None:
        if "done" in self.state:
            self.events.append(Done(nested(self.relevant_answers())))
        elif self.row:
            self.ask(self.row)
        else:
            self.events.append(Review(tuple(self.lines()), nested(self.relevant_answers())))

    def ask(self, row: Row) -> None:
        places = [asked.place for asked in self.view.asked()]
        question = self.view.filled(row)
        self.events.append(
            Ask(
                path=row.path,
                question=question,
                choices=question.choices,
                value=self.answers.get(row.path),
                picked=tuple(self.picked(row)) if row.kind.chooses else (),
                required=self.view.required(row),
                position=bisect_right(places, row.place),
                total=len(places),
            )
        )

    def lines(self) -> Iterator[ReviewLine]:
        for row in self.view.asked():
            question, value = self.view.filled(row), self.answers.get(row.path)
            shown = _NO_ANSWER if value is None else row.kind.shown(question, value)
            yield ReviewLine(row.path, question.label, shown, value)

    def relevant_answers(self) -> dict[str, Any]:
        found = self.answers
        return {row.path: found[row.path] for row in self.view.asked() if row.path in found}


def nested(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by path, group in group: `{"g": {"q": 1}}` of `/data/g/q`."""
    whole: dict[str, Any] = {}
    for path, value in answers.items():
        _, _, *groups, name = path.split("/")
        inner = whole
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return whole
