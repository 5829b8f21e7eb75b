"""A19: answering twice.

The attacker is on the roll and wants to count for more than one, or wants another's ballot not to count. He has as
many links as he asks for, two devices, two accounts (Telegram and the web chat), and can send anything again and all
at once. What must hold: one person is one ballot, the last one handed in; nobody else's changes; and the number of
ballots is the number of people who handed in.
"""

import asyncio
from collections import Counter
from typing import Any

from bot.visits import Visit
from storage.database import Database
from storage.records import Ticket
from tests.attacks.world import furnished
from tests.fakes.voting import poll

FAIR, TRUST, WORDS = "/data/lead/fair", "/data/trust", "/data/words"


def given(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers in the ballots."""
    return [ballot["a"] for ballot in box]


async def test_fifty_at_once_with_links_of_their_own_are_one_ballot(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        attacker, other = world.people[4], world.people[5]
        await (await here.voter(other)).vote(fair="5", words="另一个人")
        devices = [await here.voter(attacker) for _ in range(50)]
        for device in devices:
            assert await device.press("begin") == 200

        async def storm(number: int) -> None:
            device = devices[number]
            device.paper.enter("fair", str(number % 5 + 1))
            await device.press("next")
            await device.press("hand-in")

        await asyncio.gather(*(storm(number) for number in range(50)))
        found = given(await here.box())
    assert len(found) == 2
    assert {FAIR: "5", WORDS: "另一个人"} in found
    (mine,) = [one for one in found if WORDS not in one]
    assert set(mine) <= {FAIR}


async def test_fifty_ballots_cast_at_once_are_one(database: Database) -> None:
    """The attacker's programs go past the page, straight to where a ballot is kept."""
    world = await furnished(database)
    async with poll(world) as here, database.reading() as store:
        ticket = database.vault.redeem(here.round.id, await here.ticket(world.people[4]), world.now)
        assert isinstance(ticket, Ticket)
        box = bytes.fromhex(here.round.secrecy.box)
        plain = [f'{{"a":{{"{FAIR}":"{number % 5 + 1}"}},"b":[]}}'.encode() for number in range(50)]
        cast = [store.ballots.cast(here.round.id, ticket.tag, database.vault.seal(box, one)) for one in plain]
        assert all(await asyncio.gather(*cast))
        assert len(await here.box()) == 1


async def test_the_last_of_two_ballots_counts(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        for person in world.people[4:8]:
            await (await here.voter(person)).vote(fair="1", trust="1")
        changed = await here.voter(world.people[4])
        await changed.vote(fair="3")
        await changed.vote(fair="4", words="想好了")
        found = given(await here.box())
    assert Counter(one[FAIR] for one in found) == {"1": 3, "4": 1}
    assert {FAIR: "4", WORDS: "想好了"} in found


async def test_what_is_delivered_again_changes_nothing(database: Database) -> None:
    """The network lost the answers of the page, not what was sent: it sends everything a second time."""
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4])
        for go in ("", "begin"):
            sent = voter.body(go)
            assert [await voter.send(sent), await voter.send(sent)] == [200, 200]
        voter.paper.enter("fair", "2")
        sent = voter.body("next")
        assert [await voter.send(sent), await voter.send(sent)] == [200, 200]
        assert "hand-in" in voter.offers()
        sent = voter.body("hand-in")
        assert [await voter.send(sent) for _ in range(3)] == [200, 200, 200]
        assert "change" in voter.offers()
        assert given(await here.box()) == [{FAIR: "2"}]


async def test_two_devices_fill_in_one_ballot(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        phone, desk = await here.voter(world.people[4]), await here.voter(world.people[4])
        await phone.press("begin")
        await desk.press("begin")
        await phone.answer(fair="2")
        assert await desk.answer(fair="5", trust="1") == 200
        assert "Meanwhile another answer was given elsewhere" in desk.paper.text
        assert (desk.paper.value("fair"), desk.paper.value("trust")) == ("5", "1")
        await desk.press("next")
        await phone.press("hand-in")
        assert given(await here.box()) == [{FAIR: "5", TRUST: "1"}]


async def test_two_accounts_of_one_person_are_one_person(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        person, token = world.people[4], "w" * 43
        await here.account(person, "webchat", Visit(token).address)
        browser = here.browser(Cookie=f"huiyin={token}", **{"Sec-Fetch-Site": "same-origin"})
        async with browser.post(f"/ballot/{here.round.id}/ticket", json={}) as response:
            assert response.status == 200
            second = (await response.json())["ticket"]
        first = await here.voter(person)
        await first.vote(fair="1")
        again = await here.voter(person)
        again.link = second
        await again.press()
        assert "Your ballot is in" in again.paper.text
        await again.vote(fair="5")
        assert given(await here.box()) == [{FAIR: "5"}]
