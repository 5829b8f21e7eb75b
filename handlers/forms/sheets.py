"""Spreadsheets as rows of text: .xlsx, .xls, .csv and .md, whatever the file calls itself.

A .csv or .md of several sheets is laid out as pyxform has it: a sheet's name stands alone in the first
column, its rows follow in the other columns. Rows are numbered as the sheet shows them, the header is row 1.
"""

import csv
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from importlib import import_module

from handlers.refusals import BadInput
from handlers.talk import Text, t

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes."""
LARGEST_UNPACKED = 100 * 1024 * 1024
"""Bytes of an .xlsx, which is a zip archive, when unpacked."""
MEANT = ("survey", "choices", "settings", "entities")
"""The sheets we read; others are the author's own."""
MOST_ROWS = 20_000
MOST_COLUMNS = 200

BROKEN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, csv.Error, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the libraries raise on broken files: nearly everything."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header and, by row number, the rows below it that hold anything."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(content: bytes, filename: str) -> dict[str, Sheet]:
    """The sheets by their names in small letters. Raises BadInput if this is no spreadsheet we can read."""
    if len(content) > LARGEST_FILE:
        raise BadInput(t("“{file}” is larger than {most} MB.", file=filename, most=LARGEST_FILE // 1024**2))
    tables: dict[str, Table]
    try:
        if content.startswith(b"PK\x03\x04"):
            tables = _xlsx(content, filename)
        elif content.startswith(b"\xd0\xcf\x11\xe0"):
            tables = _xls(content, filename)
        else:
            tables = _plain(content, filename)
    except BROKEN:
        raise BadInput(_unreadable(filename)) from None
    sheets = {name.strip().lower(): _sheet(name.strip(), table) for name, table in tables.items()}
    if len(sheets) == 1 and sheets.keys().isdisjoint(MEANT):
        return {"survey": sheets.popitem()[1]}
    return sheets


def _wanted(names: Sequence[str]) -> list[str]:
    """The sheets with a meaning for us; one alone has it whatever its name."""
    return [name for name in names if len(names) == 1 or name.strip().lower() in MEANT]


Table = list[tuple[int, list[str]]]
"""Numbered rows of cells, empty rows left out."""


def _unreadable(filename: str) -> Text:
    return t(
        "“{file}” is no spreadsheet that can be read here. Please save it as .xlsx, .xls, .csv or .md.", file=filename
    )


def _sheet(name: str, table: Table) -> Sheet:
    """The header is row 1; without one, nothing below it has a meaning."""
    first, header = table[0] if table else (1, [])
    if first != 1:
        return Sheet(name, (), tuple((number, tuple(cells)) for number, cells in table))
    return Sheet(name, tuple(header), tuple((number, tuple(cells)) for number, cells in table[1:]))


def _table(rows: Iterable[Iterable[object]]) -> Table:
    table: Table = []
    for number, row in enumerate(rows, 1):
        cells = [_written(value) for value in row]
        if any(cells):
            if number > MOST_ROWS:
                raise BadInput(t("A sheet has more than {most} rows.", most=MOST_ROWS))
            table.append((number, cells))
    return table


def _written(value: object) -> str:
    """A cell as the author sees it: 3.0 is `3`, a day has no time of day, blanks at the ends do not count."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
    return str(value).replace("\xa0", " ").strip()


# .xlsx ---------------------------------------------------------------------------------------------------


def _xlsx(content: bytes, filename: str) -> dict[str, Table]:
    _no_bomb(content, filename)
    import openpyxl  # only where a file is read: it takes long to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about colours and lists that it leaves out
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        tables = {}
        for name in _wanted(book.sheetnames):
            sheet = book[name]
            sheet.reset_dimensions()  # what a file says of its own size need not be true
            rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
            tables[name] = _table(rows)
        book.close()
    return tables


def _no_bomb(content: bytes, filename: str) -> None:
    """Refuses an archive that unpacks to far more than it seems, and XML that declares entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
            raise BadInput(
                t("“{file}” unpacks to more than {most} MB.", file=filename, most=LARGEST_UNPACKED // 1024**2)
            )
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part).replace(b"\0", b""):
                raise BadInput(_unreadable(filename))


# .xls ----------------------------------------------------------------------------------------------------


def _xls(content: bytes, filename: str) -> dict[str, Table]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise BadInput(t("“{file}” is protected with a password. Please save it without one.", file=filename))
    from pyxform.xls2json_backends import XLRDError, xlrd_open, xls_value_to_unicode  # only here: slow to load

    try:
        book = xlrd_open(file_contents=content, logfile=io.StringIO(), on_demand=True)
    except (XLRDError, import_module("xlrd.compdoc").CompDocError):
        raise BadInput(_unreadable(filename)) from None
    tables = {}
    for name in _wanted(book.sheet_names()):
        sheet = book.sheet_by_name(name)
        rows = ([(c.value, c.ctype) for c in sheet.row(n)[:MOST_COLUMNS]] for n in range(sheet.nrows))
        tables[name] = _table([xls_value_to_unicode(value, kind, book.datemode) for value, kind in row] for row in rows)
    book.release_resources()
    return tables


# .csv and .md --------------------------------------------------------------------------------------------


def _plain(content: bytes, filename: str) -> dict[str, Table]:
    if b"\0" in content:
        raise BadInput(_unreadable(filename))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")  # as Excel in China saves .csv
    if filename.lower().endswith(".md"):
        return _split(_md(text))
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if rows and rows[0] and rows[0][0].strip().lower() == "type":
        return {"survey": _table(rows)}  # the survey alone, as a sheet saved for itself
    return _split(rows)


_PIPE = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[\s|:-]+")


def _md(text: str) -> Iterable[list[str]]:
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("|") and not _RULE.fullmatch(line):
            cells = _PIPE.split(line)[1:]
            yield [cell.strip().replace(r"\|", "|") for cell in (cells[:-1] if not cells[-1].strip() else cells)]


def _split(rows: Iterable[list[str]]) -> dict[str, Table]:
    """The sheets of a table: a name in the first column begins one."""
    found: dict[str, list[list[str]]] = {}
    current: list[list[str]] = []
    for name, *cells in filter(None, rows):
        if name.strip():
            current = found.setdefault(name.strip(), [])
        if any(cell.strip() for cell in cells) or current:
            current.append(cells)
    return {name: _table(sheet) for name, sheet in found.items()}
