"""Rosters are read as people write them, and every bad row is named."""

import io
import re
import unicodedata
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from handlers.people.rules import columns
from handlers.people.rules.cells import Wrong
from handlers.people.rules.roster import Roster, read
from handlers.refusals import BadInput
from storage.records import Level, PostClass, Role, RosterLine, StaffKind, Standing
from tests.handlers.people.sheets import GOOD, HEAD, as_excel, changed, saved, text, xlsx
from tests.handlers.people.talking import worded

SAMPLES = Path(__file__).parents[2] / "samples" / "rosters"


WORKBOOK = as_excel(xlsx(HEAD, *GOOD))


def refused(content: bytes, filename: str = "staff.xlsx") -> BadInput:
    with pytest.raises(BadInput) as no:
        read(content, filename)
    return no.value


def problems(*rows: tuple[object, ...], head: tuple[object, ...] = HEAD) -> list[str]:
    return [worded(problem) for problem in refused(xlsx(head, *rows)).problems]


def row(
    number: object = "0009",
    name: object = "孙立",
    unit: object = "青石镇/网格中心",
    kind: object = "网格",
    *rest: object,
) -> tuple[object, ...]:
    return (number, name, unit, kind, *rest)


# What is read -------------------------------------------------------------------------------------------


def assert_good(found: Roster) -> None:
    assert [unit.code for unit in found.units] == [
        "青石镇",
        "青石镇/便民服务中心",
        "青石镇/党政综合办公室",
        "青石镇/领导班子",
    ]
    assert [(unit.name, unit.parent) for unit in found.units][:2] == [("青石镇", ""), ("便民服务中心", "青石镇")]
    assert found.lines == (
        RosterLine("0001", "赵明远", "青石镇/领导班子", PostClass.GENERAL, Level.LEADING, "", frozenset({Role.HEAD})),
        RosterLine(
            "0002",
            "钱玲",
            "青石镇/党政综合办公室",
            PostClass.GENERAL,
            Level.STAFF,
            "0001",
            frozenset({Role.HR, Role.SUPERVISOR}),
        ),
        RosterLine("0003", "阿依古丽·买买提", "青石镇/便民服务中心", PostClass.SERVICE, Level.STAFF, "0002"),
    )


def test_a_workbook() -> None:
    assert_good(read(xlsx(HEAD, *GOOD), "人员.xlsx"))


def test_a_workbook_as_excel_writes_it() -> None:
    assert_good(read(WORKBOOK, "人员.xlsx"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
def test_a_text_in_any_encoding_and_with_any_separator(encoding: str, separator: str) -> None:
    assert_good(read(text([HEAD, *GOOD], separator).encode(encoding), "人员.csv"))


def test_a_text_in_big5() -> None:
    rows = [("工號", "姓名", "單位", "崗位類別"), ("7", "張文華", "青石鎮/黨政綜合辦公室", "黨政綜合")]
    (line,) = read(text(rows).encode("cp950"), "人員.csv").lines
    assert (line.name, line.unit_code) == ("張文華", "青石鎮/黨政綜合辦公室")


def test_english_headings_and_codes_in_another_order() -> None:
    rows = [
        ("Name", "post_class", "STAFF NUMBER", "Unit", "Remarks", "Roles", "Level"),
        ("Li Na", "Enforcement", "A-7", "Town / Team", "x", "branch leader; HR", "Leading"),
    ]
    (line,) = read(text(rows).encode(), "staff.csv").lines
    roles = frozenset({Role.BRANCH_LEADER, Role.HR})
    assert line == RosterLine("A-7", "Li Na", "Town/Team", PostClass.ENFORCEMENT, Level.LEADING, "", roles)


def test_titles_notes_in_headings_empty_rows_and_repeated_headings_do_not_matter() -> None:
    head = ("*工号（必填）", "姓 名", "单位：", "岗位类别(见说明)")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells("A1:D1")
    sheet["A1"] = "青石镇机关工作人员花名册"
    sheet.append(())
    for line in (head, row("0001"), (), ("", " ", None), head, row("0002"), row("0003")):
        sheet.append(line or ("",))
    assert [line.number for line in read(saved(book), "x.xlsx").lines] == ["0001", "0002", "0003"]


def test_the_sheet_with_the_headings_is_found_and_hidden_ones_are_not_looked_at() -> None:
    book = Workbook()
    first, hidden, staff = book.active, book.create_sheet("旧"), book.create_sheet("人员")
    assert first is not None
    first["A1"] = "填写说明"
    hidden.append(HEAD)
    hidden.append(row("9999"))
    hidden.sheet_state = "hidden"
    staff.append(HEAD)
    staff.append(row("0001"))
    assert [line.number for line in read(saved(book), "x.xlsx").lines] == ["0001"]


def test_numbers_stored_as_numbers_are_read_as_they_are_shown() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    for value in (1001, 1002.0, 12):
        sheet.append(row(value))
    sheet["A4"].number_format = "0000"
    assert [line.number for line in read(saved(book), "x.xlsx").lines] == ["1001", "1002", "0012"]


def test_what_nobody_sees_is_taken_out_and_rare_letters_stay() -> None:
    rows = [
        HEAD,
        row("\u200b0 001 ".replace(" ", ""), "\ufeff欧阳\u200d 娜\u2060娜\u202e", " 青石镇 ／ 党\u00a0办 "),
        row("'0002", "𠮷\ue001\uf9dc"),
    ]
    one, two = read(text(rows).encode(), "x.csv").lines
    assert (one.number, one.name, one.unit_code) == ("0001", "欧阳娜娜", "青石镇/党办")
    assert (two.number, two.name) == ("0002", "𠮷\ue001\uf9dc")


def test_the_unit_above_in_a_column_of_its_own() -> None:
    rows = [
        ("工号", "姓名", "单位", "上级单位", "岗位类别"),
        ("1", "甲", "科", "县／镇", "党建"),
        ("2", "乙", "股", "科", "党建"),
    ]
    assert [line.unit_code for line in read(text(rows).encode(), "x.csv").lines] == ["县/镇/科", "县/镇/科/股"]


def test_a_formula_in_a_text() -> None:
    (problem,) = refused(text([HEAD, row("1"), row("2", "=B2")]).encode()).problems
    assert worded(problem) == "Row 3, 姓名: the cell holds a formula without a result. Type the value itself."


def test_wide_digits_and_numbers_wrapped_as_formulas() -> None:
    content = '工号,姓名,单位,岗位类别\r\n００１２,甲,镇,党建\r\n"=""0013""",乙,镇,党建\r\n'
    assert [line.number for line in read(content.encode(), "x.csv").lines] == ["0012", "0013"]


@pytest.mark.parametrize("term", [*PostClass])
def test_every_post_class_in_all_three_languages(term: PostClass) -> None:
    words = (term.value, *columns.POST_CLASSES[term])
    found = read(xlsx(HEAD, *(row(f"1{at}", kind=word) for at, word in enumerate(words))), "x.xlsx")
    assert {line.post_class for line in found.lines} == {term}


def with_result(content: bytes, cell: str, result: str) -> bytes:
    """The workbook as Excel saves it after calculating."""
    pattern = rf'<c r="{cell}"[^>]*>(<f>.*?</f>)<v ?/?>(</v>)?</c>'
    return changed(content, lambda _, xml: re.sub(pattern, rf'<c r="{cell}" t="str">\1<v>{result}</v></c>', xml))


def test_formulas_count_by_their_result() -> None:
    content = with_result(xlsx(HEAD, row("1"), row("2", "=B2")), "B3", "周宁")
    assert [line.name for line in read(content, "x.xlsx").lines] == ["孙立", "周宁"]


# What is refused ----------------------------------------------------------------------------------------


def test_every_bad_row_is_named_at_once_and_in_order() -> None:
    found = problems(
        row("0001", "", "", "审计", "处级", "0007", "首长"),
        row("0002"),
        row("0002", "=1+", "青岩镇", "#REF!"),
        row(None, "？立"),
        row("0005", None, None, None),
    )
    assert [problem.partition(": ")[0] for problem in found] == [
        "Row 2, 姓名",
        "Row 2, 单位",
        "Row 2, 岗位类别",
        "Row 2, 层次",
        "Row 2, 主管领导工号",
        "Row 2, 角色",
        "Row 3, 工号",
        "Row 4, 工号",
        "Row 4, 姓名",
        "Row 4, 单位",
        "Row 4, 岗位类别",
        "Row 5, 工号",
        "Row 5, 姓名",
        "Row 6, 姓名",
        "Row 6, 单位",
        "Row 6, 岗位类别",
    ]


def test_how_many_problems_there_are_is_said_first() -> None:
    assert worded(refused(xlsx(HEAD, row("1", ""))).text) == "The roster has one problem. Nothing was imported."
    two = refused(xlsx(HEAD, row("1", ""), row("2", "")))
    assert worded(two.text) == "The roster has 2 problems. Nothing was imported."


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (row(""), "Row 2, 工号: the staff number is empty."),
        (row("1.32E+11"), "Row 2, 工号: 1.32E+11 is not a staff number any more"),
        (row("1001.0"), "1001.0 is not a staff number any more"),
        (row(1001.5), "1001.5 is not a staff number any more"),
        (row(123456789012345678), "a number this long loses its last digits"),
        (row(1e300), "a number this long loses its last digits"),
        (row("1月3日"), "1月3日 is not a staff number any more"),
        (row(date(2026, 1, 3)), "the cell was turned into a date"),
        (row("9" * 33), "is not a staff number: at most 32 characters"),
        (row("12 34"), "12 34 is not a staff number: at most 32 characters, no spaces."),
        (row(name=" \u200b "), "Row 2, 姓名: the name is empty."),
        (row(name="王?"), "王? lost a character on its way."),
        (row(name="王\ufffd"), "lost a character on its way."),
        (row(name="长" * 51), "is too long for a name: at most 50 characters."),
        (row(name="——"), "—— is not a name."),
        (row(name=time(8, 30)), "the cell was turned into a date"),
        (row(name="#N/A"), "the cell shows the error #N/A."),
        (row(name="=B9"), "the cell holds a formula without a result."),
        (row(unit=""), "Row 2, 单位: the unit is empty. Write it in every row: a merged cell"),
        (row(unit=" / "), "the unit is empty."),
        (row(unit="#REF!"), "Row 2, 单位: the cell shows the error #REF!."),
        (row(unit="长" * 61), "is too long: at most 10 units one below the other, 60 characters each."),
        (row(unit="/".join("abcdefghijk")), "is too long: at most 10 units"),
        (row(kind=""), "Row 2, 岗位类别: the cell is empty. Write one of: 审批 approval, 服务 service,"),
        (row(kind=True), "TRUE is unknown. Write one of: 审批 approval"),
        (
            row("1", "甲", "镇", "党建", "科级"),
            "Row 2, 层次: 科级 is unknown. Write one of: 领导成员 leading, 一般工作人员 staff.",
        ),
        (row("1", "甲", "镇", "党建", "", "", "hr、王"), "Row 2, 角色: 王 is unknown."),
        (row("1", "甲", "镇", "党建", "", "1"), "Row 2, 主管领导工号: nobody is their own supervisor."),
        (row("1", "甲", "镇", "党建", "", "2"), "2 is nobody's staff number in this roster."),
        (row("001", "甲", "镇", "党建", "", "1"), "1 seems to have lost the zeros of 001."),
    ],
)
def test_one_bad_cell(cells: tuple[object, ...], said: str) -> None:
    (problem,) = problems(cells)
    assert said in problem


def test_long_values_are_quoted_shortly() -> None:
    (problem,) = problems(row(kind="审" * 500))
    assert "审" * 39 + "…" in problem
    assert "审" * 40 not in problem


def test_a_number_used_twice_is_named_in_both_rows() -> None:
    assert problems(row("0001"), row("0002"), row("0001", "李四")) == [
        "Row 2, 工号: the number 0001 stands in row 4 too. Each person has one.",
        "Row 4, 工号: the number 0001 stands in row 2 too. Each person has one.",
    ]


def test_zeros_lost_by_some_of_the_numbers() -> None:
    (problem,) = problems(row("000001"), row("000002"), row(3))
    assert problem == (
        "Row 4, 工号: 3 seems to have lost the zeros of 000003. Format the column as text and type the number again."
    )


def test_numbers_of_several_lengths_with_zeros_tell_nothing() -> None:
    assert len(read(xlsx(HEAD, row("01"), row("002"), row("3")), "x.xlsx").lines) == 3


def test_a_circle_of_supervisors_is_printed_once() -> None:
    def person(number: str, name: str, above: str) -> tuple[object, ...]:
        return (number, name, "镇", "党建", "", above)

    found = problems(person("1", "甲", "2"), person("2", "乙", "3"), person("3", "丙", "2"), person("4", "丁", ""))
    assert found == [
        "Row 3, 主管领导工号: supervisors lead in a circle: 乙 (2) → 丙 (3) → 乙 (2). Correct one of them."
    ]


def test_missing_and_double_columns_are_named_with_everything_else() -> None:
    found = problems(("1", "甲", "镇", "镇", "x"), head=("工号", "姓名", "单位", "部门", "层次"))
    assert found == [
        "The columns 单位 and 部门 mean the same. Keep one of them.",
        "The column 岗位类别 post class is missing. Add it, with this word as its heading.",
        "Row 2, 层次: x is unknown. Write one of: 领导成员 leading, 一般工作人员 staff.",
    ]
    (problem,) = problems(("甲", "镇", "党建", "7"), head=("姓名", "单位", "岗位类别", "主管领导工号"))
    assert problem.startswith("The column 工号 number is missing.")


def test_units_that_cannot_be_told() -> None:
    found = problems(
        row("1", unit="青石镇/综合科"),
        row("2", unit="白石镇/综合科"),
        row("3", unit="综合科"),
        row("4", unit="综和科"),
    )
    assert found == [
        "Row 4, 单位: several units are called 综合科. Write the whole path, from the top, with / between.",
        (
            "Row 5, 单位: the unit 综和科 is unknown: other rows write units with the one above, "
            "and none of them ends so. Correct it, write its whole path, or put / before a unit at the top."
        ),
    ]


def test_headings_without_people() -> None:
    assert worded(refused(xlsx(HEAD), "空.xlsx").text) == "空.xlsx has headings, but no people below them."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "f.x has no row of headings that can be read."),
        ("姓名一,工号一\n甲,1\n".encode(), "f.x has no row of headings that can be read."),
        ("工号,姓名\n1,甲".encode("utf-16-le"), "f.x is not a spreadsheet that can be read."),
        (b"\xff\xfe\x00", "f.x is not a spreadsheet that can be read."),
        (bytes(range(256)), "f.x is not a spreadsheet that can be read."),
        (b"%PDF-1.7\n", "f.x is not a spreadsheet that can be read."),
        (b" <html><table><tr><td>", "f.x is not a spreadsheet that can be read."),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "f.x is in the old .xls format. Open it in Excel or WPS"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "f.x is protected with a password.",
        ),
        (b"PK\x03\x04 and then nothing", "f.x is damaged and cannot be read."),
        (xlsx(HEAD, row())[:-200], "f.x is damaged and cannot be read."),
        (b" " * 20_000_001, "This file is too large for a roster: at most 20 MB and 100000 rows."),
    ],
)
def test_files_that_are_none(content: bytes, said: str) -> None:
    assert worded(refused(content, "f.x").text).startswith(said)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def test_archives_that_are_no_workbook_or_a_bomb() -> None:
    assert "is not a spreadsheet" in worded(refused(zipped(word__document=b"<w/>")).text)
    bomb = zipped(xl__bomb=bytes(100_000_001))
    assert len(bomb) < 200_000
    assert "too large" in worded(refused(bomb).text)


def test_an_archive_that_lies_about_its_size() -> None:
    content = bytearray(zipped(xl__x=b"", **{"xl__workbook.xml": b"<workbook>" + bytes(5_000_000)}))
    size = (5_000_010).to_bytes(4, "little")
    assert content.count(size) == 2
    assert "is damaged" in worded(refused(bytes(content.replace(size, (10).to_bytes(4, "little")))).text)


def test_a_number_that_is_endless() -> None:
    content = changed(xlsx(HEAD, row(12345)), lambda _, xml: xml.replace("<v>12345</v>", "<v>1E999</v>"))
    assert "loses its last digits" in worded(refused(content).problems[0])


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_entities_are_not_expanded(part: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    content = changed(WORKBOOK, lambda name, xml: bomb + xml if name == part else xml)
    assert "is damaged" in worded(refused(content).text)


def test_a_row_far_down_does_not_keep_us_counting() -> None:
    content = changed(xlsx(HEAD, row("1")), lambda _, xml: xml.replace('<row r="2"', '<row r="99999999999"'))
    assert "no people" in worded(refused(content).text)


def test_a_quotation_mark_that_is_not_closed() -> None:
    lines = text([HEAD, row("1"), row("2", "")])
    found = refused((lines + '3,"孙\n4,李').encode())
    assert [worded(problem) for problem in found.problems] == [
        "Row 3, 姓名: the name is empty. Write it, or delete the row.",
        "Row 4: a quotation mark is opened and not closed, or stands inside a value. Remove it.",
    ]


def test_rows_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.people.rules.excel.ROWS", 3)
    rows = [HEAD, row("1"), row("2")]
    assert len(read(xlsx(*rows), "x").lines) == len(read(text(rows).encode(), "x").lines) == 2
    rows.append(row("3"))
    assert "too large" in worded(refused(xlsx(*rows)).text)
    assert "too large" in worded(refused(text(rows).encode()).text)


def test_ten_thousand_people_take_seconds() -> None:
    """One or two; the bound leaves room for a busy machine and for measuring coverage."""
    rows = [
        (f"{at:05}", "欧阳娜娜", f"县/镇{at % 30}/科{at % 7}", "服务", "", f"{at // 9:05}") for at in range(1, 10_001)
    ]
    rows = [line[:5] if line[5] == "00000" else line for line in rows]
    content = xlsx(HEAD, *rows)
    began = perf_counter()
    assert len(read(content, "x.xlsx").lines) == 10_000
    assert perf_counter() - began < 40
    began = perf_counter()
    with pytest.raises(BadInput) as no:
        read(xlsx(HEAD, *(("", "", "", "", "", line[0]) for line in rows)), "x.xlsx")
    assert len(no.value.problems) > 30_000
    assert perf_counter() - began < 40


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("township*")), ids=lambda path: path.name)
def test_the_samples(sample: Path) -> None:
    found = read(sample.read_bytes(), sample.name)
    assert len(found.lines) == 12
    assert len(found.units) == 7


def test_the_broken_sample() -> None:
    assert len(refused((SAMPLES / "broken.csv").read_bytes()).problems) == 8


# Terms and days ------------------------------------------------------------------------------------------

TERMS = ("工号", "姓名", "单位", "岗位类别", "人员类别", "在岗情况", "入职日期", "试用期满日期")


def terms(*cells: object, head: tuple[object, ...] = TERMS) -> RosterLine:
    """The one person of a sheet with these terms."""
    (line,) = read(xlsx(head, ("1", "李娜", "镇/科", "网格", *cells)), "x.xlsx").lines
    return line


@pytest.mark.parametrize(
    ("head", "cells", "kind", "standing"),
    [
        (TERMS, ("公务员", "在岗"), StaffKind.CIVIL_SERVANT, Standing.NORMAL),
        (TERMS, ("参公", "试用期"), StaffKind.BY_REFERENCE, Standing.PROBATION),
        (TERMS, ("事业编制人员", "长期请假"), StaffKind.INSTITUTION, Standing.LONG_LEAVE),
        (TERMS, ("编外", "借调"), StaffKind.CONTRACT, Standing.SECONDMENT),
        (TERMS, ("", ""), StaffKind.CIVIL_SERVANT, Standing.NORMAL),
        (
            ("工號", "姓名", "單位", "崗位類別", "人員類別", "在崗情況"),
            ("參照公務員法管理人員", "掛職、借調"),
            StaffKind.BY_REFERENCE,
            Standing.SECONDMENT,
        ),
        (
            ("Number", "Name", "Unit", "Post class", "Staff kind", "Standing"),
            ("Civil servant", "Long leave"),
            StaffKind.CIVIL_SERVANT,
            Standing.LONG_LEAVE,
        ),
        (TERMS, ("contract", "investigation"), StaffKind.CONTRACT, Standing.INVESTIGATION),
    ],
)
def test_kind_and_standing(head: tuple[str, ...], cells: tuple[str, ...], kind: StaffKind, standing: Standing) -> None:
    line = terms(*cells, head=head)
    assert (line.kind, line.standing) == (kind, standing)


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 3, 1),
        datetime(2026, 3, 1),  # noqa: DTZ001
        *("2026-03-01", "2026-3-1", "2026/3/1", "2026.03.01", "2026年3月1日", "２０２６－０３－０１", " 2026-03-01 "),
        *("2026-03-01 00:00:00", "2026/3/1 0:00"),
    ],
)
def test_days(cell: object) -> None:
    assert terms("", "", cell, "").joined == date(2026, 3, 1)
    assert terms("", "", "", cell).probation_ends == date(2026, 3, 1)
    assert terms("", "", "", cell).joined is None


@pytest.mark.parametrize("name", columns.HEADINGS["joined"])
def test_a_day_in_a_text_and_under_every_heading(name: str) -> None:
    rows = [("number", "name", "unit", "post class", name), ("1", "Li Na", "Town", "grid", "2026年12月31日")]
    (line,) = read(text(rows).encode(), "x.csv").lines
    assert line.joined == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("", "", "2026-02-30", ""), "Row 2, 入职日期: 2026-02-30 is no date. Write it like 2026-03-01."),
        (("", "", "", "2026年"), "Row 2, 试用期满日期: 2026年 is no date. Write it like 2026-03-01."),
        (("", "", 46082, ""), "Row 2, 入职日期: 46082 is no date. Write it like 2026-03-01."),
        (("", "", time(8, 30), ""), "Row 2, 入职日期: the cell was turned into a date."),
        (("厨师", "", "", ""), "Row 2, 人员类别: 厨师 is unknown. Write one of: 公务员 civil_servant"),
        (("", "休假中", "", ""), "Row 2, 在岗情况: 休假中 is unknown. Write one of: 在岗 normal"),
        (
            ("", "", "2026-03-01", "2026-02-28"),
            "Row 2, 试用期满日期: probation ends before the person joined. Correct one of the dates.",
        ),
    ],
)
def test_bad_terms_are_named_with_row_and_column(cells: tuple[object, ...], why: str) -> None:
    (told,) = problems(("1", "李娜", "镇/科", "网格", *cells), head=TERMS)
    assert told.startswith(why)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(["{0}-{1}-{2}", "{0}/{1}/{2}", "{0}年{1}月{2}日"]))
def test_every_day_is_read_as_it_is_written(when: date, pattern: str) -> None:
    assert columns.day(pattern.format(when.year, when.month, when.day)) == when


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_wrong(words: str) -> None:
    try:
        found = columns.day(words)
    except Wrong:
        return
    assert found is None or str(found.year) in unicodedata.normalize("NFKC", words)


# Whatever comes -----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(content[: data.draw(st.integers(5, len(content)))]))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]), st.data()
)
def test_a_workbook_with_damaged_parts_is_read_or_refused(part: str, data: st.DataObject) -> None:
    def damage(name: str, xml: str) -> str:
        if name != part:
            return xml
        at = data.draw(st.integers(0, len(xml) - 1))
        return xml[:at] + data.draw(st.sampled_from(["", "<", "9", "A", '"', "/", "&#0;"])) + xml[at + 1 :]

    read_or_refuse(changed(WORKBOOK, damage))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(content: str) -> None:
    read_or_refuse((text([HEAD]) + content).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refuse(content)
    read_or_refuse(text([HEAD]).encode("gb18030") + content)


names = st.text(st.characters(categories=["L"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(st.lists(st.tuples(names, names, names, st.sampled_from(PostClass)), min_size=1, max_size=8))
def test_what_is_written_is_read(people: list[tuple[str, str, str, PostClass]]) -> None:
    rows = [(f"n{at}", name, f"{town}/{office}", kind.value) for at, (name, town, office, kind) in enumerate(people)]
    for content in (xlsx(HEAD, *rows), text([HEAD, *rows]).encode(), text([HEAD, *rows]).encode("gb18030")):
        lines = read(content, "x").lines
        assert [(line.number, line.name, line.unit_code, line.post_class) for line in lines] == rows


def read_or_refuse(content: bytes) -> None:
    try:
        lines = read(content, "x").lines
    except BadInput:
        return
    assert lines
