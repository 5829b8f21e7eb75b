"""Reading conditions and running them: `handlers.forms.expressions` and `handlers.forms.compiling`."""

from datetime import date
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.compiling import LONGEST_MATCHED, Moment, compiled
from handlers.forms.expressions import DEEPEST, LONGEST, Malformed, Node, names, parse, written
from handlers.forms.values import Value
from tests.handlers.forms.reading import said

ANSWERS: dict[str, Value] = {"i": "", "a": 5.0, "s": "yes", "m": "x yz", "d": date(2024, 5, 17)}
PLACES = {name: place for place, name in enumerate(ANSWERS)}


def run(expression: str, here: Value = "", today: date | None = date(2026, 10, 17)) -> Value:
    values = {place: value for place, value in enumerate(ANSWERS.values()) if value != ""}
    return compiled(parse(expression), PLACES)(Moment(values, today, here))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3 - 4", 3), ("(1 + 2) * 3", 9), ("8 div 4 div 2", 1), ("1 - 2 - 3", -4), ("-7 mod 3", -1),
        ("-(-2)", 2), ("2 - -2", 4), ("--2", 2), (".5 + 5.", 5.5), ("'2' > '10'", False), ("'b' > 'a'", False),
        ("'1' = 1", True), ("'1.0' = '1'", False), ("1 < 2 = true()", True), ("1 = 1 and 2 = 3 or 4 = 4", True),
        ("1 or 0 and 0", True), ("0 or '' or 'x'", True), ("1 and 'a' and 0", False), ("not(1 = 2)", True),
        ("3 != 3", False), ("2 <= 2", True), ("2 >= 3", False), ('concat("it\'s", \' "so"\')', 'it\'s "so"'),
        # an unanswered question
        ("${i} > 0", False), ("${i} < 0", False), ("${i} = 0", False), ("${i} != 0", True), ("not(${i} > 0)", True),
        ("${i} = ''", True), ("concat('x', ${i} + 1)", "xNaN"), ("concat('x', ${i})", "x"),
        ("string-length(${i})", 0),
        # answers
        ("${a} * 2", 10), ("${s} = 'yes'", True), ("selected(${m}, 'yz')", True), ("selected(${m}, 'y')", False),
        ("count-selected(${m})", 2), ("${d} - date('2024-05-10')", 7), ("${d} > '2024-01-01'", False),
        ("${d} > date('2024-01-01')", True), ("${d} = '2024-05-17'", True), ("date(${d} + 1)", date(2024, 5, 18)),
        ("today()", date(2026, 10, 17)), ("today() > ${d}", True),
        # functions
        ("if(${a} > 3, 'big', 'small')", "big"), ("if(${a} > 30, 'big', 'small')", "small"), ("coalesce(${i}, 7)", 7),
        ("round(2.5)", 3), ("round(1.005, 2)", 1.01), ("int('7.9')", 7), ("number(true())", 1), ("min(3, 2, '')", 2),
        ("regex('a1', '[a-z]\\d')", True), ("regex('abc', 'b')", False), ("regex(12, '[0-9]+')", True),
    ],
)  # fmt: skip
def test_expressions(expression: str, expected: Value) -> None:
    found = run(expression)
    assert found == expected
    assert isinstance(found, bool) is isinstance(expected, bool)


def test_a_constraint_sees_the_answer_being_checked() -> None:
    assert run(". > 3", here=4.0) is True
    assert run("regex(., '[a-z]+')", here="abc") is True
    assert run("${itself} = .", here="new") is True


def test_arithmetic_with_nothing_is_nothing() -> None:
    found = run("${i} + 1")
    assert isinstance(found, float)
    assert isnan(found)


def test_without_a_day_there_is_no_today() -> None:
    assert run("today()", today=None) == ""


def test_a_text_too_long_for_a_pattern_does_not_match() -> None:
    assert run("regex(., 'a*')", here="a" * LONGEST_MATCHED) is True
    assert run("regex(., 'a*')", here="a" * (LONGEST_MATCHED + 1)) is False


def test_the_branch_not_taken_is_not_worked_out() -> None:
    assert run("if(1, 'x', 1 div 0)") == "x"


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("", 1, "missing at the end"), ("1 +", 4, "missing at the end"), ("foo(1)", 1, "foo() is not known"),
        ("1 + pulldata('a')", 5, "pulldata() is not known"), ("(1", 3, "missing"), ("1)", 2, "“)” does not belong"),
        ("1 2", 3, "“2” does not belong"), ("${a", 1, "“${a” is not understood"),
        ("${ a } = 1", 1, "is not understood"), ("'abc", 1, "is not understood"), ("/data/a", 1, "is not understood"),
        ("if(1, 2)", 1, "another number of values"), ("true(1)", 1, "another number of values"),
        ("concat()", 1, "another number of values"), ("a = 1", 1, "“a” does not"), ("1 and", 6, "missing"),
        ("and 1", 1, "“and” does not"), ("if(1 2, 3)", 6, "“2” does not"), ("not(1,)", 7, "does not"),
        ("regex(., ${a})", 1, "written out in quotes"), ("regex(., 1)", 1, "written out in quotes"),
        ("regex(., '(')", 1, "pattern of regex(), character 2"), ("1 = ＝ 2", 5, "“＝ 2” is not understood"),
        ("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1), DEEPEST + 2, "too deeply"),
        ("-" * 999 + "1", 42, "too deeply"), ("1" * (LONGEST + 1), LONGEST, "too long"),
        ("position(..)", 1, "position() is not known"),
    ],
)  # fmt: skip
def test_faults_are_named_with_their_place(expression: str, position: int, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(expression)
    assert caught.value.position == position
    assert reason in said(caught.value.reason)


@pytest.mark.parametrize(
    ("cell", "expression"),
    [("yes", "true()"), ("TRUE", "true()"), ("No", "false()"), ("false", "false()"), (" ${a} = ‘x’ ", "${a} = 'x'"),
     ("“x”", '"x"'), ("", "")],
)  # fmt: skip
def test_cells_as_authors_write_them(cell: str, expression: str) -> None:
    assert written(cell) == expression


def test_the_names_are_found_wherever_they_stand() -> None:
    expression = "-${a} > 1 and if(selected(${m}, 'x'), regex(${s}, 'y'), ${a} + ${i}) = ''"
    assert [name.name for name in names(parse(expression))] == ["a", "m", "s", "a", "i"]
    assert names(parse("1 + ${d}"))[0].position == 5


def test_the_worst_expressions_are_no_danger() -> None:
    long = parse("1" + "+1" * (LONGEST // 2 - 1))
    assert compiled(long, {})(Moment()) == LONGEST // 2
    deep = "(1 or 1 and 1 = 1 < 1 + 1 * " * 40 + "1" + ")" * 40
    assert compiled(parse(deep), {})(Moment()) is True


signs = st.sampled_from(
    ["1", "2.5", "''", "'a'", "${a}", "${i}", ".", "(", ")", ",", "+", "-", "*", " div ", " mod ", "=", "!=", "<", ">=",
     " and ", " or ", "not(", "if(", "round(", "selected(", "today()", "regex(", "${", "$", "foo(", "é", "’"]
)  # fmt: skip


def read(source: str) -> Node | Malformed:
    """The tree, or the fault."""
    try:
        return parse(source)
    except Malformed as fault:
        return fault


@given(st.lists(signs, max_size=14).map("".join))
def test_any_text_is_an_expression_or_is_refused(source: str) -> None:
    node = read(source)
    if isinstance(node, Malformed):
        assert 1 <= node.position <= len(source) + 1
        assert said(node.reason)
    else:
        assert isinstance(compiled(node, PLACES)(Moment({1: 5.0})), str | float | bool | date)


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(source: str) -> None:
    assert read(written(source))
