"""The organ's own days."""

from datetime import date

from storage.database import Database
from storage.records import DayKind, SpecialDay


def day(text: str, kind: DayKind = DayKind.HOLIDAY, name: str = "") -> SpecialDay:
    return SpecialDay(date.fromisoformat(text), kind, name)


async def test_new_days_come_in_place_of_those_of_their_span_only(database: Database) -> None:
    first = [day("2026-12-31"), day("2027-01-01", name="元旦"), day("2027-01-03", DayKind.WORKDAY), day("2028-05-01")]
    async with database.transaction() as store:
        assert await store.calendar.days() == []
        await store.calendar.put_days([], first)
    async with database.reading() as store:
        assert await store.calendar.days() == first
    async with database.transaction() as store:
        await store.calendar.put_days([(date(2027, 1, 1), date(2027, 12, 31))], [day("2027-02-06", DayKind.WORKDAY)])
    async with database.reading() as store:
        assert await store.calendar.days() == [first[0], day("2027-02-06", DayKind.WORKDAY), first[3]]
