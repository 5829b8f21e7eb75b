"""What one cell of a spreadsheet says, whatever Excel, WPS or a copied web page left in it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from handlers.talk import Text, t

SHOWN = 40
"""characters of a wrong value that are quoted back"""
DIGITS = 10**15
"""Excel keeps 15 digits of a number; what is longer has lost its end"""
ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|#+)", re.IGNORECASE)
ZEROS = re.compile("0{2,}")
_UNSEEN = {"Cc", "Cf", "Cs"}
"""control and format characters, halves of pairs; private-use ones stay: some registers write rare names with them"""
_AS_TEXT = re.compile(r'="([^"]*)"')
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_PADDING = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that holds no text of its own, and what to do about it; `day` where it holds a date."""

    why: Text
    day: date | None = None


Cell = str | Broken


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty; `number` as the spreadsheet program shows it, from 1."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell in that column, from 0; empty where the row ends earlier."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one sheet, and what kept the reader from reading on."""

    rows: tuple[Row, ...]
    problems: tuple[Text, ...] = ()


class Wrong(Exception):
    """A value does not fit its column; carries the sentence that says what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.message)
        self.text = text


def whole(cell: Cell) -> str:
    """What the cell says. Raises Wrong where it is broken."""
    if isinstance(cell, Broken):
        raise Wrong(cell.why)
    return cell


def clean(text: str) -> str:
    """Without characters nobody sees, and without the spaces that stretch `李　明` to three places.

    Letters are left as they are: Unicode normal forms would replace rare characters in names.
    """
    if text.isprintable() and " " not in text:
        return text
    seen = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return _PADDING.sub("", " ".join(seen.split()))


@lru_cache(4096)
def key(text: str) -> str:
    """What is compared when a word has to be one of a list: no width, case, spaces or notes in brackets."""
    plain = unicodedata.normalize("NFKC", clean(text)).casefold()
    return re.sub(r"\(.*?\)|[\s*:_-]", "", plain)


def short(value: str) -> str:
    """A value as it is quoted in a problem."""
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


def typed(text: str) -> Cell:
    """What a cell of text says: an error is broken, `="0012"` means 0012, another formula is broken."""
    text = clean(text)
    if ERROR.fullmatch(text):
        return Broken(t("the cell shows the error {value}. Type the value itself.", value=text))
    if wrapped := _AS_TEXT.fullmatch(text):
        return wrapped.group(1)
    if text.startswith("="):
        return uncomputed()
    return text.removeprefix("'")


def uncomputed() -> Broken:
    """A formula whose result is not in the file."""
    return Broken(t("the cell holds a formula without a result. Type the value itself."))


def stored(value: object, number_format: str) -> Cell:
    """What a filled cell of an .xlsx says: `value` as openpyxl gives it, numbers as the sheet shows them."""
    match value:
        case bool():
            return str(value).upper()
        case date() | time() | timedelta():
            why = t("the cell was turned into a date. Format the column as text and type the value again.")
            return Broken(why, _day(value))
        case int() | float():
            return _number(value, number_format)
        case _:
            return typed(str(value))


def _day(value: date | time | timedelta) -> date | None:
    """The day of a date, where nothing is said of its hour."""
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else None
    return value if isinstance(value, date) else None


def _number(value: float, number_format: str) -> Cell:
    if abs(value) >= DIGITS:
        return Broken(
            t(
                "a number this long loses its last digits when it is not stored as text. "
                "Format the column as text and type the value again."
            )
        )
    if value != int(value):
        return repr(value)
    return str(int(value)).zfill(len(number_format) if ZEROS.fullmatch(number_format) else 0)
