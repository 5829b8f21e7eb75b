"""start: the moment at which the form was opened."""

from handlers.forms.kinds.datetime import DateTime


class Start(DateTime):
    """Noted when the walk begins."""

    name = "start"
    asked = False
    silent = True


KIND = Start()
