"""A questionnaire with every kind of question, played through the doors: by tapping, by typing, in two languages."""

from collections.abc import Awaitable, Callable

import pytest

from handlers.forms.walk import answers
from handlers.forms.xlsform import read
from handlers.refusals import BadInput, NotFound
from handlers.surveys import office, office_roll
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules import sheets
from handlers.surveys.rules.table import Table
from handlers.talk import File, Sent, Stored
from storage.database import Database
from storage.records import Questionnaire, Round
from tests.handlers.people.talking import worded
from tests.handlers.surveys.player import Organ, Player, organ_on
from tests.samples.make_samples import BESIDE, MEDIA

FORM = read((BESIDE / "every-kind.xlsx").read_bytes(), "every-kind.xlsx")
PHOTO = File("a.jpg", "image/jpeg", b"no place, no time")
DIARY = File("日志.docx", "application/octet-stream", b"no author")


@pytest.fixture
async def organ(database: Database) -> Organ:
    organ = await organ_on(database)
    content = (BESIDE / "every-kind.xlsx").read_bytes()
    made = await organ.order(office.add_questionnaire, office.AddQuestionnaire(content, "every-kind.xlsx", MEDIA))
    assert isinstance(made, Questionnaire)
    organ.questionnaire = made
    return organ


async def given(organ: Organ, round: Round) -> dict[str, object]:
    """What counts of the answers of 001, without what the form works out and the moments it notes."""
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    found = answers(FORM, sheets.counted(sheet), organ.now)
    return {path.removeprefix("/data/"): value for path, value in found.items()}


async def begun(organ: Organ, language: str) -> tuple[Round, Player]:
    round = await organ.opened()
    player = await organ.player("001", language=language)
    await player.tap(f"ao:{round.id}", "invitation")
    return round, player


async def send(player: Player, file: File) -> None:
    await player.hear(Sent("document", file.name, len(file.content), "ref", file))


TAPPED = {
    "work/visited": "yes",
    "work/visits": 12,
    "work/hours": 30.5,
    "work/ease": 8,
    "work/share": 35,
    "views/clear": "4",
    "views/time": "4",
    "views/use": "2",
    "again": "5",
    "place/town": "east",
    "place/village": "e12",
    "place/board": "new",
    "place/last": "2026-03-02",
    "place/leave": "08:30",
    "place/next": "2026-04-01T09:00",
    "troubles": ["road", "other"],
    "troubles_other": "手机信号差",
    "measures": ["forms", "car", "people", "train"],
    "household[1]/head": "李大爷",
    "household[1]/members": 2,
    "household[1]/needs": ["repair", "doctor"],
    "household[2]/head": "王婶",
    "household[2]/members": 5,
    "people_in_all": 7,
    "helpers": 2,
    "helper[1]/helper_name": "小陈",
    "helper[2]/helper_name": "小赵",
    "remarks": "没有了",
    "truthful": "OK",
    "source": "quarterly",
    "today": "2026-03-02",
    "work/each": 2.5,
    "work/each_shown": 2.5,
}


async def test_a_paper_form_of_every_kind_is_entered_by_script(organ: Organ) -> None:
    round = await organ.opened()
    worked_out = {"people_in_all", "source", "today", "work/each", "work/each_shown"}
    by_path = {f"/data/{path}": value for path, value in TAPPED.items() if path not in worked_out}
    await organ.order(office_roll.enter_paper, office_roll.EnterPaper(round.id, "001", by_path))
    found = await given(organ, round)
    assert found.pop("start") == found.pop("end")
    assert found == TAPPED


async def test_a_paper_form_by_script_knows_its_entries_and_its_files(organ: Organ) -> None:
    round = await organ.opened()
    answers = {"head": "李大爷", "/data/household[0]/head": "x", "photo": "a.jpg", "helper": "x", "visited": "no"}
    with pytest.raises(BadInput) as no:
        await organ.order(office_roll.enter_paper, office_roll.EnterPaper(round.id, "001", answers))
    told = [worded(problem) for problem in no.value.problems]
    assert told[:4] == [
        "“head” is in an entry: give its path, such as /data/household[1]/head.",
        "“photo” is answered with a file: enter this form on the page.",
        "No question is called “helper”.",
        "/data/household[0]/head is not asked, going by the other answers.",
    ]


async def by_tapping(player: Player) -> None:
    """In Chinese words where labels are, in the messages' English where ours are."""
    press, type = player.press, player.type
    await press("是")
    await type("12")
    await type("30.5")
    assert "平均每次用时（小时）: 2.5" in player.text()
    await press("8")
    await type("35")
    assert player.rows()[0] == ["1", "2", "3", "4", "5"]
    await press("4")
    await press("Same as before: 比较同意")
    await press("2")
    await press("5")
    await press("东河镇")
    assert "There are 12 choices." in player.text()
    await press("More choices")
    await press("白塔村")
    await press("新公示栏")
    await press("Today")
    await type("早上八点半")
    await type("2026-04-01 09:00")
    await send(player, PHOTO)
    assert player.text().startswith("Received: a.jpg")
    await send(player, DIARY)
    await press("村道和路灯")
    await press("More choices")
    await press("Other" if "Other" in str(player.rows()) else "其他")
    assert "Ticked so far: 村道和路灯" in player.text()
    await press("Done")
    await type("手机信号差")
    for measure in ("少填表格", "增加人手"):
        await press(measure)
    await press("Start over")
    for measure in ("少填表格", "保障用车", "增加人手", "加强培训"):
        await press(measure)
    await press("Done")
    await type("李大爷")
    assert "李大爷" in player.text()
    await type("2")
    await press("修房")
    await press("就医")
    await press("Done")
    await press("One more")
    await type("王婶")
    await type("5")
    await press("Done")
    await press("No more")
    await type("2")
    await type("小陈")
    await type("小赵")
    await type("没有了")
    await press("I confirm")


async def by_typing(player: Player) -> None:
    """Nothing is tapped: words do the same everywhere."""
    for words in (
        *(
            "是",
            "十二次",
            "30.5",
            "8",
            "35",
            "比较同意",
            "同上",
            "2",
            "非常同意",
            "东河镇",
            "白塔",
            "白塔村",
            "2",
            "今天",
        ),
        *("早上八点半", "2026-04-01 09:00"),
    ):
        await player.type(words)
    await send(player, PHOTO)
    await send(player, DIARY)
    for words in (
        *(
            "村道和路灯、其他",
            "手机信号差",
            "3,4,1,2",
            "李大爷",
            "2",
            "修房、就医",
            "再来一条",
            "王婶",
            "5",
            "跳过",
            "没有了",
        ),
        *("2", "小陈", "小赵", "没有了", "确认"),
    ):
        await player.type(words)


@pytest.mark.parametrize("fill", [by_tapping, by_typing])
async def test_every_kind_is_answered(organ: Organ, fill: Callable[[Player], Awaitable[None]]) -> None:
    round, player = await begun(organ, "zh_CN")
    await fill(player)
    assert "Hand in" in player.rows()[-1], player.text()
    found = await given(organ, round)
    photo, diary = found.pop("place/photo"), found.pop("place/diary")
    assert {path: value for path, value in found.items() if path not in ("start", "end")} == TAPPED
    async with organ.database.reading() as store:
        kept = [await store.surveys.upload(round.id, str(name)) for name in (photo, diary)]
    assert [(one.mime, one.content) for one in kept if one] == [
        (PHOTO.mime, PHOTO.content),
        (DIARY.mime, DIARY.content),
    ]
    await player.type("提交")
    assert "Receipt" in player.text()


async def test_an_entry_is_removed_from_the_review_after_a_second_tap(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await by_typing(player)
    await player.type("下一页")
    await player.type("下一页")
    await player.press("Remove “重点户 1”")
    assert player.text() == "Remove “重点户 1” with all its answers?"
    before = await given(organ, round)
    await player.press("No, keep it")
    assert await given(organ, round) == before
    await player.press("Remove “重点户 1”")
    await player.press("Yes, remove it")
    assert player.toast == "Removed."
    found = await given(organ, round)
    assert found["household[1]/head"] == "王婶"
    assert "household[2]/head" not in found
    assert found["people_in_all"] == 5


async def test_pictures_come_with_what_they_belong_to_and_not_with_every_tap(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    pictures = [message.file.name for message in player.shown.values() if isinstance(message.file, Stored)]
    assert pictures == ["steps.png"]
    for words in ("是", "12", "30.5", "8", "35", "4", "4", "4", "4", "东河镇"):
        await player.type(words)
    reply = await player.type("白塔村")
    assert [message.file.name if isinstance(message.file, Stored) else "" for message in reply.messages] == [  # type: ignore[union-attr]
        "board-old.png",
        "board-new.png",
        "",
    ]
    reply = await player.press("Help")
    assert [message.file for message in reply.messages] == [None]  # type: ignore[union-attr]
    reply = await player.press("To the question")
    assert len(reply.messages) == 1
    reply = await player.tap(f"ao:{round.id}")
    assert len([message for message in reply.messages if message.file]) == 2  # type: ignore[union-attr]


async def test_help_on_a_question_tells_what_the_author_wrote_and_what_becomes_of_it(organ: Organ) -> None:
    _, player = await begun(organ, "zh_CN")
    await player.press("是")
    await player.type("帮助")
    assert "按工作日志统计" in player.text()
    assert "Type a whole number" in player.text()
    assert "Your HR office sees it" in player.text()
    question = player.last
    await player.press("To the question")
    assert player.last == question
    assert "一共走访了多少次？" in player.text()


async def test_another_language_brings_the_same_question_and_changes_nothing(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await player.press("是")
    await player.type("12")
    before = await organ.sheet(round, "001")
    await player.command("language")
    reply = await player.press("English")
    assert len(reply.messages) == 2
    player.language = "en"
    assert "How many hours did they take, travel included?" in player.text()
    assert await organ.sheet(round, "001") == before
    await player.type("30.5")
    assert "Hours for each visit on average: 2.5" in player.text()


async def test_a_file_that_is_no_answer_here_or_cannot_be_taken_is_told(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await send(player, PHOTO)
    assert player.text().startswith("No file is asked for here.")
    for words in ("是", "12", "30.5", "8", "35", "4", "4", "4", "4", "东河镇", "白塔村", "2", "今天", "08:30", "跳过"):
        await player.type(words)
    assert "请发一张走访现场的照片。" in player.text()
    assert player.message().attach == "image"
    await player.send("voice")
    assert player.text().startswith("What you sent cannot be the answer here.")
    await player.hear(Sent("photo", trouble="too big"))
    assert player.text().startswith("too big")
    await player.type("没有照片")
    assert "place/photo" not in await given(organ, round)
    await player.press("Skip")
    assert "把文件发来" in player.text()


async def test_what_is_answered_anew_is_kept_and_what_it_replaced_goes_when_handed_in(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await by_typing(player)
    old = str((await given(organ, round))["place/photo"])
    number = await line_about(player, "走访现场的照片")
    await player.type(f"改第{number}题")
    await send(player, File("b.png", "image/png", b"another"))
    new = str((await given(organ, round))["place/photo"])
    assert new.endswith(".png")
    await player.type("提交")
    async with organ.database.reading() as store:
        assert await store.surveys.upload(round.id, old) is None
        assert await store.surveys.upload(round.id, new) is not None


async def line_about(player: Player, words: str) -> int:
    """The line of the review about that question; its pages are turned until it is there."""
    while True:
        for line in player.text().splitlines():
            if words in line:
                return int(line.partition(".")[0])
        await player.press("Further answers")


async def test_a_word_that_is_an_answer_is_an_answer(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await player.type("没有")
    assert (await given(organ, round))["work/visited"] == "no"
    await player.type("上一题")
    assert "本季度下村走访过吗？" in player.text()
    await player.type("yes")
    await player.type("暂停")
    assert player.text().startswith("You have left")
    await player.command("my")
    await player.press("Go on with “一季度自评”")
    assert "一共走访了多少次？" in player.text()


async def test_slash_commands_go_back_where_every_word_is_an_answer(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await by_typing(player)
    await player.type("back")
    await player.press("Back")
    await player.type("返回")
    assert (await given(organ, round))["remarks"] == "返回"
    await player.press("Back")
    await player.command("back")
    assert "这位同事叫什么？" in player.text()
    await player.command("skip")
    assert "还有什么想说的？" in player.text()


async def test_long_words_that_are_refused_are_given_back(organ: Organ) -> None:
    _, player = await begun(organ, "zh_CN")
    await by_typing(player)
    await player.type("上一题")
    await player.type("上一题")
    words = "具体的情况都记在工作日志里面，" * 800
    await player.type(words)
    assert f"You wrote:\n{words}" in player.text()
    assert "还有什么想说的？" in player.text()


async def test_the_office_gets_one_table_of_people_and_one_of_each_repeat(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await by_tapping(player)
    await player.press("Hand in")
    order = office.RoundAnswers(round.id, "zh_CN")
    table = await organ.order(office.round_answers, order)
    assert isinstance(table, Table)
    row = dict(zip(table.columns, table.rows[0], strict=True))
    expected = {
        "source": "quarterly",
        "today": "2026-03-02",
        "visits": 12,
        "each": 2.5,
        "share": 35,
        "village": "e12",
        "village (label)": "白塔村",
        "last": "2026-03-02",
        "leave": "08:30",
        "next": "2026-04-01T09:00",
        "troubles": "road other",
        "troubles/road": 1,
        "troubles/water": 0,
        "measures": "forms car people train",
        "measures (label)": "少填表格; 保障用车; 增加人手; 加强培训",
        "measures/people": 3,
        "household (entries)": 2,
        "people_in_all": 7,
        "helper (entries)": 2,
        "truthful": "OK",
    }
    assert {name: row[name] for name in expected} == expected
    assert str(row["start"]).startswith("2026-03-02T")
    assert str(row["end"]).startswith("2026-03-02T")
    photo = await organ.order(office.round_file, office.OneFile(round.id, str(row["photo"])))
    assert photo == File(str(row["photo"]), PHOTO.mime, PHOTO.content)
    households, helpers = table.repeats
    assert (households.name, helpers.name) == ("household", "helper")
    assert households.columns[:6] == ("staff_number", "person", "household", "head", "members", "needs")
    assert [line[:6] for line in households.rows] == [
        ("001", "王一", 1, "李大爷", 2, "repair doctor"),
        ("001", "王一", 2, "王婶", 5, None),
    ]
    assert helpers.rows == (("001", "王一", 1, "小陈"), ("001", "王一", 2, "小赵"))


async def test_a_file_nobody_sent_is_not_there(organ: Organ) -> None:
    round = await organ.opened()
    with pytest.raises(NotFound):
        await organ.order(office.round_file, office.OneFile(round.id, "photo-1.jpg"))


async def test_only_answers_are_counted_a_default_among_them(organ: Organ) -> None:
    round, player = await begun(organ, "zh_CN")
    await player.press("是")
    await organ.order(office.close_round, OneRound(round.id))
    await player.type("12")
    assert player.text() == "“一季度自评” has closed; your 2 answers are kept."
