"""What HR may decide about somebody on a roll; which disposition may follow on which is `records.FOLLOWING`."""

from handlers.refusals import BadInput
from handlers.talk import Text, t
from storage.records import FOLLOWING, LEFT, Disposition, Invitation, Person

TOLD = (Disposition.INVITED, Disposition.DELIVERED, Disposition.STARTED)
"""Who has heard of the round and must hear that it no longer asks them."""


def check_reason(reason: str) -> str:
    """HR's reason, as it stands on the roll. Raises BadInput."""
    said = reason.strip()
    if not said:
        raise BadInput(t("Say why: the reason stands on the roll, and the person reads it."))
    if said == LEFT:
        raise BadInput(t("“left” is written of those who leave the organ. Say the reason in other words."))
    return said


def no_excuse(person: Person, line: Invitation | None) -> Text | None:
    """Why this person cannot be excused now."""
    if line is None:
        return _not_asked(person)
    if line.disposition is Disposition.EXCUSED:
        return t("{name} ({number}) is excused already.", name=person.name, number=person.number)
    if Disposition.EXCUSED not in FOLLOWING[line.disposition]:
        return t("{name} ({number}) has handed in already; that counts.", name=person.name, number=person.number)
    return None


def no_return(person: Person, line: Invitation | None) -> Text | None:
    """Why this person's excuse cannot be taken back now."""
    if line is None:
        return _not_asked(person)
    if person.left:
        return _left(person)
    if line.disposition is not Disposition.EXCUSED:
        return t("{name} ({number}) is not excused.", name=person.name, number=person.number)
    return None


def no_joining(person: Person, line: Invitation | None) -> Text | None:
    """Why this person cannot be added to the roll now."""
    if person.left:
        return _left(person)
    if line is not None:
        return t("{name} ({number}) is on the roll already.", name=person.name, number=person.number)
    return None


def no_paper(person: Person, line: Invitation | None) -> Text | None:
    """Why no paper form can be entered for this person."""
    if line is None:
        return t("{name} ({number}) is not on the roll. Add them first.", name=person.name, number=person.number)
    if line.disposition is Disposition.EXCUSED:
        return t("{name} ({number}) is excused. Take that back first.", name=person.name, number=person.number)
    return None


def _not_asked(person: Person) -> Text:
    return t("{name} ({number}) is not on the roll of this round.", name=person.name, number=person.number)


def _left(person: Person) -> Text:
    return t("{name} ({number}) is no longer on the roster.", name=person.name, number=person.number)
