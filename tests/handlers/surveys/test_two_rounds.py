"""Two rounds at once for one person: one after the other, and he can switch."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.surveys import office
from handlers.surveys.clock import fan_out, invite_waiting
from handlers.surveys.rolls import OneRound
from storage.database import Database
from storage.records import Disposition, Round
from tests.handlers.surveys.player import START, Organ, Player, organ_on


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


async def in_the_middle(organ: Organ) -> tuple[Player, Round]:
    """Somebody who has answered two questions of A."""
    player = await organ.player("001")
    first = await organ.opened(name="A")
    await player.tap(f"ao:{first.id}", "invitation")
    await player.press("很好")
    await player.type("12")
    return player, first


async def disposition(organ: Organ, round: Round, number: str = "001") -> Disposition:
    person = await organ.person(number)
    async with organ.database.reading() as store:
        line = await store.surveys.invitation(round.id, person.id)
    assert line is not None
    return line.disposition


async def ticks(organ: Organ) -> int:
    """The clock: what waits is looked at, then the fan-out; for how many people letters were written."""
    written = 0
    async with organ.database.transaction() as store:
        await invite_waiting(organ.now, store)
    async with organ.database.transaction() as store:
        assert await invite_waiting(organ.now, store) == 0, "the clock would never come to rest"
    while True:
        async with organ.database.transaction() as store:
            count = await fan_out(organ.now, store)
        if not count:
            return written
        written += count


async def letters(organ: Organ) -> int:
    async with organ.database.reading() as store:
        return sum((await store.outbox.waiting()).values())


async def test_a_second_round_waits_until_the_first_is_handed_in(organ: Organ) -> None:
    player, _ = await in_the_middle(organ)
    await organ.player("003")
    sent = await letters(organ)
    second = await organ.opened(name="B", letter="{name}同志：")
    assert await letters(organ) == sent + 1, "the one for 003"
    assert await disposition(organ, second) is Disposition.PLANNED
    assert await disposition(organ, second, "003") is Disposition.INVITED
    assert await ticks(organ) == 0
    for words in ("Done", "Skip", "Skip"):
        await player.press(words)
    reply = await player.press("Hand in")
    assert "handed in" in player.words(reply.messages[0].parts[0])  # type: ignore[union-attr]
    assert player.text().startswith("Next: “B”\nThis is a named questionnaire")
    assert "\n王一同志：\n" in player.text()
    assert [data for _, data in player.buttons()] == [f"ao:{second.id}", f"al:{second.id}"]
    assert await disposition(organ, second) is Disposition.INVITED
    assert await ticks(organ) == 0
    await player.press("Begin")
    assert await disposition(organ, second) is Disposition.STARTED


async def test_leaving_the_first_brings_the_second(organ: Organ) -> None:
    player, first = await in_the_middle(organ)
    second = await organ.opened(name="B")
    reply = await player.command("cancel")
    assert len(reply.messages) == 2
    assert player.text().startswith("Next: “B”")
    assert await disposition(organ, second) is Disposition.INVITED
    reply = await player.tap(f"ao:{first.id}")
    await player.command("cancel")
    assert "You have left “A”" in player.text()


async def test_an_invitation_waits_a_day_at_most(organ: Organ) -> None:
    _, _first = await in_the_middle(organ)
    sent = await letters(organ)
    second = await organ.opened(name="B")
    organ.now = START + timedelta(hours=23, minutes=59)
    assert await ticks(organ) == 0
    organ.now = START + timedelta(hours=24)
    assert await ticks(organ) == 1
    assert await letters(organ) == sent + 1
    assert await disposition(organ, second) is Disposition.INVITED
    assert await ticks(organ) == 0


async def test_whoever_hands_in_on_a_page_is_invited_by_the_clock(organ: Organ) -> None:
    """The flow of the chat account still names A; the sheet says that it is handed in."""
    _, first = await in_the_middle(organ)
    second = await organ.opened(name="B")
    person = await organ.person("001")
    async with organ.database.transaction() as store:
        sheet = await store.surveys.sheet(first.id, person.id)
        assert sheet is not None
        await store.surveys.save_sheet(replace(sheet, handed_in=organ.now))
    assert await ticks(organ) == 1
    assert await disposition(organ, second) is Disposition.INVITED


async def test_a_round_that_is_over_or_paused_holds_nobody_up(organ: Organ) -> None:
    _, first = await in_the_middle(organ)
    second = await organ.opened(name="B")
    await organ.order(office.pause_round, OneRound(first.id))
    assert await ticks(organ) == 1
    assert await disposition(organ, second) is Disposition.INVITED
    await organ.order(office.close_round, OneRound(first.id))
    third = await organ.opened(name="C")
    assert await disposition(organ, third) is Disposition.INVITED


async def test_whoever_awaits_a_picture_is_in_the_middle_too(organ: Organ) -> None:
    player, first = await in_the_middle(organ)
    async with organ.database.transaction() as store:
        account, _ = (await store.people.recognise([("webchat", player.address)]))["webchat", player.address]
        await store.people.set_flow(account.id, f"answer:{first.id}:image")
    second = await organ.opened(name="B")
    assert await disposition(organ, second) is Disposition.PLANNED


async def test_switching_sets_the_first_aside_and_leads_back(organ: Organ) -> None:
    player, first = await in_the_middle(organ)
    await organ.opened(name="B")
    await player.command("my")
    reply = await player.press("Begin “B”")
    aside, _notice, _question = reply.messages
    assert player.words(aside.parts[0]) == "“A” is set aside with your 2 answers, which are kept."  # type: ignore[union-attr]
    assert [button.data for row in aside.buttons for button in row] == [f"ao:{first.id}"]  # type: ignore[union-attr]
    assert "Work done" in player.text()
    await player.press("很好")
    reply = await player.tap(f"ao:{first.id}")
    assert player.words(reply.messages[0].parts[0]).startswith("“B” is set aside with your 1 answer")  # type: ignore[union-attr]
    assert "You are going on with “A”" in player.text()
    assert "What would help" in player.text()


async def test_a_round_that_cannot_be_begun_sets_nothing_aside(organ: Organ) -> None:
    player, _ = await in_the_middle(organ)
    second = await organ.opened(name="B")
    await organ.order(office.pause_round, OneRound(second.id))
    reply = await player.tap(f"ao:{second.id}")
    assert len(reply.messages) == 1
    assert "is paused" in player.text()
