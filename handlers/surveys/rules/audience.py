"""Who is asked: units with all below them."""

from collections.abc import Iterable, Sequence

from handlers.refusals import BadInput
from handlers.talk import Text, t
from storage.records import Audience, Unit


def named_units(names: Sequence[str], units: Sequence[Unit]) -> tuple[int, ...]:
    """The ids of the units with these codes or names, each once, in the order given.

    Raises BadInput naming every unit that is unknown, and every name that several units bear.
    """
    found: dict[int, None] = {}
    problems: list[Text] = []
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
    if problems:
        raise BadInput(t("The round was not planned: not every unit could be found."), problems)
    return tuple(found)


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
