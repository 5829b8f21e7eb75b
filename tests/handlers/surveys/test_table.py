"""Answers as columns and rows."""

from datetime import datetime, timedelta, timezone

from handlers.forms.form import Choice, Form, Question
from handlers.surveys.rules.table import ABOUT, Table, tabulate
from handlers.talk import Label
from storage.records import Disposition, Invitation, Level, Person, PostClass, Sheet, Unit

CHOICES = (
    Choice("a", Label({"zh_CN": "甲", "en": "A"}, "zh_CN")),
    Choice("b", Label({"en": "B"}, "zh_CN")),
    Choice("c", Label({}, "zh_CN")),
)
FORM = Form(
    "x",
    Label({}),
    "1",
    ("zh_CN", "en"),
    "zh_CN",
    (
        Question("/data/one", "one", "select_one", Label({}), choices=CHOICES),
        Question("/data/some", "some", "select_multiple", Label({}), choices=CHOICES),
    ),
)
NOON = datetime(2026, 3, 2, 12, 0, 0, 999, timezone(timedelta(hours=8)))


def sheet(person_id: int, handed_in: datetime | None = None, **answers: object) -> Sheet:
    walk = {"answers": {f"/data/{name}": value for name, value in answers.items()}, "at": ""}
    return Sheet(1, person_id, {"walk": walk, "account": 1, "page": 0}, handed_in)


def table(*sheets: Sheet, language: str = "") -> Table:
    units = [Unit(1, "9", "甲科"), Unit(2, "10", "乙科")]
    people = [Person(n, f"00{n}", f"P{n}", 1, PostClass.GENERAL, Level.STAFF) for n in range(1, 5)]
    roll = [Invitation(1, n, 1 if n < 3 else 2, PostClass.GRID, Disposition.STARTED) for n in range(1, 5)]
    return tabulate(FORM, language, sheets, roll, people, units)


def test_words_fall_back_from_the_language_asked_for_to_any_there_is() -> None:
    plain = table(sheet(1, some=["c", "b", "a"]))
    assert plain.columns[7:] == ("one", "one (label)", "some", "some (label)", "some/a", "some/b", "some/c")
    assert plain.rows[0][7:] == (None, None, "a b c", "甲; B; ", 1, 1, 1)
    assert table(sheet(1, one="a"), language="en").rows[0][7:] == ("a", "A", None, None, None, None, None)


def test_lines_stand_by_unit_code_and_staff_number_however_they_come() -> None:
    sheets = [sheet(4, one="a"), sheet(2, one="a"), sheet(1, one="b"), sheet(3, one="b")]
    assert [row[0] for row in table(*sheets).rows] == ["003", "004", "001", "002"]
    assert table(*sheets) == table(*reversed(sheets))


def test_who_has_answered_nothing_is_left_out_unless_it_is_handed_in() -> None:
    rows = table(sheet(1), sheet(2, NOON)).rows
    assert [dict(zip(ABOUT, row, strict=False)) for row in rows] == [
        {
            "staff_number": "002",
            "person": "P2",
            "unit": "甲科",
            "post_class": "grid",
            "status": "handed_in",
            "handed_in": "2026-03-02T04:00:00+00:00",
            "entered_by": None,
        }
    ]
