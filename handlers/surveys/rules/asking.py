"""Events of the walk -> what is said: pictures first, then one message with the question or review and its buttons.

Buttons carry `verb:round:seq[:…]`; `seq` tells a late tap from the present one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.forms.form import Form
from handlers.forms.kind import Value, kinds
from handlers.forms.moves import Another, Ask, Event, FellAway, Note, Refused, Review, Step
from handlers.forms.walk import State, answers
from handlers.surveys.rules import guiding, keys, looking
from handlers.surveys.rules.places import Place, Rows
from handlers.talk import Button, Label, Message, Part, Stored, Text, t

ONCE_MORE = 60
"""Characters of words that were refused from which on they are shown again, to be mended."""
TYPED = 20_000
"""Characters that a channel lets a person type at once, at most (the web chat)."""
ATTACHED = frozenset({"image", "file"})
"""Kinds that are answered by sending something."""


def put(
    place: Place, events: Iterable[Event], before: Sequence[Part] = (), replaces: str = "", pictures: bool = False
) -> tuple[Message, ...]:
    """What says all these events, the question or review last; with `pictures`, also what is shown with them."""
    parts, rows, attach = list(before), Rows(), ""
    shown: list[Message] = []
    for event in events:
        match event:
            case Ask():
                shown += _pictures(place, event) if pictures else []
                more, rows = _ask(place, event)
                parts += more
                attach = event.question.type if event.question.type in ATTACHED else ""
            case Another():
                parts.append(_another(event))
                rows = _another_buttons(place)
            case Review(lines=lines):
                parts += looking.review(place, lines)
                rows = looking.review_buttons(place, lines)
            case Note(image=image) if pictures and (picture := _picture(place, image)):
                shown.append(Message((*parts, *_note(event)), file=picture))
                parts = []
            case Note():
                parts += _note(event)
            case Refused(message=message):
                parts.append(message)
            case FellAway(labels=labels):
                parts.append(t("With this change, the following is no longer asked; your answer is kept aside:"))
                parts += labels
    if place.link:
        rows = (*rows, _ways(place))
    if shown and replaces:  # what follows stands below the pictures, not above them
        shown.insert(0, Message((t("It goes on below."),), replaces=replaces))
        replaces = ""
    return (*shown, Message(tuple(parts), rows, replaces, attach=attach))


# A question ----------------------------------------------------------------------------------------------


def _ask(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    question = ask.question
    parts: list[Part] = [_progress(ask), *_headings(ask), question.label]
    if place.link and not keys.tappable(question):
        return [*parts, *_on_the_page(place, ask)], (
            (Button(t("Go on here"), f"bo:{place.round_id}:1"),),
            *_moves(place, ask),
        )
    if question.hint.words:
        parts.append(question.hint)
    more, rows = keys.answers(place, ask)
    parts += more
    if not ask.choices:
        if ask.value is not None:
            parts.append(t("Your answer so far: {answer}", answer=worded(ask, ask.value)))
        if how := guiding.typed(ask):
            parts.append(how)
    return parts, (*rows, *_same(place, ask), *_moves(place, ask))


def _on_the_page(place: Place, ask: Ask) -> list[Part]:
    """Where a question of an anonymous round is answered that cannot be tapped; its answer is never said in a chat."""
    done = [t("You have answered this on the page.")] if ask.value is not None else []
    return [
        *done,
        t("This question is answered on the page, which opens where you are. Afterwards you can go on here or there."),
        place.link,
        t("The link is for you alone and good for two hours: please do not pass it on."),
    ]


def _ways(place: Place) -> tuple[Button, ...]:
    """Out of an anonymous round in a chat: to its page, or out of sight."""
    return (
        Button(t("To the page"), f"bl:{place.round_id}:1"),
        Button(t("Take this message away"), f"bz:{place.round_id}"),
    )


def _progress(ask: Ask) -> Text:
    """Where one is; honest about a number that later answers may still change."""
    if ask.settled:
        return t("Question {position} of {total}", position=ask.position, total=ask.total)
    return t("Question {position} of {total} so far", position=ask.position, total=ask.total)


def _headings(ask: Ask) -> list[Part]:
    """The groups and entries it stands in, as one paragraph."""
    named = [one for one in ask.headings if not isinstance(one, Label) or one.words]
    if len(named) < 2:
        return named
    return [Text("\n".join(f"{{h{n}}}" for n in range(len(named))), {f"h{n}": one for n, one in enumerate(named)})]


def _same(place: Place, ask: Ask) -> Rows:
    """In a matrix: the answer of the line before, at one tap."""
    for number, choice in enumerate(ask.question.choices):
        if choice.name == place.same and keys.offered(ask, number):
            return ((Button(t("Same as before: {choice}", choice=choice.label), place.data("a", number)),),)
    return ()


def _moves(place: Place, ask: Ask) -> Rows:
    """Back; on without answering, or with the answer there is, or without it; help.

    Where choices are ticked, “Done” is the way on in every case.
    """
    moves = [Button(t("Back"), place.data("ab"))] if ask.position > 1 else []
    ticked = ask.question.type == "select_multiple"
    if ask.value is not None and not ticked:
        moves.append(Button(t("Keep my answer"), place.data("as")))
        if not ask.required:
            moves.append(Button(t("Clear my answer"), place.data("ax")))
    elif not ask.required and not ticked:
        moves.append(Button(t("Skip"), place.data("as")))
    return ((*moves, Button(t("Help"), place.data("aw"))),)


def _another(event: Another) -> Part:
    if event.count == 0:
        return t("{repeat}: nothing is entered yet. Is there one?", repeat=event.label)
    return t("{repeat}: {count} entered so far. Is there one more?", repeat=event.label, count=event.count)


def _another_buttons(place: Place) -> Rows:
    yes, no = Button(t("One more"), place.data("ag", 1)), Button(t("No more"), place.data("ag", 0))
    return ((yes, no), (Button(t("Back"), place.data("ab")),))


# Notes and pictures --------------------------------------------------------------------------------------


def _note(note: Note) -> list[Part]:
    return [t("{label}: {value}", label=note.label, value=note.shown)] if note.shown else [note.label]


def _pictures(place: Place, ask: Ask) -> list[Message]:
    """The question's own picture, and those of its choices with their numbers."""
    found: list[Message] = []
    if picture := _picture(place, ask.question.image):
        found.append(Message((), file=picture))
    for number, choice in enumerate(ask.choices[: keys.MANY], 1):
        if picture := _picture(place, choice.image):
            found.append(Message((t("{number}. {choice}", number=number, choice=choice.label),), file=picture))
    return found


def _picture(place: Place, image: Label) -> Stored | None:
    name = next((name for tag in (place.language, image.default) if (name := image.words.get(tag))), "")
    name = name or next(iter(image.words.values()), "")
    return Stored(name, place.media[name]) if name in place.media else None


# What was understood -------------------------------------------------------------------------------------


def refused(took: Step) -> bool:
    """Was the answer not taken?"""
    return any(isinstance(event, Refused) for event in took.events)


def unfit(took: Step) -> bool:
    """Was it no answer to this kind of question at all?"""
    return any(isinstance(event, Refused) and event.reason in ("type", "choice") for event in took.events)


def given_back(ask: Ask, words: str) -> tuple[Part, ...]:
    """Long words that were refused as an answer in words, to be copied and mended; not what no person has typed."""
    long = ask.question.type == "text" and ONCE_MORE <= len(words) <= TYPED
    return (t("You wrote:\n{words}", words=words),) if long else ()


def noted(form: Form, state: State, ask: Ask, now: datetime) -> tuple[Part, ...]:
    """What was understood as the answer to this question, said back shortly; nothing if it is empty."""
    value = answers(form, state, now).get(ask.path)
    return () if value is None else (t("Noted: {answer}", answer=worded(ask, value)),)


def worded(ask: Ask, value: Value) -> Part:
    """An answer to this question in words, cut if it is long."""
    return looking.cut(kinds()[ask.question.type].shown(ask.question, value))
