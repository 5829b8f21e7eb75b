"""A form made ready to be walked: rows in order, expressions compiled, who depends on whom.

Made once per form and kept with it: a step then only runs functions.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from handlers.forms.compiling import Moment, Run, compiled
from handlers.forms.expressions import Name, Node, names, parse
from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.kind import Kind, kinds
from handlers.forms.values import text, truth
from handlers.talk import Label

INSERTED = re.compile(r"\$\{([^\s{}]+)\}")
"""`${name}` in a label: the answer, as text."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question, note or group, compiled. `place`: its number, in the order of the sheet; `parent`: the
    place of the group it is in, or -1."""

    place: int
    path: str
    parent: int
    item: Item
    kind: Kind | None
    relevant: Run | None
    required: Run | None
    constraint: Run | None
    inserts: bool
    """Do its labels name answers?"""


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows; `conditional`: those that may be irrelevant, each after all it depends on; `named`: the
    questions whose answers some expression or label uses, in that same order."""

    form: Form
    rows: tuple[Row, ...]
    questions: tuple[Row, ...]
    asked: tuple[Row, ...]
    by_path: Mapping[str, Row]
    by_name: Mapping[str, int]
    order: tuple[Row, ...]
