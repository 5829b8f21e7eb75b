"""The parameters column: `start=1 end=5`, and what each kind of question makes of it."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from handlers.talk import Text, t

_TAKEN: Mapping[str, tuple[str, ...]] = {
    "text": ("rows",),
    "range": ("start", "end", "step", "tick_interval", "placeholder"),
    "select_one": ("randomize", "seed"),
    "select_multiple": ("randomize", "seed"),
    "rank": ("randomize", "seed"),
    "image": ("max-pixels",),
}
_NOT_YET = frozenset(("tick_labelset", "app", "quality", "value", "label"))
_RANGE = {"start": "1", "end": "10", "step": "1"}
"""What ODK takes where a range does not say."""
_NAMED = re.compile(r"\$\{[^\s{}]+\}")


def read(cell: str) -> dict[str, str] | None:
    """The parameters by name, in small letters; None if the cell cannot be read."""
    pieces = re.split(r"[\s,;]+", re.sub(r"\s*=\s*", "=", cell).strip(" \t\n,;")) if cell.strip(" \t\n,;") else []
    pairs = [piece.split("=") for piece in pieces]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        return None
    return {key.lower(): value if value.startswith("$") else value.lower() for key, value in pairs}


def whole(kind: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """With what is taken where the author says nothing: a range has its start, end and step."""
    return {**_RANGE, **parameters} if kind == "range" else dict(parameters)


def faults(kind: str, parameters: Mapping[str, str]) -> Iterator[Text]:
    """What is wrong with the parameters of a question of this kind."""
    taken = _TAKEN.get(kind, ())
    for name in parameters:
        if name in _NOT_YET:
            yield t("“{type}” is known to ODK, but it cannot be asked here yet", type=name)
        elif name not in taken:
            yield t("a question of the type “{type}” has no parameter “{name}”", type=kind, name=name)
    known = {name: value for name, value in parameters.items() if name in taken}
    yield from _CHECKS.get(kind, _whole_numbers)(known)


def _whole_numbers(parameters: Mapping[str, str]) -> Iterator[Text]:
    for name, value in parameters.items():
        if not re.fullmatch("0*[1-9][0-9]{0,8}", value):
            yield t("“{name}” must be a whole number above 0", name=name)


def _select(parameters: Mapping[str, str]) -> Iterator[Text]:
    if parameters.get("randomize", "true") not in ("true", "false"):
        yield t("“{name}” must be true or false", name="randomize")
    seed = parameters.get("seed")
    if seed is not None and "randomize" not in parameters:
        yield t("a seed needs {example} beside it", example="randomize=true")
    if seed is not None and number(seed) is None and not _NAMED.fullmatch(seed):
        yield t("the seed must be a number or an answer, like {example}", example="${name}")


def _range(parameters: Mapping[str, str]) -> Iterator[Text]:
    numbers = {name: number(value) for name, value in whole("range", parameters).items()}
    for name, value in numbers.items():
        if value is None:
            yield t("“{name}” must be a number", name=name)
    start, end, step = numbers["start"], numbers["end"], numbers["step"]
    if start is None or end is None or step is None:
        return
    if step <= 0:
        yield t("“{name}” must be a number above 0", name="step")
    elif end < start:
        yield t("the end of the range is below its start")
    elif step > end - start:
        yield t("the step is larger than the whole range")
    else:
        yield from _ticks(start, end, step, numbers)


def _ticks(start: Decimal, end: Decimal, step: Decimal, numbers: Mapping[str, Decimal | None]) -> Iterator[Text]:
    """Both change only how a slider looks, but must fit the range."""
    interval, placeholder = numbers.get("tick_interval"), numbers.get("placeholder")
    if interval is not None and (interval == 0 or interval > end - start or interval % step):
        yield t("“{name}” does not fit the steps of the range", name="tick_interval")
    if placeholder is not None and (not start <= placeholder <= end or (placeholder - start) % step):
        yield t("“{name}” does not fit the steps of the range", name="placeholder")


def number(written: str) -> Decimal | None:
    """The number, if it is one of a size that can be reckoned with."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**15 and value == round(value, 15) else None


_CHECKS: Mapping[str, Callable[[Mapping[str, str]], Iterator[Text]]] = {
    "select_one": _select,
    "select_multiple": _select,
    "rank": _select,
    "range": _range,
}
