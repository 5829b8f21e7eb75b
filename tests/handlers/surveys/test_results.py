"""What was released of an anonymous round, through every door: the office's, the page's, the chat's."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.words import Words
from handlers.doors import Guest
from handlers.refusals import BadInput, NotAllowed, NotFound
from handlers.surveys import chat_results, office, office_results, page_results
from handlers.surveys.rules import explaining, measures, results
from handlers.surveys.rules.exports import Results
from handlers.surveys.rules.figures import Shown
from handlers.surveys.rules.honesty import HIDDEN
from handlers.surveys.rules.results import Reading
from handlers.talk import Message, Part, Tap, Text, Turn
from storage.database import Database
from storage.records import Account, Clerk, CountStage, Person, Round, RoundState
from storage.store import Store
from tests.handlers.surveys.released import HELPED, LINK, NOW, SHARES, counted, planned, remarks, tables

CLERK = Clerk("hr", frozenset(), NOW, secrets.token_bytes)
GUEST = Guest("", "", NOW)
WORDS = Words(ZoneInfo("Asia/Shanghai"))


def said(part: Part) -> str:
    return WORDS.word(part, "en")


def shown(found: Reading) -> dict[str, list[list[str]]]:
    """Every table by its section and caption: its lines, word by word."""
    return {
        f"{section.anchor}: {said(table.title)}": [
            [said(line.of), *([said(line.told)] if line.told else [said(cell) for cell in line.cells])]
            for line in table.lines
        ]
        for section in found.sections
        for table in section.tables
    }


async def answers(store: Store, round_id: int, language: str = "en") -> Results:
    return await office_results.round_results(office_results.RoundResults(round_id, language), CLERK, store)


async def at_page(store: Store, round_id: int, link: str = LINK) -> Reading:
    return await page_results.see_results(page_results.SeeResults(round_id, link), GUEST, store)


async def test_rest_gives_what_is_stored_and_nothing_else(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store)
    async with database.reading() as store:
        found = await answers(store, round.id, "zh_CN")
    assert [(one.about, one.group, one.figures) for one in found.tables] == [
        (one.about, one.group, one.figures) for one in tables(round.id)
    ]
    assert found.tables[2].of == ["党政办公室", "网格中心"]
    helped = next(one for one in found.tables if one.about == HELPED)
    assert helped.question == "同事之间互相帮助"
    assert helped.choices["5"] == "非常同意"
    assert [one.comments for one in found.comments] == [[one.words for one in sorted(remarks(1), key=lambda r: r.key)]]
    assert not found.withheld


async def test_the_table_has_a_line_for_each_figure_and_one_for_what_is_hidden(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store)
    async with database.reading() as store:
        table = await office.round_answers(office.RoundAnswers(round.id, "en"), CLERK, store)
    lines = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    shares = {
        one["choice"]: one["value"]
        for one in lines
        if (one["about"], one["group"], one["measure"]) == (HELPED, "", "shares")
    }
    assert shares == SHARES
    hidden = [one for one in lines if one["about"] == "/data/goals"]
    assert [(one["measure"], one["value"]) for one in hidden] == [("hidden", None)]
    assert [(one["of"], one["measure"]) for one in lines if one["about"] == "round" and one["group"] == "0=1"] == [
        ("党政办公室; 网格中心", "hidden")
    ]
    assert [row[2] for row in table.repeats[0].rows] == [one.words for one in sorted(remarks(1), key=lambda r: r.key)]
    assert not any(one.startswith("N0") for row in table.rows for one in row if isinstance(one, str))


async def test_before_the_release_there_is_one_refusal_whatever_has_come_in(database: Database) -> None:
    async with database.transaction() as store:
        round = await planned(store)
        told = []
        for state in (RoundState.OPEN, RoundState.PAUSED, RoundState.CLOSED):
            for door in (answers, lambda s, id: office.round_answers(office.RoundAnswers(id), CLERK, s)):
                await store.surveys.save_round(_in(round, state))
                with pytest.raises(NotAllowed) as no:
                    await door(store, round.id)
                told.append(no.value.text)
        assert set(map(said, told)) == {said(results.NOT_YET)}


def _in(round: Round, state: RoundState) -> Round:
    return replace(round, state=state)


async def test_what_was_withheld_says_so_and_shows_nothing(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store, CountStage.WITHHELD)
        found = await answers(store, round.id)
        assert (found.withheld, found.tables, found.comments) == (True, [], [])
        assert (await at_page(store, round.id)) == Reading(round.id, round.name, (results.WITHHELD,))
        with pytest.raises(NotAllowed, match="Too few"):
            await office.round_answers(office.RoundAnswers(round.id), CLERK, store)


async def test_what_was_called_off_has_no_results(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store, CountStage.DISCARDED)
        with pytest.raises(NotAllowed, match="called off"):
            await answers(store, round.id)


async def test_a_named_round_has_no_results(database: Database) -> None:
    async with database.transaction() as store:
        round = await planned(store)
        await store.surveys.save_round(_named(round))
        with pytest.raises(BadInput, match="named"):
            await answers(store, round.id)


def _named(round: Round) -> Round:
    return replace(round, anonymous=False)


async def test_the_page_has_every_table_in_its_place(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store)
    async with database.reading() as store:
        found = await at_page(store, round.id)
        desk = await page_results.see_at_desk(page_results.OneRound(round.id), GUEST, store)
    assert desk == found
    tables = shown(found)
    hidden = said(HIDDEN)
    assert tables["whole: Who took part"] == [["Everybody asked", "57", "20–49", "80%"]]
    assert tables["dimensions: Dimensions, of everybody"] == [["Climate", "20–49", "61%", "67", "2"]]
    assert tables["questions: Colleagues help each other"][0] == ["Strongly disagree", "3%"]
    assert tables["questions: Goals are clear"] == [["Goals are clear", hidden]]
    assert tables["questions: Please put in order"] == [["Pay", "1.4"], ["Rest", "1.6"]]
    assert tables["by-0: Who took part"] == [
        ["政务服务中心", "30", "20–49", hidden],
        ["党政办公室, 网格中心", hidden],
    ]
    assert tables["by-0: Colleagues help each other"] == [
        ["政务服务中心", "20–49", "62%", "3.9", "4%", "3%", "9%", "26%", "41%", "21%"],
        ["党政办公室, 网格中心", hidden],
    ]
    assert tables["by-0: My opinion is heard"][0] == ["政务服务中心", "Almost everybody agrees. Answered: 10–19"]
    assert tables["crosses: “Colleagues help each other” by “My opinion is heard”"][1] == [
        "Strongly agree",
        "20%",
        "80%",
    ]
    assert tables["trends: Colleagues help each other"] == [[round.name, "20–49", "62%", "3.7"]]
    assert tables["statistics: Reliability (Cronbach's alpha, interval of 95%)"] == [
        ["Climate", "20–49", "2", "0.81", "0.7", "0.88"]
    ]
    assert tables["statistics: How dimensions go together (Pearson's r)"][0][1] == "Too few answers for this."
    assert [said(one.title) for one in found.comments] == ["What should become better"]
    assert len(found.comments[0].words) == len(remarks(1))


def notes(found: Reading, caption: str) -> list[str]:
    tables: Iterator[Shown] = (table for section in found.sections for table in section.tables)
    return next([said(note) for note in table.notes] for table in tables if said(table.title) == caption)


async def test_tests_are_named_and_small_probabilities_are_not_told_exactly(database: Database) -> None:
    async with database.transaction() as store:
        found = await at_page(store, (await counted(store)).id)
    told = notes(found, "Fitness for factor analysis (Bartlett's test)")
    assert told == [
        "Answered: 52",
        "Questions: 2",
        "Kaiser-Meyer-Olkin: 0.84",
        "Chi-square: 81.4",
        "Degrees of freedom: 1",
        "p: below 0.001",
    ]
    assert notes(found, "Questions of “Climate”") == ["Turned round before counting: My opinion is heard"]
    assert "Chi-square test of independence" in notes(found, "“Colleagues help each other” by “My opinion is heard”")


@pytest.mark.parametrize("link", ["", "x", LINK[:-1], LINK + "x", LINK.lower(), "链接"])
async def test_a_wrong_address_is_not_found(database: Database, link: str) -> None:
    async with database.transaction() as store:
        round = await counted(store)
        for round_id in (round.id, round.id + 1, 0):
            with pytest.raises(NotFound) as no:
                await at_page(store, round_id, link)
            assert no.value.text == results.NO_LINK


async def test_an_empty_link_opens_nothing_before_there_is_one(database: Database) -> None:
    async with database.transaction() as store:
        round = await planned(store)
        with pytest.raises(NotFound):
            await at_page(store, round.id, "")


async def _turn(store: Store, who: Person, data: str) -> Turn:
    return Turn(Tap(data), Account(1, "webchat", "a", who.id), who, "en", NOW, "m1", "http://site")


async def test_in_the_chat_whoever_was_asked_gets_a_few_lines_and_the_way(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store)
        who = (await store.people.people())[0]
        reply = await chat_results.show_results(await _turn(store, who, f"rs:{round.id}"), store)
    (message,) = reply.messages
    assert isinstance(message, Message)
    assert [said(part) for part in message.parts] == [
        f"What came of “{round.name}”:",
        "Asked: 57",
        "Answered: 20–49",
        "Response rate: 80%",
        "Climate: Positive: 61%",
        said(results.HIDDEN_LATER),
        "All tables and comments, the same as your HR office sees:",
        f"http://site/results/{round.id}/{LINK}",
    ]
    assert reply.confidential


async def test_whoever_was_not_asked_is_told_that_there_is_nothing(database: Database) -> None:
    async with database.transaction() as store:
        round = await counted(store)
        who = (await store.people.people())[0]
        for data in (f"rs:{round.id + 1}", "rs:x", "rs"):
            with pytest.raises(NotFound):
                await chat_results.show_results(await _turn(store, who, data), store)


async def test_the_report_of_an_open_round_tells_nothing_of_its_ballots(database: Database) -> None:
    async with database.transaction() as store:
        round = await planned(store)
        told = await office_results.round_assurance(office_results.OneRound(round.id), CLERK, store)
    assert (told.stage, told.untagged, told.unlocked_by, told.report) == (CountStage.SEALED, None, [], {})
    assert [band.values for band in told.breakdowns[0].bands] == [["政务服务中心"], ["党政办公室", "网格中心"]]


def test_every_fact_has_a_name() -> None:
    named = {one.about for one in tables(1)}
    assert {"correlations", "fitness"} <= named
    assert all(isinstance(text, Text) for text in (*measures.FACTS.values(), *measures.TESTS.values()))


def test_the_page_about_anonymity_has_the_numbers_of_the_rules() -> None:
    told = [said(part) for part in explaining.explained().rules]
    assert "at least 10 people" in told[0]
    assert "fewer than 10 answers" in told[1]
    assert "below 5" in told[1]
