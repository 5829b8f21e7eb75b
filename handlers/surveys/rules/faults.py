"""What is wrong with a schedule: every field, in a sentence that says what to write instead."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time

from cronsim import CronSim, CronSimError

from handlers.surveys.rules.schedules import CLOSING, OPEN_DAYS, Every, Schedule, opening_time
from handlers.surveys.rules.slots import MONTHS
from handlers.talk import Text, t

DATES = ("joined", "probation_ends")
"""The dates on a person that a plan can go by."""
SURE = 15
"""So many working days every month has."""
LONGEST = 366
"""Days a round may be open."""
FURTHEST = 3660
"""Days between a date on a person and the day he is asked."""

_OWN = {
    "month": (Every.QUARTER, Every.HALF_YEAR, Every.YEAR),
    "day": (Every.MONTH, Every.QUARTER, Every.HALF_YEAR, Every.YEAR),
    "working_day": (Every.MONTH, Every.QUARTER, Every.HALF_YEAR, Every.YEAR),
    "weekday": (Every.WEEK,),
    "cron": (Every.CRON,),
    "date_of": (Every.DATE_OF,),
    "offset": (Every.DATE_OF,),
    "offset_working": (Every.DATE_OF,),
    "opens_at": tuple(every for every in Every if every is not Every.CRON),
}
"""The fields that go with some ways of repeating only."""
_NUMBER = re.compile(r"\d{1,2}")


def faults(schedule: Schedule, today: date) -> list[Text]:
    """Everything that is wrong with a schedule, at once."""
    return [
        *_strangers(schedule),
        *_day_faults(schedule),
        *_cron_faults(schedule),
        *_date_faults(schedule),
        *_time_faults(schedule),
        *_end_faults(schedule, today),
    ]


def _strangers(schedule: Schedule) -> Iterator[Text]:
    for field, kinds in _OWN.items():
        if getattr(schedule, field) not in (None, "") and schedule.every not in kinds:
            yield t("“{field}” does not go with “{every}”: leave it out.", field=field, every=schedule.every.value)


def _day_faults(schedule: Schedule) -> Iterator[Text]:
    count = MONTHS.get(schedule.every, 12)
    month, day, nth = schedule.month, schedule.day, schedule.working_day
    if month is not None and not (1 <= month <= count or -count <= month <= -1):
        yield t("There is no month {month}: give 1 to {count}, or -1 for the last one.", month=month, count=count)
    if day is not None and not 1 <= day <= 31:
        yield t("No month has a day {day}: give 1 to 31; 31 is always the last one.", day=day)
    if nth is not None and not 1 <= abs(nth) <= SURE:
        yield t(
            "There is no working day {n} in every month: give 1 to {most}, or -1 (the last one) to -{most}.",
            n=nth,
            most=SURE,
        )
    if day is not None and nth is not None:
        yield t("Give either a day of the month or a working day.")


def _cron_faults(schedule: Schedule) -> Iterator[Text]:
    if schedule.every is not Every.CRON:
        return
    parts = schedule.cron.split()
    if len(parts) != 5:
        yield t("Cron has five fields, like “0 9 1 * *” for 09:00 on every first of the month.")
    elif not all(_NUMBER.fullmatch(part) for part in parts[:2]):
        yield t("Minute and hour of the cron fields must be one number each: a round opens once a day at most.")
    else:
        try:
            next(CronSim(schedule.cron, datetime(2000, 1, 1)))  # noqa: DTZ001
        except (CronSimError, StopIteration):
            yield t("The cron fields “{cron}” never come true.", cron=schedule.cron)


def _date_faults(schedule: Schedule) -> Iterator[Text]:
    if schedule.every is not Every.DATE_OF:
        return
    if schedule.date_of not in DATES:
        yield t(
            "“{field}” is no date on a person: give one of {known}.", field=schedule.date_of, known=", ".join(DATES)
        )
    if schedule.offset is not None and schedule.offset_working is not None:
        yield t("Give the distance from the date either in days or in working days.")
    if any(abs(n or 0) > FURTHEST for n in (schedule.offset, schedule.offset_working)):
        yield t("A plan reaches at most {count} days from a date.", count=FURTHEST)


def _time_faults(schedule: Schedule) -> Iterator[Text]:
    said = [at for at in (schedule.opens_at, schedule.closes_at) if at]
    wrong = [at for at in said if not _is_time(at)]
    yield from (t("“{time}” is no time of the day: write one like 09:00.", time=at) for at in wrong)
    days, working = schedule.open_days, schedule.open_working_days
    if days is not None and working is not None:
        yield t("Say how long it is open either in days or in working days.")
    if any(n is not None and not 0 <= n <= LONGEST for n in (days, working)):
        yield t("A round is open for 0 to {most} days; 0: it closes on the day it opens.", most=LONGEST)
    elif not wrong and (OPEN_DAYS if days is working is None else days or working or 0) == 0:
        yield from _one_day_faults(schedule)


def _one_day_faults(schedule: Schedule) -> Iterator[Text]:
    parts = schedule.cron.split()
    if schedule.every is not Every.CRON:
        opens = opening_time(schedule)
    elif len(parts) == 5 and _is_time(at := f"{parts[1]:0>2}:{parts[0]:0>2}"):
        opens = time.fromisoformat(at)
    else:
        return
    closes = time.fromisoformat(schedule.closes_at or CLOSING)
    if closes <= opens:
        yield t(
            "The round would close ({closes}) before it opens ({opens}).",
            closes=f"{closes:%H:%M}",
            opens=f"{opens:%H:%M}",
        )


def _is_time(text: str) -> bool:
    try:
        return time.fromisoformat(text).tzinfo is None and len(text) == len("09:00")
    except ValueError:
        return False


def _end_faults(schedule: Schedule, today: date) -> Iterator[Text]:
    first, last = schedule.first, schedule.last
    if first is not None and last is not None and last < first:
        yield t("The plan would end ({last}) before it begins ({first}).", last=last, first=first)
    elif last is not None and last < today:
        yield t("The last day of the plan, {last}, is past.", last=last)
