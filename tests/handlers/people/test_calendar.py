"""The organ's own table of holidays: imported whole or refused row by row, and shown."""

from datetime import date, datetime

import pytest

from handlers.days import Calendar
from handlers.people.office_calendar import (
    CalendarReport,
    ImportCalendar,
    ShowCalendar,
    import_calendar,
    show_calendar,
)
from handlers.people.rules import holidays
from handlers.refusals import BadInput
from storage.database import Database
from storage.records import DayKind, SpecialDay
from tests.handlers.people.sheets import xlsx
from tests.handlers.people.talking import Organ, worded
from tests.samples.holidays import FILE, noticed, year_of

HEAD = ("日期", "类别", "名称")


def rows_of(days: list[SpecialDay]) -> list[tuple[object, ...]]:
    return [(one.day.isoformat(), one.kind.value, one.name) for one in days]


def refused(*rows: object, head: tuple[str, ...] = HEAD) -> list[str]:
    with pytest.raises(BadInput) as no:
        holidays.read(xlsx(head, *rows), "days.xlsx")  # type: ignore[arg-type]
    return [worded(one) for one in (no.value.text, *no.value.problems)]


def test_the_notices_as_csv_and_as_xlsx() -> None:
    read = holidays.read(FILE.read_bytes(), "holidays.csv")
    assert list(read.days) == noticed()
    as_excel = xlsx(
        HEAD, *((datetime.combine(one.day, datetime.min.time()), one.kind.value, one.name) for one in noticed())
    )
    assert holidays.read(as_excel, "x.xlsx") == read
    assert read.spans[0] == (date(2022, 12, 25), date(2022, 12, 31))
    assert read.spans[1] == (date(2023, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    "head", [("日期", "類別", "名稱"), ("Name", "Date", "Kind"), ("节日", "*日期（必填）", "安排")]
)
def test_headings_in_any_language_and_order(head: tuple[str, ...]) -> None:
    words = {"日期": 0, "date": 0, "*日期（必填）": 0, "類別": 1, "kind": 1, "安排": 1}
    rows = [tuple(row[words.get(heading.lower(), 2)] for heading in head) for row in rows_of(year_of(2031))]
    assert list(holidays.read(xlsx(("2031 年放假安排",), head, *rows), "x.xlsx").days) == year_of(2031)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *(("休息日", DayKind.HOLIDAY), ("放假", DayKind.HOLIDAY), ("Holiday", DayKind.HOLIDAY)),
        *(("上班", DayKind.WORKDAY), ("補班", DayKind.WORKDAY), ("调休上班（周六）", DayKind.WORKDAY)),
    ],
)
def test_words_for_rest_and_work(word: str, kind: DayKind) -> None:
    (day,) = holidays.read(xlsx(HEAD, ("2025年3月8日", word, "")), "x.xlsx").days
    assert day == SpecialDay(date(2025, 3, 8), kind)


def test_every_bad_row_is_named_with_its_column() -> None:
    assert refused(
        ("2025-02-30", "休息日", "春节"),
        ("2025-03-08", "睡觉", ""),
        ("", "", ""),
        ("", "上班", "春节"),
        ("2025-03-09", "", "好" * 51),
        ("2025-03-10", "休息日", ""),
        ("2025-03-10", "上班", ""),
    ) == [
        "The table of holidays has 6 problems. Nothing was imported.",
        "Row 2, 日期: 2025-02-30 is no date. Write it like 2026-03-01.",
        "Row 3, 类别: 睡觉 is unknown. Write one of: 休息日 holiday, 上班 workday.",
        "Row 5, 日期: the cell is empty. Write the date, or delete the row.",
        "Row 6, 类别: the cell is empty. Write one of: 休息日 holiday, 上班 workday.",
        "Row 6, 名称: the name is too long: at most 50 characters.",
        "Row 8, 日期: 2025-03-10 stands here twice.",
    ]


def test_a_year_nobody_knows_must_be_there_whole() -> None:
    told = refused(*rows_of(year_of(2031))[1:], ("2032-05-01", "休息日", ""))
    assert told[0] == "The table of holidays has 2 problems. Nothing was imported."
    assert told[1].startswith("2031: this is not the whole table of the year")
    assert "01-01, 05-01, 05-02, 10-01, 10-02, 10-03" in told[1]
    assert told[2].startswith("2032: ")


def test_tables_without_headings_or_days() -> None:
    assert "日期 date, 类别 kind" in refused(("2025-03-10", "休息日", ""), head=("a", "b", "c"))[0]
    assert "no days below" in refused()[0]


async def test_an_import_replaces_its_years_and_no_others(database: Database) -> None:
    organ = Organ(database)

    async def put(days: list[SpecialDay]) -> CalendarReport:
        async with database.transaction() as store:
            content = xlsx(HEAD, *rows_of(days))
            return await import_calendar(ImportCalendar(content, "x.xlsx"), organ.clerk(), store)

    def rest(year: int, month: int, day: int) -> SpecialDay:
        return SpecialDay(date(year, month, day), DayKind.HOLIDAY, "本单位")

    assert await put([rest(2026, 7, 1), rest(2026, 12, 30)]) == CalendarReport(2, (2026,))
    # The notice for 2031 begins on the last day of 2030; the notice for 2027 on that of 2026.
    eve = SpecialDay(date(2026, 12, 31), DayKind.HOLIDAY, "元旦")
    assert await put([*year_of(2027), eve]) == CalendarReport(8, (2026, 2027))
    async with database.reading() as store:
        kept = await store.calendar.days()
        shown = await show_calendar(ShowCalendar(2027), organ.clerk(), store)
        with pytest.raises(BadInput):
            await show_calendar(ShowCalendar(2028), organ.clerk(), store)
        with pytest.raises(BadInput):
            await show_calendar(ShowCalendar(-1), organ.clerk(), store)
    assert kept == [rest(2026, 7, 1), eve, *year_of(2027)]
    assert shown == year_of(2027)
    assert Calendar(kept).covers(2027)
    with pytest.raises(BadInput):
        await put([rest(2026, 8, 1), rest(2028, 8, 1)])
    async with database.reading() as store:
        assert await store.calendar.days() == kept
