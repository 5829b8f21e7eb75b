"""A round that an officer plans in chat, one question after the other; each answer can be taken back.

What is known so far stands in the account's flow, as `plan:` and JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from handlers.surveys.rules.officers import LIST, lines, packed, sized, titled
from handlers.talk import Button, Message, Part, t
from storage.records import Questionnaire, Unit, Weighed

FLOW = "plan"
MOST_UNITS = 12
"""Units that are shown to tap; any can be typed."""
MOST_FORMS = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far. `picked`: all units wanted are there (none: the whole organ); `closes` "": not asked yet,
    "-": no closing time, else ISO."""

    form: int = 0
    name: str = ""
    units: tuple[int, ...] = ()
    picked: bool = False
    closes: str = ""

    @property
    def until(self) -> datetime | None:
        """When it is to close."""
        return datetime.fromisoformat(self.closes) if self.closes not in ("", "-") else None


def flow(draft: Draft) -> str:
    """The flow that holds it."""
    plain = [draft.form, draft.name, draft.units, draft.picked, draft.closes]
    return f"{FLOW}:{json.dumps(plain, ensure_ascii=False)}"


def draft_in(flow: str) -> Draft | None:
    """What the flow holds; None if it is another flow."""
    name, _, plain = flow.partition(":")
    if name != FLOW:
        return None
    form, called, units, picked, closes = json.loads(plain)
    return Draft(form, called, tuple(units), picked, closes)


def step_back(draft: Draft) -> Draft:
    """Without the answer given last."""
    if draft.closes:
        return replace(draft, closes="")
    if draft.picked:
        return replace(draft, picked=False)
    if draft.units or draft.name:
        return replace(draft, units=(), name="")
    return Draft()


def toggled(draft: Draft, unit_id: int) -> Draft:
    """With this unit, or without it if it was there."""
    if unit_id in draft.units:
        return replace(draft, units=tuple(one for one in draft.units if one != unit_id))
    return replace(draft, units=(*draft.units, unit_id))


def asks(
    draft: Draft,
    forms: Sequence[Questionnaire],
    units: Sequence[Unit],
    size: Weighed | None,
    before: Sequence[Part] = (),
) -> Message:
    """The next question; or, when all is known, what would be drawn up. `size`: how many that asks."""
    if not draft.form:
        return _which_form(forms, before)
    if not draft.name:
        told = t("What is the round to be called? People will see it. Please type it.")
        return Message((*before, told), (_BACK,))
    if not draft.picked:
        return _which_units(draft, units, before)
    if not draft.closes:
        told = t("Until when is it to be open? For example: 20 December, +3 days, tomorrow at 5pm, 2026-12-20 18:00.")
        return Message((*before, told), ((Button(t("No closing time"), "nc"),), _BACK))
    return _summary(draft, forms, units, size, before)


_BACK = (Button(t("Go back"), "nb"), Button(t("Leave"), "nx"))


def _which_form(forms: Sequence[Questionnaire], before: Sequence[Part]) -> Message:
    if not forms:
        told = t("There is no questionnaire yet: store one with `huiyin round new` or POST /questionnaires.")
        return Message((told,), ((LIST,),))
    rows = tuple((Button(titled(form), f"nq:{form.id}"),) for form in forms[:MOST_FORMS])
    return Message((*before, t("Which questionnaire is to be asked?")), (*rows, (Button(t("Leave"), "nx"),)))


def _which_units(draft: Draft, units: Sequence[Unit], before: Sequence[Part]) -> Message:
    chosen = [unit for unit in units if unit.id in draft.units]
    shown = [*chosen, *(unit for unit in units if unit not in chosen)][: max(MOST_UNITS, len(chosen))]
    told = t("Who is to be asked? Tap units, each with all below it, or type their names; or ask the whole organ.")
    rows = [
        (Button(f"{'☑' if unit in chosen else '☐'} {unit.name}", f"nu:{unit.id}"),)
        for unit in sorted(shown, key=lambda unit: unit.code)
    ]
    on = Button(t("Done"), "nd") if chosen else Button(t("The whole organ"), "nd")
    return Message((*before, told), (*rows, (on,), _BACK))


def _summary(
    draft: Draft, forms: Sequence[Questionnaire], units: Sequence[Unit], size: Weighed | None, before: Sequence[Part]
) -> Message:
    title = next((titled(form) for form in forms if form.id == draft.form), "")
    names = "、".join(unit.name for unit in units if unit.id in draft.units)
    until = draft.until
    end = t("Open until {time}", time=until) if until else t("Open until it is closed by hand")
    facts: list[Part] = [
        f"“{draft.name}”",
        t("Questionnaire: {title}", title=title),
        t("Asked: {who}", who=names or t("the whole organ")),
        *(sized(size) if size else ()),
        end,
    ]
    rows = ((Button(t("Draw it up as a draft"), f"ny:{packed(until) if until else 0}"),), _BACK)
    return Message((*before, t("Is this right?"), lines(*facts)), rows)


def order(draft: Draft, units: Sequence[Unit]) -> Mapping[str, Any]:
    """What the office is ordered: the fields of a plan."""
    return {
        "name": draft.name,
        "questionnaire_id": draft.form,
        "units": tuple(unit.code for unit in units if unit.id in draft.units),
        "closes": draft.until,
        "draft": True,
    }
