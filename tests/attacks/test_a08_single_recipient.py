"""A8, the single recipient.

The attacker is somebody of the HR office, or two of them: one draws up, the other approves whatever it is. They want a
round that is called anonymous and asks so few people that the answers are known to be somebody's: a tiny unit, one
person among nine who cannot answer, a list by hand, a filter that leaves only the one; or they open an honest round and
change afterwards whom it asks, until when, or what is shown. They may use the office's own doors, REST, the command
line and an officer's chat.

What must hold: each is refused with a sentence that says why, all reasons at once, at the approval and again at the
opening; no key is made; and once a round is open nothing about it changes.
"""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import app
from bot.__main__ import main
from bot.server import Server, build
from bot.web.api import Api
from handlers import doors
from handlers.people import office_groups
from handlers.refusals import BadInput, Refusal
from handlers.surveys import clock_roll
from handlers.surveys.rules.officers import packed
from handlers.surveys.rules.secrecy import Terms
from storage.database import Database
from storage.records import (
    LEFT,
    ApiToken,
    Attribute,
    Disposition,
    Level,
    Person,
    PostClass,
    Role,
    RosterLine,
    Round,
    RoundState,
    Standing,
)
from tests.attacks.world import APPROVED_BY, LONG_AGO, World, furnished
from tests.handlers.surveys.paper import WORDS

doors.find()
LARGE = (10, 10, 10, 10)


async def reasons(world: World, **plan: object) -> str:
    """Why it cannot be: all that is said at planning or at the approval, and again at the opening, should somebody have
    got past the approval. Nothing is left behind."""
    try:
        drafted = await world.drafted(**plan)
    except Refusal as no:
        return _told(no)
    with pytest.raises(BadInput) as no_approval:
        await world.approved(drafted)
    forged = replace(drafted, state=RoundState.PLANNED, approved=world.now, approved_by=APPROVED_BY)
    async with world.database.transaction() as store:
        await store.surveys.save_round(forged)
    with pytest.raises(BadInput) as no_opening:
        await world.sent(forged)
    assert _told(no_approval.value) == _told(no_opening.value)
    assert "can only be a named round" in _told(no_opening.value)
    async with world.database.reading() as store:
        assert await store.surveys.round(drafted.id) == forged
        assert await store.surveys.roll(drafted.id) == []
    assert not world.database.vault.has_tag_key(drafted.id)
    return _told(no_opening.value)


def _told(no: Refusal) -> str:
    return "\n".join(WORDS.word(text, "en") for text in (no.text, *no.problems))


def somebody(number: str, unit: str, **more: object) -> RosterLine:
    """One more on the roster."""
    return replace(RosterLine(number, f"名{number}", unit, PostClass.GENERAL, Level.STAFF), **more)  # type: ignore[arg-type]


# Too few --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4, 9])
async def test_an_audience_of_one_four_or_nine(database: Database, size: int) -> None:
    world = await furnished(database, (*LARGE, size))
    told = await reasons(world, units=("5",))
    assert "10 are needed" in told
    assert ("Of the unit “第5科”" in told) == (size < 5)


async def test_ten_are_enough_and_nine_and_a_person_who_left_are_not(database: Database) -> None:
    world = await furnished(database, (*LARGE, 10))
    async with database.transaction() as store:
        await store.people.mark_left(["5009"])
    assert "It asks 9 people who count" in await reasons(world, units=("5",))
    async with database.transaction() as store:
        await store.people.put_people([somebody("5009", "5")], LONG_AGO)
    assert (await world.anonymous(units=("5",))).state is RoundState.OPEN


async def test_nine_dummies_and_the_one_who_is_meant(database: Database) -> None:
    """Nine names that cannot answer: just put on the roster, or there for long and without an account, or with one
    that the platform says is gone."""
    world = await furnished(database, (*LARGE, 1, 1, 1))
    async with database.transaction() as store:
        for unit, listed in (("5", world.now.date() - timedelta(days=6)), ("6", LONG_AGO), ("7", LONG_AGO)):
            numbers = [f"{unit}9{n}" for n in range(9)]
            await store.people.put_people([somebody(number, unit) for number in numbers], listed)
            if unit == "6":
                continue
            found = await store.people.by_numbers(numbers)
            accounts = await store.people.recognise([("telegram", number) for number in numbers])
            for number in numbers:
                await store.people.bind(accounts["telegram", number][0].id, found[number].id)
                if unit == "7":
                    await store.people.mark_gone("telegram", number)
    for unit in "567":
        told = await reasons(world, units=(unit,))
        assert "It asks 1 person who counts" in told, unit


async def test_a_small_unit_hides_behind_no_large_one(database: Database) -> None:
    world = await furnished(database, (*LARGE, 4))
    assert "Of the unit “第5科” 4 count" in await reasons(world, units=("1", "2", "5"))
    assert (await world.anonymous()).state is RoundState.OPEN  # the whole organ: no unit of it is named


# Picked by hand -------------------------------------------------------------------------------------------


async def test_a_list_by_hand(database: Database) -> None:
    world = await furnished(database)
    numbers = tuple(one.number for one in world.people[:20])
    await world.order(office_groups.put_group, office_groups.PutGroup("名单", numbers))
    assert "no people one by one" in await reasons(world, people=numbers)
    assert "no people one by one" in await reasons(world, units=("1",), people=("2000",))
    assert "no people one by one" in await reasons(world, groups=("名单",))
    assert "nobody is excused one by one" in await reasons(world, exempt={"1000": "出差"})


async def test_a_filter_is_a_list_in_disguise(database: Database) -> None:
    """Leaving out the four heads of the units would tell, beside another round, what they think."""
    world = await furnished(database)
    assert "Leaving out leading would leave out 4" in await reasons(world, levels=("staff",))
    assert "It asks 4 people who count" in await reasons(world, levels=("leading",))
    assert (await world.anonymous(post_classes=("service",))).state is RoundState.OPEN  # leaves out twenty


async def test_a_standing_is_a_list_in_disguise_too(database: Database) -> None:
    world = await furnished(database)
    async with database.transaction() as store:
        await store.people.put_people([somebody("1001", "1", standing=Standing.LONG_LEAVE)], LONG_AGO)
    assert "Leaving out long_leave would leave out 1" in await reasons(world, excuse=("long_leave",))


async def test_by_what_nobody_can_be_told_apart(database: Database) -> None:
    """All but four are staff: the results by level would be the four's."""
    world = await furnished(database)
    terms = Terms(breakdowns=(Attribute.LEVEL,))
    assert "cannot be told apart by level" in await reasons(world, secrecy=terms)


async def test_everything_is_said_at_once(database: Database) -> None:
    world = await furnished(database, (*LARGE, 4), tabulators=1)
    told = await reasons(world, units=("5",))
    for part in ("10 are needed", "Of the unit", "Two people from different units"):
        assert part in told


# Terms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"closes": None}, "give a closing time"),
        ({"secrecy": Terms(threshold=4)}, "threshold must be 5"),
        ({"secrecy": Terms(tabulators=0)}, "One or two tabulators"),
        ({"voluntary": True}, "voluntary by itself"),
        ({"letter": "{name}同志："}, "the same for everybody"),
        ({"secrecy": Terms(pairs=(("trust", "nothing"),))}, "nothing"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_terms_that_are_none(database: Database, plan: dict[str, object], why: str) -> None:
    assert why in await reasons(await furnished(database), **plan)


async def test_a_tabulator_alone_of_one_unit_or_long_untested(database: Database) -> None:
    world = await furnished(database)
    async with database.transaction() as store:
        first, second = await store.tabulators.all()
        await store.tabulators.save(replace(second, tested=world.now.date() - timedelta(days=31)))
    told = await reasons(world)
    assert "huiyin staff add NUMBER --role tabulator" in told
    assert "has not unlocked the key within 30 days" in told
    async with database.transaction() as store:
        await store.tabulators.remove(second.person_id)
        await store.tabulators.save(replace(first, person_id=first.person_id + 1))
    assert "different units" in await reasons(world)
    assert (await world.anonymous(secrecy=Terms(tabulators=1))).state is RoundState.OPEN


async def test_whoever_drew_it_up_approves_nothing(database: Database) -> None:
    world = await furnished(database)
    draft = await world.drafted()
    assert draft.state is RoundState.DRAFT
    with pytest.raises(Refusal) as no:
        await world.sent(draft)
    assert "second person" in _told(no.value)
    door = doors.offices()["approve_round"]
    with pytest.raises(Refusal) as no:
        await world.order(door.door, door.order(draft.id))
    assert "yourself" in _told(no.value)


async def test_what_was_approved_is_looked_at_again_when_it_opens(database: Database) -> None:
    """Approved as an honest round of ten; before it opens nine of them are taken off the roster."""
    world = await furnished(database, (*LARGE, 10))
    approved = await world.approved(await world.drafted(units=("5",)))
    async with database.transaction() as store:
        await store.people.mark_left([f"50{n:02}" for n in range(1, 10)])
    with pytest.raises(BadInput) as no:
        await world.sent(approved)
    assert "It asks 1 person who counts" in _told(no.value)


# After the opening ----------------------------------------------------------------------------------------

EDITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("change_round", {"name": "x"}),
    ("change_round", {"secrecy": {"threshold": 5}}),
    ("change_round", {"closes": "2099-01-01T00:00:00+08:00"}),
    ("extend_round", {"closes": "2099-01-01T00:00:00+08:00"}),
    ("excuse_people", {"people": ["1001"], "reason": "出差"}),
    ("readmit_people", {"people": ["1001"]}),
    ("add_people", {"people": ["1999"]}),
    ("add_people", {"joiners": True}),
    ("enter_paper", {"person": "1001", "answers": {"trust": "5"}}),
    ("enter_paper", {"person": "1001"}),
    ("open_round", {}),
    ("approve_round", {}),
)
COMMANDS = (
    ("change", "--name", "x"),
    ("change", "--threshold", "5"),
    ("extend", "2099-01-01T00:00"),
    ("excuse", "1001", "--reason", "出差"),
    ("readmit", "1001"),
    ("add", "1999"),
    ("paper", "1001"),
    ("open",),
    ("approve",),
)


async def opened(database: Database) -> tuple[World, Round, object]:
    """An honest round, open, to be changed by the attacker; and all that must stay as it is. One more has joined."""
    world = await furnished(database, now=app.now())
    async with database.transaction() as store:
        await store.people.put_people([somebody("1999", "1", roles=frozenset({Role.HR}))], LONG_AGO)
    world.people = (*world.people, await world.person("1999"))
    round = await world.anonymous(units=("1", "2"))
    async with database.transaction() as store:
        await store.people.put_people([somebody("1998", "1")], LONG_AGO)
    return world, round, await state(database, round)


async def state(database: Database, round: Round) -> object:
    """What must stay as it is."""
    async with database.reading() as store:
        return (
            await store.surveys.round(round.id),
            await store.surveys.roll(round.id),
            await store.broadcasts.of(round.id),
        )


async def test_edits_after_opening_by_the_offices_doors_and_rest(database: Database) -> None:
    world, round, before = await opened(database)
    for name, fields in EDITS:
        with pytest.raises(Refusal):
            await app.give_order(database, world.clerk("另一人"), name, {"round_id": round.id, **fields})
    async with database.transaction() as store:
        token = ApiToken(
            hashlib.sha256(b"token").digest(), "hr", frozenset({"rounds:write"}), world.now + timedelta(days=1)
        )
        await store.access.put_token(token)

    async def ready() -> str:
        return ""

    api = Api(database, WORDS, lambda: world.now, bytes, lambda: None, "1")
    server = Server(build(api.routes(), ready), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer token"}) as session:
        for name, fields in EDITS:
            path = doors.offices()[name].path.format(round_id=round.id)
            async with session.post(f"http://127.0.0.1:{server.port}/api/v1{path}", json=fields) as answer:
                assert answer.status in (403, 409, 422), (name, answer.status)
                assert (await answer.json())["title"]
    await server.stop()
    assert await state(database, round) == before


async def test_edits_after_opening_by_command(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    _, round, before = await opened(database)
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database_url)
    monkeypatch.setenv("HUIYIN_LOCALE", "en")
    for verb, *rest in COMMANDS:
        code = await asyncio.to_thread(main, ["round", verb, str(round.id), *rest])
        assert code == 1, verb
        assert len(capsys.readouterr().err) > 20
    assert await state(database, round) == before


async def test_edits_after_opening_in_an_officers_chat(database: Database) -> None:
    world, round, before = await opened(database)
    officer = await world.player("1999", channel="telegram", language="en")
    later = packed(world.now + timedelta(days=30))
    for data in (f"re:{round.id}", f"ret:{round.id}:{later}", f"rey:{round.id}:{later}", f"roy:{round.id}:20"):
        await officer.tap(data)
        assert "anonymous" in officer.text() or "opened already" in officer.text(), officer.text()
    for data in (f"dn:{round.id}", f"dy:{round.id}"):
        await (await world.player("1001", channel="telegram", language="en")).tap(data)
    assert await state(database, round) == before


async def test_the_roster_changes_and_the_roll_does_not(database: Database) -> None:
    """Whoever leaves stays on the roll until the end, whoever is new does not come onto it."""
    world, round, before = await opened(database)
    async with database.transaction() as store:
        await store.people.mark_left(["1003"])
    await world.tick(clock_roll.follow_roster)
    assert await state(database, round) == before


async def test_at_the_close_nobody_is_called_unanswered(database: Database) -> None:
    world, round, _ = await opened(database)
    gone: Person = await world.person("1003")
    async with database.transaction() as store:
        await store.people.mark_left([gone.number])
    door = doors.offices()["close_round"]
    await world.order(door.door, door.order(round.id))
    async with database.reading() as store:
        roll = await store.surveys.roll(round.id)
    last = {line.person_id: (line.disposition, line.reason) for line in roll}
    assert last.pop(gone.id) == (Disposition.EXCUSED, LEFT)
    assert set(last.values()) <= {(Disposition.INVITED, ""), (Disposition.UNREACHABLE, "")}
