"""Sheets read as records: fields, labels in several languages, and every problem noted with its place."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from handlers.forms.columns import TRANSLATED, Column, columns
from handlers.forms.expressions import written
from handlers.forms.form import NOTHING
from handlers.forms.sheets import Sheet
from handlers.talk import Label, Text, t

LONGEST_WORDS = 10_000
"""Characters of one label, hint or message."""


@dataclass(slots=True)
class Problems:
    """What is wrong with a form, each with its sheet, row and column."""

    sheets: list[str] = field(default_factory=list)
    """In the order in which their problems are told."""
    found: list[tuple[int, int, Text]] = field(default_factory=list)

    def add(self, sheet: str, row: int, column: str, problem: Text) -> None:
        """One more. Rows are numbered as the sheet shows them."""
        where = str(row)  # a row's number is a name: no 1,234
        text = t(
            "Sheet {sheet}, row {row}, column {column}: {problem}",
            sheet=sheet,
            row=where,
            column=column,
            problem=problem,
        )
        self.found.append((self.sheets.index(sheet), row, text))

    def told(self) -> list[Text]:
        """All of them, sheet by sheet and row by row."""
        return [text for _, _, text in sorted(self.found, key=lambda problem: problem[:2])]


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a form: by tag what the author calls each, in the sheets' order.

    `default` is shown where a reader's own is not there; `unnamed` is the language of columns without one.
    """

    names: Mapping[str, str]
    default: str
    unnamed: str

    def label(self, words: Mapping[str, str]) -> Label:
        """A label of what stands in the columns of each language."""
        return (
            Label({tag: text for tag, text in words.items() if text}, self.default) if any(words.values()) else NOTHING
        )


class Table:
    """One sheet: its columns understood, problems of the header noted.

    `used`: columns that conditions name; they are the author's own, however much they look like one of ours.
    """

    def __init__(self, sheet: Sheet, known: Mapping[str, str], problems: Problems, used: Container[str] = ()) -> None:
        self.name = sheet.name
        self.sheet = sheet
        self.columns = columns(sheet.header, known)
        self.problems = problems
        self.of_field: dict[str, dict[str, Column]] = {}
        for column in self.columns.meant:
            self.of_field.setdefault(column.field, {})[column.language] = column
        problems.sheets.append(self.name)
        for header, other in self.columns.doubled:
            problems.add(self.name, 1, other, t("the column “{column}” says the same already", column=header))
        for header, near in self.columns.mistyped:
            if header not in used:
                problems.add(self.name, 1, header, t("this column is not known. Did you mean “{column}”?", column=near))

    def records(self) -> Iterator["Record"]:
        """The rows, one by one."""
        for row, cells in self.sheet.rows:
            yield Record(self, row, cells)

    def languages(self) -> Iterator[tuple[str, str]]:
        """The tag and the author's name of each language the columns have, "" for those without."""
        for column in self.columns.meant:
            if column.field in _SPOKEN:
                yield column.language, column.header.rpartition(":")[2].strip() if column.language else ""

    def column(self, field: str, language: str = "") -> Column | None:
        """The column that holds this."""
        return self.of_field.get(field, {}).get(language)

    def header(self, field: str) -> str:
        """How the author wrote the first column of this field, or the field's own name."""
        return next((column.header for column in self.of_field.get(field, {}).values()), field)


_SPOKEN = TRANSLATED - {"form_title", "synonyms", "image"}
"""Fields whose columns say which languages a form has."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a sheet."""

    table: Table
    row: int
    cells: tuple[str, ...]

    def text(self, field: str) -> str:
        """What stands in a field without a language, empty if nothing."""
        column = self.table.column(field)
        return self.cell(column) if column else ""

    def cell(self, column: Column) -> str:
        """What stands in this column; rows may be shorter than the header."""
        return self.cells[column.index] if column.index < len(self.cells) else ""

    def words(self, field: str, languages: Languages) -> dict[str, str]:
        """What stands in a translated field, by language."""
        own = self.table.of_field.get(field, {})
        return {tag or languages.unnamed: self.cell(column) for tag, column in own.items()}

    def own(self) -> dict[str, str]:
        """What stands in the author's own columns, by header."""
        return {column.header: self.cell(column) for column in self.table.columns.own}

    def bad(self, field: str, problem: Text) -> None:
        """Notes a problem of one field."""
        self.table.problems.add(self.table.name, self.row, self.table.header(field), problem)

    def label(self, field: str, languages: Languages) -> Label:
        """The words of a translated field; too long ones are noted."""
        label = languages.label(self.words(field, languages))
        if any(len(words) > LONGEST_WORDS for words in label.words.values()):
            self.bad(field, t("this text has more than {most} characters", most=LONGEST_WORDS))
        return label

    def pictures(self, languages: Languages) -> Label:
        """The file names of the picture in this row."""
        named = languages.label(self.words("image", languages))
        if any(sign in name for name in named.words.values() for sign in ("/", "\\", "${")):
            self.bad("image", t("a picture is named by its file name alone, like {example}", example="map.png"))
        return named

    def refuse_not_yet(self) -> None:
        """Notes what stands in columns that we cannot follow yet. A plain no in them changes nothing."""
        for column in self.table.columns.not_yet:
            cell = self.cell(column)
            if cell and written(cell) != "false()":
                problem = t("this column is known to ODK, but it cannot be used here yet")
                self.table.problems.add(self.table.name, self.row, column.header, problem)


def languages(tables: Iterable[Table], default: str) -> Languages:
    """The languages of all columns. `default`: the tag the settings name; else the first column's is taken.

    Columns without a language are in the default one, if the settings name it and no column of it stands beside.
    """
    names: dict[str, str] = {}
    for table in tables:
        for tag, name in table.languages():
            names.setdefault(tag, name)
    unnamed = default if default not in names else ""
    if unnamed and "" in names:
        names = {tag or unnamed: name for tag, name in names.items()}
    else:
        unnamed = ""
    return Languages(names or {"": ""}, default if default in names else next(iter(names), ""), unnamed)
