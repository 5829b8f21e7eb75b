"""Rates are kept and used; hardly a letter is out without its mark."""

from datetime import UTC, datetime

import pytest

from bot.pace import SLOW, Doubt, Pace, silence


def test_pace_without_limit_never_waits() -> None:
    pace = Pace(0.0, 1)
    pace.take(1.0)
    assert pace.wait(1.0) == 0.0


def test_pace_over_an_hour_is_exactly_the_rate() -> None:
    pace, now, taken = Pace(30.0, 1), 0.0, 0
    while now < 3600:
        now += pace.wait(now)
        pace.take(now)
        taken += 1
        now += 0.0001
    assert 0.98 * 30 * 3600 <= taken <= 30 * 3600 + 1


def answered(doubt: Doubt, seconds: float, count: int = 1) -> None:
    """So many letters are sent, answered and marked, one after the other."""
    for letter in range(count):
        doubt.begin(letter, 0.0)
        doubt.end(letter, seconds, taken=True)
        doubt.unmarked -= 1


def test_a_quick_platform_is_one_letter_ahead_of_its_marks() -> None:
    doubt = Doubt(30.0)
    answered(doubt, 0.005)
    answered(doubt, 0.9, 10)  # it stumbles
    assert doubt.wait(1.0) == 0.0
    doubt.begin(1, 1.0)
    assert doubt.wait(1.4) == pytest.approx(1.0 + SLOW - 1.4)
    doubt.end(1, 1.5, taken=True)
    assert doubt.wait(1.5) == float("inf")
    doubt.unmarked -= 1
    assert doubt.wait(1.5) == 0.0
    assert doubt.none


def test_a_distant_platform_still_gets_the_whole_rate() -> None:
    doubt = Doubt(30.0)
    answered(doubt, 0.2, 32)
    for letter in range(6):
        assert doubt.wait(0.0) == 0.0
        doubt.begin(letter, 0.0)
    assert doubt.wait(0.0) > 0.0


def test_a_call_that_hangs_holds_up_the_others_once() -> None:
    doubt = Doubt(30.0)
    doubt.begin(1, 0.0)
    assert doubt.wait(0.5) == pytest.approx(SLOW - 0.5)
    assert doubt.wait(SLOW) == 0.0
    doubt.begin(2, SLOW)
    doubt.end(2, SLOW + 0.01, taken=False)
    assert doubt.wait(SLOW + 0.01) == 0.0
    assert not doubt.none


def test_without_a_rate_nothing_waits() -> None:
    doubt = Doubt(0.0)
    for letter in range(100):
        doubt.begin(letter, 0.0)
        doubt.end(letter, 1.0, taken=True)
    assert doubt.wait(1.0) == 0.0


def test_a_silent_minute_is_waited_for() -> None:
    at = datetime(2026, 11, 25, 9, 30, 15, 500_000, tzinfo=UTC)
    assert silence(at, (0, 30)) == pytest.approx(44.5)
    assert silence(at, (30, 31)) == pytest.approx(104.5)
    assert silence(at, (0, 29)) == silence(at, ()) == 0.0
    assert silence(at, range(60)) == float("inf")
