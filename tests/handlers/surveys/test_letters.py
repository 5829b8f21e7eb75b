"""HR's own letter at the head of an invitation."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.surveys.rules import letters
from handlers.talk import Message, pack, unpack
from storage.records import Round, RoundState
from tests.handlers.surveys.paper import WORDS

CLOSES = datetime(2026, 12, 20, 10, tzinfo=UTC)


def said(letter: str, language: str = "en") -> str:
    """The letter as somebody gets it, after it was stored."""
    round = Round(1, "四季度", 1, RoundState.PLANNED, closes=CLOSES, letter=letter)
    told = unpack(pack(Message(letters.filled(round, "王一", "执法{unit}队"))))
    assert isinstance(told, Message)
    return "\n".join(WORDS.word(part, language) for part in told.parts)


def wrong(letter: str, anonymous: bool = False, has_end: bool = True) -> list[str]:
    found = letters.problems(letter, anonymous, has_end)
    return [WORDS.word(one, "en") for one in found]


def test_fields_are_filled_in() -> None:
    assert said("{name}同志（{ unit }）：请在{closes}前填{round}。") == (
        "王一同志（执法{unit}队）：请在20 Dec 2026, 18:00前填四季度。"
    )
    assert "2026年12月20日 18:00" in said("{closes}", "zh_CN")
    assert said("各位同志：") == "各位同志："
    assert said("  ") == ""


def test_fields_that_are_not_known_are_named() -> None:
    assert wrong("{nmae}，{salary}") == [
        "The letter has no field {nmae}: there are {name}, {unit}, {round}, {closes}. Correct it.",
        "The letter has no field {salary}: there are {name}, {unit}, {round}, {closes}. Correct it.",
    ]
    assert "no field {}" in wrong("{}")[0]
    assert wrong("{name.__class__}") != []
    assert wrong("{name!r}") != []


def test_an_anonymous_round_has_no_fields() -> None:
    for letter in ("{round}", "{name}", "{nmae}", "{closes}"):
        (one,) = wrong(letter, anonymous=True)
        assert "anonymous" in one
    assert wrong("各位：", anonymous=True) == []


def test_a_closing_time_must_be_there_and_the_letter_not_too_long() -> None:
    assert wrong("{closes}", has_end=False) != []
    assert wrong("{name}" * 10, has_end=False) == []
    assert "shorten it" in wrong("x" * 2001)[0]


@pytest.mark.parametrize(("letter", "own"), [("{name}", True), ("{ unit }", True), ("{round}{closes}", False)])
def test_what_makes_a_letter_personal(letter: str, own: bool) -> None:
    assert letters.is_personal(letter) is own


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "{name}", "{round}", "{closes}", "a", "%s", "{0}", "\n"])))
def test_whatever_braces_it_has_a_letter_that_passes_is_said_as_it_stands(pieces: list[str]) -> None:
    letter = "".join(pieces).strip()
    if letters.problems(letter, False, True):
        return
    wanted = letter.replace("{name}", "王一").replace("{round}", "四季度")
    assert said(letter) == wanted.replace("{closes}", "20 Dec 2026, 18:00")
