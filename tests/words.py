"""Gathers our sentences out of the code into the catalogues: `make words`, or `python -m tests.words`.

A sentence is what stands in `t("…")` or `tn("…", "…", …)`; the English is its key. What is gone from the
code goes from the catalogues, what is new stands there untranslated, nothing is guessed (no fuzzy entries)
and no line numbers are kept, so a change of code that changes no sentence changes no catalogue.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.words import LOCALES
from handlers.talk import LANGUAGES

ROOT = Path(__file__).parent.parent
SPOKEN = ("handlers", "bot")
"""The floors that say something."""
KEYWORDS = {"t": None, "tn": (1, 2)}
_BORN = datetime(2026, 10, 8, tzinfo=UTC)

Key = str | tuple[str, str]
"""A sentence, or its singular and plural."""


def sentences() -> Iterator[Key]:
    """Every sentence in the code, once or more often."""
    for floor in SPOKEN:
        found = extract_from_dir(ROOT / floor, [("**.py", "python")], keywords=KEYWORDS)
        for _, _, key, _, _ in found:
            yield (key[0], key[1]) if isinstance(key, tuple) else key


def place(language: str) -> Path:
    """Where a language's catalogue lies."""
    return LOCALES / language / "LC_MESSAGES" / "bot.po"


def known(language: str) -> Catalog:
    """The catalogue as it is; an empty one for a language that has none yet."""
    path = place(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="bot")


def gathered(language: str) -> bytes:
    """The catalogue as it should be: the sentences of the code with the translations there are."""
    old, new = known(language), _empty(language)
    for key in sentences():
        sample = key if isinstance(key, str) else key[0]
        entry = old.get(sample)
        fitting = entry is not None and not entry.fuzzy and isinstance(entry.id, str) == isinstance(key, str)
        new.add(key, entry.string if entry and fitting else "")
    file = BytesIO()
    write_po(file, new, width=110, no_location=True, sort_output=True)
    return file.getvalue()


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        domain="bot",
        project="Huiyin",
        version="1",
        fuzzy=False,
        header_comment=f"# Huiyin's sentences in {language}. The English sentence is the key.",
        creation_date=_BORN,
        revision_date=_BORN,
        last_translator="Huiyin",
        language_team=language,
        msgid_bugs_address="the project's issues",
    )


def main() -> None:
    """Brings all catalogues up to date."""
    for language in LANGUAGES:
        place(language).parent.mkdir(parents=True, exist_ok=True)
        place(language).write_bytes(gathered(language))


if __name__ == "__main__":
    main()
