"""The choices sheet: lists of choices by name, and what is wrong with them."""

import re
from collections.abc import Iterable

from handlers.forms.form import Choice
from handlers.forms.records import Languages, Record, Table
from handlers.talk import Label, t

LONGEST_NAME = 100
"""Characters of a choice's name, which is what is stored."""
OTHER = "other"
"""The choice that `or_other` adds."""
_OTHER_LABELS = {"zh_CN": "其他", "zh_TW": "其他", "en": "Other"}
_SPECIFY_LABELS = {"zh_CN": "其他，请说明", "zh_TW": "其他，請說明", "en": "Other, please specify"}
_PARTED = re.compile(r"[;；、|,，\n]")


class Lists:
    """All lists, each choice with the row it was read from."""

    def __init__(self, table: Table, languages: Languages, othered: Iterable[str]) -> None:
        self.table = table
        self.languages = languages
        self.found: dict[str, list[tuple[Record, Choice]]] = {}
        self.named = not table.sheet.rows or bool(table.column("list_name") and table.column("name"))
        """Can the lists be told apart at all?"""
        if self.named:
            for record in table.records():
                self._take(record)
        else:
            missing = "name" if table.column("list_name") else "list_name"
            table.problems.add(table.name, 1, missing, t("this column is missing"))
        for name in othered:
            self._add_other(name)

    def choices(self, name: str) -> tuple[Choice, ...] | None:
        """The choices of a list; None if there is no such list."""
        found = self.found.get(name)
        return None if found is None else tuple(choice for _, choice in found)

    def _take(self, record: Record) -> None:
        name = record.text("list_name")
        if not name:
            if record.text("name") or record.label("label", self.languages).words:
                record.bad("list_name", t("the name of the list is missing"))
            return
        offered = self.found.setdefault(name, [])
        if choice := self._choice(record, offered):
            offered.append((record, choice))

    def _choice(self, record: Record, others: list[tuple[Record, Choice]]) -> Choice | None:
        record.refuse_not_yet()
        name, label = record.text("name"), record.label("label", self.languages)
        if not name:
            record.bad("name", t("the name is missing"))
            return None
        if len(name) > LONGEST_NAME:
            record.bad("name", t("a name has at most {most} characters", most=LONGEST_NAME))
        if not label.words:
            record.bad("label", t("the label is missing"))
        if any(name == other.name for _, other in others):
            record.bad("name", t("the choice “{name}” is in this list already", name=name))
        return Choice(name, label, record.own(), self._synonyms(record), record.pictures(self.languages))

    def _synonyms(self, record: Record) -> tuple[str, ...]:
        """Other words for the choice, of all languages together."""
        cells = record.words("synonyms", self.languages).values()
        words = (word.strip() for cell in cells for word in _PARTED.split(cell))
        return tuple(dict.fromkeys(filter(None, words)))

    def _add_other(self, name: str) -> None:
        """`or_other`: one more choice for every question of the list."""
        offered = self.found.get(name)
        if offered and all(choice.name != OTHER for _, choice in offered):
            record, choice = offered[-1]
            offered.append((record, Choice(OTHER, self._worded(_OTHER_LABELS, choice.label))))

    def specify(self, label: Label) -> Label:
        """What is asked where somebody chose `other` of a question with this label."""
        return self._worded(_SPECIFY_LABELS, label)

    def _worded(self, words: dict[str, str], beside: Label) -> Label:
        """In the languages of the label it stands beside. Where the sheet names no language, its script tells."""
        chinese = any("\u4e00" <= char <= "\u9fff" for text in beside.words.values() for char in text)
        unnamed = words["zh_CN"] if chinese else words["en"]
        said = {tag: words.get(tag, words["en"] if tag else unnamed) for tag in beside.words}
        return self.languages.label(said)
