"""What a tapped button gives to a walk, and what is in view after it: the same in named and in anonymous rounds."""

from collections.abc import Sequence
from datetime import datetime

from handlers.forms.form import Form
from handlers.forms.kind import Value
from handlers.forms.moves import (
    Again,
    Another,
    Answer,
    Ask,
    Back,
    Event,
    Given,
    Picked,
    Remove,
    Review,
    Skip,
    Toggle,
    Visit,
)
from handlers.forms.walk import State, answers
from handlers.surveys.rules import asking, keys, looking
from handlers.surveys.rules.matrices import entry_of, line_before
from handlers.surveys.rules.places import View
from handlers.talk import Part, t


def given(form: Form, verb: str, about: Sequence[int], present: Event) -> tuple[list[Given], Part]:
    """What a button gives, and what is noted; nothing where the button is not one of ours."""
    match verb, about:
        case "ab", []:
            return [Back()], ""
        case "as", []:
            return [Skip()], ""
        case "ax", []:
            return [Answer(None)], ""
        case "ad", []:
            return [Picked()], ""
    match verb, about, present:
        case "a", [number], Ask() if choice := keys.offered(present, number):
            return [Answer(choice.name)], t("Noted: {answer}", answer=choice.label)
        case "at", [number, on], Ask() if choice := keys.offered(present, number):
            return [Toggle(choice.name, on == 1)], ""
        case "an", [number], Ask() if (value := keys.ready(present, number)) is not None:
            return [Answer(value)], t("Noted: {answer}", answer=asking.worded(present, value))
        case "ae", [], Ask():
            return over(present), ""
        case "ag", [yes], Another():
            return [Again(yes == 1)], ""
        case "av", [number], Review(lines=lines) if number < len(lines):
            return [Visit(lines[number].path)], ""
        case "ay", [number], Review(lines=lines) if number < len(lines):
            entry = entry_of(form, lines[number].path)
            return ([Remove(entry)] if entry else []), t("Removed.")
    return [], ""


def over(present: Ask) -> list[Given]:
    """All that is ticked or placed, taken back."""
    return [Toggle(name, False) for name in present.picked]


def view(page: int, given: Given, present: Event) -> View:
    """What is in view afterwards: the page of the line that is changed, the part of the list that was ticked; else
    the `page` of the review there was."""
    match given, present:
        case Visit(path), Review(lines=lines):
            return View(next(n for n, line in enumerate(lines) if line.path == path) // looking.LINES)
        case Toggle(choice), Ask():
            return View(page, keys.part_of(present, choice))
    return View(page)


def before(form: Form, walk: State, events: Sequence[Event], now: datetime) -> Value:
    """The answer to the line before the present one in the same matrix, if there is one."""
    asked = events[-1] if events else None
    line = line_before(form, asked.path) if isinstance(asked, Ask) else ""
    value: Value = answers(form, walk, now).get(line) if line else None
    return value
