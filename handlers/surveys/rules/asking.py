"""Events of the walk -> one message.

Buttons carry `verb:round:seq[:…]`; `seq` tells a late tap from the present one. Choices are carried by
their place among all choices of the question.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from handlers.forms.form import Choice, Form, Group, Item
from handlers.forms.kind import kinds
from handlers.forms.walk import Ask, Event, FellAway, Note, Refused, Review, ReviewLine, State, Step, answers
from handlers.talk import Button, Label, Message, Part, t

LINES = 8
"""Answers on one page of the review."""
IN_A_ROW = 4
"""Buttons beside each other under the review."""
SHORT = 4
"""Labels no longer than this may stand beside each other."""
FEW = 6
"""More choices than this never stand beside each other."""
BESIDE = frozenset({"likert", "horizontal", "horizontal-compact", "columns-pack"})
"""Appearances that ask for choices beside each other (XLSForm, column `appearance`)."""
SHOWN = 200
"""Characters of a text answer that are shown when it is said back."""

Rows = tuple[tuple[Button, ...], ...]

HOW = {
    "integer": t("Please type a whole number."),
    "decimal": t("Please type a number."),
    "date": t("Please type a date, for example 2026-03-31."),
    "text": t("Please type your answer."),
}
"""What to do, for kinds that are answered by typing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where events are to be said: the round's sheet, and the page of its review."""

    form: Form
    round_id: int
    seq: int
    page: int = 0

    def data(self, verb: str, *about: int) -> str:
        """What a button carries."""
        return f"{verb}:{self.round_id}:{self.seq}{''.join([f':{number}' for number in about])}"


def put(place: Place, events: Iterable[Event], before: Sequence[Part] = (), replaces: str = "") -> Message:
    """One message that says all these events, the question or review last."""
    parts = list(before)
    rows: Rows = ()
    for event in events:
        match event:
            case Ask():
                parts += _question(place, event)
                rows = _answers(place, event)
            case Review(lines=lines):
                parts += _review(place, lines)
                rows = _review_buttons(place, len(lines))
            case Note(label=label):
                parts.append(label)
            case Refused(message=message):
                parts.append(message)
            case FellAway(labels=labels):
                parts.append(t("With this change, the following is no longer asked; your answer is kept aside:"))
                parts += labels
    return Message(tuple(parts), rows, replaces)


def _question(place: Place, ask: Ask) -> list[Part]:
    question = ask.question
    heading = _headings(place.form).get(question.path)
    parts: list[Part] = [t("Question {position} of {total}", position=ask.position, total=ask.total)]
    if heading:
        parts.append(heading)
    parts.append(question.label)
    if question.hint.words:
        parts.append(question.hint)
    if kinds()[question.type].several:
        all_that = t("Tap all that apply, then “Done”.")
        parts.append(all_that if ask.required else t("Tap what applies, if anything, then “Done”."))
    elif not ask.choices:
        if ask.value is not None:
            shown = kinds()[question.type].shown(question, ask.value)
            parts.append(t("Your answer so far: {answer}", answer=_cut(shown)))
        if how := HOW.get(question.type):
            parts.append(how)
    return parts


@lru_cache(maxsize=64)
def _headings(form: Form) -> Mapping[str, Label]:
    """The label of the innermost labelled group around each question, by path."""
    return dict(_labelled(form.items, None))


def _labelled(items: Iterable[Item], heading: Label | None) -> Iterable[tuple[str, Label]]:
    for item in items:
        if isinstance(item, Group):
            yield from _labelled(item.items, item.label if item.label.words else heading)
        elif heading:
            yield item.path, heading


def _answers(place: Place, ask: Ask) -> Rows:
    return (*_choices(place, ask), *_moves(place, ask))


def _choices(place: Place, ask: Ask) -> Rows:
    if not ask.choices:
        return ()
    among = {choice.name: number for number, choice in enumerate(ask.question.choices)}
    picked = frozenset(ask.picked)
    if kinds()[ask.question.type].several:
        rows = tuple(
            (
                Button(t("☑ {choice}", choice=choice.label), place.data("at", among[choice.name], 0))
                if choice.name in picked
                else Button(t("☐ {choice}", choice=choice.label), place.data("at", among[choice.name], 1)),
            )
            for choice in ask.choices
        )
        return (*rows, (Button(t("Done"), place.data("ad")),))
    buttons = tuple(
        Button(
            t("✓ {choice}", choice=choice.label) if choice.name in picked else choice.label,
            place.data("a", among[choice.name]),
        )
        for choice in ask.choices
    )
    return (buttons,) if _beside(ask) else tuple((button,) for button in buttons)


def _beside(ask: Ask) -> bool:
    """May the choices stand beside each other: few, and the author says so or all labels are short?"""
    if len(ask.choices) > FEW:
        return False
    if not BESIDE.isdisjoint(ask.question.appearance.split()):
        return True
    return all(len(words) <= SHORT for choice in ask.choices for words in choice.label.words.values())


def _moves(place: Place, ask: Ask) -> Rows:
    """Back; on without answering, or with the answer there is, or without it.

    Where several are ticked, “Done” is the way on in every case.
    """
    moves = [Button(t("Back"), place.data("ab"))] if ask.position > 1 else []
    several = kinds()[ask.question.type].several
    if ask.value is not None and not several:
        moves.append(Button(t("Keep my answer"), place.data("as")))
        if not ask.required:
            moves.append(Button(t("Clear my answer"), place.data("ax")))
    elif not ask.required and not several:
        moves.append(Button(t("Skip"), place.data("as")))
    return (tuple(moves),) if moves else ()


def _review(place: Place, lines: Sequence[ReviewLine]) -> list[Part]:
    first = _page(place, len(lines)) * LINES
    parts: list[Part] = [t("These are your answers. Hand them in, or change what is not right.")]
    for number, line in enumerate(lines[first : first + LINES], first + 1):
        shown = _cut(line.shown)
        parts.append(t("{number}. {question}\n→ {answer}", number=number, question=line.label, answer=shown))
    return parts


def _review_buttons(place: Place, count: int) -> Rows:
    page = _page(place, count)
    changes = [
        Button(t("Change {number}", number=number + 1), place.data("av", number))
        for number in range(page * LINES, min(count, (page + 1) * LINES))
    ]
    rows = [tuple(changes[start : start + IN_A_ROW]) for start in range(0, len(changes), IN_A_ROW)]
    turns = []
    if page > 0:
        turns.append(Button(t("Earlier answers"), place.data("ap", page - 1)))
    if (page + 1) * LINES < count:
        turns.append(Button(t("Further answers"), place.data("ap", page + 1)))
    if turns:
        rows.append(tuple(turns))
    return (*rows, (Button(t("Hand in"), place.data("ah")),))


def _page(place: Place, count: int) -> int:
    return max(0, min(place.page, (count - 1) // LINES))


def offered(ask: Ask, number: int) -> Choice | None:
    """The choice a button stands for, by its place among all; None if it is not offered now."""
    every = ask.question.choices
    return every[number] if number < len(every) and every[number] in ask.choices else None


def refused(took: Step) -> bool:
    """Was the answer not taken?"""
    return any(isinstance(event, Refused) for event in took.events)


def noted(form: Form, state: State, ask: Ask, now: datetime | None) -> tuple[Part, ...]:
    """What was understood as the answer to this question, said back shortly; nothing if it is empty."""
    value = answers(form, state, now).get(ask.path)
    if value is None:
        return ()
    return (t("Noted: {answer}", answer=_cut(kinds()[ask.question.type].shown(ask.question, value))),)


def _cut(answer: Part) -> Part:
    """Long words of the person's own, cut for showing."""
    if isinstance(answer, str) and len(answer) > SHOWN:
        return answer[:SHOWN] + "…"
    return answer
