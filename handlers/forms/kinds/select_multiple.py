"""select_multiple: any of the choices, kept in the order in which they were given."""

from datetime import date

from handlers.forms import values
from handlers.forms.choosing import near, unclear
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.offers import Offer
from handlers.forms.several import doubtful, pick_several
from handlers.talk import Label, Part, t

NOT_OFFERED = Misfit("choice", t("Please choose from the answers: tap them, or type their numbers, for example 1, 3."))


class SelectMultiple(Kind):
    """Any number of the choices; none is no answer."""

    name = "select_multiple"
    chooses = True
    several = True

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """A list of names, or names in one text with spaces between."""
        names = value.split() if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            return Misfit("type", NOT_OFFERED.message)
        offered = {choice.name for choice in choices}
        return list(dict.fromkeys(names)) if offered.issuperset(names) else NOT_OFFERED

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """Several at once, however they are joined; if one piece is unclear, all is asked back."""
        offer = Offer(choices)
        meant = pick_several(offer, words)
        if meant.things and meant.sure:
            return [choices[index].name for index in meant.things]
        doubt = (meant.things if len(meant.things) == 1 else ()) or doubtful(offer, words)
        return unclear(offer, doubt or near(offer, words), NOT_OFFERED)

    def seen(self, value: Value) -> values.Value:
        """The names, joined by spaces."""
        return " ".join(map(str, value)) if isinstance(value, list) else str(value)

    def stored(self, value: values.Value) -> Value:
        """Names with spaces between."""
        return values.text(value).split() or None

    def shown(self, question: Question, value: Value) -> Part:
        """Their labels, joined as the language does."""
        labels = {choice.name: choice.label for choice in question.choices}
        chosen = [labels.get(name, Label({"": str(name)})) for name in (value if isinstance(value, list) else [])]
        default = chosen[0].default if chosen else ""
        tags = dict.fromkeys(tag for label in chosen for tag in label.words)
        return Label({tag: _joined(tag, chosen) for tag in tags}, default)


def _joined(tag: str, labels: list[Label]) -> str:
    words = [label.words.get(tag) or label.words.get(label.default) or "" for label in labels]
    chinese = any("\u4e00" <= char <= "\u9fff" for word in words for char in word)
    return ("、" if chinese else ", ").join(words)


KIND = SelectMultiple()
