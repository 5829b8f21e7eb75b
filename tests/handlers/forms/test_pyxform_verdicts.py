"""`form check` asks what pyxform converts and refuses what it refuses, but for the differences listed here.

A difference is told by the sentence with which one of the two refuses. Each has its reason, which docs/forms.md
gives in the same words, and each must occur.
"""

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from handlers.forms import xlsform
from handlers.refusals import BadInput
from handlers.talk import Text
from tests.handlers.forms import verdicts

STRICTER = {
    "Expressions are read when the form is checked; pyxform leaves that to a second program.": (
        *("character {place}: {reason}", "the conditions depend on one another in a circle: {names}"),
    ),
    "What cannot be asked in a chat is refused: places, recordings, device data, external files and servers, entities, "
    "loops, choices out of earlier answers, answers of an earlier time.": (
        *("“{type}” is known to ODK, but it cannot be asked here yet", "“{name}” is a group, not a question"),
        "this column is known to ODK, but it cannot be used here yet",
        *(
            "answers of an earlier time cannot be asked for here",
            "the function {function}() looks into other files, which cannot be done here",
        ),
    ),
    "A default must be an answer to its question, and a file cannot be one.": (
        *("“{value}” is no answer to this question", "a question of the type “{type}” takes no default"),
    ),
    "A cell that would do nothing is refused: a parameter of another type, a filter without choices, a count without a "
    "repeat, a group that is required, a trigger that nobody answers.": (
        *("a question of the type “{type}” has no parameter “{name}”", "there are no choices to filter"),
        *("only a repeat can have a count; this is a group", "only a repeat can have a count; this is a question"),
        "this has no meaning for a group; put it on its questions",
        "“{name}” is not asked, so its answer never changes",
        "write “yes” here only for a select_one whose choices are named 1, 2, 3 and so on",
    ),
    "A form must ask something, and so must a repeat.": ("there is no question", "nothing is asked in this repeat"),
    "A note cannot be required: nobody could hand the form in.": ("a note is only shown, so it cannot be required",),
    "What people read must be there in words: a question with a picture alone has no name in the review, and a choice "
    "without a label would show its code.": ("the label is missing",),
    "A column that is nearly one we know is taken for a slip; so is a column or a choice that stands there twice, a "
    "row of choices without its list, and a default language that no column has.": (
        *("this column is not known. Did you mean “{column}”?", "the column “{column}” says the same already"),
        *("the choice “{name}” is in this list already", "the name of the list is missing"),
        "no column is in this language",
    ),
    "Names head columns of results and stand in links: at most 64 characters, and 100 for a choice; no colon.": (
        "“{name}” cannot be a name: a letter first, then letters, digits, “_”, “-” and “.”",
        "a name has at most {most} characters",
    ),
    "`rows` and `max-pixels` are above 0.": ("“{name}” must be a whole number above 0",),
    "A range runs upwards.": ("the end of the range is below its start", "“{name}” must be a number above 0"),
    "To put in order there must be two choices, none of them “other”, and none with a space in its name.": (
        *("one choice alone cannot be put in order", "what is put in order cannot have or_other"),
        "“{name}” has a space, which no name in a select_multiple can have",
    ),
    "A picture is named by its file name alone.": ("a picture is named by its file name alone, like {example}",),
    "Groups may stand in groups 20 deep.": ("groups are nested too deeply",),
    "Settings stand on their own sheet.": ("“{type}” belongs on the sheet settings",),
    "An answer is named like ${name}, even where pyxform overlooks that the name is missing.": (
        *("an answer is named like {example}", "a trigger is written like {example}"),
    ),
}
"""By reason: our sentences with which a form is refused that pyxform takes."""

KINDER = {
    "Capitals do not matter in a type.": (
        *(r"Unknown question type '[A-Z]", r"Unknown question type '.*[A-Z]", r"Unmatched 'end_"),
    ),
    "A note needs no name, however its type is written.": (r"Question or group with no name",),
    "Where a question and a group have the same name, `${name}` is the question.": (r"must be unique anywhere",),
    "What stands below an empty header is the author's own.": (r"Invalid headers provided",),
    "A question may be called like a repeat with `_count` behind it.": (
        *(r"value '[\w.-]+_count' is invalid", r"multiple survey elements named '[\w.-]+_count'"),
    ),
    "`synonyms`, columns of the author's own and the form's title may stand once a language.": (
        r"has no attribute 'nodeType'",
    ),
    "A setting without effect is not checked.": (r"On the 'settings' sheet, the 'name' value is invalid",),
}
"""By reason: what pyxform says of a form that we take."""


def test_verdicts_are_pyxforms() -> None:
    odd = [found for form in dict.fromkeys(verdicts.forms()) if (found := unlisted(form))]
    assert odd == []


def test_there_are_enough_forms_of_both_kinds() -> None:
    forms = list(dict.fromkeys(verdicts.forms()))
    taken = sum(pyxform(form) is None for form in forms)
    assert len(forms) > 1500
    assert taken > 300
    assert len(forms) - taken > 300


@pytest.mark.parametrize("reason", STRICTER)
def test_each_stricter_sentence_occurs(reason: str) -> None:
    refused = {sentence for form in dict.fromkeys(verdicts.forms()) if not pyxform(form) for sentence in ours(form)}
    assert set(STRICTER[reason]) <= refused


@pytest.mark.parametrize("reason", KINDER)
def test_each_kinder_reason_occurs(reason: str) -> None:
    refused = [pyxform(form) or "" for form in dict.fromkeys(verdicts.forms()) if not ours(form)]
    assert any(re.search(said, one) for said in KINDER[reason] for one in refused)


def test_the_differences_are_documented() -> None:
    written = " ".join((Path(__file__).parents[3] / "docs" / "forms.md").read_text(encoding="utf-8").split())
    assert [reason for reason in (*STRICTER, *KINDER) if reason not in written] == []


@pytest.mark.parametrize("seed", range(300))
def test_verdicts_on_damaged_forms(seed: int) -> None:
    assert unlisted(damaged(random.Random(seed))) is None


# Both verdicts -------------------------------------------------------------------------------------------------


@cache
def ours(form: str) -> tuple[str, ...]:
    """The sentences with which we refuse it; none if we take it."""
    try:
        xlsform.read(form.encode(), "form.md")
    except BadInput as bad:
        return tuple(_innermost(problem) for problem in bad.problems) or (bad.text.message,)
    return ()


def _innermost(said: Text) -> str:
    """Without where it is, and without what may have been meant."""
    problem = said.args["problem"]
    while isinstance(problem, Text) and problem.message.startswith("{problem}"):
        problem = problem.args["problem"]
    assert isinstance(problem, Text)
    return problem.message


@cache
def pyxform(form: str) -> str | None:
    """What pyxform says against it, be it a fault of its own; None if it takes it."""
    try:
        convert(form, validate=False)
    except (PyXFormError, AttributeError, ArithmeticError) as refused:
        return str(refused)
    return None


def unlisted(form: str) -> tuple[str, object] | None:
    """The form, if the verdicts differ for no reason that is listed."""
    stricter = {sentence for sentences in STRICTER.values() for sentence in sentences}
    kinder = [said for sentences in KINDER.values() for said in sentences]
    here, there = ours(form), pyxform(form)
    if bool(here) == bool(there):
        return None
    if here:
        return None if stricter.issuperset(here) else (form, here)
    return None if any(re.search(said, there or "") for said in kinder) else (form, there)


# Damage --------------------------------------------------------------------------------------------------------

GOOD = (Path(__file__).parents[2] / "samples" / "forms" / "everything.md").read_text(encoding="utf-8")


def damaged(draw: random.Random) -> str:
    """A good form with one to three faults in it."""
    rows = [line.split(" | ") for line in GOOD.splitlines()]
    for _ in range(draw.randint(1, 3)):
        draw.choice((_drop, _drop, _break, _swap, _repeat, _lose))(draw, rows)
    return "\n".join(" | ".join(row) for row in rows) + "\n"


def _cell(draw: random.Random, rows: list[list[str]]) -> tuple[list[str], int]:
    row = draw.choice([row for row in rows if sum(map(bool, map(str.strip, row))) > 2])
    return row, draw.choice([at for at, cell in enumerate(row) if 0 < at < len(row) - 1 and cell.strip()])


def _drop(draw: random.Random, rows: list[list[str]]) -> None:
    row, at = _cell(draw, rows)
    row[at] = ""


def _break(draw: random.Random, rows: list[list[str]]) -> None:
    """A character more or less."""
    row, at = _cell(draw, rows)
    cell = row[at]
    place = draw.randrange(len(cell))
    row[at] = cell[:place] + draw.choice(("", "(", ")", "'", "$", "{", "}", "x", " ", "=")) + cell[place + 1 :]


def _swap(draw: random.Random, rows: list[list[str]]) -> None:
    """Two cells of one column change places."""
    row, at = _cell(draw, rows)
    other = draw.choice([other for other in rows if len(other) > at + 1])
    row[at], other[at] = other[at], row[at]


def _repeat(draw: random.Random, rows: list[list[str]]) -> None:
    at = draw.randrange(len(rows))
    rows.insert(at, list(rows[at]))


def _lose(draw: random.Random, rows: list[list[str]]) -> None:
    del rows[draw.randrange(1, len(rows))]


def test_the_good_form_is_good() -> None:
    assert ours(GOOD) == ()
    assert pyxform(GOOD) is None


def test_damage_is_found_and_missed_by_both() -> None:
    """The damaged forms are no mere rubbish: some are still good."""
    found: Iterator[bool] = (bool(pyxform(damaged(random.Random(seed)))) for seed in range(300))
    assert 30 < sum(found) < 270
