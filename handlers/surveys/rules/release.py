"""What is released of the ballots of an anonymous round: tables, comments, and a report for auditors. Pure.

The rules are `docs/anonymity.md`; which groups may be shown beside one another is `disclosure`'s. Import this where the
counting begins, not where the process begins: numpy comes with it.

**Figures.** `Released.figures` is None where the table is hidden, for whatever reason. A group whose `round` row is
None is hidden in everything, and has no other row. `n` is a number from 50 on, below that one of "5–9", "10–19",
"20–49"; "50+" where the number would tell how few have not answered. Shares are whole percent, means have one decimal.

`about` "round": `{"kind": "round", "asked": 57, "n": N, "rate": 65 | null}`; `rate` in steps of 5 %, null where who has
not answered is too few to be told.

`about` the path of a question:

- a choice: `{"kind": "choices", "n": N, "shares": {name: %}}` of those who answered; of a scale the shares are of those
  who gave one of its points, and there are `"scale": 5` (points), `"unknown": %` (of all who answered; only where the
  list has such choices), `"mean"`, `"positive": %` (the points above the middle), with n >= 20 `"sd"`, with an exact n
  `"margin"` (percent points around `positive`, 95 %, finite population), and of a reverse-keyed item `"reversed": true`
  (its figures are as it was answered). Where fewer than 20 answered in the whole round and all but five agree:
  `{"kind": "choices", "n": N, "mostly": name | "agree" | "disagree"}`.
- several choices: `{"kind": "several", "n": N, "shares": {name: % of those who answered}}`, or `mostly`.
- an order: `{"kind": "order", "n": N, "places": {name: mean place}}`, 1 the first.
- a number: `{"kind": "number", "n": N, "mean": 3.4}`, with n >= 20 `"sd"`.
- a confirmation: `{"kind": "confirmed", "n": N}`.
- words, whole round only: `{"kind": "words", "n": N}`; they are the `Remark`s with this `about`.

`about` "dimension:<path of the group>": `{"kind": "dimension", "n": N, "items": 3, "index": 63, "positive": 58}`: means
of its items' figures (reverse-keyed ones turned), `index` 0 to 100; hidden where one of the items is.

Whole round only, and only where at least 30 gave all the answers it needs (`n` then is that number, or its band);
otherwise `{"kind": …, "few": true}`:

- "reliability:<group>": `{"kind": "reliability", "n", "items", "alpha": 0.87, "low": 0.82, "high": 0.91,
  "per_item": [{"path", "r", "without"}], "reversed": [paths]}`: Cronbach's alpha with Feldt's 95 % interval; `r` the
  corrected item-total correlation, `without` alpha if the item is deleted (null with two items).
- "correlations": `{"kind": "correlations", "n", "dimensions": [group paths], "r": [[1.0, 0.42], …]}`, Pearson's.
- "fitness": `{"kind": "fitness", "n", "items", "kmo": 0.84, "chi2": 812.4, "df": 91, "p": 0.0}`; few where there are
  fewer than 5 answers an item.
- "cross:<path>|<path>": `{"kind": "cross", "n", "rows": [names], "columns": [names], "shares": [[% of the row]],
  "test": "chi2" | "fisher" | null, "chi2", "df", "p", "v"}` (of "fisher" only `p`; of null none of them), or None.

These name their `method` and how `missing` answers are treated, as keys of `METHODS`.

"trend:<path>", whole round only: `{"kind": "trend", "points": [{"round": id, "n", "comparable", "mean" and "positive",
or "shares"}, …]}`, the oldest round first and this one last; where others were asked (not `comparable`), `positive` and
`shares` are bands like "60–69", and there is no `mean`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.surveys.rules import comments, soundness
from handlers.surveys.rules.crossing import Crossing
from handlers.surveys.rules.disclosure import Group, key
from handlers.surveys.rules.gathering import (
    Gathered,
    figures,
    gather,
    level,
    percent,
    shown_number,
    sight,
)
from handlers.surveys.rules.methods import METHODS
from handlers.surveys.rules.screening import Between, Cells, Earlier, Screen
from handlers.surveys.rules.tallying import Box, Dimension, Tally
from handlers.surveys.rules.trends import trend
from storage.records import Released, Remark, Round

__all__ = ["METHODS", "Cells", "Earlier", "Outcome", "release"]

_STEP = 5
"""Response rates are rounded to so many percent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a count. `withheld`: too few answered, there are no tables. `report`: plain JSON for auditors,
    without a number that the tables do not have."""

    tables: tuple[Released, ...]
    remarks: tuple[Remark, ...]
    report: Mapping[str, Any]
    withheld: bool


def release(
    box: Box,
    asked: Mapping[Cells, int],
    earlier: Sequence[Earlier],
    draw: Callable[[int], bytes],
    names: Collection[str] = (),
) -> Outcome:
    """What everybody gets of these ballots; the box is empty then.

    `asked`: how many people were asked here or in one of the `earlier` rounds, by where they were in the bands of each;
    `draw(n)`: n random bytes; `names`: people's names, masked in comments.
    """
    tally, round = box.shut(), box.round
    report: dict[str, Any] = {
        "threshold": round.secrecy.threshold,
        "invalid": tally.invalid,
        "strange": tally.strange,
        "left_out": dict(tally.sheet.left_out),
        "earlier": [one.round.id for one in earlier],
    }
    if len(tally.cells) < round.secrecy.threshold:
        return Outcome((), (), report, withheld=True)
    release = _Release(tally, round, asked, earlier)
    tables = tuple(
        Released(round.id, place, about, group, shown) for place, (about, group, shown) in enumerate(release.tables())
    )
    remarks = tuple(
        remark for path in release.told for remark in comments.remarks(round.id, path, tally.words[path], names, draw)
    )
    return Outcome(tables, remarks, {**report, **release.report(tables)}, withheld=False)


_Table = tuple[str, str, Mapping[str, Any] | None]


class _Release:
    def __init__(self, tally: Tally, round: Round, asked: Mapping[Cells, int], earlier: Sequence[Earlier]) -> None:
        self.tally, self.round, self.asked, self.earlier = tally, round, asked, earlier
        self.least = round.secrecy.threshold
        answered = Counter(tally.names[cell] for cell in tally.cells.tolist())
        self.screen = Screen(tally.names, answered, Between(round, asked, earlier), self.least)
        self.exact = () in self.screen.rated
        self.gathered = {one.path: gather(one, tally) for one in tally.sheet.questions if one.kind != "words"}
        self.shown = {path: self.screen.screened(one) for path, one in self.gathered.items()}
        self.whole = {path for path, groups in self.shown.items() if () in groups}
        enough = max(self.least, comments.LEAST)
        self.told = [path for path, words in tally.words.items() if len(words) >= enough]

    def tables(self) -> Iterator[_Table]:
        """Every table, in order: the round, the questions, the dimensions, what is of the whole round alone."""
        shown = frozenset(self.screen.groups)
        for group in self.screen.asked:
            yield "round", key(group), self.of_round(group) if group in shown else None
        for one in self.tally.sheet.questions:
            yield from self.of_words(one.path) if one.kind == "words" else self.of_question(self.gathered[one.path])
        for dimension in self.tally.sheet.dimensions:
            yield from self.of_dimension(dimension)
        yield from self.of_scales()
        yield from self.of_pairs()
        yield from self.of_trends()

    @property
    def order(self) -> list[Group]:
        """The groups of which anything is shown, parents first."""
        return sorted(self.screen.groups, key=lambda group: (len(group), group))

    def of_round(self, group: Group) -> Mapping[str, Any]:
        count, crowd = self.screen.answered[group], self.screen.asked[group]
        rated = group in self.screen.rated
        rate = min(100, percent(count, crowd * _STEP) * _STEP) if rated else None
        return {"kind": "round", "asked": crowd, "n": shown_number(count, self.is_exact(group)), "rate": rate}

    def is_exact(self, group: Group) -> bool:
        """May numbers of answers be told? Not where they would tell how few have not answered."""
        return self.exact and group in self.screen.rated

    def of_question(self, gathered: Gathered) -> Iterator[_Table]:
        path = gathered.asked.path
        for group in self.order:
            if group in self.shown[path]:
                seen = sight(gathered, self.screen.inside(group))
                yield path, key(group), figures(gathered, seen, self.is_exact(group), self.screen.asked[group])
            else:
                yield path, key(group), None if group else self.screen.mostly(gathered)

    def of_words(self, path: str) -> Iterator[_Table]:
        if path not in self.told:
            yield path, "", None
            return
        yield path, "", {"kind": "words", "n": shown_number(len(self.tally.words[path]), self.exact)}

    def of_dimension(self, dimension: Dimension) -> Iterator[_Table]:
        about = f"dimension:{dimension.path}"
        for group in self.order:
            if any(group not in self.shown[path] for path in dimension.items):
                yield about, key(group), None
                continue
            items = [self.gathered[path] for path in dimension.items]
            seen = [sight(one, self.screen.inside(group)) for one in items]
            levels = [level(one.asked, some, turned=True) for one, some in zip(items, seen, strict=True)]
            yield (
                about,
                key(group),
                {
                    "kind": "dimension",
                    "n": shown_number(min(one.known for one in seen), self.is_exact(group)),
                    "items": len(items),
                    "index": percent(sum(one.index for one in levels), len(levels)),
                    "positive": percent(sum(one.positive for one in levels), len(levels)),
                },
            )

    def of_scales(self) -> Iterator[_Table]:
        dimensions = [one for one in self.tally.sheet.dimensions if self.whole.issuperset(one.items)]
        for one in self.tally.sheet.dimensions:
            found = soundness.reliable(one, self.tally, self.exact) if one in dimensions else None
            yield f"reliability:{one.path}", "", found
        if len(dimensions) > 1:
            yield "correlations", "", soundness.related(dimensions, self.tally, self.exact)
        if dimensions:
            yield "fitness", "", soundness.fit(dimensions, self.tally, self.exact)

    def of_pairs(self) -> Iterator[_Table]:
        crossing = Crossing(self.tally, self.shown, self.least)
        choices = {one.name: one for one in self.tally.sheet.questions if one.kind == "choices"}
        for pair in self.round.secrecy.pairs:
            if all(name in choices for name in pair):
                one, other = (choices[name] for name in pair)
                fits = {one.path, other.path} <= self.whole
                shown = crossing.figures(one, other, self.exact) if fits else None
                yield f"cross:{one.path}|{other.path}", "", shown

    def of_trends(self) -> Iterator[_Table]:
        for path in self.gathered:
            if path in self.whole:
                seen = sight(self.gathered[path], self.screen.inside(()))
                here = figures(self.gathered[path], seen, self.exact, self.screen.asked[()])
                if found := trend(path, here, self.round.id, self.asked, self.earlier, self.least):
                    yield f"trend:{path}", "", found

    def report(self, tables: Sequence[Released]) -> dict[str, Any]:
        """Rules applied, and how many tables each has hidden."""
        return {
            "tables": len(tables),
            "hidden": sum(one.figures is None for one in tables),
            "by_rule": {rule.value: count for rule, count in sorted(self.screen.hidden.items())},
            "pairs": [list(pair) for pair in self.round.secrecy.pairs],
        }
