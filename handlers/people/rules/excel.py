"""The sheets of an .xlsx as tables. openpyxl reads them row by row; nothing unpacks without a limit."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell import Cell as XlsxCell
from openpyxl.cell import MergedCell
from openpyxl.cell.read_only import EmptyCell
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
    with closing(_open(content, results=True)) as book:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield Table(_rows(book, sheet.title, _formulas(content, sheet.title) if formulas else ()))


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
def _quiet() -> Iterator[None]:
    """openpyxl warns of styles, dates and drop-down lists it cannot keep; we keep none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(content: bytes, *, results: bool) -> Workbook:
    """The workbook with the results of its formulas, or with the formulas themselves."""
    with _quiet():
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=results, keep_links=False)


def _filled(book: Workbook, name: str) -> Iterator[tuple[int, Sequence[XlsxCell | MergedCell]]]:
    """The rows that have cells, numbered from 1."""
    gap: object = None  # where rows are missing, openpyxl gives one empty row over and over
    for number, cells in enumerate(book[name].iter_rows(max_row=LAST_ROW, max_col=COLUMNS), 1):
        if cells is gap:
            continue
        if all(isinstance(cell, EmptyCell) for cell in cells):
            gap = cells
        else:
            yield number, cells


def _formulas(content: bytes, name: str) -> set[tuple[int, int]]:
    """Where formulas stand: row from 1, column from 0."""
    with closing(_open(content, results=False)) as book, _quiet():
        return {
            (number, at)
            for number, cells in _filled(book, name)
            for at, cell in enumerate(cells)
            if cell.data_type == "f"
        }


def _rows(book: Workbook, name: str, formulas: Collection[tuple[int, int]]) -> tuple[Row, ...]:
    rows: list[Row] = []
    with _quiet():
        for number, cells in _filled(book, name):
            said = tuple(_said(cell, (number, at) in formulas) for at, cell in enumerate(cells))
            if any(said):
                rows.append(Row(number, said))
                if len(rows) > ROWS:
                    raise TooLarge
    return tuple(rows)


def _said(cell: XlsxCell | MergedCell, is_formula: bool) -> Cell:
    if cell.value is None:
        return uncomputed() if is_formula else ""
    return stored(cell.value, cell.number_format)
