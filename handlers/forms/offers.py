"""What is offered to choose from, and by which words each of it can be picked: name, label, number, letter, place."""

import re
from decimal import Decimal

from handlers.forms.form import Choice
from handlers.forms.numerals import NUMERALS, number
from handlers.forms.understand import Meant, bare, fold

_NUMERAL = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_ORDINAL = re.compile(
    r"(?:第|选项第?|no\. ?|numbers?\s|options? |choices? |#|the ){1,2} ?"
    rf"(?P<a>{_NUMERAL}|[a-z]{{3,5}}) ?(?:个|项|条|种|号|选项)?"
    rf"|(?P<b>{_NUMERAL})(?:选项|st|nd|rd|th)",
    re.ASCII,
)
_LETTERED = re.compile(r"(?:options? |choices? |选项)?([a-z])(?:项|选项)?")
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_FROM_END = re.compile(rf"倒数第(?P<n>{_NUMERAL})[个项]?|(?P<last>最后一?[个项]|(?:the )?last(?: one)?)")
_OF_TWO = {"前者": 0, "the former": 0, "后者": 1, "the latter": 1}
_MARKED = re.compile(rf"[(（\[【]?(?P<marker>{_NUMERAL}|[a-z])(?:[)）\]】.、:：,]|\s)\s*(?P<rest>\D.*)")
"""What some authors write before a label, and some people before their answer: `A. `, `（二）`, `3、`."""
_GLUED = re.compile(r"(?P<marker>[a-z])(?P<rest>[\u4e00-\u9fff].*)")
_REMARK = re.compile(r"[(（\[【][^()（）]*[)）\]】]$")
_SCORED = re.compile(r"\d{1,3}(?=[^\d.%])", re.ASCII)
_MEASURED = re.compile(rf"(?<![第{NUMERALS}])[{NUMERALS}]+(?=[次个分年月天日岁周人级星档名项元小](?!之))")
_APART = re.compile(r"(?<=\d) (?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) (?=\d)")
_AMOUNTS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_BETWEEN = re.compile(r"(\d+(?:\.\d+)?)\D{0,3}?(?:-|~|至|到| to )\s?(\d+(?:\.\d+)?)", re.ASCII)
_ON_A_CLOCK = re.compile(r"\d点|\d:\d")
_NO_MORE, _NO_LESS = (
    re.compile(r"以[下内]|不到|不超过|under|less|up to|at most"),
    re.compile(r"以[上外]|超过|多于|more|over|at least|\+"),
)
_COUNTED = {
    "once": 1,
    "one": 1,
    "twice": 2,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
}
_FEWEST_YEARS = 10
"""Under this many years nobody is asked: where labels are ages, a smaller number is that of a place."""

NONE: Meant[int] = Meant()

Book = dict[str, set[int]]


class Offer:
    """The choices offered, and by which words each can be picked."""

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        self.choices = choices
        self.labels: Book = {}
        """Whole labels and synonyms."""
        self.stems: Book = {}
        """Labels without what stands around them: a sign before, a remark in brackets behind, figures in words."""
        self.signs: Book = {}
        """Names, and an author's own numbers and letters before labels."""
        self.initials: Book = {}
        for index, choice in enumerate(choices):
            self.signs.setdefault(fold(choice.name), set()).add(index)
            for label in map(fold, (*choice.label.words.values(), *choice.synonyms)):
                self._know(label, index)

    def _know(self, label: str, index: int) -> None:
        self.labels.setdefault(label, set()).add(index)
        marked = _MARKED.fullmatch(label)
        stem = _REMARK.sub("", label).strip()
        for words in {stem, figures(label), figures(stem), marked["rest"] if marked else stem}:
            self.stems.setdefault(words, set()).add(index)
        score = None if _BETWEEN.search(label) else _SCORED.match(label)
        for sign in {marked["marker"] if marked else "", score[0] if score else ""} - {""}:
            self.signs.setdefault(sign, set()).add(index)
        if label[:1].isascii() and label[:1].isalpha():
            self.initials.setdefault(label[0], set()).add(index)

    def find(self, words: str) -> Meant[int]:
        """Which choices (by index) the folded words name. All the words of a label mean it; else a number, letter
        or name is looked up as all it may stand for, and where these differ none is preferred."""
        for said in dict.fromkeys((words, bare(words, brackets=False), bare(words))):
            if found := self._words(said):
                return Meant(tuple(sorted(found)))
            found = self.signs.get(said, set()) | self._place(said) | self.letter(said)
            numbered, initial = self._number(said), self._initial(said)
            if meant := found | initial | set(numbered.things):
                return Meant(tuple(sorted(meant)), bool(found) or (numbered.sure and not initial))
        return self._marked(bare(words))

    def _marked(self, words: str) -> Meant[int]:
        """`2、满意`: both must say the same."""
        marked = _MARKED.fullmatch(words) or _GLUED.fullmatch(words)
        rest = self._words(marked["rest"]) if marked else set()
        sign = set(self.find(marked["marker"]).things) if marked and rest else set()
        return Meant(tuple(sorted(sign & rest or sign | rest))) if sign else NONE

    def _words(self, words: str) -> set[int]:
        return self.labels.get(words) or self.stems.get(words) or self.stems.get(figures(words)) or set()

    def _place(self, words: str) -> set[int]:
        """`第二个`, `the third`, `倒数第二个`, `后者`."""
        count = len(self.choices)
        if words in _OF_TWO and count == 2:
            return {_OF_TWO[words]}
        ordinal = words.removeprefix("the ").removesuffix(" one")
        place = _ORDINALS.index(ordinal) + 1 if ordinal in _ORDINALS else 0
        if found := _FROM_END.fullmatch(words):
            place = count if found["last"] else count + 1 - int(number(found["n"]) or 0)
        elif said := _ORDINAL.fullmatch(words):
            place = int(number(said["a"] or said["b"]) or 0)
        return {place - 1} if 0 < place <= count else set()

    def letter(self, words: str) -> set[int]:
        """The place a letter counts."""
        lettered = _LETTERED.fullmatch(words)
        place = ord(lettered[1]) - ord("a") if lettered else -1
        return {place} if 0 <= place < len(self.choices) else set()

    def _initial(self, letter: str) -> set[int]:
        """Where some English labels, not all, begin with a letter, they may be meant too."""
        initials = self.initials.get(letter, set())
        return initials if len(initials) < len(self.choices) else set()

    def _number(self, words: str) -> Meant[int]:
        """A bare number counts places; where labels are amounts, it may be one of those too."""
        plain = words.removeprefix("选项").removesuffix("号")
        value = number(plain) if re.fullmatch(rf"{_NUMERAL}|[a-z]{{3,5}}", plain, re.ASCII) else None
        if value is None and (unit := re.fullmatch(r"(\d{1,3})(?:岁|年|次|个|人|天|分|%)", figures(words), re.ASCII)):
            amounts = self._amount(Decimal(unit[1]))
            return Meant(tuple(sorted(amounts)), sure=False)
        if value is None:
            return NONE
        place = {int(value) - 1} if 0 < value <= len(self.choices) else set()
        amounts = self._amount(value) | self.signs.get(str(value), set())
        return Meant(tuple(sorted(place | amounts)), bool(place) or str(value) in self.signs)

    def _amount(self, value: Decimal) -> set[int]:
        return {
            index
            for index, choice in enumerate(self.choices)
            if any(_covers(figures(fold(label)), value) for label in choice.label.words.values())
        }


def figures(label: str) -> str:
    """`三次以上` and `3 次以上` as `3次以上`; `其它` as `其他`."""
    figures = _MEASURED.sub(lambda found: str(number(found[0]) or found[0]), label)
    return _APART.sub("", figures).replace("其它", "其他")


def _covers(label: str, value: Decimal) -> bool:
    """Is the amount one that the label names: `1-3年`, `3次以上`, `twice`?"""
    body = _MARKED.fullmatch(label)
    label = body["rest"] if body else label
    if value < _FEWEST_YEARS and "岁" in label:
        return False
    amounts = [Decimal(each) for each in _AMOUNTS.findall(label)]
    amounts += [Decimal(_COUNTED[word]) for word in re.findall(r"[a-z]+", label) if word in _COUNTED]
    if _ON_A_CLOCK.search(label):
        amounts += [amount - 12 for amount in amounts if amount > 12]
    if value in amounts or any(Decimal(low) <= value <= Decimal(high) for low, high in _BETWEEN.findall(label)):
        return True
    if len(amounts) != 1:
        return False
    return bool(_NO_MORE.search(label) and value <= amounts[0]) or bool(_NO_LESS.search(label) and value >= amounts[0])
