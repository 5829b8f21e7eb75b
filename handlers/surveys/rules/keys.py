"""The buttons that answer a question, by its kind, and the lines that explain them.

Choices are carried by their place among all choices of the question, and numbered by their place among those
offered: that number, typed, means the same.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Value, kinds
from handlers.forms.moves import Ask
from handlers.forms.understand import fold
from handlers.surveys.rules.matrices import is_line
from handlers.surveys.rules.places import Place, Rows
from handlers.talk import Button, Label, Part, Text, t

SHORT = 4
"""Labels no longer than this may stand beside each other."""
FEW = 6
"""More choices than this never stand beside each other as words."""
MANY = 10
"""More choices than this are shown a part at a time."""
PART = 8
"""Choices in one part of a long list."""
STEPS = 11
"""A range of no more steps than this is tapped."""
IN_A_ROW = 6
"""Numbers beside each other."""
ONE_MESSAGE = 2500
"""Characters of a question with its choices that fit into one message on every channel, with all that is said beside
them."""
BESIDE = frozenset({"likert", "horizontal", "horizontal-compact", "columns-pack", "quick"})
"""Appearances that ask for choices beside each other (XLSForm, column `appearance`)."""


def tappable(question: Question) -> bool:
    """Can it be answered by tapping alone, in one message without pictures? No words, numbers or days of one's own."""
    labels = [question.label, question.hint, *(choice.label for choice in question.choices)]
    longest = sum(max((len(words) for words in label.words.values()), default=0) for label in labels)
    if longest > ONE_MESSAGE or question.image.words or any(choice.image.words for choice in question.choices):
        return False
    match question.type:
        case "acknowledge":
            return True
        case "range":
            return len(range_of(question)) <= STEPS
    return bool(question.choices)


def answers(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    """What is said below the question, and what can be tapped to answer it."""
    match ask.question.type:
        case "rank":
            return _rank(place, ask)
        case "range":
            return _range(place, ask)
        case "date":
            return [], _days(place)
        case "acknowledge":
            return [], ((Button(t("I confirm"), place.data("an", 0)),),)
    if not ask.choices:
        return [], ()
    return _several(place, ask) if kinds()[ask.question.type].several else _one(place, ask)


def ready(ask: Ask, number: int) -> Value:
    """The answer a button carries as a number: a step of a range, a day as YYYYMMDD, a confirmation. None: none."""
    match ask.question.type:
        case "acknowledge":
            return "OK" if number == 0 else None
        case "range":
            steps = range_of(ask.question)
            return steps[number] if number < len(steps) else None
        case "date":
            digits = f"{number:08}"
            return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return None


def range_of(question: Question) -> list[int | float]:
    """The values of a range, at most `STEPS` and one; whole numbers as such."""
    start, end, step = (float(question.parameters.get(key, "1")) for key in ("start", "end", "step"))
    count = int(round((end - start) / step, 6)) if step else 0
    values = (round(start + number * step, 9) for number in range(min(abs(count), STEPS) + 1))
    return [int(value) if value == int(value) else value for value in values]


def offered(ask: Ask, number: int) -> Choice | None:
    """The choice a button stands for, by its place among all; None if it is not offered now."""
    every = ask.question.choices
    name = every[number].name if number < len(every) else ""
    return next((choice for choice in ask.choices if choice.name == name), None)


def found(ask: Ask, words: str) -> frozenset[str]:
    """The names of the choices of a long list whose labels have these words in them, in any language."""
    wanted = fold(words)
    if len(ask.choices) <= MANY or not wanted:
        return frozenset()
    return frozenset(
        choice.name for choice in ask.choices if any(wanted in fold(label) for label in choice.label.words.values())
    )


def part_of(ask: Ask, name: str) -> int:
    """The part of a long list this choice stands in."""
    return next((place // PART for place, choice in enumerate(ask.choices) if choice.name == name), 0)


# Choices -------------------------------------------------------------------------------------------------


def _one(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    if _beside(ask):
        return [], (tuple(_key(place, ask, choice, choice.label) for choice in ask.choices),)
    if _anchored(place, ask):
        return _anchors(place, ask)
    shown, turns = _in_view(place, ask)
    rows = [(_key(place, ask, choice, choice.label),) for choice in shown]
    return _searching(place, ask), (*rows, *turns)


def _key(place: Place, ask: Ask, choice: Choice, label: Part) -> Button:
    if choice.name in ask.picked:
        label = t("✓ {choice}", choice=label)
    return Button(label, place.data("a", _number(ask, choice)), ask.choices.index(choice) + 1)


def _number(ask: Ask, choice: Choice) -> int:
    """The choice's place among all."""
    return next(place for place, one in enumerate(ask.question.choices) if one.name == choice.name)


def _wants_row(ask: Ask) -> bool:
    return not BESIDE.isdisjoint(ask.question.appearance.split())


def _beside(ask: Ask) -> bool:
    """May the labels stand beside each other: few, and short in every language?"""
    return len(ask.choices) <= FEW and all(
        len(words) <= SHORT for choice in ask.choices for words in choice.label.words.values()
    )


def _anchored(place: Place, ask: Ask) -> bool:
    """Is it a scale, to be tapped by its numbers?"""
    return 2 < len(ask.choices) <= MANY and (_wants_row(ask) or is_line(place.form, ask.path))


def _anchors(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    """One row of numbers, what they mean above."""
    lines = _lines([t("{number} = {choice}", number=n, choice=one.label) for n, one in enumerate(ask.choices, 1)])
    return [lines], (tuple(_key(place, ask, one, str(n)) for n, one in enumerate(ask.choices, 1)),)


def _lines(parts: Sequence[Part]) -> Part:
    """One paragraph of several lines."""
    return Text("\n".join(f"{{line{n}}}" for n in range(len(parts))), {f"line{n}": one for n, one in enumerate(parts)})


def _in_view(place: Place, ask: Ask) -> tuple[Sequence[Choice], Rows]:
    """The choices in view, and the ways to the others."""
    if place.found:
        every = Button(t("All choices"), place.data("am", 0))
        return [choice for choice in ask.choices if choice.name in place.found][:PART], ((every,),)
    if len(ask.choices) <= MANY:
        return ask.choices, ()
    last = (len(ask.choices) - 1) // PART
    part = place.part if place.part is not None else part_of(ask, ask.picked[0]) if ask.picked else 0
    part = min(part, last)
    turns = []
    if part > 0:
        turns.append(Button(t("Earlier choices"), place.data("am", part - 1)))
    if part < last:
        turns.append(Button(t("More choices"), place.data("am", part + 1)))
    return ask.choices[part * PART : (part + 1) * PART], (tuple(turns),)


def _searching(place: Place, ask: Ask) -> list[Part]:
    if place.found:
        return [t("These choices fit what you typed:")]
    if len(ask.choices) > MANY:
        return [t("There are {count} choices. Turn the pages, or type a part of the words.", count=len(ask.choices))]
    return []


def _several(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    all_that = t("Tap all that apply, then “Done”.")
    parts: list[Part] = [all_that if ask.required else t("Tap what applies, if anything, then “Done”.")]
    shown, turns = _in_view(place, ask)
    if len(ask.choices) > MANY and ask.picked:
        chosen = [choice.label for choice in ask.choices if choice.name in ask.picked]
        parts.append(t("Ticked so far: {choices}", choices=_listed(chosen)))
    rows = [(_tick(place, ask, choice),) for choice in shown]
    return [*_searching(place, ask), *parts], (*rows, *turns, (Button(t("Done"), place.data("ad")),))


def _tick(place: Place, ask: Ask, choice: Choice) -> Button:
    ticked = choice.name in ask.picked
    label = t("☑ {choice}", choice=choice.label) if ticked else t("☐ {choice}", choice=choice.label)
    return Button(label, place.data("at", _number(ask, choice), int(not ticked)), ask.choices.index(choice) + 1)


def _listed(labels: Sequence[Label]) -> Part:
    return Text(" · ".join(f"{{one{n}}}" for n in range(len(labels))), {f"one{n}": one for n, one in enumerate(labels)})


def _rank(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    """Each tap gives the next place; when all have one, it is done."""
    names = {choice.name: choice.label for choice in ask.choices}
    placed = [names[name] for name in ask.picked if name in names]
    left = [choice for choice in ask.choices if choice.name not in ask.picked]
    parts: list[Part] = []
    if placed:
        parts.append(_lines([t("{number}. {choice}", number=n, choice=label) for n, label in enumerate(placed, 1)]))
    if left:
        parts.append(t("Tap what comes at place {number}.", number=len(placed) + 1))
    rows: list[tuple[Button, ...]] = [
        (Button(one.label, place.data("at", _number(ask, one), 1), ask.choices.index(one) + 1),) for one in left
    ]
    if not left:
        rows.append((Button(t("Done"), place.data("ad")),))
    if placed:
        rows.append((Button(t("Start over"), place.data("ae")),))
    return parts, tuple(rows)


# Numbers and days ----------------------------------------------------------------------------------------


def _range(place: Place, ask: Ask) -> tuple[list[Part], Rows]:
    steps = range_of(ask.question)
    if len(steps) > STEPS:
        start, end, step = (ask.question.parameters.get(key, "1") for key in ("start", "end", "step"))
        return [
            t("Please type a number from {start} to {end}, in steps of {step}.", start=start, end=end, step=step)
        ], ()
    keys = [
        Button(t("✓ {choice}", choice=_written(value)) if value == ask.value else _written(value), place.data("an", n))
        for n, value in enumerate(steps)
    ]
    width = IN_A_ROW if len(keys) > IN_A_ROW + 2 else len(keys)
    return [], tuple(tuple(keys[first : first + width]) for first in range(0, len(keys), width))


def _written(value: float) -> str:
    return str(value)


def _days(place: Place) -> Rows:
    if place.today is None:
        return ()
    yesterday = place.today - timedelta(days=1)
    return (
        (
            Button(t("Today"), place.data("an", _digits(place.today))),
            Button(t("Yesterday"), place.data("an", _digits(yesterday))),
        ),
    )


def _digits(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
