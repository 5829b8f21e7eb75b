"""An audience as conditions on the roster: who is asked is found by the database, however many they are. 调查对象"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, or_, select, true
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


def size(audience: Audience, unit_ids: Collection[int]) -> Select[int, int, int, int]:
    """All of them, those to be excused, those asked without an account, and the accounts of the others."""
    standings = bindparam(None, [standing.value for standing in audience.excused], type_=WORDS)
    exempt = [one.person_id for one in audience.exempt]
    excused = or_(among(_people.c.standing, standings), among(_people.c.id, _ids(exempt)))
    bound = (
        select(func.count()).where(_accounts.c.person_id == _people.c.id, _accounts.c.gone.is_(False)).scalar_subquery()
    )
    one = select(excused.label("excused"), bound.label("bound")).where(asked(audience, unit_ids)).subquery()
    return select(
        func.count(),
        func.sum(case((one.c.excused, 1), else_=0)),
        func.sum(case((and_(not_(one.c.excused), one.c.bound == 0), 1), else_=0)),
        func.sum(case((one.c.excused, 0), else_=one.c.bound)),
    ).select_from(one)


def _ids(ids: Collection[int]) -> ColumnElement[object]:
    return bindparam(None, list(ids), type_=IDS)
