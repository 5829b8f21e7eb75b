"""date: a day."""

import re
from datetime import date

from handlers.forms import values
from handlers.forms.days import named_day
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.understand import settled
from handlers.talk import t

NO_DAY = Misfit("type", t("Please answer with a date and its year, for example 2026-10-01."))
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Date(Kind):
    """A day that exists, stored as `YYYY-MM-DD`."""

    name = "date"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """`YYYY-MM-DD`."""
        if not isinstance(value, str) or not _WRITTEN.fullmatch(value):
            return NO_DAY
        return value if isinstance(values.as_date(value), date) else NO_DAY

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """A day as people name it; `昨天` and days without a year need to know what day it is."""
        return settled(self, question, choices, named_day(question, words, today), NO_DAY)

    def seen(self, value: Value) -> values.Value:
        """The day."""
        return values.as_date(str(value))

    def stored(self, value: values.Value) -> Value:
        """A day."""
        return values.text(values.as_date(value)) or None


KIND = Date()
