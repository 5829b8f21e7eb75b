"""How each kind of question is answered, and the help on one question."""

from collections.abc import Mapping

from handlers.forms.moves import Ask
from handlers.surveys.rules.places import Place, Rows
from handlers.talk import Button, Part, Text, t

TYPED: Mapping[str, Text] = {
    "integer": t("Please type a whole number."),
    "decimal": t("Please type a number."),
    "date": t("Please type a date, for example 2026-03-31."),
    "time": t("Please type a time, for example 14:30."),
    "dateTime": t("Please type a day and a time, for example 2026-03-31 14:30."),
    "text": t("Please type your answer."),
    "image": t("Please send a picture."),
    "file": t("Please send a file."),
}
"""What to do, for kinds that are not tapped."""

_HELP: Mapping[str, Text] = {
    "text": t("Type your answer in your own words and send it."),
    "integer": t("Type a whole number and send it; “twelve” will do as well as “12”."),
    "decimal": t("Type a number and send it; it may have a decimal point."),
    "range": t("Tap the number, or type it and send it."),
    "select_one": t("Tap one of the choices, or type its number or its words."),
    "select_multiple": t("Tap every choice that applies, then “Done”; or type their numbers, for example 1, 3."),
    "rank": t("Tap the choices in the order you want, the first one first; or type all numbers, for example 3, 1, 2."),
    "date": t("Type the day and send it: 2026-03-31, 31 March 2026 or “yesterday”."),
    "time": t("Type the time and send it: 14:30 or “half past two in the afternoon”."),
    "dateTime": t("Type the day and the time and send them: 2026-03-31 14:30."),
    "acknowledge": t("Tap “I confirm” if you agree."),
    "image": t(
        "Take or choose a picture and send it here: JPEG, PNG or WebP, up to 10 MB. Where and when it was taken is "
        "not kept."
    ),
    "file": t(
        "Send the file here: PDF, Office document, text or picture, up to 20 MB. The name of its author is not kept."
    ),
}

_WORDS_DO = t(
    "Instead of tapping you can type “back”, “skip”, “pause” or “help” where these words cannot be the answer itself."
)
_KEPT = t(
    "Your answer is kept at once, and you can change it until you hand in. Your HR office sees it together with "
    "your name."
)

_SEALED = t(
    "What you have answered so far is kept sealed, apart from your name, until you hand in. What you tap here the chat "
    "platform can see; what you answer on the page it cannot."
)


def guide(place: Place, ask: Ask) -> tuple[tuple[Part, ...], Rows]:
    """Help on this question: the author's guidance, how to answer, what becomes of the answer; and the ways on."""
    question = ask.question
    parts: list[Part] = [question.label]
    if question.hint.words:
        parts.append(question.hint)
    if question.guidance.words:
        parts.append(question.guidance)
    if (how := _HELP.get(question.type)) and not place.link:
        parts.append(how)
    if not ask.required:
        parts.append(t("This question can be left without an answer."))
    parts += [_SEALED] if place.link else [_WORDS_DO, _KEPT]
    if place.link:
        return tuple(parts), ((Button(t("To the question"), place.data("aq")),),)
    return tuple(parts), (
        (Button(t("To the question"), place.data("aq")),),
        (Button(t("Language"), "l"), Button(t("Pause"), place.data("az"))),
    )


def typed(ask: Ask) -> Part | None:
    """What to do where the answer is typed or sent."""
    return TYPED.get(ask.question.type)
