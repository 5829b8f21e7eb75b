"""Released statistics -> tables in words: how well the questions measure, one question by another, what changed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from handlers.surveys.rules import figures
from handlers.surveys.rules.figures import FEW, Figures, Line, Shown, cell, number
from handlers.surveys.rules.honesty import HIDDEN
from handlers.surveys.rules.methods import METHODS
from handlers.surveys.rules.published import Published, asked, title_of
from handlers.talk import Part, Text, t
from storage.records import Released

FACTS: Mapping[str, Text] = {
    "n": t("Answered"),
    "items": t("Questions"),
    "kmo": t("Kaiser-Meyer-Olkin"),
    "chi2": t("Chi-square"),
    "df": t("Degrees of freedom"),
    "p": t("p"),
    "v": t("Cramér's V"),
}
TESTS: Mapping[str, Text] = {
    "chi2": t("Chi-square test of independence"),
    "fisher": t("Fisher's exact test"),
}
UNTESTED = t("Not tested: too few answers in some cells. That does not mean that there is no difference.")
OTHERS = t("Others were asked than before: only ranges are given, and they are no measure of a change.")


def quality(of: Published) -> Iterator[Shown]:
    """Reliability of each dimension and of its questions, how dimensions go together, fitness for factors."""
    reliable = [one for one in of.tables if one.about.startswith("reliability:")]
    if reliable:
        lines = [(_title(of, one), one.figures) for one in reliable]
        yield figures.compared(t("Reliability (Cronbach's alpha, interval of 95%)"), t("Dimension"), lines, None)
    for one in reliable:
        if one.figures and one.figures.get("per_item"):
            yield _items(of, one, one.figures)
    for one in of.tables:
        if one.about == "correlations":
            yield _correlations(of, one.figures)
        elif one.about == "fitness":
            yield _fitness(one.figures)


def crosses(of: Published) -> Iterator[Shown]:
    """The declared pairs of questions."""
    for one in of.tables:
        if one.about.startswith("cross:"):
            yield _cross(of, one)


def trends(of: Published) -> Iterator[Shown]:
    """The questions that were asked before in the same words."""
    for one in of.tables:
        if one.about.startswith("trend:"):
            yield _trend(of, one)


def _items(of: Published, one: Released, told: Figures) -> Shown:
    lines = [(title_of(of.form, item["path"]), item) for item in told["per_item"]]
    turned = [title_of(of.form, path) for path in told.get("reversed", ())]
    found = figures.compared(t("Questions of “{dimension}”", dimension=_title(of, one)), t("Question"), lines, None)
    notes = tuple(t("Turned round before counting: {question}", question=question) for question in turned)
    return Shown(found.title, found.heads, found.lines, notes)


def _correlations(of: Published, told: Figures | None) -> Shown:
    title = t("How dimensions go together (Pearson's r)")
    if told is None or told.get("few"):
        return _untold(title, told)
    names = [title_of(of.form, path) for path in told["dimensions"]]
    rows = zip(names, told["r"], strict=True)
    lines = tuple(Line(name, tuple(number(r) for r in row)) for name, row in rows)
    return Shown(title, (t("Dimension"), *names), lines, _facts(told))


def _fitness(told: Figures | None) -> Shown:
    title = t("Fitness for factor analysis (Bartlett's test)")
    return _untold(title, told) if told is None or told.get("few") else Shown(title, notes=_facts(told))


def _cross(of: Published, one: Released) -> Shown:
    first, _, second = one.about.removeprefix("cross:").partition("|")
    title = t("“{rows}” by “{columns}”", rows=title_of(of.form, first), columns=title_of(of.form, second))
    told = one.figures
    if told is None or told.get("few"):
        return _untold(title, told)
    labels = {path: _labels(of, path) for path in (first, second)}
    lines = tuple(
        Line(labels[first].get(name, name), tuple(figures.per_cent(share) for share in shares))
        for name, shares in zip(told["rows"], told["shares"], strict=True)
    )
    heads = (title_of(of.form, first), *(labels[second].get(name, name) for name in told["columns"]))
    tested = TESTS.get(told.get("test") or "", UNTESTED)
    return Shown(title, heads, lines, (t("Per cent of each line."), tested, *_facts(told)))


def _trend(of: Published, one: Released) -> Shown:
    told, title = one.figures, _title(of, one)
    if told is None:
        return _untold(title, told)
    lines = [(of.rounds.get(point["round"], str(point["round"])), point) for point in told["points"]]
    found = figures.compared(title, t("Round"), lines, asked(of.form).get(one.about.partition(":")[2]))
    return Shown(
        found.title,
        found.heads,
        found.lines,
        () if all(point.get("comparable", True) for point in told["points"]) else (OTHERS,),
    )


def methods(tables: Iterable[Released]) -> list[Part]:
    """How each statistic that is shown was worked out, and which answers it counts."""
    shown = [one.figures for one in tables if one.figures and not one.figures.get("few")]
    named = dict.fromkeys(figures[key] for figures in shown for key in ("method", "missing") if figures.get(key))
    return [METHODS[name] for name in named]


def _untold(title: Part, told: Figures | None) -> Shown:
    return Shown(title, lines=(Line(title, told=HIDDEN if told is None else FEW),))


def _facts(told: Figures) -> tuple[Part, ...]:
    named: list[tuple[str, Any]] = [(name, told[name]) for name in FACTS if told.get(name) is not None]
    return tuple(t("{fact}: {figure}", fact=FACTS[name], figure=cell(name, value)) for name, value in named)


def _labels(of: Published, path: str) -> Mapping[str, Part]:
    question = asked(of.form).get(path)
    return {one.name: one.label for one in question.choices} if question else {}


def _title(of: Published, one: Released) -> Part:
    return title_of(of.form, one.about.partition(":")[2])
