"""decimal: a number, whole or not."""

import re
from datetime import date
from math import isfinite

from handlers.forms import values
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.quantities import quantity
from handlers.forms.understand import settled
from handlers.talk import t

NO_NUMBER = Misfit("type", t("Please answer with a number, for example 12.5."))
MOST_DIGITS = 15
"""Before the point; more could not be reckoned with exactly."""
_WRITTEN = re.compile(rf"-?([0-9]{{1,{MOST_DIGITS}}}(\.[0-9]{{0,{MOST_DIGITS}}})?|\.[0-9]{{1,{MOST_DIGITS}}})")


class Decimal(Kind):
    """A number with at most 15 digits before the point, and as many after it."""

    name = "decimal"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A number, or its digits with an optional minus and point."""
        if isinstance(value, str) and _WRITTEN.fullmatch(value.strip()):
            return float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**MOST_DIGITS:
            return float(value)
        return NO_NUMBER

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """Digits or Chinese numerals, with a unit or not: `一个半小时`. `20%` may be 20 or 0.2: asked back."""
        return settled(self, question, choices, quantity(question, words), NO_NUMBER)

    def seen(self, value: Value) -> values.Value:
        """The number."""
        return float(value) if isinstance(value, int | float) else values.number(str(value))

    def stored(self, value: values.Value) -> Value:
        """A number."""
        found = values.number(value)
        return found if isfinite(found) else None


KIND = Decimal()
