"""A18: what remains in the chat.

The attacker takes somebody's unlocked phone after an anonymous questionnaire and scrolls through the chat with the bot.
What must hold: no question, no answer and no word the person typed stands there any more. All of it was one message,
edited in place; at the end it says that the ballot is in, and nothing else. Words that were typed are deleted within
five seconds, or as soon as the platform lets us. Where the platform does not let us, the person has been told to
delete them.
"""

import asyncio

from handlers.surveys.rules.secrecy import Terms
from storage.database import Database
from storage.records import Person
from tests.attacks.world import World, furnished
from tests.fakes.chatting import Talk, talk

SECRET = "我们科长收了包工头的红包"
WARNED = "nothing of what you just sent is kept"
SECONDS = 5.0


async def begun(database: Database) -> tuple[World, int, Person]:
    """A round that may be tapped in the chat, and one of those it asks."""
    world = await furnished(database)
    round = await world.anonymous(secrecy=Terms(in_chat=True))
    return world, round.id, world.people[4]


async def walk(here: Talk, round_id: int, who: Person) -> None:
    """Taps through to the review; what wants words is left out."""
    at = here.at(who)
    invitation = await here.invited(who)
    await here.tap(who, f"bo:{round_id}", invitation)
    for choice in (3, 2, 4, 0):
        await here.tap(who, choice)
    await here.tap(who, 1)
    await here.tap(who, next(data for data in at.last.data if data.startswith("bd:")))
    for _ in range(2):
        skip = next(data for data in at.last.data if data.startswith("bs:"))
        await here.tap(who, skip)


async def test_at_the_end_one_message_says_that_the_ballot_is_in_and_nothing_else(database: Database) -> None:
    world, round_id, who = await begun(database)
    async with talk(world) as here:
        at = here.at(who)
        invitation = await here.invited(who)
        before = invitation.text
        await walk(here, round_id, who)
        review = at.last
        assert "领导处事公道" in review.text
        await here.tap(who, next(data for data in review.data if data.startswith("bh:")))
        standing = [posted for posted in at.inbox if posted.id != invitation.id]
        assert [posted.id for posted in standing] == [review.id]
        assert "领导处事公道" not in at.last.text
        assert "同意" not in at.last.text + "".join(at.last.labels)
        assert invitation.text == before
        assert len(await here.box(round_id)) == 1


async def test_words_typed_in_the_middle_are_taken_out_and_the_person_is_warned(database: Database) -> None:
    world, round_id, who = await begun(database)
    async with talk(world) as here:
        at = here.at(who)
        await here.tap(who, f"bo:{round_id}", await here.invited(who))
        loop = asyncio.get_running_loop()
        said = loop.time()
        at.say(SECRET)
        mine = max(at.posted)
        await at.bell.until(lambda: at.posted[mine].deleted, "the deletion", SECONDS)
        assert loop.time() - said < SECONDS
        warning = await at.heard(lambda posted: WARNED in posted.text)
        assert SECRET not in warning.text
        assert all(SECRET not in posted.text for posted in at.posted.values() if not posted.deleted)


async def test_the_deletion_is_tried_again_where_the_platform_stumbles(database: Database) -> None:
    world, _, who = await begun(database)
    async with talk(world) as here:
        at = here.at(who)
        await here.invited(who)
        here.fake.fail("deleteMessage", "error", 2)
        at.say(SECRET)
        mine = max(at.posted)
        await at.bell.until(lambda: at.posted[mine].deleted, "the deletion", 4 * SECONDS)


async def test_where_it_cannot_be_deleted_the_warning_comes_all_the_same(database: Database) -> None:
    world, _, who = await begun(database)
    async with talk(world) as here:
        at = here.at(who)
        await here.invited(who)
        here.fake.methods.deletes = False
        at.say(SECRET)
        await at.heard(lambda posted: WARNED in posted.text and "please delete it yourself" in posted.text)


async def test_the_link_and_the_questions_can_be_taken_away_at_a_tap(database: Database) -> None:
    world, round_id, who = await begun(database)
    async with talk(world) as here:
        at = here.at(who)
        await here.tap(who, f"bl:{round_id}", await here.invited(who))
        link = at.last
        assert f"/ballot/{round_id}#" in link.text
        await here.tap(who, f"bl:{round_id}:1", link)
        assert at.last.id == link.id
        await here.tap(who, f"bz:{round_id}", link)
        assert link.deleted
        await here.tap(who, f"bo:{round_id}", await here.invited(who))
        await here.tap(who, f"bz:{round_id}", at.last)
        assert len(at.inbox) == 1
