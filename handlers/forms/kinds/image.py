"""image: a picture."""

from datetime import date

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO_PICTURE = Misfit("type", t("Please send a picture."))


class Image(Kind):
    """The name under which the uploaded picture is kept."""

    name = "image"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A name; whoever gives it has kept the picture."""
        return value if isinstance(value, str) and value.strip() else NO_PICTURE

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """Words are none."""
        return NO_PICTURE


KIND = Image()
