"""select_one: one choice of a list, by its name."""

from datetime import date

from handlers.forms import values
from handlers.forms.choosing import NOT_OFFERED, near, pick, unclear
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.offers import Offer
from handlers.forms.several import pick_several
from handlers.talk import Part, t

_MOST = 10**9
"""No name is a larger number."""


class SelectOne(Kind):
    """One of the choices."""

    name = "select_one"
    chooses = True

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A choice's name; a number is taken for the name written so."""
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST:
            value = values.text(float(value))
        if not isinstance(value, str):
            return Misfit("type", NOT_OFFERED.message)
        return value if any(choice.name == value for choice in choices) else NOT_OFFERED

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """By number, letter, label or name; `是` and `没有` where that is clear."""
        offer = Offer(choices)
        found = pick(question, offer, words)
        if found.answer is not None:
            return choices[found.answer].name
        if not found.things and len(pick_several(offer, words).things) > 1:
            return Misfit("choice", t("Please choose only one of the answers."))
        return unclear(offer, found.things or near(offer, words))

    def shown(self, question: Question, value: Value) -> Part:
        """Its label."""
        return next((choice.label for choice in question.choices if choice.name == value), str(value))


KIND = SelectOne()
