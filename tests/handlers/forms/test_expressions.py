"""Reading conditions and running them: `handlers.forms.expressions` and `handlers.forms.compiling`."""

from datetime import UTC, date, datetime
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.compiling import LONGEST_MATCHED, Compiler
from handlers.forms.expressions import DEEPEST, LONGEST, Malformed, Node, names, parse, written
from handlers.forms.frames import Frame, Moment
from handlers.forms.places import Places
from handlers.forms.values import Value
from tests.handlers.forms.made import items, q
from tests.handlers.forms.reading import said

ANSWERS: dict[str, Value] = {"i": "", "a": 5.0, "s": "yes", "m": "x yz", "d": date(2024, 5, 17)}
PLACES = Places(items(*(q("text", name) for name in ANSWERS), q("text", "itself")))
NOW = datetime(2026, 10, 17, 9, 30, tzinfo=UTC)


def frame(now: datetime | None = NOW) -> Frame:
    found = Frame(Moment(now=now, seed="the seed"))
    found.values = {place: value for place, value in enumerate(ANSWERS.values()) if value != ""}
    return found


def made(node: Node, here: bool = False) -> Value:
    """What it comes to; Malformed if a name leads nowhere."""
    place = len(ANSWERS)
    return Compiler(PLACES, place).run(node, PLACES.standing(place, "constraint" if here else ""))(frame())


def run(expression: str, here: Value | None = None, now: datetime | None = NOW) -> Value:
    place = len(ANSWERS)
    standing = PLACES.standing(place, "" if here is None else "constraint")
    compiled = Compiler(PLACES, place).run(parse(expression), standing)
    return compiled(frame(now) if here is None else frame(now).looking(here))


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
        ("today() - ${d}", 883), ("now()", NOW.replace(tzinfo=None)), ("number(now())", 20743),
        ("concat(now(), '')", "2026-10-17T09:30"), ("format-date(${d}, '%Y/%n/%e')", "2024/5/17"),
        ("format-date-time(now(), '%y-%m-%d %H:%M:%S.%3 %h%%%a %b %Q')", "26-10-17 09:30:00.000 9%Sat Oct %Q"),
        ("format-date('', '%Y')", ""), ("decimal-date-time('1970-01-02T12:00')", 1.5),
        ("decimal-time('06:00')", 0.25), ("decimal-time(date-time('1970-01-02T18:00'))", 0.75),
        ("date-time(0.5)", datetime.fromisoformat("1970-01-01T12:00")), ("date('2024-05-17T10:30')", date(2024, 5, 17)),
        ("date(19860.5)", date(2024, 5, 17)), ("date-time('2024-05-17T24:30')", ""),
        # texts
        ("substr('hello', 1, 3)", "el"), ("substr('hello', -3)", "llo"), ("substr('hello', 0, -1)", "hell"),
        ("substr('hello', 2, 99)", "llo"), ("substr('hello', 3, 1)", ""), ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 2)", "2345"), ("substring-before('a-b-c', '-')", "a"), ("substring-before('a', '-')", ""),
        ("substring-after('a-b-c', '-')", "b-c"), ("substring-after('abc', '')", "abc"),
        ("substring-before('abc', '')", ""), ("translate('aabbc', 'abc', 'xy')", "xxyy"),
        ("normalize-space('  a  b ')", "a b"), ("ends-with('abc', 'bc')", True), ("join('-', 'a', ${i}, 3)", "a--3"),
        ("base64-decode('5a2X')", "字"), ("base64-decode('no')", ""),
        ("digest('abc', 'MD5')", "kAFQmDzST7DWlj99KOF/cg=="),
        ("digest('abc', 'SHA-1', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"), ("digest('abc', 'X')", ""),
        ("string-length('汉字😀')", 4), ("string(2.50)", "2.5"),
        # choices
        ("selected-at(${m}, 1)", "yz"), ("selected-at(${m}, 2)", ""), ("selected-at(${m}, -1)", ""),
        ("checklist(1, 2, true(), 0, 'x')", True), ("checklist(3, -1, 1, 1)", False),
        ("weighted-checklist(2, 3, true(), 2, false(), 9)", True), ("boolean-from-string('True')", True),
        ("boolean-from-string('yes')", False), ("boolean(0)", False),
        # numbers
        ("pow(2, 10)", 1024), ("sqrt(9)", 3), ("exp10(2)", 100), ("log10(100)", 2), ("abs(-3)", 3), ("exp(0)", 1),
        ("log(1)", 0), ("sin(0) + cos(0) + tan(0) + asin(0) + acos(1) + atan(0) + atan2(0, 1)", 1),
        ("round(pi(), 2)", 3.14), ("pow(0, -1)", float("inf")), ("log(0)", float("-inf")), ("max(-3, -5)", -3),
        ("pow(10, 999)", float("inf")), ("sum(${a})", 5), ("count(${i})", 1), ("count-non-empty(${i})", 0),
        ("count(/data/a)", 1), ("/data/a + ../a + current()/../a", 15), ("sum(${a}[. > 5])", 0),
        ("count(../m[position() = 1])", 1), ("position(..)", 1), ("once(${a})", 5),
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
    assert run("today()", now=None) == ""


def test_a_text_too_long_for_a_pattern_does_not_match() -> None:
    assert run("regex(., 'a*')", here="a" * LONGEST_MATCHED) is True
    assert run("regex(., 'a*')", here="a" * (LONGEST_MATCHED + 1)) is False


def test_the_branch_not_taken_is_not_worked_out() -> None:
    assert run("if(1, 'x', 1 div 0)") == "x"


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("", 1, "missing at the end"), ("1 +", 4, "missing at the end"), ("foo(1)", 1, "foo() is not known"),
        ("1 + pulldata('a')", 5, "pulldata() looks into other files"), ("area(${a})", 1, "needs a map"),
        ("(1", 3, "missing"), ("1)", 2, "“)” does not belong"),
        ("1 2", 3, "“2” does not belong"), ("${a", 1, "“${a” is not understood"),
        ("${ a } = 1", 1, "is not understood"), ("'abc", 1, "is not understood"), ("//a", 1, "“//” does not"),
        ("if(1, 2)", 1, "another number of values"), ("true(1)", 1, "another number of values"),
        ("concat()", 1, "another number of values"), ("/data/", 7, "missing"), ("${a}/*", 6, "“*” does not"),
        ("1 and", 6, "missing"),
        ("and 1", 1, "“and” does not"), ("if(1 2, 3)", 6, "“2” does not"), ("not(1,)", 7, "does not"),
        ("regex(., ${a})", 1, "written out in quotes"), ("regex(., 1)", 1, "written out in quotes"),
        ("regex(., '(')", 1, "pattern of regex(), character 2"), ("1 = ＝ 2", 5, "“＝ 2” is not understood"),
        ("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1), DEEPEST + 2, "too deeply"),
        ("-" * 999 + "1", 42, "too deeply"), ("1" * (LONGEST + 1), LONGEST, "too long"),
        ("../text()", 8, "“(” does not"), ("current()", 10, "missing"), ("${a}[1", 7, "missing"),
        ("${a} | ${i}", 6, "“|” does not"),
    ],
)  # fmt: skip
def test_faults_are_named_with_their_place(expression: str, position: int, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(expression)
    assert caught.value.position == position
    assert reason in said(caught.value.reason)


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("1 + ${zz}", 5, "there is no question “zz”"), ("a = 1", 1, "an answer is named like ${a}"),
        ("b = 1", 1, "there is no “b”"), ("/data/b", 1, "there is no “b”"), ("../../a", 1, "leads out of the form"),
        (". = 1", 1, "only a constraint knows"), ("position()", 1, "position(..)"),
        ("position(1)", 1, "a name or a path"),
        ("sum(1)", 1, "a name or a path"), ("/data = 1", 1, "is a group"), ("/other/a", 1, "there is no “other”"),
        ("jr:choice-name(${a}, 'a')", 1, "an answer is named"), ("jr:choice-name(${a}, ${a})", 1, "in quotes"),
        ("jr:choice-name(${a}, '${')", 1, "not understood"), ("indexed-repeat(${a}, ${a}, 1)", 1, "is written"),
        ("indexed-repeat(1, ${a}, 1)", 1, "is written"), ("indexed-repeat(${a}, ${a}, 1, 2)", 1, "is written"),
    ],
)  # fmt: skip
def test_names_and_paths_that_lead_nowhere(expression: str, position: int, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        made(parse(expression))
    assert caught.value.position == position
    assert reason in said(caught.value.reason)


def test_what_looks_like_chance_comes_from_the_seed() -> None:
    found = [run("random()"), run("uuid()"), run("uuid(5)")]
    assert found == [run("random()"), run("uuid()"), run("uuid(5)")]
    assert isinstance(found[0], float)
    assert 0 <= found[0] < 1
    assert [len(str(one)) for one in found[1:]] == [36, 5]
    assert run("random()") != run(" random()")
    assert run("uuid(-1)") == run("uuid(99)") == ""


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
    assert made(long) == LONGEST // 2
    deep = "(1 or 1 and 1 = 1 < 1 + 1 * " * 40 + "1" + ")" * 40
    assert made(parse(deep)) is True


signs = st.sampled_from(
    ["1", "2.5", "''", "'a'", "${a}", "${i}", ".", "(", ")", ",", "+", "-", "*", " div ", " mod ", "=", "!=", "<", ">=",
     " and ", " or ", "not(", "if(", "round(", "selected(", "today()", "regex(", "${", "$", "foo(", "é", "’",
     "/data/a", "../m", "[", "]", "a", "current()/", "sum(", "position("]
)  # fmt: skip


def read(source: str) -> Node | Malformed:
    """The tree, or the fault."""
    try:
        return parse(source)
    except Malformed as fault:
        return fault


def worked_out(node: Node) -> Value | Malformed:
    """What it comes to, or the fault."""
    try:
        return made(node, here=True)
    except Malformed as fault:
        return fault


@given(st.lists(signs, max_size=14).map("".join))
def test_any_text_is_an_expression_or_is_refused(source: str) -> None:
    node = read(source)
    if isinstance(node, Malformed):
        assert 1 <= node.position <= len(source) + 1
        assert said(node.reason)
    else:
        found = worked_out(node)
        assert said(found.reason) if isinstance(found, Malformed) else isinstance(found, str | float | bool | date)


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(source: str) -> None:
    assert read(written(source))
