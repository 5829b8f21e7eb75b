"""acknowledge: something to confirm."""

from datetime import date

from handlers.forms.assent import confirmed
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.talk import Part, t

OK = "OK"
"""The only answer."""
NOT_CONFIRMED = Misfit("type", t("Please confirm by answering OK."))


class Acknowledge(Kind):
    """Confirmed, or not answered."""

    name = "acknowledge"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """`OK`."""
        return OK if value == OK else NOT_CONFIRMED

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """`好的`, `知道了`, `I agree`; a word that is no full consent is none."""
        return OK if confirmed(words) else NOT_CONFIRMED

    def shown(self, question: Question, value: Value) -> Part:
        """That it was."""
        return t("Confirmed")


KIND = Acknowledge()
