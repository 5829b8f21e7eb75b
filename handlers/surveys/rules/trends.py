"""What was answered to the same question in earlier rounds, beside this one. Pure. 趋势"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handlers.surveys.rules.screening import Cells, Earlier

_LIKE = ("kind", "scale", "reversed")
"""What must be the same in two tables, beside the names of the choices."""


def trend(
    path: str,
    here: Mapping[str, Any],
    round_id: int,
    asked: Mapping[Cells, int],
    earlier: Sequence[Earlier],
    least: int,
) -> dict[str, Any] | None:
    """The figures of "trend:…" of a question whose table of the whole round is `here`; None where there is none before.

    Of a round in which others were asked (some here and not there, or there and not here, but fewer than `least`), and
    so one that cannot be compared, only bands of ten are told.
    """
    points = [
        _point(one.round.id, table, _comparable(asked, at, least))
        for at, one in sorted(enumerate(earlier, 1), key=lambda pair: pair[1].round.id)
        if (table := _whole(one, path)) is not None and _alike(table, here)
    ]
    return {"kind": "trend", "points": [*points, _point(round_id, here, True)]} if points else None


def _whole(earlier: Earlier, path: str) -> Mapping[str, Any] | None:
    return next((one.figures for one in earlier.released if one.about == path and one.group == ""), None)


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if "mostly" in one or "mostly" in other or one["kind"] not in ("choices", "number"):
        return False
    return all(one.get(name) == other.get(name) for name in _LIKE) and set(one.get("shares", ())) == set(
        other.get("shares", ())
    )


def _comparable(asked: Mapping[Cells, int], at: int, least: int) -> bool:
    gone = sum(count for cells, count in asked.items() if cells[0] is None and cells[at] is not None)
    come = sum(count for cells, count in asked.items() if cells[at] is None and cells[0] is not None)
    return all(count == 0 or count >= least for count in (gone, come))


def _point(round_id: int, table: Mapping[str, Any], comparable: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"round": round_id, "n": table["n"], "comparable": comparable}
    names: Iterable[str] = ("mean", "positive") if "scale" in table or table["kind"] == "number" else ("shares",)
    for name in names:
        if name in table and (comparable or name != "mean"):
            plain[name] = table[name] if comparable else _banded(table[name])
    return plain


def _banded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _banded(one) for name, one in value.items()}
    low = min(value // 10 * 10, 90)
    return f"{low}–{low + 9 if low < 90 else 100}"
