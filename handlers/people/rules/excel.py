"""The sheets of an .xlsx as tables. openpyxl reads them row by row; nothing unpacks without a limit."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.workbook import Workbook

from handlers.people.rules.cells import Cell, Row, Table, stored, uncomputed

UNPACKED = 100_000_000
"""most bytes an .xlsx may unpack to; a hundred thousand people need less than half"""
ROWS = 100_000
"""most rows with something in them"""
COLUMNS = 50
"""what stands further right is not looked at"""
LAST_ROW = 1_048_576
"""Excel's own limit; a file that claims a later row would keep us counting"""

_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    OSError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""what openpyxl and the standard library raise on a file that was cut, overwritten or made by hand"""


class TooLarge(Exception):
    """More bytes or rows than a roster has."""


class NoWorkbook(Exception):
    """A zip archive, but no workbook in it."""


def sheets(content: bytes) -> Iterator[Table]:
    """The visible sheets in their order.

    Raises TooLarge, NoWorkbook, or one of DAMAGE.
    """
    formulas = _inspect(content)
    with _book(content) as book:
        names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for name in names:
        yield Table(_rows(content, name, _formulas(content, name) if formulas else ()))


def _inspect(content: bytes) -> bool:
    """Whether any sheet holds a formula. zipfile unpacks no entry beyond the size it declares."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED:
            raise TooLarge
        names = archive.namelist()
        if "xl/workbook.xml" not in names:
            raise NoWorkbook
        return any(_FORMULA.search(archive.read(name)) for name in names if name.startswith("xl/worksheets/"))


@contextmanager
def _book(content: bytes, *, results: bool = True) -> Iterator[Workbook]:
    """The workbook with the results of its formulas, or with the formulas themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and drop-down lists it does not keep
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=results, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _formulas(content: bytes, name: str) -> set[tuple[int, int]]:
    """Where formulas stand: row from 1, column from 0."""
    with _book(content, results=False) as book:
        rows = book[name].iter_rows(max_row=LAST_ROW, max_col=COLUMNS)
        return {
            (number, at) for number, row in enumerate(rows, 1) for at, cell in enumerate(row) if cell.data_type == "f"
        }


def _rows(content: bytes, name: str, formulas: Collection[tuple[int, int]]) -> tuple[Row, ...]:
    rows: list[Row] = []
    with _book(content) as book:
        for number, cells in enumerate(book[name].iter_rows(max_row=LAST_ROW, max_col=COLUMNS), 1):
            said: list[Cell] = []
            for at, cell in enumerate(cells):
                if cell.value is None:
                    said.append(uncomputed() if (number, at) in formulas else "")
                else:
                    said.append(stored(cell.value, cell.number_format))
            if any(said):
                rows.append(Row(number, tuple(said)))
                if len(rows) > ROWS:
                    raise TooLarge
    return tuple(rows)
