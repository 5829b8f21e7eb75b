"""Released tables in the order in which people read them: the whole first, then dimensions, questions, groups,
statistics, what changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handlers.forms.form import Form
from handlers.surveys.rules import figures, groups, measures
from handlers.surveys.rules.figures import Figures, Shown
from handlers.surveys.rules.published import Published, asked, title_of
from handlers.talk import Part, t
from storage.records import Released


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the tables below it; `anchor`: its place on a page."""

    anchor: str
    title: Part
    tables: tuple[Shown, ...]
    about: tuple[Part, ...] = ()


def sections(of: Published) -> tuple[Section, ...]:
    """All tables, each in its place."""
    found = (
        Section("whole", t("The whole round"), tuple(_whole(of))),
        Section("dimensions", t("Dimensions"), tuple(_dimensions(of))),
        Section("questions", t("Question by question"), tuple(_questions(of))),
        *_groups(of),
        Section("crosses", t("One question by another"), tuple(measures.crosses(of))),
        Section("trends", t("Compared with earlier rounds"), tuple(measures.trends(of))),
        Section("statistics", t("How well the questions measure"), tuple(measures.quality(of))),
    )
    return tuple(one for one in found if one.tables)


def _whole(of: Published) -> Iterator[Shown]:
    lines = [(t("Everybody asked"), one.figures) for one in of.tables if one.about == "round" and not one.group]
    if lines:
        yield figures.compared(t("Who took part"), t("Of whom"), lines, None)


def _dimensions(of: Published) -> Iterator[Shown]:
    found = [one for one in of.tables if one.about.startswith("dimension:") and not one.group]
    if found:
        lines = [(title_of(of.form, one.about.partition(":")[2]), one.figures) for one in found]
        yield figures.compared(t("Dimensions, of everybody"), t("Dimension"), lines, None)


def _questions(of: Published) -> Iterator[Shown]:
    questions = asked(of.form)
    for one in of.tables:
        if one.about in questions and not one.group:
            yield figures.spread(questions[one.about], one.figures)


def _groups(of: Published) -> Iterator[Section]:
    """For each way of telling people apart: all that was released by it, one table for each thing told."""
    apart: dict[tuple[int, ...], list[Released]] = {}
    for one in of.tables:
        if one.group:
            apart.setdefault(tuple(breakdown for breakdown, _ in groups.places(one.group)), []).append(one)
    for way in sorted(apart, key=lambda way: (len(way), way)):
        rows = apart[way]
        head = groups.apart_by(rows[0].group, of.round.secrecy.breakdowns)
        tables = tuple(_by_group(of, about, rows, head) for about in dict.fromkeys(one.about for one in rows))
        anchor = "by-" + "-".join(str(one) for one in way)
        yield Section(anchor, t("By {attribute}", attribute=head), tables)


def _by_group(of: Published, about: str, rows: Sequence[Released], head: Part) -> Shown:
    """One thing told of every group; one that is hidden as a whole is hidden here too."""
    told = {one.group: one.figures for one in rows if one.about == about}
    every = dict.fromkeys(one.group for one in rows)
    lines: list[tuple[Part, Figures | None]] = [
        (groups.name_of(group, of.round.secrecy.breakdowns, of.units), told.get(group)) for group in every
    ]
    return figures.compared(_caption(of.form, about), head, lines, asked(of.form).get(about))


def _caption(form: Form, about: str) -> Part:
    if about == "round":
        return t("Who took part")
    return title_of(form, about.partition(":")[2] or about)
