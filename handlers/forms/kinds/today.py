"""today: neither asked nor shown."""

from handlers.forms.kind import Kind


class Today(Kind):
    """A value that is worked out or given."""

    name = "today"
    asked = False
    silent = True


KIND = Today()
