"""acknowledge."""

import re

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO = Misfit("type", t("Please answer in words."))


class Acknowledge(Kind):
    """acknowledge."""

    name = "acknowledge"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """An exact answer."""
        return str(value) if value == "OK" and re else NO


KIND = Acknowledge()
