"""hidden: neither asked nor shown."""

from handlers.forms.kind import Kind


class Hidden(Kind):
    """A value that is worked out or given."""

    name = "hidden"
    asked = False
    silent = True


KIND = Hidden()
