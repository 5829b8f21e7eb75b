"""text: words of one's own."""

from datetime import date

from handlers.forms import values
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.understand import clean
from handlers.talk import t, tn

LONGEST = 10_000
"""Characters."""
_MOST = 10**15
"""Larger numbers have no certain way of writing."""
NO_WORDS = Misfit("type", t("Please answer in words."))


class Text(Kind):
    """Any words, as they were typed, without what cannot be seen."""

    name = "text"

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """Words; a number is taken as it is written."""
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST:
            value = values.text(value) if isinstance(value, float) else str(value)
        if not isinstance(value, str):
            return NO_WORDS
        words = clean(value) if len(value) < 10 * LONGEST else value
        if len(words) > LONGEST:
            message = tn(
                "This answer has {count} character; at most {most} can be kept. Please shorten it.",
                "This answer has {count} characters; at most {most} can be kept. Please shorten it.",
                len(words),
                most=LONGEST,
            )
            return Misfit("type", message)
        return words or NO_WORDS

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """The words themselves."""
        return self.take(question, choices, words)


KIND = Text()
