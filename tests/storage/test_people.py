"""Roster, units, accounts and codes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.database import Database
from storage.records import Audience, Code, Level, PostClass, Role
from tests.storage.organ import NOW, bound, line, people, round_of


async def test_units_form_a_tree_and_are_put_by_code(database: Database) -> None:
    async with database.transaction() as store:
        root = await store.people.put_unit("01", "党政办", None)
        below = await store.people.put_unit("0101", "文秘组", root.id)
        renamed = await store.people.put_unit("01", "党政综合办", None)
    assert renamed == replace(root, name="党政综合办")
    async with database.reading() as store:
        assert await store.people.units() == [renamed, below]


async def test_only_units_that_nothing_needs_are_dropped(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        top = await store.people.put_unit("02", "empty", None)
        await store.people.put_unit("0201", "empty below", top.id)
        kept = await store.people.put_unit("03", "kept by its unit below", None)
        used = await store.people.put_unit("0301", "asked in a round", kept.id)
        asked = await round_of(store)
        await store.surveys.save_round(replace(asked, audience=Audience((used.id,))))
        await store.people.drop_units(["01", "02", "0201", "03", "0301", "no such"])
        assert [unit.code for unit in await store.people.units()] == ["01", "03", "0301"]
        assert person.unit_id in {unit.id for unit in await store.people.units()}


async def test_a_unit_on_a_roll_stays(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        await round_of(store, person)
        await store.people.put_unit("02", "new", None)
        await store.people.put_people([line("1", "02")])
        await store.people.drop_units(["01"])
        assert [unit.code for unit in await store.people.units()] == ["01", "02"]


async def test_people_are_added_updated_and_led(database: Database) -> None:
    async with database.transaction() as store:
        await store.people.put_unit("01", "one", None)
        await store.people.put_unit("02", "two", None)
        await store.people.put_people([line("2", supervisor="1"), line("1", roles=frozenset({Role.HR, Role.HEAD}))])
        before = {person.number: person for person in await store.people.people()}
    assert before["2"].supervisor_id == before["1"].id
    assert before["1"].roles == {Role.HR, Role.HEAD}
    async with database.transaction() as store:
        await store.people.put_people(
            [line("2", "02", name="renamed", post_class=PostClass.GRID, level=Level.LEADING), line("3", supervisor="2")]
        )
        await store.people.put_people([])
        after = {person.number: person for person in await store.people.people()}
    assert list(after) == ["1", "2", "3"]
    assert after["1"] == before["1"]
    assert after["2"].id == before["2"].id
    assert (after["2"].name, after["2"].post_class, after["2"].level) == ("renamed", PostClass.GRID, Level.LEADING)
    assert after["2"].unit_id != before["2"].unit_id
    assert after["2"].supervisor_id is None
    assert after["3"].supervisor_id == after["2"].id


@pytest.mark.parametrize("wrong", [{"unit": "99"}, {"supervisor": "99"}])
async def test_unknown_units_and_supervisors_are_refused(database: Database, wrong: dict[str, str]) -> None:
    async with database.transaction() as store:
        await store.people.put_unit("01", "one", None)
    async with database.transaction() as store:
        with pytest.raises(LookupError):
            await store.people.put_people([line("1", **wrong)])


async def test_who_left_stays_known_and_may_come_back(database: Database) -> None:
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        await store.people.mark_left(["2", "no such"])
        assert await store.people.people() == [first]
        gone = replace(second, left=True)
        assert await store.people.people(left=True) == [first, gone]
        assert await store.people.person(second.id) == gone
        assert await store.people.by_number("2") == gone
        await store.people.put_people([line("2")])
        assert await store.people.people() == [first, second]


async def test_no_such_person(database: Database) -> None:
    async with database.reading() as store:
        assert await store.people.person(404) is None
        assert await store.people.by_number("404") is None


async def test_recognise_makes_accounts_once(database: Database) -> None:
    places = [("telegram", "7"), ("webchat", "7"), ("telegram", "8")]
    async with database.transaction() as store:
        first = await store.people.recognise(places)
    assert list(first) == places
    assert all(person is None and account.person_id is None for account, person in first.values())
    assert {(account.channel, account.address) for account, _ in first.values()} == set(places)
    async with database.transaction() as store:
        assert await store.people.recognise([*places, places[0]]) == first
        assert len(await store.people.all_accounts()) == 3
        assert await store.people.recognise([]) == {}


async def test_recognise_knows_whose_account_it_is(database: Database) -> None:
    async with database.transaction() as store:
        person, other = await people(store, "1", "2")
        await bound(store, person, "7")
        await bound(store, person, "8")
        await bound(store, other, "9", "webchat")
    async with database.transaction() as store:
        known = await store.people.recognise([("telegram", "7"), ("telegram", "8"), ("webchat", "9"), ("webchat", "7")])
        assert [owner for _, owner in known.values()] == [person, person, other, None]


async def test_finding_an_account_makes_none(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        await bound(store, person, "7")
        stranger, _ = (await store.people.recognise([("telegram", "8")]))["telegram", "8"]
    async with database.reading() as store:
        account, owner = await store.people.find("telegram", "7") or (None, None)
        assert owner == person
        assert account is not None
        assert (account.address, account.person_id) == ("7", person.id)
        assert await store.people.find("telegram", "8") == (stranger, None)
        assert await store.people.find("telegram", "9") is None


async def test_binding_and_unbinding_show_at_once(database: Database) -> None:
    place = ("telegram", "7")
    async with database.transaction() as store:
        [person] = await people(store, "1")
        account, _ = (await store.people.recognise([place]))[place]
        await store.people.bind(account.id, person.id)
        await store.people.set_language(account.id, "en")
        await store.people.set_flow(account.id, "answer:1")
        now, owner = (await store.people.recognise([place]))[place]
        assert owner == person
        assert now == replace(account, person_id=person.id, language="en", flow="answer:1")
        await store.people.unbind(account.id)
        now, owner = (await store.people.recognise([place]))[place]
        assert (now, owner) == (replace(account, language="en"), None)
    async with database.reading() as store:
        assert await store.people.all_accounts() == [replace(account, language="en")]


async def test_unbinding_an_account_not_recognised_clears_its_flow(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        account = await bound(store, person, "7")
        await store.people.set_flow(account, "answer:1")
    async with database.transaction() as store:
        await store.people.set_flow(account, "answer:2")
        await store.people.unbind(account)
    async with database.reading() as store:
        [left] = await store.people.all_accounts()
        assert (left.flow, left.person_id) == ("", None)


async def test_flows_are_seen_before_they_are_written(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        account = await bound(store, person, "7")
    async with database.transaction() as store:
        await store.people.set_flow(account, "answer:1")
        assert [a.flow for a in (await store.people.accounts_of([person.id]))[person.id]] == ["answer:1"]
        await store.people.set_flow(account, "answer:2")
        assert (await store.people.recognise([("telegram", "7")]))["telegram", "7"][0].flow == "answer:2"
        await store.people.set_flow(account, "answer:2")
        await store.people.set_flow(account, "answer:3")
        assert [a.flow for a in await store.people.all_accounts()] == ["answer:3"]
        await store.people.set_flow(account, "answer:4")
    async with database.reading() as store:
        assert [a.flow for a in await store.people.all_accounts()] == ["answer:4"]


async def test_gone_accounts_are_not_reached_until_they_speak_again(database: Database) -> None:
    async with database.transaction() as store:
        person, silent = await people(store, "1", "2")
        await bound(store, person, "7")
        await bound(store, person, "8")
        await store.people.mark_gone("telegram", "7")
        assert (await store.people.recognise([("telegram", "7")]))["telegram", "7"][0].gone
        await store.people.mark_gone("telegram", "never seen")
        reachable = await store.people.accounts_of([person.id, silent.id])
        assert {id: [a.address for a in accounts] for id, accounts in reachable.items()} == {person.id: ["8"]}
    async with database.transaction() as store:
        back, _ = (await store.people.recognise([("telegram", "7")]))["telegram", "7"]
        assert not back.gone
        assert [a.address for a in (await store.people.accounts_of([person.id]))[person.id]] == ["7", "8"]


async def test_new_codes_take_the_place_of_unused_ones(database: Database) -> None:
    until = NOW + timedelta(days=14)
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        await store.people.put_codes([Code(b"a", first.id, until), Code(b"b", second.id, until)])
        await store.people.use_code(b"a")
        assert await store.people.code(b"a") == Code(b"a", first.id, until, used=True)
        await store.people.put_codes([Code(b"c", first.id, until), Code(b"d", second.id, until)])
        await store.people.put_codes([])
        assert await store.people.code(b"a") is not None
        assert await store.people.code(b"b") is None
        assert await store.people.code(b"c") == Code(b"c", first.id, until)
