"""Rows that several shelves read, as records."""

from collections.abc import Sequence
from typing import Any

from storage.records import Level, Person, PostClass, Role, StaffKind, Standing

# A look in a dict costs a fraction of calling the enum.
_POST_CLASSES = {kind.value: kind for kind in PostClass}
_LEVELS = {level.value: level for level in Level}
_KINDS = {kind.value: kind for kind in StaffKind}
_STANDINGS = {standing.value: standing for standing in Standing}


def person_of(row: Sequence[Any]) -> Person:
    """The person in a row of all columns of people."""
    id, number, name, unit_id, post_class, level, supervisor_id, roles, language, left, kind, standing, *rest = row
    held = frozenset(map(Role, roles.split())) if roles else frozenset[Role]()
    duties, rank = _POST_CLASSES[post_class], _LEVELS[level]
    terms = _KINDS[kind], _STANDINGS[standing]
    return Person(id, number, name, unit_id, duties, rank, supervisor_id, held, language, left, *terms, *rest)
