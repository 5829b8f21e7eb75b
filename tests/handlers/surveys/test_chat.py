"""A civil servant answers, on any account, in any order of taps."""

from datetime import timedelta

import pytest

from handlers.forms.walk import answers
from handlers.refusals import NotAllowed
from handlers.surveys import chat, office
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules import sheets
from handlers.talk import Command, Turn
from storage.database import Database
from storage.records import Account, Disposition, Invitation, Lane, Round
from tests.handlers.surveys.paper import form, numbers
from tests.handlers.surveys.player import LATER, START, Organ, Player, organ_on

INVITED = Disposition.INVITED


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


async def given(organ: Organ, round: Round, number: str = "001") -> dict[str, object]:
    """What counts of this person's answers."""
    sheet = await organ.sheet(round, number)
    assert sheet is not None
    return answers(form(), sheets.counted(sheet))


async def through(player: Player) -> None:
    """From the first question to the review."""
    await player.press("很好")
    await player.type("12")
    await player.press("A course")
    await player.press("Done")
    await player.type("7.5")
    await player.type("2026-01-15")


async def begun(organ: Organ, round: Round, number: str = "001", language: str = "en") -> Player:
    """Somebody who has tapped “Begin” under the invitation."""
    player = await organ.player(number, language=language)
    await player.tap(f"ao:{round.id}", "invitation")
    return player


async def test_the_invitation_becomes_the_notice_and_the_first_question_follows(organ: Organ) -> None:
    round = await organ.opened(closes=START + timedelta(days=7))
    player = await begun(organ, round)
    notice = [player.words(part) for part in player.shown["invitation"].parts]
    assert notice[0] == "This is a named questionnaire: the HR office sees your answers together with your name."
    assert notice[1] == "一季度自评: Self-assessment"
    assert notice[2] == "Your HR office asks."
    assert "9 Mar 2026" in notice[3]
    assert [button.data for row in player.shown["invitation"].buttons for button in row] == [f"al:{round.id}"]
    assert player.text().splitlines() == ["Please answer truthfully.", "Question 1 of 5 so far", "Work", "Work done"]
    assert player.last != "invitation"


async def test_a_whole_round_ends_in_a_receipt(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    reply = await player.press("很好")
    assert player.toast == "Noted: 很好"
    assert player.message().replaces
    assert "Matters handled" in player.text()
    reply = await player.type("十二")
    assert not player.message().replaces
    assert player.text().startswith("Noted: 12\n")
    await player.press("A talk")
    await player.press("A course")
    assert [row[0][0] for row in player.rows()[:2]] == ["☑", "☑"]
    await player.press("A talk")
    assert [row[0][0] for row in player.rows()[:2]] == ["☐", "☑"]
    await player.press("Done")
    await player.press("Skip")
    await player.type("2026年1月15日")
    assert player.text().splitlines()[0] == "Noted: Jan 15, 2026" or "2026" in player.text().splitlines()[0]
    assert "1. Work done\n→ 很好" in player.text()
    assert "4. Hours of training\n→ (no answer)" in player.text()
    reply = await player.press("Hand in")
    assert reply.messages
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    assert sheet.handed_in == START
    assert len(sheet.receipt) == 8
    assert sheet.receipt in player.text()
    assert player.text().startswith("Thank you.")
    assert await given(organ, round) == {
        "/data/work/done": "5",
        "/data/work/count": 12,
        "/data/help": ["course"],
        "/data/rest/since": "2026-01-15",
    }


async def test_dispositions_follow_the_person(organ: Organ) -> None:
    player = await organ.player("001")
    round = await organ.opened()
    person = await organ.person("001")

    async def disposition() -> Disposition:
        async with organ.database.reading() as store:
            line = await store.surveys.invitation(round.id, person.id)
        assert line is not None
        return line.disposition

    assert await disposition() is Disposition.INVITED
    await player.tap(f"ao:{round.id}")
    assert await disposition() is Disposition.STARTED
    await through(player)
    assert await disposition() is Disposition.STARTED
    await player.press("Hand in")
    assert await disposition() is Disposition.HANDED_IN
    await player.press("Change my answers")
    assert await disposition() is Disposition.HANDED_IN


async def test_days_later_and_on_another_account_the_same_question_waits(organ: Organ) -> None:
    round = await organ.opened()
    await (await begun(organ, round)).press("很好")
    organ.now += LATER
    elsewhere = await organ.player("001", "77", "telegram", language="zh_CN")
    await elsewhere.command("my")
    assert elsewhere.text() == "“一季度自评”: begun."
    await elsewhere.press("Go on with “一季度自评”")
    assert "You are going on with “一季度自评”, a named questionnaire." in elsewhere.text()
    assert "办件数" in elsewhere.text()
    await elsewhere.type("3")
    assert "需要什么" in elsewhere.text()
    assert (await given(organ, round))["/data/work/count"] == 3


async def test_words_typed_where_the_question_was_not_put_are_no_answer(organ: Organ) -> None:
    round = await organ.opened()
    first = await begun(organ, round)
    await first.press("很好")
    second = await organ.player("001", "77", "telegram")
    await second.tap(f"ao:{round.id}")
    await second.type("3")
    await first.type("8")
    assert "You went on at another place." in first.text()
    assert "What would help" in first.text()
    assert (await given(organ, round)) == {"/data/work/done": "5", "/data/work/count": 3}
    await first.press("A talk")
    assert "☑ A talk" in first.rows()[0]


async def test_a_double_tap_changes_nothing(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    very_good, fair = player.buttons()[4][1], player.buttons()[2][1]
    await player.tap(very_good)
    sheet = await organ.sheet(round, "001")
    for data in (very_good, fair):
        reply = await player.tap(data)
        assert reply.messages == ()
        assert player.toast.startswith("That was an earlier question.")
    assert await organ.sheet(round, "001") == sheet


async def test_a_late_tap_on_another_account_shows_the_present_question_there(organ: Organ) -> None:
    round = await organ.opened()
    first = await begun(organ, round)
    old = first.buttons()[0][1]
    second = await organ.player("001", "77", "telegram")
    await second.tap(f"ao:{round.id}")
    await second.press("很好")
    before = await given(organ, round)
    await first.tap(old, "m2")
    assert "Matters handled" in first.text()
    assert first.message().replaces == "m2"
    assert await given(organ, round) == before
    await first.type("4")
    assert (await given(organ, round))["/data/work/count"] == 4


async def test_going_back_keeps_the_answer_until_it_is_changed(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await player.press("很好")
    await player.press("Back")
    assert "Question 1 of 5" in player.text()
    assert "✓ 很好" in player.rows()[0]
    assert player.rows()[1] == ["Keep my answer", "Help"]
    await player.press("较好")
    assert (await given(organ, round))["/data/work/done"] == "4"
    await player.type("12")
    await player.press("Back")
    assert "Your answer so far: 12" in player.text()
    await player.press("Clear my answer")
    assert "/data/work/count" not in await given(organ, round)


async def test_a_condition_brings_a_question_and_takes_it_away_again(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await player.press("很差")
    assert "Question 2 of 6" in player.text()
    await player.type("人手不够")
    assert player.text().startswith("Noted: 人手不够")
    await player.type("12")
    await player.press("A course")
    await player.press("Done")
    await player.press("Skip")
    await player.press("Skip")
    await player.press("Change 1")
    await player.press("很好")
    assert "no longer asked" in player.text()
    assert "Main reason" in player.text()
    assert "Hand in" in player.rows()[-1]
    assert "/data/work/why" not in await given(organ, round)


async def test_what_does_not_fit_is_refused_and_asked_again(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await player.press("很好")
    await player.type("-3")
    assert player.text().splitlines()[0] == "Not below zero"
    assert "Question 2 of 5" in player.text()
    await player.type("many")
    assert "Question 2 of 5" in player.text()
    assert not player.text().startswith("Noted")
    assert "/data/work/count" not in await given(organ, round)


async def test_files_are_not_answers(organ: Organ) -> None:
    player = await begun(organ, await organ.opened())
    await player.send("sticker")
    assert player.text().startswith("No file is asked for here. Please answer in words or tap.")
    assert "Question 1 of 5" in player.text()


async def test_one_answer_is_changed_from_the_review(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await through(player)
    await player.press("Change 2")
    assert "Matters handled" in player.text()
    await player.type("13")
    assert "2. Matters handled\n→ 13" in player.text()
    await player.type("what now?")
    assert player.text().startswith("Please tap one of the buttons.")
    assert "Hand in" in player.rows()[-1]
    assert (await given(organ, round))["/data/work/count"] == 13


async def test_the_review_turns_pages_and_comes_back_to_the_page_left(database: Database) -> None:
    organ = await organ_on(database, lambda: form(*numbers(6)))
    round = await organ.opened()
    player = await begun(organ, round)
    await through(player)
    for answer in range(6):
        await player.type(str(answer))
    assert "9. n4\n" not in player.text()
    sheet = await organ.sheet(round, "001")
    await player.press("Further answers")
    assert await organ.sheet(round, "001") == sheet
    assert "9. n4\n→ 3" in player.text()
    assert "1. Work" not in player.text()
    await player.press("Change 9")
    await player.type("30")
    assert "9. n4\n→ 30" in player.text()
    await player.press("Earlier answers")
    assert "1. Work done" in player.text()


async def test_what_is_handed_in_can_be_changed_and_counts_as_it_was_until_handed_in_again(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await through(player)
    await player.press("Hand in")
    thanks = player.last
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    organ.now += LATER
    await player.press("Change my answers")
    assert player.text().startswith("You handed in “一季度自评” before: that counts until you hand in again.")
    assert player.last != thanks
    await player.tap(f"ac:{round.id}")
    await player.press("Change 2")
    await player.type("99")
    assert (await given(organ, round))["/data/work/count"] == 12
    await player.press("Hand in")
    again = await organ.sheet(round, "001")
    assert again is not None
    assert again.receipt == sheet.receipt
    assert again.handed_in == START + LATER
    assert (await given(organ, round))["/data/work/count"] == 99


async def test_taps_after_handing_in_are_answered_kindly(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await through(player)
    hand_in, change = player.buttons()[-1][1], player.buttons()[0][1]
    await player.press("Hand in")
    sheet = await organ.sheet(round, "001")
    organ.now += LATER
    for data in (hand_in, change, hand_in.replace("ah", "ap") + ":0"):
        reply = await player.tap(data)
        assert reply.messages == ()
        assert player.toast == "You have already handed in “一季度自评”."
    await player.tap(f"ao:{round.id}")
    assert "Receipt" in player.text()
    assert await organ.sheet(round, "001") == sheet


async def test_words_after_handing_in_elsewhere_are_answered_kindly(organ: Organ) -> None:
    round = await organ.opened()
    first = await begun(organ, round)
    second = await organ.player("001", "77", "telegram")
    await second.tap(f"ao:{round.id}")
    await through(second)
    await second.press("Hand in")
    await first.type("12")
    assert first.text().startswith("You have already handed in")
    assert await flow(first) == ""


async def flow(player: Player) -> str:
    """What is going on at the account."""
    place = (player.channel, player.address)
    async with player.organ.database.transaction() as store:
        return (await store.people.recognise([place]))[place][0].flow


async def test_handing_in_is_refused_while_a_required_answer_is_missing(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await through(player)
    await player.press("Change 1")
    await player.press("很差")
    assert "Main reason" in player.text()
    await player.press("Back")
    await player.press("Hand in")
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    assert sheet.handed_in is None
    assert "Main reason" in player.text()


async def test_a_paused_round_takes_no_answer_and_goes_on_later(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    tap = player.buttons()[4][1]
    await organ.order(office.pause_round, OneRound(round.id))
    await player.tap(tap)
    assert player.text() == "“一季度自评” is paused at the moment. Your answers are kept; please go on later."
    await player.command("my")
    assert player.text() == "“一季度自评”: paused at the moment."
    assert player.buttons() == []
    await player.type("12")
    assert "paused" in player.text()
    await organ.order(office.resume_round, OneRound(round.id))
    await player.tap(tap)
    assert (await given(organ, round))["/data/work/done"] == "5"


async def test_a_late_answer_is_told_that_the_round_has_closed(organ: Organ) -> None:
    round = await organ.opened(closes=START + timedelta(days=1))
    player = await begun(organ, round)
    await player.press("很好")
    organ.now += LATER
    await player.type("12")
    assert player.text() == "“一季度自评” has closed; your 1 answer is kept."
    assert await flow(player) == ""
    await player.command("my")
    assert player.text() == "Nothing waits for you at the moment."
    assert await given(organ, round) == {"/data/work/done": "5"}


async def test_a_round_that_is_only_planned_is_not_open_yet(organ: Organ) -> None:
    round = await organ.planned(opens=START + LATER)
    player = await organ.player("001")
    await player.tap(f"ao:{round.id}")
    assert player.text().startswith("There is no such questionnaire")
    async with organ.database.transaction() as store:
        person = await organ.person("001")
        await store.surveys.put_roll([Invitation(round.id, person.id, person.unit_id, person.post_class, INVITED)])
    await player.tap(f"ao:{round.id}")
    assert player.text() == "“一季度自评” has not been opened yet."


async def test_a_page_of_a_review_that_is_past_is_late(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    reply = await player.tap(f"ap:{round.id}:999:0")
    assert reply.messages == ()
    assert player.toast.startswith("That was an earlier question.")
    await organ.order(office.pause_round, OneRound(round.id))
    for verb in ("ap:{}:1:0", "ah:{}:1"):
        await player.tap(verb.format(round.id))
        assert "paused" in player.text()


async def test_a_closed_round_says_what_counts(organ: Organ) -> None:
    round = await organ.opened()
    handed, started, never = [await organ.player(number) for number in ("001", "002", "003")]
    await handed.tap(f"ao:{round.id}")
    await through(handed)
    await handed.press("Hand in")
    await started.tap(f"ao:{round.id}")
    await organ.order(office.close_round, OneRound(round.id))
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    await handed.press("Change my answers")
    assert "What you handed in on" in handed.text()
    assert sheet.receipt in handed.text()
    for player in (started, never):
        await player.tap(f"ao:{round.id}")
        assert player.text() == "“一季度自评” has closed."


async def test_a_round_one_is_not_asked_in_is_not_there(organ: Organ) -> None:
    round = await organ.opened(units=("1",))
    outsider = await organ.player("003")
    for data in (f"ao:{round.id}", f"a:{round.id}:1:0", "ao:999999999"):
        await outsider.tap(data)
        assert outsider.text() == "There is no such questionnaire for you. /my shows what waits for you."
    assert await organ.sheet(round, "003") is None
    await outsider.command("my")
    assert outsider.text() == "Nothing waits for you at the moment."


@pytest.mark.parametrize(
    "data", ["ao", "ao:x", "a:1", "a:1:2:-3", "ap:1:2", "ah:1", "a:99999999999999999999:1:1", "ao:²"]
)
async def test_buttons_that_are_not_ours_open_nothing(organ: Organ, data: str) -> None:
    await organ.opened()
    player = await organ.player("001")
    await player.tap(data)
    assert player.text().startswith("This button does not work any more.")


async def test_a_button_that_offers_nothing_is_late(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    seq = player.buttons()[0][1].split(":")[2]
    for data in (
        f"a:{round.id}:{seq}:77",
        f"at:{round.id}:{seq}:77:1",
        f"av:{round.id}:{seq}:0",
        f"a:{round.id}:{seq}",
    ):
        reply = await player.tap(data)
        assert reply.messages == ()
        assert player.toast.startswith("That was an earlier question.")


async def test_a_tap_where_nothing_was_begun_begins(organ: Organ) -> None:
    round = await organ.opened()
    player = await organ.player("001")
    await player.tap(f"a:{round.id}:1:3")
    assert "Question 1 of 5" in player.text()
    assert await given(organ, round) == {}


async def test_leaving_keeps_the_answers_and_says_how_to_go_on(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round)
    await player.press("很好")
    await player.command("cancel")
    assert player.text() == "You have left “一季度自评”. Your answers so far are kept; /my brings you back."
    assert await flow(player) == ""
    await player.command("cancel")
    assert player.text() == "Nothing is going on here now. /menu shows what you can do."
    await player.tap(f"ao:{round.id}")
    assert "Matters handled" in player.text()


async def test_leaving_something_else_is_possible_too(organ: Organ) -> None:
    player = await organ.player("001")
    async with organ.database.transaction() as store:
        account = (await store.people.recognise([("webchat", "at-001")]))["webchat", "at-001"][0]
        await store.people.set_flow(account.id, "report:1")
    await player.command("cancel")
    assert await flow(player) == ""


async def test_two_rounds_have_a_sheet_each_and_words_go_to_the_one_chosen_last(organ: Organ) -> None:
    first, second = await organ.opened(), await organ.opened(name="满意度", closes=START + LATER)
    player = await organ.player("001")
    await player.command("my")
    assert player.text().splitlines()[0] == "“一季度自评”: not begun."
    assert "“满意度”: not begun, open until" in player.text()
    await player.press("Begin “一季度自评”")
    await player.press("很好")
    await player.tap("my")
    await player.press("Begin “满意度”")
    await player.press("一般")
    await player.type("1")
    await player.command("my")
    assert "“满意度”: begun, open until" in player.text()
    await player.press("Go on with “一季度自评”")
    await player.type("2")
    assert await given(organ, first) == {"/data/work/done": "5", "/data/work/count": 2}
    assert await given(organ, second) == {"/data/work/done": "3", "/data/work/count": 1}


async def test_closing_one_round_leaves_the_other_going_on(organ: Organ) -> None:
    first, second = await organ.opened(), await organ.opened(name="满意度")
    player = await begun(organ, first)
    await player.tap(f"ao:{second.id}")
    await organ.order(office.close_round, OneRound(first.id))
    await player.tap(f"ao:{first.id}")
    assert await flow(player) == f"answer:{second.id}"


async def test_what_is_handed_in_is_listed_with_its_receipt(organ: Organ) -> None:
    round = await organ.opened(closes=START + LATER)
    player = await begun(organ, round)
    await through(player)
    await player.press("Hand in")
    assert "You can change your answers until" in player.text()
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    await player.command("my")
    assert sheet.receipt in player.text()
    await player.press("Change “一季度自评”")
    assert "1. Work done" in player.text()
    await player.command("my")
    assert [words for words, _ in player.buttons()] == ["Go on with “一季度自评”"]


async def test_labels_come_in_the_language_of_the_reader(organ: Organ) -> None:
    round = await organ.opened()
    player = await begun(organ, round, language="zh_CN")
    assert "完成情况" in player.text()
    player.language = "en"
    await player.command("my")
    await player.press("Go on with “一季度自评”")
    assert "Work done" in player.text()


async def test_every_account_is_invited_in_its_own_language(organ: Organ) -> None:
    await organ.player("001")
    await organ.player("001", "77", "telegram")
    round = await organ.opened(units=("党政办公室",))
    async with organ.database.transaction() as store:
        web = await store.outbox.claim("webchat", 9, organ.now + LATER, organ.now + 2 * LATER)
        telegram = await store.outbox.claim("telegram", 9, organ.now + LATER, organ.now + 2 * LATER)
    assert [(letter.address, letter.lane) for letter in web] == [("at-001", Lane.BROADCAST)]
    assert [(letter.address, letter.lane) for letter in telegram] == [("77", Lane.BROADCAST)]
    assert web[0].body["buttons"][0][0][1] == f"ao:{round.id}"


async def test_somebody_not_on_the_roster_is_not_let_in(organ: Organ) -> None:
    turn = Turn(Command("my"), Account(1, "webchat", "x"), None, "en", START)
    async with organ.database.reading() as store:
        with pytest.raises(NotAllowed):
            await chat.show_mine(turn, store)
