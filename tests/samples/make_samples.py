"""Makes the demo's spreadsheets out of the plain texts beside this file: `python -m tests.samples.make_samples`.

The roster is `roster.csv`; the two questionnaires are `.toml`, every text in the order of `languages`.
What comes out is an ordinary roster and ordinary XLSForms, as an HR office would keep them, and the same
bytes each time.
"""

import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

TEXTS = Path(__file__).parent
SAMPLES = TEXTS.parent.parent / "bot" / "samples"

Line = Sequence[str]
Sheets = dict[str, list[Line]]

_TRANSLATED = ("label", "hint", "constraint_message")
_PLAIN = ("type", "name")
_LOGIC = ("required", "relevant", "constraint", "appearance")
_WIDTHS = {"label": 44, "hint": 32, "constraint_message": 32, "relevant": 30, "constraint": 30, "type": 24, "name": 24}
_ROSTER_WIDTHS = {"单位": 52, "角色": 34, "岗位类别": 22, "层次": 16, "主管领导工号": 16}


class SurveyRow(TypedDict):
    """One row of the survey sheet; texts in all languages."""

    type: str
    name: NotRequired[str]
    label: NotRequired[list[str]]
    hint: NotRequired[list[str]]
    constraint_message: NotRequired[list[str]]
    required: NotRequired[str]
    relevant: NotRequired[str]
    constraint: NotRequired[str]
    appearance: NotRequired[str]


class Questionnaire(TypedDict):
    """A questionnaire's .toml."""

    title: str
    id: str
    version: str
    languages: list[str]
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
    translated = [f"{column}::{language}" for column in _TRANSLATED for language in form["languages"]]
    yield [*_PLAIN, *translated, *_LOGIC]
    nothing = [""] * len(form["languages"])
    for row in form["survey"]:
        texts = [text for column in _TRANSLATED for text in cast(list[str], row.get(column, nothing))]
        yield [
            *(str(row.get(column, "")) for column in _PLAIN),
            *texts,
            *(str(row.get(column, "")) for column in _LOGIC),
        ]


def _choices(form: Questionnaire) -> Iterator[Line]:
    yield ["list_name", "name", *(f"label::{language}" for language in form["languages"])]
    for list_name, choices in form["choices"].items():
        yield from ([list_name, *choice] for choice in choices)


SAMPLE_SHEETS: Mapping[str, Callable[[], Sheets]] = {
    "roster.xlsx": roster,
    "self-assessment.xlsx": lambda: questionnaire("self-assessment"),
    "performance-management.xlsx": lambda: questionnaire("performance-management"),
}


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
    """Writes the spreadsheets where the product finds them."""
    SAMPLES.mkdir(exist_ok=True)
    for filename, sheets in SAMPLE_SHEETS.items():
        (SAMPLES / filename).write_bytes(workbook(sheets()))


if __name__ == "__main__":
    main()
