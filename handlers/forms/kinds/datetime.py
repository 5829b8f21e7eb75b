"""dateTime: a day and a time of day."""

import re
from datetime import date, datetime

from handlers.forms import values
from handlers.forms.clocks import named_moment
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.understand import settled
from handlers.talk import Part, t

NO_MOMENT = Misfit("type", t("Please answer with a date and a time, for example 2026-10-01 14:30."))
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")


class DateTime(Kind):
    """A moment that exists, stored as `YYYY-MM-DDTHH:MM`, on the clock of where the person is."""

    name = "dateTime"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """`YYYY-MM-DDTHH:MM`."""
        if not isinstance(value, str) or not _WRITTEN.fullmatch(value):
            return NO_MOMENT
        return value if isinstance(values.as_moment(value), datetime) else NO_MOMENT

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """A day and a time as people say them."""
        return settled(self, question, choices, named_moment(question, words, today), NO_MOMENT)

    def seen(self, value: Value) -> values.Value:
        """The moment."""
        return values.as_moment(str(value))

    def shown(self, question: Question, value: Value) -> Part:
        """With a space between day and time."""
        return str(value).replace("T", " ")

    def stored(self, value: values.Value) -> Value:
        """A day is its beginning."""
        return values.text(values.as_moment(value)) or None


KIND = DateTime()
