"""What is said in a chat about an anonymous round, and kept nowhere: the way to its page, and how far somebody is."""

from datetime import datetime

from handlers.forms.form import Form
from handlers.surveys.rules.fitness import words
from handlers.talk import Button, Message, Part, t
from storage.records import Round

STAYS = t(
    "Taken away; your answers so far stay kept. If it still stands here, it is too old: please delete it yourself."
)
UNAWAITED = t(
    "You are asked in an anonymous questionnaire, so nothing of what you just sent is kept on our side. Answers in "
    "words belong on its page alone."
)
TAKEN_OUT = t(
    "It is taken out of this chat. If it still stands here, please delete it yourself; whoever runs the chat platform "
    "may have seen it."
)


def fits_a_chat(form: Form) -> bool:
    """Can its questions be said in a chat? Not where their words repeat answers: those may be words of one's own."""
    return not any("${" in said for _, said in words(form))


def page(round: Round, address: str) -> Message:
    """The way to the page where we keep what is said: the same for everybody."""
    return Message(
        (
            t("You answer “{round}” on its page:", round=round.name),
            address,
            t("The address is the same for everybody who was asked; open it in this browser."),
        )
    )


def ticket(round: Round, link: str) -> Message:
    """The way to the page for one person."""
    return Message(
        (
            t("You answer “{round}” on its page:", round=round.name),
            link,
            t("The link is for you alone: please do not pass it on. It is good for two hours; tap for a new one."),
            t("It is written down nowhere on our side. Take this message away when you are done."),
        ),
        (
            (Button(t("A new link"), f"bl:{round.id}:1"),),
            (Button(t("Take this message away"), f"bz:{round.id}"),),
        ),
    )


def already(round: Round) -> Message:
    """To somebody whose ballot is in and who comes again."""
    return Message(
        (
            t("Your ballot for “{round}” is in. Nobody can read it, not even we.", round=round.name),
            *_again(round.closes),
        ),
        _ways(round),
    )


def cast(round: Round) -> Message:
    """After handing in, in the place of the questions."""
    return Message(
        (
            t("Thank you: your ballot for “{round}” is in the box, sealed.", round=round.name),
            *_again(round.closes),
        ),
        _ways(round),
    )


def _again(closes: datetime | None) -> list[Part]:
    if closes is None:
        return []
    return [t("Until {time} you can answer again, from the beginning: the last ballot counts.", time=closes)]


def _ways(round: Round) -> tuple[tuple[Button, ...], ...]:
    return (
        (Button(t("Answer again"), f"bo:{round.id}:2"),),
        (Button(t("Take this message away"), f"bz:{round.id}"),),
    )
