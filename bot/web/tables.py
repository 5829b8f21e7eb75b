"""Tables as .csv files that spreadsheet programs open without harm or repair."""

import csv
import io
from collections.abc import Iterable, Sequence

from bot.web.cards import SheetLine

Cell = str | int | float | None


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads Chinese; CRLF as RFC 4180 has it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def codes_csv(lines: Iterable[SheetLine]) -> bytes:
    """Enrolment codes: person, name, unit, code, link."""
    rows = [(line.number, line.person, line.unit, line.code, line.link) for line in lines]
    return table_csv(("person", "name", "unit", "code", "link"), rows)


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell
