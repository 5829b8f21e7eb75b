"""The results of an anonymous round, arranged for reading: the whole first, then dimensions, questions, groups,
statistics, comments. Everybody gets the same: what stands in `storage.counts`, and nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from handlers.forms.form import Form, Group, Item, Question
from handlers.surveys.rules import figures, groups, honesty
from handlers.surveys.rules.figures import Shown
from handlers.talk import Button, Message, Part, Text, t
from storage.records import Count, CountStage, Released, Remark, Round, RoundState

NOT_YET = t(
    "The results are not there yet. Everybody gets them at the same time: once the questionnaire has closed and two "
    "people of different offices have counted it together."
)
"""Said to everybody before the release, whatever has come in."""
WITHHELD = t(
    "Too few people answered for anything to be shown without showing who. Nothing was released, and all answers are "
    "destroyed unread."
)
DISCARDED = t("This questionnaire was called off. Its answers are destroyed unread; there are no results.")
NO_LINK = t("There are no results at this address. Please open it from the chat, or as you were given it.")
SAME = t("Everybody who was asked sees these results, and the HR office sees the same: no more, and no others.")
HIDDEN_LATER = t("Where so few people answered that one of them could be recognised, nothing is shown.")
RECENT = 90
"""days for which results stand in the list of what waits for somebody"""


@dataclass(frozen=True, slots=True)
class Published:
    """What was released of a round, and what it takes to say it in words; `units`: names by id."""

    round: Round
    form: Form
    count: Count
    tables: tuple[Released, ...]
    remarks: tuple[Remark, ...]
    units: Mapping[str, str]

    @property
    def withheld(self) -> bool:
        """Were there too few answers for any results?"""
        return self.count.stage is CountStage.WITHHELD


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the tables below it; `anchor`: its place on a page."""

    anchor: str
    title: Part
    tables: tuple[Shown, ...]
    about: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Comments:
    """What was written about one question, in an order that is chance."""

    title: Part
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The results as a page has them: what is told first, the tables, the comments, and how it all was made."""

    round_id: int
    title: str
    told: tuple[Part, ...]
    sections: tuple[Section, ...] = ()
    comments: tuple[Comments, ...] = ()
    methods: tuple[Part, ...] = ()


def reading(of: Published) -> Reading:
    """Everything that was released, arranged; where it was withheld, that."""
    if of.withheld:
        return Reading(of.round.id, of.round.name, (WITHHELD,))
    return Reading(of.round.id, of.round.name, (SAME,), sections(of), comments(of), methods(of))


def refusal(round: Round, count: Count | None) -> Text | None:
    """Why there is nothing to show; None where results were released, or withheld for good."""
    if round.state is RoundState.CANCELLED or (count and count.stage is CountStage.DISCARDED):
        return DISCARDED
    return None if count and count.stage in (CountStage.RELEASED, CountStage.WITHHELD) else NOT_YET


def sections(of: Published) -> tuple[Section, ...]:
    """All tables, each in its place."""
    found = (
        Section("whole", t("The whole round"), tuple(_whole(of))),
        Section("dimensions", t("Dimensions"), tuple(_dimensions(of))),
        Section("questions", t("Question by question"), tuple(_questions(of))),
        *_groups(of),
        Section("statistics", t("How well the questions measure"), tuple(_statistics(of))),
    )
    return tuple(one for one in found if one.tables)


def comments(of: Published) -> tuple[Comments, ...]:
    """The released comments, question by question, in the order of the questionnaire."""
    words: dict[str, list[str]] = {}
    for one in of.remarks:
        words.setdefault(one.about, []).append(one.words)
    asked = [one.path for one in of.form.questions()]
    ordered = sorted(words, key=lambda path: asked.index(path) if path in asked else len(asked))
    return tuple(Comments(title_of(of.form, path), tuple(words[path])) for path in ordered)


def methods(of: Published) -> tuple[Part, ...]:
    """How these numbers were made."""
    rules = of.round.secrecy
    told: list[Part] = [
        t("Of groups in which fewer than {count} people answered nothing is shown.", count=rules.threshold),
        t(
            "A group is not shown either where, together with what is shown, it would tell something of fewer than "
            "{count} people. All that is not shown has the same words, so that nobody can tell why.",
            count=rules.threshold,
        ),
        t("How many answered is given as a range (such as 20–49); from 50 on as the number itself."),
        t("Shares are whole per cents of those who answered the question, so that they may not add up to 100."),
        t("Who left a question out, or does not know, is in no mean and no share of it."),
        t("Positive is the share of the two most favourable answers. The index runs from 0 to 100."),
        t("The response rate is rounded to five per cent, and not shown where it would tell of a few people."),
    ]
    if of.remarks:
        told.append(
            t(
                "Comments are in an order made by chance, without unit or level. Names and telephone numbers that a "
                "program recognises are blacked out."
            )
        )
    told += [_bands(of, place) for place in range(len(rules.breakdowns))]
    return tuple(told)


def summary(of: Published, link: str) -> Message:
    """The results in a few lines, for the chat; all of them are on the page."""
    if of.withheld:
        return Message((t("“{round}” has been counted.", round=of.round.name), WITHHELD))
    whole = next((one.figures for one in of.tables if one.about == "round" and not one.group), None)
    lines: list[Part] = [t("What came of “{round}”:", round=of.round.name)]
    lines += figures.facts_of(whole) if whole else ()
    lines += [t("{what}: {figures}", what=what, figures=said) for what, said in _headlines(of)]
    lines += [HIDDEN_LATER, t("All tables and comments, the same as your HR office sees:"), link]
    return Message(tuple(lines))


def line_of(round: Round) -> tuple[Part, Button]:
    """Results in the list of what waits for somebody, and the way to them."""
    return t("“{round}”: the results are there.", round=round.name), button_of(round)


def button_of(round: Round) -> Button:
    """The way to the results."""
    return Button(t("See the results of “{round}”", round=round.name), f"rs:{round.id}")


def title_of(form: Form, path: str) -> Part:
    """What a question or a group of them is called; its name, where it has no words."""
    for item in _items(form.items):
        if item.path == path:
            return item.label if item.label.words else item.name
    return form.title if path in ("", "/data") else path.rpartition("/")[2]


HEADLINES = 5
"""lines of figures in the chat, at most"""


def _headlines(of: Published) -> list[tuple[Part, Part]]:
    """The first dimensions, else the first questions, of which one figure says most."""
    whole = [one for one in of.tables if one.figures and not one.group]
    dimensions = [one for one in whole if one.about.startswith("dimension:")]
    chosen = dimensions or [one for one in whole if one.about.startswith("/")]
    found: list[tuple[Part, Part]] = []
    for one in chosen:
        name = next((name for name in ("positive", "index", "mean") if (one.figures or {}).get(name) is not None), None)
        if name and one.figures:
            said = t("{fact}: {figure}", fact=figures.FACTS[name], figure=figures.cell(name, one.figures[name]))
            found.append((title_of(of.form, one.about.removeprefix("dimension:")), said))
    return found[:HEADLINES]


def _whole(of: Published) -> Iterator[Shown]:
    lines = [(t("Everybody asked"), one.figures) for one in of.tables if one.about == "round" and not one.group]
    if lines:
        yield figures.compared(t("Who took part"), t("Of whom"), lines, None)


def _dimensions(of: Published) -> Iterator[Shown]:
    found = _of_kind(of, "dimension:", grouped=False)
    if found:
        lines = [(title_of(of.form, path), one.figures) for path, one in found]
        yield figures.compared(t("Dimensions, of everybody"), t("Dimension"), lines, None)


def _questions(of: Published) -> Iterator[Shown]:
    asked = _asked(of.form)
    for one in of.tables:
        if one.about in asked and not one.group:
            yield figures.spread(asked[one.about], one.figures)


def _groups(of: Published) -> Iterator[Section]:
    """For each way of telling people apart: all that was released by it, one table for each thing told."""
    breakdowns = of.round.secrecy.breakdowns
    apart: dict[tuple[int, ...], list[Released]] = {}
    for one in of.tables:
        if one.group:
            apart.setdefault(tuple(breakdown for breakdown, _ in groups.places(one.group)), []).append(one)
    for way in sorted(apart, key=lambda way: (len(way), way)):
        rows = apart[way]
        head = groups.apart_by(rows[0].group, breakdowns)
        tables = [_by_group(of, about, [one for one in rows if one.about == about], head) for about in _abouts(rows)]
        anchor = "by-" + "-".join(str(one) for one in way)
        yield Section(anchor, t("By {attribute}", attribute=head), tuple(tables))


def _by_group(of: Published, about: str, rows: Sequence[Released], head: Part) -> Shown:
    question = _asked(of.form).get(about)
    breakdowns = of.round.secrecy.breakdowns
    lines = [(groups.name_of(one.group, breakdowns, of.units), one.figures) for one in rows]
    return figures.compared(_caption(of.form, about), head, lines, question)


def _caption(form: Form, about: str) -> Part:
    if about == "round":
        return t("Who took part")
    return title_of(form, about.partition(":")[2] or about)


def _statistics(of: Published) -> Iterator[Shown]:
    reliable = _of_kind(of, "reliability:", grouped=False)
    if reliable:
        lines = [(title_of(of.form, path), one.figures) for path, one in reliable]
        yield figures.compared(t("Reliability (Cronbach's alpha)"), t("Dimension"), lines, None)


def _of_kind(of: Published, kind: str, *, grouped: bool) -> list[tuple[str, Released]]:
    """The tables of this kind, each with what it is of."""
    return [
        (one.about.removeprefix(kind), one)
        for one in of.tables
        if one.about.startswith(kind) and bool(one.group) == grouped
    ]


def _abouts(rows: Iterable[Released]) -> list[str]:
    return list(dict.fromkeys(one.about for one in rows))


def _asked(form: Form) -> Mapping[str, Question]:
    return {one.path: one for one in form.questions()}


def _items(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from _items(item.items)


def _bands(of: Published, place: int) -> Part:
    """Which groups there are by one attribute, small ones together."""
    breakdowns = of.round.secrecy.breakdowns
    breakdown = breakdowns[place]
    bands = [groups.name_of(f"{place}={band}", breakdowns, of.units) for band in range(len(breakdown.bands))]
    told = bands[0] if bands else ""
    for one in bands[1:]:
        told = t("{these}; {one}", these=told, one=one)
    return t("{attribute}: {groups}", attribute=honesty.ATTRIBUTES[breakdown.attribute], groups=told)
