"""An XLSForm read strictly: a Form, or every problem at once, each with its sheet, row and column."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath

from handlers.forms import checks, columns, parameters, sheets, types
from handlers.forms.defaults import dynamic, plain
from handlers.forms.expressions import written
from handlers.forms.form import NOTHING, Choice, Form, Group, Item, Question
from handlers.forms.kind import kinds
from handlers.forms.lists import OTHER, Lists
from handlers.forms.records import Problems, Record, Table, languages
from handlers.forms.types import Type
from handlers.refusals import BadInput
from handlers.talk import Label, t, tn

_NAME = re.compile(r"[^\W\d][\w.\-]*")
_NAMED = re.compile(r"\$\{([^\s{}]+)\}")
_LONGEST_NAME = 64
DEEPEST = 20
"""Groups in groups."""
_ONLY_QUESTIONS = (
    "required",
    "constraint",
    "calculation",
    "default",
    "read_only",
    "choice_filter",
    "trigger",
    "huiyin_reverse",
)
"""Columns that mean nothing on a group's row."""


def read(content: bytes, filename: str) -> Form:
    """The form in a spreadsheet file; its name decides only between .csv and .md.

    Raises BadInput: a sentence about the file, and as `problems` one about each faulty cell.
    """
    book = sheets.read(content, filename)
    if "survey" not in book:
        raise BadInput(t("“{file}” has no sheet called “survey”.", file=filename))
    problems = Problems()
    survey = Table(book["survey"], columns.SURVEY, problems)
    choices = Table(book.get("choices", _no("choices")), columns.CHOICES, problems, _used(survey))
    settings = Table(book.get("settings", _no("settings")), columns.SETTINGS, problems)
    _refuse_entities(book.get("entities", _no("entities")), problems)
    form = _Reader(survey, choices, settings, problems).form(PurePath(filename).stem)
    if problems.found:
        count = len(problems.found)
        text = tn("“{file}” has {count} problem.", "“{file}” has {count} problems.", count, file=filename)
        raise BadInput(text, problems.told())
    return form


def _no(name: str) -> sheets.Sheet:
    return sheets.Sheet(name, (), ())


def _used(survey: Table) -> set[str]:
    """All words in choice filters: among them the columns of choices that they name."""
    return {word for record in survey.records() for word in _NAME.findall(record.text("choice_filter"))}


def _refuse_entities(sheet: sheets.Sheet, problems: Problems) -> None:
    if sheet.rows:
        problems.sheets.append(sheet.name)
        problems.add(sheet.name, sheet.rows[0][0], next(iter(sheet.header), ""), types.not_yet("entities"))


@dataclass(slots=True)
class _Open:
    """A group that has begun: what it will be made of."""

    record: Record
    kind: str
    name: str = ""
    label: Label = NOTHING
    items: list[Item] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    asks: bool = False


class _Reader:
    def __init__(self, survey: Table, choices: Table, settings: Table, problems: Problems) -> None:
        self.survey = survey
        self.settings = next(settings.records(), Record(settings, 2, ()))
        self.problems = problems
        self.named = self.settings.text("default_language")
        self.languages = languages((survey, choices), columns.language(self.named) if self.named else "")
        self.rows = [
            (record, types.read(record.text("type")))
            for record in survey.records()
            if written(record.text("disabled")) != "true()"
        ]
        self.lists = Lists(choices, self.languages, {row.list_name for _, row in self.rows if row.other})
        self.groups = [_Open(self.settings, "", taken={"meta"})]
        self.repeats: set[str] = set()
        self.records: dict[int, Record] = {}
        """By the `id` of each question, group and choice the row it was read from."""
        self.joined: set[str] = set()
        """Lists whose names are stored with spaces between them."""
        self.offering: set[str] = set()
        """Lists that questions name."""

    def form(self, stem: str) -> Form:
        """The whole form, as far as it can be read."""
        if self.named and columns.language(self.named) not in self.languages.names:
            self.settings.bad("default_language", t("no column is in this language"))
        self.settings.refuse_not_yet()
        if self.survey.column("type") and self.survey.column("name"):
            self.take_all()
        else:
            missing = "name" if self.survey.column("type") else "type"
            self.problems.add(self.survey.name, 1, missing, t("this column is missing"))
        self.check()
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

    def check(self) -> None:
        """What can be said only when everything is read."""
        items = self.groups[0].items
        names = {item.name for item in checks.every(items)}
        for list_name, offered in self.lists.found.items():
            for record, choice in offered:
                self.records[id(choice)] = record
                if list_name not in self.offering:
                    for words in choice.label.words.values():
                        checks.check_named(record, "label", words, names)
                if list_name in self.joined and len(choice.name.split()) > 1:
                    problem = t("“{name}” has a space, which no name in a select_multiple can have", name=choice.name)
                    record.bad("name", problem)
        for header, cell in self.settings.own().items():
            checks.check_named(self.settings, header, cell, names)
        checks.check(items, self.records)

    # The survey, row by row ---------------------------------------------------------------------------

    def take_all(self) -> None:
        for record, row in self.rows:
            self.take(record, row)
        for group in reversed(self.groups[1:]):
            group.record.bad("type", t("this group has no end"))
            self.close()
        if not self.groups[0].asks:
            self.problems.add(self.survey.name, 2, self.survey.header("type"), t("there is no question"))

    def take(self, record: Record, row: Type) -> None:
        record.refuse_not_yet()
        if row.move == "begin":
            self.begin(record, row.kind)
        elif row.move == "end":
            self.end(record, row.kind)
        elif record.text("type"):
            self.ask(record, row)
        elif record.text("name") or record.label("label", self.languages).words:
            self.groups[-1].asks = True  # nobody knows what
            record.bad("type", t("the type is missing"))

    def begin(self, record: Record, kind: str) -> None:
        if len(self.groups) > DEEPEST:
            record.bad("type", t("groups are nested too deeply"))
        for column in _ONLY_QUESTIONS:
            if written(record.text(column)) not in ("", "false()"):
                record.bad(column, t("this has no meaning for a group; put it on its questions"))
        name = self.name(record)
        if kind == "repeat":
            if name in self.repeats or name == "data":
                record.bad("name", t("another repeat is called “{name}” already", name=name))
            self.repeats.add(name)
        elif record.text("repeat_count"):
            record.bad("repeat_count", t("only a repeat can have a count; this is a group"))
        self.groups.append(_Open(record, kind, name, record.label("label", self.languages), taken={"meta"}))

    def end(self, record: Record, kind: str) -> None:
        if len(self.groups) == 1:
            record.bad("type", t("nothing has begun that could end here"))
            return
        group = self.groups[-1]
        if group.kind != kind:
            problem = t("“{begun}” of row {row} is still open", begun=f"begin_{group.kind}", row=str(group.record.row))
            record.bad("type", problem)
        if group.kind == "repeat" and not group.asks:
            group.record.bad("type", t("nothing is asked in this repeat"))
        self.close()

    def close(self) -> None:
        """The innermost group is whole."""
        group = self.groups.pop()
        begun = group.record
        self.groups[-1].asks = self.groups[-1].asks or group.asks
        made = Group(
            path="/".join([self.path(), group.name]),
            name=group.name,
            label=group.label,
            relevant=written(begun.text("relevant")),
            items=tuple(group.items),
            appearance=begun.text("appearance"),
            repeat=group.kind == "repeat",
            count=begun.text("repeat_count") if group.kind == "repeat" else "",
        )
        self.keep(begun, made)

    def path(self) -> str:
        return "/".join(["/data", *(group.name for group in self.groups[1:])])

    def keep(self, record: Record, item: Item) -> None:
        self.groups[-1].items.append(item)
        self.records[id(item)] = record

    def name(self, record: Record, name: str = "") -> str:
        """The name of a question or group; its faults are noted."""
        name, taken = name or record.text("name"), self.groups[-1].taken
        if not name:
            record.bad("name", t("the name is missing"))
        elif not _NAME.fullmatch(name) or name == "meta" or len(name) > _LONGEST_NAME:
            problem = t("“{name}” cannot be a name: a letter first, then letters, digits, “_”, “-” and “.”", name=name)
            record.bad("name", problem)
        elif name in taken:
            record.bad("name", t("the name “{name}” is there already", name=name))
        taken.add(name)
        return name

    def ask(self, record: Record, row: Type) -> None:
        if not row.kind:
            self.groups[-1].asks = True
            if name := record.text("name"):
                path = f"{self.path()}/{self.name(record)}"
                self.keep(record, Question(path, name, "text", record.label("label", self.languages)))
            record.bad("type", types.unknown(record.text("type")))
            return
        question = self.question(record, row)
        self.groups[-1].asks = self.groups[-1].asks or kinds()[question.type].asked
        checks.check_question(record, question)
        self.keep(record, question)
        if row.other:
            self.ask_other(record, question)

    def question(self, record: Record, row: Type) -> Question:
        """The question in this row."""
        name = record.text("name") or (f"generated_note_name_{record.row}" if row.kind == "note" else "")
        name = self.name(record, name)
        label, hint = record.label("label", self.languages), record.label("hint", self.languages)
        calculation, trigger = written(record.text("calculation")), self.trigger(record)
        worked_out = bool(calculation or trigger) and not label.words and not hint.words
        kind = "calculate" if worked_out and not kinds()[row.kind].silent else row.kind
        given, seed = self.parameters(record, kind)
        default = record.text("default")
        worked = dynamic(default, kind)
        return Question(
            path=f"{self.path()}/{name}",
            name=name,
            type=kind,
            label=label if label.words else hint,
            hint=hint if label.words else NOTHING,
            required=_unless_no(written(record.text("required"))),
            required_message=record.label("required_message", self.languages),
            constraint=written(record.text("constraint")),
            constraint_message=record.label("constraint_message", self.languages),
            relevant=written(record.text("relevant")),
            choices=self.offered(record, row) if kinds()[kind].chooses else (),
            appearance=record.text("appearance"),
            parameters=given,
            guidance=record.label("guidance_hint", self.languages),
            calculation=calculation or ("''" if trigger else ""),
            trigger=trigger,
            default=default if worked else plain(default, kind),
            dynamic=worked,
            read_only=_unless_no(written(record.text("read_only"))),
            choice_filter=record.text("choice_filter"),
            randomize=given.get("randomize") == "true",
            seed=seed,
            image=record.pictures(self.languages),
            reversed=written(record.text("huiyin_reverse")) not in ("", "false()"),
        )

    def trigger(self, record: Record) -> tuple[str, ...]:
        """The questions whose change works out the calculation: one `${name}`, or several with commas between."""
        cell = record.text("trigger")
        pieces = [_NAMED.fullmatch(piece.strip()) for piece in cell.split(",") if piece.strip()]
        if not all(pieces):
            record.bad("trigger", t("a trigger is written like {example}", example="${name}"))
        return tuple(piece[1] for piece in pieces if piece)

    def parameters(self, record: Record, kind: str) -> tuple[dict[str, str], str]:
        """The parameters, and apart from them the seed, which is an expression."""
        given = parameters.read(record.text("parameters"))
        if given is None:
            record.bad("parameters", t("parameters are written like {example}", example="rows=5"))
            return {}, ""
        faults = list(parameters.faults(kind, given))
        for fault in faults:
            record.bad("parameters", fault)
        seed = "" if faults else given.get("seed", "")
        return {name: value for name, value in parameters.whole(kind, given).items() if name != "seed"}, seed

    def offered(self, record: Record, row: Type) -> tuple[Choice, ...]:
        """The list that a question names; that it is there, and what is in it, is checked."""
        if not row.list_name:
            example = f"{row.kind} answers"
            record.bad("type", t("the name of a list must follow, as in “{example}”", example=example))
            return ()
        if row.more:
            record.bad("type", types.not_yet(row.more))
        offered = self.lists.choices(row.list_name)
        self.offering.add(row.list_name)
        if row.list_name.startswith("${"):
            record.bad("type", types.not_yet(row.list_name))
        elif offered is None and self.lists.named:
            problem = t("there is no list “{name}”", name=row.list_name)
            record.bad("type", types.near(problem, row.list_name, self.lists.found))
        elif offered == ():
            record.bad("type", t("the list “{name}” is empty", name=row.list_name))
        if row.kind in ("select_multiple", "rank"):
            self.joined.add(row.list_name)
        return offered or ()

    def ask_other(self, record: Record, question: Question) -> None:
        """The question after a choice with `or_other`: which other?"""
        if question.choice_filter:
            record.bad("choice_filter", t("a filter cannot stand beside or_other"))
        if question.type == "rank":
            record.bad("type", t("what is put in order cannot have or_other"))
        name = self.name(record, f"{question.name}_{OTHER}")
        label = self.lists.specify(question.label)
        relevant = f"selected(${{{question.name}}}, '{OTHER}')"
        path = f"{self.path()}/{name}"
        self.keep(record, Question(path=path, name=name, type="text", label=label, relevant=relevant))


def _unless_no(expression: str) -> str:
    return "" if expression == "false()" else expression
