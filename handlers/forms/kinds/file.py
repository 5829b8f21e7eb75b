"""file."""

import re

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO = Misfit("type", t("Please answer in words."))


class File(Kind):
    """file."""

    name = "file"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """An exact answer."""
        return str(value) if value and re else NO


KIND = File()
