"""`form talk`: a form asked in this terminal, for its author; or by JSON lines, for programs."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from handlers.forms.script import Talk

Say = Callable[[str], None]

MOVES: Mapping[str, Mapping[str, Any]] = {
    "/back": {"back": True},
    "/skip": {"skip": True},
    "/submit": {"submit": True},
}
"""What an author types instead of an answer."""


def by_script(talk: Talk, lines: Iterable[str], say: Say) -> bool:
    """JSON lines in, JSON lines out; whether the form was handed in. Raises BadInput on a line that is none."""
    for told in talk.begin():
        say(_line(told))
    for line in lines:
        if talk.done:
            break
        if line.strip():
            for told in talk.hear(line):
                say(_line(told))
    if not talk.done:
        say(_line(talk.open()))
    return talk.done


def by_hand(talk: Talk, lines: Iterable[str], say: Say) -> bool:
    """Words in, words out; whether the form was handed in."""
    for told in talk.begin():
        say(_words(told))
    for line in lines:
        move = MOVES.get(line.strip(), {"say": line.rstrip("\n")})
        for told in talk.hear(json.dumps(move)):
            say(_words(told))
        if talk.done:
            break
    return talk.done


def _line(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _words(told: Mapping[str, Any]) -> str:
    """One event for a person to read."""
    match told:
        case {"ask": ask}:
            choices = [f"  {number}. {one['label']}" for number, one in enumerate(ask.get("choices", ()), 1)]
            return "\n".join(["", ask["label"], *filter(None, [ask["hint"]]), *choices])
        case {"note": {"label": label}} | {"refused": {"message": label}}:
            return f"\n{label}"
        case {"review": answers}:
            return f"\n{json.dumps(answers, ensure_ascii=False, indent=2)}\n{' · '.join(MOVES)}"
        case _:
            return f"\n{json.dumps(told, ensure_ascii=False, indent=2)}"
