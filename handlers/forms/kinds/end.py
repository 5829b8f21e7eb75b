"""end: neither asked nor shown."""

from handlers.forms.kind import Kind


class End(Kind):
    """A value that is worked out or given."""

    name = "end"
    asked = False
    silent = True


KIND = End()
