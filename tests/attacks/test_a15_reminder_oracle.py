"""A15: the reminder tells who has answered.

The attacker reads the conversations, the outbox and the broadcasts after the reminders of an anonymous round, and asks
the bot for the copies that people get of what is stored about them. Half of the people have answered, some on the page
and some by tapping; half have not. What must hold: nothing he sees tells the one half from the other. Everybody gets
the same words, in the same order, and everybody's `/my` says the same.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from handlers.forms.moves import Answer
from handlers.forms.walk import begin, step
from handlers.surveys import booth, clock, clock_reminders, tickets
from handlers.surveys.rules.secrecy import Terms
from handlers.surveys.wording import form_of
from storage.database import Database
from storage.records import Disposition, Person, Round
from tests.attacks.world import World, furnished
from tests.fakes.chatting import talk
from tests.handlers.surveys.player import Player
from tests.samples.holidays import year_of


async def answered(world: World, round: Round, people: Sequence[Person]) -> None:
    """These people have handed in."""
    async with world.database.reading() as store:
        form = await form_of(round, store)
        for one in people:
            line = await store.surveys.invitation(round.id, one.id)
            assert line
            ticket = await tickets.of(round, one, line, world.now, store)
            walk = step(form, begin(form, world.now, "").state, Answer("3"), world.now).state
            await booth.cast(round, form, ticket, walk, world.now, store)


def without_who(lines: str, person: Person, accounts: Sequence[str]) -> list[str]:
    """The rows about one person, with what names that person taken out, and ids."""
    mine = [line for line in lines.splitlines() if any(f"'{one}'" in line for one in accounts)]
    return [re.sub(r"\d+", "#", line) for line in mine]


async def test_answered_and_unanswered_cannot_be_told_apart_after_the_reminder(database: Database) -> None:
    world = await furnished(database)
    async with database.transaction() as store:
        await store.calendar.put_days([], year_of(2026))
    round = await world.anonymous(secrecy=Terms(in_chat=True))
    have, have_not = world.people[2:20:2], world.people[3:20:2]
    await answered(world, round, have)
    async with talk(world) as here:
        await here.settled()
        world.now += timedelta(days=10)
        for _ in range(3):
            await world.tick(clock_reminders.remind)
            await world.tick(clock.fan_out)
        here.courier.wake()
        for one in (*have, *have_not):
            await here.at(one).heard(lambda posted: posted.data[-1:] == ["mu:on"])
        await here.settled()
        letters = await here.rows("letters")
        seen = {one.id: without_who(letters, one, [one.number]) for one in (*have, *have_not)}
        assert all(len(rows) == 2 for rows in seen.values())
        assert len({tuple(rows) for rows in seen.values()}) == 1
        async with database.reading() as store:
            lines = {one.id: await store.surveys.invitation(round.id, one.id) for one in (*have, *have_not)}
        assert {line.disposition for line in lines.values() if line} == {Disposition.DELIVERED}
        shown = {
            tuple((posted.text, tuple(posted.data)) for posted in here.at(one).inbox) for one in (*have, *have_not)
        }
        assert len(shown) == 1


async def test_what_waits_for_me_and_my_copy_are_the_same_for_both(database: Database) -> None:
    world = await furnished(database)
    round = await world.anonymous()
    have, have_not = world.people[4], world.people[6]
    await answered(world, round, [have])
    told = []
    for one in (have, have_not):
        player = Player(world, "telegram", one.number, "en")
        await player.command("my")
        told.append((player.text(), player.buttons()))
        await player.tap("pc")
        file = player.message().file
        assert file
        content = file.content.decode()
        told[-1] += (re.sub(one.number + "|" + one.name + r"|\d", "#", content),)
    assert told[0] == told[1]
    assert "anonymous, open until" in told[0][0]
    assert told[0][1] == [("Answer “作风建设问卷”", f"bl:{round.id}")]
    assert "handed_in" not in told[0][2]
