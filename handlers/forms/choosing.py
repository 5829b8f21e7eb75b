"""Choices picked by name, label, number or letter, in free words: `B。`, `第二个`, `2,3 和 5`, `嗯`."""

import re
import unicodedata
from collections.abc import Iterator

from handlers.forms.form import Choice
from handlers.forms.kind import Misfit
from handlers.forms.numerals import number
from handlers.forms.understand import LONGEST, fold
from handlers.talk import t

NOT_OFFERED = Misfit("choice", t("Please choose one of the answers: tap it, or type its number or its words."))

_TRIM = " 。.,，、;；:：!！?？~～)）(（]】[【\"'“”‘’「」『』《》<>"
_FILLED = re.compile(
    r"(?:我们?|我們|i )?\s*就?(?:选择?|選擇?|choose |pick |select |take )\s*的?是?\s*(?P<a>.+)"
    r"|(?:答案|(?:my |the )?answer )\s*(?:是|is )?\s*[:：]?\s*(?P<b>.+)"
)
_NUMERAL = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_NUMBERED = re.compile(
    rf"第\s?(?P<a>{_NUMERAL})\s?(?:个|個|项|項|条|條|种|種|号|號|选项|選項)?"
    rf"|(?:no\.?|number|option|choice|#|选项|選項|the)?\s?(?P<b>{_NUMERAL})(?:st|nd|rd|th|号|號|选项|選項)?",
    re.ASCII,
)
_LETTERED = re.compile(r"(?:option |choice |选项|選項)?([a-z])(?:项|項|选项|選項)?")
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_MARKED = re.compile(rf"[(（\[【]?(?P<marker>{_NUMERAL}|[a-z])(?:[)）\]】.、:：,]|\s)\s*(?P<rest>\D.*)")
"""What some authors write before a label, and some people before their answer: `A. `, `（二）`, `3、`."""
_SCORED = re.compile(r"\d{1,3}(?=[^\d.%])", re.ASCII)
_YES = frozenset(
    ("是", "是的", "对", "對", "对的", "對的", "有", "有的", "嗯", "嗯嗯", "yes", "y", "yeah", "yep", "true")
)
_NO = frozenset(
    ("否", "不", "不是", "不是的", "没有", "沒有", "没", "沒", "无", "無", "不对", "不對", "no", "n", "nope", "false")
)
_SPLITS = [
    re.compile(signs) for signs in ("[;\n]", "[,]", "、", r"以及|还有|還有|和|与|與|跟|及|\band\b|&|\+|/", r"\s")
]


def pick(choices: tuple[Choice, ...], words: str) -> list[int]:
    """Which choices (by index) the folded words may mean as one choice: none, one, or several if unclear.

    All the words of a label, in any language, mean it. Else a name, the number or letter of a place, and
    an author's own number or letter before a label are looked up, and where they differ none is preferred.
    """
    labels, signs = _book(choices)
    for reading in _readings(words):
        found = labels.get(reading) or signs.get(reading, set()) | _place(reading, len(choices))
        if found:
            return sorted(found)
    bare = words.strip(_TRIM)
    marked = _MARKED.fullmatch(bare)
    if marked and (rest := labels.get(marked["rest"], set())):  # `2、满意`: both must say the same
        sign = set(pick(choices, marked["marker"]))
        return sorted(sign & rest or sign | rest)
    return _yes_or_no({**signs, **labels}, bare)


def pick_several(choices: tuple[Choice, ...], text: str) -> list[list[int]]:
    """What each piece of the words may mean, as `pick` has it: `2,3 和 5`, `A、C`, `ACD`."""
    letters = unicodedata.normalize("NFKC", text[:LONGEST]).strip().strip(_TRIM)
    if len(letters) > 1 and re.fullmatch("[A-Z]+", letters) and list(letters) == sorted(set(letters)):
        found = [pick(choices, letter) for letter in letters.lower()]
        if all(found) and not pick(choices, letters.lower()):
            return found
    return _pieces(choices, fold(text), 0)


def near(choices: tuple[Choice, ...], words: str) -> list[int]:
    """Which choices the words are a part of, or contain: not enough to take, enough to ask back."""
    bare = words.strip(_TRIM)
    labels, _ = _book(choices)
    return sorted({i for label, found in labels.items() if bare and (bare in label or label in bare) for i in found})


def _pieces(choices: tuple[Choice, ...], words: str, level: int) -> list[list[int]]:
    found = pick(choices, words)
    if found or level == len(_SPLITS):
        return [found]
    pieces = [piece for piece in _SPLITS[level].split(words) if piece.strip(_TRIM)]
    return [found for piece in pieces for found in _pieces(choices, piece.strip(), level + 1)] or [[]]


Book = dict[str, set[int]]


def _book(choices: tuple[Choice, ...]) -> tuple[Book, Book]:
    """Labels, and the names and signs that stand for choices, folded."""
    labels: Book = {}
    signs: Book = {}
    for index, choice in enumerate(choices):
        signs.setdefault(fold(choice.name), set()).add(index)
        for label in map(fold, choice.label.words.values()):
            marked = _MARKED.fullmatch(label)
            score = _SCORED.match(label)
            for sign in (marked["marker"] if marked else "", score[0] if score else ""):
                signs.setdefault(sign, set()).add(index)
            for whole in (label, label.strip(_TRIM), marked["rest"].strip(_TRIM) if marked else label):
                labels.setdefault(whole, set()).add(index)
    labels.pop("", None)
    signs.pop("", None)
    return labels, signs


def _readings(words: str) -> Iterator[str]:
    """The words as they are, then with less and less around them."""
    yield words
    bare = words.strip(_TRIM)
    yield bare
    if filled := _FILLED.fullmatch(bare):
        yield (filled["a"] or filled["b"]).strip(_TRIM)


def _place(words: str, count: int) -> set[int]:
    place = 0
    if numbered := _NUMBERED.fullmatch(words):
        place = int(number(numbered["a"] or numbered["b"]) or 0)
    elif lettered := _LETTERED.fullmatch(words):
        place = ord(lettered[1]) - ord("a") + 1
    elif (ordinal := words.removeprefix("the ").removesuffix(" one")) in _ORDINALS:
        place = _ORDINALS.index(ordinal) + 1
    return {place - 1} if 0 < place <= count else set()


def _yes_or_no(book: Book, words: str) -> list[int]:
    """`嗯` or `没有`, where just one choice is a yes and just one a no."""
    yes = {index for word in _YES for index in book.get(word, ())}
    no = {index for word in _NO for index in book.get(word, ())}
    if len(yes) != 1 or len(no) != 1 or yes == no:
        return []
    return sorted(yes if words in _YES else no if words in _NO else ())


def unclear(choices: tuple[Choice, ...], found: list[int]) -> Misfit:
    """A short question back, naming one or two of the choices that may be meant."""
    labels = [choices[index].label for index in found]
    if not labels:
        return NOT_OFFERED
    if len(labels) == 1:
        return Misfit("choice", t("Did you mean “{choice}”? Please tap it, or type all its words.", choice=labels[0]))
    message = t(
        "That may mean “{first}” or “{second}”. Please tap the one you mean, or type all its words.",
        first=labels[0],
        second=labels[1],
    )
    return Misfit("choice", message)
