"""range: a number on a scale with equal steps."""

from datetime import date
from decimal import Decimal
from decimal import InvalidOperation as NoNumber

from handlers.forms import values
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.quantities import quantity
from handlers.forms.understand import settled
from handlers.talk import t

_DEFAULTS = {"start": "1", "end": "10", "step": "1"}
_LONGEST = 30


class Range(Kind):
    """From `start` to `end` in steps of `step`: whole numbers if all three are whole."""

    name = "range"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A number of the scale, or its digits."""
        start, end, step = scale(question)
        found = _number(value)
        if found is None or not min(start, end) <= found <= max(start, end) or (step and (found - start) % step):
            return _misfit(question)
        return int(found) if is_whole(question) else float(found)

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """A number of the scale, with a unit or not: `8分`, `四点五`."""
        return settled(self, question, choices, quantity(question, words), _misfit(question))

    def seen(self, value: Value) -> values.Value:
        """The number."""
        return values.number(str(value))

    def stored(self, value: values.Value) -> Value:
        """A number."""
        return values.plain(values.number(value))


def _misfit(question: Question) -> Misfit:
    start, end, step = scale(question)
    if step == 1:
        message = t("Please answer with a number from {start} to {end}.", start=str(start), end=str(end))
    else:
        message = t(
            "Please answer with a number from {start} to {end}, in steps of {step}.",
            start=str(start),
            end=str(end),
            step=str(step),
        )
    return Misfit("type", message)


def scale(question: Question) -> tuple[Decimal, Decimal, Decimal]:
    """Its start, end and step."""
    start, end, step = (
        _number(question.parameters.get(name, default)) or Decimal(default if name not in question.parameters else "0")
        for name, default in _DEFAULTS.items()
    )
    return start, end, abs(step)


def is_whole(question: Question) -> bool:
    """Are its answers whole numbers?"""
    return all(number == number.to_integral_value() for number in scale(question))


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > _LONGEST:
        return None
    try:
        found = Decimal(str(value).strip())
    except NoNumber:
        return None
    return found if found.is_finite() else None


KIND = Range()
