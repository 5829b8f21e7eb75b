"""Faults of expressions and labels, found before anybody is asked."""

from collections.abc import Sequence

import pytest

from handlers.forms.faults import faults
from handlers.forms.form import Choice, Item
from handlers.talk import Label
from tests.handlers.forms.made import form, group, items, q, repeat
from tests.handlers.forms.reading import said


def found(*made: Item) -> list[tuple[str, str, str]]:
    """Each fault: the item's name, the field, the words."""
    return [(fault.item.name, fault.field, said(fault.text)) for fault in faults(items(*made))]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([q("text", "a", relevant="1 +")], [("a", "relevant", "character 4: something is missing at the end")]),
        ([q("text", "a", constraint="${b} > .")], [("a", "constraint", "character 1: there is no question “b”")]),
        ([q("text", "a", required="pulldata('x')")], [("a", "required", "character 1: the function pulldata() looks")]),
        ([q("text", "a", default="${a} + ${c}", dynamic=True)], [("a", "default", "character 8: there is no")]),
        ([q("text", "a", default="${", dynamic=False)], []),
        ([q("text", "a", read_only=".")], [("a", "read_only", "character 1: “.” is the answer being checked")]),
        ([q("select_one", "a", choices="x", seed="${b}")], [("a", "seed", "character 1: there is no question “b”")]),
        ([q("select_one", "a", choices="x", choice_filter="above = 1")],
         [("a", "choice_filter", "character 1: the choices have no column “above”")]),
        ([q("text", "a", "Hi ${b} ${c}")], [("a", "label", "there is no question “b”")]),
        ([q("text", "a", "Hi ${b c}")], [("a", "label", "an answer is named like ${name}")]),
        ([q("text", "a", hint=Label({"": "${b}"}))], [("a", "hint", "there is no question “b”")]),
        ([q("text", "a", trigger=("b",))], [("a", "trigger", "there is no question “b”")]),
        ([group("g", q("text", "a"), relevant="${a} = 1")], [("g", "relevant", "the conditions depend")]),
        ([repeat("r", q("integer", "n"), count="${n}")], [("r", "count", "character 1: “n” has an answer in each")]),
        ([repeat("r", q("integer", "n"), count="sum(${n})")], [("r", "count", "the conditions depend")]),
        ([repeat("r", q("integer", "n")), q("text", "a", "${n}")], [("a", "label", "“n” has an answer in each entry")]),
        ([repeat("r", q("integer", "n")), q("text", "a", relevant="${r} = 1")],
         [("a", "relevant", "character 1: “r” is a group")]),
        ([q("text", "a", relevant="${a} = 1")], [("a", "relevant", "the conditions depend on one another")]),
        ([q("text", "a", calculation="${b}"), q("text", "b", relevant="${a} = 1")],
         [("a", "calculation", "the conditions depend on one another in a circle: a → b → a")]),
        ([q("text", "a", calculation="${a} + 1", trigger=("b",)), q("text", "b")], []),
        ([q("text", "a", constraint="${a} > 1", required="${a} = 1")], []),
        ([q("text", "a"), group("g", q("text", "a")), q("text", "b", relevant="${a}")],
         [("b", "relevant", "character 1: several questions are called “a”")]),
    ],
)  # fmt: skip
def test_faults(made: Sequence[Item], expected: list[tuple[str, str, str]]) -> None:
    told = found(*made)
    assert [(name, field) for name, field, _ in told] == [(name, field) for name, field, _ in expected]
    for (_, _, words), (_, _, beginning) in zip(told, expected, strict=True):
        assert words.startswith(beginning)


def test_a_fault_in_the_label_of_a_choice_tells_which() -> None:
    bad = Choice("x", Label({"": "${b}"}))
    (fault,) = faults(items(q("select_one", "a", offered=(Choice("y", Label({"": "Y"})), bad))))
    assert (fault.field, fault.choice) == ("label", bad)


def test_a_form_without_faults_is_what_can_be_walked() -> None:
    good = form(
        q("integer", "n"), repeat("r", q("integer", "m", constraint=". > ${n}"), count="${n} + 1"),
        q("calculate", "c", calculation="sum(${m})"), q("text", "z", "${c} of ${n}", relevant="${c} > 3"),
    )  # fmt: skip
    assert list(faults(good.items)) == []
