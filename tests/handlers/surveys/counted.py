"""Anonymous rounds as they are counted: forms, ballots and what was asked, made up."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from handlers.forms.form import NOTHING, Choice, Form, Group, Item, Question
from handlers.surveys.rules.release import Earlier, Outcome, release
from handlers.surveys.rules.tallying import Box
from handlers.talk import Label
from storage.records import Attribute, Band, Breakdown, Round, RoundState, Secrecy

OPENS = datetime(2026, 10, 8, 9, tzinfo=UTC)
AGREE = ("1", "2", "3", "4", "5", "9")


def question(path: str, type: str = "select_one", choices: Iterable[str] = AGREE, **more: Any) -> Question:
    """A question at this path."""
    offered = tuple(Choice(name, Label({"en": name})) for name in choices) if type in _CHOOSE else ()
    return Question(path, path.rpartition("/")[2], type, Label({"en": path}), choices=offered, **more)


_CHOOSE = ("select_one", "select_multiple", "rank")


def form(*items: Item) -> Form:
    """A form of these."""
    return Form("made", NOTHING, "1", ("en",), "en", items)


def scale(path: str, items: int, turned: Sequence[int] = ()) -> Group:
    """A group of so many items of one scale, those in `turned` reverse-keyed."""
    names = [f"{path}/q{at}" for at in range(items)]
    asked = tuple(question(name, appearance="likert", reversed=at in turned) for at, name in enumerate(names))
    return Group(path, path.rpartition("/")[2], NOTHING, items=asked)


def round_of(
    shape: Sequence[int] = (), threshold: int = 10, id: int = 1, pairs: Sequence[tuple[str, str]] = (), days: int = 0
) -> Round:
    """An anonymous round with so many bands in each breakdown, opened so many days after the first."""
    attributes = (Attribute.UNIT, Attribute.POST_CLASS)
    breakdowns = tuple(
        Breakdown(attribute, tuple(Band((str(at),), 0) for at in range(size)))
        for attribute, size in zip(attributes, shape, strict=False)
    )
    opens = OPENS + timedelta(days=days)
    secrecy = Secrecy(threshold=threshold, breakdowns=breakdowns, pairs=tuple(pairs))
    return Round(
        id, "made", 1, RoundState.CLOSED, anonymous=True, opens=opens, closes=opens + timedelta(days=7), secrecy=secrecy
    )


Answers = Mapping[str, Any]


@dataclass
class Counted:
    """A round with its ballots: pairs of the place in each breakdown, and the answers."""

    form: Form
    round: Round
    ballots: list[tuple[tuple[int, ...], Answers]] = field(default_factory=list)

    def box(self) -> Box:
        """All ballots in, in two batches."""
        box = Box(self.form, self.round)
        plain = [json.dumps({"a": dict(answers), "b": list(cell)}).encode() for cell, answers in self.ballots]
        box.add(plain[::2])
        box.add(plain[1::2])
        return box

    def release(
        self,
        asked: Mapping[Any, int] | None = None,
        earlier: Sequence[Earlier] = (),
        seed: int = 0,
        names: Sequence[str] = (),
    ) -> Outcome:
        """What comes out; if nothing else is said, everybody answered."""
        everybody = Counter((cell,) for cell, _ in self.ballots)
        return release(self.box(), asked or everybody, earlier, Random(seed).randbytes, names)


def tables(outcome: Outcome) -> dict[tuple[str, str], Any]:
    """The figures by what they are of and of whom."""
    return {(one.about, one.group): one.figures for one in outcome.tables}
