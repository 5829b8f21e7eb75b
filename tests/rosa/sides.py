"""The two who ask: our engine and JavaRosa, each heard in the writing of `form.seen`."""

import json
from datetime import date
from typing import Any

from handlers.forms import xlsform
from handlers.forms.script import Talk
from tests.handlers.forms.reading import said
from tests.rosa.form import Rows, seen, table, xform
from tests.rosa.java import Rosa
from tests.rosa.walking import Event, StepIn

TODAY = date(2026, 11, 25)


class Ours:
    """Our engine, by the door of `form talk --script`."""

    rows: Rows
    talk: Talk

    def begin(self, rows: Rows) -> list[Event]:
        """Reads the table and begins."""
        self.rows = rows
        form = xlsform.read(table(rows).encode(), "form.md")
        self.talk = Talk(form, said, form.default_language, TODAY)
        return self._seen(self.talk.begin())

    def told(self, step: StepIn) -> list[Event]:
        """One line in."""
        return self._seen(self.talk.hear(json.dumps(step)))

    def _seen(self, events: list[Event]) -> list[Event]:
        return [_without_own_words(event, self.rows) for event in seen(events, self.rows)]


class Theirs:
    """JavaRosa, through its driver."""

    rows: Rows

    def __init__(self, rosa: Rosa) -> None:
        self.rosa = rosa
        self.made: tuple[Rows | None, str] = (None, "")

    def begin(self, rows: Rows) -> list[Event]:
        """Makes the XForm, if it is not the one made last, and begins."""
        self.rows = rows
        if self.made[0] != rows:
            self.made = (rows, xform(rows))
        self.tongues = {column.partition("::")[2] for row in rows["survey"] for column in row if "::" in column}
        return self._seen(self.rosa.load(self.made[1], rows["settings"][0].get("default_language", "")))

    def told(self, step: StepIn) -> list[Event]:
        """One line in; a language by the name that its columns have."""
        if tag := step.get("language"):
            step = {"language": next(name for name in self.tongues if name.endswith(f"({tag})"))}
        return self._seen(self.rosa.told(step))

    def _seen(self, events: Any) -> list[Event]:
        return [_without_own_words(event, self.rows) for event in seen(events, self.rows)]


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
