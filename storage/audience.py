"""An audience as conditions on the roster: who is asked is found by the database, however many they are. 调查对象"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true
from sqlalchemy.sql import bindparam

from storage.records import Audience, Disposition
from storage.tables import IDS, WORDS, MemberRow, PersonRow, among, table

_people, _members = table(PersonRow), table(MemberRow)


def asked(audience: Audience, unit_ids: Collection[int]) -> ColumnElement[bool]:
    """The condition on people: `unit_ids` are all units the audience means, those below included."""
    return and_(
        _people.c.has_left.is_(False),
        _placed(audience, unit_ids),
        *(
            among(column, bindparam(None, [value.value for value in values], type_=WORDS))
            for column, values in (
                (_people.c.post_class, audience.post_classes),
                (_people.c.level, audience.levels),
                (_people.c.kind, audience.kinds),
            )
            if values
        ),
    )


def _placed(audience: Audience, unit_ids: Collection[int]) -> ColumnElement[bool]:
    if not (audience.unit_ids or audience.alone_ids or audience.group_ids or audience.person_ids):
        return true()
    members = select(_members.c.person_id).where(among(_members.c.group_id, _ids(audience.group_ids)))
    return or_(
        among(_people.c.unit_id, _ids(unit_ids)),
        among(_people.c.id, _ids(audience.person_ids)),
        _people.c.id.in_(members),
    )


def lines(round_id: int, audience: Audience, unit_ids: Collection[int]) -> Select[object]:
    """The roll of a round as its table has it, selected from the roster."""
    standings = bindparam(None, [standing.value for standing in audience.excused], type_=WORDS)
    excused = among(_people.c.standing, standings)
    return select(
        literal(round_id),
        _people.c.id,
        _people.c.unit_id,
        _people.c.post_class,
        case((excused, Disposition.EXCUSED.value), else_=Disposition.PLANNED.value),
        _people.c.level,
        _people.c.kind,
        case((excused, _people.c.standing), else_=""),
    ).where(asked(audience, unit_ids))


def count(audience: Audience, unit_ids: Collection[int]) -> Select[int]:
    """How many that are."""
    return select(func.count()).select_from(_people).where(asked(audience, unit_ids))


def _ids(ids: Collection[int]) -> ColumnElement[object]:
    return bindparam(None, list(ids), type_=IDS)
