"""hidden: a value from the form itself, neither asked nor shown."""

from handlers.forms.kind import Kind


class Hidden(Kind):
    """Its default or calculation, as a text."""

    name = "hidden"
    asked = False
    silent = True


KIND = Hidden()
