"""A17: what is said beside an anonymous questionnaire gets into the conversations that HR can read.

The attacker reads everything there is: the conversations, the outbox, the web chat's messages, every other table, and
the files of the database as they lie. People write to the bot what belongs on the page: before they begin, in the
middle, after handing in, after a crash, as an edit, as a caption, as the name of a file, as a voice message, as a
command that is none; over Telegram and in the web chat. What must hold: nothing of it is anywhere, and neither is the
way they went through the questionnaire. What a named question waits for is kept as ever: the control.
"""

from datetime import timedelta

import pytest

from handlers.forms.form import Form, Question
from handlers.surveys import office
from handlers.surveys.office import PlanRound
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules.secrecy import Terms
from handlers.talk import Command, Sent, Tap, What
from storage.database import Database
from storage.records import Person, Round
from tests.attacks.world import LIKERT, World, furnished, label
from tests.fakes.chatting import Talk, talk

SECRET = "prize-canary-7319"
"""In ASCII, so that it stands in every file as it is."""


async def asked(database: Database) -> tuple[World, Round]:
    """An anonymous round that may be tapped in the chat."""
    world = await furnished(database)
    return world, await world.anonymous(secrecy=Terms(in_chat=True))


async def named(world: World) -> Round:
    """A named round beside it, with a question that wants words, and one that does not."""
    wants_words = Question("/data/why", "why", "text", label("为什么"))
    choice = Question("/data/fair", "fair", "select_one", label("是否公道"), choices=LIKERT)
    await world.ask(Form("self", label("自评"), "1", ("zh_CN",), "zh_CN", (wants_words, choice)))
    async with world.database.transaction() as store:
        plan = PlanRound(name="实名自评", questionnaire_id=world.questionnaire.id)
        planned = await office.plan_round(plan, world.clerk(), store)
        return await office.open_round(OneRound(planned.id), world.clerk(), store)


async def nothing_of_it(here: Talk) -> None:
    """The canary is nowhere, and no tap of the questionnaire in any conversation."""
    assert SECRET.encode() not in await here.everything()
    lines = await here.rows("utterances", "letters", "mailbox", "failures")
    assert "'tapped': 'b" not in lines
    assert '"tapped": "b' not in lines


SENT: list[dict[str, object]] = [
    {"text": SECRET},
    {"text": f"/{SECRET}"},
    {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}, "caption": SECRET},
    {
        "document": {"file_id": "d", "file_unique_id": "d", "file_name": f"{SECRET}.docx", "file_size": 9},
        "caption": SECRET,
    },
    {
        "photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9, "file_size": 9}],
        "caption": SECRET,
    },
]
"""Text, a command that is none, a voice message, a document and a picture, with their captions."""


async def send_it_all(here: Talk, who: Person) -> None:
    """All of it over Telegram, and an edit of each; waits until each is taken out of the chat."""
    person = here.at(who)
    for content in SENT:
        before = sum(kind == "deleted" for kind, _ in person.events)
        person.send(**content)
        await person.bell.until(
            lambda before=before: sum(kind == "deleted" for kind, _ in person.events) > before, "a deletion"
        )
        person.change(max(person.posted), f"{SECRET} changed")


async def test_over_telegram_before_during_after_and_after_a_crash(database: Database) -> None:
    world, round = await asked(database)
    who = world.people[4]
    async with talk(world) as here:
        at = here.at(who)
        invitation = await here.invited(who)
        await send_it_all(here, who)
        await here.tap(who, f"bo:{round.id}", invitation)
        await here.tap(who, 3)
        await send_it_all(here, who)
        await here.restart()
        await send_it_all(here, who)
        question = next(posted for posted in at.inbox if any(data.startswith("b:") for data in posted.data))
        for choice in (3, 3, 3, 0):
            await here.tap(who, choice, question)
        await here.tap(who, next(data for data in question.data if data.startswith("bd:")), question)
        for _ in range(2):
            await here.tap(who, next(data for data in question.data if data.startswith("bs:")), question)
        await here.tap(who, next(data for data in question.data if data.startswith("bh:")), question)
        await send_it_all(here, who)
        await here.settled()
        await nothing_of_it(here)
        async with database.reading() as store:
            sheet = await store.surveys.sheet(round.id, who.id)
        assert sheet is None
        assert len(await here.box(round.id)) == 1


WEB: list[str | What] = [SECRET, f"{SECRET} " * 100, Command(SECRET), Sent("file", f"{SECRET}.docx", 9), Sent("voice")]


async def test_in_the_web_chat_nothing_is_said_back_and_no_questions_come(database: Database) -> None:
    world, round = await asked(database)
    who = world.people[5]
    async with talk(world) as here:
        address = await here.on_the_web(who)
        for moment in (None, f"bl:{round.id}", f"bo:{round.id}", f"b:{round.id}:1:3", f"bh:{round.id}:9"):
            if moment:
                await here.hear(address, Tap(moment))
            for what in WEB:
                await here.hear(address, what)
        shown = await here.shown(address)
        assert f"https://huiyin.example/ballot/{round.id}" in shown
        assert "#" not in shown
        assert "领导处事公道" not in shown
        await nothing_of_it(here)


@pytest.mark.parametrize(("hours", "kept"), [(23, False), (25, True)])
async def test_for_a_day_after_it_has_closed_nothing_is_kept_either(database: Database, hours: int, kept: bool) -> None:
    world, round = await asked(database)
    async with database.transaction() as store:
        await office.close_round(OneRound(round.id), world.clerk(), store)
    async with talk(world) as here:
        world.now += timedelta(hours=hours)
        address = await here.on_the_web(world.people[5])
        await here.hear(address, SECRET)
        await here.settled()
        assert (SECRET in await here.rows("utterances", "mailbox")) is kept


async def test_words_a_named_question_waits_for_are_kept_and_a_tap_on_anything_anonymous_sets_it_aside(
    database: Database,
) -> None:
    """The control, and the way by which words meant for the one would come into the other."""
    world, round = await asked(database)
    named_round = await named(world)
    who = world.people[7]
    async with talk(world) as here:
        address = await here.on_the_web(who)
        await here.hear(address, Tap(f"ao:{named_round.id}"))
        await here.hear(address, "kept-answer-2201")
        async with database.reading() as store:
            before = await store.surveys.sheet(named_round.id, who.id)
        assert before
        assert "kept-answer-2201" in str(before.state)
        assert "kept-answer-2201" in await here.rows("utterances")
        await here.hear(address, SECRET)  # at a question with choices, where no words are waited for
        await here.hear(address, Tap(f"bl:{round.id}"))
        await here.hear(address, SECRET)
        async with database.reading() as store:
            assert await store.surveys.sheet(named_round.id, who.id) == before
        await here.settled()
        await nothing_of_it(here)


@pytest.mark.parametrize("verb", ["ao", "ac", "al", "dn", "dy"])
async def test_no_named_way_leads_into_an_anonymous_round(database: Database, verb: str) -> None:
    world, round = await asked(database)
    who = world.people[7]
    async with talk(world) as here:
        address = await here.on_the_web(who)
        await here.hear(address, Tap(f"{verb}:{round.id}"))
        await here.hear(address, SECRET)
        assert not await here.rows("sheets", "passes", "uploads")
        await nothing_of_it(here)
