"""Groups of people, and deputies: what HR orders of them, and whose roles somebody has."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handlers.people import office_groups as office
from handlers.people.office_groups import AddDeputy, DeleteGroup, EndDeputy, GroupOf, ListDeputies, ListGroups, PutGroup
from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound, Refusal
from storage.database import Database
from storage.records import Audience, Role, Round, RoundState
from tests.handlers.people.talking import NOW, Organ, worded

TODAY = NOW.date()


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture
async def organ(database: Database) -> Organ:
    """赵明远 (0001) is head, 钱玲 (0002) has HR and supervisor, 0003 has no role."""
    organ = Organ(database)
    await organ.employ()
    return organ


async def order(organ: Organ, door: Any, what: object) -> Any:
    async with organ.database.transaction() as store:
        return await door(what, organ.clerk(), store)


async def no(organ: Organ, door: Any, what: object, kind: type[Refusal] = BadInput) -> list[str]:
    with pytest.raises(kind) as refusal:
        await order(organ, door, what)
    return [worded(refusal.value.text), *(worded(one) for one in refusal.value.problems)]


async def roles(organ: Organ, number: str, when: date) -> frozenset[Role]:
    person = await organ.person(number)
    async with organ.database.reading() as store:
        return await store.groups.roles_of(person, when)


async def test_a_group_is_kept_changed_listed_and_deleted(organ: Organ) -> None:
    assert await order(organ, office.put_group, PutGroup(" 骨干 ", ("0003", " 0001 ", "0001"))) == GroupOf(
        "骨干", ("0001", "0003")
    )
    await order(organ, office.put_group, PutGroup("骨干", ("0002", "0003")))
    await order(organ, office.put_group, PutGroup("2026", ("0001",)))
    groups = [GroupOf("2026", ("0001",)), GroupOf("骨干", ("0002", "0003"))]
    assert await order(organ, office.list_groups, ListGroups()) == groups
    async with organ.database.transaction() as store:
        await store.people.mark_left(["0003"])
    assert (await order(organ, office.list_groups, ListGroups()))[1] == GroupOf("骨干", ("0002",))
    await order(organ, office.delete_group, DeleteGroup("骨干"))
    assert [one.name for one in await order(organ, office.list_groups, ListGroups())] == ["2026"]
    assert await no(organ, office.delete_group, DeleteGroup("骨干"), NotFound) == ["There is no group “骨干”."]


async def test_every_unknown_number_is_named_and_nothing_is_kept(organ: Organ) -> None:
    told = await no(organ, office.put_group, PutGroup("骨干", ("0001", "77", "x")))
    assert told == [
        "The group was not changed.",
        "Nobody on the roster has the staff number 77.",
        "Nobody on the roster has the staff number x.",
    ]
    assert "at least one" in (await no(organ, office.put_group, PutGroup("骨干", (" ",))))[0]
    for name in (" ", "长" * 61):
        assert "at most 60" in (await no(organ, office.put_group, PutGroup(name, ("0001",))))[0]
    assert await order(organ, office.list_groups, ListGroups()) == []


async def test_a_group_that_is_still_to_be_asked_stays(organ: Organ) -> None:
    await order(organ, office.put_group, PutGroup("骨干", ("0001",)))
    async with organ.database.transaction() as store:
        (group,) = await store.groups.all()
        form = await store.surveys.put_questionnaire("self", {"": "Self"}, {"items": []}, "digest")
        waits = Round(0, "一季度", form.id, RoundState.PLANNED, Audience(group_ids=(group.id,)), created_by="hr")
        round = await store.surveys.put_round(waits)
    assert "一季度" in (await no(organ, office.delete_group, DeleteGroup("骨干"), NotAllowed))[0]
    async with organ.database.transaction() as store:
        found = await store.surveys.round(round.id)
        assert found
        await store.surveys.save_round(
            Round(found.id, found.name, form.id, RoundState.CLOSED, found.audience, created_by="hr")
        )
    await order(organ, office.delete_group, DeleteGroup("骨干"))
    await order(organ, office.put_group, PutGroup("新", ("0001",)))
    async with organ.database.reading() as store:
        (new,) = await store.groups.all()
    assert new.id != group.id


async def test_a_deputy_acts_on_these_days_both_included(organ: Organ) -> None:
    added = await order(organ, office.add_deputy, AddDeputy("0002", "0003", day(1), day(3)))
    assert (added.person_name, added.deputy_name) == ("钱玲", "阿依古丽·买买提")
    acting = {number: await roles(organ, "0003", day(number)) for number in range(5)}
    both = frozenset({Role.HR, Role.SUPERVISOR})
    assert acting == {0: frozenset(), 1: both, 2: both, 3: both, 4: frozenset()}
    assert await roles(organ, "0002", day(2)) == both
    assert await roles(organ, "0001", day(2)) == {Role.HEAD}
    assert await order(organ, office.list_deputies, ListDeputies()) == [added]


async def test_who_has_left_has_no_deputy_any_more(organ: Organ) -> None:
    await order(organ, office.add_deputy, AddDeputy("0002", "0003", day(0), day(3)))
    async with organ.database.transaction() as store:
        await store.people.mark_left(["0002"])
    assert await roles(organ, "0003", day(1)) == frozenset()


async def test_a_deputyship_is_ended(organ: Organ) -> None:
    running = await order(organ, office.add_deputy, AddDeputy("0002", "0003", day(0), day(9)))
    later = await order(organ, office.add_deputy, AddDeputy("0001", "0003", day(5), day(9)))
    organ.now += timedelta(days=2)
    ended = await order(organ, office.end_deputy, EndDeputy(running.id))
    assert ended.last == day(1)
    await order(organ, office.end_deputy, EndDeputy(later.id))
    assert await order(organ, office.list_deputies, ListDeputies()) == [ended]
    assert await roles(organ, "0003", day(2)) == frozenset()
    assert "over" in (await no(organ, office.end_deputy, EndDeputy(running.id), AlreadyDone))[0]
    await no(organ, office.end_deputy, EndDeputy(77), NotFound)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (("0002", "0002", 0, 1), "Nobody is their own deputy."),
        (("0002", "0003", 3, 2), "The last day (2026-03-04) is before the first (2026-03-05)."),
        (("0002", "0003", -1, 2), "2026-03-01 is past. A deputy can act from today on."),
        (("0002", "77", 0, 1), "Nobody on the roster has the staff number 77."),
        (("0001", "0003", 4, 8), "赵明远 has a deputy from 2026-03-06 to 2026-03-08 already."),
        (("0002", "0003", 6, 6), "钱玲 is a deputy from 2026-03-06 to 2026-03-08: end that first."),
        (("0003", "0001", 6, 6), "赵明远 is absent from 2026-03-06 to 2026-03-08 and has a deputy."),
    ],
)
async def test_what_cannot_be_is_said(organ: Organ, new: tuple[str, str, int, int], why: str) -> None:
    await order(organ, office.add_deputy, AddDeputy("0001", "0002", day(4), day(6)))
    person, deputy, first, last = new
    told = await no(organ, office.add_deputy, AddDeputy(person, deputy, day(first), day(last)))
    assert told == ["The deputy was not added.", why]
    assert len(await order(organ, office.list_deputies, ListDeputies())) == 1


async def test_the_day_before_and_after_is_free(organ: Organ) -> None:
    await order(organ, office.add_deputy, AddDeputy("0001", "0002", day(4), day(6)))
    await order(organ, office.add_deputy, AddDeputy("0001", "0003", day(7), day(7)))
    await order(organ, office.add_deputy, AddDeputy("0002", "0003", day(1), day(3)))
    assert isinstance(NOW, datetime)
