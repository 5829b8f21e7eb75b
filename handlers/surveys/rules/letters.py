"""HR's own letter at the head of an invitation, with named fields: `{name}`, `{unit}`, `{round}`, `{closes}`."""

import re
from collections.abc import Mapping

from handlers.talk import Arg, Part, Text, t
from storage.records import Round

FIELDS = ("name", "unit", "round", "closes")
PERSONAL = frozenset(("name", "unit"))
"""Fields that are another for each person."""
LONGEST = 2000
"""Characters of a letter: about a page, and on every channel one or two messages."""

_FIELD = re.compile(r"\{([^{}\n]{0,40})\}")


def problems(letter: str, anonymous: bool, has_end: bool) -> list[Text]:
    """What is wrong with a letter; `has_end`: its round has a closing time."""
    found: list[Text] = []
    named = dict.fromkeys(name.strip() for name in _FIELD.findall(letter))
    if anonymous and named:
        found.append(t("A letter in an anonymous round is the same for everybody: take the fields in braces out."))
    for name in [] if anonymous else named:
        if name not in FIELDS:
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            found.append(
                t("The letter has no field {field}: there are {known}. Correct it.", field=f"{{{name}}}", known=known)
            )
    if "closes" in named and not anonymous and not has_end:
        found.append(t("The letter names {field}, but the round has no closing time: give one.", field="{closes}"))
    if len(letter) > LONGEST:
        found.append(t("The letter is longer than {count} characters: shorten it.", count=LONGEST))
    return found


def is_personal(letter: str) -> bool:
    """Does everybody get a letter of their own?"""
    return any(name.strip() in PERSONAL for name in _FIELD.findall(letter))


def filled(round: Round, name: str = "", unit: str = "") -> tuple[Part, ...]:
    """The letter as somebody gets it; nothing where the round has none. The time is told as the reader tells times."""
    letter = round.letter.strip()
    if not letter:
        return ()
    values: Mapping[str, Arg] = {"name": name, "unit": unit, "round": round.name, "closes": round.closes or ""}
    used = {field: values[field] for field in FIELDS if field in {one.strip() for one in _FIELD.findall(letter)}}
    return (Text(_pattern(letter), used),) if used else (letter,)


def _pattern(letter: str) -> str:
    """The letter as a pattern in which nothing but our fields is a place to fill in."""
    pieces = _FIELD.split(letter)
    for at, piece in enumerate(pieces):
        ours = at % 2 and piece.strip() in FIELDS
        words = f"{{{piece}}}" if at % 2 else piece
        pieces[at] = f"{{{piece.strip()}}}" if ours else words.replace("{", "{{").replace("}", "}}")
    return "".join(pieces)
