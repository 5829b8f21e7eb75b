"""XLSForm files: what is understood, and every fault with its sheet, row and column."""

import io
import random
import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyxform.utils import default_is_dynamic
from pyxform.xls2xform import convert

from handlers.forms import sheets, xlsform
from handlers.forms.columns import language
from handlers.forms.defaults import dynamic
from handlers.forms.expressions import ODD
from handlers.forms.form import Form, Group, Question, digest, from_plain, to_plain
from handlers.forms.functions import FUNCTIONS
from handlers.forms.kind import kinds
from handlers.refusals import BadInput
from tests.handlers.forms.reading import YES_NO, problems, read, said, sheet, survey

OCTOBER = date(2026, 10, 1)
SAMPLES = Path(__file__).parent.parent.parent / "samples" / "forms"


def workbook(tables: dict[str, list[list[object]]]) -> bytes:
    """An .xlsx of these sheets."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, rows in tables.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def question(form: Form, name: str) -> Question:
    return next(item for item in form.questions() if item.name == name)


# What is understood ------------------------------------------------------------------------------------------


def test_the_whole_of_a_form() -> None:
    form = xlsform.read((SAMPLES / "whole.md").read_bytes(), "whole.md")
    assert (form.name, form.version) == ("whole", "2026-10-17")
    assert form.title.words == {"": "季度自评"}
    assert (form.languages, form.default_language) == (("zh_CN", "zh_TW", "en"), "zh_CN")
    assert [(item.name, item.type) for item in form.questions()] == [
        ("hello", "note"),
        ("duty", "select_one"),
        ("times", "integer"),
        ("share", "decimal"),
        ("tasks", "select_multiple"),
        ("since", "date"),
        ("why", "text"),
    ]
    times = question(form, "times")
    assert times.path == "/data/work/times"
    assert (times.required, times.constraint, times.appearance) == ("true()", ". >= 0 and . <= 100", "w1")
    assert times.constraint_message.words["zh_TW"] == "0 到 100"
    assert times.hint.words["en"] == "A whole number"
    assert question(form, "why").parameters == {"rows": "5"}
    assert question(form, "why").required == "${times} > 10"
    assert [choice.name for choice in question(form, "duty").choices] == ["yes", "no"]
    group = form.items[2]
    assert isinstance(group, Group)
    assert (group.name, group.relevant, group.label.words["zh_CN"]) == ("work", "${duty} = 'yes'", "工作")


def test_plain_json_and_back() -> None:
    form = xlsform.read((SAMPLES / "whole.md").read_bytes(), "whole.md")
    plain = to_plain(form)
    assert to_plain(from_plain(plain)) == plain
    assert [question.path for question in from_plain(plain).questions()] == [
        question.path for question in form.questions()
    ]
    assert digest(plain) == digest(dict(reversed(plain.items())))
    assert digest(plain) != digest({**plain, "version": "2"})


def as_tables(text: str) -> dict[str, list[list[object]]]:
    """The sheets of a .md file."""
    found = sheets._split(sheets._md(text))
    return {name: [list(cells) for _, cells in table] for name, table in found.items()}


def as_csv(tables: dict[str, list[list[object]]]) -> str:
    lines = []
    for name, rows in tables.items():
        lines.append(name)
        lines += [",".join(["", *(f'"{str(cell).replace(chr(34), chr(34) * 2)}"' for cell in row)]) for row in rows]
    return "\r\n".join(lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_the_same_form(encoding: str) -> None:
    text = (SAMPLES / "whole.md").read_text(encoding="utf-8")
    content = as_csv(as_tables(text)).encode(encoding)
    assert to_plain(xlsform.read(content, "whole.csv")) == to_plain(read(text, "whole.md"))


def test_xlsx_is_the_same_form() -> None:
    text = (SAMPLES / "whole.md").read_text(encoding="utf-8")
    content = workbook(as_tables(text))
    assert to_plain(xlsform.read(content, "whole.xlsx")) == to_plain(read(text, "whole.md"))
    assert to_plain(xlsform.read(content, "whole.bin")) == to_plain(read(text, "whole.md")), "the name does not matter"


def test_xls_is_the_same_form() -> None:
    text = (SAMPLES / "small.md").read_text(encoding="utf-8")
    assert to_plain(xlsform.read((SAMPLES / "small.xls").read_bytes(), "small.xls")) == to_plain(read(text, "small.md"))


def test_a_survey_saved_alone_as_csv() -> None:
    form = xlsform.read(b"type,name,label\ntext,a,A\n", "alone.csv")
    assert [item.name for item in form.questions()] == ["a"]
    assert problems("Type,name,label\ntext,a,\n", "a.csv") == [
        "Sheet survey, row 2, column label: the label is missing"
    ]


def test_a_sheet_alone_is_the_survey() -> None:
    form = xlsform.read(workbook({"Tabelle1": [["type", "name", "label"], ["text", "a", "A"]]}), "x.xlsx")
    assert form.name == "x"
    assert said(form.title) == "x"


def test_cells_of_all_kinds() -> None:
    form = xlsform.read(
        workbook(
            {
                "Survey ": [
                    ["type", "name", "label", "required"],
                    ["select_one l", "q", 12.0, True],
                    [],
                    [None, None, None, "  "],
                ],
                "choices": [
                    ["list name", "value", "caption"],
                    ["l", 1, 2.5],
                    ["l", 2.0, datetime.combine(OCTOBER, time())],
                    ["l", 3, datetime.combine(OCTOBER, time(8))],
                ],
                "settings": [["form_id", "version"], ["f", 20261017]],
                "notes": [["whatever"]] * 3,
            }
        ),
        "x.xlsx",
    )
    only = question(form, "q")
    assert said(only.label) == "12"
    assert only.required == "true()"
    assert [(choice.name, said(choice.label)) for choice in only.choices] == [
        ("1", "2.5"),
        ("2", "2026-10-01"),
        ("3", "2026-10-01 08:00:00"),
    ]
    assert (form.name, form.version) == ("f", "20261017")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("select one yn", "select_one"),
        ("Select_One  yn", "select_one"),
        ("select one from yn", "select_one"),
        ("select1 yn", "select_one"),
        ("select all that apply from yn", "select_multiple"),
        ("select_multiple yn", "select_multiple"),
        ("int", "integer"),
        ("string", "text"),
        ("q note", "note"),
        ("TEXT", "text"),
    ],
)
def test_names_of_types(written: str, kind: str) -> None:
    form = read(survey("type | name | label", f"{written} | q | Q", "text | z | Z") + YES_NO)
    assert question(form, "q").type == kind


def test_names_of_columns() -> None:
    form = read(
        survey(
            "Command | Tag | caption:en | caption:zh | bind:relevant | constraining message:en |"
            " constraining message:zh | constraint | bind::required",
            "text | a | A | 甲 | yes | No | 不 | . != '' | no",
        ).replace("::", ":")
    )
    only = question(form, "a")
    assert only.label.words == {"en": "A", "zh_CN": "甲"}
    assert only.constraint_message.words == {"en": "No", "zh_CN": "不"}
    assert (only.relevant, only.required) == ("true()", "")
    assert form.default_language == "en"


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("中文 (zh-CN)", "zh_CN"),
        ("zh-CN", "zh_CN"),
        ("Chinese (zh)", "zh_CN"),
        ("中文（zh）", "zh_CN"),
        ("English (en)", "en"),
        ("繁體中文 (zh-TW)", "zh_TW"),
        ("Chinese (Traditional)", "zh_TW"),
        ("繁體中文", "zh_TW"),
        ("English", "en"),
        ("EN", "en"),
        ("Français (fr)", "Français (fr)"),
        ("中文 (xx)", "zh_CN"),
        (" 广东话 ", "广东话"),
    ],
)
def test_names_of_languages(name: str, tag: str) -> None:
    assert language(name) == tag


def test_a_title_in_several_languages() -> None:
    """ODK has one title only; a second language in the settings is our own addition."""
    text = survey("type | name | label::zh | label::en", "text | a | 甲 | A")
    form = read(text + sheet("settings", "form_title::zh | form_title::en", "自评 | Self-assessment"))
    assert form.title.words == {"zh_CN": "自评", "en": "Self-assessment"}


def test_columns_without_a_language_are_in_the_default_one() -> None:
    text = survey("type | name | label | label::en", "text | a | 甲 | A") + sheet(
        "settings", "default_language", "zh-CN"
    )
    form = read(text)
    assert question(form, "a").label.words == {"zh_CN": "甲", "en": "A"}
    assert (form.languages, form.default_language) == (("zh_CN", "en"), "zh_CN")


def test_columns_without_a_language_beside_others() -> None:
    form = read(survey("type | name | label | label::en", "text | a | 甲 | A"))
    assert question(form, "a").label.words == {"": "甲", "en": "A"}
    assert (form.languages, form.default_language) == (("en",), "")


def test_rows_switched_off_do_not_count() -> None:
    form = read(survey("type | name | label | disabled", "text | a | A | no", "geopoint | b | B | yes"))
    assert [item.name for item in form.questions()] == ["a"]


def test_the_same_name_in_different_groups() -> None:
    rows = (
        "begin group | g | ",
        "text | a | A",
        "end group | | ",
        "begin group | h | ",
        "text | a | A",
        "end group | | ",
    )
    form = read(survey("type | name | label", *rows))
    assert [item.path for item in form.questions()] == ["/data/g/a", "/data/h/a"]
    assert problems(survey("type | name | label", *rows, "text | b | ${a}")) == [
        "Sheet survey, row 8, column label: several questions are called “a”"
    ]


def test_no_in_a_column_we_cannot_follow_changes_nothing() -> None:
    assert problems(survey("type | name | label | read_only | default", "text | a | A | no |")) == []


# Every fault ---------------------------------------------------------------------------------------------------

HEADER = "type | name | label | relevant | constraint | required"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["intger | a | A"], ["row 2, column type: “intger” is no question type. Did you mean “integer”?"]),
        (["qwxyz | a | A"], ["row 2, column type: “qwxyz” is no question type"]),
        (["text more | a | A"], ["row 2, column type: “text more” is no question type. Did you mean “text”?"]),
        (["geopoint | a | A"], ["row 2, column type: “geopoint” is known to ODK, but it cannot be asked here yet"]),
        (
            ["select_one_from_file x.csv | a | A"],
            ["row 2, column type: “select_one_from_file x.csv” is known to ODK, but"],
        ),
        (["begin repeat | r | R", "end repeat | | ", "text | a | A"], ["row 2, column type: nothing is asked in this"]),
        (
            ["begin repeat | r | R", "text | a | A", "end repeat | | "] * 2,
            ["row 5, column name: the name “r” is there", "row 5, column name: another repeat is called “r” already"],
        ),
        (["begin loop over l | r | R", "text | a | A"], ["row 2, column type: “begin loop over l” is known to ODK"]),
        (["form_title | a | A", "text | b | B"], ["row 2, column type: “form_title” belongs on the sheet settings"]),
        (["select_one ${a} | a | A"], ["row 2, column type: “${a}” is known to ODK"]),
        (["text | a | A | ${last-saved#a} = 1"], ["character 1: answers of an earlier time cannot be asked for here"]),
        (["note | a | A | | | yes", "text | b | B"], ["row 2, column required: a note is only shown"]),
        (["calculate | a | ", "text | b | B"], ["row 2, column calculation: the calculation is missing"]),
        (["rank hollow | a | A"], ["row 2, column type: the list “hollow” is empty"]),
        ([" | a | A"], ["row 2, column type: the type is missing"]),
        (["text | | A"], ["row 2, column name: the name is missing"]),
        (["text | 1a | A"], ["row 2, column name: “1a” cannot be a name: a letter first"]),
        (["text | a b | A"], ["row 2, column name: “a b” cannot be a name"]),
        (["text | meta | A"], ["row 2, column name: “meta” cannot be a name"]),
        ([f"text | {'a' * 65} | A"], ["row 2, column name:"]),
        (["text | a | A", "integer | a | B"], ["row 3, column name: the name “a” is there already"]),
        (
            ["begin group | a | ", "text | b | B", "end group | | ", "text | a | A"],
            ["row 5, column name: the name “a” is there"],
        ),
        (["text | a | "], ["row 2, column label: the label is missing"]),
        (["note | a | ", "text | b | B"], ["row 2, column label: the label is missing"]),
        (["begin group | g | ", "text | a | A"], ["row 2, column type: this group has no end"]),
        (["text | a | A", "end group | | "], ["row 3, column type: nothing has begun that could end here"]),
        (
            ["begin group | g | ", "text | a | A", "end repeat | | "],
            ["row 4, column type: “begin_group” of row 2 is still open"],
        ),
        (["note | a | A"], ["row 2, column type: there is no question"]),
        (["select_one | a | A"], ["row 2, column type: the name of a list must follow, as in “select_one answers”"]),
        (["select_one nope | a | A"], ["row 2, column type: there is no list “nope”"]),
        (["select_one yes_n | a | A"], ["row 2, column type: there is no list “yes_n”. Did you mean “yes_no”?"]),
        (["select_one yes_no and_more | a | A"], ["row 2, column type: “and_more” is known to ODK, but"]),
        (
            ["select_one yes_no or_other | a | A", "text | a_other | B"],
            ["row 3, column name: the name “a_other” is there already"],
        ),
        (["rank yes_no or_other | a | A"], ["row 2, column type: what is put in order cannot have or_other"]),
        (["select_one hollow | a | A"], ["row 2, column type: the list “hollow” is empty"]),
        (["text | a | A | ${b} = 1"], ["row 2, column relevant: character 1: there is no question “b”"]),
        (
            ["begin group | g | ", "text | a | A", "end group | | ", "text | b | B | ${g} = 1"],
            ["row 5, column relevant: character 1: “g” is a group, not a question"],
        ),
        (["text | a | A | 1 +"], ["row 2, column relevant: character 4: something is missing at the end"]),
        (
            ["text | a | A | | pulldata(1)"],
            ["row 2, column constraint: character 1: the function pulldata() looks into other files"],
        ),
        (["text | a | A | | | 1 = = 2"], ["row 2, column required: character 5: “=” does not belong here"]),
        (["text | a | A | . = 1"], ["row 2, column relevant: character 1: “.” is the answer being checked"]),
        (
            ["text | a | A | ${x} = . or ${y} = 1"],
            ["character 1: there is no question “x”"],
        ),
        (["text | a | ${ b }"], ["row 2, column label: an answer is named like ${name}"]),
        (["text | a | ${b}"], ["row 2, column label: there is no question “b”"]),
        (
            ["text | a | A | ${a} = 1"],
            ["row 2, column relevant: the conditions depend on one another in a circle: a → a"],
        ),
        (
            ["text | a | A | ${c} = 1", "text | b | B | ${a} = 1", "text | c | C | ${b} = 1"],
            ["row 2, column relevant: the conditions depend on one another in a circle: "],
        ),
        (
            ["begin group | g | G | ${b} = 1", "text | b | B | ", "end group | | "],
            ["row 2, column relevant: the conditions depend"],
        ),
        (
            [
                "text | a | A | ${b} = 1",
                "text | b | B | ${a} = 1",
                "text | c | C | ${d} = 1",
                "text | d | D | ${c} = 1",
            ],
            ["row 2, column relevant: the conditions depend", "row 4, column relevant: the conditions depend"],
        ),
        (
            ["text | a | A | " + "(" * 60 + "1" + ")" * 60],
            ["row 2, column relevant: character 42: it is nested too deeply"],
        ),
        (
            ["begin group | g | "] * 21 + ["text | a | A"] + ["end group | | "] * 21,
            ["row 22, column type: groups are nested too deeply"],
        ),
    ],
)
def test_faults_of_the_survey(rows: list[str], expected: list[str]) -> None:
    lists = sheet("choices", "list_name | name | label", "yes_no | yes | Yes", "yes_no | no | No", "hollow | | Nothing")
    found = [problem for problem in problems(survey(HEADER, *rows) + lists) if not problem.startswith("Sheet choices")]
    assert len(found) == len(expected)
    for problem, part in zip(found, expected, strict=True):
        assert part in problem
        assert problem.startswith("Sheet survey, row ")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["yn | yes | Yes", "yn | yes | No"], ["row 3, column name: the choice “yes” is in this list already"]),
        (["yn | | Yes"], ["row 2, column name: the name is missing"]),
        (["yn | yes | "], ["row 2, column label: the label is missing"]),
        ([" | yes | Yes", "yn | yes | Yes"], ["row 2, column list_name: the name of the list is missing"]),
        (
            ["yn | oh yes | Yes"],
            ["row 2, column name: “oh yes” has a space, which no name in a select_multiple can have"],
        ),
        (["yn | yes | ${gone}"], ["row 2, column label: there is no question “gone”"]),
    ],
)
def test_faults_of_the_choices(rows: list[str], expected: list[str]) -> None:
    found = problems(
        survey("type | name | label", "select_multiple yn | q | Q")
        + sheet("choices", "list_name | name | label", *rows)
    )
    assert [problem for problem in found if "Sheet choices" in problem] == [
        f"Sheet choices, {problem}" for problem in expected
    ]


def test_faults_of_headers() -> None:
    assert problems(survey("type | label", "text | A")) == ["Sheet survey, row 1, column name: this column is missing"]
    assert problems(survey("name | label", "a | A"))[0] == "Sheet survey, row 1, column type: this column is missing"
    found = problems(
        survey(
            "type | name | label | label::en | label::English | lable | relevent | own", "text | a | A | A | A | x | |"
        )
    )
    assert found == [
        "Sheet survey, row 1, column label::English: the column “label::en” says the same already",
        "Sheet survey, row 1, column lable: this column is not known. Did you mean “label”?",
        "Sheet survey, row 1, column relevent: this column is not known. Did you mean “relevant”?",
    ]
    choices = sheet("choices", "list | name | label", "yn | yes | Yes")
    assert problems(survey("type | name | label", "select_one yn | a | A") + choices) == [
        "Sheet choices, row 1, column list_name: this column is missing"
    ]
    assert problems(survey("type | name | label", "text | a | A") + sheet("choices", "list_name | label", "x | X")) == [
        "Sheet choices, row 1, column name: this column is missing"
    ]


def test_columns_we_cannot_follow_are_refused_where_they_are_used() -> None:
    text = survey(
        "type | name | label | audio | bind::odk:x | media::video::en",
        "text | a | A | a.mp3 | 1 |",
        "text | b | B | | | no",
    )
    text += sheet("choices", "list_name | name | label | audio", "l | a | A | a.mp3")
    text += sheet("settings", "form_id | public_key", "f | MII")
    text += sheet("entities", "list_name | label", "trees | ${a}")
    assert problems(text) == [
        "Sheet survey, row 2, column audio: this column is known to ODK, but it cannot be used here yet",
        "Sheet survey, row 2, column bind::odk:x: this column is known to ODK, but it cannot be used here yet",
        "Sheet choices, row 2, column audio: this column is known to ODK, but it cannot be used here yet",
        "Sheet settings, row 2, column public_key: this column is known to ODK, but it cannot be used here yet",
        "Sheet entities, row 2, column list_name: “entities” is known to ODK, but it cannot be asked here yet",
    ]


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("text", "rows", "parameters are written like rows=5"),
        ("text", "rows=0", "“rows” must be a whole number above 0"),
        ("text", "randomize=true", "a question of the type “text” has no parameter “randomize”"),
        ("note", "rows=5", "a question of the type “note” has no parameter “rows”"),
        ("image", "app=com.example.x", "“app” is known to ODK, but it cannot be asked here yet"),
        ("image", "max-pixels=big", "“max-pixels” must be a whole number above 0"),
        ("file", "max-pixels=9", "a question of the type “file” has no parameter “max-pixels”"),
        ("select_one yn", "randomize=perhaps", "“randomize” must be true or false"),
        ("select_one yn", "seed=5", "a seed needs randomize=true beside it"),
        ("select_one yn", "randomize=true seed=now", "the seed must be a number or an answer, like ${name}"),
        ("range", "start=5 end=1", "the end of the range is below its start"),
        ("range", "start=a", "“start” must be a number"),
        ("range", "step=0", "“step” must be a number above 0"),
        ("range", "start=1 end=3 step=5", "the step is larger than the whole range"),
        ("range", "end=1e400", "“end” must be a number"),
        ("range", "start=1 end=9 step=2 tick_interval=3", "“tick_interval” does not fit the steps of the range"),
        ("range", "start=1 end=9 step=2 placeholder=4", "“placeholder” does not fit the steps of the range"),
        ("range", "tick_labelset=yn", "“tick_labelset” is known to ODK, but it cannot be asked here yet"),
    ],
)
def test_faults_of_parameters(kind: str, written: str, expected: str) -> None:
    text = survey("type | name | label | parameters", f"{kind} | a | A | {written}", "text | b | B |") + YES_NO
    assert problems(text) == [f"Sheet survey, row 2, column parameters: {expected}"]


def test_parameters() -> None:
    text = survey(
        "type | name | label | parameters",
        "text | a | A | ROWS = 5",
        "range | b | B | end=5; tick_interval=2 placeholder=3",
        "range | c | C | start=0,end=1,step=0.1",
        "select_multiple yn | d | D | randomize=true seed=${A_b}",
        "select_one yn | e | E | randomize=TRUE seed=42",
        "image | f | F | max-pixels=1600",
        "text | A_b | X | ",
        "range | g | G |",
    )
    form = read(text + YES_NO)
    assert question(form, "a").parameters == {"rows": "5"}
    assert question(form, "b").parameters["start"] == "1"
    assert question(form, "g").parameters == {"start": "1", "end": "10", "step": "1"}
    assert question(form, "c").parameters == {"start": "0", "end": "1", "step": "0.1"}
    assert (question(form, "d").randomize, question(form, "d").seed) == (True, "${A_b}")
    assert (question(form, "e").randomize, question(form, "e").seed) == (True, "42")
    assert question(form, "f").parameters == {"max-pixels": "1600"}


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        ("integer", "many", "“many” is no answer to this question"),
        ("select_one yn", "perhaps", "“perhaps” is no answer to this question"),
        ("select_multiple yn", "yes perhaps", "“yes perhaps” is no answer to this question"),
        ("date", "2026-02-30", "“2026-02-30” is no answer to this question"),
        ("time", "25:00", "“25:00” is no answer to this question"),
        ("range", "11", "“11” is no answer to this question"),
        ("rank yn", "yes", "“yes” is no answer to this question"),
        ("image", "a.png", "a question of the type “image” takes no default"),
        ("text", "${gone} + 1", "character 1: there is no question “gone”"),
    ],
)
def test_faults_of_defaults(kind: str, default: str, expected: str) -> None:
    text = survey("type | name | label | default", f"{kind} | a | A | {default}") + YES_NO
    assert problems(text) == [f"Sheet survey, row 2, column default: {expected}"]


def test_defaults() -> None:
    form = read(
        survey(
            "type | name | label | default",
            "integer | a | A | 5",
            "select_multiple yn | b | B | no yes",
            "date | c | C | 2026-10-01",
            "date | d | D | today()",
            "time | e | E | 08:30:00",
            "dateTime | f | F | 2026-10-01T08:30:00.000",
            "integer | g | G | ${a} + 1",
            "text | h | H | half-day",
            "text | i | I | 5 > 3",
            "hidden | j | | office",
        )
        + YES_NO
    )
    assert {item.name: (item.default, item.dynamic) for item in form.questions()} == {
        "a": ("5", False),
        "b": ("no yes", False),
        "c": ("2026-10-01", False),
        "d": ("today()", True),
        "e": ("08:30", False),
        "f": ("2026-10-01T08:30", False),
        "g": ("${a} + 1", True),
        "h": ("half-day", False),
        "i": ("5 > 3", False),
        "j": ("office", False),
    }


_PIECES = st.sampled_from(
    [
        *("a", "b-c", "1", "-1", " ", "-", "+", "*", "|", "${a}", "${", "}", "today()", "f (", "(", ")", " mod "),
        *(" div ", "mod", "'x-y'", '"q"', "2024-01-02", "10:00:00", "1.5", ".", "..", "/", "甲", "x:y(", "ab.c"),
        *("=", "<", " and ", " or ", "[", "]", ",", "T", "http://x", "_"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, min_size=1, max_size=6).map("".join), st.sampled_from(["text", "date", "dateTime", "integer"]))
@example("10:00:00+10:00:00", "text")
def test_what_is_dynamic_is_what_pyxform_says(default: str, kind: str) -> None:
    assert dynamic(default, kind) == bool(default_is_dynamic(default, kind))


def test_everything() -> None:
    """Every kind and every column, and what the reader makes of it."""
    form = xlsform.read((SAMPLES / "everything.md").read_bytes(), "everything.md")
    assert {item.type for item in form.questions()} == set(kinds())
    nick, place, tasks = (question(form, name) for name in ("nick", "place", "tasks"))
    assert nick.guidance.words["en"] == "It need not be your real name"
    assert place.choice_filter == "area = ${area}"
    assert place.choices[0].columns == {"area": "n"}
    assert [choice.name for choice in tasks.choices] == ["desk", "visit", "other"]
    assert tasks.choices[1].synonyms == ("下村", "入户")
    assert tasks.choices[2].label.words == {"zh_CN": "其他", "en": "Other"}
    other = question(form, "tasks_other")
    assert (other.type, other.relevant) == ("text", "selected(${tasks}, 'other')")
    assert other.label.words["zh_CN"] == "其他，请说明"
    assert question(form, "village").image.words == {"zh_CN": "map.png", "en": "map-en.png"}
    assert question(form, "stamp").trigger == ("nick",)
    assert question(form, "seen").read_only == "true()"
    visit, kid = (item for item in form.items if isinstance(item, Group) and item.repeat)
    assert (visit.count, kid.count) == ("", "${kids}")
    assert to_plain(from_plain(to_plain(form))) == to_plain(form)


def test_or_other_is_a_choice_of_the_whole_list() -> None:
    form = read(
        survey(
            "type | name | label | hint",
            "select_one yn | a | 甲 |",
            "select_one yn or_other | b | 乙 |",
            "select_one mine or_other | c | C |",
        )
        + YES_NO
        + "| | mine | other | My own |\n| | mine | x | X |\n"
    )
    assert [choice.name for choice in question(form, "a").choices] == ["yes", "no", "other"]
    assert [said(choice.label) for choice in question(form, "c").choices] == ["My own", "X"]
    assert said(question(form, "b_other").label) == "其他，请说明"
    assert said(question(form, "c_other").label) == "Other, please specify"


def test_a_worked_out_question_without_words_is_a_calculation() -> None:
    form = read(
        survey(
            "type | name | label | hint | calculation | trigger",
            "integer | a | | | 1 + 1 |",
            "integer | b | B | | 1 + 1 |",
            "text | c | | Only a hint | | ${b}",
            "text | d | | | | ${b}",
        )
    )
    assert [(item.type, item.calculation) for item in form.questions()] == [
        ("calculate", "1 + 1"),
        ("integer", "1 + 1"),
        ("text", "''"),
        ("calculate", "''"),
    ]
    assert said(question(form, "c").label) == "Only a hint"


def test_notes_need_no_name() -> None:
    form = read(survey("type | name | label", "note | | Hello", "text | a | A"))
    assert [item.name for item in form.questions()] == ["generated_note_name_2", "a"]


def test_a_remark_in_a_row_of_its_own_is_passed_over() -> None:
    text = survey("type | name | label | remark", " | | | still to be agreed", "text | a | A |")
    assert [item.name for item in read(text).questions()] == ["a"]
    assert problems(survey("type | name | label", " | | Q", "text | a | A")) == [
        "Sheet survey, row 2, column type: the type is missing"
    ]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("required", "yes", "this has no meaning for a group; put it on its questions"),
        ("read_only", "yes", "this has no meaning for a group; put it on its questions"),
        ("repeat_count", "3", "only a repeat can have a count; this is a group"),
    ],
)
def test_what_no_group_can_have(column: str, cell: str, expected: str) -> None:
    text = survey(f"type | name | label | {column}", f"begin group | g | | {cell}", "text | a | A |", "end group | | |")
    assert problems(text) == [f"Sheet survey, row 2, column {column}: {expected}"]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("repeat_count", "3", "only a repeat can have a count; this is a question"),
        ("choice_filter", "name = 'a'", "there are no choices to filter"),
        ("appearance", "minimal search('x')", "“search()” is known to ODK, but it cannot be asked here yet"),
        ("trigger", "5", "a trigger is written like ${name}"),
        ("trigger", "${gone}", "there is no question “gone”"),
        ("trigger", "${n}", "“n” is not asked, so its answer never changes"),
        ("guidance_hint", "${gone}", "there is no question “gone”"),
        ("image", "pictures/a.png", "a picture is named by its file name alone, like map.png"),
        ("hint", "x" * 10_001, "this text has more than 10000 characters"),
    ],
)
def test_what_no_text_can_have(column: str, cell: str, expected: str) -> None:
    text = survey(f"type | name | label | {column}", "note | n | N |", f"text | a | A | {cell}")
    assert problems(text) == [f"Sheet survey, row 3, column {column}: {expected}"]


def test_columns_of_choices() -> None:
    header = "list_name | name | label | names | synonyms | synonyms::en | image::en | region"
    text = survey("type | name | label", "select_one l | q | Q")
    choices = sheet("choices", header, "l | a | A | x | aye; yes、yeah，aye | ok | a.png | north")
    assert problems(text + choices) == [
        "Sheet choices, row 1, column names: this column is not known. Did you mean “name”?"
    ]
    only = question(read(text + choices.replace("| names |", "| kind |")), "q").choices[0]
    assert only.columns == {"kind": "x", "region": "north"}
    assert only.synonyms == ("aye", "yes", "yeah", "ok")
    assert only.image.words == {"en": "a.png"}


def test_texts_missing_in_a_language_are_no_fault() -> None:
    """They are shown in another language; the report lists them."""
    text = survey("type | name | label::中文 (zh-CN) | label::English (en)", "text | a | 甲 |", "text | b | | B")
    form = read(text + sheet("settings", "default_language", "English (en)"))
    assert question(form, "a").label.words == {"zh_CN": "甲"}
    assert form.languages == ("zh_CN", "en")


def test_a_default_language_that_no_column_has() -> None:
    text = survey("type | name | label::en | label::zh", "text | a | A | 甲")
    assert problems(text + sheet("settings", "default_language", "fr")) == [
        "Sheet settings, row 2, column default_language: no column is in this language"
    ]


def test_all_problems_come_at_once_with_a_sentence_about_the_file() -> None:
    with pytest.raises(BadInput) as caught:
        read(survey("type | name | label", *("nonsense | 1 | " for _ in range(5))), "自评.md")
    assert said(caught.value.text) == "“自评.md” has 10 problems."
    assert len(caught.value.problems) == 10


# Files that are none ---------------------------------------------------------------------------------------------

UNREADABLE = "is no spreadsheet that can be read here. Please save it as .xlsx, .xls, .csv or .md."


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def tampered(old: bytes, new: bytes) -> bytes:
    """A good workbook in which some XML was replaced."""
    good = workbook({"survey": [["type", "name", "label"], ["text", "a", 7]]})
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        return zipped(**{name: archive.read(name).replace(old, new) for name in archive.namelist()})


@pytest.mark.parametrize(
    ("content", "filename", "expected"),
    [
        (b"", "a.xlsx", "has no sheet called “survey”"),
        (b"", "a.csv", "has no sheet called “survey”"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.xlsx", UNREADABLE),
        (b"PK\x03\x04rubbish", "a.xlsx", UNREADABLE),
        (zipped(**{"a.txt": b"x"}), "a.xlsx", UNREADABLE),
        (b"\xd0\xcf\x11\xe0" + b"\1" * 600, "a.xls", UNREADABLE),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "is protected with a password",
        ),
        (b"\xff\xfe\xfd", "a.csv", UNREADABLE),
        (b'survey\n,"type"x,name\n', "a.csv", UNREADABLE),
        (b"just words", "a.md", "has no sheet called “survey”"),
        (b"x" * (10 * 1024 * 1024 + 1), "a.csv", "is larger than 10 MB"),
        (zipped(**{"big.xml": b"\0" * (101 * 1024 * 1024)}), "a.xlsx", "unpacks to more than 100 MB"),
        (tampered(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'), "a.xlsx", UNREADABLE),
        (tampered(b"<sheetData>", b"<sheetData><broken>"), "a.xlsx", UNREADABLE),
        (workbook({"choices": [["list_name"]], "settings": []}), "a.xlsx", "has no sheet called “survey”"),
        (workbook({"survey": []}), "a.xlsx", "row 1, column type: this column is missing"),
        (
            workbook({"survey": [[None], ["type", "name", "label"], ["text", "a", "A"]]}),
            "a.xlsx",
            "row 1, column type: this column",
        ),
    ],
)
def test_what_is_no_form_is_refused_in_a_sentence(content: bytes, filename: str, expected: str) -> None:
    assert expected in problems(content, filename)[0]


def test_ten_thousand_rows_and_more() -> None:
    rows = [f"text,q{n},Q," + (f"${{q{n - 1}}} != 'x'" if n else "") for n in range(10_000)]
    text = "\n".join(["type,name,label,relevant", *rows])
    assert sum(1 for _ in read(text, "big.csv").questions()) == 10_000
    assert problems(text + "\ntext,z,Z,${nope}", "big.csv") == [
        "Sheet survey, row 10002, column relevant: character 1: there is no question “nope”"
    ]
    assert problems(text + "\ntext,a,A," * 10_001, "big.csv") == ["A sheet has more than 20000 rows."]


def test_a_whole_number_is_written_without_a_point() -> None:
    form = xlsform.read(tampered(b"<v>7</v>", b"<v>7.0</v>"), "a.xlsx")
    assert said(question(form, "a").label) == "7"


def test_a_file_that_lies_about_its_size_is_read_as_it_is() -> None:
    lying = tampered(b'<dimension ref="A1:C2"', b'<dimension ref="A1:XFD1048576"')
    assert [item.name for item in xlsform.read(lying, "a.xlsx").questions()] == ["a"]


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["", "PK\x03\x04", "\xd0\xcf\x11\xe0", "survey\n,type,name,label\n"]),
    st.sampled_from([".csv", ".md", ".xlsx"]),
)
def test_no_file_raises_anything_else(content: bytes, before: str, suffix: str) -> None:
    problems(before.encode("latin-1") + content, f"a{suffix}")


cells = st.sampled_from(
    [
        "text",
        "begin group",
        "end group",
        "select_one l",
        "a",
        "b",
        "g",
        "${a}",
        "${b} = 1",
        ". > 1",
        "yes",
        "",
        "",
        "甲",
        "${",
        "1 +",
        "type",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(cells, min_size=5, max_size=5).map(" | ".join), max_size=8))
def test_any_sheet_is_a_form_or_its_problems_are_named(rows: list[str]) -> None:
    text = survey("type | name | label | relevant | constraint", *rows) + sheet(
        "choices", "list_name | name | label", "l | a | ${a}"
    )
    for problem in problems(text):
        assert problem.startswith("Sheet ")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_broken_workbook_raises_nothing_else(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    problems(bytes(content[: data.draw(st.integers(4, len(content)))]), "a.xlsx")


GOOD = workbook({"survey": [["type", "name", "label"], ["text", "a", "A"]]})


@pytest.mark.parametrize("seed", range(40))
def test_a_broken_old_workbook_raises_nothing_else(seed: int) -> None:
    draw = random.Random(seed)
    content = bytearray((SAMPLES / "small.xls").read_bytes())
    for _ in range(draw.randint(1, 60)):
        content[draw.randrange(8, len(content))] = draw.randrange(256)
    problems(bytes(content), "a.xls")


def test_the_handbook_names_all_functions_and_no_other() -> None:
    handbook = (Path(__file__).parents[3] / "docs" / "forms.md").read_text(encoding="utf-8")
    table = handbook[handbook.index("| for | functions |") : handbook.index("Four things that surprise")]
    assert set(re.findall("`([a-z][a-z0-9:-]*)`", table)) == FUNCTIONS.keys() | ODD.keys()


def test_our_samples_are_forms_for_pyxform_too() -> None:
    for path in sorted(SAMPLES.glob("*.md")):
        assert convert(path.read_text(encoding="utf-8"), validate=False).xform
