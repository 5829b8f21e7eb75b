"""Makes the demo's spreadsheets out of the plain texts beside this file: `python -m tests.samples.make_samples`.

The roster is `roster.csv`; the questionnaires are `.toml`, every text in the order of `languages`.
What comes out is an ordinary roster and ordinary XLSForms, as an HR office would keep them, and the same
bytes each time. `every-kind.xlsx`, with the pictures it shows in `every-kind-media/`, is for the tests only
and stays beside its text.
"""

import csv
import io
import re
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

TEXTS = Path(__file__).parent
SAMPLES = TEXTS.parent.parent / "bot" / "samples"
BESIDE = TEXTS
"""Where what is for the tests only lies."""

Line = Sequence[str]
Sheets = dict[str, list[Line]]

_TRANSLATED = ("label", "hint", "constraint_message")
_MORE_TRANSLATED = ("guidance_hint", "required_message", "media::image")
"""Columns that only a questionnaire that uses them has; so has `_MORE_LOGIC`."""
_PLAIN = ("type", "name")
_LOGIC = ("required", "relevant", "constraint", "appearance")
_MORE_LOGIC = ("calculation", "default", "read_only", "choice_filter", "repeat_count", "parameters")
_WIDTHS = {"label": 44, "hint": 32, "constraint_message": 32, "relevant": 30, "constraint": 30, "type": 24, "name": 24}
_ROSTER_WIDTHS = {"单位": 52, "角色": 34, "岗位类别": 22, "层次": 16, "主管领导工号": 16}


SurveyRow = Mapping[str, str | list[str]]
"""One row of the survey sheet by column; texts in all languages."""


class Questionnaire(TypedDict):
    """A questionnaire's .toml. `choice_columns` are those of the choices behind their labels."""

    title: str
    id: str
    version: str
    languages: list[str]
    choice_columns: NotRequired[list[str]]
    choices: dict[str, list[list[str]]]
    survey: list[SurveyRow]


def roster() -> Sheets:
    """The roster as rows of text."""
    with (TEXTS / "roster.csv").open(encoding="utf-8", newline="") as file:
        return {"名册": list(csv.reader(file))}


def questionnaire(name: str) -> Sheets:
    """The three sheets of an XLSForm."""
    form = cast(Questionnaire, tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8")))
    settings = {
        "form_title": form["title"],
        "form_id": form["id"],
        "version": form["version"],
        "default_language": form["languages"][0],
    }
    return {
        "survey": list(_survey(form)),
        "choices": list(_choices(form)),
        "settings": [list(settings), list(settings.values())],
    }


def _survey(form: Questionnaire) -> Iterator[Line]:
    used = {column for row in form["survey"] for column in row}
    texts = [*_TRANSLATED, *(column for column in _MORE_TRANSLATED if column in used)]
    logic = [*_LOGIC, *(column for column in _MORE_LOGIC if column in used)]
    yield [*_PLAIN, *(f"{column}::{language}" for column in texts for language in form["languages"]), *logic]
    nothing = [""] * len(form["languages"])
    for row in form["survey"]:
        yield [
            *(str(row.get(column, "")) for column in _PLAIN),
            *(text for column in texts for text in row.get(column, nothing)),
            *(str(row.get(column, "")) for column in logic),
        ]


def _choices(form: Questionnaire) -> Iterator[Line]:
    more = form.get("choice_columns", [])
    width = 1 + len(form["languages"]) + len(more)
    yield ["list_name", "name", *(f"label::{language}" for language in form["languages"]), *more]
    for list_name, choices in form["choices"].items():
        yield from ([list_name, *choice, *[""] * (width - len(choice))] for choice in choices)


def picture(red: int, green: int, blue: int) -> bytes:
    """A PNG of one colour, 96 by 64."""
    lines = (b"\0" + bytes((red, green, blue)) * 96) * 64
    chunks = (
        (b"IHDR", struct.pack(">2I5B", 96, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


MEDIA: Mapping[str, bytes] = {
    "steps.png": picture(214, 228, 218),
    "board-old.png": picture(150, 120, 90),
    "board-new.png": picture(90, 140, 190),
}
"""What `every-kind.xlsx` shows."""
SAMPLE_SHEETS: Mapping[str, Callable[[], Sheets]] = {
    "roster.xlsx": roster,
    "self-assessment.xlsx": lambda: questionnaire("self-assessment"),
    "performance-management.xlsx": lambda: questionnaire("performance-management"),
}


TEST_SHEETS: Mapping[str, Callable[[], Sheets]] = {"every-kind.xlsx": lambda: questionnaire("every-kind")}
"""For the tests only."""


def workbook(sheets: Sheets) -> bytes:
    """An .xlsx that is pleasant to open: bold headings that stay, wrapped text, everything kept as text."""
    book = Workbook()
    del book[book.active.title if book.active else "Sheet"]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([cell or None for cell in row])
        _dress(sheet, rows[0])
    unstable = io.BytesIO()
    book.save(unstable)
    return _timeless(unstable.getvalue())


def _dress(sheet: Worksheet, headings: Line) -> None:
    sheet.freeze_panes = "A2" if sheet.title == "settings" else "C2"
    for row in sheet.iter_rows():
        for cell in row:
            cell.number_format = "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for number, heading in enumerate(headings, 1):
        cell = sheet.cell(1, number)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E7EFE9")
        column = heading.partition("::")[0]
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(column, _ROSTER_WIDTHS.get(column, 14))


def _timeless(content: bytes) -> bytes:
    """The same archive without the moment it was made."""
    timeless = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(timeless, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-10-08T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, (2026, 10, 8, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return timeless.getvalue()


def main() -> None:
    """Writes the spreadsheets where the product, or the tests, find them."""
    for directory, made in ((SAMPLES, SAMPLE_SHEETS), (BESIDE, TEST_SHEETS)):
        directory.mkdir(exist_ok=True)
        for filename, sheets in made.items():
            (directory / filename).write_bytes(workbook(sheets()))
    (BESIDE / "every-kind-media").mkdir(exist_ok=True)
    for filename, content in MEDIA.items():
        (BESIDE / "every-kind-media" / filename).write_bytes(content)


if __name__ == "__main__":
    main()
