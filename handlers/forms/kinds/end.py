"""end: the moment at which the form was handed in."""

from handlers.forms.kinds.datetime import DateTime


class End(DateTime):
    """Noted when the walk is done; nothing before."""

    name = "end"
    asked = False
    silent = True


KIND = End()
