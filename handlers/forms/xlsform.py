"""An XLSForm read strictly: a Form, or every problem at once, each with its sheet, row and column."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath

from handlers.forms import checks, columns, sheets
from handlers.forms.expressions import written
from handlers.forms.form import Choice, Form, Group, Item, Question
from handlers.forms.kind import kinds
from handlers.forms.records import Problems, Record, Table, languages
from handlers.refusals import BadInput
from handlers.talk import Label, Text, t, tn

_ALIASES = {
    "select_one_from": "select_one", "select1": "select_one", "add_select_one_prompt_using": "select_one",
    "select_all_that_apply": "select_multiple", "select_all_that_apply_from": "select_multiple",
    "select_multiple_from": "select_multiple", "add_select_multiple_prompt_using": "select_multiple",
    "string": "text", "q_string": "text", "add_text_prompt": "text", "int": "integer", "q_int": "integer",
    "add_integer_prompt": "integer", "q_decimal": "decimal", "add_decimal_prompt": "decimal", "q_date": "date",
    "add_date_prompt": "date", "q_note": "note", "add_note_prompt": "note",
}  # fmt: skip
_NOT_YET = frozenset((
    "range", "rank", "time", "datetime", "calculate", "acknowledge", "trigger", "hidden", "today", "start", "end",
    "start_geopoint", "start-geopoint", "background-geopoint", "deviceid", "device_id", "imei", "phonenumber",
    "phone_number", "simserial", "sim_id", "subscriberid", "subscriber_id", "username", "email", "audit", "geopoint",
    "geotrace", "geoshape", "location", "gps", "barcode", "image", "photo", "audio", "background-audio", "video",
    "file", "osm", "select_one_external", "select_one_from_file", "select_multiple_from_file", "xml-external",
    "csv-external", "percentage", "begin_repeat", "end_repeat", "begin_loop", "end_loop", "uri", "csv",
))  # fmt: skip
"""Types that ODK knows and that are not asked here yet."""
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_LONGEST_NAME = 64
DEEPEST = 20
"""Groups in groups."""


def read(content: bytes, filename: str) -> Form:
    """The form in a spreadsheet file; its name decides only between .csv and .md.

    Raises BadInput: a sentence about the file, and as `problems` one about each faulty cell.
    """
    book = sheets.read(content, filename)
    if "survey" not in book:
        raise BadInput(t("“{file}” has no sheet called “survey”.", file=filename))
    problems = Problems()
    survey = Table(book["survey"], columns.SURVEY, problems)
    choices = Table(book.get("choices", _no("choices")), columns.CHOICES, problems)
    settings = Table(book.get("settings", _no("settings")), columns.SETTINGS, problems)
    form = _Reader(survey, choices, settings, problems).form(PurePath(filename).stem)
    if problems.found:
        count = len(problems.found)
        text = tn("“{file}” has {count} problem.", "“{file}” has {count} problems.", count, file=filename)
        raise BadInput(text, problems.told())
    return form


def _no(name: str) -> sheets.Sheet:
    return sheets.Sheet(name, (), ())


@dataclass(slots=True)
class _Open:
    """A group that has begun: what it will be made of."""

    record: Record
    kind: str
    name: str = ""
    label: Label = field(default_factory=lambda: Label({}))
    relevant: str = ""
    appearance: str = ""
    items: list[Item] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


class _Reader:
    def __init__(self, survey: Table, choices: Table, settings: Table, problems: Problems) -> None:
        self.survey = survey
        self.choices = choices
        self.settings = next(settings.records(), Record(settings, 2, ()))
        self.problems = problems
        self.named = self.settings.text("default_language")
        self.languages = languages((survey, choices), columns.language(self.named) if self.named else "")
        self.lists_named = not choices.sheet.rows or bool(choices.column("list_name") and choices.column("name"))
        self.lists: dict[str, list[tuple[Record, Choice]]] = {}
        self.read_lists()
        self.groups = [_Open(self.settings, "")]
        self.sources: list[checks.Source] = []
        self.several: set[str] = set()
        self.asks = False

    def form(self, stem: str) -> Form:
        """The whole form, as far as it can be read."""
        if self.named and columns.language(self.named) not in self.languages.names:
            self.settings.bad("default_language", t("no column is in this language"))
        if self.survey.column("type") and self.survey.column("name"):
            self.take_all()
        else:
            missing = "name" if self.survey.column("type") else "type"
            self.problems.add(self.survey.name, 1, missing, t("this column is missing"))
        names = checks.Names(self.sources)
        self.check_choices(names)
        checks.check(self.sources, names)
        name = self.settings.text("form_id") or stem
        title = self.settings.words("form_title", self.languages)
        return Form(
            name,
            self.languages.label(title if any(title.values()) else {self.languages.default: name}),
            self.settings.text("version"),
            tuple(filter(None, self.languages.names)),
            self.languages.default,
            tuple(self.groups[0].items),
        )

    # The survey, row by row ---------------------------------------------------------------------------

    def take_all(self) -> None:
        for record in self.survey.records():
            self.take(record)
        for group in self.groups[1:]:
            group.record.bad("type", t("this group has no end"))
        if not self.asks:
            self.problems.add(self.survey.name, 2, self.survey.header("type"), t("there is no question"))

    def take(self, record: Record) -> None:
        if written(record.text("disabled")) == "true()":
            return
        record.refuse_not_yet()
        words = record.text("type").split()
        begins = re.fullmatch(r"(begin|end)[ _](group|repeat|loop)", " ".join(words).lower())
        if not words:
            self.asks = True  # nobody knows what
            record.bad("type", t("the type is missing"))
        elif not begins:
            self.ask(record, words)
        elif begins[1] == "begin":
            self.begin(record, begins[2])
        else:
            self.end(record, begins[2])

    def begin(self, record: Record, kind: str) -> None:
        if kind != "group":
            record.bad("type", _not_yet(f"begin_{kind}"))
        if len(self.groups) > DEEPEST:
            record.bad("type", t("groups are nested too deeply"))
        name = self.name(record)
        relevant, appearance = written(record.text("relevant")), record.text("appearance")
        self.groups.append(_Open(record, kind, name, record.label("label", self.languages), relevant, appearance))

    def end(self, record: Record, kind: str) -> None:
        if len(self.groups) == 1:
            record.bad("type", t("nothing has begun that could end here"))
            return
        group = self.groups.pop()
        if group.kind != kind:
            problem = t("“{begun}” of row {row} is still open", begun=f"begin_{group.kind}", row=str(group.record.row))
            record.bad("type", problem)
        path = "/".join([self.path(), group.name])
        made = Group(path, group.name, group.label, group.relevant, tuple(group.items), group.appearance)
        self.keep(group.record, made)

    def path(self) -> str:
        return "/".join(["/data", *(group.name for group in self.groups[1:])])

    def keep(self, record: Record, item: Item) -> None:
        self.groups[-1].items.append(item)
        self.sources.append(checks.Source(record, item))

    def name(self, record: Record) -> str:
        """The name of a question or group; its faults are noted."""
        name, taken = record.text("name"), self.groups[-1].taken
        if not name:
            record.bad("name", t("the name is missing"))
        elif not _NAME.fullmatch(name) or name == "meta" or len(name) > _LONGEST_NAME:
            problem = t("“{name}” cannot be a name: a letter first, then letters, digits, “_”, “-” and “.”", name=name)
            record.bad("name", problem)
        elif name in taken:
            record.bad("name", t("the name “{name}” is there already", name=name))
        taken.add(name)
        return name

    def ask(self, record: Record, words: list[str]) -> None:
        kind, rest = _kind(words)
        self.asks = self.asks or not kind or kinds()[kind].asked
        name = self.name(record)
        label = record.label("label", self.languages)
        if not kind:
            record.bad("type", _unknown(" ".join(words)))
        elif not label.words:
            record.bad("label", t("the label is missing"))
        question = Question(
            path=f"{self.path()}/{name}",
            name=name,
            type=kind or "note",
            label=label,
            hint=record.label("hint", self.languages),
            required=_unless_no(written(record.text("required"))),
            required_message=record.label("required_message", self.languages),
            constraint=written(record.text("constraint")),
            constraint_message=record.label("constraint_message", self.languages),
            relevant=written(record.text("relevant")),
            choices=self.offered(record, kind, rest) if kind and kinds()[kind].chooses else (),
            appearance=record.text("appearance"),
            parameters=self.parameters(record),
        )
        self.keep(record, question)

    def parameters(self, record: Record) -> dict[str, str]:
        pairs = [pair.partition("=") for pair in re.split(r"[\s,;]+", record.text("parameters")) if pair]
        if any(not sign or not value for _, sign, value in pairs):
            record.bad("parameters", t("parameters are written like {example}", example="rows=5"))
        if any(key.lower() == "randomize" and value.lower() == "true" for key, _, value in pairs):
            record.bad("parameters", _not_yet("randomize"))
        return {key.lower(): value for key, _, value in pairs}

    # Choices ------------------------------------------------------------------------------------------

    def read_lists(self) -> None:
        if not self.lists_named:
            missing = "name" if self.choices.column("list_name") else "list_name"
            self.problems.add(self.choices.name, 1, missing, t("this column is missing"))
            return
        for record in self.choices.records():
            if list_name := record.text("list_name"):
                offered = self.lists.setdefault(list_name, [])
                if choice := self.choice(record, offered):
                    offered.append((record, choice))
            else:
                record.bad("list_name", t("the name of the list is missing"))

    def choice(self, record: Record, others: list[tuple[Record, Choice]]) -> Choice | None:
        name = record.text("name")
        label = record.label("label", self.languages)
        record.refuse_not_yet()
        if not name:
            record.bad("name", t("the name is missing"))
            return None
        if not label.words:
            record.bad("label", t("the label is missing"))
        if any(name == other.name for _, other in others):
            record.bad("name", t("the choice “{name}” is in this list already", name=name))
        return Choice(name, label)

    def offered(self, record: Record, kind: str, rest: list[str]) -> tuple[Choice, ...]:
        """The list that a question names; that it is there, and what is in it, is checked."""
        if not rest:
            record.bad("type", t("the name of a list must follow, as in “{example}”", example=f"{kind} answers"))
            return ()
        list_name, *others = rest
        if others:
            record.bad("type", _not_yet(" ".join(others)))
        offered = self.lists.get(list_name)
        if offered is None and self.lists_named:
            record.bad("type", _near(t("there is no list “{name}”", name=list_name), list_name, self.lists))
        elif offered == []:
            record.bad("type", t("the list “{name}” is empty", name=list_name))
        if kinds()[kind].several:
            self.several.add(list_name)
        return tuple(choice for _, choice in offered or ())

    def check_choices(self, names: checks.Names) -> None:
        """What can be said of the lists only when all questions are read."""
        for list_name, offered in self.lists.items():
            for record, choice in offered:
                names.check_words(record, "label", choice.label)
                if list_name in self.several and len(choice.name.split()) > 1:
                    problem = t("“{name}” has a space, which no name in a select_multiple can have", name=choice.name)
                    record.bad("name", problem)


def _kind(words: list[str]) -> tuple[str, list[str]]:
    """The kind of question that a cell of the type column names, and what follows: `select one from list`."""
    for cut in range(len(words), 0, -1):
        named = "_".join(words[:cut]).lower()
        kind = _ALIASES.get(named, named)
        if kind in kinds() and (kinds()[kind].chooses or cut == len(words)):
            return kind, words[cut:]
    return "", []


def _unless_no(expression: str) -> str:
    return "" if expression == "false()" else expression


def _not_yet(named: str) -> Text:
    return t("“{type}” is known to ODK, but it cannot be asked here yet", type=named)


def _unknown(named: str) -> Text:
    words = named.lower().split()
    if "_".join(words) in _NOT_YET or words[0] in _NOT_YET:
        return _not_yet(named)
    return _near(
        t("“{type}” is no question type", type=named), words[0], [*kinds(), "begin_group", "end_group", *_NOT_YET]
    )


def _near(problem: Text, named: str, known: Iterable[str]) -> Text:
    """The problem, and what may have been meant."""
    near = get_close_matches(named, known, 1, 0.7)
    return t("{problem}. Did you mean “{near}”?", problem=problem, near=near[0]) if near else problem
