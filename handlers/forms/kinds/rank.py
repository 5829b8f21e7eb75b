"""rank: all the choices, in the order the person gives them."""

from datetime import date

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Misfit, Value
from handlers.forms.kinds.select_multiple import SelectMultiple
from handlers.talk import t

NOT_ALL = Misfit("choice", t("Please put all the answers in your order: type their numbers, for example 2, 1, 3."))


class Rank(SelectMultiple):
    """Every choice once, the first the most."""

    name = "rank"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """The names in their order."""
        names = value.split() if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            return Misfit("type", NOT_ALL.message)
        return list(names) if sorted(names) == sorted(choice.name for choice in choices) else NOT_ALL

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """All of them, however they are joined."""
        found = super().hear(question, choices, words, today)
        return found if isinstance(found, Misfit) else self.take(question, choices, found)


KIND = Rank()
