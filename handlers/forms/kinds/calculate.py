"""calculate: worked out, neither asked nor shown."""

from handlers.forms import values
from handlers.forms.kind import Kind, Value


class Calculate(Kind):
    """Whatever its expression yields: a text, a number, a truth or a day. What a trigger or a computed default writes
    down is a text, as in ODK."""

    name = "calculate"
    asked = False
    silent = True

    def seen(self, value: Value) -> values.Value:
        """As it was yielded; a day is a text by then."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return value if isinstance(value, str | bool) else ""


KIND = Calculate()
