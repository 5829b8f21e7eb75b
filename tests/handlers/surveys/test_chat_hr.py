"""Officers of the HR office steer rounds in chat; nobody else can."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers import doors
from handlers.surveys import office
from handlers.surveys.rolls import OneRound
from handlers.talk import Command, Typed
from storage.database import Database
from storage.records import BroadcastKind, Level, PostClass, Role, RosterLine, Round, RoundState
from tests.handlers.surveys.player import Organ, Player, organ_on

NOW = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
COMMANDS = ("rounds", "progress", "broadcast")
VERBS = (
    *("rl", "r", "rv", "rp", "rr", "rw", "rt", "ro", "roy", "rc", "rcy", "rx", "rxy", "re", "ret", "rey"),
    *("rn", "rnt", "rny", "n", "nq", "nu", "nd", "nc", "nb", "nx", "ny"),
)


@pytest.fixture
async def organ(database: Database) -> Organ:
    """The organ with two officers, 林 and 何."""
    organ = await organ_on(database)
    organ.now = NOW
    async with database.transaction() as store:
        await store.people.put_people(
            [
                RosterLine("101", "林一", "1", PostClass.GENERAL, Level.STAFF, roles=frozenset({Role.HR})),
                RosterLine("102", "何二", "1", PostClass.GENERAL, Level.STAFF, roles=frozenset({Role.HR})),
            ]
        )
    return organ


async def round_of(organ: Organ, id: int = 1) -> Round:
    async with organ.database.reading() as store:
        round = await store.surveys.round(id)
    assert round is not None
    return round


async def letters(organ: Organ) -> int:
    async with organ.database.reading() as store:
        return sum((await store.outbox.waiting()).values())


async def drafted(organ: Organ, officer: Player) -> Round:
    """A round for one unit, planned in chat."""
    await officer.command("rounds")
    await officer.press("Plan a round")
    await officer.press("自评")
    await officer.type("  四季度   自评 ")
    await officer.press("综合执法队")
    await officer.press("Done")
    await officer.type("下周五下午六点")
    assert "2026, 18:00" in officer.text() or "18:00" in officer.text()
    await officer.press("Draw it up as a draft")
    return await round_of(organ)


async def test_a_round_is_planned_approved_by_another_and_sent_out(organ: Organ) -> None:
    lin, he, _ = [await organ.player(number) for number in ("101", "102", "003")]
    round = await drafted(organ, lin)
    assert (round.name, round.state, round.created_by) == ("四季度 自评", RoundState.DRAFT, "林一 (101)")
    assert round.closes == datetime(2026, 12, 4, 18, tzinfo=NOW.tzinfo)
    await lin.press("四季度 自评")
    assert "Approve" not in [label for label, _ in lin.buttons()]
    await lin.tap(f"rv:{round.id}")
    assert "You drew up" in lin.text()
    await lin.tap(f"ro:{round.id}")
    assert "a second person must approve it" in lin.text()

    await he.command("rounds")
    await he.press("四季度 自评")
    await he.press("Approve")
    assert he.text().startswith("Approved")
    assert (await round_of(organ)).approved_by == "何二 (102)"
    await he.press("Send out")
    assert "1 person would be asked." in he.text()
    assert "This is how the invitation will look:" in he.text()
    before = await letters(organ)
    await he.press("Send it now")
    assert (await round_of(organ)).state is RoundState.OPEN
    assert await letters(organ) == before + 1
    await he.tap(f"roy:{round.id}:1")
    assert "opened already" in he.text()
    await lin.tap(f"roy:{round.id}:1")
    assert "opened already" in lin.text()
    assert await letters(organ) == before + 1


async def test_a_confirmation_for_another_audience_asks_again(organ: Organ) -> None:
    lin = await organ.player("101")
    round = await organ.planned(units=("2",))
    await lin.tap(f"roy:{round.id}:7")
    assert "would go out now" in lin.text()
    assert (await round_of(organ)).state is RoundState.PLANNED


async def test_each_step_of_planning_can_be_taken_back(organ: Organ) -> None:
    lin = await organ.player("101")
    await lin.command("broadcast")
    assert "No round waits" in lin.text()
    await lin.press("Plan a round")
    await lin.press("自评")
    await lin.press("Go back")
    assert "Which questionnaire" in lin.text()
    await lin.press("自评")
    await lin.type("x" * 61)
    assert "too long" in lin.text()
    await lin.type("四季度")
    await lin.type("nowhere、综合执法队")
    assert "No unit has the code or name “nowhere”" in lin.text()
    await lin.type("综合执法队，11")
    assert [label for label, _ in lin.buttons() if label.startswith("☑")] == ["☑ 文秘组", "☑ 综合执法队"]
    await lin.press("☑ 文秘组")
    await lin.press("Done")
    await lin.type("昨天")
    assert "is past" in lin.text()
    await lin.type("12月20号6点")
    assert "That may mean" in lin.text()
    await lin.type("later")
    assert "no time I understand" in lin.text()
    await lin.press("No closing time")
    assert "Open until it is closed by hand" in lin.text()
    await lin.press("Go back")
    await lin.press("Go back")
    await lin.press("Go back")
    assert "What is the round to be called" in lin.text()
    await lin.press("Leave")
    assert "Nothing was drawn up." in lin.text()
    await lin.tap("ny:0")
    assert "Nothing is being planned" in lin.text()
    async with organ.database.reading() as store:
        assert await store.surveys.rounds() == []


async def test_more_time_is_said_back_before_it_is_given(organ: Organ) -> None:
    lin, _ = await organ.player("101"), await organ.player("003")
    round = await organ.opened(units=("2",), closes=NOW + timedelta(days=5))
    await lin.command("rounds")
    await lin.press("一季度自评")
    await lin.press("Extend")
    await lin.type("昨天")
    assert "give a later time" in lin.text()
    await lin.type("12月20号6点")
    assert "Which of these" in lin.text()
    await lin.type("+3天")
    assert "would stay open until 4 Dec 2026, 10:00" in lin.text()
    assert "1 who has not handed in is told." in lin.text()
    assert (await round_of(organ)).closes == NOW + timedelta(days=5)
    await lin.press("Another time")
    await lin.type("12月20号")
    await lin.press("Extend it")
    assert (await round_of(organ)).closes == datetime(2026, 12, 20, 18, tzinfo=NOW.tzinfo)
    assert lin.text().startswith("Extended.")
    await lin.tap(f"rey:{round.id}:29000000")
    assert "give a later time" in lin.text()
    async with organ.database.reading() as store:
        assert [one.kind for one in await store.broadcasts.of(round.id)].count(BroadcastKind.NOTICE) == 1


async def test_pausing_and_closing_say_what_will_happen(organ: Organ) -> None:
    lin, zhao = await organ.player("101"), await organ.player("003")
    round = await organ.opened(units=("2",))
    await zhao.tap(f"ao:{round.id}")
    await zhao.press("很好")
    await lin.tap(f"r:{round.id}")
    await lin.press("Pause")
    assert (await round_of(organ)).state is RoundState.PAUSED
    await lin.tap(f"rp:{round.id}")
    assert "paused already" in lin.text()
    await lin.tap(f"rr:{round.id}")
    await lin.press("Close")
    assert "1 is in the middle of it" in lin.text()
    assert (await round_of(organ)).state is RoundState.OPEN
    await lin.press("Close it now")
    assert (await round_of(organ)).state is RoundState.CLOSED
    await lin.tap(f"rcy:{round.id}")
    assert "is closed already" in lin.text()
    await lin.tap(f"re:{round.id}")
    assert "cannot be extended" in lin.text()


async def test_calling_off_wants_a_reason_and_a_second_tap(organ: Organ) -> None:
    lin, _ = await organ.player("101"), await organ.player("003")
    round = await organ.opened(units=("2",))
    await lin.tap(f"r:{round.id}")
    await lin.press("Call off")
    await lin.tap(f"rxy:{round.id}")
    assert "Why is" in lin.text()
    await lin.type("表里有错，改好再发")
    assert "“表里有错，改好再发”" in lin.text()
    assert (await round_of(organ)).state is RoundState.OPEN
    await lin.press("Call it off")
    assert (await round_of(organ)).state is RoundState.CANCELLED
    await lin.tap(f"rx:{round.id}")
    assert "called off already" in lin.text()


async def test_a_round_is_repeated_with_its_settings(organ: Organ) -> None:
    lin = await organ.player("101")
    round = await organ.opened(units=("2",), letter="请于{closes}前交。", closes=NOW + timedelta(days=2))
    await lin.tap(f"r:{round.id}")
    await lin.press("Repeat")
    await lin.type("昨天")
    assert "was not planned" in lin.text()
    await lin.type("next Friday 6pm")
    assert "Which of these do you mean?" in lin.text()
    await lin.press("4 Dec 2026, 18:00")
    assert "all settings of" in lin.text()
    await lin.press("Draw it up")
    copy = await round_of(organ, 2)
    assert (copy.state, copy.audience, copy.letter) == (RoundState.DRAFT, round.audience, round.letter)
    assert copy.closes == datetime(2026, 12, 4, 18, tzinfo=NOW.tzinfo)


async def test_progress_adds_up_to_the_roll_and_names_nobody(organ: Organ) -> None:
    lin, zhao = await organ.player("101"), await organ.player("003")
    await lin.command("progress")
    assert "No round is open" in lin.text()
    round = await organ.opened()
    await zhao.tap(f"ao:{round.id}")
    await lin.command("progress")
    assert "5 people on the roll:\n1 begun\n1 invitation sent, not begun\n3 without an account" in lin.text()
    assert not any(name in lin.text() for name in ("赵三", "综合执法队"))


async def test_trying_it_out_is_real_and_leaves_nothing(organ: Organ) -> None:
    lin = await organ.player("101")
    round = await organ.planned(letter="{name}同志：", draft=True)
    await lin.tap(f"r:{round.id}")
    await lin.press("Preview")
    assert "林一同志：" in lin.text()
    await lin.press("Try it")
    assert lin.text().startswith("A preview")
    await lin.press("很好")
    await lin.type("twelve cases")
    await lin.type("12")
    assert "Noted: 12" in lin.text()
    await lin.command("cancel")
    assert "nothing of it is kept" in lin.text()
    await lin.press("Back to the round")
    await lin.press("Try it")
    for words in ("很好", "Skip", "Done", "Skip", "Skip", "Hand in"):
        await lin.press(words)
    assert "Here people hand in." in lin.text()
    async with organ.database.reading() as store:
        assert await store.surveys.sheets(round.id) == []


async def test_a_preview_ends_when_the_round_opens_and_never_counts(organ: Organ) -> None:
    lin = await organ.player("101")
    round = await organ.planned()
    await lin.tap(f"rt:{round.id}")
    await lin.press("很好")
    table = await organ.order(office.round_answers, office.RoundAnswers(round.id))
    assert table.rows == ()  # type: ignore[attr-defined]
    await organ.order(office.open_round, OneRound(round.id))
    async with organ.database.reading() as store:
        assert await store.surveys.sheets(round.id) == []
    await lin.tap(f"rt:{round.id}")
    assert "a preview is for before" in lin.text()


async def test_nobody_without_the_role_can_do_anything(organ: Organ) -> None:
    zhao = await organ.player("003")
    round = await organ.planned(units=("2",))
    for command in COMMANDS:
        await zhao.hear(Command(command))
        assert "Only the HR office" in zhao.text()
    for verb in VERBS:
        for data in (verb, f"{verb}:{round.id}", f"{verb}:{round.id}:1"):
            await zhao.tap(data)
            assert "Only the HR office" in zhao.text(), data
    assert await round_of(organ) == round
    async with organ.database.transaction() as store:
        account, _ = (await store.people.recognise([("webchat", zhao.address)]))["webchat", zhao.address]
        await store.people.set_flow(account.id, f"hr:cancel:{round.id}")
    await zhao.hear(Typed("because"))
    assert "Only the HR office" in zhao.text()
    # The results of an anonymous round are for those asked, too.
    assert {verb for verb in doors._taps if verb[0] in "rn"} - {"rs"} == set(VERBS)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb[0] == "r" and verb != "rl"])
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_stale_and_strange_buttons_do_no_harm(organ: Organ, verb: str) -> None:
    lin = await organ.player("101")
    for data in (verb, f"{verb}:99", f"{verb}:x", f"{verb}:99:1:2"):
        await lin.tap(data)
        assert "no such round" in lin.text() or "does not work any more" in lin.text()


async def test_help_shows_the_commands_to_officers_alone(organ: Organ) -> None:
    lin, zhao = await organ.player("101"), await organ.player("003")
    await lin.command("help")
    await zhao.command("help")
    assert "/rounds" in lin.text()
    assert "/rounds" not in zhao.text()
    await lin.command("menu")
    await zhao.command("menu")
    assert "rl" in [data for _, data in lin.buttons()]
    assert "rl" not in [data for _, data in zhao.buttons()]


async def test_leaving_a_question_of_an_officer(organ: Organ) -> None:
    lin = await organ.player("101")
    round = await organ.planned()
    await lin.tap(f"rx:{round.id}")
    await lin.command("cancel")
    assert "nothing was changed" in lin.text()
    await lin.type("because")
    assert (await round_of(organ)).state is RoundState.PLANNED
