"""The two who ask: our engine and JavaRosa, each heard in the writing of `form.seen`."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from handlers.forms import xlsform
from handlers.forms.form import Form
from handlers.forms.script import Talk
from handlers.forms.view import MOST_ENTRIES
from tests.handlers.forms.reading import said
from tests.rosa.form import Rows, seen, table, xform
from tests.rosa.java import Rosa

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)

Event = dict[str, Any]
StepIn = dict[str, Any]
Choose = Callable[[Event], StepIn | None]


@dataclass
class Walk:
    """What was given, and what was said at the beginning and after each step."""

    steps: list[StepIn]
    said: list[list[Event]]


def ours(rows: Rows, choose: Choose) -> Walk:
    """Our engine, by the door of `form talk --script`; `choose` says the next step from what was said last.
    Ends before the step that makes more entries than a person can be asked about: JavaRosa knows no most."""
    form = _read(table(rows))
    talk = Talk(form, said, form.default_language, NOW)
    walk = Walk([], [_seen(talk.begin(), rows)])
    while (step := choose(walk.said[-1][-1])) is not None:
        heard = talk.hear(json.dumps(step))
        if sum(talk.state.get("made", {}).values()) >= MOST_ENTRIES:
            return walk
        walk.steps.append(step)
        walk.said.append(_seen(heard, rows))
    return walk


@lru_cache(maxsize=1)
def _read(table: str) -> Form:
    """Once for all the walks through a form."""
    return xlsform.read(table.encode(), "form.md")


class Theirs:
    """JavaRosa, through its driver."""

    def __init__(self, rosa: Rosa) -> None:
        self.rosa = rosa
        self.made: tuple[Rows | None, str] = (None, "")

    def play(self, rows: Rows, steps: Iterable[StepIn]) -> Walk:
        """The walk of these steps."""
        if self.made[0] is not rows:
            self.made = (rows, xform(rows))
        language = rows["settings"][0].get("default_language", "")
        given = [self._step(rows, step) for step in steps]
        told = self.rosa.told({"load": self.made[1], "language": language, "steps": given})
        return Walk(list(steps), [_seen(events, rows) for events in told])

    @staticmethod
    def _step(rows: Rows, step: StepIn) -> StepIn:
        """A language by the name that its columns have."""
        if tag := step.get("language"):
            tongues = {column.partition("::")[2] for row in rows["survey"] for column in row}
            return {"language": next(name for name in sorted(tongues) if name.endswith(f"({tag})"))}
        return step


def _seen(events: list[Event], rows: Rows) -> list[Event]:
    return [_without_own_words(event, rows) for event in seen(events, rows)]


def _without_own_words(event: Event, rows: Rows) -> Event:
    """Messages count only where the author wrote them."""
    refused = event.get("refused")
    if not refused:
        return event
    name = refused["path"].rpartition("/")[2]
    row = next((row for row in rows["survey"] if row.get("name") == name), {})
    if any(column.startswith(f"{refused['reason']}_message") for column in row):
        return event
    return {"refused": {**refused, "message": ""}}
