"""Where something is said: the round's sheet, and what of it is in view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.forms.form import Form
from handlers.forms.kind import Value
from handlers.talk import Button

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class View:
    """What is in view: the page of the review, the part of a long list, what was searched for in it."""

    page: int = 0
    part: int | None = None
    found: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """The sheet and what is in view of it.

    `page` is that of the review, `part` that of a long list of choices (None: where the answer is), `found` the
    names of the choices that were searched for, `same` the answer just given to the question before in a
    matrix, `today` the day where the person is. `language` and `media` (name to digest) choose pictures.

    `link`: of an anonymous round, whose only place in a chat is what can be tapped: the way to its page, for what
    wants words.
    """

    form: Form
    round_id: int
    seq: int
    page: int = 0
    part: int | None = None
    found: frozenset[str] = frozenset()
    same: Value = None
    today: date | None = None
    language: str = ""
    media: Mapping[str, str] = field(default_factory=dict)
    link: str = ""

    def data(self, verb: str, *about: int) -> str:
        """What a button carries: `verb:round:seq[:…]`; `seq` tells a late tap from the present one. Where verbs of a
        named round begin with `a`, those of an anonymous one do with `b`."""
        if self.link:
            verb = "b" + verb[1:]
        return f"{verb}:{self.round_id}:{self.seq}{''.join([f':{number}' for number in about])}"
