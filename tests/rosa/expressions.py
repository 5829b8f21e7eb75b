"""Random expressions that make sense: typed, over questions that may be named where they stand.

Only what has one meaning in the reference of behaviour; what it calls an artefact (exponents, times as numbers) is not
written, or is made alike by `form.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Known:
    """A question, calculation or repeat that later rows may name. `inside`: the repeats it stands in; `groups`: all
    groups it stands in, repeats too.

    `kind`: number, text, one (a select), several, date, time, moment, truth, repeat.
    """

    name: str
    kind: str
    inside: tuple[str, ...]
    groups: tuple[str, ...]
    choices: tuple[str, ...] = ()
    filtered: bool = False

    @property
    def within(self) -> str:
        """Its path from the repeat that it stands in."""
        return "/".join((*self.groups[self.groups.index(self.inside[-1]) + 1 :], self.name))


WORDS = ("a", "b", "ab", "北京", "x y", "12", "7", "no", "yes")
DAYS = ("2026-01-31", "2026-02-01", "2024-02-29", "2026-11-25")


class Writer:
    """Writes expressions for one row, in the repeats `inside`; `known` is what it may depend on."""

    def __init__(
        self, dice: Random, known: list[Known], inside: tuple[str, ...], groups: tuple[str, ...], *, tongues: bool
    ) -> None:
        self.dice = dice
        self.inside = inside
        self.groups = groups
        self.direct = bool(inside) and groups[-1] == inside[-1]
        self.tongues = tongues
        self.near = [one for one in known if one.kind != "repeat" and one.inside == inside[: len(one.inside)]]
        self.far = [one for one in known if one.inside != inside[: len(one.inside)] and not inside]
        self.repeats = [one for one in known if one.kind == "repeat" and not one.inside and not inside]

    def some(self, *kinds: str) -> Known | None:
        """Something of these kinds that may be named as it is."""
        found = [one for one in self.near if one.kind in kinds]
        return self.dice.choice(found) if found else None

    def beside(self, *kinds: str) -> str:
        """`../name` of what stands beside it in the same entry, or nothing."""
        found = [one for one in self.near if one.kind in kinds and one.groups == self.groups and self.inside]
        return f"../{self.dice.choice(found).name}" if found else ""

    def of(self, kind: str, depth: int = 2) -> str:
        """An expression of this kind: number, text, date, truth."""
        makers: dict[str, tuple[Callable[[int], str], ...]] = {
            "number": self.NUMBERS, "text": self.TEXTS, "date": self.DATES, "truth": self.TRUTHS,
        }  # fmt: skip
        some = makers[kind]
        return self.dice.choice(some if depth > 0 else some[:2])(self, depth - 1)

    def named(self, *kinds: str) -> str:
        """`${name}` of one of these kinds, or nothing."""
        one = self.some(*kinds)
        return f"${{{one.name}}}" if one else ""

    # Numbers ------------------------------------------------------------------------------------------

    def number_name(self, depth: int) -> str:
        beside = self.beside("number") if self.dice.random() < 0.2 else ""
        return beside or self.named("number") or self.number_literal(depth)

    def number_literal(self, depth: int) -> str:
        return self.dice.choice(("0", "1", "2", "3", "5", "10", "0.5", "2.5", "-1", "1.25"))

    def reckoned(self, depth: int) -> str:
        sign = self.dice.choice(("+", "-", "*", "div", "mod"))
        return f"({self.of('number', depth)} {sign} {self.of('number', depth)})"

    def chain(self, depth: int) -> str:
        a, b, c = (self.of("number", 0) for _ in range(3))
        return f"{a} {self.dice.choice('+-*')} {b} {self.dice.choice('+-*')} {c}".join("()")

    def rounded(self, depth: int) -> str:
        inner = self.of("number", depth)
        return self.dice.choice((f"round({inner})", f"round({inner}, 1)", f"int({inner})", f"abs({inner})",
                                 f"number({inner})", f"-({inner})", f"round(abs({inner}), -1)"))  # fmt: skip

    def counted(self, depth: int) -> str:
        text = self.of("text", depth)
        several = self.named("several")
        if several and self.dice.random() < 0.6:
            return f"count-selected({several})"
        return self.dice.choice((f"string-length({text})", f"number({text})"))

    def either_number(self, depth: int) -> str:
        return f"if({self.of('truth', depth)}, {self.of('number', depth)}, {self.of('number', depth)})"

    def first_number(self, depth: int) -> str:
        return f"coalesce({self.number_name(depth)}, {self.of('number', depth)})"

    def extreme(self, depth: int) -> str:
        some = ", ".join(self.of("number", depth) for _ in range(self.dice.randint(2, 3)))
        return f"{self.dice.choice(('min', 'max'))}({some})"

    def power(self, depth: int) -> str:
        return self.dice.choice((f"pow({self.number_name(0)}, 2)", f"sqrt(abs({self.number_name(0)}))"))

    def days_between(self, depth: int) -> str:
        return f"({self.of('date', 0)} - {self.of('date', 0)})"

    def over_entries(self, depth: int) -> str:
        """Over all entries of a repeat, from outside."""
        numbers = [one for one in self.far if one.kind == "number"]
        any_far = [one for one in self.far if one.kind != "repeat"]
        if numbers and self.dice.random() < 0.6:
            name = self.dice.choice(numbers).name
            return f"{self.dice.choice(('sum', 'min', 'max', 'count'))}(${{{name}}})"
        if any_far and self.dice.random() < 0.6:
            name = self.dice.choice(any_far).name
            return f"{self.dice.choice(('count', 'count-non-empty'))}(${{{name}}})"
        if self.repeats:
            return f"count(${{{self.dice.choice(self.repeats).name}}})"
        return self.place(depth)

    def filtered(self, depth: int) -> str:
        """Over the entries that a predicate picks, by paths."""
        numbers = [one for one in self.far if one.kind == "number" and len(one.inside) == 1]
        if not numbers:
            return self.over_entries(depth)
        one = self.dice.choice(numbers)
        path = "/".join(("/data", *one.groups[: one.groups.index(one.inside[0]) + 1]))
        which = self.dice.choice((f"{one.within} > {self.of('number', 0)}", f"{one.within} != ''", "position() < 3"))
        return self.dice.choice((
            f"count({path}[{which}])", f"sum({path}[{which}]/{one.within})", f"count(${{{one.name}}}[. > 2])",
            f"max({path}[{which}]/{one.within})", f"number({path}[position() = 1]/{one.within})",
        ))  # fmt: skip

    def place(self, depth: int) -> str:
        return "position(..)" if self.direct else self.number_name(depth)

    NUMBERS = (number_name, number_literal, number_name, reckoned, reckoned, chain, rounded, counted, either_number,
               first_number, extreme, power, days_between, over_entries, over_entries, filtered, filtered, place,
               place)  # fmt: skip

    # Texts --------------------------------------------------------------------------------------------

    def text_name(self, depth: int) -> str:
        beside = self.beside("text", "one", "several") if self.dice.random() < 0.2 else ""
        return beside or self.named("text", "one", "several") or self.text_literal(depth)

    def text_literal(self, depth: int) -> str:
        return f"'{self.dice.choice(WORDS)}'"

    def joined(self, depth: int) -> str:
        return f"concat({self.of('text', depth)}, '-', {self.of('text', depth)})"

    def small(self, depth: int) -> str:
        """A number as text, kept where no exponent is written (12.3)."""
        return f"string(round({self.of('number', depth)} mod 1000, 2))"

    def clock(self, depth: int) -> str:
        name = self.named("time", "moment")
        return f"string({name})" if name else self.text_name(depth)

    def cut(self, depth: int) -> str:
        text, n, m = self.of("text", depth), self.dice.randint(-3, 3), self.dice.randint(-3, 9)
        return self.dice.choice((
            f"substr({text}, {n})", f"substr({text}, {n}, {m})", f"substring-before({text}, '-')",
            f"substring-after({text}, '-')", f"translate({text}, 'ab-', 'BA')", f"normalize-space({text})",
        ))  # fmt: skip

    def either_text(self, depth: int) -> str:
        return f"if({self.of('truth', depth)}, {self.of('text', depth)}, {self.of('text', depth)})"

    def first_text(self, depth: int) -> str:
        return f"coalesce({self.text_name(depth)}, {self.of('text', depth)})"

    def one_of(self, depth: int) -> str:
        several = self.named("several")
        return f"selected-at({several}, {self.dice.randint(0, 2)})" if several else self.text_name(depth)

    def label(self, depth: int) -> str:
        """The label of a choice; it would change with the language. Not where there is a filter: looking the label up,
        JavaRosa drops a choice that is no longer offered, though the question is not reached (6.2)."""
        some = [one for one in self.near if one.kind == "one" and not one.filtered]
        if not some or self.tongues:
            return self.text_name(depth)
        name = self.dice.choice(some).name
        return f"jr:choice-name(${{{name}}}, '${{{name}}}')"

    def dated(self, depth: int) -> str:
        date = self.of("date", depth)
        form = self.dice.choice(("%Y/%n/%e", "%Y-%m-%d", "%d.%m.%y"))
        return self.dice.choice((f"format-date({date}, '{form}')", f"string({date})", f"substr({date}, 0, 4)"))

    def over_texts(self, depth: int) -> str:
        far = [one for one in self.far if one.kind in ("text", "one", "number", "date")]
        return f"join(',', ${{{self.dice.choice(far).name}}})" if far else self.joined(depth)

    def indexed(self, depth: int) -> str:
        far = [one for one in self.far if one.kind in ("text", "one") and len(one.inside) == 1]
        if not far:
            return self.text_name(depth)
        one = self.dice.choice(far)
        return f"indexed-repeat(${{{one.name}}}, ${{{one.inside[0]}}}, {self.dice.randint(1, 2)})"

    TEXTS = (text_name, text_literal, text_name, joined, joined, small, clock, cut, cut, either_text, first_text,
             one_of, label, dated, over_texts, indexed)  # fmt: skip

    # Dates --------------------------------------------------------------------------------------------

    def date_name(self, depth: int) -> str:
        return self.named("date") or self.date_literal(depth)

    def date_literal(self, depth: int) -> str:
        return f"date('{self.dice.choice(DAYS)}')"

    def date_reckoned(self, depth: int) -> str:
        return f"date({self.date_literal(0)} + {self.dice.randint(-40, 40)})"

    def this_day(self, depth: int) -> str:
        return "today()"

    DATES = (date_name, date_literal, date_name, date_reckoned, this_day)

    # Truths -------------------------------------------------------------------------------------------

    def compared(self, depth: int) -> str:
        sign = self.dice.choice(("=", "!=", "<", "<=", ">", ">="))
        return f"{self.of('number', depth)} {sign} {self.of('number', depth)}"

    def chosen(self, depth: int) -> str:
        one = self.some("one", "several")
        if not one:
            return self.compared(depth)
        name = self.dice.choice((*one.choices, "other"))
        if one.kind == "one" and self.dice.random() < 0.5:
            return f"${{{one.name}}} {self.dice.choice(('=', '!='))} '{name}'"
        return f"selected(${{{one.name}}}, '{name}')"

    def same(self, depth: int) -> str:
        return f"{self.of('text', depth)} {self.dice.choice(('=', '!='))} {self.of('text', depth)}"

    def empty(self, depth: int) -> str:
        name = self.named("number", "text", "one", "several", "date", "time", "moment") or "''"
        return f"{name} {self.dice.choice(('=', '!='))} ''"

    def turned(self, depth: int) -> str:
        return f"not({self.of('truth', depth)})"

    def both(self, depth: int) -> str:
        return f"({self.of('truth', depth)} {self.dice.choice(('and', 'or'))} {self.of('truth', depth)})"

    def like(self, depth: int) -> str:
        text, part = self.of("text", depth), self.dice.choice(("a", "b", "北", "1"))
        return self.dice.choice((
            f"contains({text}, '{part}')", f"starts-with({text}, '{part}')", f"ends-with({text}, '{part}')",
            f"regex({text}, '[a-z]+')", f"regex({text}, '.*\\d')", f"regex({text}, '(a|b)*')",
            f"boolean-from-string({text})",
        ))  # fmt: skip

    def ordered(self, depth: int) -> str:
        return f"{self.of('date', depth)} {self.dice.choice(('<', '<=', '>', '>=', '='))} {self.of('date', depth)}"

    def as_it_is(self, depth: int) -> str:
        name = self.named("number", "text", "one", "several", "truth")
        return name if name else self.dice.choice(("true()", "false()", "boolean(1)"))

    def mixed(self, depth: int) -> str:
        """Of different kinds (9.2, 11.2)."""
        return self.dice.choice((
            f"{self.date_name(0)} = '{self.dice.choice(DAYS)}'", f"{self.date_name(0)} > '{self.dice.choice(DAYS)}'",
            f"{self.number_name(0)} = '{self.dice.choice(('1', '2', '3.0', '03'))}'",
            f"{self.text_name(0)} > {self.number_literal(0)}", f"{self.text_name(0)} = {self.number_literal(0)}",
            f"{self.of('truth', 0)} = true()",
        ))  # fmt: skip

    TRUTHS = (chosen, compared, chosen, compared, same, empty, turned, both, like, ordered, as_it_is, mixed)
