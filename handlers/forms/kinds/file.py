"""file: a document or any other file."""

from datetime import date

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import t

NO_FILE = Misfit("type", t("Please send a file."))


class File(Kind):
    """The name under which the uploaded file is kept."""

    name = "file"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A name; whoever gives it has kept the file."""
        return value if isinstance(value, str) and value.strip() else NO_FILE

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """Words are none."""
        return NO_FILE


KIND = File()
