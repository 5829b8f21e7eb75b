"""A9, the audience that differs by one.

The attacker is the HR office. Two rounds ask the same questions, the second all the people of the first but one: what
that one answered is the difference of the two results. Or one more than the first; or the one is hidden among newcomers
that nobody is; or the questions are renamed a little, so that the two look like different ones.

What must hold: against every anonymous round of the last 180 days that asks some of the same, the people only here and
only there are none, or five who count; otherwise the second round does not open.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.form import Form, Group, Question
from handlers.refusals import BadInput
from handlers.surveys import office_changes
from handlers.surveys.office_changes import CancelRound
from handlers.surveys.rules import secrecy
from storage.database import Database
from storage.records import Difference, Level, PostClass, RosterLine, RoundState
from tests.attacks.world import LIKERT, LONG_AGO, World, furnished, label, questions
from tests.handlers.surveys.paper import WORDS


async def refused(world: World, **plan: object) -> str:
    """Why the round is refused at its approval."""
    draft = await world.drafted(**plan)
    with pytest.raises(BadInput) as no:
        await world.approved(draft)
    return "\n".join(WORDS.word(text, "en") for text in no.value.problems)


async def joined(database: Database, unit: str, count: int, *, real: bool = True) -> None:
    """So many more in this unit: for long and with an account, or neither."""
    numbers = [f"{unit}8{n:02}" for n in range(count)]
    lines = [RosterLine(one, one, unit, PostClass.GENERAL, Level.STAFF) for one in numbers]
    async with database.transaction() as store:
        await store.people.put_people(lines, LONG_AGO if real else None)
        found = await store.people.by_numbers(numbers)
        places = await store.people.recognise([("telegram", one) for one in numbers if real])
        for (_, number), (account, _person) in places.items():
            await store.people.bind(account.id, found[number].id)


async def test_all_but_one(database: Database) -> None:
    """The first round asks units 1 and 2; then one of them leaves, or is moved to another unit for a day."""
    world = await furnished(database)
    await world.anonymous(units=("1", "2"))
    moved = RosterLine("1005", "1005", "3", PostClass.SERVICE, Level.STAFF)
    async with database.transaction() as store:
        await store.people.put_people([moved])
    assert "0 are only here, 1 only there" in await refused(world, units=("1", "2"))
    async with database.transaction() as store:
        await store.people.mark_left(["1005"])
    assert "0 are only here, 1 only there" in await refused(world, units=("1", "2"))


async def test_one_more_and_one_more_among_dummies(database: Database) -> None:
    world = await furnished(database)
    await world.anonymous(units=("1", "2"))
    await joined(database, "2", 1)
    assert "1 are only here, 0 only there" in await refused(world, units=("1", "2"))
    await joined(database, "1", 4, real=False)
    assert "5 are only here, 0 only there" in await refused(world, units=("1", "2"))


async def test_the_same_people_again_or_five_more_are_no_attack(database: Database) -> None:
    world = await furnished(database)
    await world.anonymous(units=("1", "2"))
    assert (await world.anonymous(units=("1", "2"))).state is RoundState.OPEN
    await joined(database, "2", 5)
    assert (await world.anonymous(units=("1", "2"))).state is RoundState.OPEN
    assert (await world.anonymous(units=("1", "2", "3"))).state is RoundState.OPEN


async def test_a_unit_of_four_in_the_whole_and_the_whole_without_it(database: Database) -> None:
    """Unit 5 is too small to be asked; the whole organ less units 1 to 4 is unit 5."""
    world = await furnished(database, (10, 10, 10, 10, 4))
    await world.anonymous()
    assert "0 are only here, 4 only there" in await refused(world, units=("1", "2", "3", "4"))


async def test_half_a_year_later_or_after_one_that_was_called_off(database: Database) -> None:
    world = await furnished(database)
    first = await world.anonymous(units=("1", "2"))
    await joined(database, "2", 1)
    async with database.transaction() as store:
        order = CancelRound(first.id, "重发")
        await office_changes.cancel_round(order, world.clerk(), store)
    second = await world.anonymous(units=("1", "2"))
    await joined(database, "1", 1)
    assert "only here" in await refused(world, units=("1", "2"))
    world.now = (second.opens or world.now) + timedelta(days=181)
    async with database.transaction() as store:
        for one in await store.tabulators.all():
            await store.tabulators.save(replace(one, tested=world.now.date()))
    assert (await world.anonymous(units=("1", "2"))).state is RoundState.OPEN


async def test_renamed_questions_are_the_same_questions(database: Database) -> None:
    world = await furnished(database)
    await world.anonymous(units=("1", "2"))
    await joined(database, "2", 1)
    await world.ask(renamed(questions("other"), lambda one: replace(one, name=f"{one.name}_2")))
    assert "only here" in await refused(world, units=("1", "2"))
    await world.ask(renamed(questions("other"), lambda one: replace(one, label=label(f"另问：{one.name}"))))
    assert "only here" in await refused(world, units=("1", "2"))
    await world.ask(Form("other", label("别的"), "1", ("zh_CN",), "zh_CN", (unlike(),)))
    assert (await world.anonymous(units=("1", "2"))).state is RoundState.OPEN


def unlike() -> Question:
    """A question nobody has asked."""
    return Question("/data/canteen", "canteen", "select_one", label("食堂办得好"), choices=LIKERT)


def renamed(form: Form, change: object) -> Form:
    """The form with every question changed."""

    def items(found: Collection[object]) -> tuple[object, ...]:
        return tuple(
            replace(one, items=items(one.items)) if isinstance(one, Group) else change(one)  # type: ignore[operator]
            for one in found
        )

    return replace(form, items=items(form.items))  # type: ignore[arg-type]


async def test_two_that_open_at_once_see_each_other(database: Database) -> None:
    """Both are approved while neither is open; the second to open is looked at again."""
    world = await furnished(database, (10, 10, 1))
    one = await world.approved(await world.drafted(units=("1", "2")))
    other = await world.approved(await world.drafted())
    await world.sent(one)
    with pytest.raises(BadInput):
        await world.sent(other)


people = st.integers(0, 12)


@given(people, people, people, people)
def test_a_difference_is_none_or_five_who_count(here: int, real_here: int, there: int, real_there: int) -> None:
    real_here, real_there = min(here, real_here), min(there, real_there)
    found = secrecy.differing([Difference("Q1", here, real_here, there, real_there)])
    safe = (here == 0 or real_here >= 5) and (there == 0 or real_there >= 5)
    assert (found == []) == safe
