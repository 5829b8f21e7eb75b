"""When a round reminds, and in which words."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.days import Calendar
from handlers.refusals import BadInput
from handlers.surveys.rules import reminders
from handlers.talk import Message
from storage.records import Broadcast, BroadcastKind, Reminding, Round, RoundState, Whom
from tests.handlers.surveys.paper import WORDS
from tests.samples.holidays import year_of

ZONE = ZoneInfo("Asia/Shanghai")
PUBLISHED = Calendar()
OPENED = datetime(2026, 9, 23, 1, tzinfo=UTC)  # Wednesday, 09:00 at the organ
ROUND = Round(7, "三季度自评", 1, RoundState.OPEN, opens=OPENED, closes=datetime(2026, 10, 31, 10, tzinfo=UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def due(now: str, said: int = 0, round: Round = ROUND, calendar: Calendar = PUBLISHED) -> int:
    return reminders.due(round, said, at(now), calendar)


@pytest.mark.parametrize(
    ("now", "number"),
    [
        # Working days after Wednesday the 23rd: the 24th, the 28th (Mid-Autumn lies between), the 29th, the 30th,
        # then 8 and 9 October, Saturday the 10th (worked), the 12th, the 13th.
        ("2026-09-23T10:05", 0),
        ("2026-09-29T10:04", 0),
        ("2026-09-29T10:05", 1),
        ("2026-10-09T10:04", 1),
        ("2026-10-09T10:05", 2),
        ("2026-10-13T10:04", 2),
        ("2026-10-13T10:05", 3),
        ("2026-10-30T10:05", 3),
    ],
)
def test_reminders_are_due_by_working_days(now: str, number: int) -> None:
    assert due(now) == number


def test_each_is_said_once_and_several_missed_are_one() -> None:
    assert due("2026-10-09T10:05", said=2) == 0
    assert due("2026-10-30T09:00", said=1) == 3
    assert due("2026-10-30T09:00", said=3) == 0


def test_how_many_and_how_often_is_the_rounds_own() -> None:
    rare = replace(ROUND, reminding=Reminding(1, 1, 1))
    assert due("2026-09-24T10:05", round=rare) == 1
    assert due("2026-10-30T10:05", round=rare) == 1
    never = replace(ROUND, reminding=Reminding(0, 1, 1))
    assert due("2026-10-30T10:05", round=never) == 0
    assert due("2026-10-30T10:05", round=replace(ROUND, anonymous=True)) == 2
    assert due("2026-10-30T10:05", round=replace(ROUND, opens=None)) == 0


def test_the_day_of_the_opening_is_the_organs() -> None:
    late = replace(ROUND, opens=datetime(2026, 9, 22, 17, tzinfo=UTC))  # 01:00 on the 23rd there
    assert due("2026-09-29T10:04", round=late) == 0
    assert due("2026-09-29T10:05", round=late) == 1


def test_what_needs_a_year_without_a_table_waits() -> None:
    round = replace(ROUND, opens=datetime(2026, 12, 28, 1, tzinfo=UTC), closes=None)
    assert due("2026-12-31T10:05", round=round) == 1
    assert due("2027-01-20T10:05", said=1, round=round) == 0
    assert reminders.missing_year(round, 1, at("2026-12-31T12:00"), PUBLISHED) == 2027
    assert reminders.missing_year(round, 3, at("2026-12-31T12:00"), PUBLISHED) == 0
    known = Calendar(year_of(2027))
    assert due("2027-01-06T10:05", said=1, round=round, calendar=known) == 2
    assert reminders.missing_year(round, 1, at("2026-12-31T12:00"), known) == 0


def test_which_rounds_miss_a_calendar() -> None:
    def missing(now: str = "2026-12-29T12:00", **facts: object) -> int:
        start = replace(ROUND, opens=datetime(2026, 12, 28, 1, tzinfo=UTC), closes=None)
        return reminders.missing_year(replace(start, **facts), 0, at(now), PUBLISHED)  # type: ignore[arg-type]

    assert missing() == 2027
    assert missing(closes=datetime(2026, 12, 31, 10, tzinfo=UTC)) == 0
    assert missing(closes=datetime(2027, 1, 31, 10, tzinfo=UTC)) == 2027
    assert missing(reminding=Reminding(1, 1, 1)) == 0
    assert missing(reminding=Reminding(0, 3, 3)) == 0
    assert missing(state=RoundState.PLANNED) == 2027
    assert missing(state=RoundState.PLANNED, opens=None) == 0
    assert missing(state=RoundState.CLOSED) == 0
    # Due long ago and never said, and today nobody knows whether people work.
    assert missing("2027-01-05T12:00", reminding=Reminding(1, 1, 1)) == 2027


@pytest.mark.parametrize("reminding", [(4, 3, 3), (-1, 3, 3), (3, 0, 3), (3, 3, 0), (3, 61, 3), (3, 3, 61)])
def test_reminding_that_is_refused(reminding: tuple[int, int, int]) -> None:
    with pytest.raises(BadInput) as no:
        reminders.check(Reminding(*reminding))
    assert "At most 3 reminders" in WORDS.word(no.value.text, "en")


def test_reminding_that_is_fine() -> None:
    for one in (Reminding(), Reminding(0, 1, 1), Reminding(3, 60, 60), Reminding(1, 5, 1)):
        reminders.check(one)


def test_the_last_number_said_counts() -> None:
    def one(kind: BroadcastKind, number: int) -> Broadcast:
        return Broadcast(0, 7, kind, Whom.PENDING, {}, OPENED, number)

    assert reminders.said([]) == 0
    assert reminders.said([one(BroadcastKind.INVITATION, 0), one(BroadcastKind.NOTICE, 9)]) == 0
    assert reminders.said([one(BroadcastKind.REMINDER, 2), one(BroadcastKind.REMINDER, 1)]) == 2


def words(message: Message, language: str = "en") -> str:
    return "\n".join(WORDS.word(part, language) for part in message.parts)


def reminder(number: int, now: str = "2026-10-12T10:05", round: Round = ROUND) -> Message:
    return reminders.reminder(round, number, [(round, None)], at(now))


def test_each_time_other_words_and_always_how_long_there_is() -> None:
    said = [words(reminder(number)) for number in (1, 2, 3)]
    assert len(set(said)) == 3
    assert "open for 19 more days" in said[0]
    assert all("31" in one and "三季度自评" in one for one in said)
    assert "last reminder" in said[2]
    endless = replace(ROUND, closes=None)
    assert len({words(reminder(number, round=endless)) for number in (1, 2, 3)}) == 3


def test_days_that_are_left() -> None:
    assert "for one more day" in words(reminder(1, "2026-10-30T10:05"))
    assert "closes today" in words(reminder(1, "2026-10-31T10:05"))


def test_several_tasks_stand_in_one_message_with_a_button_each() -> None:
    other = replace(ROUND, id=9, name="年度考核", closes=None)
    message = reminders.reminder(ROUND, 1, [(ROUND, None), (other, None)], at("2026-10-12T10:05"))
    assert "三季度自评" in words(message)
    assert "年度考核" in words(message)
    assert [button.data for row in message.buttons for button in row] == ["ao:7", "ao:9", "mu:on"]


def test_an_anonymous_round_speaks_to_everybody_alike() -> None:
    round = replace(ROUND, anonymous=True)
    first, second = (words(reminders.anonymous_reminder(round, number)) for number in (1, 2))
    assert first != second
    for said in (first, second):
        assert "please ignore it" in said
        assert "everybody who was asked" in said
        assert "31" in said


def test_nobody_is_pressed_compared_or_counted() -> None:
    messages = [reminder(number) for number in (1, 2, 3)]
    for said in map(words, messages):
        assert not any(word in said.lower() for word in ("must", "others", "everyone else", "only you", "%", "already"))
