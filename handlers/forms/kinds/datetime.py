"""dateTime."""

import re

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO = Misfit("type", t("Please answer in words."))


class DateTime(Kind):
    """dateTime."""

    name = "dateTime"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """An exact answer."""
        return (
            str(value)
            if re.fullmatch("[0-9]{4}-[01][0-9]-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9]", str(value))
            else NO
        )


KIND = DateTime()
