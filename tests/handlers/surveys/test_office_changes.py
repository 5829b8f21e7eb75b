"""What becomes of a round beside opening and closing, and what people are told of it."""

from datetime import timedelta

import pytest

from handlers.doors import OfficeDoor
from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound, TooLate
from handlers.surveys import office
from handlers.surveys import office_changes as changes
from handlers.surveys.clock import fan_out, open_due
from handlers.surveys.office_changes import CancelRound, ChangeRound, CopyRound, ExtendRound
from handlers.surveys.rolls import OneRound
from handlers.surveys.rules import notices
from handlers.talk import Message, unpack
from storage.database import Database
from storage.records import Round, RoundState, Weighed
from tests.handlers.surveys.player import LATER, START, Organ, organ_on

NAMED = notices.NAMED.message


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


async def ordered(organ: Organ, door: OfficeDoor, order: object, by: str = "李科长") -> Round:
    """A round, from a door that returns one."""
    async with organ.database.transaction() as store:
        round = await door(order, organ.clerk(by), store)
    assert isinstance(round, Round)
    return round


async def told(organ: Organ, language: str = "en") -> list[tuple[str, str]]:
    """What waits to be sent, after the fan-out: address and words."""
    count = 1
    while count:
        async with organ.database.transaction() as store:
            count = await fan_out(organ.now, store)
    async with organ.database.transaction() as store:
        letters = await store.outbox.claim("webchat", 100, organ.now + LATER, organ.now + 2 * LATER)
        for letter in letters:
            await store.outbox.sent([(letter.id, "x")], organ.now)
    player = await organ.player("001", address="reader", language=language)
    found = []
    for letter in letters:
        message = unpack(letter.body)
        assert isinstance(message, Message)
        found.append((letter.address, "\n".join(player.words(part) for part in message.parts)))
    async with organ.database.transaction() as store:
        account = (await store.people.recognise([("webchat", "reader")]))["webchat", "reader"][0]
        await store.people.unbind(account.id)
    return found


async def test_a_draft_opens_only_with_a_second_person(organ: Organ) -> None:
    draft = await organ.planned(draft=True)
    assert draft.state is RoundState.DRAFT
    with pytest.raises(NotAllowed):
        await organ.order(office.open_round, OneRound(draft.id))
    with pytest.raises(NotAllowed):
        await organ.order(changes.approve_round, OneRound(draft.id))
    approved = await ordered(organ, changes.approve_round, OneRound(draft.id), "何科长")
    assert (approved.state, approved.approved, approved.approved_by) == (RoundState.PLANNED, START, "何科长")
    with pytest.raises(AlreadyDone):
        await ordered(organ, changes.approve_round, OneRound(draft.id), "何科长")
    changed = await ordered(organ, changes.change_round, ChangeRound(draft.id, closes=START + LATER), "何科长")
    assert (changed.state, changed.approved, changed.closes) == (RoundState.DRAFT, None, START + LATER)
    with pytest.raises(BadInput):
        await organ.order(changes.change_round, ChangeRound(draft.id))


async def test_a_draft_is_not_opened_by_the_clock(organ: Organ) -> None:
    await organ.planned(draft=True, opens=START)
    organ.now = START + LATER
    await organ.tick(open_due)
    async with organ.database.reading() as store:
        assert [round.state for round in await store.surveys.rounds()] == [RoundState.DRAFT]


@pytest.mark.parametrize(
    "order",
    [
        (changes.approve_round, OneRound(77)),
        (changes.preview_round, OneRound(77)),
        (changes.change_round, ChangeRound(77, name="x")),
        (changes.extend_round, ExtendRound(77, START)),
        (changes.cancel_round, CancelRound(77, "x")),
        (changes.copy_round, CopyRound(77)),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_round_that_is_not_there(organ: Organ, order: tuple[OfficeDoor, object]) -> None:
    with pytest.raises(NotFound):
        await organ.order(*order)


async def test_letters_of_their_own(organ: Organ) -> None:
    for number in ("001", "003"):
        await organ.player(number)
    await organ.opened(letter="{name}同志（{unit}）：", closes=START + LATER)
    first, second = await told(organ)
    assert first[1].startswith(f"{NAMED}\n王一同志（党政办公室）：\n一季度自评")
    assert second[1].startswith(f"{NAMED}\n赵三同志（综合执法队）：\n")


async def test_a_letter_without_names_is_shared(organ: Organ) -> None:
    await organ.player("001")
    round = await organ.opened(letter="请在{closes}前填好{round}。", closes=START + LATER)
    async with organ.database.reading() as store:
        (broadcast,) = await store.broadcasts.of(round.id)
    assert "请在" in str(broadcast.body)
    (one,) = await told(organ)
    assert one[1].startswith(f"{NAMED}\n请在5 Mar 2026, 09:00前填好一季度自评。\n")


async def test_a_letter_with_unknown_fields_is_refused(organ: Organ) -> None:
    with pytest.raises(BadInput) as no:
        await organ.planned(letter="{nmae}：")
    assert "{nmae}" in str(no.value.problems[0].args)


async def test_more_time_is_told_to_those_who_have_not_handed_in(organ: Organ) -> None:
    one, two, _ = [await organ.player(number) for number in ("001", "002", "003")]
    round = await organ.opened(closes=START + LATER)
    await told(organ)
    for words in ("ao", "很好", "Skip", "Done", "Skip", "Skip", "Hand in"):
        await (one.tap(f"ao:{round.id}") if words == "ao" else one.press(words))
    await two.tap(f"ao:{round.id}")
    with pytest.raises(BadInput):
        await organ.order(changes.extend_round, ExtendRound(round.id, START + LATER))
    extended = await ordered(organ, changes.extend_round, ExtendRound(round.id, START + 2 * LATER))
    assert extended.closes == START + 2 * LATER
    words = "“一季度自评” stays open longer: until 8 Mar 2026, 09:00."
    assert await told(organ) == [("at-002", words), ("at-003", words)]


async def test_an_invitation_that_waits_names_the_new_closing_time(organ: Organ) -> None:
    await organ.player("001")
    round = await organ.opened(closes=START + LATER)
    await ordered(organ, changes.extend_round, ExtendRound(round.id, START + 2 * LATER))
    [(_, invited), (_, longer)] = await told(organ)
    assert "until 8 Mar 2026, 09:00" in invited
    assert "until 8 Mar 2026, 09:00" in longer
    assert "5 Mar" not in invited


async def test_more_time_before_it_opens_is_told_to_nobody(organ: Organ) -> None:
    await organ.player("001")
    round = await organ.planned(closes=START + LATER)
    await ordered(organ, changes.extend_round, ExtendRound(round.id, START + 2 * LATER))
    assert await told(organ) == []


async def test_closing_early_tells_those_in_the_middle_what_is_kept(organ: Organ) -> None:
    one, two, three = [await organ.player(number) for number in ("001", "002", "003")]
    round = await organ.opened(closes=START + LATER)
    await told(organ)
    await one.tap(f"ao:{round.id}")
    await one.press("很好")
    await one.type("12")
    await two.tap(f"ao:{round.id}")
    await ordered(organ, office.close_round, OneRound(round.id))
    early = "Your HR office has closed “一季度自评” earlier than planned."
    assert await told(organ) == [("at-001", f"{early}\nYour 2 answers are kept; you need do no more.")]
    await one.press("A course")
    assert one.text() == "“一季度自评” has closed; your 2 answers are kept."
    await three.tap(f"ao:{round.id}")
    assert three.text() == "“一季度自评” has closed."


async def test_calling_off_tells_everybody_why(organ: Organ) -> None:
    one, two, _ = [await organ.player(number) for number in ("001", "002", "003")]
    round = await organ.opened()
    await told(organ)
    await one.tap(f"ao:{round.id}")
    await one.press("很好")
    with pytest.raises(BadInput):
        await organ.order(changes.cancel_round, CancelRound(round.id, " "))
    cancelled = await ordered(organ, changes.cancel_round, CancelRound(round.id, "表里有错"))
    assert cancelled.state is RoundState.CANCELLED
    why = "Your HR office has called off “一季度自评”: 表里有错\nNothing more is needed of you."
    assert await told(organ) == [
        ("at-001", f"{why}\nYour 1 answer is kept; you need do no more."),
        ("at-002", why),
        ("at-003", why),
    ]
    await one.type("12")
    assert one.text() == "“一季度自评” was called off; your 1 answer is kept."
    await two.tap(f"ao:{round.id}")
    assert two.text() == "“一季度自评” was called off; nothing is asked of you any more."
    assert await organ.sheet(round, "001")
    for door, order, no in (
        (changes.cancel_round, CancelRound(round.id, "x"), AlreadyDone),
        (office.open_round, OneRound(round.id), TooLate),
        (office.pause_round, OneRound(round.id), TooLate),
        (office.close_round, OneRound(round.id), AlreadyDone),
    ):
        with pytest.raises(no):
            await organ.order(door, order)


async def test_calling_off_what_nobody_was_asked_tells_nobody(organ: Organ) -> None:
    await organ.player("001")
    round = await organ.planned()
    await ordered(organ, changes.cancel_round, CancelRound(round.id, "不需要了"))
    assert await told(organ) == []


async def test_what_is_still_being_said_stops_when_the_round_ends(organ: Organ) -> None:
    await organ.player("001")
    round = await organ.opened(closes=START + LATER)
    await told(organ)
    await ordered(organ, changes.extend_round, ExtendRound(round.id, START + 2 * LATER))
    await ordered(organ, office.close_round, OneRound(round.id))
    assert await told(organ) == []


async def test_a_copy_of_a_closed_round_is_a_draft(organ: Organ) -> None:
    round = await organ.opened(units=("2",), letter="各位：")
    await ordered(organ, office.close_round, OneRound(round.id))
    copy = await ordered(organ, changes.copy_round, CopyRound(round.id, closes=START + timedelta(days=90), name="Q2"))
    assert (copy.id, copy.name, copy.state) == (2, "Q2", RoundState.DRAFT)
    assert (copy.audience, copy.letter, copy.questionnaire_id) == (round.audience, "各位：", round.questionnaire_id)


async def test_a_preview_has_invitation_questionnaire_and_size(organ: Organ) -> None:
    await organ.player("001")
    await organ.player("001", "second")
    round = await organ.planned(letter="{name}同志（{unit}）：")
    seen = await organ.order(changes.preview_round, OneRound(round.id))
    assert isinstance(seen, changes.Preview)
    message = unpack(seen.invitation)
    assert isinstance(message, Message)
    player = await organ.player("002")
    assert [player.words(part) for part in message.parts[:2]] == [NAMED, "李科长同志（党政办公室）："]
    assert seen.size == Weighed(3, 2, {})
    assert seen.questionnaire == organ.questionnaire
