"""Random forms, valid by construction: what a row depends on is made before it; then rows change places."""

import re
from random import Random

from tests.rosa.expressions import DAYS, WORDS, Known, Writer
from tests.rosa.form import Row, Rows

LISTS = {"ab": ("a", "b", "c"), "yn": ("yes", "no"), "n": ("1", "2", "3", "10")}
ASKED = ("integer", "decimal", "text", "date", "select_one", "select_multiple", "range", "rank", "time", "dateTime",
         "acknowledge")  # fmt: skip
LIKELY = (6, 2, 4, 2, 6, 3, 1, 1, 1, 1, 1)
KNOWN_AS = {"integer": "number", "decimal": "number", "range": "number", "text": "text", "date": "date",
            "select_one": "one", "select_multiple": "several", "rank": "several", "time": "time",
            "dateTime": "moment", "acknowledge": "text"}  # fmt: skip
ENGLISH, CHINESE = "English (en)", "中文 (zh)"
DEEPEST = 3


class Maker:
    """Makes one form."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.known: list[Known] = []
        self.wholes: set[str] = set()
        self.number = 0
        self.groups: list[str] = []
        self.hiding: set[str] = set()
        self.tongues = self.dice.random() < 0.3
        self.default = self.dice.choice((ENGLISH, CHINESE))
        self.named = self.tongues and (self.default == CHINESE or self.chance(0.5))
        self.most = self.dice.randint(3, 14)

    def form(self) -> Rows:
        """The whole form."""
        survey = [{"type": "integer", "name": "first", **self.words("label", "first", ())}] if self.chance(0.2) else []
        if survey:
            self.known.append(Known("first", "number", (), ()))
        blocks = self.items((), 0)
        settings = {"form_title": "Made", "form_id": "made"}
        if self.named:
            settings["default_language"] = self.default
        return {"survey": [*survey, *blocks], "choices": self.choices(), "settings": [settings]}

    def chance(self, probability: float) -> bool:
        return self.dice.random() < probability

    def name(self, letter: str = "q") -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def choices(self) -> list[Row]:
        return [
            {"list_name": name, "name": choice, "above": above, "level": str(level), **self.plain_words(choice)}
            for name, choices in LISTS.items()
            for level, choice in enumerate(choices)
            for above in (self.dice.choice(("a", "b", "c", "yes", "no", "1")),)
        ]  # fmt: skip

    # Rows ---------------------------------------------------------------------------------------------

    def items(self, inside: tuple[str, ...], depth: int) -> list[Row]:
        """The rows of the form, a group or a repeat."""
        blocks: list[list[Row]] = []
        for _ in range(self.dice.randint(1, 4) if depth else self.most):
            roll = self.dice.random()
            if roll < 0.13 and depth < DEEPEST:
                blocks.append(self.group(inside, depth))
            elif roll < 0.23 and depth < DEEPEST and len(inside) < 2:
                blocks.append(self.repeat(inside, depth))
            elif roll < 0.36:
                blocks.append([self.calculation(inside)])
            elif roll < 0.38:
                blocks.append([self.hidden(inside)])
            elif roll < 0.43:
                blocks.append([self.note(inside)])
            else:
                blocks.append(self.question(inside))
        if not any(row["type"].split()[0] in ASKED for block in blocks for row in block):
            blocks.append(self.question(inside))
        if self.chance(0.4):
            self.dice.shuffle(blocks)
        return [row for block in blocks for row in block]

    def group(self, inside: tuple[str, ...], depth: int) -> list[Row]:
        name = self.name("g")
        begin = {"type": "begin group", "name": name, **self.plain_words("group")}
        if self.chance(0.5):
            begin["relevant"] = self.writer(inside).of("truth")
            self.hiding.add(name)
        if self.chance(0.2):
            begin["appearance"] = "field-list"
        self.groups.append(name)
        rows = self.items(inside, depth + 1)
        self.groups.pop()
        return [begin, *rows, {"type": "end group"}]

    def repeat(self, inside: tuple[str, ...], depth: int) -> list[Row]:
        name = self.name("r")
        begin = {"type": "begin repeat", "name": name, **self.plain_words("repeat")}
        writer = self.writer(inside)
        if self.chance(0.3):
            begin["relevant"] = writer.of("truth")
            self.hiding.add(name)
        if self.chance(0.5):
            wholes = [one.name for one in writer.near if one.kind == "number" and one.name in self.wholes]
            whole = f"${{{self.dice.choice(wholes)}}}" if wholes else "2"
            begin["repeat_count"] = self.dice.choice(
                (whole, whole, f"{whole} + 1", str(self.dice.randint(0, 3)), f"if({writer.of('truth', 1)}, 2, 1)")
            )
            if not begin["repeat_count"].startswith(("1", "2", "3")):
                self.hiding.add(name)  # it may count none, or fewer than before
        self.groups.append(name)
        rows = self.items((*inside, name), depth + 1)
        self.groups.pop()
        self.know(name, "repeat", inside)
        return [begin, *rows, {"type": "end repeat"}]

    def writer(self, inside: tuple[str, ...]) -> Writer:
        return Writer(self.dice, self.known, inside, tuple(self.groups), tongues=self.tongues)

    def never_hidden(self, inside: tuple[str, ...]) -> Writer:
        """Writes of what is always relevant: when a form opens, JavaRosa's once() sees what is hidden, against 2.2."""
        known = [one for one in self.known if one.name[0] in "qfh" and not self.hiding & {one.name, *one.groups}]
        return Writer(self.dice, known, inside, tuple(self.groups), tongues=self.tongues)

    def know(
        self, name: str, kind: str, inside: tuple[str, ...], choices: tuple[str, ...] = (), *, filtered: bool = False
    ) -> None:
        self.known.append(Known(name, kind, inside, tuple(self.groups), choices, filtered))

    def note(self, inside: tuple[str, ...]) -> Row:
        row = {"type": "note", "name": self.name("n"), **self.words("label", "note", inside)}
        if self.chance(0.4):
            row["relevant"] = self.writer(inside).of("truth")
        return row

    def hidden(self, inside: tuple[str, ...]) -> Row:
        row = {"type": "hidden", "name": self.name("h"), "default": self.dice.choice(("a", "7", "北京"))}
        self.know(row["name"], "text", inside)
        return row

    def calculation(self, inside: tuple[str, ...]) -> Row:
        writer = self.writer(inside)
        name, kind = self.name("c"), self.dice.choice(("number", "text", "truth", "number", "text"))
        expression = writer.of(kind, 3)
        if kind == "number":
            expression = f"round({expression}, 3) mod 10000"
        # Where an entry or group may be hidden, JavaRosa itself takes now one order, now the other
        once = self.chance(0.12) and not self.hiding.intersection(self.groups)
        if once:
            expression = f"once({self.never_hidden(inside).of('text', 3)})"
        row = {"type": "calculate", "name": name, "calculation": expression}
        if not once and self.chance(0.15):
            row["relevant"] = writer.of("truth")
        triggers = self.triggers(writer)
        if triggers and not once and self.chance(0.12):  # a triggered once() has no value to keep
            row["trigger"] = f"${{{self.dice.choice(triggers).name}}}"
        self.know(name, kind, inside)
        return row

    def question(self, inside: tuple[str, ...]) -> list[Row]:
        """Any that is asked."""
        writer = self.writer(inside)
        kind = self.dice.choices(ASKED, LIKELY)[0]
        name = self.name()
        row = {"type": kind, "name": name, **self.words("label", name, inside)}
        choices: tuple[str, ...] = ()
        other = False
        if kind in ("select_one", "select_multiple", "rank"):
            chosen = self.dice.choice(list(LISTS))
            choices = LISTS[chosen]
            other = kind != "rank" and chosen == "ab" and self.chance(0.15)
            row["type"] = f"{kind} {chosen}" + (" or_other" if other else "")
            if kind != "rank" and not other and self.chance(0.3):
                row["choice_filter"] = self.filter(writer)
            if kind != "rank" and not other and self.chance(0.15):
                number = self.dice.choice([one.name for one in writer.near if one.name in self.wholes] or [""])
                row["parameters"] = f"randomize=true, seed={f'${{{number}}}' if number else self.dice.randint(0, 99)}"
        if kind == "range":
            row["parameters"] = self.dice.choice(
                ("start=0 end=5 step=1", "start=0 end=2 step=0.5", "start=-2 end=4 step=2")
            )
        if self.chance(0.35):
            row["relevant"] = writer.of("truth")
            self.hiding.add(name)
        if self.chance(0.25):
            row["required"] = "yes" if self.chance(0.7) else writer.of("truth", 1)
            if self.chance(0.3):
                row |= self.words("required_message", "needed", inside)
        if self.chance(0.35) and (constraint := self.constraint(kind, choices, writer)) and "[. " not in constraint:
            row["constraint"] = constraint  # JavaRosa takes the dot in brackets for the new answer there
            if self.chance(0.5):
                row |= self.words("constraint_message", "unfit", inside)
        if self.chance(0.2):
            row |= self.words("hint", "hint", inside)
        if self.chance(0.25) and "choice_filter" not in row:
            self.start(row, kind, choices, writer)
        triggers = self.triggers(writer)
        if kind == "text" and triggers and self.chance(0.15):
            row |= {"calculation": writer.of("text"), "trigger": f"${{{self.dice.choice(triggers).name}}}"}
        elif kind in ("text", "integer") and "required" not in row and "default" not in row and self.chance(0.06):
            worked = writer.of("text") if kind == "text" else f"round({writer.of('number')}) mod 1000"
            row |= {"calculation": worked, "read_only": "yes"}
        if self.chance(0.08) and "required" not in row and "calculation" not in row:
            row["read_only"] = "yes" if self.chance(0.6) else writer.of("truth", 1)
        if "read_only" in row:
            row.pop("constraint", "")  # 12.5: what breaks it there could never be handed in
        self.know(name, KNOWN_AS[kind], inside, choices, filtered="choice_filter" in row)
        if kind == "integer":
            self.wholes.add(name)
        return [row]

    def triggers(self, writer: Writer) -> list[Known]:
        """What can trigger a row that stands here. In an entry only what is in the same group: else pyxform writes the
        paths of the calculation from where the trigger stands, and JavaRosa reads them from where the row does."""
        near = [one for one in writer.near if one.inside == writer.inside and one.name.startswith("q")]
        return [one for one in near if not one.inside or one.groups == writer.groups]

    def filter(self, writer: Writer) -> str:
        one, several, number = (writer.named(kind) for kind in ("one", "several", "number"))
        some = ["level < 2", "name != 'a'"]
        some += [f"above = {one}", f"above = {one} or level = 0", f"name != {one}"] if one else []
        some += [f"selected({several}, name)", f"not(selected({several}, name))"] if several else []
        some += [f"level <= {number}"] if number else []
        return self.dice.choice(some[-5:])

    def constraint(self, kind: str, choices: tuple[str, ...], writer: Writer) -> str:
        match KNOWN_AS[kind]:
            case "number":
                number = writer.of("number", 1)
                return self.dice.choice(
                    (f". > {number}", ". < 20 and . >= 0", f". != {number}", ". - 3", f". <= {number} + 10")
                )
            case "text" if kind == "text":
                return self.dice.choice(("string-length(.) > 1", "regex(., '[a-z]+')", f". != {writer.of('text', 0)}"))
            case "one":
                return f". != '{self.dice.choice(choices)}'"
            case "several":
                return self.dice.choice(
                    (
                        "count-selected(.) < 3",
                        f"not(selected(., '{choices[0]}'))",
                        f"selected-at(., 0) = '{choices[-1]}'",
                    )
                )
            case "date":
                return f". {self.dice.choice(('<', '>='))} {writer.of('date', 0)}"
        return ""

    def start(self, row: Row, kind: str, choices: tuple[str, ...], writer: Writer) -> None:
        dynamic = self.chance(0.5)
        match kind:
            case "integer":
                row["default"] = (
                    f"round({writer.of('number', 1)}) mod 100" if dynamic else str(self.dice.randint(0, 12))
                )
            case "decimal":
                row["default"] = f"round({writer.of('number', 1)}, 1) mod 100 + 0.5" if dynamic else "2.5"
            case "text":
                row["default"] = f"concat({writer.of('text', 1)}, '')" if dynamic else self.dice.choice(WORDS)
            case "date":
                row["default"] = writer.date_reckoned(0) if dynamic else self.dice.choice(DAYS)
            case "select_one":
                row["default"] = self.dice.choice(choices)
            case "select_multiple":
                row["default"] = " ".join(self.dice.sample(choices, 2))
            case "range":
                row["default"] = "2"
        if self.over_hidden(row.get("default", ""), writer):
            del row["default"]

    def over_hidden(self, default: str, writer: Writer) -> bool:
        """Does it look at entries that may be hidden when the form opens? JavaRosa sees then now that they are, now
        that they are not: even position(..) may be 0."""
        if "position(..)" in default and self.hiding.intersection(self.groups):
            return True
        named = set(re.findall(r"\w+", default))
        far = [one for one in (*writer.far, *writer.repeats) if one.name in named]
        return any(self.hiding & {one.name, *one.groups} for one in far)

    # Words --------------------------------------------------------------------------------------------

    def words(self, column: str, words: str, inside: tuple[str, ...]) -> Row:
        """A label or message, answers inserted now and then."""
        writer = self.writer(inside)
        inserted = ""
        for _ in range(self.dice.choice((0, 0, 0, 1, 2))):
            name = writer.named("number", "text", "one", "several", "date", "time", "truth")
            inserted += f" {name}" if name else ""
        return self.plain_words(words + inserted, column)

    def plain_words(self, words: str, column: str = "label") -> Row:
        if not self.tongues:
            return {column: words}
        both = {f"{column}::{ENGLISH}": words, f"{column}::{CHINESE}": f"中 {words}"}
        if self.named and self.chance(0.08):
            del both[f"{column}::{CHINESE if self.default == ENGLISH else ENGLISH}"]
        return both


def random_form(seed: int) -> Rows:
    """The form of this seed."""
    return Maker(seed).form()
