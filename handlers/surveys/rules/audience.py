"""Who is asked: what HR names becomes an audience of ids, or every name that is unknown is said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from handlers.refusals import BadInput
from handlers.talk import Text, t
from storage.records import Audience, Exemption, Group, Level, Person, PostClass, StaffKind, Standing, Unit

_Value = TypeVar("_Value")
_POST_CLASSES = {one.value: one for one in PostClass}
_LEVELS = {one.value: one for one in Level}
_KINDS = {one.value: one for one in StaffKind}
_STANDINGS = {one.value: one for one in Standing if one is not Standing.NORMAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An audience as HR names it. `units`: codes or names, each with all below it; `units_only`: without that.

    `groups` by name, `people` by staff number; where none of these four is given, the whole organ. `post_classes`,
    `levels` and `kinds` keep of them only those. `excuse`: standings that are not asked; `exempt`: people who are
    not, each staff number with the reason.
    """

    units: tuple[str, ...] = ()
    units_only: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    post_classes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    excuse: tuple[str, ...] = ()
    exempt: Mapping[str, str] = field(default_factory=dict)


def audience_of(named: Named, units: Sequence[Unit], groups: Sequence[Group], people: Mapping[str, Person]) -> Audience:
    """The audience; `people`: those on the roster, by staff number. Raises BadInput naming all that is unknown."""
    problems: list[Text] = []
    group_of = {group.name: group.id for group in groups}
    found = Audience(
        _units(named.units, units, problems),
        _units(named.units_only, units, problems),
        _known(named.groups, group_of, _no_group, problems),
        _known(named.people, {number: one.id for number, one in people.items()}, _no_person, problems),
        _known(named.post_classes, _POST_CLASSES, _no_post_class, problems),
        _known(named.levels, _LEVELS, _no_level, problems),
        _known(named.kinds, _KINDS, _no_kind, problems),
        _known(named.excuse, _STANDINGS, _no_standing, problems),
        _exempt(named.exempt, people, problems),
    )
    if problems:
        raise BadInput(t("Not everything you named could be found. Nothing was changed."), problems)
    return found


def _units(names: Sequence[str], units: Sequence[Unit], problems: list[Text]) -> tuple[int, ...]:
    """The ids of the units with these codes or names, each once, in the order given."""
    found: dict[int, None] = {}
    for name in (name.strip() for name in names):
        matching = [unit for unit in units if unit.code == name] or [unit for unit in units if unit.name == name]
        match matching:
            case [unit]:
                found[unit.id] = None
            case []:
                problems.append(t("No unit has the code or name “{name}”.", name=name))
            case _:
                codes = ", ".join(unit.code for unit in matching)
                problems.append(
                    t("Several units are called “{name}”: give one of the codes {codes}.", name=name, codes=codes)
                )
    return tuple(found)


def _known(
    names: Sequence[str],
    known: Mapping[str, _Value],
    missing: Callable[[str, str], Text],
    problems: list[Text],
) -> tuple[_Value, ...]:
    """What bears these names, each once; `missing` says of a name that nothing does, and which there are."""
    found: dict[_Value, None] = {}
    for name in (name.strip() for name in names):
        if name in known:
            found[known[name]] = None
        else:
            problems.append(missing(name, ", ".join(known)))
    return tuple(found)


def _exempt(named: Mapping[str, str], people: Mapping[str, Person], problems: list[Text]) -> tuple[Exemption, ...]:
    found: list[Exemption] = []
    for number, reason in named.items():
        if number.strip() not in people:
            problems.append(_no_person(number.strip()))
        elif not reason.strip():
            problems.append(t("Say why {number} is excused: the reason stands on the roll.", number=number))
        else:
            found.append(Exemption(people[number.strip()].id, reason.strip()))
    return tuple(found)


def _no_group(name: str, known: str) -> Text:
    if not known:
        return t("There is no group “{name}”: there are none yet.", name=name)
    return t("There is no group “{name}”. There are: {known}.", name=name, known=known)


def _no_person(number: str, _known: str = "") -> Text:
    return t("Nobody on the roster has the staff number {number}.", number=number)


def _no_post_class(name: str, known: str) -> Text:
    return t("“{name}” is no post class. Write one of: {known}.", name=name, known=known)


def _no_level(name: str, known: str) -> Text:
    return t("“{name}” is no level. Write one of: {known}.", name=name, known=known)


def _no_kind(name: str, known: str) -> Text:
    return t("“{name}” is no staff kind. Write one of: {known}.", name=name, known=known)


def _no_standing(name: str, known: str) -> Text:
    return t("“{name}” is no standing that excuses. Write one of: {known}.", name=name, known=known)


def units_of(audience: Audience, units: Sequence[Unit]) -> frozenset[int]:
    """All units an audience means, those below included; none where it is the whole organ."""
    return subtree(audience.unit_ids, units) | frozenset(audience.alone_ids)


def subtree(unit_ids: Iterable[int], units: Sequence[Unit]) -> frozenset[int]:
    """These units and all below them."""
    children: dict[int | None, list[int]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit.id)
    waiting = list(unit_ids)
    inside: set[int] = set()
    while waiting:
        unit_id = waiting.pop()
        if unit_id not in inside:
            inside.add(unit_id)
            waiting += children.get(unit_id, ())
    return frozenset(inside)
