"""rank."""

import re

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO = Misfit("type", t("Please answer in words."))


class Rank(Kind):
    """rank."""

    name = "rank"
    chooses = True

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """An exact answer."""
        return str(value) if re and sorted(str(value).split()) == sorted(c.name for c in choices) else NO


KIND = Rank()
