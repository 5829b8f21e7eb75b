"""The end of an anonymous round: what is destroyed and when, who may open, what is refused, what people are told."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound, Refusal, TooLate
from handlers.surveys import clock, clock_count, office, office_changes, office_staff
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules.counting import asked, seats
from handlers.surveys.rules.secrecy import Terms
from handlers.talk import Message, unpack
from storage.database import Database
from storage.records import CountStage, Disposition, RoundState
from storage.tables import LetterRow
from tests.handlers.surveys.urn import (
    FIRST,
    OFFICER,
    SECOND,
    STAFF,
    THIRD,
    WORDS,
    Urn,
    approve,
    enrol,
    opened,
    organ_with_tabulators,
    urn_on,
    weak,
)


@pytest.fixture(autouse=True)
def _weak(monkeypatch: pytest.MonkeyPatch) -> None:
    weak(monkeypatch)


async def everybody_votes(urn: Urn, staff: Sequence[str] = STAFF) -> None:
    for number in staff:
        assert await urn.vote(number, fair=str(1 + int(number) % 5), open=str(1 + int(number) // 7 % 5))


async def said(urn: Urn) -> list[str]:
    """What has been broadcast of the round last."""
    async with urn.database.reading() as store:
        found = [unpack(one.body) for one in await store.broadcasts.of(urn.round.id)]
    return [str(one.parts[0].message) for one in found[-1:] if isinstance(one, Message)]  # type: ignore[union-attr]


async def letters(urn: Urn, number: str) -> list[str]:
    """What the outbox holds for somebody, besides broadcasts."""
    async with urn.database.reading() as store:
        rows = await store._connection.execute(select(LetterRow.body, LetterRow.address, LetterRow.broadcast_id))
        return [str(row.body) for row in rows if row.address == f"at-{number}" and row.broadcast_id is None]


async def test_a_round_to_its_end(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    assert urn.files() == {"box", "spare", "tag"}
    await urn.close()
    count = await urn.count()
    assert count.stage is CountStage.UNTAGGED
    assert count.untagged
    assert urn.files() == {"box"}
    assert await urn.unlock(FIRST) is None
    assert urn.files() == {"box", "half"}
    assert await urn.stage() is CountStage.UNTAGGED
    ended = await urn.unlock(SECOND)
    assert ended
    assert ended.stage is CountStage.RELEASED
    assert ended.unlocked_by == (f"某{FIRST}", f"某{SECOND}")
    assert ended.link
    assert ended.erased
    assert [one.what for one in ended.events] == [
        *("urn_sealed", "tag_key_destroyed", "first_half", "unlocked", "released"),
        *("box_key_destroyed", "ballots_erased"),
    ]
    assert urn.files() == set()
    assert await urn.ballots() == []
    assert urn.told[-1] == 100
    async with database.reading() as store:
        assert await store.counts.released(urn.round.id)
    assert await said(urn) == [
        "The results of “{round}” are here. Everybody sees the same: you, your leaders, the HR office."
    ]


async def test_the_roll_tells_nothing_of_who_answered(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn, STAFF[:12])
    async with database.reading() as store:
        before = {one.person_id: one.disposition for one in await store.surveys.roll(urn.round.id)}
    async with database.transaction() as store:
        await store.people.mark_left([STAFF[-1]])
    await urn.close()
    async with database.reading() as store:
        after = {one.person_id: one.disposition for one in await store.surveys.roll(urn.round.id)}
    left = urn.person[STAFF[-1]]
    assert after == {**before, left: Disposition.EXCUSED}


async def test_whoever_left_meanwhile_was_asked_all_the_same(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    async with database.transaction() as store:
        await store.people.mark_left([STAFF[-1]])
    await urn.close()
    async with database.reading() as store:
        lines = await store.surveys.roll(urn.round.id)
    assert asked([seats(urn.round, lines)]) == {((),): len(STAFF)}


async def test_people_of_two_rounds_are_told_apart_by_both(database: Database) -> None:
    urn = await urn_on(database)
    async with database.reading() as store:
        lines = await store.surveys.roll(urn.round.id)
    assert asked([seats(urn.round, lines[:10]), seats(urn.round, lines[4:])]) == {
        ((), ()): 6,
        ((), None): 4,
        (None, ()): len(STAFF) - 10,
    }


async def test_too_few_ballots_are_destroyed_unshown(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn, STAFF[:3])
    await urn.close()
    await urn.unlock(SECOND)
    ended = await urn.unlock(FIRST)
    assert ended
    assert ended.stage is CountStage.WITHHELD
    assert ended.erased
    assert await urn.ballots() == []
    async with database.reading() as store:
        assert not [one for one in await store.counts.released(urn.round.id) if one.figures and "shares" in one.figures]
    assert await said(urn) == ["Too few took part in “{round}” for anything to be shown without giving somebody away."]


async def test_nobody_answered_at_all(database: Database) -> None:
    urn = await urn_on(database)
    await urn.close()
    await urn.unlock(FIRST)
    ended = await urn.unlock(SECOND)
    assert ended
    assert ended.stage is CountStage.WITHHELD


async def test_one_tabulator_may_do_in_a_small_organ(database: Database) -> None:
    urn = await urn_on(database, FIRST, secrecy=Terms(tabulators=1))
    await everybody_votes(urn)
    await urn.close()
    ended = await urn.unlock(FIRST)
    assert ended
    assert ended.stage is CountStage.RELEASED
    assert ended.unlocked_by == (f"某{FIRST}",)


async def test_the_clock_closes_and_goes_on(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    urn.organ.now += timedelta(days=3)
    await urn.organ.tick(clock.close_due, clock_count.finish_count)
    assert await urn.stage() is CountStage.UNTAGGED
    await urn.tick()
    assert await urn.stage() is CountStage.UNTAGGED


async def test_who_is_needed_is_told(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.close()
    for number in (FIRST, SECOND, THIRD):
        assert ["your key is needed" in one for one in await letters(urn, number)] == [True]
    assert ["wait until two of these" in one for one in await letters(urn, OFFICER)] == [True]
    assert await letters(urn, "106") == []
    await urn.unlock(SECOND)
    assert ["Now your key is needed" in one for one in await letters(urn, FIRST)] == [False, True]
    assert len(await letters(urn, THIRD)) == 1


# What is refused ------------------------------------------------------------------------------------------


async def refused(urn: Urn, number: str, kind: type[Refusal], *words: str) -> None:
    with pytest.raises(kind) as no:
        await urn.unlock(number)
    assert all(one in no.value.text.message for one in words)


async def test_nothing_is_opened_before_the_closing(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await refused(urn, FIRST, NotAllowed, "only when nobody can answer any more")
    assert urn.files() == {"box", "spare", "tag"}
    await urn.organ.order(office.pause_round, OneRound(urn.round.id))
    await refused(urn, FIRST, NotAllowed, "only when nobody can answer any more")


async def test_unlocking_itself_sees_to_it_that_the_tag_key_is_gone(database: Database) -> None:
    """Where no clock ticks, as with the command line alone."""
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.organ.order(office.close_round, OneRound(urn.round.id))
    assert urn.files() == {"box", "spare", "tag"}
    await urn.unlock(FIRST)
    assert urn.files() == {"box", "half"}


async def test_a_tabulator_alone_opens_nothing(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.close()
    for _ in range(3):
        assert await urn.unlock(FIRST) is None
    assert await urn.stage() is CountStage.UNTAGGED
    assert len(await letters(urn, SECOND)) == 2
    assert [one.what for one in (await urn.count()).events].count("first_half") == 1


async def test_two_of_one_unit_open_nothing(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.close()
    await urn.unlock(SECOND)
    await refused(urn, THIRD, NotAllowed, "Your key cannot open this round")
    assert await urn.stage() is CountStage.UNTAGGED
    await urn.unlock(FIRST)
    assert await urn.stage() is CountStage.RELEASED


async def test_who_became_a_tabulator_later_opens_nothing(database: Database) -> None:
    urn = await urn_on(database, FIRST, SECOND)
    await everybody_votes(urn)
    await enrol(urn.organ, THIRD)
    await urn.close()
    await refused(urn, THIRD, NotAllowed, "Your key cannot open this round")


async def test_another_key_of_the_same_person_opens_nothing(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.organ.order(office_staff.remove_tabulator, office_staff.OneTabulator(FIRST))
    await enrol(urn.organ, FIRST)
    await urn.close()
    await refused(urn, FIRST, NotAllowed, "Your key cannot open this round")


async def test_a_wrong_passphrase_opens_nothing(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.close()
    with pytest.raises(NotAllowed):
        await urn.unlock(FIRST, WORDS[SECOND])
    assert urn.files() == {"box"}


async def test_what_is_counted_is_not_counted_again(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.close()
    await urn.unlock(FIRST)
    await urn.unlock(SECOND)
    await refused(urn, FIRST, AlreadyDone)
    with pytest.raises(TooLate):
        await urn.organ.order(office_changes.cancel_round, office_changes.CancelRound(urn.round.id, "late"))


async def test_a_named_round_has_no_ballots(database: Database) -> None:
    urn = await urn_on(database)
    named = await urn.organ.opened(name="实名")
    with pytest.raises(BadInput):
        await urn.ceremony.unlock(named.id, FIRST, WORDS[FIRST])
    with pytest.raises(NotFound):
        await urn.ceremony.unlock(9999, FIRST, WORDS[FIRST])


# Called off, given up, lost -------------------------------------------------------------------------------


async def test_called_off_all_is_destroyed(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.organ.order(office_changes.cancel_round, office_changes.CancelRound(urn.round.id, "a reorganisation"))
    await urn.tick()
    count = await urn.count()
    assert count.stage is CountStage.DISCARDED
    assert count.erased
    assert urn.files() == set()
    assert await urn.ballots() == []
    await refused(urn, FIRST, TooLate, "destroyed unread")


async def test_keys_of_an_opening_that_failed_go_with_the_round(database: Database) -> None:
    organ = await organ_with_tabulators(database, FIRST, SECOND)
    planned = await organ.planned(anonymous=True, closes=organ.now + timedelta(days=3))
    await approve(organ, planned)
    database.vault.open(planned.id, {1: b"\1" * 32, 2: b"\2" * 32}, [(1, 2)])
    async with database.reading() as store:
        await store.ballots.open(planned.id)
    await organ.order(office.close_round, OneRound(planned.id))
    await organ.tick(clock_count.finish_count)
    assert not list(database.vault.directory.iterdir())


async def test_a_lost_key_is_said_plainly_and_the_ballots_can_be_given_up(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    give_up = office_staff.discard_round, OneRound(urn.round.id)
    with pytest.raises(NotAllowed):
        await urn.organ.order(*give_up)
    await urn.close()
    with pytest.raises(NotAllowed) as no:
        await urn.organ.order(*give_up)
    assert "can still be opened" in no.value.text.message
    database.vault.destroy_box_key(urn.round.id)
    await refused(urn, FIRST, NotFound, "cannot be opened any more", "huiyin round discard ID")
    state = await urn.organ.order(office_staff.check_keys, office_staff.CheckKeys())
    assert isinstance(state, office_staff.KeysState)
    assert dict(state.lost) == {urn.round.id: urn.round.name}
    await urn.organ.order(*give_up)
    await urn.tick()
    assert await urn.stage() is CountStage.DISCARDED
    assert await urn.ballots() == []
    assert await said(urn) == ["The answers to “{round}” could not be opened: the key to them is lost."]


async def test_tabulators_who_are_removed_leave_a_round_that_nobody_opens(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    remove = office_staff.remove_tabulator
    removed = await urn.organ.order(remove, office_staff.OneTabulator(SECOND))
    assert isinstance(removed, office_staff.Removed)
    assert (dict(removed.weakened), dict(removed.lost)) == ({urn.round.id: urn.round.name}, {})
    removed = await urn.organ.order(remove, office_staff.OneTabulator(THIRD))
    assert isinstance(removed, office_staff.Removed)
    assert (dict(removed.weakened), dict(removed.lost)) == ({}, {urn.round.id: urn.round.name})
    with pytest.raises(NotFound):
        await urn.organ.order(remove, office_staff.OneTabulator(THIRD))
    await urn.close()
    await urn.organ.order(office_staff.discard_round, OneRound(urn.round.id))


async def test_a_ballot_put_there_past_the_house_spoils_nothing(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    async with database.reading() as store:
        assert await store.ballots.cast(urn.round.id, b"x" * 32, b"y" * 600)
    await urn.close()
    await urn.unlock(FIRST)
    ended = await urn.unlock(SECOND)
    assert ended
    assert ended.stage is CountStage.RELEASED
    assert ended.report["spoilt"] == 1


async def test_keys_of_another_round_in_its_place_are_noticed(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    await urn.close()
    keys = database.vault
    async with database.reading() as store:
        public = {one.person_id: one.key.public for one in await store.tabulators.all() if one.key}
    keys.open(urn.round.id, public, [(urn.person[FIRST], urn.person[SECOND])])
    keys.destroy_tag_key(urn.round.id)
    await urn.unlock(FIRST)
    await refused(urn, SECOND, NotFound, "not this round's")
    assert len(await urn.ballots()) == len(STAFF)


# Sealed keys put by ---------------------------------------------------------------------------------------


async def test_after_a_restart_two_bring_the_answering_back(database: Database) -> None:
    """Where the directory of keys is kept in memory and was put by."""
    urn = await urn_on(database)
    assert await urn.vote(STAFF[0])
    bundle = await urn.ceremony.bundle(urn.round.id)
    for path in database.vault.directory.iterdir():
        path.unlink()
    assert not await urn.vote(STAFF[1])
    with pytest.raises(NotFound):
        await urn.ceremony.recover(urn.round.id, FIRST, WORDS[FIRST])
    await urn.ceremony.restore(bundle)
    assert (await urn.ceremony.recover(urn.round.id, FIRST, WORDS[FIRST])).others == [f"某{SECOND}", f"某{THIRD}"]
    assert not (await urn.ceremony.recover(urn.round.id, THIRD, WORDS[THIRD])).others
    for number in STAFF:
        assert await urn.vote(number)
    assert len(await urn.ballots()) == len(STAFF)
    await urn.close()
    await urn.unlock(FIRST)
    await urn.unlock(SECOND)
    assert await urn.stage() is CountStage.RELEASED


async def test_after_the_closing_the_tag_key_stays_away(database: Database) -> None:
    urn = await urn_on(database)
    await everybody_votes(urn)
    bundle = await urn.ceremony.bundle(urn.round.id)
    await urn.close()
    database.vault.destroy_box_key(urn.round.id)
    await urn.ceremony.restore(bundle)
    assert urn.files() == {"box"}
    with pytest.raises(NotAllowed):
        await urn.ceremony.recover(urn.round.id, FIRST, WORDS[FIRST])
    with pytest.raises(NotAllowed):
        await urn.ceremony.bundle(urn.round.id)
    await urn.unlock(FIRST)
    await urn.unlock(SECOND)
    assert await urn.stage() is CountStage.RELEASED
    with pytest.raises(NotFound):
        await urn.ceremony.restore(bundle)
    assert urn.files() == set()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"round": 1, "box": "?", "spare": 2}', b"\xff"])
async def test_what_is_no_bundle(database: Database, content: bytes) -> None:
    urn = await urn_on(database)
    with pytest.raises(BadInput):
        await urn.ceremony.restore(content)


async def test_what_tabulators_see_of_their_rounds(database: Database) -> None:
    urn = await urn_on(database)
    later = await opened(urn.organ, name="二季度")
    assert later.round.state is RoundState.OPEN
    await urn.close()
    person = await urn.ceremony.test(SECOND, WORDS[SECOND])
    first, second = await urn.ceremony.rounds(person)
    assert (first.round.id, first.is_open, first.others, first.first) == (urn.round.id, False, [f"某{FIRST}"], "")
    assert second.is_open
    await urn.unlock(FIRST)
    first, _ = await urn.ceremony.rounds(person)
    assert (first.first, first.mine) == (f"某{FIRST}", False)
    first, _ = await urn.ceremony.rounds(await urn.ceremony.test(FIRST, WORDS[FIRST]))
    assert first.mine


async def test_two_rounds_of_the_same_people(database: Database) -> None:
    """The second one is counted with what was released of the first one before it."""
    first = await urn_on(database)
    await everybody_votes(first)
    await first.close()
    await first.unlock(FIRST)
    assert await first.unlock(SECOND)
    second = await opened(first.organ, name="二季度")
    await everybody_votes(second)
    await second.close()
    await second.unlock(THIRD)
    ended = await second.unlock(FIRST)
    assert ended
    assert ended.stage is CountStage.RELEASED
    assert ended.report["earlier"] == [first.round.id]
