"""What an author is told of a good form."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms import walk, xlsform
from handlers.forms.form import Form
from handlers.forms.moves import Answer, Ask
from handlers.forms.report import plain, report, told
from tests.handlers.forms.reading import YES_NO, read, said, sheet, survey

HEADER = "type | name | label | relevant | required"
SHIPPED = Path(__file__).parents[3] / "bot" / "samples"


def form(*rows: str, header: str = HEADER) -> Form:
    return read(survey(header, *rows) + YES_NO)


def lines(asked: Form) -> list[str]:
    return [said(sentence) for sentence in told(report(asked))]


def test_everybody_is_asked_everything() -> None:
    found = report(form("text | a | A | |", "note | n | N | |", "integer | b | B | | yes"))
    assert (found.questions, found.shortest, found.longest) == (2, 2, 2)
    assert lines(form("text | a | A | |")) == ["1 question is asked of everybody."]


def test_branches_that_exclude_each_other() -> None:
    found = report(
        form(
            "select_one yn | a | A | | yes",
            "text | b | B | ${a} = 'yes' |",
            "begin group | g | G | ${a} = 'no' |",
            "text | c | C | |",
            "text | d | D | |",
            "end group | | | |",
        )
    )
    assert (found.questions, found.shortest, found.longest) == (4, 2, 3)
    assert found.unreachable == ()


def test_who_skips_is_asked_less_unless_it_is_required() -> None:
    rows = ("text | b | B | ${a} = 'yes' |", "text | c | C | ${a} = 'no' |")
    assert report(form("select_one yn | a | A | | ", *rows)).shortest == 1
    assert report(form("select_one yn | a | A | | yes", *rows)).shortest == 2


def test_conditions_that_hang_on_more_may_hold_or_not() -> None:
    found = report(form("text | a | A | |", "text | b | B | string-length(${a}) > 3 |", "text | c | C | ${b} = 'x' |"))
    assert (found.shortest, found.longest) == (1, 3)
    assert lines(form("text | a | A | |", "text | b | B | ${a} = 'x' |")) == [
        "2 questions in all; a person is asked 1 at least and 2 at most."
    ]


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("no", True),
        ("yes", False),
        ("1 = 2", True),
        ("${a} = 'yes' and ${a} = 'no'", True),
        ("${a} = 'perhaps'", True),
        ("not(${a} = 'yes') and ${a} = 'yes'", True),
        ("${a} = 'yes' or ${a} = 'no'", False),
        ("${a} != 'yes'", False),
        ("${i} > 5 and ${i} < 3", True),
        ("${i} > 5 and ${i} < 6", True),
        ("${x} > 5 and ${x} < 6", False),
        ("${x} > 5 and ${x} < 5.1", False),
        ("${x} > 5.1 and ${x} < 5", True),
        ("${i} > 5.5 and ${i} < 6.5", False),
        ("${i} > 5.5 and ${i} < 5.9", True),
        ("${i} > 5 and ${i} < 7", False),
        ("5 < ${i} and 3 > ${i}", True),
        ("${i} >= 5 and ${i} <= 5", False),
        ("${i} mod 2 = 1 and ${i} > 100 and ${i} < 102", False),
        ("${i} > 3 and ${a} = 'yes' and ${i} < 2", True),
        ("${t} = 'x' and ${t} = 'y'", False),
        ("${t} = 'x' and ${a} = 'perhaps'", True),
        ("today() < date('2020-01-01')", False),
    ],
)
def test_only_what_is_proven_is_called_unreachable(condition: str, never: bool) -> None:
    found = report(
        form(
            "select_one yn | a | A | |",
            "integer | i | I | |",
            "decimal | x | X | |",
            "text | t | T | |",
            f"text | q | Q | {condition} |",
        )
    )
    assert found.unreachable == (("/data/q",) if never else ())


def test_a_group_hides_all_in_it() -> None:
    asked = form(
        "select_one yn | a | A | |",
        "begin group | g | G | ${a} = 'yes' |",
        "text | b | B | ${a} = 'no' |",
        "end group | | | |",
    )
    assert report(asked).unreachable == ("/data/g/b",)
    assert "/data/g/b is never shown: no answers make its condition true." in lines(asked)


def test_repeats_count_once_and_may_have_no_entry() -> None:
    found = report(
        form(
            "integer | n | N | | ",
            "begin repeat | r | R | | ",
            "text | a | A | | ",
            "end repeat | | | | ",
            "begin repeat | s | S | | ${n}",
            "text | b | B | | ",
            "end repeat | | | | ",
            "begin repeat | u | U | | 2",
            "text | c | C | | ",
            "end repeat | | | | ",
            header="type | name | label | relevant | repeat_count",
        )
    )
    assert (found.questions, found.shortest, found.longest) == (4, 3, 4)
    assert found.repeats == ("/data/r", "/data/s", "/data/u")


def test_what_is_only_shown_is_no_question() -> None:
    text = survey(
        "type | name | label | calculation | read_only",
        "text | a | A | |",
        "text | b | B | ${a} | yes",
        "calculate | c | | 1 |",
        "hidden | d | | |",
    )
    assert report(read(text)).questions == 1


def test_texts_that_are_missing() -> None:
    asked = read(
        survey(
            "type | name | label::中文 (zh-CN) | label::English (en) | hint::English (en)",
            "select_one l | a | 甲 | | A hint",
            "select_one l | b | 乙 | B |",
        )
        + sheet("choices", "list_name | name | label::English (en)", "l | x | X")
    )
    assert lines(asked)[1:] == [
        "/data/a label is missing in en.",
        "/data/a hint is missing in zh_CN.",
        "/data/a choices x is missing in zh_CN.",
    ]


def test_what_is_too_long() -> None:
    words, many = "字" * 41, "\n".join(f"| | long | c{n} | C{n} |" for n in range(101))
    asked = read(
        survey("type | name | label", "select_one l | a | A", f"text | b | {'题' * 700}", "select_one long | c | C")
        + sheet("choices", "list_name | name | label", f"l | x | {words}", "l | y | Y")
        + many
    )
    assert lines(asked)[1:] == [
        "Choices of /data/a (-) have up to 41 characters; a button shows 40, so they become a numbered list there.",
        "/data/b label is too long for one message on WeCom.",
        "/data/c: 101 choices are too many for one keyboard.",
    ]
    found = json.loads(json.dumps(plain(report(asked))))
    assert found["questions"] == 3
    assert found["long_labels"] == [{"path": "/data/a", "field": "choices", "choice": "x", "size": 41}]


@pytest.mark.parametrize("name", ["self-assessment.xlsx", "performance-management.xlsx"])
def test_the_shipped_forms_are_fully_translated(name: str) -> None:
    found = report(xlsform.read((SHIPPED / name).read_bytes(), name))
    assert found.questions > 30
    assert found.untranslated == ()
    assert found.unreachable == ()
    assert found.long_texts == ()


CONDITIONS = st.recursive(
    st.sampled_from(
        ["${a} = 'yes'", "${a} != 'no'", "${b} = 'no'", "${n} > 2", "${n} <= 1", "${n} = 2", "3 > ${n}", "${t} = 'x'"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(lambda parts: f"({''.join(parts)})"),
        inner.map(lambda one: f"not({one})"),
    ),
    max_leaves=5,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=4))
def test_no_walk_is_shorter_or_longer_than_said(conditions: list[str]) -> None:
    """All combinations of answers, walked."""
    rows = [f"text | q{number} | Q | {condition} |" for number, condition in enumerate(conditions)]
    asked = form(
        "select_one yn | a | A | |", "select_one yn | b | B | |", "integer | n | N | |", "text | t | T | |", *rows
    )
    found = report(asked)
    answers = product((None, "yes", "no"), (None, "yes", "no"), (None, 0, 1, 2, 3), (None, "x", "y"))
    walks = [paths_asked(asked, case) for case in answers]
    assert found.shortest <= min(map(len, walks))
    assert found.longest >= max(map(len, walks))
    assert not set(found.unreachable) & {path for walked in walks for path in walked}


def paths_asked(asked: Form, answers: tuple[str | int | None, ...]) -> list[str]:
    """The questions on the way to the review, the first answered with these."""
    step, paths = walk.begin(asked), []
    for answer in (*answers, *[None] * 10):
        last = step.events[-1]
        if not isinstance(last, Ask):
            break
        paths.append(last.path)
        step = walk.step(asked, step.state, Answer(answer))
    return paths
