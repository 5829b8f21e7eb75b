"""The State Council's notices for 2023 to 2026, typed by hand into `holidays.csv`: every day of rest they name, and
every day to be worked instead (国办发明电〔2022〕16号, 〔2023〕7号, 〔2024〕12号, and the notice of 2025-11-04)."""

import csv
from datetime import date
from pathlib import Path

from storage.records import DayKind, SpecialDay

FILE = Path(__file__).with_name("holidays.csv")
_KINDS = {"休息日": DayKind.HOLIDAY, "上班": DayKind.WORKDAY}


def noticed() -> list[SpecialDay]:
    """What the notices say."""
    with FILE.open(encoding="utf-8") as file:
        return [
            SpecialDay(date.fromisoformat(row["日期"]), _KINDS[row["类别"]], row["名称"])
            for row in csv.DictReader(file)
        ]


def year_of(year: int) -> list[SpecialDay]:
    """A plain table for a year that nobody has published: the days fixed by law, and one to be worked instead."""
    fixed = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
    rest = [SpecialDay(date(year, *day), DayKind.HOLIDAY, "法定") for day in fixed]
    return [*rest, SpecialDay(date(year, 10, 9), DayKind.WORKDAY, "国庆节")]
