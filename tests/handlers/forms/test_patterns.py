import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.patterns import BadPattern, pattern
from tests.handlers.forms.reading import said


@pytest.mark.parametrize(
    ("source", "fitting", "unfitting"),
    [
        ("b", ["b"], ["abc", "", "bb"]),
        ("", [""], ["a"]),
        (r"^\d{17}[\dXx]$", ["11010519491231002X"], ["1101051949123100", "１１０１０５１９４９１２３１００２"]),
        (r"1[3-9]\d{9}", ["13800138000"], ["12800138000", "1380013800"]),
        ("[一-龥]{2,4}", ["王小明"], ["王", "wang", "一二三四五"]),
        (r"(?:ab|cd)+e?", ["ab", "abcde"], ["abc", "e"]),
        (r"[^0-9]*", ["", "汉字"], ["a1"]),
        (r"\w+\s\W", ["ab !"], ["汉 !", "ab c"]),
        (r"a.c", ["abc", "a汉c"], ["a\nc", "ac"]),
        (r"\S\D", ["xy"], ["x1", " y"]),
        (r"a{2,}", ["aa", "aaaa"], ["a"]),
        (r"a{3}b{0,1}?", ["aaa", "aaab"], ["aa"]),
        (r"[a\-z\]]+", ["a-]z"], ["b"]),
        (r"[-a]+", ["-a"], ["b"]),
        (r"[a-]+", ["-a"], ["b"]),
        (r"[\u4e00-\u9fa5\d]+", ["汉1"], ["a"]),
        (r"[]a]+", ["]a"], ["b"]),
        (r"\x41\.\t\\", ["A.\t\\"], ["A.t"]),
        (r"(a|b|)c", ["ac", "c"], ["abc"]),
        (r"x}y]", ["x}y]"], ["xy"]),
        (r"(){900}", [""], ["a"]),
        (r"a+?", ["a"], [""]),
    ],
)  # fmt: skip
def test_the_whole_text_must_match(source: str, fitting: list[str], unfitting: list[str]) -> None:
    machine = pattern(source)
    assert [text for text in fitting if not machine.fits(text)] == []
    assert [text for text in unfitting if machine.fits(text)] == []


@pytest.mark.parametrize(
    ("source", "position", "reason"),
    [
        ("(a", 3, "ends too early"), ("a)", 2, "no partner"), ("[a", 3, "ends too early"),
        ("*a", 2, "nothing to repeat"), ("a**", 3, "nothing to repeat"), ("a{2,1}", 7, "needs numbers"),
        ("a{", 3, "needs numbers"), ("a{x}", 3, "needs numbers"), ("a{1,x}", 3, "needs numbers"),
        ("a{9999}", 8, "needs numbers"), ("a^", 3, "at the start"), ("a$b", 3, "at the end"),
        ("(?=a)", 2, "look-ahead"), (r"\1", 3, "not understood"), (r"\b", 3, "not understood"),
        (r"\uZZZZ", 7, "not understood"), ("[z-a]", 5, "is empty"), ("[[a]]", 3, "not understood"),
        ("[a&&b]", 4, "not understood"), ("\\", 2, "ends too early"), ("(" * 40 + ")" * 40, 32, "too deeply"),
        ("(a{1000}){1000}", 1, "too large"), ("(a[b)]", 7, "ends too early"), ("a++", 3, "nothing to repeat"),
    ],
)  # fmt: skip
def test_what_cannot_be_matched_is_named_with_its_place(source: str, position: int, reason: str) -> None:
    with pytest.raises(BadPattern) as caught:
        pattern(source)
    assert caught.value.position == position
    assert reason in said(caught.value.reason)


@pytest.mark.parametrize("source", ["(a+)+b", "(a|a)*b", "(a*)*b", "(.*)*(.*)*b", "(a?){60}a{60}b"])
def test_no_pattern_runs_away(source: str) -> None:
    began = time.process_time()
    assert not pattern(source).fits("a" * 2000)
    assert time.process_time() - began < 10


simple = st.recursive(
    st.sampled_from(["a", "b", ".", r"\d", "[ab]", "[^a]", "1"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=5,
)


@given(simple, st.text("ab1\n", max_size=6))
def test_it_matches_what_python_matches(source: str, text: str) -> None:
    assert pattern(source).fits(text) == bool(re.fullmatch(source, text, re.ASCII))


@given(st.text("ab01()[]{}|*+?.^$\\-,d&", max_size=14), st.text("ab01", max_size=6))
def test_any_pattern_is_matched_or_refused(source: str, text: str) -> None:
    with suppress(BadPattern):
        assert pattern(source).fits(text) in (True, False)
