"""A round on a page without scripts: from the link to the receipt, and what is said when it does not go."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Speech
from bot.visits import Visit
from handlers.forms.form import Form, Group, Question
from handlers.surveys import office
from handlers.surveys.rolls import OneRound
from storage.database import Database
from storage.records import Disposition, Level, PostClass, RosterLine
from tests.fakes.forms import Visitor, Ward, ward
from tests.handlers.surveys import paper
from tests.handlers.surveys.player import Organ, Player


def form(*more: Question) -> Form:
    """The paper's form, its last group with a name, so that it makes two pages."""
    plain = paper.form()
    *first, rest = plain.items
    assert isinstance(rest, Group)
    return replace(plain, items=(*first, replace(rest, label=paper.label("其他", "Other")), *more))


@pytest.fixture
async def here(database: Database) -> AsyncIterator[Ward]:
    async with ward(database, form()) as found:
        yield found


async def begun(here: Ward, number: str = "0001", **headers: str) -> Visitor:
    """A browser on the page where this person stands."""
    visitor = await here.visitor(number, **headers)
    if any(words == "Begin" for _, _, words in visitor.paper.buttons):
        await visitor.press("Begin")
    return visitor


async def at_review(here: Ward) -> Visitor:
    visitor = await begun(here)
    await visitor.press("Next", done="3", help=["course"], **{"work/count": "12"})
    await visitor.press("Look over your answers", **{"rest/count": "2.5", "since": "2026-01-05"})
    return visitor


# The link ------------------------------------------------------------------------------------------------


async def test_a_link_lets_in_once_and_leaves_the_address(here: Ward) -> None:
    link, visitor, thief = await here.link(), here.stranger(), here.stranger()
    await visitor.open(link)
    assert "陶冶" not in visitor.paper.text
    await visitor.press("Go on")
    assert visitor.address == f"/form/{here.round.id}"
    assert "named questionnaire" in visitor.paper.text
    assert "陶冶" in visitor.paper.text
    await thief.open(link)
    await thief.press("Go on")
    assert thief.status == 403
    assert "has been used already" in thief.paper.text


async def test_looking_at_a_link_does_not_use_it(here: Ward) -> None:
    link = await here.link()
    for _ in range(3):
        await here.stranger().open(link)
    visitor = here.stranger()
    await visitor.open(link)
    await visitor.press("Go on")
    assert visitor.status == 200


async def test_who_is_in_already_may_press_an_old_link_again(here: Ward) -> None:
    link, visitor = await here.link(), here.stranger()
    for _ in range(2):
        await visitor.open(link)
        await visitor.press("Go on")
        assert visitor.status == 200


async def test_a_link_is_good_for_a_day_and_so_is_the_browser(here: Ward) -> None:
    late, visitor = here.stranger(), await begun(here)
    link = await here.link("0002")
    here.now += timedelta(hours=24)
    await late.open(link)
    await late.press("Go on")
    assert late.status == 403
    await visitor.open()
    assert visitor.status == 403
    assert "does not know you" in visitor.paper.text


async def test_a_link_opens_its_own_round_only(here: Ward) -> None:
    visitor = await here.visitor()
    planned = await here.order(office.plan_round, office.PlanRound("另一轮", here.round.questionnaire_id))
    other = await here.order(office.open_round, OneRound(planned.id))
    await visitor.open(f"/form/{other.id}")
    assert visitor.status == 403
    key = (await here.link()).partition("?")[2]
    await visitor.open(f"/form/{other.id}?{key}")
    visitor.place = f"/form/{other.id}"
    await visitor.press("Go on")
    assert visitor.status == 403


async def test_the_newest_link_in_a_browser_counts(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.open(await here.link("0002"))
    await visitor.press("Go on")
    assert "文静" in visitor.paper.text
    assert visitor.paper.buttons[-1][2] == "Begin"


@pytest.mark.parametrize("address", ["/form/99", "/form/x", "/form/1", "/form/99999999999"])
async def test_strangers_and_wrong_addresses_are_told_what_to_do(here: Ward, address: str) -> None:
    visitor = here.stranger()
    await visitor.open(address)
    assert visitor.status in {403, 404}
    assert "Fill in on a page" in visitor.paper.text or "/my shows" in visitor.paper.text


async def test_the_web_chat_of_the_same_browser_needs_no_link(here: Ward) -> None:
    visitor = here.stranger()
    await visitor.open("/chat")
    jar = visitor.client.session.cookie_jar.filter_cookies(visitor.client.make_url("/"))
    organ = Organ(here.database, None)  # type: ignore[arg-type]
    await organ.player("0002", address=Visit(jar["huiyin"].value).address)
    await visitor.open()
    assert visitor.status == 200
    assert "文静" in visitor.paper.text


# From page to page ---------------------------------------------------------------------------------------


async def test_from_the_first_page_to_the_receipt(here: Ward) -> None:
    visitor = await begun(here)
    assert visitor.paper.asks() == ["done", "count", "help"]
    assert "Please answer truthfully." in visitor.paper.text
    await visitor.press("Next", done="3", **{"work/count": "12"})
    assert visitor.paper.asks() == ["count", "since"]
    assert "2 of 5 questions answered" in visitor.paper.text
    await visitor.press("Previous page")
    assert visitor.paper.value("done") == "3"
    assert visitor.paper.value("work/count") == "12"
    await visitor.press("Next", help=["talk", "course"])
    await visitor.press("Look over your answers", **{"rest/count": "2.5", "since": "2026-01-05"})
    assert visitor.address.endswith("?at=review")
    assert "A talk, A course" in visitor.paper.text
    await visitor.press("Hand in")
    assert "Thank you." in visitor.paper.text
    sheet = await here.sheet()
    assert sheet.receipt in visitor.paper.text
    assert await here.answers() == {
        "/data/work/done": "3",
        "/data/work/count": 12,
        "/data/help": ["talk", "course"],
        "/data/rest/count": 2.5,
        "/data/rest/since": "2026-01-05",
    }
    async with here.database.reading() as store:
        assert (await store.surveys.progress(here.round.id))[Disposition.HANDED_IN] == 1


async def test_handing_in_twice_hands_in_once(here: Ward) -> None:
    visitor = await at_review(here)
    paper_before = visitor.paper
    await visitor.press("Hand in")
    first = await here.sheet()
    here.now += timedelta(minutes=5)
    visitor.paper = paper_before
    await visitor.press("Hand in")
    assert visitor.status == 200
    assert await here.sheet() == first


async def test_what_is_required_is_asked_for_beside_the_field_and_above(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("Next", **{"work/count": "12"})
    assert visitor.status == 422
    assert "Work done" in visitor.paper.said["wrong"]
    assert "This question needs an answer." in visitor.paper.said["wrong"]
    assert visitor.paper.value("work/count") == "12"
    assert await here.answers() == {"/data/work/count": 12}


async def test_what_does_not_fit_stands_there_again_and_the_rest_is_kept(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("Next", done="4", **{"work/count": "twelve"})
    assert visitor.status == 422
    assert visitor.paper.value("work/count") == "twelve"
    assert await here.answers() == {"/data/work/done": "4"}
    await visitor.press("Next", **{"work/count": "-1"})
    assert "Not below zero" in visitor.paper.text
    await visitor.press("Next", **{"work/count": "１２"})
    assert visitor.paper.asks() == ["count", "since"]
    assert (await here.answers())["/data/work/count"] == 12


async def test_back_asks_once_before_it_drops_what_does_not_fit(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("Next", done="3")
    await visitor.press("Previous page", since="yesterday")
    assert visitor.status == 422
    await visitor.press("Back without the marked answers")
    assert visitor.status == 200
    assert visitor.paper.asks() == ["done", "count", "help"]
    assert "/data/rest/since" not in await here.answers()


async def test_an_answer_that_opens_a_question_shows_the_page_again(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("Next", done="1")
    assert visitor.paper.asks() == ["done", "why", "count", "help"]
    assert "brought up new questions" in visitor.paper.text
    await visitor.press("Next", why="病假")
    assert visitor.paper.asks() == ["count", "since"]


async def test_what_falls_away_is_said_and_comes_back(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("Next", done="1")
    await visitor.press("Save and go on later", why="病假")
    await visitor.press("Save and go on later", done="2")
    assert visitor.paper.asks() == ["done", "count", "help"]
    assert "no longer asked" in visitor.paper.text
    assert "Main reason" in visitor.paper.text
    await visitor.press("Save and go on later", done="1")
    assert visitor.paper.value("why") == "病假"


async def test_a_change_from_the_review_leads_back_there(here: Ward) -> None:
    visitor = await at_review(here)
    await visitor.open(f"{visitor.place}?mending=1&at=/data/work/count")
    await visitor.press("Save and back to the overview", **{"work/count": "13"})
    assert visitor.address.endswith("?at=review")
    await visitor.open(f"{visitor.place}?mending=1&at=/data/work/count")
    await visitor.press("Save and back to the overview", done="1")
    assert visitor.paper.asks() == ["done", "why", "count", "help"]
    await visitor.press("Save and back to the overview", why="病假")
    assert visitor.address.endswith("?at=review")
    await visitor.press("Hand in")
    assert (await here.answers())["/data/work/count"] == 13


async def test_handing_in_what_is_not_whole_leads_to_the_gap(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.open(f"{visitor.place}?at=review")
    await visitor.press("Hand in")
    assert visitor.status == 422
    assert visitor.paper.asks() == ["done", "count", "help"]
    assert "This question needs an answer." in visitor.paper.said["wrong"]
    assert (await here.sheet()).handed_in is None
    await visitor.press("Save and back to the overview", done="3")
    await visitor.press("Hand in")
    assert (await here.sheet()).handed_in is not None


async def test_after_handing_in_answers_can_be_changed(here: Ward) -> None:
    visitor = await at_review(here)
    await visitor.press("Hand in")
    await visitor.press("Change my answers")
    assert visitor.address.endswith("?at=review")
    await visitor.open(f"{visitor.place}?mending=1&at=/data/help")
    await visitor.press("Save and back to the overview", help=[])
    here.now += timedelta(minutes=5)
    await visitor.press("Hand in")
    assert "/data/help" not in await here.answers()


async def test_a_page_turned_by_language_keeps_what_was_typed(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("简体中文", done="4", **{"work/count": "十二"})
    assert visitor.paper.language == "zh-CN"
    assert visitor.paper.value("work/count") == "十二"
    assert visitor.paper.value("done") == "4"
    await visitor.press("繁體中文", **{"work/count": "12"})
    assert (visitor.status, visitor.paper.language) == (200, "zh-TW")
    assert visitor.paper.value("work/count") == "12"
    await visitor.press("下一頁")
    assert visitor.paper.asks() == ["count", "since"]


# Elsewhere, meanwhile ------------------------------------------------------------------------------------


async def test_the_later_of_two_windows_is_told(here: Ward) -> None:
    first = await begun(here)
    second = await here.visitor()
    await first.press("Next", done="4", **{"work/count": "7"})
    await second.press("Next", done="4", **{"work/count": "8"})
    assert second.status == 409
    assert "another answer was given elsewhere: 7" in second.paper.text
    assert second.paper.value("work/count") == "8"
    assert (await here.answers())["/data/work/count"] == 7
    await second.press("Next")
    assert (await here.answers())["/data/work/count"] == 8


async def test_two_windows_with_the_same_answers_are_no_trouble(here: Ward) -> None:
    first = await begun(here)
    second = await here.visitor()
    for visitor in (first, second):
        await visitor.press("Next", done="4", **{"work/count": "7"})
        assert visitor.paper.asks() == ["count", "since"]


async def test_the_chat_goes_on_where_the_page_stopped_and_the_other_way_round(here: Ward) -> None:
    visitor = await begun(here)
    await visitor.press("Next", done="4", **{"work/count": "7"})
    organ = Organ(here.database, None, here.now)  # type: ignore[arg-type]
    player = await organ.player("0001")
    await player.tap(f"ao:{here.round.id}")
    assert "Hours of training" in player.text()
    await player.type("2.5")
    await visitor.open()
    assert visitor.paper.asks() == ["count", "since"]
    assert visitor.paper.value("rest/count") == "2.5"
    await player.type("2026-01-05")
    await visitor.open()
    assert "Look over your answers" in visitor.paper.text
    assert "2.5" in visitor.paper.text


async def test_a_link_out_of_the_chat(here: Ward) -> None:
    organ = Organ(here.database, None, here.now)  # type: ignore[arg-type]
    player: Player = await organ.player("0001", channel="telegram")
    reply = await player.tap(f"al:{here.round.id}")
    assert reply.confidential
    link = next(str(part) for part in player.message().parts if "/form/" in player.words(part))
    visitor = here.stranger()
    await visitor.open(link)
    await visitor.press("Go on")
    assert "陶冶" in visitor.paper.text
    await player.tap("al:99")
    assert "no such questionnaire" in player.text()


async def test_in_the_web_chat_the_link_can_be_tapped(here: Ward) -> None:
    visitor = here.stranger()
    address = visitor.client.session.cookie_jar
    await visitor.open("/chat")
    token = address.filter_cookies(visitor.client.make_url("/"))["huiyin"].value
    link = await here.link()
    said = Speech(f"Here: http://127.0.0.1{link}\n\nOr elsewhere: http://example.org/form/1")
    await here.house.chat.send(Visit(token).address, said, "1.0")
    async with visitor.client.get("/chat") as response:
        text = await response.text()
    assert f'<a class="button" href="{link}">Open the page' in text
    assert "http://example.org/form/1" in text
    assert 'href="http://example.org' not in text
    await visitor.open(link)
    await visitor.press("Go on")
    assert visitor.status == 200


async def test_many_at_the_same_moment_lose_nothing(here: Ward) -> None:
    visitors = [await begun(here) for _ in range(4)]
    await asyncio.gather(*(visitor.press("Save and go on later", done="4") for visitor in visitors))
    assert {visitor.status for visitor in visitors} == {200}
    assert await here.answers() == {"/data/work/done": "4"}


# Late ----------------------------------------------------------------------------------------------------


async def test_a_paused_and_a_closed_round_are_told_kindly(here: Ward) -> None:
    visitor = await begun(here)
    await here.order(office.pause_round, OneRound(here.round.id))
    await visitor.press("Next", done="3")
    assert visitor.status == 409
    assert "is paused at the moment" in visitor.paper.text
    await here.order(office.resume_round, OneRound(here.round.id))
    await visitor.open()
    await visitor.press("Next", done="3")
    await here.order(office.close_round, OneRound(here.round.id))
    await visitor.open()
    assert "has closed; your 1 answer is kept" in visitor.paper.text


async def test_who_was_not_asked_or_has_left_is_told_so(here: Ward) -> None:
    visitor = await begun(here, "0002")
    async with here.database.transaction() as store:
        await store.people.put_people([RosterLine("0003", "许明远", "zw", PostClass.PARTY, Level.STAFF)])
        await store.people.mark_left(["0002"])
    await visitor.open()
    assert visitor.status == 403
    late = await here.visitor("0003")
    assert late.status == 404
    assert "no such questionnaire for you" in late.paper.text


async def test_foreign_forms_change_nothing(here: Ward) -> None:
    visitor = await begun(here)
    stale = replace(visitor.paper, controls=[c for c in visitor.paper.controls if c.name != "csrf"])
    visitor.paper = stale
    await visitor.press("Next", done="3")
    assert visitor.status == 403
    assert await here.answers() == {}
    long = io.BytesIO(b"x" * 5_000_000)
    async with visitor.client.post(visitor.place, data=long) as response:
        assert response.status == 413


# As the script does --------------------------------------------------------------------------------------


async def test_drafts_are_saved_and_questions_come_and_go(here: Ward) -> None:
    visitor = await begun(here)
    status, answer = await visitor.draft(done="1")
    assert status == 200
    assert "Main reason" in answer["html"]
    assert answer["progress"] == "1 of 6 questions answered; more may come up"
    assert await here.answers() == {"/data/work/done": "1"}
    assert "needs an answer" not in answer["html"]
    await here.order(office.close_round, OneRound(here.round.id))
    status, answer = await visitor.draft(done="2")
    assert status == 409
    assert "has closed" in answer["error"]


async def test_a_draft_of_what_is_handed_in_is_told(here: Ward) -> None:
    visitor, other = await begun(here), await at_review(here)
    await other.press("Hand in")
    assert await visitor.draft(done="2") == (200, {"gone": True})
    assert (await here.answers())["/data/work/done"] == "3"


async def test_long_pages_are_parted(database: Database) -> None:
    async with ward(database, form(*paper.numbers(11))) as here:
        visitor = await begun(here)
        await visitor.press("Next", done="3")
        assert visitor.paper.asks() == ["count", "since", *(f"n{n}" for n in range(1, 7))]
        await visitor.press("Next")
        assert visitor.paper.asks() == [f"n{n}" for n in range(7, 12)]


async def test_words_of_authors_and_people_run_nothing(database: Database) -> None:
    evil = "<script>alert(1)</script>\"'&"
    question = Question("/data/evil", "evil", "text", paper.label(evil), hint=paper.label(evil))
    async with ward(database, form(question)) as here:
        visitor = await begun(here)
        await visitor.open(f"{visitor.place}?at=/data/evil")
        await visitor.press("Look over your answers", evil=evil)
        assert visitor.paper.text.count(evil) == 2
        await visitor.open(f"{visitor.place}?at=/data/evil")
        assert visitor.paper.value("evil") == evil
