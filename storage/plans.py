"""Plans whose rounds repeat themselves. 轮次计划"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import audience as audiences
from storage.records import Audience, Plan, PlanState, Reminding, Secrecy
from storage.tables import InvitationRow, PersonRow, PlanRow, RoundRow, table

_plans, _people = table(PlanRow), table(PersonRow)
_rounds, _invitations = table(RoundRow), table(InvitationRow)

_NAMES = tuple(column.name for column in _plans.c)
_TREES = {"audience": Audience, "reminding": Reminding, "secrecy": Secrecy}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "state": PlanState,
    **{name: partial(msgspec.convert, type=kind) for name, kind in _TREES.items()},
}


def _plan(row: Sequence[Any]) -> Plan:
    return Plan(
        **{name: _READ[name](value) if name in _READ else value for name, value in zip(_NAMES, row, strict=True)}
    )


def _values(plan: Plan) -> dict[str, Any]:
    """All columns of a plan but its id."""
    plain = {name: getattr(plan, name) for name in _NAMES if name != "id"}
    trees = {name: msgspec.to_builtins(plain[name]) for name in _TREES}
    return {**plain, "state": plan.state.value, "schedule": dict(plan.schedule), **trees}


class Plans:
    """What HR has planned to repeat itself; the rounds of a plan are with the other rounds."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def put(self, new: Plan) -> Plan:
        """A new plan; its id is given here."""
        return _plan((await self._db.execute(insert(_plans).values(_values(new)).returning(*_plans.c))).one())

    async def plan(self, id: int) -> Plan | None:
        """The plan with this id."""
        row = (await self._db.execute(select(_plans).where(_plans.c.id == id))).first()
        return _plan(row) if row else None

    async def hold(self, id: int) -> Plan | None:
        """The plan with this id; nobody else changes it or draws up its rounds until the transaction ends."""
        row = (await self._db.execute(select(_plans).where(_plans.c.id == id).with_for_update())).first()
        return _plan(row) if row else None

    async def plans(self) -> list[Plan]:
        """All plans, newest first."""
        return [_plan(row) for row in await self._db.execute(select(_plans).order_by(_plans.c.id.desc()))]

    async def save(self, plan: Plan) -> None:
        """Everything about this plan as it is now."""
        await self._db.execute(update(_plans).where(_plans.c.id == plan.id).values(_values(plan)))

    async def dated(
        self, audience: Audience, unit_ids: Collection[int], field: str, first: date, last: date
    ) -> list[tuple[int, date]]:
        """The people of this audience with the date on which `field` (`joined`, `probation_ends`) lies between these
        days, both included; in the order of their ids. `unit_ids`: all units the audience means."""
        day = _people.c[field]
        query = select(_people.c.id, day).where(audiences.asked(audience, unit_ids), day.between(first, last))
        return [(id, day) for id, day in await self._db.execute(query.order_by(_people.c.id))]

    async def asked(self, plan_id: int) -> set[int]:
        """Who stands on the roll of a round of this plan."""
        of_plan = select(_rounds.c.id).where(_rounds.c.plan_id == plan_id)
        rows = await self._db.execute(select(_invitations.c.person_id).where(_invitations.c.round_id.in_(of_plan)))
        return set(rows.scalars())
