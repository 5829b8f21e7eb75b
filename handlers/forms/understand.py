"""Free words, as people type them in a chat, read without ever guessing.

Here is what all readings share: words folded so that width, case, script and invisible characters do not matter,
and what people say around an answer (`我觉得是…吧`, `I'd say …`) taken off. `numerals`, `quantities`, `days`,
`clocks`, `assent`, `choosing`, `several` and `ranking` read on.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from handlers.forms.form import Choice, Question
from handlers.forms.kind import Kind, Misfit, Value
from handlers.forms.traditional import SIMPLIFIED
from handlers.talk import Part, t

LONGEST = 300
"""Characters of an answer that names a number, a day or choices; longer ones are not looked into."""

_ENDS = " 。.,，、;；:：!！~～"
"""Signs behind words that say nothing. Not so the question mark."""
_TRIM = _ENDS + ")）(（]】[【\"'“”‘’「」『』《》"
"""These, and brackets and quotation marks."""

_JOINERS = "\u200c\u200d"
_DIRECTIONS = "\u200e\u200f\u061c"
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_ALIKE = {**SIMPLIFIED, **dict.fromkeys("‐‑‒–—―−", "-"), "’": "'", "〜": "~"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Meant(Generic[T]):
    """What words may mean: nothing, one thing, or several. Only one `sure` thing is an answer."""

    things: tuple[T, ...] = ()
    sure: bool = True

    @property
    def answer(self) -> T | None:
        """The one thing that is surely meant, if there is just one."""
        return self.things[0] if self.sure and len(self.things) == 1 else None


def clean(text: str) -> str:
    """The text without control and zero-width characters, lone surrogates and orders to turn the direction
    of writing. Joiners inside emoji and words, and plain direction marks, do no harm and stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = _HARMFUL.sub("", lines)
    while (shorter := kept.strip().strip(_JOINERS + _DIRECTIONS)) != kept:
        kept = shorter
    return kept


def fold(text: str) -> str:
    """Words as they are compared: lower case, one width, simplified characters, circled signs set apart, nothing
    invisible."""
    return _SPACES.sub(" ", "".join(map(_folded, text[: LONGEST + 1]))).strip()


def bare(words: str, brackets: bool = True) -> str:
    """The words without signs around them that say nothing, brackets and quotation marks too. A point before a figure
    stays: `.5`."""
    signs = _TRIM if brackets else _ENDS
    return words.rstrip(signs).lstrip(signs.replace(".", "").replace(",", ""))


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char.isspace():
        return " "
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""  # Me, Mn: the keycap and the variation selector around a digit
    kind = unicodedata.decomposition(char).partition(" ")[0]
    if kind in ("<wide>", "<narrow>"):
        char = unicodedata.normalize("NFKC", char)
    elif kind == "<circle>" or "\u2474" <= char <= "\u24ff" or "\u3220" <= char <= "\u3229":
        inside = unicodedata.normalize("NFKC", char)
        return f" {inside if inside == char else ''.join(map(_folded, inside))} "
    folded = _ALIKE.get(char, char.casefold())
    return folded if len(folded) < 2 else "".join(map(_folded, folded))  # “ῶ” falls into a letter and its mark


def asked(question: Question) -> str:
    """The words of a question and its hint in all languages, folded: they say what may be meant."""
    return " | ".join(fold(words) for label in (question.label, question.hint) for words in label.words.values())


# What is said around an answer ---------------------------------------------------------------------------

_BEFORE = re.compile(
    r"(?:我的|我们的)?答案(?:是|为)?"
    r"|(?:我们?|咱们?)?(?:个人|自己)?(?:觉得|认为|感觉|想|看|要|会)?(?:应该)?"
    r"(?:就|只|仅)?(?:选择?|挑)(?:了|的)?(?:是|为)?"
    r"|(?:我们?|咱们?)(?:个人|自己)?(?:觉得|认为|感觉|在)?|个人(?:觉得|认为)"
    r"|应该|那么?|就|只有?|仅有?|呃|额|是(?![不没否未无非 ,、。.!]|$)"
    r"|i(?:'d| would|'ll| will)? ?(?:say|choose|chose|pick|select|take|think|believe|go with|go for)(?: that)? "
    r"|(?:my |the )?answer(?: is)? ?:?|(?:it|that)(?:'s| is| was| would be) |should be |i(?: am|'m)? |let's say "
    r"|probably |definitely |just |only |well,? |u[hm]+,? ",
)
_AFTER = re.compile(
    r"(?:(?<![ ,、.;:])(?:(?<!^对)(?<!^是)(?<!^没错)(?<!^不是)吧|[啊哦噢呀啦哈喔嘛啰罗咯呗哟耶滴的])"
    r"|(?<=[0-9a-z个项])就(?:行|好|可以)|谢谢[你您]?(?:们)?"
    r"|\bplease|\bpls|\bthanks(?: a lot)?|\bthank you|\bthx)$"
)
_DOUBT_BEFORE = re.compile(
    r"可能|也许|或许|好像|似乎|大概|估计|差不多|基本上?|原则上"
    r"|(?:maybe|perhaps|possibly|i guess|i suppose|likely) "
)
_DOUBT_AFTER = re.compile(r"(?:[?？]+|吗|么|呢|\bmaybe|\bi guess|\bperhaps)$")
_MOST_LAYERS = 6


def peel(text: str) -> Iterator[tuple[str, bool]]:
    """The folded words as they are, then with less and less around them; False from where a doubt was taken off."""
    words, sure = fold(text), True
    yield words, sure
    for _ in range(_MOST_LAYERS):
        for shorter in (bare(words, brackets=False), bare(words)):
            if len(shorter) < len(words):
                words = shorter
                yield words, sure
        doubt = _DOUBT_AFTER.search(words) or (None if _AFTER.search(words) else _DOUBT_BEFORE.match(words))
        around = doubt or _AFTER.search(words) or _BEFORE.match(words)
        if not around or not around[0]:
            return
        sure = sure and not doubt
        words = words[: around.start()] if around.start() else words[around.end() :]
        yield words, sure


def hear(text: str, read: Callable[[str], Meant[T]]) -> Meant[T]:
    """The first reading there is while the words are peeled."""
    if len(text) > LONGEST:
        return Meant()
    for words, sure in peel(text):
        meant = read(words)
        if meant.things:
            return Meant(meant.things, sure and meant.sure)
    return Meant()


def ask_back(things: tuple[Part, ...], otherwise: Misfit) -> Misfit:
    """A short question back naming the one or two values that may be meant; what fits, if there are none."""
    if not things or len(things) > 2:
        return otherwise
    if len(things) == 1:
        message = t("Did you mean {value}? Then please type just that.", value=things[0])
    else:
        message = t(
            "That may mean {first} or {second}. Please type the one you mean.", first=things[0], second=things[1]
        )
    return Misfit(otherwise.reason, message)


def settled(
    kind: Kind, question: Question, choices: tuple[Choice, ...], meant: Meant[Any], otherwise: Misfit
) -> Value | Misfit:
    """The answer, if one thing is surely meant and the kind takes it; else a question back about what it would take."""
    if meant.answer is not None:
        return kind.take(question, choices, meant.answer)
    taken = [kind.take(question, choices, thing) for thing in meant.things]
    shown = dict.fromkeys(kind.shown(question, value) for value in taken if not isinstance(value, Misfit))
    return ask_back(tuple(shown), otherwise)
