"""time: a time of day."""

import re
from datetime import date

from handlers.forms import values
from handlers.forms.clocks import named_time
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.understand import settled
from handlers.talk import t

NO_TIME = Misfit("type", t("Please answer with a time of day, for example 14:30."))
_WRITTEN = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Time(Kind):
    """From 00:00 to 23:59, stored as `HH:MM`. Expressions see it as this text."""

    name = "time"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """`HH:MM`."""
        return value if isinstance(value, str) and _WRITTEN.fullmatch(value) else NO_TIME

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """A time as people say it; `三点` is asked back where the question does not say which of the two."""
        return settled(self, question, choices, named_time(question, words), NO_TIME)

    def stored(self, value: values.Value) -> Value:
        """The time of a moment, or of a text that begins with one."""
        found = _WRITTEN.match(values.text(value).rpartition("T")[2])
        return found[0] if found else None


KIND = Time()
