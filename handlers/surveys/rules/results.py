"""The results of an anonymous round as people get them: on a page, and in a few lines in the chat. Everybody gets the
same: what stands in `storage.counts`, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.surveys.rules import figures, groups, measures
from handlers.surveys.rules.published import Published, title_of
from handlers.surveys.rules.sections import Section, sections
from handlers.talk import Button, Message, Part, Text, joined, t
from handlers.terms import ATTRIBUTES
from storage.records import Count, CountStage, Round, RoundState

NOT_YET = t(
    "The results are not there yet. Everybody gets them at the same time: once the questionnaire has closed and its "
    "box has been opened and counted."
)
"""Said to everybody before the release, whatever has come in."""
WITHHELD = t(
    "Too few people answered for anything to be shown without showing who. Nothing was released; all answers are "
    "destroyed, and nobody has seen them."
)
DISCARDED = t(
    "This questionnaire was called off. Its answers are destroyed, and nobody has seen them; there are no results."
)
NO_LINK = t("There are no results at this address. Please open it from the chat, or as you were given it.")
SAME = t("Everybody who was asked sees these results, and the HR office sees the same: no more, and no others.")
HIDDEN_LATER = t("Where so few people answered that one of them could be recognised, nothing is shown.")
RECENT = timedelta(days=90)
"""so long results stand in the list of what waits for somebody"""


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
        t("Positive is the share of the answers above the middle of the scale. The index runs from 0 to 100."),
        t("The response rate is rounded to five per cent, and not shown where it would tell of a few people."),
    ]
    if of.remarks:
        told.append(
            t(
                "Comments are in an order made by chance, without unit or level. Names and telephone numbers that a "
                "program recognises are blacked out."
            )
        )
    told += measures.methods(of.tables)
    if left_out := of.count.report.get("left_out"):
        names = joined([title_of(of.form, path) for path in left_out])
        told.append(t("Asked, but not counted, because such answers make no table: {questions}", questions=names))
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


def is_recent(count: Count, now: datetime) -> bool:
    """Did the results come so lately that they stand in the list of what waits for somebody?"""
    return count.ended is not None and now - count.ended <= RECENT


def listed(waiting: Message, rounds: Sequence[Round]) -> Message:
    """The list of what waits for somebody, and the results that have come."""
    if not rounds:
        return waiting
    told = tuple(t("“{round}”: the results are there.", round=round.name) for round in rounds)
    rows = tuple((Button(t("See the results of “{round}”", round=round.name), f"rs:{round.id}"),) for round in rounds)
    return replace(waiting, parts=(*waiting.parts, *told), buttons=(*waiting.buttons, *rows))


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


def _bands(of: Published, place: int) -> Part:
    """Which groups there are by one attribute, small ones together."""
    breakdowns = of.round.secrecy.breakdowns
    breakdown = breakdowns[place]
    bands = [groups.name_of(f"{place}={band}", breakdowns, of.units) for band in range(len(breakdown.bands))]
    told = bands[0] if bands else ""
    for one in bands[1:]:
        told = t("{these}; {one}", these=told, one=one)
    return t("{attribute}: {groups}", attribute=ATTRIBUTES[breakdown.attribute], groups=told)
