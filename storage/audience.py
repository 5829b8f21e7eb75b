"""An audience as conditions on the roster: who is asked is found by the database, however many they are. 调查对象"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, true
from sqlalchemy.sql import bindparam

from storage.records import Audience, Disposition
from storage.tables import IDS, WORDS, AccountRow, MemberRow, PersonRow, among, table

_people, _members, _accounts = table(PersonRow), table(MemberRow), table(AccountRow)


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
    excused = _excused(audience)
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
    """How many are to be asked; not those who are excused."""
    return select(func.count()).select_from(_people).where(asked(audience, unit_ids), ~spared(audience))


def spared(audience: Audience) -> ColumnElement[bool]:
    """Who is not asked, by standing or one by one."""
    return or_(_excused(audience), among(_people.c.id, _ids([one.person_id for one in audience.exempt])))


def weigh(audience: Audience, unit_ids: Collection[int]) -> Select[Any]:
    """How many there are by the standing that excuses, the id of who is exempt, and whether there is an account."""
    exempt = among(_people.c.id, _ids([one.person_id for one in audience.exempt]))
    living = exists().where(_accounts.c.person_id == _people.c.id, _accounts.c.gone.is_(False))
    found = (
        select(
            case((_excused(audience), _people.c.standing), else_="").label("standing"),
            case((exempt, _people.c.id), else_=None).label("exempt"),
            case((living, 1), else_=0).label("reached"),
        )
        .where(asked(audience, unit_ids))
        .subquery()
    )
    return select(*found.c, func.count()).group_by(*found.c)


def _excused(audience: Audience) -> ColumnElement[bool]:
    standings = bindparam(None, [standing.value for standing in audience.excused], type_=WORDS)
    return among(_people.c.standing, standings)


def _ids(ids: Collection[int]) -> ColumnElement[object]:
    return bindparam(None, list(ids), type_=IDS)
