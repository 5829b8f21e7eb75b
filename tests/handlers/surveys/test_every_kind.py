"""A questionnaire with every kind of question, played through the doors: by tapping, by typing, in two languages."""

from collections.abc import Awaitable, Callable

import pytest

from handlers.forms.walk import answers
from handlers.forms.xlsform import read
from handlers.surveys import office
from handlers.surveys.rules import sheets
from handlers.talk import File, Sent, Stored
from storage.database import Database
from storage.records import Questionnaire, Round
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
        *("是", "十二次", "30.5", "8", "35", "比较同意", "同上", "2", "非常同意", "东河镇", "白塔", "白塔村", "2", "今天"),
        *("早上八点半", "2026-04-01 09:00"),
    ):
        await player.type(words)
    await send(player, PHOTO)
    await send(player, DIARY)
    for words in (
        *("村道和路灯、其他", "手机信号差", "3,4,1,2", "李大爷", "2", "修房、就医", "再来一条", "王婶", "5", "跳过", "没有了"),
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
