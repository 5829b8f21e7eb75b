"""Released figures -> tables in words. Nothing is worked out here: what is shown is what was released.

A table has a line for each thing it tells of, and in each line the same facts: so many answers, so many per cent. A
line that is not shown says one sentence, always the same, whatever the reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.forms.form import Question
from handlers.surveys.rules.honesty import HIDDEN
from handlers.talk import Part, Text, t

Figures = Mapping[str, Any]

FACTS: Mapping[str, Text] = {
    "asked": t("Asked"),
    "n": t("Answered"),
    "rate": t("Response rate"),
    "positive": t("Positive"),
    "index": t("Index (0–100)"),
    "mean": t("Mean"),
    "sd": t("Standard deviation"),
    "margin": t("Margin of error (±)"),
    "unknown": t("Don't know"),
    "items": t("Questions"),
    "alpha": t("Alpha"),
    "low": t("from"),
    "high": t("to"),
    "r": t("With the rest"),
    "without": t("Alpha without it"),
}
"""What figures are called; in this order."""
PERCENT = frozenset({"share", "rate", "positive", "unknown", "margin"})
DRAWN = ("positive", "rate")
"""Of which fact a line has a bar: the first there is."""
MOSTLY: Mapping[str, Text] = {
    "agree": t("Almost everybody agrees."),
    "disagree": t("Almost everybody disagrees."),
}
LEAST_P = 0.001
"""a smaller probability is not told more exactly"""
TURNED = t("Asked the other way round: here it is good to disagree.")
FEW = t("Too few answers for this.")


@dataclass(frozen=True, slots=True)
class Line:
    """What it is of, and its cells in the order of the columns; `drawn`: per cent of a bar. Without cells it says
    `told` instead."""

    of: Part
    cells: tuple[Part, ...] = ()
    drawn: int | None = None
    told: Part = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One table: its caption, the headings (the first of what the lines are of), the lines, what stands below."""

    title: Part
    heads: tuple[Part, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[Part, ...] = ()
    path: str = field(default="", compare=False)


def compared(title: Part, head: Part, of: Sequence[tuple[Part, Figures | None]], question: Question | None) -> Shown:
    """One thing told of several: a line for each group, or for each dimension; only that, where none is shown."""
    given = [figures for _, figures in of if figures is not None]
    if not given:
        return Shown(title, notes=(HIDDEN,))
    facts = [name for name in FACTS if any(name in figures for figures in given)]
    choices = _choices(question, given)
    heads = (head, *(FACTS[name] for name in facts), *(label for _, label in choices))
    lines = tuple(_line(whose, figures, facts, [name for name, _ in choices], question) for whose, figures in of)
    return Shown(title, heads, lines)


def spread(question: Question, figures: Figures | None) -> Shown:
    """One question told of everybody: a line for each choice, and below how many answered."""
    title = question.label
    if figures is None:
        return Shown(title, lines=(Line(title, told=HIDDEN),), path=question.path)
    if "places" in figures:
        return _placed(question, figures)
    if "shares" not in figures:
        told = mostly(question, figures) or ""
        return Shown(title, notes=(*((told,) if told else ()), *facts_of(figures)), path=question.path)
    shares = figures["shares"]
    lines = tuple(Line(label, (per_cent(shares[name]),), shares[name]) for name, label in _choices(question, [figures]))
    notes = (*facts_of(figures), *((TURNED,) if figures.get("reversed") else ()))
    return Shown(title, (t("Answer"), t("Share")), lines, notes, question.path)


def _placed(question: Question, figures: Figures) -> Shown:
    """The mean place of each thing that was put in order, the first first."""
    labels: dict[str, Part] = {one.name: one.label for one in question.choices}
    ordered = sorted(figures["places"].items(), key=lambda one: float(one[1]))
    lines = tuple(Line(labels.get(name, name), (number(place),)) for name, place in ordered)
    return Shown(question.label, (t("Answer"), t("Mean place")), lines, facts_of(figures), question.path)


def facts_of(figures: Figures) -> tuple[Part, ...]:
    """The facts there are, each with its name."""
    named = [(name, figures[name]) for name in FACTS if figures.get(name) is not None]
    return tuple(t("{fact}: {figure}", fact=FACTS[name], figure=cell(name, value)) for name, value in named)


def mostly(question: Question | None, figures: Figures) -> Part | None:
    """What almost everybody said, where that is all that may be told."""
    said = figures.get("mostly")
    if said is None or said in MOSTLY:
        return MOSTLY.get(said or "")
    label = next((one.label for one in (question.choices if question else ()) if one.name == said), said)
    return t("Almost everybody chose “{choice}”.", choice=label)


def cell(name: str, value: Any) -> Part:
    """A figure as it is shown."""
    if value is None:
        return HIDDEN if name == "rate" else "–"
    if name == "p" and value < LEAST_P:
        return t("below {value}", value=LEAST_P)
    if isinstance(value, str):
        return t("{range}%", range=value) if name in PERCENT else value
    return per_cent(value) if name in PERCENT else number(value)


def number(value: float) -> Part:
    """A number as the reader's language writes it."""
    return Text("{value}", {"value": value})


def per_cent(value: int) -> Part:
    """A whole per cent."""
    return Text("{value}%", {"value": value})


def _line(
    whose: Part, figures: Figures | None, facts: Iterable[str], choices: Iterable[str], question: Question | None
) -> Line:
    if figures is None:
        return Line(whose, told=HIDDEN)
    if figures.get("few"):
        return Line(whose, told=FEW)
    told = mostly(question, figures)
    cells = [cell(name, figures[name]) if name in figures else "" for name in facts]
    if told is not None:
        n = t("{fact}: {figure}", fact=FACTS["n"], figure=cell("n", figures.get("n")))
        return Line(whose, told=t("{what} {more}", what=told, more=n))
    cells += [_choice(figures, name) for name in choices]
    drawn = next((figures[name] for name in DRAWN if isinstance(figures.get(name), int)), None)
    return Line(whose, tuple(cells), drawn)


def _choice(figures: Figures, name: str) -> Part:
    if "places" in figures:
        return number(figures["places"][name]) if name in figures["places"] else ""
    shares = figures.get("shares", {})
    return cell("share", shares[name]) if name in shares else ""


def _choices(question: Question | None, given: Iterable[Figures]) -> list[tuple[str, Part]]:
    """The choices of which anything is told, in the order of the questionnaire."""
    told = {name for figures in given for kind in ("shares", "places") for name in figures.get(kind, ())}
    listed: list[tuple[str, Part]] = [
        (one.name, one.label) for one in (question.choices if question else ()) if one.name in told
    ]
    return listed + [(name, name) for name in sorted(told - {name for name, _ in listed})]
