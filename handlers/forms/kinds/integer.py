"""integer: a whole number."""

import re
from datetime import date
from math import isfinite

from handlers.forms import values
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.quantities import quantity
from handlers.forms.understand import settled
from handlers.talk import t

NOT_WHOLE = Misfit("type", t("Please answer with a whole number, for example 12."))
MOST_DIGITS = 15
"""More could not be reckoned with exactly; what is longer is a name (of a card, an account): a text."""
_WRITTEN = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}")


class Integer(Kind):
    """A whole number of at most 15 digits."""

    name = "integer"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A number without a fraction, or its digits with an optional minus."""
        if isinstance(value, float) and value.is_integer() and abs(value) < 10**MOST_DIGITS:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value if abs(value) < 10**MOST_DIGITS else NOT_WHOLE
        if isinstance(value, str) and _WRITTEN.fullmatch(value.strip()):
            return int(value)
        return NOT_WHOLE

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """Digits, Chinese numerals, with a unit or not: `3次`, `三百二十`, `20%` where a share is asked for."""
        return settled(self, question, choices, quantity(question, words), NOT_WHOLE)

    def seen(self, value: Value) -> values.Value:
        """The number."""
        return values.number(str(value))

    def stored(self, value: values.Value) -> Value:
        """Without its fraction."""
        found = values.cut(value)
        return int(found) if isinstance(found, float) and isfinite(found) else None


KIND = Integer()
