"""The table of utterances in `tests/samples/utterances`: what people type, and what a careful colleague understands.

A section is a question: `== name kind words`, for a range with start, end and step before its words. `choices` are
written `中文/English` between `;`, with `name=` before them where they are not called c1, c2 …; `synonyms c1 a; b`
adds to one. Then lines `expected <- words | words`: the value as it is stored (names of several choices with spaces
between), or `?` for what must be asked back, `?a,b` if the sentence must also name a and b.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Misfit, Value, kinds
from handlers.talk import Label
from tests.handlers.forms.reading import said

TABLE = Path(__file__).parents[2] / "samples" / "utterances"
TODAY = date(2026, 10, 17)
"""A Saturday."""
_BACK = "?"


@dataclass(frozen=True)
class Utterance:
    """One thing typed as the answer to a question, and what is to be understood."""

    question: Question
    words: str
    expected: str

    def heard(self) -> Value | Misfit:
        """What is understood."""
        return kinds()[self.question.type].hear(self.question, self.question.choices, self.words, TODAY)

    def verdict(self) -> str:
        """`read`, `asked back`; or what is wrong: `MISREAD`, `not read`, `not named`."""
        heard = self.heard()
        if not isinstance(heard, Misfit):
            return "read" if _plain(heard) == self.expected else "MISREAD"
        if not self.expected.startswith(_BACK):
            return "not read"
        sentence = said(heard.message, "zh_CN")
        named = [word for word in self.expected.removeprefix(_BACK).split(",") if word]
        return "asked back" if all(word in sentence for word in named) else "not named"


def _plain(value: Value) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def utterances() -> Iterator[Utterance]:
    """The whole table."""
    for path in sorted(TABLE.glob("*.txt")):
        question = None
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                question = _question(line[3:])
            elif question and line.startswith("choices "):
                question = replace(question, choices=tuple(_choices(line.removeprefix("choices "))))
            elif question and line.startswith("synonyms "):
                question = replace(question, choices=_with_synonyms(question.choices, line))
            elif question and " <- " in line:
                expected, _, words = line.partition(" <- ")
                yield from (Utterance(question, each, expected) for each in words.split(" | "))


def _question(line: str) -> Question:
    name, kind, words = line.split(" ", 2)
    parameters = {}
    if kind == "range":
        start, end, step, words = words.split(" ", 3)
        parameters = {"start": start, "end": end, "step": step}
    return Question(f"/data/{name}", name, kind, Label({"": words}), parameters=parameters)


def _choices(line: str) -> Iterator[Choice]:
    for place, written in enumerate(line.split("; "), 1):
        before, equals, labels = written.partition("=")
        name, labels = (before, labels) if equals else (f"c{place}", written)
        yield Choice(name, Label(dict(zip(("zh_CN", "en"), labels.split("/"), strict=False)), "zh_CN"))


def _with_synonyms(choices: tuple[Choice, ...], line: str) -> tuple[Choice, ...]:
    _, name, words = line.split(" ", 2)
    return tuple(replace(each, synonyms=tuple(words.split("; "))) if each.name == name else each for each in choices)
