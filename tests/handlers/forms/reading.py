"""Small forms written as tables, and what is said about them in plain English."""

from handlers.forms import xlsform
from handlers.forms.form import Form
from handlers.refusals import BadInput
from handlers.talk import Arg, Label, Text


def said(part: Arg, language: str = "en") -> str:
    """The words of anything said, in English where there is a choice."""
    match part:
        case Text(message, args, plural, count):
            pattern = plural if plural and count != 1 else message
            return pattern.format(**{name: said(value, language) for name, value in args.items()})
        case Label(words, default):
            return words.get(language) or words.get(default) or next(iter(words.values()), "")
    return str(part)


def sheet(name: str, header: str, *rows: str) -> str:
    """One sheet as a .md table: `sheet("survey", "type | name", "text | q")`."""
    return "\n".join(f"| {cells} |" for cells in (name, f"| {header}", *(f"| {row}" for row in rows))) + "\n"


def survey(header: str, *rows: str) -> str:
    """A survey sheet."""
    return sheet("survey", header, *rows)


def read(text: str, filename: str = "form.md") -> Form:
    """The form in a table."""
    return xlsform.read(text.encode(), filename)


def problems(text: str | bytes, filename: str = "form.md") -> list[str]:
    """What is wrong with it, in words; the sentence about the file alone if there is no more."""
    try:
        xlsform.read(text if isinstance(text, bytes) else text.encode(), filename)
    except BadInput as bad:
        return [said(problem) for problem in bad.problems] or [said(bad.text)]
    return []


YES_NO = sheet("choices", "list_name | name | label", "yn | yes | Yes", "yn | no | No")
