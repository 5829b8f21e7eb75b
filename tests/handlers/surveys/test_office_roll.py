"""What HR decides about people on a roll; what the roster does to it while the round is open."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.refusals import BadInput, NotAllowed, NotFound, Refusal, TooLate
from handlers.surveys import clock, clock_roll, office, office_roll
from handlers.surveys.office_roll import (
    EnterPaper,
    Excuse,
    Join,
    OneRound,
    OnRoll,
    PaperForm,
    Readmit,
    WeighAudience,
)
from handlers.surveys.rules import sheets
from handlers.talk import unpack
from storage.database import Database
from storage.records import Disposition, Invitation, Level, PostClass, RosterLine, Round, Standing, Weighed
from tests.handlers.people.talking import worded
from tests.handlers.surveys.player import LATER, Organ, organ_on


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


async def employ(organ: Organ, number: str, unit: str = "2", **more: Any) -> None:
    """Puts somebody on the roster, or changes what stands there."""
    line = replace(RosterLine(number, f"人{number}", unit, PostClass.ENFORCEMENT, Level.STAFF), **more)
    async with organ.database.transaction() as store:
        await store.people.put_people([line])


async def leave(organ: Organ, *numbers: str) -> None:
    async with organ.database.transaction() as store:
        await store.people.mark_left(numbers)


async def tick(organ: Organ) -> int:
    """The roster is followed, then the invitations are written; how many the roster has changed."""
    async with organ.database.transaction() as store:
        changed = await clock_roll.follow_roster(organ.now, store)
    await fan(organ)
    return changed


async def fan(organ: Organ) -> None:
    """Writes the letters there are to be written."""
    await organ.tick(clock.fan_out)


async def line_of(organ: Organ, round: Round, number: str) -> Invitation:
    person = await organ.person(number)
    async with organ.database.reading() as store:
        found = await store.surveys.invitation(round.id, person.id)
    assert found is not None
    return found


async def letters(organ: Organ, channel: str = "webchat") -> list[tuple[str, str]]:
    """The letters that wait, taken out of the outbox: address and first words."""
    async with organ.database.transaction() as store:
        claimed = await store.outbox.claim(channel, 100, organ.now, organ.now + LATER)
        await store.outbox.sent([(one.id, "m") for one in claimed], organ.now)
    return [(one.address, worded(unpack(one.body).parts[0])) for one in claimed]  # type: ignore[union-attr]


async def no(organ: Organ, door: Any, order: object, kind: type[Refusal] = BadInput) -> list[str]:
    """What is said where it is refused: the sentence and its problems."""
    with pytest.raises(kind) as refusal:
        await organ.order(door, order)
    return [worded(refusal.value.text), *(worded(one) for one in refusal.value.problems)]


# Who would be asked --------------------------------------------------------------------------------------


async def test_an_audience_is_weighed_before_anything_is_planned(organ: Organ) -> None:
    await employ(organ, "005", standing=Standing.PROBATION)
    await organ.player("003")
    order = WeighAudience(units=("2",), excuse=("probation",))
    assert await organ.order(office_roll.weigh_audience, order) == Weighed(1, 0, {"probation": 1})
    round = await organ.planned(units=("1",), exempt={"002": "在外学习"})
    assert await organ.order(office_roll.round_audience, OneRound(round.id)) == Weighed(1, 1, {"在外学习": 1})
    assert await no(organ, office_roll.round_audience, OneRound(9), NotFound)


async def test_an_audience_of_nobody_is_refused_in_a_sentence(organ: Organ) -> None:
    await employ(organ, "005", unit="11", standing=Standing.LONG_LEAVE, post_class=PostClass.GRID)
    told = await no(organ, office_roll.weigh_audience, WeighAudience(post_classes=("grid",), excuse=("long_leave",)))
    assert told == ["Nobody is left to be asked: everybody in this audience is excused."]
    facts = {"name": "x", "questionnaire_id": organ.questionnaire.id, "kinds": ("contract",)}
    told = await no(organ, office.plan_round, office.PlanRound(**facts))  # type: ignore[arg-type]
    assert told == ["Nobody on the roster belongs to this audience."]
    told = await no(organ, office_roll.weigh_audience, WeighAudience(people=("004", "77"), groups=("x",)))
    assert told == [
        "Not everything you named could be found. Nothing was changed.",
        "There is no group “x”: there are none yet.",
        "Nobody on the roster has the staff number 004.",
        "Nobody on the roster has the staff number 77.",
    ]


async def test_the_roll_is_as_it_was_weighed(organ: Organ) -> None:
    await employ(organ, "005", standing=Standing.PROBATION)
    plan: dict[str, Any] = {"excuse": ("probation",), "exempt": {"001": "另行考核"}}
    round = await organ.opened(**plan)
    assert (await line_of(organ, round, "005")).reason == "probation"
    assert (await line_of(organ, round, "001")).reason == "另行考核"
    progress = await organ.order(office.round_progress, OneRound(round.id))
    assert isinstance(progress, office.Progress)
    assert progress.dispositions[Disposition.EXCUSED] == 2
    assert sum(progress.dispositions.values()) == progress.invited == 4


# Excused, and back --------------------------------------------------------------------------------------


async def test_hr_excuses_somebody_and_takes_it_back(organ: Organ) -> None:
    player = await organ.player("001")
    round = await organ.opened()
    await letters(organ)
    done = await organ.order(office_roll.excuse_people, Excuse(round.id, ("001", "003"), " 在外学习 "))
    assert done == [OnRoll("001", "王一"), OnRoll("003", "赵三")]
    line = await line_of(organ, round, "001")
    assert (line.disposition, line.reason) == (Disposition.EXCUSED, "在外学习")
    told = "Your HR office has excused you from “一季度自评”: there is nothing more for you to do."
    assert await letters(organ) == [("at-001", told)]
    await player.tap(f"ao:{round.id}")
    assert "has excused you" in player.text()
    await player.command("my")
    assert "Nothing waits for you" in player.text()
    await organ.order(office_roll.readmit_people, Readmit(round.id, ("001", "003")))
    await fan(organ)
    assert (await line_of(organ, round, "001")) == replace(line, disposition=Disposition.INVITED, reason="")
    assert (await line_of(organ, round, "003")).disposition is Disposition.UNREACHABLE
    assert [address for address, _ in await letters(organ)] == ["at-001"]
    await player.tap(f"ao:{round.id}")
    assert (await line_of(organ, round, "001")).disposition is Disposition.STARTED


async def test_who_had_begun_goes_on_where_they_were(organ: Organ) -> None:
    player = await organ.player("001")
    round = await organ.opened()
    await player.tap(f"ao:{round.id}")
    await player.press("很好")
    await letters(organ)
    await organ.order(office_roll.excuse_people, Excuse(round.id, ("001",), "在外学习"))
    await organ.order(office_roll.readmit_people, Readmit(round.id, ("001",)))
    assert (await line_of(organ, round, "001")).disposition is Disposition.STARTED
    assert (await letters(organ))[-1] == (
        "at-001",
        "You are asked in “一季度自评” again. Your answers so far are kept.",
    )


async def test_everything_that_speaks_against_it_is_said_at_once(organ: Organ) -> None:
    round = await organ.opened(exempt={"002": "另行考核"})
    await organ.order(office_roll.enter_paper, EnterPaper(round.id, "001", {"done": "5"}))
    told = await no(organ, office_roll.excuse_people, Excuse(round.id, ("001", "002", "003", "004", "77"), "x"))
    assert told == [
        "Nothing was changed in “一季度自评”.",
        "Nobody has the staff number 77.",
        "王一 (001) has handed in already; that counts.",
        "陈二 (002) is excused already.",
        "孙四 (004) is not on the roll of this round.",
    ]
    assert (await line_of(organ, round, "003")).disposition is Disposition.UNREACHABLE
    assert "Say why" in (await no(organ, office_roll.excuse_people, Excuse(round.id, ("003",), " ")))[0]
    assert "other words" in (await no(organ, office_roll.excuse_people, Excuse(round.id, ("003",), "left")))[0]
    assert "at least one" in (await no(organ, office_roll.excuse_people, Excuse(round.id, (" ",), "x")))[0]
    told = await no(organ, office_roll.readmit_people, Readmit(round.id, ("003", "004")))
    assert told[1:] == ["赵三 (003) is not excused.", "孙四 (004) is not on the roll of this round."]


async def test_only_in_a_round_that_is_open(organ: Organ) -> None:
    planned = await organ.planned()
    await no(organ, office_roll.excuse_people, Excuse(planned.id, ("001",), "x"))
    round = await organ.opened(closes=organ.now + LATER)
    organ.now += LATER
    for order in (Excuse(round.id, ("001",), "x"), Readmit(round.id, ("001",)), Join(round.id, ("001",))):
        door = {Excuse: office_roll.excuse_people, Readmit: office_roll.readmit_people, Join: office_roll.add_people}
        assert "is closed" in (await no(organ, door[type(order)], order, TooLate))[0]
    await no(organ, office_roll.excuse_people, Excuse(99, ("001",), "x"), NotFound)


# Joining ------------------------------------------------------------------------------------------------


async def test_who_joins_later_is_shown_added_and_invited(organ: Organ) -> None:
    round = await organ.opened(units=("2",), excuse=("probation",))
    await employ(organ, "005")
    await employ(organ, "006", standing=Standing.PROBATION)
    await organ.player("005")
    assert await organ.order(office_roll.list_joiners, OneRound(round.id)) == [OnRoll("005", "人005")]
    assert await organ.order(office_roll.add_people, Join(round.id, joiners=True)) == [OnRoll("005", "人005")]
    await fan(organ)
    assert (await line_of(organ, round, "005")).disposition is Disposition.INVITED
    assert [address for address, _ in await letters(organ)] == ["at-005"]
    told = await no(organ, office_roll.add_people, Join(round.id, joiners=True))
    assert told == ["Everybody in the audience of “一季度自评” is on its roll already."]
    await organ.order(office_roll.add_people, Join(round.id, ("001",)))
    await fan(organ)
    assert (await line_of(organ, round, "001")).disposition is Disposition.UNREACHABLE
    told = await no(organ, office_roll.add_people, Join(round.id, ("001", "004")))
    assert told[1:] == ["王一 (001) is on the roll already.", "孙四 (004) is no longer on the roster."]
    for order in (Join(round.id), Join(round.id, ("001",), joiners=True)):
        assert "one of the two" in (await no(organ, office_roll.add_people, order))[0]


# The roster changes -------------------------------------------------------------------------------------


async def test_who_leaves_is_excused_and_who_comes_back_is_asked_again(organ: Organ) -> None:
    player = await organ.player("002")
    round = await organ.opened()
    await player.tap(f"ao:{round.id}")
    await leave(organ, "002", "003")
    assert await tick(organ) == 2
    assert await tick(organ) == 0
    assert (await line_of(organ, round, "003")).reason == "left"
    told = await no(organ, office_roll.readmit_people, Readmit(round.id, ("003",)))
    assert told[1:] == ["赵三 (003) is no longer on the roster."]
    await organ.player("003")
    await employ(organ, "002", "11")
    await employ(organ, "003")
    assert await tick(organ) == 2
    assert (await line_of(organ, round, "002")).disposition is Disposition.STARTED
    back = await line_of(organ, round, "003")
    assert (back.disposition, back.reason) == (Disposition.INVITED, "")
    assert await tick(organ) == 0


async def test_who_comes_back_after_the_round_stays_excused(organ: Organ) -> None:
    round = await organ.opened()
    await leave(organ, "003")
    await organ.order(office.close_round, OneRound(round.id))
    assert (await line_of(organ, round, "003")).reason == "left"
    await employ(organ, "003")
    assert await tick(organ) == 0
    assert (await line_of(organ, round, "003")).disposition is Disposition.EXCUSED


async def test_whoever_hr_excused_does_not_come_back_by_the_roster(organ: Organ) -> None:
    round = await organ.opened(exempt={"003": "另行考核"})
    await leave(organ, "003")
    await tick(organ)
    await employ(organ, "003")
    await tick(organ)
    assert (await line_of(organ, round, "003")).reason == "另行考核"


async def test_who_changes_unit_stays_where_they_were_when_the_round_opened(organ: Organ) -> None:
    player = await organ.player("003")
    round = await organ.opened(units=("2",))
    before = await line_of(organ, round, "003")
    await employ(organ, "003", "1", post_class=PostClass.PARTY, level=Level.LEADING)
    assert await tick(organ) == 0
    assert await line_of(organ, round, "003") == before
    await player.tap(f"ao:{round.id}")
    await player.press("很好")
    table = await organ.order(office.round_answers, office.RoundAnswers(round.id))
    assert table.rows[0][2:4] == ("综合执法队", "enforcement")  # type: ignore[attr-defined]


async def test_who_has_an_account_at_last_is_invited(organ: Organ) -> None:
    round = await organ.opened()
    assert (await line_of(organ, round, "003")).disposition is Disposition.UNREACHABLE
    await organ.player("003")  # bound while the letters were being written
    assert await tick(organ) == 1
    assert (await line_of(organ, round, "003")).disposition is Disposition.INVITED
    assert [address for address, _ in await letters(organ)] == ["at-003"]
    assert await tick(organ) == 0


# Not taking part ----------------------------------------------------------------------------------------


async def test_where_it_is_voluntary_one_may_decline_and_still_begin(organ: Organ) -> None:
    player = await organ.player("001")
    other = await organ.player("001", "77", "telegram")
    round = await organ.opened(voluntary=True)
    (_, sent) = (await letters(organ), await letters(organ, "telegram"))
    assert sent
    await other.tap(f"ao:{round.id}")
    await player.tap(f"dn:{round.id}")
    assert "Nobody is worse off" in player.text()
    assert (await line_of(organ, round, "001")).disposition is Disposition.STARTED
    await player.press("Yes, I do not take part")
    assert "You do not take part in “一季度自评”" in player.text()
    assert (await line_of(organ, round, "001")).disposition is Disposition.DECLINED
    await player.command("my")
    assert "“一季度自评”: you do not take part." in player.text()
    await other.type("很好")  # nothing is going on there any more
    assert (await line_of(organ, round, "001")).disposition is Disposition.DECLINED
    await player.tap(f"dy:{round.id}")
    await player.press("Begin after all")
    assert (await line_of(organ, round, "001")).disposition is Disposition.STARTED
    for words in ("很好", "Skip", "Done", "Skip", "Skip", "Hand in"):
        await player.press(words)
    await player.tap(f"dn:{round.id}")
    assert "it counts" in player.text()
    assert (await line_of(organ, round, "001")).disposition is Disposition.HANDED_IN


async def test_declining_stays_when_the_round_closes_and_comes_too_late_then(organ: Organ) -> None:
    players = [await organ.player(number) for number in ("001", "002")]
    round = await organ.opened(voluntary=True)
    await players[0].tap(f"dy:{round.id}")
    await organ.order(office.close_round, OneRound(round.id))
    await players[1].tap(f"dy:{round.id}")
    assert "has closed" in players[1].text()
    assert (await line_of(organ, round, "001")).disposition is Disposition.DECLINED
    assert (await line_of(organ, round, "002")).disposition is Disposition.UNANSWERED


async def test_elsewhere_it_is_neither_offered_nor_taken(organ: Organ) -> None:
    player = await organ.player("001")
    round = await organ.opened()
    async with organ.database.reading() as store:
        (broadcast,) = await store.broadcasts.of(round.id)
    assert "dn:" not in str(broadcast.body)
    for verb in ("dn", "dy"):
        await player.tap(f"{verb}:{round.id}")
        assert "cannot be declined" in player.text()
    await player.tap("dy:x")
    assert "does not work any more" in player.text()
    assert (await line_of(organ, round, "001")).disposition is Disposition.INVITED


# On paper -----------------------------------------------------------------------------------------------


async def test_a_paper_form_is_entered_by_script_and_the_person_may_change_it(organ: Organ) -> None:
    player = await organ.player("001")
    round = await organ.opened()
    await letters(organ)
    answers = {"done": "5", "/data/work/count": 12, "help": ["talk"], "/data/rest/count": 7.5}
    form = await organ.order(office_roll.enter_paper, EnterPaper(round.id, "001", answers))
    assert isinstance(form, PaperForm)
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    assert (sheet.entered_by, sheet.handed_in, form.receipt) == ("李科长", organ.now, sheet.receipt)
    assert await letters(organ) == [
        ("at-001", "Your HR office has entered the form you filled in on paper for “一季度自评”.")
    ]
    table = await organ.order(office.round_answers, office.RoundAnswers(round.id))
    row = dict(zip(table.columns, table.rows[0], strict=True))  # type: ignore[attr-defined]
    assert (row["entered_by"], row["done"], row["/data/work/count"], row["status"]) == ("李科长", "5", 12, "handed_in")
    organ.now += LATER
    await player.tap(f"ac:{round.id}")
    await player.press("Hand in")
    mine = await organ.sheet(round, "001")
    assert mine is not None
    assert (mine.entered_by, mine.receipt, mine.handed_in) == ("", sheet.receipt, organ.now)


async def test_what_is_handed_in_is_replaced_only_by_an_order(organ: Organ) -> None:
    player = await organ.player("001")
    round = await organ.opened()
    await player.tap(f"ao:{round.id}")
    for words in ("很好", "Skip", "Done", "Skip", "Skip", "Hand in"):
        await player.press(words)
    mine = await organ.sheet(round, "001")
    told = await no(organ, office_roll.enter_paper, EnterPaper(round.id, "001", {"done": "4"}), Refusal)
    assert mine is not None
    assert mine.receipt in told[0]
    assert await organ.sheet(round, "001") == mine
    await organ.order(office_roll.enter_paper, EnterPaper(round.id, "001", {"done": "4"}, replace=True))
    paper = await organ.sheet(round, "001")
    assert paper is not None
    assert (paper.entered_by, paper.receipt) == ("李科长", mine.receipt)
    assert sheets.counted(paper)["answers"]["/data/work/done"] == "4"


async def test_every_answer_that_does_not_fit_is_named(organ: Organ) -> None:
    round = await organ.opened()
    answers = {"count": 3, "nothing": 1, "/data/work/count": -1, "help": ["walk"], "why": "x", "since": "2026-13-01"}
    told = await no(organ, office_roll.enter_paper, EnterPaper(round.id, "001", answers))
    assert told[0] == "The paper form was not entered: not every answer fits."
    assert told[1:3] == [
        "Several questions are called “count”: give one of /data/work/count, /data/rest/count.",
        "No question is called “nothing”.",
    ]
    assert told[3] == "/data/work/why is not asked, going by the other answers."
    assert [one.partition(":")[0] for one in told[4:]] == [
        *("/data/work/count", "/data/help", "/data/rest/since"),
        "/data/work/done",
    ]
    assert await organ.sheet(round, "001") is None
    assert (await line_of(organ, round, "001")).disposition is Disposition.UNREACHABLE


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("002", "陈二 (002) is excused. Take that back first."),
        ("004", "孙四 (004) is not on the roll. Add them first."),
        ("77", "Nobody has the staff number 77."),
    ],
)
async def test_who_has_no_place_on_the_roll_has_no_paper_form(organ: Organ, number: str, why: str) -> None:
    round = await organ.opened(exempt={"002": "另行考核"})
    assert (await no(organ, office_roll.enter_paper, EnterPaper(round.id, number)))[1:] == [why]


async def test_not_in_an_anonymous_round_nor_in_a_paused_one(organ: Organ) -> None:
    round = await organ.opened()
    await organ.order(office.pause_round, OneRound(round.id))
    assert "paused" in (await no(organ, office_roll.enter_paper, EnterPaper(round.id, "001"), NotAllowed))[0]
    async with organ.database.transaction() as store:
        await store.surveys.save_round(replace(round, anonymous=True))
    assert "anonymous" in (await no(organ, office_roll.enter_paper, EnterPaper(round.id, "001"), NotAllowed))[0]


# The end ------------------------------------------------------------------------------------------------


async def test_closing_settles_the_roll(organ: Organ) -> None:
    players = [await organ.player(number) for number in ("001", "002")]
    await employ(organ, "005")
    round = await organ.opened(exempt={"005": "另行考核"})
    for player in players:
        await player.tap(f"ao:{round.id}")
    await players[0].press("很好")
    await organ.order(office.close_round, OneRound(round.id))
    progress = await organ.order(office.round_progress, OneRound(round.id))
    assert isinstance(progress, office.Progress)
    counts = {one: number for one, number in progress.dispositions.items() if number}
    assert counts == {Disposition.PARTLY: 1, Disposition.UNANSWERED: 2, Disposition.EXCUSED: 1}
    assert (progress.invited, progress.unreachable, progress.started, progress.handed_in) == (4, 1, 1, 0)
