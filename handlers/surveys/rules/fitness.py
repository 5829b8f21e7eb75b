"""Which questionnaires can be answered anonymously, and which words are the same for everybody to the eye. Pure.

Nothing may get into a ballot by itself that says who, when or where: no metadata, no clock, no chance; nothing may be
sent in whose own content does (pictures, files); and no text may carry a mark that is not seen. Rule:
`docs/anonymity.md`.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.kind import kinds
from handlers.talk import Label, Text, t
from storage.records import LARGEST_BALLOT

METADATA = frozenset({"start", "end", "today"})
UPLOADS = frozenset({"image", "file"})
_CHANCE_OR_CLOCK = re.compile(r"(?<![\w.-])(now|today|uuid|random)\s*\(")
_SEEN = frozenset("\n\t \u3000\u00a0")
_UNSEEN = frozenset({"Cf", "Cc", "Co", "Cs", "Cn", "Zs", "Zl", "Zp"})
"""Unicode's categories of what takes no ink."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0")
"""What takes none though its category says otherwise; variation selectors beside."""


def problems(form: Form, pairs: Sequence[tuple[str, str]] = ()) -> list[Text]:
    """Why this questionnaire cannot be asked anonymously, each with its question; `pairs`: names of questions whose
    answers are to be tabulated against each other."""
    found = [problem for item in _items(form.items) for problem in _of(item)]
    found += [problem for pair in pairs for problem in _pair(form, pair)]
    if _least(form) > LARGEST_BALLOT:
        found.append(
            t("All answers together would not fit into a ballot of {count} bytes: ask less.", count=LARGEST_BALLOT)
        )
    return found


def marks(words: str) -> str:
    """The code points in these words that nobody sees, such as `U+200B`, with commas; none where there are none."""
    return ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for sign in words if _is_unseen(sign)))


def _is_unseen(sign: str) -> bool:
    selector = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return sign not in _SEEN and (unicodedata.category(sign) in _UNSEEN or sign in _BLANK or selector)


def words(form: Form) -> Iterator[tuple[str, str]]:
    """Every text people read, with the name of its question, group or, at the top, of the form."""
    for text in form.title.words.values():
        yield form.name, text
    for item in _items(form.items):
        for label in _labels(item):
            for text in label.words.values():
                yield item.name, text


def _items(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from _items(item.items)


def _labels(item: Item) -> Iterator[Label]:
    yield item.label
    if isinstance(item, Question):
        yield from (item.hint, item.guidance, item.required_message, item.constraint_message)
        yield from (choice.label for choice in item.choices)


def _of(item: Item) -> Iterator[Text]:
    if isinstance(item, Question):
        if item.type in METADATA:
            yield t("“{name}” would note the time in each ballot: take it out.", name=item.name)
        if item.type in UPLOADS:
            yield t("“{name}” asks for a picture or file, which may show who sent it: take it out.", name=item.name)
    if function := _by_clock_or_chance(item):
        yield t(
            "“{name}” depends on {function}(), which could mark a ballot: take that out.",
            name=item.name,
            function=function,
        )
    if hidden := ", ".join(found for label in _labels(item) for text in label.words.values() if (found := marks(text))):
        yield t(
            "The words of “{name}” have signs that are not seen ({signs}): take them out.", name=item.name, signs=hidden
        )


def _by_clock_or_chance(item: Item) -> str:
    """The function by which time or chance would decide what is asked or kept; a constraint keeps nothing."""
    read = [item.relevant]
    if isinstance(item, Question):
        read += [item.calculation, item.choice_filter, item.default if item.dynamic else ""]
    else:
        read.append(item.count)
    found = (_CHANCE_OR_CLOCK.search(expression) for expression in read)
    return next((one[1] for one in found if one), "")


def _pair(form: Form, pair: tuple[str, str]) -> Iterator[Text]:
    named = Counter(question.name for question in form.questions())
    chosen = {one.name for one in form.questions() if kinds()[one.type].chooses and not kinds()[one.type].several}
    if pair[0] == pair[1]:
        yield t("A question cannot be tabulated against itself: “{name}”.", name=pair[0])
    for name in pair:
        if named[name] > 1:
            yield t("Several questions are called “{name}”: they cannot be tabulated against another.", name=name)
        elif name not in chosen:
            yield t("“{name}” is no question of which one answer is chosen: it cannot be tabulated.", name=name)


def _least(form: Form) -> int:
    """Bytes of a ballot in which every question has its longest choice, and every other answer is one sign."""
    answers: dict[str, object] = {}
    for question in form.questions():
        kind = kinds()[question.type]
        if kind.asked or kind.silent:
            names = [choice.name for choice in question.choices]
            answers[question.path] = names if kind.several else max(names, key=len, default="1")
    return len(json.dumps({"a": answers, "b": []}, ensure_ascii=False, separators=(",", ":")).encode())
