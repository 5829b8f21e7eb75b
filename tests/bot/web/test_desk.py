"""HR's desk: rounds, answers, the file; and who may see them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.words import Words
from handlers.surveys.rules.table import Table
from handlers.talk import Text
from storage.records import Round, RoundState
from tests.fakes.office import ABOUT
from tests.fakes.pages import House, house
from tests.fakes.webchat import Browser

ROUNDS = [
    Round(1, "第四季度<自评>", 1, RoundState.OPEN, closes=datetime(2026, 12, 5, 10, tzinfo=UTC)),
    Round(2, "绩效管理现状调查", 2, RoundState.PLANNED),
    Round(3, "匿名问卷", 3, RoundState.CLOSED, anonymous=True),
]
HANDED_IN = "2026-11-21T08:16:00+00:00"
ROWS = (
    ("N004", "陶冶", "政务中心", "service", "handed_in", HANDED_IN, "李科长", "2", "On time", 1, 0, 4.5, "=1+1", None),
    ("N007", "许明远", "党建办公室", "party", "started", None, None, None, None, None, None, None, None, None),
)
COLUMNS = (*ABOUT, "/data/unit", "/data/unit (label)", "/data/unit/a", "/data/unit/b", "score", "remark", "unasked")


def told(moment: str) -> str:
    """A moment as the organ's people read it."""
    return Words(ZoneInfo("Asia/Shanghai")).word(Text("{time}", {"time": datetime.fromisoformat(moment)}), "en")


@pytest.fixture
async def here() -> AsyncIterator[House]:
    async with house() as found:
        found.office.rounds = ROUNDS
        found.office.table = Table(COLUMNS, ROWS)
        yield found


async def officer(here: House, number: str = "N008") -> Browser:
    """A browser at the desk."""
    browser = here.browser()
    await browser.open("/")
    form = next(form for form in browser.seen.forms if form.fields.get("place") == "desk")
    await browser.post(form, person=number)
    return browser


async def test_rounds_and_how_far_they_are(here: House) -> None:
    seen = (await officer(here)).seen
    words = seen.text.split()
    assert "第四季度<自评>" in seen.text
    assert [words[words.index(name) + 1] for name in ("Invited", "Reached", "Begun")] == ["9", "7", "1"]
    assert "Everybody on the roll: invited 3 · not reached 2 · begun 1 · handed in 3" in " ".join(seen.text.split())
    assert f"Closes {told('2026-12-05T10:00:00+00:00')}" in seen.text
    assert {"open", "planned", "closed"} <= set(words)


async def test_of_an_anonymous_round_nothing_is_counted_live(here: House) -> None:
    browser = await officer(here)
    here.office.rounds = ROUNDS[2:]
    seen = await browser.open("/desk")
    assert "Invited" in seen.text
    assert "Handed in" not in seen.text
    assert "Everybody on the roll" not in seen.text
    seen = await browser.open("/desk/rounds/3")
    assert browser.status == 200
    assert "Handed in" not in seen.text
    assert "round_answers" not in [asked.name for asked in here.office.asked]


async def test_no_rounds_yet(here: House) -> None:
    browser = await officer(here)
    here.office.rounds = []
    assert "There are no rounds yet." in (await browser.open("/desk")).text


async def test_answers_for_people_to_read(here: House) -> None:
    browser = await officer(here)
    seen = await browser.open("/desk/rounds/1")
    words = " ".join(seen.text.split())
    assert "Name Unit Status Handed in at Paper form, entered by unit score remark" in words
    assert f"陶冶 政务中心 handed in {told(HANDED_IN)} 李科长 On time 4.5 =1+1" in words
    assert "许明远 党建办公室 begun" in words
    assert "N004" not in seen.text
    assert "unasked" not in seen.text
    assert here.office.asked[-2].language == "en"


async def test_no_answers_yet(here: House) -> None:
    browser = await officer(here)
    here.office.table = Table(COLUMNS, ())
    assert "No answers yet." in (await browser.open("/desk/rounds/1")).text


async def test_the_file_has_everything_and_no_formulas(here: House) -> None:
    browser = await officer(here)
    async with browser.client.get("/desk/rounds/1/answers.csv") as response:
        assert response.content_type == "text/csv"
        assert response.headers["Content-Disposition"] == 'attachment; filename="round-1.csv"'
        assert response.headers["Cache-Control"] == "no-store"
        lines = (await response.read()).decode("utf-8-sig").split("\r\n")
    assert lines[0] == ",".join(COLUMNS)
    assert lines[1].endswith("2,On time,1,0,4.5,'=1+1,")


@pytest.mark.parametrize("path", ["/desk", "/desk/rounds/1", "/desk/rounds/1/answers.csv"])
async def test_only_hr_sits_at_the_desk(here: House, path: str) -> None:
    stranger = here.browser()
    seen = await stranger.open(path)
    assert stranger.status == 403
    assert "open to the HR office only" in seen.text
    for number in ("N004", "N001"):
        browser = await officer(here, number)
        await browser.open(path)
        assert browser.status == 403
    assert "list_rounds" not in [asked.name for asked in here.office.asked]


async def test_an_hr_officer_in_the_chat_may_come_too(here: House) -> None:
    browser = here.browser()
    await browser.open("/")
    await browser.post(browser.seen.form("people"), person="N008")
    await browser.open("/desk")
    assert browser.status == 200


@pytest.mark.parametrize("path", ["/desk/rounds/9", "/desk/rounds/x", "/desk/rounds/9/answers.csv"])
async def test_a_round_that_is_not_there(here: House, path: str) -> None:
    browser = await officer(here)
    seen = await browser.open(path)
    assert browser.status == 404
    assert "no such round" in seen.text
