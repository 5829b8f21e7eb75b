"""A form on paper is entered on the page: in the person's name, plainly marked, and never over theirs unasked."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from handlers.surveys.office_roll import EnterPaper, enter_paper
from storage.database import Database
from storage.records import Disposition, Sheet
from tests.bot.web.test_form_page import at_review, form
from tests.fakes.forms import Visitor, Ward, ward

BANNER = "Paper form of 陶冶, entered by hr"


@pytest.fixture
async def here(database: Database) -> AsyncIterator[Ward]:
    async with ward(database, form()) as found:
        yield found


async def at_desk(here: Ward, visitor: Visitor | None = None, number: str = "0001") -> Visitor:
    """The clerk's browser, with the page open where this person's form is entered."""
    visitor = visitor or here.stranger()
    issued = await here.order(enter_paper, EnterPaper(here.round.id, number))
    await visitor.open(issued.path)
    await visitor.press("Go on")
    return visitor


async def entered(visitor: Visitor, done: str = "4") -> None:
    await visitor.press("Begin")
    assert BANNER in visitor.paper.text
    await visitor.press("Next", done=done, help=["talk"], **{"work/count": "7"})
    assert BANNER in visitor.paper.text
    await visitor.press("Look over your answers", **{"rest/count": "1"})
    assert BANNER in visitor.paper.text


async def kept(here: Ward, number: str = "0001") -> Sheet | None:
    person = await here.person(number)
    async with here.database.reading() as store:
        return await store.surveys.sheet(here.round.id, person.id)


async def test_from_the_link_to_the_receipt(here: Ward) -> None:
    clerk = await at_desk(here)
    assert BANNER in clerk.paper.text
    assert "named questionnaire" not in clerk.paper.text
    await entered(clerk)
    assert await kept(here) is None
    await clerk.press("Hand in")
    sheet = await here.sheet()
    assert (sheet.entered_by, sheet.handed_in) == ("hr", here.now)
    assert f"handed in by hr on {'Nov 25, 2026'}" in clerk.paper.text or sheet.receipt in clerk.paper.text
    assert (await here.answers())["/data/work/done"] == "4"
    async with here.database.reading() as store:
        assert (await store.surveys.progress(here.round.id))[Disposition.HANDED_IN] == 1


async def test_what_the_person_has_begun_stays_as_it_is_until_then(here: Ward) -> None:
    mine = await here.visitor()
    await mine.press("Begin")
    await mine.press("Next", done="2")
    begun = await here.sheet()
    clerk = await at_desk(here)
    await entered(clerk)
    assert await here.sheet() == begun
    await clerk.press("Hand in")
    assert (await here.sheet()).entered_by == "hr"
    await mine.open()
    assert "Thank you." in mine.paper.text
    assert BANNER not in mine.paper.text


async def test_what_the_person_has_handed_in_is_replaced_only_by_a_yes(here: Ward) -> None:
    mine = await at_review(here)
    await mine.press("Hand in")
    theirs = await here.sheet()
    clerk = await at_desk(here)
    assert "陶冶 has handed in" in clerk.paper.text
    await entered(clerk)
    assert "Answers of this person are handed in already" in clerk.paper.text
    assert not [words for _, _, words in clerk.paper.buttons if words == "Hand in"]
    assert await here.sheet() == theirs
    await clerk.press("Replace them and hand in")
    sheet = await here.sheet()
    assert (sheet.entered_by, sheet.receipt) == ("hr", theirs.receipt)
    assert (await here.answers())["/data/work/done"] == "4"


async def test_a_person_who_hands_in_meanwhile_is_not_overwritten(here: Ward) -> None:
    mine = await at_review(here)
    clerk = await at_desk(here)
    await entered(clerk)
    await mine.press("Hand in")
    theirs = await here.sheet()
    await clerk.press("Hand in")
    assert clerk.status == 409
    assert theirs.receipt in clerk.paper.text
    assert await here.sheet() == theirs
    await clerk.open(f"/form/{here.round.id}?at=review")
    await clerk.press("Replace them and hand in")
    assert (await here.sheet()).entered_by == "hr"


async def test_a_mistake_is_put_right_on_the_same_page(here: Ward) -> None:
    clerk = await at_desk(here)
    await entered(clerk)
    await clerk.press("Hand in")
    first = await here.sheet()
    here.now += timedelta(hours=1)
    await clerk.press("Begin")
    await clerk.open(f"/form/{here.round.id}?at=/data/work/done")
    assert clerk.paper.value("done") == "4"
    await clerk.press("Next", done="5")
    await clerk.press("Look over your answers")
    await clerk.press("Replace them and hand in")
    again = await here.sheet()
    assert (again.entered_by, again.receipt) == ("hr", first.receipt)
    assert (await here.answers())["/data/work/done"] == "5"


async def test_one_browser_enters_one_form_after_the_other(here: Ward) -> None:
    clerk = await at_desk(here)
    await entered(clerk)
    await clerk.press("Hand in")
    await at_desk(here, clerk, "0002")
    assert "Paper form of 文静, entered by hr" in clerk.paper.text
    assert await kept(here, "0002") is None


async def test_a_link_is_for_one_browser_and_a_day(here: Ward) -> None:
    issued = await here.order(enter_paper, EnterPaper(here.round.id, "0001"))
    clerk, thief = here.stranger(), here.stranger()
    await clerk.open(issued.path)
    await clerk.press("Go on")
    await thief.open(issued.path)
    await thief.press("Go on")
    assert thief.status == 403
    here.now += timedelta(hours=24)
    await clerk.open()
    assert clerk.status == 403
