"""A person's sheet in a named round: the walk, the account it goes on at, and what counts.

`Sheet.state` is `{"walk": the walk's state, "account": id, "page": of the review}`; after "change my
answers" also `"handed"`: the walk as it was handed in. That one counts, for HR too, until the person
hands in again.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.forms.form import Form
from handlers.forms.kind import kinds
from handlers.forms.walk import answers
from handlers.surveys.rules.matrices import general, numbered
from handlers.surveys.rules.rounds import receipt
from storage.records import Sheet

PAGE = 0
"""Stands for the account where somebody answers on a page."""


def is_preview(sheet: Sheet) -> bool:
    """Does HR only try how the round will be?"""
    return "preview" in sheet.state


def tried(sheet: Sheet) -> Sheet:
    """The new sheet, for a preview."""
    return replace(sheet, state={**sheet.state, "preview": True})


def begun(round_id: int, person_id: int, walk: Mapping[str, Any], account_id: int) -> Sheet:
    """A new sheet, its first question put on this account."""
    return Sheet(round_id, person_id, {"walk": walk, "account": account_id, "page": 0})


def moved(sheet: Sheet, walk: Mapping[str, Any], account_id: int, page: int) -> Sheet:
    """The sheet after a step, the next thing put on this account; `page`: where the review will open."""
    return replace(sheet, state={**sheet.state, "walk": walk, "account": account_id, "page": page})


def handed_in(sheet: Sheet, walk: Mapping[str, Any], now: datetime, entered_by: str = "") -> Sheet:
    """The sheet, handed in now with the walk's last state, still to be walked on; the first receipt stays.

    `entered_by`: the clerk, where it is a form on paper.
    """
    state = {key: value for key, value in sheet.state.items() if key != "handed"}
    state["walk"] = {key: value for key, value in walk.items() if key != "done"}
    return replace(
        sheet,
        state=state,
        handed_in=now,
        receipt=sheet.receipt or receipt(sheet.round_id, sheet.person_id, now),
        entered_by=entered_by,
    )


def reopened(sheet: Sheet) -> Sheet:
    """The handed-in sheet, to be changed; what was handed in is kept beside."""
    return replace(sheet, state={**sheet.state, "handed": walk_of(sheet)})


def reworked(there: Sheet, anew: Sheet) -> Sheet:
    """The sheet that is there with other answers: its receipt stays."""
    return replace(anew, receipt=there.receipt)


def is_final(sheet: Sheet) -> bool:
    """Handed in and not being changed."""
    return sheet.handed_in is not None and "handed" not in sheet.state


def walk_of(sheet: Sheet) -> Mapping[str, Any]:
    """The walk as it stands."""
    walk: Mapping[str, Any] = sheet.state["walk"]
    return walk


def counted(sheet: Sheet) -> Mapping[str, Any]:
    """The walk whose answers count: as last handed in, else as it stands."""
    walk: Mapping[str, Any] = sheet.state.get("handed", sheet.state["walk"])
    return walk


def answered(form: Form, sheet: Sheet) -> int:
    """How many answers there are that count; what the form works out or notes by itself is none."""
    asked = {question.path for question in form.questions() if kinds()[question.type].asked}
    return sum(general(path) in asked for path in answers(form, counted(sheet), sheet.handed_in))


def silent(form: Form) -> list[str]:
    """The paths of what is on a sheet and is no answer, as patterns of LIKE."""
    unasked = (question.path for question in form.questions() if not kinds()[question.type].asked)
    return [re.sub(r"([\\%_])", r"\\\1", numbered(form, path, "[]")).replace("[]", "[%]") for path in unasked]


def account_of(sheet: Sheet) -> int:
    """The account on which the present question was put."""
    return int(sheet.state["account"])


def page_of(sheet: Sheet) -> int:
    """The page of the review to come back to."""
    return int(sheet.state["page"])
