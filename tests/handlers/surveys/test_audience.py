"""Who is asked: names become ids, conditions become people."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.refusals import BadInput
from handlers.surveys.rules.audience import Named, audience_of, subtree, units_of
from storage.database import Database
from storage.records import (
    Audience,
    Exemption,
    Group,
    Level,
    Person,
    PostClass,
    RosterLine,
    StaffKind,
    Standing,
    Unit,
    Weighed,
)
from storage.store import Store
from tests.handlers.people.talking import worded
from tests.storage.organ import bound

UNITS = [Unit(1, "1", "机关"), Unit(2, "11", "办公室", 1), Unit(3, "111", "文秘组", 2), Unit(4, "12", "执法队", 1)]
PEOPLE = {number: Person(int(number), number, f"P{number}", 2, PostClass.GENERAL, Level.STAFF) for number in "789"}


def found(**named: object) -> Audience:
    return audience_of(Named(**named), UNITS, [Group(5, "骨干", (7,))], PEOPLE)  # type: ignore[arg-type]


def test_everything_that_can_be_named() -> None:
    assert found(
        units=("11", " 执法队 ", "办公室"),
        units_only=("1",),
        groups=("骨干",),
        people=("8", "8"),
        post_classes=("service", "grid"),
        levels=("staff",),
        kinds=("contract",),
        excuse=("probation", "investigation"),
        exempt={"9": " 在外学习 "},
    ) == Audience(
        (2, 4),
        (1,),
        (5,),
        (8,),
        (PostClass.SERVICE, PostClass.GRID),
        (Level.STAFF,),
        (StaffKind.CONTRACT,),
        (Standing.PROBATION, Standing.INVESTIGATION),
        (Exemption(9, "在外学习"),),
    )
    assert found() == Audience()


def test_a_code_wins_over_a_name() -> None:
    assert audience_of(Named(units=("11",)), [*UNITS, Unit(9, "9", "11")], [], {}).unit_ids == (2,)


def test_every_unknown_name_is_said_at_once() -> None:
    doubtful = [*UNITS, Unit(5, "121", "文秘组", 4)]
    named = Named(
        units=("nowhere", "文秘组"),
        units_only=("财政",),
        groups=("没有",),
        people=("70",),
        post_classes=("chef",),
        levels=("top",),
        kinds=("robot",),
        excuse=("normal",),
        exempt={"71": "x", "8": " "},
    )
    with pytest.raises(BadInput) as no:
        audience_of(named, doubtful, [Group(5, "骨干")], PEOPLE)
    told = [worded(problem) for problem in no.value.problems]
    assert told[:5] == [
        "No unit has the code or name “nowhere”.",
        "Several units are called “文秘组”: give one of the codes 111, 121.",
        "No unit has the code or name “财政”.",
        "There is no group “没有”. There are: 骨干.",
        "Nobody on the roster has the staff number 70.",
    ]
    assert told[7].startswith("“robot” is no staff kind. Write one of: civil_servant, by_reference")
    assert told[8] == (
        "“normal” is no standing that excuses. Write one of: probation, long_leave, secondment, investigation."
    )
    assert told[9:] == [
        "Nobody on the roster has the staff number 71.",
        "Say why 8 is excused: the reason stands on the roll.",
    ]


@pytest.mark.parametrize(("chosen", "inside"), [((), set()), ((2,), {2, 3}), ((3, 4), {3, 4}), ((1, 3), {1, 2, 3, 4})])
def test_a_unit_means_all_below_it(chosen: tuple[int, ...], inside: set[int]) -> None:
    assert subtree(chosen, UNITS) == inside
    assert units_of(Audience(chosen, alone_ids=(1,)), UNITS) == inside | {1}


@given(st.data())
def test_a_subtree_is_closed_downwards_and_holds_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    parents = [None, *(data.draw(st.integers(0, n - 1)) for n in range(1, size))]
    units = [Unit(n, str(n), str(n), parent) for n, parent in enumerate(parents)]
    chosen = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    inside = subtree(chosen, units)
    for unit in units:
        assert (unit.id in inside) == (unit.id in chosen or unit.parent_id in inside)


# On the roster ------------------------------------------------------------------------------------------


LINE = RosterLine("", "某人", "1", PostClass.GENERAL, Level.STAFF)
STAFF = (
    replace(LINE, number="1", level=Level.LEADING),
    replace(LINE, number="2", unit_code="11", standing=Standing.PROBATION),
    replace(LINE, number="3", unit_code="11", kind=StaffKind.CONTRACT),
    replace(LINE, number="4", unit_code="12", post_class=PostClass.ENFORCEMENT),
    replace(LINE, number="5", unit_code="12", standing=Standing.LONG_LEAVE),
    replace(LINE, number="6", unit_code="12"),
)
"""Six people in 1 and, below it, 11 and 12; number 6 has left."""


async def employ(store: Store) -> None:
    top = await store.people.put_unit("1", "机关", None)
    await store.people.put_unit("11", "办公室", top.id)
    await store.people.put_unit("12", "执法队", top.id)
    await store.people.put_people(STAFF)
    await store.people.mark_left(["6"])


@pytest.mark.parametrize(
    ("named", "asked", "excused"),
    [
        ({}, 5, {}),
        ({"units": ("1",)}, 5, {}),
        ({"units_only": ("1",)}, 1, {}),
        ({"units": ("11",), "people": ("4", "3")}, 3, {}),
        ({"groups": ("常用",)}, 2, {}),
        ({"post_classes": ("enforcement", "service")}, 1, {}),
        ({"levels": ("staff",), "units": ("12",)}, 2, {}),
        ({"kinds": ("contract", "institution")}, 1, {}),
        ({"excuse": ("probation", "long_leave")}, 3, {"probation": 1, "long_leave": 1}),
        ({"excuse": ("probation",), "exempt": {"2": "学习", "4": "学习", "1": "出差"}}, 2, {"学习": 2, "出差": 1}),
    ],
)
async def test_an_audience_is_weighed_as_the_roll_will_be(
    database: Database, named: dict[str, tuple[str, ...]], asked: int, excused: dict[str, int]
) -> None:
    async with database.transaction() as store:
        await employ(store)
        people = await store.people.by_numbers(["1", "2", "3", "4", "5"])
        await bound(store, people["4"], "4")
        await store.groups.put("常用", [people["3"].id, people["4"].id])
        units = await store.people.units()
        whom = audience_of(Named(**named), units, await store.groups.all(), people)  # type: ignore[arg-type]
        inside = units_of(whom, units)
        weighed = await store.roll.weigh(whom, inside)
        assert await store.surveys.count_asked(whom, inside) == asked
    reached = 4 in {int(one) for one in named.get("people", ())} | ({4} if not named else set())
    assert weighed == Weighed(asked, weighed.unreachable, excused)
    assert weighed.unreachable == asked - 1 or not reached
