"""A walk as JSON lines, for `form talk --script`: what comes in, what goes out. Pure: the caller reads and prints."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from handlers.forms import walk
from handlers.forms.columns import language
from handlers.forms.form import Form
from handlers.forms.kind import kinds
from handlers.refusals import BadInput
from handlers.talk import Part, t

Word = Callable[[Part, str], str]
"""A part in the words of a language."""


class Talk:
    """One conversation. Every method returns what is said, as JSON objects in order."""

    def __init__(self, form: Form, word: Word, tongue: str, now: datetime | None = None) -> None:
        self.form = form
        self.word = word
        self.tongue = language(tongue)
        self.now = now
        self.state: Mapping[str, Any] = {}

    @property
    def done(self) -> bool:
        """Has the form been handed in?"""
        return "done" in self.state

    def begin(self) -> list[dict[str, Any]]:
        """Up to the first question."""
        return self._said(walk.begin(self.form, self.now))

    def hear(self, line: str) -> list[dict[str, Any]]:
        """The answer to one line of input. Raises BadInput if the line is none."""
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            raise BadInput(t("This line is no JSON object.")) from None
        match told:
            case {"language": str(tongue)}:
                self.tongue = language(tongue)
                return self._plain(walk.current(self.form, self.state, self.now))
        return self._said(walk.step(self.form, self.state, given(told), self.now))

    def open(self) -> dict[str, Any]:
        """What there is, when the input ends before the form does."""
        return {"open": walk.nested(self.form, self.state, self.now)}

    def _said(self, step: walk.Step) -> list[dict[str, Any]]:
        self.state = step.state
        return self._plain(step.events)

    def _plain(self, events: tuple[walk.Event, ...]) -> list[dict[str, Any]]:
        return [plain for event in events if (plain := self._event(event))]

    def _event(self, event: walk.Event) -> dict[str, Any] | None:
        match event:
            case walk.Ask():
                return {"ask": self._ask(event)}
            case walk.Note(path, label):
                return {"note": {"path": path, "label": self._words(label)}}
            case walk.Another(path, _, count):
                return {"repeat": {"path": path, "count": count}}
            case walk.Refused(path, reason, message):
                return {"refused": {"path": path, "reason": reason, "message": self._words(message)}}
            case walk.Review():
                return {"review": dict(event.answers)}
            case walk.Done(answers):
                return {"done": {"answers": dict(answers)}}
        return None  # what fell away is seen in the review

    def _ask(self, ask: walk.Ask) -> dict[str, Any]:
        question = ask.question
        plain = {
            "path": ask.path,
            "name": question.name,
            "type": question.type,
            "label": self._words(question.label),
            "hint": self._words(question.hint),
            "required": ask.required,
        }
        if kinds()[question.type].chooses:
            plain["choices"] = [{"name": choice.name, "label": self._words(choice.label)} for choice in ask.choices]
        return plain

    def _words(self, part: Part) -> str:
        return self.word(part, self.tongue)


def given(told: object) -> walk.Given:
    """What one object of input gives to the walk. Raises BadInput."""
    match told:
        case {"answer": value}:
            return walk.Answer(value)
        case {"say": str(text)}:
            return walk.Say(text)
        case {"skip": _}:
            return walk.Skip()
        case {"back": _}:
            return walk.Back()
        case {"again": bool(yes)}:
            return walk.Again(yes)
        case {"submit": _}:
            return walk.Submit(mend=False)
    raise BadInput(t("This line says none of: answer, say, skip, back, again, language, submit."))
