"""What HR orders of rounds, and what comes of it."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from handlers.forms.form import Form, Group, Question
from handlers.refusals import AlreadyDone, BadInput, NotFound, Refusal, TooLate
from handlers.surveys import office
from handlers.surveys.office import PlanRound, RoundAnswers
from handlers.surveys.opening import open_now
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules.table import ABOUT, Table
from handlers.talk import Label
from storage.database import Database
from storage.records import Disposition, Questionnaire, Round, RoundState
from tests.handlers.surveys.paper import HELP, LIKERT, label
from tests.handlers.surveys.player import LATER, START, Organ, organ_on

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


async def ordered(organ: Organ, door: object, order: object) -> Round:
    """A round, from a door that returns one."""
    round = await organ.order(door, order)  # type: ignore[arg-type]
    assert isinstance(round, Round)
    return round


def workbook(*labels: str) -> bytes:
    """An XLSForm with one text question for each label."""
    book = Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    survey.append(["type", "name", "label::中文 (zh-CN)"])
    for number, words in enumerate(labels, 1):
        survey.append(["text", f"q{number}", words])
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id"])
    settings.append(["季度小结", "summary"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_questionnaire_is_frozen_in_versions(organ: Organ) -> None:
    made = [
        await organ.order(office.add_questionnaire, office.AddQuestionnaire(content, "summary.xlsx"))
        for content in (workbook("做了什么"), workbook("做了什么"), workbook("做了什么", "还有什么"))
    ]
    first, same, changed = made
    assert isinstance(first, Questionnaire)
    assert isinstance(changed, Questionnaire)
    assert first == same
    assert (first.name, first.version, changed.version) == ("summary", 1, 2)
    assert "季度小结" in first.title.values()
    assert len(first.digest) == 64


async def test_a_file_that_is_no_questionnaire_is_refused(organ: Organ) -> None:
    with pytest.raises(BadInput):
        await organ.order(office.add_questionnaire, office.AddQuestionnaire(b"not a workbook", "x.xlsx"))


async def test_a_round_is_planned_for_units_by_code_or_name(organ: Organ) -> None:
    order = PlanRound(
        " 一季度 ", organ.questionnaire.id, False, START + LATER, START + 2 * LATER, units=("11", "综合执法队")
    )
    round = await ordered(organ, office.plan_round, order)
    assert (round.name, round.state, len(round.audience.unit_ids)) == ("一季度", RoundState.PLANNED, 2)
    assert (round.opens, round.closes, round.created, round.created_by) == (
        START + LATER,
        START + 2 * LATER,
        START,
        "李科长",
    )
    assert await organ.order(office.list_rounds, office.ListRounds()) == [round]
    assert await organ.order(office.show_round, OneRound(round.id)) == round


@pytest.mark.parametrize(
    ("changes", "no"),
    [
        ({"questionnaire_id": 999}, NotFound),
        ({"units": ("nowhere",)}, BadInput),
        ({"anonymous": True}, BadInput),
        ({"closes": START}, BadInput),
        ({"name": " "}, BadInput),
        ({"units": ("3",)}, BadInput),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(organ: Organ, changes: dict[str, object], no: type[Refusal]) -> None:
    async with organ.database.transaction() as store:
        await store.people.put_unit("3", "空单位", None)
    facts = {"name": "一季度", "questionnaire_id": organ.questionnaire.id, **changes}
    with pytest.raises(no):
        await organ.order(office.plan_round, PlanRound(**facts))  # type: ignore[arg-type]
    assert await organ.order(office.list_rounds, office.ListRounds()) == []


async def test_opening_writes_the_roll_once(organ: Organ) -> None:
    await organ.player("002")
    round = await organ.opened(units=("党政办公室",))
    async with organ.database.reading() as store:
        roll = await store.surveys.roll(round.id)
        units = {unit.id: unit.code for unit in await store.people.units()}
        waiting = await store.outbox.waiting()
    assert [(units[line.unit_id], line.disposition) for line in roll] == [
        ("1", Disposition.UNREACHABLE),
        ("11", Disposition.INVITED),
    ]
    with pytest.raises(AlreadyDone):
        await organ.order(office.open_round, OneRound(round.id))
    async with organ.database.reading() as store:
        assert await store.outbox.waiting() == waiting
        assert sum(waiting.values()) == 1


async def test_two_who_open_at_once_invite_once(organ: Organ) -> None:
    await organ.player("002")
    planned = await organ.planned()
    await organ.order(office.open_round, OneRound(planned.id))
    with pytest.raises(AlreadyDone):
        async with organ.database.transaction() as store:
            await open_now(planned, organ.now, store)
    async with organ.database.reading() as store:
        assert sum((await store.outbox.waiting()).values()) == 1


async def test_a_round_has_a_life(organ: Organ) -> None:
    round = await organ.opened()
    assert (await ordered(organ, office.pause_round, OneRound(round.id))).state is RoundState.PAUSED
    assert (await ordered(organ, office.resume_round, OneRound(round.id))).state is RoundState.OPEN
    organ.now += LATER
    closed = await ordered(organ, office.close_round, OneRound(round.id))
    assert (closed.state, closed.closes) == (RoundState.CLOSED, START + LATER)
    assert await ordered(organ, office.show_round, OneRound(round.id)) == closed
    for door, no in ((office.pause_round, TooLate), (office.resume_round, TooLate), (office.close_round, AlreadyDone)):
        with pytest.raises(no):
            await organ.order(door, OneRound(round.id))


@pytest.mark.parametrize(
    "door",
    [office.show_round, office.open_round, office.pause_round, office.close_round, office.round_progress],
    ids=lambda door: str(door.__name__),
)
async def test_a_round_that_is_not_there_is_said_to_be_missing(organ: Organ, door: object) -> None:
    with pytest.raises(NotFound):
        await organ.order(door, OneRound(77))  # type: ignore[arg-type]


async def test_progress_adds_up(organ: Organ) -> None:
    players = [await organ.player(number) for number in ("001", "002")]
    round = await organ.opened()
    for player in players:
        await player.tap(f"ao:{round.id}")
    for words in ("很好", "Skip", "Done", "Skip", "Skip", "Hand in"):
        await players[0].press(words)
    progress = await organ.order(office.round_progress, OneRound(round.id))
    assert isinstance(progress, office.Progress)
    assert (progress.round, progress.title, progress.state) == (round.id, "一季度自评", RoundState.OPEN)
    assert (progress.invited, progress.unreachable, progress.started, progress.handed_in) == (3, 1, 1, 1)
    assert progress.letters == 2
    assert progress.dispositions.keys() == set(Disposition)
    assert sum(progress.dispositions.values()) == 3


async def answered(organ: Organ) -> Round:
    """A round in which one has handed in, one has begun, one has only looked at the first question."""
    round = await organ.opened()
    first, second, third = [await organ.player(number) for number in ("003", "002", "001")]
    await first.tap(f"ao:{round.id}")
    await first.press("很差")
    await first.type("人手不够, 事情\n“很多”")
    await first.type("0")
    for words in ("A course", "A talk", "Done"):
        await first.press(words)
    await first.type("7.5")
    await first.type("2026-01-15")
    await first.press("Hand in")
    organ.now += timedelta(hours=1, microseconds=5)
    await second.tap(f"ao:{round.id}")
    await second.press("很好")
    await third.tap(f"ao:{round.id}")
    return round


async def test_the_answers_are_a_table_of_codes_words_and_numbers(organ: Organ) -> None:
    round = await answered(organ)
    table = await organ.order(office.round_answers, RoundAnswers(round.id, "en"))
    assert isinstance(table, Table)
    out = io.StringIO()
    csv.writer(out).writerows([table.columns, *table.rows])
    assert out.getvalue().encode() == (GOLDEN / "answers.csv").read_bytes()
    assert await organ.order(office.round_answers, RoundAnswers(round.id, "en")) == table
    row = dict(zip(table.columns, table.rows[1], strict=True))
    assert (row["/data/work/count"], row["/data/rest/count"], row["help/talk"]) == (0, 7.5, 1)


async def test_words_come_in_the_default_language_where_another_has_none(organ: Organ) -> None:
    table = await organ.order(office.round_answers, RoundAnswers((await answered(organ)).id, "fr"))
    assert isinstance(table, Table)
    assert dict(zip(table.columns, table.rows[1], strict=True))["help (label)"] == "谈话; 培训"


async def test_a_table_of_nobody_has_its_columns(organ: Organ) -> None:
    round = await organ.opened()
    table = await organ.order(office.round_answers, RoundAnswers(round.id))
    assert isinstance(table, Table)
    assert table.rows == ()
    assert table.columns[:8] == (*ABOUT, "done")


async def test_who_left_in_the_middle_is_still_in_the_table(organ: Organ) -> None:
    round = await answered(organ)
    async with organ.database.transaction() as store:
        await store.people.mark_left(["003"])
    table = await organ.order(office.round_answers, RoundAnswers(round.id))
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["002", "003"]


async def test_names_that_columns_bear_already_are_replaced_by_paths(database: Database) -> None:
    def made() -> Form:
        unit = Question("/data/unit", "unit", "select_one", label("单位"), choices=LIKERT)
        inner = Question("/data/g/help", "help", "select_multiple", Label({}), choices=HELP[:1])
        return Form("x", label("x"), "1", (), "", (unit, Group("/data/g", "g", Label({}), items=(inner,))))

    organ = await organ_on(database, made)
    table = await organ.order(office.round_answers, RoundAnswers((await organ.opened()).id))
    assert isinstance(table, Table)
    assert table.columns[7:] == ("/data/unit", "/data/unit (label)", "help", "help (label)", "help/talk")
