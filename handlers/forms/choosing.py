"""One choice, picked in free words: `B。`, `第二个`, `我觉得是满意吧`; and what is asked back where it is unclear."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from handlers.forms import assent
from handlers.forms.form import Question
from handlers.forms.kind import Misfit
from handlers.forms.offers import Offer
from handlers.forms.understand import Meant, bare, fold, hear
from handlers.talk import t

NOT_OFFERED = Misfit("choice", t("Please choose one of the answers: tap it, or type its number or its words."))


def pick(question: Question, offer: Offer, text: str) -> Meant[int]:
    """Which choices (by index) the words may mean as one choice."""
    return hear(text, lambda words: _one(question, offer, words))


def _one(question: Question, offer: Offer, words: str) -> Meant[int]:
    found = offer.find(words)
    if found.answer is not None or len(found.things) > 1:
        return found
    plain = bare(words)
    if nothing := none_of(offer, plain):
        return Meant((nothing[0],))
    yes, no = _yes_and_no(offer)
    said = assent.assent(plain) if len(yes) == len(no) == 1 and yes != no else None
    if said is None:
        return found
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
_MAY_BE_NO = re.compile(r"[不没未](?!\S*(?:[不没未]|知道|一定|确定|清楚|晓得|问题|起))\S{1,5}")


def near(offer: Offer, text: str) -> list[int]:
    """Which choices the words are a part of, contain, or resemble: not enough to take, enough to ask back. A word
    without a no is never offered to who said no."""
    words = bare(fold(text).rstrip("?？ "))
    if words in assent.UNKNOWN and (known := {i for word in assent.UNKNOWN for i in offer.labels.get(word, ())}):
        return sorted(known)
    yes, no = _yes_and_no(offer)
    if len(no) == 1 and len(yes) == 1 and _MAY_BE_NO.fullmatch(words):
        return sorted(no)
    if not words:
        return []
    denied = assent.denied(words)
    known_words = {**offer.stems, **offer.labels}
    fitting = [(label, found) for label, found in known_words.items() if assent.denied(label) >= denied]
    if inside := _longest(fitting, words):
        return inside
    if parts := {index for label, found in fitting if words in label for index in found}:
        return sorted(parts)
    like = (found for label, found in fitting if 1 < len(words) <= _LONGEST_TYPO and _resembles(label, words))
    return sorted({index for found in like for index in found})


def _longest(fitting: Iterable[tuple[str, set[int]]], words: str) -> list[int]:
    """Of labels that stand in the words, those not inside another one that does: 不满意 rather than 满意."""
    inside = [(label, found) for label, found in fitting if len(label) > 1 and label in words]
    kept = [found for label, found in inside if not any(label != other and label in other for other, _ in inside)]
    return sorted({index for found in kept for index in found})


def _resembles(label: str, words: str) -> bool:
    if abs(len(label) - len(words)) > max(2, len(words) // 3) or assent.denied(label) != assent.denied(words):
        return False
    if len(label) == len(words) == 2 and words[0] == label[0] >= "\u4e00":
        return True
    matcher = SequenceMatcher(None, label, words, autojunk=False)
    return matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE and matcher.ratio() >= _LIKE


def unclear(offer: Offer, found: Iterable[int], otherwise: Misfit = NOT_OFFERED) -> Misfit:
    """A short question back, naming one or two of the choices that may be meant; else what fits."""
    labels = [offer.choices[index].label for index in found]
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
