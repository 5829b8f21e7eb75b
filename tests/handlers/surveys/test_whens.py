"""Closing times in an officer's words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.surveys.rules.whens import closing

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 26, 10, 30, 15, tzinfo=ZONE)
"""A Thursday."""
BEFORE = datetime(2026, 12, 1, 17, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("下周五下午六点", "2026-12-04 18:00"),
        ("下周五", "2026-12-04 18:00"),
        ("12月20号", "2026-12-20 18:00"),
        ("12月20日前", "2026-12-20 18:00"),
        ("延长到12月25日", "2026-12-25 18:00"),
        ("到明天下午五点。", "2026-11-27 17:00"),
        ("2026-12-20 18:00", "2026-12-20 18:00"),
        ("1月5号", "2027-01-05 18:00"),
        ("+3天", "2026-12-04 17:00"),
        ("＋3天", "2026-12-04 17:00"),
        ("延长一周", "2026-12-08 17:00"),
        ("再延长两天", "2026-12-03 17:00"),
        ("推迟半天", ""),
        ("+2小时", "2026-12-01 19:00"),
        ("another week", "2026-12-08 17:00"),
        ("+3 days", "2026-12-04 17:00"),
        ("3天后", "2026-11-29 18:00"),
        ("tomorrow at 5pm", "2026-11-27 17:00"),
        ("by Dec 20", "2026-12-20 18:00"),
        ("昨天", "2026-11-25 18:00"),
        ("月底再说", ""),
        ("", ""),
        ("+0天", ""),
    ],
)
def test_one_time_is_meant_or_none(words: str, meant: str) -> None:
    found = [one.strftime("%Y-%m-%d %H:%M") for one in closing(words, NOW, BEFORE)]
    assert found == ([meant] if meant else [])


def test_without_a_closing_time_days_are_counted_from_today() -> None:
    assert closing("+3天", NOW) == (datetime(2026, 11, 29, 18, tzinfo=ZONE),)
    assert closing("+2小时", NOW) == (datetime(2026, 11, 26, 12, 30, tzinfo=ZONE),)


def test_what_may_mean_two_times_is_both() -> None:
    assert [one.hour for one in closing("12月20号6点", NOW)] == [6, 18]
    assert len(closing("下周日", NOW)) == 2


@given(st.integers(1, 999), st.sampled_from([("天", 1), ("周", 7), ("days", 1), ("个星期", 7)]))
def test_days_are_added_to_the_closing_time(count: int, unit: tuple[str, int]) -> None:
    assert closing(f"+{count}{unit[0]}", NOW, BEFORE) == (BEFORE + timedelta(days=count * unit[1]),)


@given(st.text(max_size=40))
def test_no_words_break_it(words: str) -> None:
    assert all(one.tzinfo is ZONE for one in closing(words, NOW, BEFORE))
