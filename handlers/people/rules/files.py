"""A file becomes tables of cells: .xlsx, or .csv in UTF-8, UTF-16 with a mark, GB18030 or Big5.

What kind of file it is, is decided by its bytes and not by its name. Text does not say in which
encoding and with which separator it was written, so `tables` gives every reading that is possible,
the likeliest first: the right one is the one whose headings make sense.
"""

import contextlib
import csv
import io
from collections.abc import Iterator

from handlers.people.rules import excel
from handlers.people.rules.cells import Row, Table, typed
from handlers.refusals import BadInput
from handlers.talk import Text, t

BYTES = 20_000_000
"""largest file that is read"""
SEPARATORS = (",", "\t", ";", "，")
ENCODINGS = ("utf-8", "gb18030", "cp950")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def tables(content: bytes, filename: str) -> Iterator[Table]:
    """Every reading of the file, the likeliest first.

    Raises BadInput where the file is too large or cannot be read.
    """
    if len(content) > BYTES:
        raise _too_large()
    if content.startswith(_OLE):
        raise _locked(filename) if "EncryptedPackage".encode("utf-16-le") in content else _old(filename)
    if content.startswith(_ZIP):
        yield from _sheets(content, filename)
    else:
        yield from _texts(content, filename)


def _sheets(content: bytes, filename: str) -> Iterator[Table]:
    try:
        yield from excel.sheets(content)
    except excel.TooLarge as error:
        raise _too_large() from error
    except excel.NoWorkbook as error:
        raise _no_table(filename) from error
    except excel.DAMAGE as error:
        raise _damaged(filename) from error


def _texts(content: bytes, filename: str) -> Iterator[Table]:
    readings = [text for text in _decoded(content) if "\0" not in text]
    if not readings or content.lstrip().startswith((b"<", b"%PDF")):
        raise _no_table(filename)
    for text in readings:
        for separator in SEPARATORS:
            yield _table(text, separator)


def _decoded(content: bytes) -> Iterator[str]:
    marked = [encoding for mark, encoding in MARKS.items() if content.startswith(mark)]
    for encoding in marked or ENCODINGS:
        with contextlib.suppress(UnicodeDecodeError):
            yield content.decode(encoding)


def _table(text: str, separator: str) -> Table:
    rows: list[Row] = []
    number = 0
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            cells = tuple(typed(field) for field in fields)
            if any(cells):
                rows.append(Row(number, cells))
                if len(rows) > excel.ROWS:
                    raise _too_large()
    except csv.Error:
        return Table(tuple(rows), (_unclosed(number + 1),))
    return Table(tuple(rows))


def _unclosed(row: int) -> Text:
    return t("Row {row}: a quotation mark is opened and not closed, or stands inside a value. Remove it.", row=str(row))


def _too_large() -> BadInput:
    return BadInput(
        t(
            "This file is too large: at most {megabytes} MB and {rows} rows. "
            "If rows below the table only look empty, copy the table into a new file.",
            megabytes=BYTES // 1_000_000,
            rows=excel.ROWS,
        )
    )


def _locked(filename: str) -> BadInput:
    return BadInput(t("{file} is protected with a password. Save it without one and try again.", file=filename))


def _old(filename: str) -> BadInput:
    return BadInput(t("{file} is in the old .xls format. Open it in Excel or WPS and save it as .xlsx.", file=filename))


def _no_table(filename: str) -> BadInput:
    return BadInput(
        t(
            "{file} is not a spreadsheet that can be read. "
            "Open it in Excel or WPS and save it as .xlsx, or as .csv in UTF-8 or GB18030.",
            file=filename,
        )
    )


def _damaged(filename: str) -> BadInput:
    return BadInput(
        t("{file} is damaged and cannot be read. Open it in Excel or WPS and save it again as .xlsx.", file=filename)
    )
