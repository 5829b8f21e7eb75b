"""Random walks through a form on both sides, and what is left of one that goes apart."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.rosa.expressions import DAYS, WORDS
from tests.rosa.form import Rows
from tests.rosa.sides import Event, StepIn, Walk

MOST_STEPS = 60

WRONG: Mapping[str, tuple[Any, ...]] = {
    "integer": ("3.5", "many", "1e3", ["a"]),
    "decimal": ("x", "1,5", "--1", ["a"]),
    "range": (0.25, 100, -1, "x"),
    "date": ("2026-02-30", "26-01-01", "tomorrow", 7),
    "time": ("24:00", "9:5", "noon"),
    "dateTime": ("2026-01-01", "2026-01-01T25:00", "now"),
    "acknowledge": ("no", "yes"),
    "select_one": ("nobody", ["a"], 77),
    "select_multiple": (["nobody"], ["a", "nobody"]),
    "rank": (["a"], ["a", "a", "a"], ["nobody"]),
}


class Walker:
    """Says what to do next, from what was said last."""

    def __init__(self, dice: Random, rows: Rows) -> None:
        self.dice = dice
        self.ranges = {row["name"]: row["parameters"] for row in rows["survey"] if row["type"] == "range"}
        self.tongues = ("en", "zh") if any("::" in column for row in rows["survey"] for column in row) else ()
        self.steps = 0
        self.patience = dice.randint(5, MOST_STEPS)

    def next(self, event: Event) -> StepIn | None:
        """The next step; None at the end."""
        self.steps += 1
        if "done" in event or self.steps > MOST_STEPS + 30:
            return None
        roll = self.dice.random()
        if self.tongues and roll < 0.05:
            return {"language": self.dice.choice(self.tongues)}
        if roll < 0.07:
            return self.dice.choice(
                ({"submit": True}, {"again": True}, {"answer": "x"}, {"skip": True}, {"back": True})
            )
        tired = self.steps > self.patience
        if "review" in event:
            return {"back": True} if not tired and roll < 0.5 else {"submit": True}
        if "repeat" in event:
            if roll < 0.2 and not tired:
                return {"back": True}
            return {"again": not tired and roll < 0.6 and event["repeat"]["count"] < 4}
        if roll < 0.2 and not tired:
            return {"back": True}
        if roll < 0.28:
            return {"answer": self.dice.choice((None, "", None))}
        if roll < 0.36:
            return {"skip": True}
        ask = event["ask"]
        if roll < 0.45 and ask["type"] in WRONG:
            return {"answer": self.dice.choice(WRONG[ask["type"]])}
        return {"answer": self.fitting(ask)}

    def fitting(self, ask: Event) -> Any:
        """An answer of the right form, if there is any."""
        dice, names = self.dice, [choice["name"] for choice in ask.get("choices", ())]
        match ask["type"]:
            case "integer":
                return dice.choice((0, 1, 2, 3, 4, 5, 7, 12, 30, -1, "6", "-2"))
            case "decimal":
                return dice.choice((0, 0.5, 1.25, 2, 3.5, 10.75, -1.5, "2.50"))
            case "range":
                start, end, step = (float(pair.split("=")[1]) for pair in self.ranges[ask["name"]].split())
                value = start + step * dice.randint(0, int((end - start) / step))
                return int(value) if value.is_integer() else value
            case "text":
                return dice.choice(WORDS)
            case "date":
                return dice.choice(DAYS)
            case "time":
                return dice.choice(("00:00", "09:05", "23:59"))
            case "dateTime":
                return f"{dice.choice(DAYS)}T{dice.choice(('00:00', '09:05', '23:59'))}"
            case "acknowledge":
                return "OK"
            case "select_one":
                return dice.choice(names) if names else None
            case "select_multiple":
                return dice.sample(names, dice.randint(1, len(names))) if names else None
        return dice.sample(names, len(names))


@dataclass
class Apart:
    """Where the two sides went apart: after these steps, ours and JavaRosa's."""

    rows: Rows
    steps: list[StepIn]
    ours: Any
    theirs: Any

    def signs(self) -> list[list[str]]:
        """What kinds of events there are on both sides."""
        return [[next(iter(event)) for event in side] for side in (self.ours, self.theirs)]

    def __str__(self) -> str:
        return json.dumps({"form": self.rows, "steps": self.steps}, ensure_ascii=False, indent=1) + (
            f"\nours:   {json.dumps(self.ours, ensure_ascii=False)}"
            f"\ntheirs: {json.dumps(self.theirs, ensure_ascii=False)}"
        )


def compared(rows: Rows, ours: Walk, theirs: Walk) -> Apart | None:
    """The first place where two walks of the same steps differ."""
    for number, (one, other) in enumerate(zip(ours.said, theirs.said, strict=True)):
        if one != other:
            return Apart(rows, ours.steps[:number], one, other)
    return None


# Less of it ----------------------------------------------------------------------------------------------


def smaller(apart: Apart, still: Callable[[Rows, list[StepIn]], Apart | None]) -> Apart:
    """The same fault with as few rows, cells and steps as greed finds: the same kinds of events go apart."""
    going = True
    while going:
        going = False
        for rows, steps in _smaller(apart.rows, apart.steps):
            if (found := still(rows, steps)) and found.signs() == apart.signs():
                apart, going = found, True
                break
    return apart


def _smaller(rows: Rows, steps: list[StepIn]) -> Iterator[tuple[Rows, list[StepIn]]]:
    for size in (8, 4, 2, 1):
        for at in range(0, len(steps), size):
            yield rows, steps[:at] + steps[at + size :]
    survey = rows["survey"]
    for at in range(len(survey)):
        end = _end(survey, at)
        if end is not None:
            yield {**rows, "survey": survey[:at] + survey[end + 1 :]}, steps
            yield {**rows, "survey": survey[:at] + survey[at + 1 : end] + survey[end + 1 :]}, steps
    for name in ("survey", "choices"):
        some = rows[name]
        for at, row in enumerate(some):
            for column in row:
                if column not in ("type", "name", "list_name", "label") and "::" not in column:
                    yield (
                        {**rows, name: [*some[:at], {k: v for k, v in row.items() if k != column}, *some[at + 1 :]]},
                        steps,
                    )
    for at in range(len(rows["choices"])):
        yield {**rows, "choices": rows["choices"][:at] + rows["choices"][at + 1 :]}, steps


def _end(survey: list[dict[str, str]], at: int) -> int | None:
    """Where the block that begins at this row ends; None if it is an end itself."""
    if survey[at]["type"].startswith("end "):
        return None
    depth = 0
    for place in range(at, len(survey)):
        depth += survey[place]["type"].startswith("begin ") - survey[place]["type"].startswith("end ")
        if depth == 0:
            return place
    return None
