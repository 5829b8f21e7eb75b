"""The demo's spreadsheets: what ships is what their texts say, and what they ask is sound."""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from pyxform.xls2xform import convert

from handlers.forms import xlsform
from handlers.forms.form import Form
from handlers.forms.walk import Answer, Ask, Done, Refused, Review, Submit, begin, step
from handlers.people.rules import roster
from storage.records import Level, PostClass, Role
from tests.samples import make_samples
from tests.samples.make_samples import (
    BESIDE,
    MEDIA,
    SAMPLE_SHEETS,
    SAMPLES,
    TEST_SHEETS,
    Sheets,
    questionnaire,
    workbook,
)

QUESTIONNAIRES = ("self-assessment", "performance-management")
SCRIPTS = {"中文 (zh-CN)": "gb2312", "繁體中文 (zh-TW)": "cp950", "English (en)": "latin-1"}
"""each encoding knows the characters of one language and hardly any of the others'"""

Row = dict[str, str]


def cells(content: bytes) -> Sheets:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [[str(value) if value is not None else "" for value in row] for row in sheet.values]
        for sheet in book.worksheets
    }


def rows(name: str, sheet: str) -> list[Row]:
    """The rows of a sheet as the product has it, by heading."""
    headings, *lines = cells((SAMPLES / f"{name}.xlsx").read_bytes())[sheet]
    return [dict(zip(headings, line, strict=True)) for line in lines]


def label(row: Row) -> str:
    return row["label::English (en)"]


@pytest.mark.parametrize("filename", [*SAMPLE_SHEETS, *TEST_SHEETS])
def test_shipped_file_is_what_its_text_makes(filename: str) -> None:
    makers = {**SAMPLE_SHEETS, **TEST_SHEETS}
    directory = SAMPLES if filename in SAMPLE_SHEETS else BESIDE
    made = {title: [list(row) for row in sheet] for title, sheet in makers[filename]().items()}
    assert cells((directory / filename).read_bytes()) == made, "run `python -m tests.samples.make_samples`"


def test_making_writes_every_sample_and_no_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_samples, "SAMPLES", tmp_path / "samples")
    monkeypatch.setattr(make_samples, "BESIDE", tmp_path / "tests")
    make_samples.main()
    assert {file.name for file in (tmp_path / "samples").iterdir()} == set(SAMPLE_SHEETS)
    assert {file.name: file.read_bytes() for file in (tmp_path / "tests" / "every-kind-media").iterdir()} == MEDIA
    content = workbook(questionnaire("self-assessment"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.properties.created == book.properties.modified
    assert workbook(questionnaire("self-assessment")) == content


def test_roster_is_a_township_of_120() -> None:
    organ = roster.read((SAMPLES / "roster.xlsx").read_bytes(), "roster.xlsx")
    assert len(organ.lines) == 120
    assert {line.post_class for line in organ.lines} == set(PostClass)
    offices = Counter(line.unit_code for line in organ.lines)
    assert all(4 <= size <= 14 for size in offices.values()), offices
    roles = Counter(role for line in organ.lines for role in line.roles)
    assert (roles[Role.HR], roles[Role.INSPECTOR], roles[Role.HEAD]) == (2, 1, 1)
    assert roles[Role.COMMITTEE] % 2 == 1
    assert all(
        Role.BRANCH_LEADER in line.roles or line.number in ("YH001",)
        for line in organ.lines
        if line.level is Level.LEADING
    )


def test_everybody_has_a_supervisor_and_the_last_is_the_head() -> None:
    organ = roster.read((SAMPLES / "roster.xlsx").read_bytes(), "roster.xlsx")
    people = {line.number: line for line in organ.lines}
    leading = {Role.SUPERVISOR, Role.BRANCH_LEADER, Role.HEAD}
    assert [line.name for line in organ.lines if not line.supervisor] == ["周立安"]
    assert Role.HEAD in people["YH001"].roles
    for line in organ.lines:
        assert not line.supervisor or leading & people[line.supervisor].roles, line


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_every_text_is_there_in_each_language_and_script(name: str) -> None:
    for row in (*rows(name, "survey"), *rows(name, "choices")):
        for column in ("label", "hint", "constraint_message"):
            texts = {language: row.get(f"{column}::{language}", "") for language in SCRIPTS}
            assert all(texts.values()) or not any(texts.values()), row
            for language, text in texts.items():
                plain = re.sub("[“”—]", "", text)
                assert plain.encode(SCRIPTS[language], "ignore").decode(SCRIPTS[language]) == plain, text


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_rows_are_complete(name: str) -> None:
    survey = rows(name, "survey")
    names = [row["name"] for row in survey if row["name"]]
    assert all(re.fullmatch("[a-z][a-z0-9_]*", one) for one in names)
    assert len(set(names)) == len(names)
    lists = {row["list_name"] for row in rows(name, "choices")}
    used = {row["type"].split()[1] for row in survey if " " in row["type"]}
    assert used == lists
    for row in survey:
        assert bool(row["constraint"]) == bool(row["constraint_message::English (en)"]), row
        assert set(re.findall(r"\$\{(\w+)\}", row["relevant"] + row["constraint"])) <= set(names), row
        assert row["type"] == "end_group" or label(row), row


def paths() -> Iterator[tuple[str, list[Row]]]:
    """The questions each post class can be asked."""
    survey = rows("self-assessment", "survey")
    for post in PostClass:
        asked, inside = [], True
        for row in survey:
            match row["type"].split()[0]:
                case "begin_group":
                    inside = row["relevant"] in ("", f"${{post_class}} = '{post}'")
                case "end_group":
                    inside = True
                case "note":
                    pass
                case _ if inside:
                    asked.append(row)
        yield post, asked


def test_each_post_class_is_asked_12_to_18_questions_counted_and_rated() -> None:
    for post, asked in paths():
        assert 12 <= len(asked) <= 18, post
        own = [row for row in asked if row["name"].startswith(f"{post}_")]
        kinds = Counter(row["type"].split()[0] for row in own)
        assert 2 <= kinds["integer"] + kinds["decimal"] <= 4, post
        assert 1 <= kinds["select_one"] <= 3, post


def test_ratings_are_five_sentences_and_not_observed() -> None:
    choices = defaultdict(list)
    for row in rows("self-assessment", "choices"):
        choices[row["list_name"]].append((row["name"], label(row)))
    rated = [name for name, asked in choices.items() if name.split("_")[0] in set(PostClass) and name != "post_class"]
    assert len(rated) == 2 * len(PostClass)
    for name in rated:
        assert [code for code, _ in choices[name]] == ["1", "2", "3", "4", "5", "9"]
        assert choices[name][-1][1] == "Not observed this quarter"
        assert min(len(sentence) for _, sentence in choices[name]) > 20, name
    sentences = [text for name in rated for code, text in choices[name] if code != "9"]
    assert len(set(sentences)) == len(sentences)


def test_performance_questionnaire_has_the_34_items_in_eleven_dimensions() -> None:
    items = [row["name"] for row in rows("performance-management", "survey") if row["type"] == "select_one agree"]
    sizes = {"a": 3, "b": 3, "c": 4, "d": 3, "e": 3, "f": 4, "g": 3, "h": 3, "i": 3, "j": 3, "k": 2}
    assert items == [f"{dimension}{n}" for dimension, size in sizes.items() for n in range(1, size + 1)]
    scale = [row["name"] for row in rows("performance-management", "choices") if row["list_name"] == "agree"]
    assert scale == ["1", "2", "3", "4", "5", "9"]


def test_nothing_is_compulsory_in_the_performance_questionnaire() -> None:
    assert not any(row["required"] for row in rows("performance-management", "survey"))


def form(name: str) -> Form:
    return xlsform.read((SAMPLES / f"{name}.xlsx").read_bytes(), f"{name}.xlsx")


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_product_and_odk_can_both_read_it(name: str) -> None:
    read = form(name)
    assert read.languages == ("zh_CN", "zh_TW", "en")
    assert all(len(question.label.words) == 3 for question in read.questions())
    assert convert(str(SAMPLES / f"{name}.xlsx"), validate=False).xform


def fill(read: Form, post: str, counted: int) -> tuple[list[str], Done]:
    """The questions put to somebody who enters `counted` for all that is counted, and what is handed in."""
    asked, walk = [], begin(read)
    while not any(isinstance(event, Review) for event in walk.events):
        assert not [event for event in walk.events if isinstance(event, Refused)]
        ask = next(event for event in walk.events if isinstance(event, Ask))
        assert ask.position <= ask.total
        asked.append(ask.question.name)
        walk = step(read, walk.state, Answer(_answer(ask, post, counted)))
    return asked, next(event for event in step(read, walk.state, Submit()).events if isinstance(event, Done))


def _answer(ask: Ask, post: str, counted: int) -> str | int:
    match ask.question.type, ask.question.name:
        case "select_one", "post_class":
            return post
        case "select_one", _:
            return ask.choices[-1].name
        case "text", _:
            return "三月二日，帮一位老人办好了高龄补贴。"
    return counted


@pytest.mark.parametrize("post", PostClass)
def test_self_assessment_is_filled_in_by_each_post_class(post: str) -> None:
    read = form("self-assessment")
    asked, done = fill(read, post, 3)
    assert 12 <= len(asked) <= 18
    assert {name for name in asked if name.startswith(f"{post}_")} == set(done.answers[post])
    assert len(fill(read, post, 0)[0]) < len(asked), "what is a part of nothing is not asked"


def test_a_part_larger_than_the_whole_is_refused_with_a_reason() -> None:
    read = form("self-assessment")
    walk = begin(read)
    for answer in ("approval", 5, 6):
        walk = step(read, walk.state, Answer(answer))
    (refused,) = (event for event in walk.events if isinstance(event, Refused))
    assert (refused.path, refused.reason) == ("/data/approval/approval_in_time", "constraint")
