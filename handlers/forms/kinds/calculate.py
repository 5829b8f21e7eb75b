"""calculate: neither asked nor shown."""

from handlers.forms.kind import Kind


class Calculate(Kind):
    """A value that is worked out or given."""

    name = "calculate"
    asked = False
    silent = True


KIND = Calculate()
