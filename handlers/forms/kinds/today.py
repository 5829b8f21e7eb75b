"""today: the day on which the form was opened."""

from handlers.forms.kinds.date import Date


class Today(Date):
    """Noted when the walk begins."""

    name = "today"
    asked = False
    silent = True


KIND = Today()
