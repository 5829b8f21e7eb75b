"""range: a number on a scale with equal steps."""

from decimal import Decimal
from decimal import InvalidOperation as NoNumber

from handlers.forms import values
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
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
            message = t("Please answer with a number from {start} to {end}.", start=str(start), end=str(end))
            return Misfit("type", message)
        return int(found) if is_whole(question) else float(found)

    def seen(self, value: Value) -> values.Value:
        """The number."""
        return values.number(str(value))

    def stored(self, value: values.Value) -> Value:
        """A number."""
        return values.plain(values.number(value))


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
