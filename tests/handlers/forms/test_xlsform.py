"""XLSForm files: what is understood, and every fault with its sheet, row and column."""

import io
import random
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from handlers.forms import sheets, xlsform
from handlers.forms.columns import language
from handlers.forms.form import Form, Group, Question, digest, from_plain, to_plain
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
        (
            ["begin repeat | r | R", "text | a | A", "end repeat | | "],
            ["row 2, column type: “begin_repeat” is known to ODK"],
        ),
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
        (["select_one yes_no or_other | a | A"], ["row 2, column type: “or_other” is known to ODK, but"]),
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
            ["character 1: there is no question “x”", "character 8: “.” is", "character 13: there"],
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
    lists = sheet("choices", "list_name | name | label", "yes_no | yes | Yes", "hollow | | Nothing")
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
        "type | name | label | calculation | media::image::en", "text | a | A | 1 + 1 | a.png", "text | b | B | |"
    )
    text += sheet("choices", "list_name | name | label | image", "l | a | A | a.png")
    assert problems(text) == [
        "Sheet survey, row 2, column calculation: this column is known to ODK, but it cannot be used here yet",
        "Sheet survey, row 2, column media::image::en: this column is known to ODK, but it cannot be used here yet",
        "Sheet choices, row 2, column image: this column is known to ODK, but it cannot be used here yet",
    ]


def test_parameters() -> None:
    assert problems(
        survey("type | name | label | parameters", "text | a | A | rows", "text | b | B | randomize=true")
    ) == [
        "Sheet survey, row 2, column parameters: parameters are written like rows=5",
        "Sheet survey, row 3, column parameters: “randomize” is known to ODK, but it cannot be asked here yet",
    ]


def test_texts_missing_in_a_language() -> None:
    text = survey(
        "type | name | label::中文 (zh-CN) | label::English (en) | hint::中文 (zh-CN) |"
        " constraint_message::English (en)",
        "select_one l | a | 甲 | A | | ",
        "text | b | | B | | no",
        "begin group | g | 组 | | | ",
        "text | c | 丙 | C | 提示 | ",
        "end group | | | | | ",
    ) + sheet("choices", "list_name | name | label::English (en)", "l | x | X")
    missing = "the text is missing here; other languages have it"
    assert problems(text) == [
        f"Sheet survey, row 3, column label::中文 (zh-CN): {missing}",
        f"Sheet survey, row 3, column constraint_message::中文 (zh-CN): {missing}",
        f"Sheet survey, row 4, column label::English (en): {missing}",
        f"Sheet survey, row 5, column hint::English (en): {missing}",
        f"Sheet choices, row 2, column label::中文 (zh-CN): {missing}",
    ]


def test_texts_missing_without_a_language() -> None:
    assert problems(survey("type | name | label | label::en | hint::en", "text | a | | A | H")) == [
        "Sheet survey, row 2, column label: the text is missing here; other languages have it",
        "Sheet survey, row 2, column hint: the text is missing here; other languages have it",
    ]


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


def test_our_samples_are_forms_for_pyxform_too() -> None:
    for path in sorted(SAMPLES.glob("*.md")):
        assert convert(path.read_text(encoding="utf-8"), validate=False).xform
