"""When rounds open and close: by examples, by laws, and beside another scheduler."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.days import Calendar, NoCalendar
from handlers.surveys.rules.faults import faults
from handlers.surveys.rules.plans import named
from handlers.surveys.rules.schedules import (
    Every,
    Occurrence,
    Rest,
    Schedule,
    Weekday,
    distance,
    due_day,
    load,
    occurrences,
    on_day,
    outlook,
    to_plain,
)
from storage.records import DayKind, SpecialDay

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CALENDAR = Calendar()
DAY = timedelta(days=1)


def days(schedule: Schedule, first: str, last: str, zone: ZoneInfo = SHANGHAI) -> list[tuple[str, str, str]]:
    """Period, opening and closing of what opens from the first day to the last."""
    start, end = (datetime.fromisoformat(day).replace(tzinfo=zone) for day in (first, last))
    return [
        (one.period, f"{one.opens:%m-%d %H:%M}", f"{one.closes:%m-%d %H:%M}")
        for one in occurrences(schedule, start, end + DAY, CALENDAR)
    ]


def test_the_last_working_days_of_each_quarter() -> None:
    schedule = Schedule(Every.QUARTER, month=-1, working_day=-5, open_days=10)
    assert days(schedule, "2024-01-01", "2024-12-31") == [
        ("2024Q1", "03-25 09:00", "04-07 18:00"),  # 4 April is Qingming, the 7th a Sunday on which people work
        ("2024Q2", "06-24 09:00", "07-04 18:00"),
        ("2024Q3", "09-25 09:00", "10-08 18:00"),  # the National Day week, worked for on Sunday the 29th
        ("2024Q4", "12-25 09:00", "01-06 18:00"),
    ]


def test_month_ends_are_clamped_and_stay_in_their_month() -> None:
    schedule = Schedule(Every.MONTH, day=31, open_working_days=1)
    assert [opens for _, opens, _ in days(schedule, "2024-01-01", "2024-06-30")] == [
        "01-31 09:00",
        "02-29 09:00",
        "03-29 09:00",  # the 31st is a Sunday, and the day after it another month
        "04-30 09:00",
        "05-31 09:00",
        "06-28 09:00",
    ]
    kept = replace(schedule, rest=Rest.KEEP, open_working_days=None)
    assert [opens for _, opens, _ in days(kept, "2023-02-01", "2023-04-30")] == [
        "02-28 09:00",
        "03-31 09:00",
        "04-30 09:00",
    ]


def test_half_years_and_years_have_months() -> None:
    half = Schedule(Every.HALF_YEAR, month=6, day=15, rest=Rest.BACK)
    assert days(half, "2024-01-01", "2024-12-31") == [
        ("2024H1", "06-14 09:00", "06-21 18:00"),
        ("2024H2", "12-13 09:00", "12-20 18:00"),
    ]
    year = Schedule(Every.YEAR, month=2, day=12, opens_at="08:30", closes_at="17:00")
    assert days(year, "2023-01-01", "2024-12-31") == [
        ("2023", "02-13 08:30", "02-20 17:00"),
        ("2024", "02-18 08:30", "02-26 17:00"),  # after Spring Festival, on the Sunday that is worked
    ]


def test_weeks_have_their_own_year_and_one_without_a_working_day_is_left_out() -> None:
    schedule = Schedule(Every.WEEK, weekday=Weekday.FRIDAY, open_days=0)
    assert days(schedule, "2026-02-09", "2026-03-01") == [
        ("2026-W07", "02-13 09:00", "02-13 18:00"),
        ("2026-W09", "02-27 09:00", "02-27 18:00"),  # the week of Spring Festival has no working day
    ]
    monday = Schedule(Every.WEEK, open_days=0)
    assert days(monday, "2024-12-30", "2025-01-05") == [("2025-W01", "12-30 09:00", "12-30 18:00")]
    assert days(schedule, "2024-09-30", "2024-10-06") == [("2024-W40", "09-30 09:00", "09-30 18:00")]


def test_cron_days_move_at_most_to_the_next_of_them() -> None:
    daily = Schedule(Every.CRON, cron="30 8 * * *", open_days=0)
    assert days(daily, "2024-10-05", "2024-10-14") == [
        (f"2024-10-{day:02}", f"10-{day:02} 08:30", f"10-{day:02} 18:00") for day in (8, 9, 10, 11, 12, 14)
    ]
    first = Schedule(Every.CRON, cron="0 10 1 * *")
    assert days(first, "2024-05-05", "2024-10-31")[::5] == [
        ("2024-05-01", "05-06 10:00", "05-13 18:00"),
        ("2024-10-01", "10-08 10:00", "10-15 18:00"),
    ]
    assert days(replace(first, rest=Rest.BACK), "2024-09-15", "2024-10-15") == [
        ("2024-10-01", "09-30 10:00", "10-08 18:00")
    ]


def test_an_hour_that_is_left_out_comes_after_and_one_that_comes_twice_comes_once() -> None:
    early = Schedule(Every.WEEK, weekday=Weekday.SUNDAY, opens_at="02:30", open_days=1, rest=Rest.KEEP)
    spring, autumn = (
        next(
            occurrences(
                early, datetime(2024, month, day, tzinfo=BERLIN), datetime(2024, 12, 1, tzinfo=BERLIN), CALENDAR
            )
        )
        for month, day in ((3, 31), (10, 27))
    )
    assert (f"{spring.opens:%H:%M %z}", f"{spring.closes:%H:%M %z}") == ("03:30 +0200", "18:00 +0200")
    assert f"{autumn.opens:%H:%M %z}" == "02:30 +0200"
    after = list(occurrences(early, autumn.opens + timedelta(minutes=1), autumn.opens + 2 * DAY, CALENDAR))
    assert after == []


def test_first_and_last_day_bound_a_plan() -> None:
    schedule = Schedule(Every.MONTH, first=date(2024, 3, 2), last=date(2024, 5, 6))
    assert [period for period, _, _ in days(schedule, "2024-01-01", "2024-12-31")] == ["2024-04", "2024-05"]


def test_a_year_without_a_table_is_refused_and_never_guessed() -> None:
    schedule = Schedule(Every.MONTH, day=20, open_days=5)
    start, end = datetime(2026, 11, 1, tzinfo=SHANGHAI), datetime(2027, 3, 1, tzinfo=SHANGHAI)
    calendar = Calendar([SpecialDay(date(2026, 12, 21), DayKind.HOLIDAY, "停电")])
    with pytest.raises(NoCalendar, match="not known yet"):
        list(occurrences(schedule, start, end, calendar))
    told, missing = outlook(schedule, start, end, calendar)
    assert [one.opens.date() for one in told] == [date(2026, 11, 20), date(2026, 12, 22)]
    assert missing == 2027
    kept = replace(schedule, rest=Rest.KEEP)
    assert [one.period for one in occurrences(kept, start, end, calendar)] == [
        "2026-11",
        "2026-12",
        "2027-01",
        "2027-02",
    ]


def test_a_date_of_a_person_is_reached_in_days_and_working_days() -> None:
    ends = date(2024, 10, 8)
    for schedule, day in (
        (Schedule(Every.DATE_OF, date_of="probation_ends", offset_working=-3), "2024-09-27"),
        (Schedule(Every.DATE_OF, date_of="probation_ends", offset_working=2), "2024-10-10"),
        (Schedule(Every.DATE_OF, date_of="probation_ends", offset=-7), "2024-10-08"),
        (Schedule(Every.DATE_OF, date_of="probation_ends", offset=-7, rest=Rest.BACK), "2024-09-30"),
        (Schedule(Every.DATE_OF, date_of="probation_ends", offset=-7, rest=Rest.KEEP), "2024-10-01"),
        (Schedule(Every.DATE_OF, date_of="probation_ends"), "2024-10-08"),
    ):
        assert due_day(schedule, ends, CALENDAR) == date.fromisoformat(day)
    bounded = Schedule(Every.DATE_OF, date_of="joined", last=date(2024, 10, 7))
    assert due_day(bounded, ends, CALENDAR) is None
    assert on_day(bounded, date(2024, 10, 7), SHANGHAI, CALENDAR) is None
    assert on_day(bounded, date(2024, 9, 30), SHANGHAI, CALENDAR) is not None
    assert days(bounded, "2024-01-01", "2024-12-31") == []


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        (Schedule(Every.QUARTER, month=13), "no month 13"),
        (Schedule(Every.QUARTER, month=4), "1 to 3"),
        (Schedule(Every.MONTH, month=1), "“month” does not go with “month”"),
        (Schedule(Every.MONTH, day=0), "no month has a day 0"),
        (Schedule(Every.MONTH, day=32), "no month has a day 32"),
        (Schedule(Every.MONTH, working_day=0), "no working day 0"),
        (Schedule(Every.MONTH, working_day=-16), "no working day -16"),
        (Schedule(Every.MONTH, day=1, working_day=1), "either a day"),
        (Schedule(Every.MONTH, weekday=Weekday.MONDAY), "“weekday” does not go with “month”"),
        (Schedule(Every.WEEK, day=3), "“day” does not go with “week”"),
        (Schedule(Every.CRON), "five fields"),
        (Schedule(Every.CRON, cron="0 9 * *"), "five fields"),
        (Schedule(Every.CRON, cron="0 9,10 * * *"), "one number each"),
        (Schedule(Every.CRON, cron="*/5 9 * * *"), "one number each"),
        (Schedule(Every.CRON, cron="0 9 30 2 *"), "never come true"),
        (Schedule(Every.CRON, cron="0 25 1 * *"), "never come true"),
        (Schedule(Every.CRON, cron="0 19 1 * *", open_days=0), "close (18:00) before it opens (19:00)"),
        (Schedule(Every.CRON, cron="0 9 1 * *", opens_at="10:00"), "“opens_at” does not go with “cron”"),
        (Schedule(Every.DATE_OF), "no date on a person"),
        (Schedule(Every.DATE_OF, date_of="birthday"), "“birthday” is no date"),
        (Schedule(Every.DATE_OF, date_of="joined", offset=1, offset_working=1), "either in days"),
        (Schedule(Every.DATE_OF, date_of="joined", offset=-9999), "at most 3660"),
        (Schedule(Every.WEEK, opens_at="9"), "“9” is no time"),
        (Schedule(Every.WEEK, closes_at="24:00"), "“24:00” is no time"),
        (Schedule(Every.WEEK, open_days=1, open_working_days=1), "either in days"),
        (Schedule(Every.WEEK, open_days=-1), "0 to 366 days"),
        (Schedule(Every.WEEK, open_working_days=0, opens_at="18:00"), "before it opens (18:00)"),
        (Schedule(Every.WEEK, first=date(2026, 3, 2), last=date(2026, 3, 1)), "would end"),
        (Schedule(Every.WEEK, last=date(2026, 1, 1)), "is past"),
    ],
)
def test_what_is_wrong_is_said_by_name(schedule: Schedule, says: str) -> None:
    told = [text.message.format(**text.args) for text in faults(schedule, date(2026, 3, 1))]
    assert len(told) == 1
    assert says.lower() in told[0].lower()


def test_everything_wrong_is_said_at_once() -> None:
    bad = Schedule(Every.YEAR, month=13, day=0, cron="x", opens_at="x", open_days=-1, last=date(2020, 1, 1))
    assert len(faults(bad, date(2026, 3, 1))) == 6


HOURS = st.sampled_from(["", "00:00", "02:30", "09:00", "17:59"])
LENGTHS = st.sampled_from([{}, {"open_days": 0}, {"open_days": 3}, {"open_working_days": 0}, {"open_working_days": 5}])
REST = st.sampled_from(Rest)
MONTHLY = st.builds(
    lambda every, month, day, **more: Schedule(every, month=None if every is Every.MONTH else month, **day, **more),
    every=st.sampled_from([Every.MONTH, Every.QUARTER, Every.HALF_YEAR, Every.YEAR]),
    month=st.sampled_from([None, 1, 2, 3, -1, -2]),
    day=st.sampled_from([{}])
    | st.builds(lambda n: {"day": n}, st.integers(1, 31))
    | st.builds(lambda n: {"working_day": n}, st.sampled_from([1, 2, 8, 15, -1, -3, -15])),
    opens_at=HOURS,
    rest=REST,
)
WEEKLY = st.builds(Schedule, every=st.just(Every.WEEK), weekday=st.sampled_from(Weekday), opens_at=HOURS, rest=REST)
CRON = st.sampled_from(["30 2 * * *", "0 9 * * 1-5", "15 8 1,15 * *", "0 9 L * *", "0 10 29 2 *", "45 17 * 3 SUN#2"])
BY_CRON = st.builds(Schedule, every=st.just(Every.CRON), cron=CRON, rest=REST)
SCHEDULES = st.builds(lambda one, length: replace(one, **length), MONTHLY | WEEKLY | BY_CRON, LENGTHS)
ZONES = st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Chatham"), ZoneInfo("UTC")])
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2025, 6, 1))  # noqa: DTZ001

YEAR = st.datetimes(datetime(2023, 9, 1), datetime(2024, 11, 30))  # noqa: DTZ001


def _moments(zone: ZoneInfo, *moments: datetime) -> list[datetime]:
    return [moment.replace(tzinfo=zone) for moment in sorted(moments)]


@settings(deadline=None)
@given(SCHEDULES, ZONES, YEAR, YEAR, YEAR)
def test_cutting_time_in_two_changes_nothing(
    schedule: Schedule, zone: ZoneInfo, one: datetime, two: datetime, three: datetime
) -> None:
    start, middle, end = _moments(zone, one, two, three)
    whole = list(occurrences(schedule, start, end, CALENDAR))
    assert whole == [
        *occurrences(schedule, start, middle, CALENDAR),
        *occurrences(schedule, middle, end, CALENDAR),
    ]
    assert whole == list(occurrences(schedule, start.astimezone(UTC), end, CALENDAR))
    _are_in_order_and_on_working_days(schedule, whole)


def _are_in_order_and_on_working_days(schedule: Schedule, found: list[Occurrence]) -> None:
    instants = [one.opens.astimezone(UTC) for one in found]
    assert all(before < after for before, after in pairwise(instants))
    assert len({one.period for one in found}) == len(found)
    for one in found:
        assert one.closes.astimezone(UTC) > one.opens.astimezone(UTC)
        if schedule.rest is not Rest.KEEP:
            assert CALENDAR.is_working_day(one.opens.date())
            assert schedule.open_days == 0 or CALENDAR.is_working_day(one.closes.date())


@given(MONTHLY | WEEKLY, st.integers(2019, 2024))
def test_every_period_of_a_year_has_one(schedule: Schedule, year: int) -> None:
    found = list(
        occurrences(schedule, datetime(year, 1, 1, tzinfo=BERLIN), datetime(year + 1, 1, 1, tzinfo=BERLIN), CALENDAR)
    )
    count = {Every.MONTH: 12, Every.QUARTER: 4, Every.HALF_YEAR: 2, Every.YEAR: 1}.get(schedule.every)
    if count:
        assert len(found) == count
        assert all(one.period.startswith(str(year)) for one in found)
    else:
        empty = sum(not any(CALENDAR.is_working_day(day) for day in week) for week in _weeks(year))
        assert 51 - (0 if schedule.rest is Rest.KEEP else empty) <= len(found) <= 54


def _weeks(year: int) -> Iterator[list[date]]:
    monday = date(year, 1, 1) - DAY * date(year, 1, 1).weekday()
    while monday.year <= year:
        yield [monday + DAY * n for n in range(7)]
        monday += DAY * 7


PEER = {
    "weekly": (
        st.builds(Schedule, every=st.just(Every.WEEK), weekday=st.sampled_from(Weekday), opens_at=HOURS),
        lambda one: {"day_of_week": one.weekday.value},
    ),
    "monthly": (
        st.builds(Schedule, every=st.just(Every.MONTH), day=st.integers(1, 28) | st.just(31), opens_at=HOURS),
        lambda one: {"day": "last" if one.day == 31 else one.day},
    ),
    "yearly": (
        st.builds(
            Schedule, every=st.just(Every.YEAR), month=st.integers(1, 12), day=st.integers(1, 28), opens_at=HOURS
        ),
        lambda one: {"month": one.month, "day": one.day},
    ),
    "quarterly": (
        st.builds(
            Schedule, every=st.just(Every.QUARTER), month=st.integers(1, 3), day=st.integers(1, 28), opens_at=HOURS
        ),
        lambda one: {"month": f"{one.month}-12/3", "day": one.day},
    ),
    "cron": (
        st.builds(
            lambda minute, hour, day, month: Schedule(Every.CRON, cron=f"{minute} {hour} {day} {month} *"),
            st.integers(0, 59),
            st.integers(4, 23),
            st.sampled_from(["*", "1", "31", "5-9", "*/10", "1,15"]),
            st.sampled_from(["*", "1,2", "1,7", "*/4", "3-5"]),
        ),
        lambda one: dict(zip(("minute", "hour", "day", "month"), one.cron.split(), strict=False)),
    ),
}


@pytest.mark.parametrize("kind", PEER)
def test_another_scheduler_says_the_same(kind: str) -> None:
    schedules, fields = PEER[kind]

    @settings(deadline=None)
    @given(schedules, MOMENTS, st.integers(1, 900))
    def compare(schedule: Schedule, moment: datetime, length: int) -> None:
        # Not where clocks change: there the other leaves out the midnight after the change.
        schedule = replace(schedule, rest=Rest.KEEP)
        start = moment.replace(tzinfo=SHANGHAI)
        end = start + length * DAY
        at = (
            {}
            if kind == "cron"
            else dict(zip(("hour", "minute"), (schedule.opens_at or "09:00").split(":"), strict=True))
        )
        trigger = CronTrigger(**{**fields(schedule), **at}, timezone=SHANGHAI)
        mine = [one.opens for one in occurrences(schedule, start, end, CALENDAR)]
        assert mine == list(_fires(trigger, start, end))

    compare()


def _fires(trigger: CronTrigger, start: datetime, end: datetime) -> Iterator[datetime]:
    at = trigger.get_next_fire_time(None, start)
    while at is not None and at < end:
        yield at
        at = trigger.get_next_fire_time(at, at + timedelta(microseconds=1))


@given(
    st.builds(
        Schedule, every=st.just(Every.DATE_OF), date_of=st.just("joined"), offset=st.integers(-400, 400), rest=REST
    )
    | st.builds(Schedule, every=st.just(Every.DATE_OF), offset_working=st.integers(-250, 250), rest=REST),
    st.dates(date(2018, 1, 1), date(2023, 12, 31)),
)
def test_the_guess_how_far_a_date_is_holds(schedule: Schedule, on: date) -> None:
    day = due_day(schedule, on, CALENDAR)
    assert day is not None
    least, most = distance(schedule)
    assert least <= (day - on).days <= most
    assert schedule.rest is Rest.KEEP or CALENDAR.is_working_day(day)


@given(SCHEDULES, st.none() | st.dates(), st.none() | st.dates())
def test_plain_json_keeps_everything(schedule: Schedule, first: date | None, last: date | None) -> None:
    schedule = replace(schedule, first=first, last=last)
    plain = to_plain(schedule)
    assert load(plain) == schedule
    assert all(isinstance(value, str | int) for value in plain.values())


def test_names_have_places() -> None:
    zone = SHANGHAI
    one = Occurrence("2025-W01", datetime(2024, 12, 30, 9, tzinfo=zone), datetime(2025, 1, 3, 18, tzinfo=zone))
    assert named("{year} W{week} {n}", Every.WEEK, one, 3) == "2025 W1 3"
    assert named("{year} Q{quarter} H{half} {month} {date}", Every.QUARTER, one, 3) == "2024 Q4 H2 12 2024-12-30"
    assert named("no place", Every.QUARTER, one, 3) == "no place"
