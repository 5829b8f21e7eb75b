"""What is given to a walk, and what happens on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.forms.form import NOTHING, Choice, Question
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


@dataclass(frozen=True, slots=True)
class Again:
    """Where `Another` waits: one more entry of the repeat, or on behind it."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away one entry of a repeat that goes on as long as the person wants: `path` with its number, as in
    `/data/kid[2]`. Those behind it move up. Possible wherever a question is asked, and from the review."""

    path: str


Given = Answer | Say | Skip | Back | Visit | Toggle | Picked | Submit | Again | Remove


# What happens --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Put this question. `path` counts the entries of repeats from 1: `/data/kid[2]/name`.

    `question` has its labels with the answers they name already filled in; `choices` are those offered now, in
    the order in which they are offered; `value` is the answer there is; `picked` what is ticked (select_one too);
    it is question `position` of `total` that are relevant now. `settled`: no answer that is still to come can
    change `total`. `headings` are the labels of the groups and entries it stands in, the outermost first.
    """

    path: str
    question: Question
    choices: tuple[Choice, ...]
    value: Value
    picked: tuple[str, ...]
    required: bool
    position: int
    total: int
    settled: bool = True
    headings: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Say this; nothing is asked: a note, or a read-only question with its value `shown`."""

    path: str
    label: Label
    shown: Part = ""
    image: Label = NOTHING


@dataclass(frozen=True, slots=True)
class Another:
    """There are `count` entries of this repeat: one more? Waits for `Again`. `path` has no number at its end."""

    path: str
    label: Label
    count: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer was not taken. `reason`: type, choice, required or constraint. The question follows again."""

    path: str
    reason: str
    message: Part


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One relevant question and its answer in words; `value` None: not answered. `heading` is there where an entry
    of a repeat begins."""

    path: str
    label: Label
    shown: Part
    value: Value
    heading: Part = ""


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
    """Handed in. Relevant answers and calculations, nested as the groups and repeats are: lists for several choices
    and for the entries of a repeat."""

    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """On a page: here begins a group, or an entry of a repeat."""

    path: str
    label: Part


Block = Ask | Note | Another | Heading
"""What stands on a page."""
Event = Ask | Note | Another | Refused | Review | FellAway | Done


@dataclass(frozen=True, slots=True)
class Step:
    """The state after, and what happened, in order."""

    state: dict[str, Any]
    events: tuple[Event, ...]
