"""calculate: worked out, neither asked nor shown."""

from handlers.forms import values
from handlers.forms.kind import Kind, Value


class Calculate(Kind):
    """Whatever its expression yields: a text, a number, a truth or a day."""

    name = "calculate"
    asked = False
    silent = True

    def seen(self, value: Value) -> values.Value:
        """As it was yielded; a day is a text by then."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return value if isinstance(value, str | bool) else ""

    def stored(self, value: values.Value) -> Value:
        """As it is."""
        return values.plain(value)


KIND = Calculate()
