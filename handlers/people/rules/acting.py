"""Who may act for whom, and when: one deputy at a time, never in a chain."""

from collections.abc import Iterable, Sequence
from datetime import date

from handlers.refusals import BadInput
from handlers.talk import Text, t
from storage.records import Deputy, Person


def check_days(first: date, last: date, today: date) -> list[Text]:
    """What is wrong with the days."""
    if last < first:
        return [t("The last day ({last}) is before the first ({first}).", first=first, last=last)]
    if first < today:
        return [t("{first} is past. A deputy can act from today on.", first=first)]
    return []


def check_pair(absent: Person, acting: Person, new: Deputy, others: Iterable[Deputy]) -> list[Text]:
    """What is wrong with this deputy for this person on these days; `others`: the deputyships there are."""
    if absent.id == acting.id:
        return [t("Nobody is their own deputy.")]
    problems: list[Text] = []
    for one in (one for one in others if one.first <= new.last and new.first <= one.last):
        days = {"first": one.first, "last": one.last}
        if one.person_id == absent.id:
            problems.append(t("{name} has a deputy from {first} to {last} already.", name=absent.name, **days))
        elif one.deputy_id == absent.id:
            problems.append(t("{name} is a deputy from {first} to {last}: end that first.", name=absent.name, **days))
        elif one.person_id == acting.id:
            problems.append(t("{name} is absent from {first} to {last} and has a deputy.", name=acting.name, **days))
    return problems


def refuse(problems: Sequence[Text]) -> None:
    """Raises BadInput if there is a problem."""
    if problems:
        raise BadInput(t("The deputy was not added."), problems)
