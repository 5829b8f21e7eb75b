"""One choice, picked by name, label, number or letter, in free words: `B。`, `第二个`, `我觉得是满意吧`, `嗯`."""

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import SequenceMatcher

from handlers.forms import assent
from handlers.forms.form import Choice, Question
from handlers.forms.kind import Misfit
from handlers.forms.numerals import NUMERALS, number
from handlers.forms.understand import LONGEST, TRIM, Meant, fold, hear
from handlers.talk import t

NOT_OFFERED = Misfit("choice", t("Please choose one of the answers: tap it, or type its number or its words."))

_NUMERAL = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_ORDINAL = re.compile(rf"(?:第|选项第?|no\.? ?|numbers?\s|options? |choices? |#|the ){{1,2}} ?(?P<a>{_NUMERAL}|[a-z]{{3,5}}) ?(?:个|项|条|种|号|选项)?"
                      rf"|(?P<b>{_NUMERAL})(?:号|选项|st|nd|rd|th)", re.ASCII)  # fmt: skip
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
        for words in {stem, _figures(label), _figures(stem), marked["rest"] if marked else stem}:
            self.stems.setdefault(words, set()).add(index)
        score = None if _BETWEEN.search(label) else _SCORED.match(label)
        for sign in {marked["marker"] if marked else "", score[0] if score else ""} - {""}:
            self.signs.setdefault(sign, set()).add(index)
        if label[:1].isascii() and label[:1].isalpha():
            self.initials.setdefault(label[0], set()).add(index)

    def find(self, words: str) -> Meant[int]:
        """Which choices (by index) the folded words name. All the words of a label mean it; else a number, letter
        or name is looked up as all it may stand for, and where these differ none is preferred."""
        for bare in (words, words.strip(TRIM)):
            if found := self._words(bare):
                return Meant(tuple(sorted(found)))
            found = self.signs.get(bare, set()) | self._place(bare) | self.letter(bare) | self._initial(bare)
            numbered = self._number(bare)
            if found or numbered.things:
                return Meant(tuple(sorted(found | set(numbered.things))), bool(found) or numbered.sure)
        return self._marked(bare)

    def _marked(self, words: str) -> Meant[int]:
        """`2、满意`: both must say the same."""
        marked = _MARKED.fullmatch(words) or _GLUED.fullmatch(words)
        rest = self._words(marked["rest"]) if marked else set()
        sign = set(self.find(marked["marker"]).things) if marked and rest else set()
        return Meant(tuple(sorted(sign & rest or sign | rest))) if sign else NONE

    def _words(self, words: str) -> set[int]:
        return self.labels.get(words) or self.stems.get(words) or self.stems.get(_figures(words)) or set()

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
        plain = words.removeprefix("选项")
        value = number(plain) if re.fullmatch(rf"{_NUMERAL}|[a-z]{{3,5}}", plain, re.ASCII) else None
        if value is None and (unit := re.fullmatch(r"(\d{1,3})(?:岁|年|次|个|人|天|分|%)", _figures(words), re.ASCII)):
            amounts = self._amount(Decimal(unit[1]))
            return Meant(tuple(sorted(amounts)), sure=False)
        if value is None:
            return Meant()
        place = {int(value) - 1} if 0 < value <= len(self.choices) else set()
        amounts = self._amount(value) | self.signs.get(str(value), set())
        return Meant(tuple(sorted(place | amounts)), bool(place) or str(value) in self.signs)

    def _amount(self, value: Decimal) -> set[int]:
        return {
            index
            for index, choice in enumerate(self.choices)
            if any(_covers(_figures(fold(label)), value) for label in choice.label.words.values())
        }


def _figures(label: str) -> str:
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
    if value in amounts or any(Decimal(low) <= value <= Decimal(high) for low, high in _BETWEEN.findall(label)):
        return True
    if len(amounts) != 1:
        return False
    return bool(_NO_MORE.search(label) and value <= amounts[0]) or bool(_NO_LESS.search(label) and value >= amounts[0])


def pick(question: Question, choices: tuple[Choice, ...], text: str) -> Meant[int]:
    """Which choices (by index) the words may mean as one choice."""
    offer = Offer(choices)
    return hear(text, lambda words: _one(question, offer, words))


def _one(question: Question, offer: Offer, words: str) -> Meant[int]:
    found = offer.find(words)
    if found.things:
        return found
    bare = words.strip(TRIM)
    nothing = none_of(offer, bare)
    if nothing:
        return Meant((nothing[0],))
    yes, no = _yes_and_no(offer)
    said = assent.assent(bare) if len(yes) == len(no) == 1 and yes != no else None
    if said is None:
        return Meant()
    return Meant(tuple(yes if said else no), not assent.is_negative(question))


def _yes_and_no(offer: Offer) -> tuple[set[int], set[int]]:
    book = {**offer.signs, **offer.stems, **offer.labels}
    yes, no = ({index for word in words & book.keys() for index in book[word]} for words in (assent.YES, assent.NO))
    return yes, no


def none_of(offer: Offer, words: str) -> list[int]:
    """The one choice that says none of the others fits, if the words say so too."""
    neither = {index for word in assent.NEITHER for index in offer.labels.get(word, ())}
    if words in assent.NOTHING:
        neither |= {index for word in assent.NOTHING for index in offer.labels.get(word, ())}
    return sorted(neither) if len(neither) == 1 and words in assent.NEITHER | assent.NOTHING else []


# Asking back ---------------------------------------------------------------------------------------------

_LONGEST_TYPO = 40
_LIKE = 0.6
_OR = re.compile(r"或|还是|\bor\b")


def near(choices: tuple[Choice, ...], text: str) -> list[int]:
    """Which choices the words are a part of, contain, or resemble: not enough to take, enough to ask back. A word
    without a no is never offered to who said no."""
    bare = fold(text).strip(TRIM + "?？")
    offer = Offer(choices)
    if bare in assent.UNKNOWN and (known := [i for w in assent.UNKNOWN for i in offer.labels.get(w, ())]):
        return sorted(set(known))
    yes, no = _yes_and_no(offer)
    if (
        len(no) == 1
        and len(yes) == 1
        and re.fullmatch(r"[不没未]\S{1,5}", bare)
        and not re.search(r"[不没知道定吗].*不|知道|一定|确定|清楚|晓得|问题|对起|起", bare)
    ):
        return sorted(no)
    fitting = [
        (label, found)
        for label, found in {**offer.stems, **offer.labels}.items()
        if bare and assent.denied(label) >= assent.denied(bare)
    ]
    inside = {i for label, found in fitting if bare in label or (label in bare and len(label) > 1) for i in found}
    if inside or not 1 < len(bare) <= _LONGEST_TYPO:
        return _longest(fitting, bare) or sorted(inside)
    return sorted({i for label, found in fitting if _resembles(label, bare) for i in found})


def _longest(fitting: Iterable[tuple[str, set[int]]], bare: str) -> list[int]:
    """Of labels that stand in the words, those not inside another one that does: 不满意 rather than 满意."""
    inside = [(label, found) for label, found in fitting if label in bare and len(label) > 1]
    kept = [found for label, found in inside if not any(label != other and label in other for other, _ in inside)]
    return sorted({index for found in kept for index in found})


def _resembles(label: str, words: str) -> bool:
    if abs(len(label) - len(words)) > max(2, len(words) // 3) or assent.denied(label) != assent.denied(words):
        return False
    if len(label) == len(words) == 2 and words[0] == label[0] >= "\u4e00":
        return True
    matcher = SequenceMatcher(None, label, words, autojunk=False)
    return matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE and matcher.ratio() >= _LIKE


def unclear(choices: tuple[Choice, ...], found: Iterable[int], otherwise: Misfit = NOT_OFFERED) -> Misfit:
    """A short question back, naming one or two of the choices that may be meant."""
    labels = [choices[index].label for index in found]
    if not labels:
        return otherwise
    if len(labels) == 1:
        return Misfit("choice", t("Did you mean “{choice}”? Please tap it, or type all its words.", choice=labels[0]))
    message = t(
        "That may mean “{first}” or “{second}”. Please tap the one you mean, or type all its words.",
        first=labels[0],
        second=labels[1],
    )
    return Misfit("choice", message)


def short(text: str) -> bool:
    """Is it worth looking for choices in these words?"""
    return len(text) <= LONGEST
