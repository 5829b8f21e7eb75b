"""A questionnaire and the pictures it shows: out of one .zip, or side by side."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from handlers.forms.form import Form
from handlers.forms.uploads import accepted
from handlers.refusals import BadInput
from handlers.talk import Text, t
from storage.records import Picture

MOST_FILES = 200
"""In one .zip."""
MOST_BYTES = 60_000_000
"""In one .zip, unpacked."""
FORMS = (".xlsx", ".xls", ".csv", ".md")

BROKEN = t("This .zip cannot be opened. Please pack the questionnaire and its pictures once more.")


def unpack(content: bytes, filename: str) -> tuple[bytes, str, dict[str, bytes]]:
    """The form's content and file name, and what else lies in the .zip by bare file name. Raises BadInput."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            inside = [one for one in package.infolist() if not one.is_dir() and not _hidden(one.filename)]
            if len(inside) > MOST_FILES or sum(one.file_size for one in inside) > MOST_BYTES:
                raise BadInput(t("“{file}” holds too much: at most 200 files and 60 MB unpacked.", file=filename))
            files = {PurePosixPath(one.filename).name: package.read(one) for one in inside}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise BadInput(BROKEN) from None
    forms = [name for name in files if name.lower().endswith(FORMS)]
    if len(forms) != 1:
        text = t("“{file}” must hold one questionnaire (.xlsx, .xls, .csv or .md) and its pictures.", file=filename)
        raise BadInput(text)
    return files.pop(forms[0]), forms[0], files


def _hidden(name: str) -> bool:
    """What archivers put beside the files."""
    return any(piece.startswith((".", "__MACOSX")) for piece in PurePosixPath(name).parts)


def pictures(form: Form, given: Mapping[str, bytes]) -> dict[str, Picture]:
    """The pictures the form names, ready to be kept. Raises BadInput with every one that is missing or no picture.

    Takes as long as they are big: not for the loop.
    """
    found: dict[str, Picture] = {}
    problems: list[Text] = []
    for name in dict.fromkeys(_named(form)):
        if name not in given:
            problems.append(t("the picture “{name}” is missing", name=name))
            continue
        try:
            file = accepted("image", name, given[name])
        except BadInput as no:
            problems.append(t("{name}: {problem}", name=name, problem=no.text))
            continue
        found[name] = Picture(hashlib.sha256(file.content).hexdigest(), file.mime, file.content)
    if problems:
        text = t("The questionnaire shows pictures: put them beside it in one .zip, or in a folder FORM-media.")
        raise BadInput(text, problems)
    return found


def _named(form: Form) -> Iterator[str]:
    for question in form.questions():
        yield from filter(None, question.image.words.values())
        for choice in question.choices:
            yield from filter(None, choice.image.words.values())
