"""The page of an anonymous questionnaire, as its script and attackers' programs use it: what it says no to, and how."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from bot.visits import Visit
from bot.web.ballots import SIZES
from handlers.forms.form import Form, Question
from handlers.refusals import NotAllowed, OutOfOrder, TooLate
from handlers.surveys import tickets
from storage.database import Database, Unavailable
from storage.records import Disposition, Invitation, Level, PostClass, RoundState
from tests.attacks.conftest import weak_passphrases as weak_passphrases
from tests.attacks.world import furnished, label
from tests.fakes.pages import house
from tests.fakes.voting import Voter, poll

TOKEN = "w" * 43
OURS = {"Sec-Fetch-Site": "same-origin"}


async def test_from_the_promise_to_the_ballot_that_is_in(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4])
        assert await voter.press() == 200
        assert "This questionnaire is anonymous." in voter.paper.text
        assert "You are on our own page: your answers pass through no chat." in voter.paper.text
        assert "What is not protected" in voter.paper.text
        assert "free words may be recognised" in voter.paper.text
        await voter.press("begin")
        assert world.people[4].name not in voter.paper.text
        assert await voter.answer(fair="4", years="x") == 200
        assert voter.paper.errors()
        assert voter.paper.value("years") == "x"
        await voter.answer(years="12", words="<b>好</b>\r\n再说")
        assert "<b>好</b>" in voter.paper.text
        await voter.press("mend:/data/years")
        await voter.answer(years="13")
        assert "hand-in" in voter.offers()
        await voter.press("at:/data/words")
        assert voter.paper.value("words") == "<b>好</b>\n再说"
        await voter.press("next")
        await voter.press("hand-in")
        assert "Your ballot is in, sealed until" in voter.paper.text
        assert not voter.paper.foreign
        assert {size for _, size in voter.sizes} <= set(SIZES)
        (ballot,) = await here.box()
        assert ballot == {"a": {"/data/lead/fair": "4", "/data/years": 13, "/data/words": "<b>好</b>\n再说"}, "b": []}


async def test_a_draft_goes_on_on_another_device_in_another_language(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        phone = await here.voter(world.people[4], **{"Accept-Language": "zh-TW"})
        await phone.press("begin")
        assert phone.paper.language == "zh-TW"
        phone.paper.enter("fair", "2")
        assert await phone.press("save") == 200
        desk = await here.voter(world.people[4])
        assert await desk.press() == 200
        assert (desk.paper.language, desk.paper.value("fair")) == ("en", "2")
        desk.language = "zh_CN"
        desk.paper.enter("trust", "3")
        await desk.press("language:zh_CN")
        assert (desk.paper.language, desk.paper.value("fair"), desk.paper.value("trust")) == ("zh-CN", "2", "3")
        await desk.press("next")
        desk.language = "en"
        await desk.press("language:en")
        assert "hand-in" in desk.offers()
        assert desk.paper.language == "en"


async def test_handed_in_elsewhere_what_is_typed_here_is_not_lost(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        phone, desk = await here.voter(world.people[4]), await here.voter(world.people[4])
        await phone.press("begin")
        await desk.press("begin")
        await phone.answer(fair="2")
        await phone.press("hand-in")
        desk.paper.enter("words", "还没说完")
        typed = desk.body("keep")["answers"]
        await desk.press("next")
        assert desk.gone
        assert "handed in elsewhere" in desk.paper.text
        await desk.press("change", answers=typed)
        assert desk.paper.value("words") == "还没说完"


@pytest.mark.parametrize(
    ("news", "said"),
    [
        ({"state": RoundState.PAUSED}, "is paused at the moment"),
        ({"state": RoundState.CLOSED}, "has closed. A ballot"),
        ({"state": RoundState.CANCELLED}, "was called off"),
        ({"state": RoundState.PLANNED}, "has not been opened yet"),
    ],
)
async def test_a_round_that_takes_no_answers(database: Database, news: dict[str, Any], said: str) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4])
        await voter.press("begin")
        await here.change(**news)
        voter.paper.enter("fair", "2")
        for go in ("", "begin", "next", "hand-in"):
            assert await voter.press(go) == 409
            assert said in voter.told
        assert voter.paper.value("fair") == "2"


async def test_at_the_closing_time_the_urn_is_shut(database: Database) -> None:
    """The round is open by the tables still, and its urn is sealed: nothing is said to be in that is not."""
    world = await furnished(database)
    async with poll(world) as here, database.reading() as store:
        voter = await here.voter(world.people[4])
        await voter.press("begin")
        await voter.answer(fair="2")
        body = voter.body("hand-in")
        filling = await here.voter(world.people[5])
        await filling.press("begin")
        await store.ballots.seal(here.round.id)
        assert await filling.answer(fair="2") == 200
        assert filling.gone
        assert await filling.press("begin") == 409
        assert "has closed" in filling.told
        assert await voter.send(body) == 200
        assert "Your ballot is in" not in voter.paper.text


async def test_links_that_let_nobody_in(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        good = await here.ticket(world.people[4])
        other = await world.opened()
        for link in ("", "x", good[:-1], good[:-1] + ("A" if good[-1] != "A" else "B"), "é" * 80, good[::-1]):
            voter = Voter(here.browser(), here.round.id, link)
            assert await voter.press("begin") == 403
            assert "older than two hours, or was not copied whole" in voter.told
            assert "作风" not in voter.paper.text
        for round_id in (other.id, 999):
            assert await Voter(here.browser(), round_id, good).press() == 403
        world.now += timedelta(hours=2)
        late = Voter(here.browser(), here.round.id, good)
        assert await late.press() == 403
        await here.change(state=RoundState.CLOSED)
        assert await late.press() == 409
        assert late.told == "This questionnaire has closed. A ballot that was handed in before counts as it was."


async def test_a_lost_key_is_told_and_logged_without_anybody(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4])
        await voter.press("begin")
        (database.vault.directory / f"round-{here.round.id}.tag").unlink()
        with capture_logs() as said:
            assert await voter.answer(fair="2") == 503
        assert "the key to it is missing on our server" in voter.told
        assert said == [
            {
                "event": "the tag key of an anonymous round is not there",
                "log_level": "error",
                "round": str(here.round.id),
            }
        ]
        line = await _line(here.round.id, world.people[4].id, database)
        async with database.reading() as store:
            with pytest.raises(OutOfOrder):
                await tickets.issue(here.round, world.people[4], line, world.now, store)


async def test_answers_too_long_for_a_ballot(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4])
        await voter.press("begin")
        voter.paper.enter("words", "长" * 2800)
        voter.paper.enter("fair", "5")
        assert await voter.press("next") == 422
        assert "您还想说什么" in voter.told
        assert "too long for a ballot" in voter.told
        voter.paper.enter("words", "长" * 2500)
        assert await voter.press("next") == 200
        await voter.press("hand-in")
        assert [len(one["a"]["/data/words"]) for one in await here.box()] == [2500]


async def test_what_no_page_of_ours_sends(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        voter = await here.voter(world.people[4])
        good = voter.body("begin")
        for bad in ([], {}, {**good, "more": 1}, {**good, "answers": {"/data/trust": "3"}}, {**good, "seen": [1]}):
            assert await voter.send(bad) == 422
            assert "not the present one" in voter.told
        assert await voter.send({**good, "pad": "x" * SIZES[-1]}) == 413
        assert await voter.send({**good, "answers": {"/data/nowhere": ["3"], "/data/trust": ["9"]}}) == 200
        assert voter.paper.value("trust") == ""
        assert await voter.send({**voter.body("leap"), "seen": ["/data/nowhere"]}) == 200


async def test_a_database_that_is_away_loses_nothing() -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("gone")

    async with house(demo=False, knock=away) as served:
        voter = Voter(served.browser().client, 1, "x" * 80)
        assert await voter.press("hand-in") == 503
        assert voter.told == "That cannot be done just now. Please try again in a moment."
        assert {size for _, size in voter.sizes} <= set(SIZES)


async def _ask(browser: TestClient[Any, Any], round_id: int, **headers: str) -> tuple[int, str]:
    async with browser.post(f"/ballot/{round_id}/ticket", json={}, headers=headers) as response:
        assert not response.cookies
        plain = await response.json()
        return response.status, plain.get("error", "")


async def test_who_gets_a_ticket_by_the_web_chat(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here:
        person = world.people[4]
        named = await world.opened()
        stranger, known = here.browser(), here.browser(Cookie=f"huiyin={TOKEN}")
        await here.account(person, "webchat", Visit(TOKEN).address)
        assert await _ask(known, here.round.id, **OURS) == (200, "")
        origin = f"http://{known.server.host}:{known.server.port}" if known.server else ""
        assert await _ask(known, here.round.id, Origin=origin) == (200, "")
        for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "null"}, {}):
            status, said = await _ask(known, here.round.id, **foreign)
            assert (status, said.startswith("This can only be asked by our own page")) == (403, True)
        assert (await _ask(stranger, here.round.id, **OURS))[0] == 403
        assert (await _ask(known, named.id, **OURS))[0] == 404
        assert (await _ask(known, 999, **OURS))[0] == 404
        async with database.transaction() as store:
            await store.surveys.set_disposition(here.round.id, person.id, Disposition.EXCUSED)
        assert (await _ask(known, here.round.id, **OURS))[0] == 403
        await here.change(state=RoundState.CLOSED)
        assert (await _ask(known, here.round.id, **OURS))[0] in {403, 409}


async def test_tickets_are_for_who_is_asked_now(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here, database.reading() as store:
        person = world.people[4]
        line = await _line(here.round.id, person.id, database)
        excused = Invitation(here.round.id, person.id, 1, PostClass.GENERAL, Disposition.EXCUSED, Level.STAFF)
        with pytest.raises(NotAllowed):
            await tickets.issue(here.round, person, excused, world.now, store)
        assert here.round.closes
        with pytest.raises(TooLate):
            await tickets.issue(here.round, person, line, here.round.closes, store)


async def test_pictures_are_shown_while_the_round_is_open(database: Database) -> None:
    world = await furnished(database)
    async with poll(world) as here, here.browser().get(f"/ballot/{here.round.id}/pictures/map.png") as response:
        assert response.status == 404


async def test_a_questionnaire_with_entries(database: Database) -> None:
    """What is no answer is not in a ballot: what the form works out for itself stays out."""
    world = await furnished(database)
    items = (
        Question("/data/years", "years", "integer", label("几年")),
        Question("/data/twice", "twice", "calculate", label(""), calculation="/data/years * 2"),
    )
    await world.ask(Form("sum", label("算一算"), "1", ("zh_CN",), "zh_CN", items))
    async with poll(world, questionnaire_id=world.questionnaire.id) as here:
        await (await here.voter(world.people[4])).vote(years="4")
        assert await here.box() == [{"a": {"/data/years": 4}, "b": []}]


async def _line(round_id: int, person_id: int, database: Database) -> Invitation:
    async with database.reading() as store:
        line = await store.surveys.invitation(round_id, person_id)
    assert line
    return line


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_who_reads_does_not_wait_for_ballots(database: Database, tmp_path: Path) -> None:
    """The disk is slow with ballots: another process holds their file. Everybody else goes on reading."""
    world = await furnished(database)
    async with poll(world) as here:
        voters = [await here.voter(person) for person in world.people[4:14]]
        urn = sqlite3.connect(tmp_path / "huiyin-ballots.db", isolation_level=None)
        urn.execute("BEGIN IMMEDIATE")
        async with asyncio.TaskGroup() as crowd:
            waiting = [crowd.create_task(voter.press("begin")) for voter in voters]
            for _ in range(20):
                async with asyncio.timeout(5), database.reading() as store:
                    assert await store.surveys.round(here.round.id)
            assert not any(task.done() for task in waiting)
            urn.execute("ROLLBACK")
        urn.close()
        assert {task.result() for task in waiting} == {200}
