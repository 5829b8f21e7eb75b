"""start: neither asked nor shown."""

from handlers.forms.kind import Kind


class Start(Kind):
    """A value that is worked out or given."""

    name = "start"
    asked = False
    silent = True


KIND = Start()
