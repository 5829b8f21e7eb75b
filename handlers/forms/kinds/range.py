"""range."""

import re

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO = Misfit("type", t("Please answer in words."))


class Range(Kind):
    """range."""

    name = "range"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """An exact answer."""
        return (
            str(value)
            if re.fullmatch("-?[0-9.]+", str(value))
            and float(question.parameters["start"]) <= float(str(value)) <= float(question.parameters["end"])
            else NO
        )


KIND = Range()
