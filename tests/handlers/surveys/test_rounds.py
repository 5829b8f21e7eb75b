"""The life of a round."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers.refusals import AlreadyDone, BadInput, NotAllowed, Refusal, TooLate
from handlers.surveys.rules import rounds
from storage.records import Round, RoundState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLANNED = Round(7, "一季度", 1, RoundState.PLANNED)
OPEN, PAUSED, CLOSED = (replace(PLANNED, state=s) for s in (RoundState.OPEN, RoundState.PAUSED, RoundState.CLOSED))


def test_a_plan_without_times_is_fine() -> None:
    rounds.check_plan("一季度", False, None, None, NOW)
    rounds.check_plan("一季度", False, NOW - HOUR, NOW + HOUR, NOW)


def test_everything_wrong_with_a_plan_is_said_at_once() -> None:
    with pytest.raises(BadInput) as no:
        rounds.check_plan("  ", True, NOW + HOUR, NOW, NOW)
    said = [problem.message for problem in no.value.problems]
    assert len(said) == 4
    assert "name" in said[0]
    assert "Anonymous rounds are not possible yet" in said[1]
    assert "is past" in said[2]
    assert "before it opens" in said[3]


def test_closing_at_the_moment_of_opening_is_refused() -> None:
    with pytest.raises(BadInput):
        rounds.check_plan("一季度", False, NOW + HOUR, NOW + HOUR, NOW)


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(BadInput) as no:
        rounds.check_plan("一季度", False, datetime(2026, 4, 1), NOW + HOUR, NOW)  # noqa: DTZ001
    assert "time zone" in no.value.problems[0].message


def test_a_planned_round_is_opened() -> None:
    assert rounds.opened(PLANNED, 2, NOW) == replace(PLANNED, state=RoundState.OPEN, opens=NOW)


@pytest.mark.parametrize(
    ("round", "no"),
    [
        *((OPEN, AlreadyDone), (PAUSED, AlreadyDone), (CLOSED, TooLate), (replace(PLANNED, closes=NOW), TooLate)),
        *(
            (replace(PLANNED, state=RoundState.CANCELLED), TooLate),
            (replace(PLANNED, state=RoundState.DRAFT), NotAllowed),
        ),
    ],
)
def test_only_a_planned_round_is_opened(round: Round, no: type[Refusal]) -> None:
    with pytest.raises(no):
        rounds.opened(round, 1, NOW)


def test_a_round_of_nobody_is_not_opened() -> None:
    with pytest.raises(BadInput):
        rounds.opened(PLANNED, 0, NOW)


def test_pausing_and_resuming() -> None:
    assert rounds.paused(OPEN) == PAUSED
    assert rounds.resumed(PAUSED) == OPEN
    assert rounds.closed(PAUSED, NOW) == replace(CLOSED, closes=NOW)
    assert rounds.closed(PLANNED, NOW) == replace(CLOSED, closes=NOW)


def test_a_closing_time_that_is_past_stays() -> None:
    assert rounds.closed(replace(OPEN, closes=NOW - HOUR), NOW).closes == NOW - HOUR
    assert rounds.closed(replace(OPEN, closes=NOW + HOUR), NOW).closes == NOW


@pytest.mark.parametrize(
    ("round", "no"), [(PAUSED, AlreadyDone), (PLANNED, BadInput), (CLOSED, TooLate)], ids=lambda x: str(x)[:12]
)
def test_only_an_open_round_is_paused(round: Round, no: type[Refusal]) -> None:
    with pytest.raises(no):
        rounds.paused(round)


@pytest.mark.parametrize(
    ("round", "no"), [(OPEN, AlreadyDone), (PLANNED, BadInput), (CLOSED, TooLate)], ids=lambda x: str(x)[:12]
)
def test_only_a_paused_round_is_resumed(round: Round, no: type[Refusal]) -> None:
    with pytest.raises(no):
        rounds.resumed(round)


def test_closing_twice_is_refused() -> None:
    with pytest.raises(AlreadyDone):
        rounds.closed(CLOSED, NOW)


def test_what_is_due() -> None:
    assert rounds.is_due(replace(PLANNED, opens=NOW), NOW)
    assert not rounds.is_due(replace(PLANNED, opens=NOW + HOUR), NOW)
    assert not rounds.is_due(replace(PLANNED, opens=NOW - HOUR, closes=NOW), NOW)
    assert not rounds.is_due(PLANNED, NOW)
    assert not rounds.is_due(replace(OPEN, opens=NOW), NOW)
    assert rounds.is_overdue(replace(OPEN, closes=NOW), NOW)
    assert rounds.is_overdue(replace(PLANNED, closes=NOW), NOW)
    assert not rounds.is_overdue(replace(OPEN, closes=NOW + HOUR), NOW)
    assert not rounds.is_overdue(replace(CLOSED, closes=NOW), NOW)


def test_answers_are_taken_until_the_closing_time_even_where_the_clock_is_late() -> None:
    round = replace(OPEN, closes=NOW)
    assert rounds.takes_answers(round, NOW - timedelta(microseconds=1))
    assert not rounds.takes_answers(round, NOW)
    assert rounds.has_ended(round, NOW)
    assert not rounds.takes_answers(PAUSED, NOW)
    assert not rounds.has_ended(PAUSED, NOW)
    assert rounds.has_ended(CLOSED, NOW)


def test_a_receipt_names_round_person_and_time() -> None:
    assert rounds.receipt(7, 1, NOW) == "763JTLGM"
    others = {rounds.receipt(7, 2, NOW), rounds.receipt(8, 1, NOW), rounds.receipt(7, 1, NOW + HOUR)}
    assert len(others | {rounds.receipt(7, 1, NOW)}) == 4
