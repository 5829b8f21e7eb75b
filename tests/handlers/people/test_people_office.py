"""What the HR office orders: the roster, codes, accounts. All or nothing."""

from datetime import date, timedelta

import pytest

from handlers import doors
from handlers.people import office
from handlers.people.rules import codes
from handlers.people.rules.changes import Change, Named
from handlers.refusals import BadInput, NotAllowed, NotFound
from handlers.talk import Typed
from storage.database import Database
from storage.records import Level, PostClass, Role, StaffKind, Standing
from tests.handlers.people.sheets import GOOD, HEAD, xlsx
from tests.handlers.people.talking import NOW, Organ, worded, words

TEN = tuple((str(at), f"甲{'乙' * at}", "镇/科", "网格") for at in range(1, 11))


@pytest.fixture
def organ(database: Database) -> Organ:
    return Organ(database)


async def units(organ: Organ) -> list[str]:
    async with organ.database.reading() as store:
        return [unit.code for unit in await office.list_units(office.ListUnits(), organ.clerk(), store)]


async def listed(organ: Organ, unit: str = "") -> list[office.Listed]:
    async with organ.database.reading() as store:
        return await office.list_people(office.ListPeople(unit), organ.clerk(), store)


async def test_the_first_import(organ: Organ) -> None:
    report = await organ.employ()
    assert report == office.RosterReport(
        dry_run=False,
        people=3,
        added=(Named("0001", "赵明远"), Named("0002", "钱玲"), Named("0003", "阿依古丽·买买提")),
        changed=(),
        unchanged=0,
        leavers=(),
        units_added=("青石镇", "青石镇/便民服务中心", "青石镇/党政综合办公室", "青石镇/领导班子"),
        units_missing=(),
    )
    first, second, third = await listed(organ)
    assert (first.person.name, first.unit.code) == ("赵明远", "青石镇/领导班子")
    assert (first.person.level, first.person.roles) == (Level.LEADING, frozenset({Role.HEAD}))
    assert second.person.supervisor_id == first.person.id
    assert (third.person.post_class, third.person.supervisor_id) == (PostClass.SERVICE, second.person.id)
    assert third.unit.parent_id is not None


async def test_a_dry_run_says_the_same_and_changes_nothing(organ: Organ) -> None:
    dry = await organ.employ(dry_run=True)
    assert await listed(organ) == []
    assert await units(organ) == []
    wet = await organ.employ()
    assert dry.dry_run
    assert not wet.dry_run
    assert (dry.added, dry.units_added) == (wet.added, wet.units_added)
    assert (await organ.employ(dry_run=True)).unchanged == 3


async def test_an_import_again_updates_people_by_their_number(organ: Organ) -> None:
    await organ.employ()
    before = {one.person.number: one.person.id for one in await listed(organ)}
    moved = ("0003", "阿依古丽", "青石镇/网格中心", "网格", "", "0001", "")
    report = await organ.employ(*GOOD[:2], moved)
    assert report.changed == (Change("0003", "阿依古丽", ("name", "unit_code", "post_class", "supervisor")),)
    assert report.unchanged == 2
    assert (report.units_added, report.units_missing) == (("青石镇/网格中心",), ("青石镇/便民服务中心",))
    people = await listed(organ)
    assert {one.person.number: one.person.id for one in people} == before
    assert (people[2].person.name, people[2].unit.name) == ("阿依古丽", "网格中心")
    assert "青石镇/便民服务中心" not in await units(organ)


async def test_terms_are_kept_and_their_changes_reported(organ: Organ) -> None:
    head = (*HEAD, "人员类别", "在岗情况", "入职日期", "试用期满日期")
    row = ("0001", "赵明远", "青石镇/领导班子", "党政综合", "领导成员", "", "本机关负责人")

    async def employ(*terms: object) -> office.RosterReport:
        async with organ.database.transaction() as store:
            order = office.ImportRoster(xlsx(head, (*row, *terms)), "staff.xlsx")
            return await office.import_roster(order, organ.clerk(), store)

    await employ("参公", "试用期", date(2026, 1, 5), "2027-01-04")
    (one,) = await listed(organ)
    assert (one.person.kind, one.person.standing) == (StaffKind.BY_REFERENCE, Standing.PROBATION)
    assert (one.person.joined, one.person.probation_ends) == (date(2026, 1, 5), date(2027, 1, 4))
    assert (await employ("参公", "试用期", "2026年1月5日", "2027/1/4")).unchanged == 1
    (change,) = (await employ("公务员", "", "2026-01-06", "")).changed
    assert change.fields == ("kind", "standing", "joined", "probation_ends")


async def test_who_is_not_in_the_file_has_left_and_comes_back_with_another(organ: Organ) -> None:
    await organ.employ(*TEN)
    report = await organ.employ(*TEN[:8])
    assert report.leavers == (Named("10", TEN[9][1]), Named("9", TEN[8][1]))
    assert len(await listed(organ)) == 8
    assert (await organ.person("9")).left
    back = await organ.employ(*TEN[:9])
    assert back.added == (Named("9", TEN[8][1]),)
    assert not (await organ.person("9")).left


async def test_when_many_would_leave_it_is_asked_first(organ: Organ) -> None:
    await organ.employ(*TEN)
    with pytest.raises(NotAllowed) as no:
        await organ.employ(*TEN[:7])
    assert worded(no.value.text).startswith("3 people are not in this file")
    assert [worded(one) for one in no.value.problems][:1] == ["甲" + "乙" * 10 + " (10)"]
    assert len(await listed(organ)) == 10
    assert len((await organ.employ(*TEN[:7], dry_run=True)).leavers) == 3
    assert len((await organ.employ(*TEN[:7], confirm_leavers=True)).leavers) == 3
    assert len(await listed(organ)) == 7


async def test_a_bad_row_keeps_all_others_out(organ: Organ) -> None:
    with pytest.raises(BadInput) as no:
        await organ.employ(*TEN, ("11", "", "镇/科", "网格"))
    assert len(no.value.problems) == 1
    assert await listed(organ) == []
    assert await units(organ) == []


async def test_numbers_that_lost_their_zeros_do_not_make_everybody_leave(organ: Organ) -> None:
    await organ.employ()
    with pytest.raises(BadInput) as no:
        await organ.employ((1, "赵明远", "镇", "党建"), (2, "钱玲", "镇", "党建"), confirm_leavers=True)
    assert worded(no.value.problems[1]).startswith("钱玲: 2 seems to have lost the zeros of 0002.")


async def test_codes_for_everybody_are_kept_as_hashes_only(organ: Organ) -> None:
    await organ.employ()
    issued = await organ.codes()
    assert [one.person.number for one in issued] == ["0001", "0002", "0003"]
    assert issued[1].unit.name == "党政综合办公室"
    assert {one.expires for one in issued} == {NOW + timedelta(days=30)}
    assert len({one.code for one in issued}) == 3
    async with organ.database.transaction() as store:
        for one in issued:
            kept = await store.people.code(codes.digest(codes.find(one.code)))
            assert kept is not None
            assert (kept.person_id, kept.used) == (one.person.id, False)


@pytest.mark.parametrize(
    ("unit", "person", "numbers"),
    [
        ("青石镇", "", ["0001", "0002", "0003"]),
        ("便民服务中心", "", ["0003"]),
        ("青石镇/领导班子", "", ["0001"]),
        ("", "0002", ["0002"]),
        ("青石镇", "0002", ["0002"]),
    ],
)
async def test_codes_for_a_unit_or_a_person(organ: Organ, unit: str, person: str, numbers: list[str]) -> None:
    await organ.employ()
    assert [one.person.number for one in await organ.codes(unit, person)] == numbers


async def test_codes_for_nobody(organ: Organ) -> None:
    await organ.employ(*GOOD, ("0009", "孙立", "白石镇/领导班子", "党建"))
    for unit, person in (("无此科", ""), ("领导班子", ""), ("", "77"), ("白石镇", "0001")):
        with pytest.raises(NotFound):
            await organ.codes(unit, person)
    for days in (0, 366):
        with pytest.raises(BadInput):
            await organ.codes(days=days)


async def test_people_are_listed_with_the_channels_they_can_be_reached_on(organ: Organ) -> None:
    await organ.employ()
    await organ.bound("0002", "secret-address", "webchat")
    await organ.bound("0002", "other-address")
    await organ.phone("stranger").hear(Typed("?"))
    async with organ.database.transaction() as store:
        await store.people.mark_gone("telegram", "other-address")
    (one,) = await listed(organ, "党政综合办公室")
    assert [(place.channel, place.gone) for place in one.accounts] == [("webchat", False), ("telegram", True)]
    assert "address" not in repr(one)


async def test_an_account_is_unbound_for_somebody(organ: Organ) -> None:
    await organ.employ()
    phone = await organ.bound("0002")
    order = office.UnbindAccount((await phone.account()).id)
    async with organ.database.transaction() as store:
        assert (await office.unbind_account(order, organ.clerk(), store)).channel == "telegram"
    assert await phone.person() is None
    assert "To begin" in words(await phone.hear(Typed("?")))
    async with organ.database.transaction() as store:
        with pytest.raises(NotFound):
            await office.unbind_account(order, organ.clerk(), store)


async def test_the_orders_are_what_the_rest_interface_shows() -> None:
    found = {name: (one.method, one.path, one.scope) for name, one in doors.offices().items()}
    assert found["import_roster"] == ("POST", "/people/import", "people:write")
    assert found["list_people"] == ("GET", "/people", "people:read")
    assert found["list_units"] == ("GET", "/units", "people:read")
    assert found["issue_codes"] == ("POST", "/people/codes", "people:write")
    assert found["unbind_account"] == ("POST", "/accounts/{account_id}/unbind", "people:write")
