"""The numbers here were observed with JavaRosa 5.1.0."""

from datetime import date
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms import values
from handlers.forms.functions import FUNCTIONS
from handlers.forms.values import Value, number

anything = st.one_of(st.text(max_size=20), st.floats(), st.booleans(), st.dates())


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", False), ("false", True), ("0", True), (0.0, False), (nan, False), (-1.0, True), (False, False), (True, True)],
)
def test_truth(value: Value, expected: bool) -> None:
    assert values.truth(value) is expected


def test_a_day_is_true() -> None:
    assert values.truth(date(1970, 1, 1)) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12), (" 12 ", 12), ("-3.5", -3.5), ("2,5", 2.5), (".5", 0.5), ("5.", 5), (True, 1), (False, 0),
        (date(1970, 1, 3), 2), ("0" * 401, nan), ("", nan), ("+5", nan), ("1e3", nan), ("abc", nan), ("１２", nan),
    ],
)  # fmt: skip
def test_number(text: Value, expected: float) -> None:
    found = values.number(text)
    assert found == expected or (isnan(found) and isnan(expected))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.0, "2"), (2.5, "2.5"), (nan, "NaN"), (inf, "Infinity"), (-inf, "-Infinity"), (True, "true"),
        (False, "false"), (date(2024, 5, 17), "2024-05-17"), ("as it is", "as it is"), (1e-7, "0.0000001"),
        (-0.0, "0"), (1e22, "1" + "0" * 22),
    ],
)  # fmt: skip
def test_text(value: Value, expected: str) -> None:
    assert values.text(value) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1", 1.0, True), ("01", 1.0, True), ("1.0", "1", False), (True, "x", True), ("", False, True),
        (0.1 + 0.2, 0.3, True), (nan, nan, False), ("", 0.0, False), (date(2024, 5, 17), "2024-05-17", True),
        (inf, inf, True), (date(1970, 1, 2), 1.0, True),
    ],
)  # fmt: skip
def test_equal(left: Value, right: Value, expected: bool) -> None:
    assert values.equal(left, right) is expected


def test_division_and_remainder() -> None:
    assert values.divided(1, 4) == 0.25
    assert values.divided(-1, 0) == -inf
    assert isnan(values.divided(0, 0))
    assert values.remainder(-7, 3) == -1
    assert values.remainder(5.5, 2) == 1.5
    assert isnan(values.remainder(5, 0))
    assert isnan(values.remainder(inf, 2))


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [(2.5, 0, 3), (-2.5, 0, -2), (-0.5, 0, 0), (1.005, 2, 1.01), (7.25, 1, 7.3), (33.33, -1, 30), (1e300, 5, 1e300),
     (1.5, inf, 1.5), (7.0, -inf, 0), (inf, 1, inf)],
)  # fmt: skip
def test_rounding(value: float, places: float, expected: float) -> None:
    assert values.rounded(value, float(places)) == expected


def test_rounding_to_no_number_of_places() -> None:
    assert isnan(values.rounded(inf, nan))
    assert isnan(values.rounded(2.0, nan))
    assert isnan(values.rounded("", 2.0))


def test_functions() -> None:
    call = {name: function.call for name, function in FUNCTIONS.items()}
    assert call["int"](-2.7) == -2
    assert call["int"](inf) == inf
    assert call["coalesce"](0.0, 1.0) == 0
    assert call["coalesce"]("", 1.0) == 1
    assert call["coalesce"](nan, "b") == "b"
    assert call["date"](19860.0) == date(2024, 5, 17)
    assert call["date"]("2024-05-17") == date(2024, 5, 17)
    assert call["date"](date(2024, 5, 17)) == date(2024, 5, 17)
    assert call["date"]("2024-02-30") == ""
    assert call["date"]("tomorrow") == ""
    assert call["date"](1e9) == ""
    assert call["string-length"]("汉字") == 2
    assert call["string-length"]("😀") == 2
    assert call["selected"]("a bc", "b") is False
    assert call["selected"]("a bc", "bc") is True
    assert call["selected"]("", "") is False
    assert call["count-selected"]("") == 0
    assert call["count-selected"]("a b") == 2
    assert call["concat"]("x", True, 2.0, date(2024, 5, 17)) == "xtrue22024-05-17"
    assert call["contains"]("满意度", "满意") is True
    assert call["starts-with"]("满意度", "度") is False
    assert call["min"]("", 3.0, "2") == 2
    assert call["max"](-3.0, -2.0) == -2
    assert isnan(number(call["max"]("", "x")))
    assert call["not"]("") is True
    assert call["true"]() is True
    assert call["false"]() is False


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(anything, min_size=3, max_size=3))
def test_no_function_raises(name: str, given: list[Value]) -> None:
    function = FUNCTIONS[name]
    count = min(3, function.most if function.most is not None else 3)
    result = function.call(*given[: max(count, function.least)])
    assert isinstance(result, str | float | bool | date)


@given(anything, anything)
def test_no_operator_raises(left: Value, right: Value) -> None:
    a, b = values.number(left), values.number(right)
    assert isinstance(values.divided(a, b), float)
    assert isinstance(values.remainder(a, b), float)
    assert values.equal(left, right) is values.equal(right, left)
    assert values.number(values.text(a)) == a or isnan(a) or abs(a) == inf
