"""What is given to a walk, and what happens on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Value
from handlers.talk import Label, Part

# What is given -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the present question, exact: choices by name, `YYYY-MM-DD`. None empties it."""

    value: Value


@dataclass(frozen=True, slots=True)
class Say:
    """The answer in free words, as typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Skip:
    """On without answering; a value that is there is kept. A toggled draft is dropped."""


@dataclass(frozen=True, slots=True)
class Back:
    """To the question before; from the review to the last one; from a visit to the review."""


@dataclass(frozen=True, slots=True)
class Visit:
    """From the review: change one answer, then come back to the review."""

    path: str


@dataclass(frozen=True, slots=True)
class Toggle:
    """Tick or untick one choice of a select_multiple; `on` says which (so that a double tap does
    nothing), None turns it over. The draft becomes the answer with `Picked`."""

    choice: str
    on: bool | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """Done toggling: what is ticked is the answer."""


@dataclass(frozen=True, slots=True)
class Submit:
    """From the review: hand in. If the last check finds a bad answer, that question is asked, and after
    it the review again; with `mend=False` the walk goes on from there row by row, as in ODK."""

    mend: bool = True


Given = Answer | Say | Skip | Back | Visit | Toggle | Picked | Submit


# What happens --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Put this question. `question` has its labels with the answers they name already filled in;
    `choices` are those offered now; `value` the answer there is; `picked` what is ticked (select_one too);
    question `position` of `total` that are relevant now."""

    path: str
    question: Question
    choices: tuple[Choice, ...]
    value: Value
    picked: tuple[str, ...]
    required: bool
    position: int
    total: int


@dataclass(frozen=True, slots=True)
class Note:
    """Say this; nothing is asked."""

    path: str
    label: Label


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer was not taken. `reason`: type, choice, required or constraint. The question follows again."""

    path: str
    reason: str
    message: Part


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One relevant question and its answer in words; `value` None: not answered."""

    path: str
    label: Label
    shown: Part
    value: Value


@dataclass(frozen=True, slots=True)
class Review:
    """All is asked: look it over, change (`Visit`), go `Back` or `Submit`. `answers`: nested, as in `Done`."""

    lines: tuple[ReviewLine, ...]
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FellAway:
    """These answered questions are no longer relevant after a changed answer; their answers are kept aside."""

    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Handed in. Relevant answers, nested as the groups are; lists for several choices."""

    answers: Mapping[str, Any]


Event = Ask | Note | Refused | Review | FellAway | Done


@dataclass(frozen=True, slots=True)
class Step:
    """The state after, and what happened, in order."""

    state: dict[str, Any]
    events: tuple[Event, ...]
