"""Somebody answers an anonymous questionnaire by tapping: in two languages, through a restart, and again elsewhere."""

from handlers.surveys.rules.secrecy import Terms
from storage.database import Database
from tests.attacks.world import furnished
from tests.fakes.chatting import talk

FAIR, LISTENS, CARES, TRUST = "/data/lead/fair", "/data/lead/listens", "/data/lead/cares", "/data/trust"


async def test_answered_by_tapping_in_two_languages_through_a_restart_and_again_on_another_account(
    database: Database,
) -> None:
    world = await furnished(database)
    round = await world.anonymous(secrecy=Terms(in_chat=True))
    who = world.people[4]
    async with database.transaction() as store:
        known = await store.people.recognise([("telegram", "990001")])
        await store.people.bind(known["telegram", "990001"][0].id, who.id)
    async with talk(world) as here:
        at = here.at(who)
        invitation = await here.invited(who)

        # The first question comes in a message of its own, and stays in it.
        await here.tap(who, f"bo:{round.id}", invitation)
        asked = at.last
        assert "领导处事公道" in asked.text
        assert asked.labels[:2] == ["很不同意", "不同意"]
        assert await here.tap(who, "同意", asked) == "Noted: 同意"
        assert "领导听得进意见" in asked.text

        # Another language: what is tapped from now on is said in it.
        at.say("/language")
        choice = await at.heard(lambda posted: "l:zh_TW" in posted.data)
        await here.tap(who, "l:en", choice)
        await here.tap(who, "不同意", asked)
        assert "Question 3 of 7" in asked.text

        # The process dies, with all that is in memory; nothing is lost.
        await here.tap(who, "一般", asked)
        await here.restart()
        before = asked.text
        await here.tap(who, "Help", asked)
        await here.tap(who, "To the question", asked)
        assert asked.text == before

        # Begun once more from the invitation it goes on in a new message, and the other one is gone.
        await here.tap(who, f"bo:{round.id}", invitation)
        await at.bell.until(lambda: asked.deleted and at.last.text == before, "the new message")
        asked = at.last
        await here.tap(who, "很同意", asked)

        # Several choices, then what wants words: on the page.
        await here.tap(who, "☐ 谈话", asked)
        await here.tap(who, "☐ 培训", asked)
        await here.tap(who, "☑ 谈话", asked)
        await here.tap(who, "Done", asked)
        assert f"/ballot/{round.id}#" in asked.text
        await here.tap(who, "Skip", asked)
        await here.tap(who, "Skip", asked)

        # The review: one answer is changed, then it is handed in.
        assert "领导听得进意见\n→ 不同意" in asked.text
        await here.tap(who, "Change 2", asked)
        await here.tap(who, "很同意", asked)
        await here.tap(who, "Hand in", asked)
        assert "is in the box, sealed" in asked.text
        standing = [posted.id for posted in at.inbox if any(data.startswith("b") for data in posted.data)]
        assert standing == [invitation.id, asked.id]

        # On another account it is known to be in, and can be answered again from the beginning: that one counts.
        other = here.fake.person(990001)
        query = other.tap
        other.say("/my")
        mine = await other.heard(lambda posted: f"bo:{round.id}" in posted.data)
        await other.answered(query(f"bo:{round.id}", mine))
        told = await other.heard(lambda posted: "Nobody can read it" in posted.text)
        await other.answered(query("Answer again", told))
        await other.heard(lambda posted: "领导处事公道" in posted.text)
        await other.answered(query("很不同意", told))
        await other.heard(lambda posted: "领导听得进意见" in posted.text)
        for position in range(3, 8):
            skip = next(data for data in told.data if data.startswith(("bs:", "bd:")))
            await other.answered(query(skip, told))
            await other.heard(lambda posted, n=position: f"Question {n} of 7" in posted.text)
        await other.answered(query(next(data for data in told.data if data.startswith("bs:")), told))
        await other.heard(lambda posted: "Hand in" in posted.labels)
        await other.answered(query("Hand in", told))
        await other.heard(lambda posted: "is in the box, sealed" in posted.text)

        (ballot,) = await here.box(round.id)
        assert ballot == {"a": {FAIR: "1"}, "b": []}
        await here.settled()
        lines = await here.rows("sheets", "utterances", "letters")
        assert "sheets" not in lines
        assert "领导听得进意见" not in lines
        assert {LISTENS, CARES, TRUST}.isdisjoint(lines.split())
