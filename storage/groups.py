"""People named together, and who acts for whom. 常用名单、代理"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Deputy, Group, Person, PlanState, Role, RoundState
from storage.rows import person_of
from storage.tables import DeputyRow, GroupRow, MemberRow, PersonRow, PlanRow, RoundRow, table

_groups, _members, _deputies = table(GroupRow), table(MemberRow), table(DeputyRow)
_people, _rounds, _plans = table(PersonRow), table(RoundRow), table(PlanRow)

_MEMBERS = select(_members.c.group_id, _members.c.person_id).order_by(_members.c.group_id, _members.c.person_id)


class Groups:
    """Groups and deputies."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def put(self, name: str, person_ids: Collection[int]) -> Group:
        """The group of this name with these people and no others; the one there is, else a new one."""
        known = (await self._db.execute(select(_groups.c.id).where(_groups.c.name == name))).scalar()
        if known is None:
            new = insert(_groups).values(name=name).returning(_groups.c.id)
            known = (await self._db.execute(new)).scalar_one()
        await self._db.execute(delete(_members).where(_members.c.group_id == known))
        members = tuple(sorted(set(person_ids)))
        if members:
            rows = [{"group_id": known, "person_id": id} for id in members]
            await self._db.execute(insert(_members), rows)
        return Group(known, name, members)

    async def all(self) -> list[Group]:
        """All groups by name."""
        members: dict[int, list[int]] = {}
        for group_id, person_id in await self._db.execute(_MEMBERS):
            members.setdefault(group_id, []).append(person_id)
        rows = await self._db.execute(select(_groups).order_by(_groups.c.name))
        return [Group(id, name, tuple(members.get(id, ()))) for id, name in rows]

    async def of(self, person_id: int) -> list[str]:
        """The names of the groups this person is in."""
        mine = select(_groups.c.name).join(_members, _members.c.group_id == _groups.c.id)
        return list(
            (await self._db.execute(mine.where(_members.c.person_id == person_id).order_by(_groups.c.name))).scalars()
        )

    async def delete(self, id: int) -> None:
        """Removes the group; the people stay."""
        await self._db.execute(delete(_members).where(_members.c.group_id == id))
        await self._db.execute(delete(_groups).where(_groups.c.id == id))

    async def needed_by(self, id: int) -> list[str]:
        """The names of the rounds still to open, and of the plans not ended, that ask this group."""
        to_open = _rounds.c.state.in_([RoundState.DRAFT.value, RoundState.PLANNED.value])
        asking = [
            *await self._db.execute(select(_rounds.c.name, _rounds.c.audience).where(to_open)),
            *await self._db.execute(select(_plans.c.name, _plans.c.audience).where(_plans.c.state != PlanState.ENDED)),
        ]
        return [name for name, audience in asking if id in audience["group_ids"]]

    async def put_deputy(self, new: Deputy) -> Deputy:
        """A new deputyship; its id is given here."""
        values = {"person_id": new.person_id, "deputy_id": new.deputy_id, "first": new.first, "last": new.last}
        return Deputy(*(await self._db.execute(insert(_deputies).values(values).returning(*_deputies.c))).one())

    async def deputies(self) -> list[Deputy]:
        """All deputyships, those over too, the latest first."""
        query = select(_deputies).order_by(_deputies.c.first.desc(), _deputies.c.id.desc())
        return [Deputy(*row) for row in await self._db.execute(query)]

    async def end_deputy(self, id: int, last: date) -> None:
        """The deputyship ends with this day; it goes altogether where that is before it begins."""
        mine = _deputies.c.id == id
        await self._db.execute(delete(_deputies).where(mine, _deputies.c.first > last))
        await self._db.execute(update(_deputies).where(mine).values(last=last))

    async def roles_of(self, person: Person, day: date) -> frozenset[Role]:
        """What this person may do on that day: the own roles, and those of everybody they are deputy of then."""
        absent = (
            select(_people)
            .join(_deputies, _deputies.c.person_id == _people.c.id)
            .where(
                _deputies.c.deputy_id == bindparam("deputy"),
                _deputies.c.first <= bindparam("day"),
                _deputies.c.last >= bindparam("day"),
                _people.c.has_left.is_(False),
            )
        )
        rows = await self._db.execute(absent, {"deputy": person.id, "day": day})
        acted = (person_of(row).roles - {Role.EMPLOYEE} for row in rows)
        return person.roles.union(*acted)
