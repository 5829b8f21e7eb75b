"""Questionnaires, rounds, rolls and sheets."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from storage.database import Database
from storage.records import Audience, Disposition, Exemption, Invitation, Person, PostClass, Round, RoundState, Sheet
from tests.storage.organ import NOW, people, round_of

FORM = {"name": "self", "items": [{"z": 1, "a": ["喜", "😀", "\u0000", None, 1.5]}]}


def invited(round: Round, person: Person, disposition: Disposition = Disposition.INVITED) -> Invitation:
    return Invitation(round.id, person.id, person.unit_id, person.post_class, disposition)


async def test_a_questionnaire_gets_a_new_version_only_when_it_changed(database: Database) -> None:
    async with database.transaction() as store:
        first = await store.surveys.put_questionnaire("self", {"zh_CN": "自评"}, FORM, "d1")
        assert await store.surveys.put_questionnaire("self", {"zh_CN": "自评"}, FORM, "d1") == first
        second = await store.surveys.put_questionnaire("self", {"zh_CN": "自评"}, {}, "d2")
        other = await store.surveys.put_questionnaire("other", {}, FORM, "d1")
    assert [q.version for q in (first, second, other)] == [1, 2, 1]
    async with database.reading() as store:
        kept = await store.surveys.questionnaire(first.id)
        assert kept == first
        assert kept.form == FORM
        assert list(kept.form["items"][0]) == ["z", "a"]


async def test_a_questionnaire_is_fetched_once_for_the_process(database: Database) -> None:
    async with database.transaction() as store:
        first = await store.surveys.put_questionnaire("self", {}, FORM, "d1")
    async with database.reading() as store:
        fetched = await store.surveys.questionnaire(first.id)
    async with database.reading() as store:
        assert await store.surveys.questionnaire(first.id) is fetched
        with pytest.raises(LookupError):
            await store.surveys.questionnaire(404)


async def test_a_questionnaire_rolled_back_is_not_remembered(database: Database) -> None:
    with suppress(ZeroDivisionError):
        async with database.transaction() as store:
            lost = await store.surveys.put_questionnaire("lost", {}, {}, "d1")
            assert await store.surveys.questionnaire(lost.id) == lost
            raise ZeroDivisionError
    async with database.reading() as store:
        with pytest.raises(LookupError):
            await store.surveys.questionnaire(lost.id)


async def test_rounds_are_kept_whole(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    async with database.transaction() as store:
        unit = await store.people.put_unit("01", "one", None)
        form = await store.surveys.put_questionnaire("self", {}, FORM, "d1")
        opens = NOW.astimezone(shanghai)
        asked = Audience((unit.id,), post_classes=(PostClass.GRID,), exempt=(Exemption(7, "on leave"),))
        new = Round(0, "Q3", form.id, RoundState.PLANNED, asked, True, opens, created=NOW, created_by="hr")
        round = await store.surveys.put_round(replace(new, voluntary=True, letter="Dear {name}", period="2026Q3"))
        later = await store.surveys.put_round(Round(0, "Q4", form.id, RoundState.PLANNED))
        changed = replace(round, name="Q3a", state=RoundState.CLOSED, audience=Audience(), opens=None, closes=NOW)
        await store.surveys.save_round(changed)
    assert round == replace(new, id=round.id, voluntary=True, letter="Dear {name}", period="2026Q3")
    assert str(round.opens) == "2026-11-21 08:30:00+00:00"
    async with database.reading() as store:
        assert await store.surveys.rounds() == [later, changed]
        assert await store.surveys.round(round.id) == changed
        assert await store.surveys.round(404) is None


async def test_times_without_a_zone_are_refused(database: Database) -> None:
    async with database.transaction() as store:
        round = await round_of(store)
        with pytest.raises(Exception, match="without a zone"):
            await store.surveys.save_round(replace(round, opens=NOW.replace(tzinfo=None)))


async def test_the_roll_is_written_once(database: Database) -> None:
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        round = await round_of(store, second)
        await store.surveys.set_disposition(round.id, second.id, Disposition.STARTED)
        await store.surveys.put_roll([invited(round, first, Disposition.UNREACHABLE), invited(round, second)])
        await store.surveys.put_roll([])
    async with database.reading() as store:
        assert await store.surveys.roll(round.id) == [
            invited(round, first, Disposition.UNREACHABLE),
            invited(round, second, Disposition.STARTED),
        ]
        assert await store.surveys.invitation(round.id, second.id) == invited(round, second, Disposition.STARTED)
        assert await store.surveys.invitation(round.id, 404) is None
        counts = {Disposition.UNREACHABLE: 1, Disposition.STARTED: 1}
        assert await store.surveys.progress(round.id) == dict.fromkeys(Disposition, 0) | counts


@pytest.mark.parametrize("preloaded", [True, False])
async def test_a_person_sees_open_and_paused_rounds_oldest_first(database: Database, preloaded: bool) -> None:
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        opened = await round_of(store, first, name="open")
        await round_of(store, first, name="planned", state=RoundState.PLANNED)
        await round_of(store, first, name="closed", state=RoundState.CLOSED)
        paused = await round_of(store, first, name="paused", state=RoundState.PAUSED)
        await store.surveys.save_sheet(Sheet(paused.id, first.id, {"seq": 1}))
    async with database.reading() as store:
        if preloaded:
            await store.preload([first.id, second.id, 404])
            await store.preload([first.id])
        assert await store.surveys.invitations(first.id) == [
            (opened, invited(opened, first)),
            (paused, invited(paused, first)),
        ]
        assert await store.surveys.invitations(second.id) == []
        assert await store.surveys.round(paused.id) == paused
        assert await store.surveys.sheet(paused.id, first.id) == Sheet(paused.id, first.id, {"seq": 1})
        assert await store.surveys.sheet(opened.id, first.id) is None


async def test_preloading_where_no_round_is_open(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        await store.preload([person.id])
        assert await store.surveys.invitations(person.id) == []
        opened = await round_of(store, person)
        assert await store.surveys.invitations(person.id) == [(opened, invited(opened, person))]


async def test_a_preloaded_store_answers_from_memory(database: Database) -> None:
    async with database.transaction() as store:
        [person] = await people(store, "1")
        round = await round_of(store, person)
    async with database.reading() as reader:
        await reader.preload([person.id])
        async with database.transaction() as store:
            await store.surveys.set_disposition(round.id, person.id, Disposition.HANDED_IN)
            await store.surveys.save_sheet(Sheet(round.id, person.id, {}))
            await store.surveys.save_round(replace(round, state=RoundState.CLOSED))
        assert await reader.surveys.invitations(person.id) == [(round, invited(round, person))]
        assert await reader.surveys.invitation(round.id, person.id) == invited(round, person)
        assert await reader.surveys.sheet(round.id, person.id) is None


@pytest.mark.parametrize("preloaded", [True, False])
async def test_what_is_held_back_is_seen_and_then_written(database: Database, preloaded: bool) -> None:
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        round = await round_of(store, first, second)
    async with database.transaction() as store:
        if preloaded:
            await store.preload([first.id])
        started = Sheet(round.id, first.id, {"seq": 1, "answers": {"/data/a": "很好"}})
        await store.surveys.save_sheet(started)
        await store.surveys.set_disposition(round.id, first.id, Disposition.STARTED)
        assert await store.surveys.sheet(round.id, first.id) == started
        assert await store.surveys.invitation(round.id, first.id) == invited(round, first, Disposition.STARTED)
        assert await store.surveys.invitations(first.id) == [(round, invited(round, first, Disposition.STARTED))]
        assert await store.surveys.sheets(round.id) == [started]
        done = replace(started, state={"seq": 2}, handed_in=NOW, receipt="R-1")
        await store.surveys.save_sheet(done)
        await store.surveys.set_disposition(round.id, first.id, Disposition.HANDED_IN)
        await store.surveys.set_disposition(round.id, first.id, Disposition.HANDED_IN)
        await store.surveys.save_sheet(Sheet(round.id, second.id, {"seq": 1}))
        assert (await store.surveys.progress(round.id))[Disposition.HANDED_IN] == 1
    async with database.reading() as store:
        assert await store.surveys.sheets(round.id) == [done, Sheet(round.id, second.id, {"seq": 1})]
        assert await store.surveys.roll(round.id) == [
            invited(round, first, Disposition.HANDED_IN),
            invited(round, second),
        ]


async def test_sheets_of_closed_rounds_are_found_too(database: Database) -> None:
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        round = await round_of(store, first, second, state=RoundState.CLOSED)
        await store.surveys.save_sheet(Sheet(round.id, first.id, {"seq": 1}, NOW, "R-1"))
    async with database.reading() as store:
        await store.preload([first.id, second.id])
        assert await store.surveys.sheet(round.id, first.id) == Sheet(round.id, first.id, {"seq": 1}, NOW, "R-1")
        assert await store.surveys.sheet(round.id, second.id) is None
        assert await store.surveys.invitation(round.id, first.id) == invited(round, first)


async def test_preloading_more_people_keeps_what_is_held_back(database: Database) -> None:
    async with database.transaction() as store:
        first, second = await people(store, "1", "2")
        round = await round_of(store, first, second)
    async with database.transaction() as store:
        await store.surveys.save_sheet(Sheet(round.id, second.id, {"seq": 5}))
        await store.surveys.set_disposition(round.id, second.id, Disposition.STARTED)
        await store.preload([first.id, second.id])
        assert await store.surveys.sheet(round.id, second.id) == Sheet(round.id, second.id, {"seq": 5})
        assert await store.surveys.invitation(round.id, second.id) == invited(round, second, Disposition.STARTED)
