"""Yes, no, none and all, as people say them. The words must be folded already."""

import re

from handlers.forms.form import Question
from handlers.forms.understand import Meant, asked, bare, hear


def _said(*lines: str) -> frozenset[str]:
    """Words with spaces between; `_` stands for a space inside one."""
    return frozenset(word.replace("_", " ") for line in lines for word in line.split())


YES = _said(
    "是 是的 对 对的 有 有的 嗯 恩 可以 可以的 行 行的 没错 当然 当然是 确实 是这样",
    "yes y yeah yep yup true sure of_course that's_right",
)
NO = _said(
    "否 不 不是 不是的 没有 没 无 不对 不行 不可以 没有过 从来没有 从没有 从未 还没有 还没 不了",
    "no n nope nah false never not_yet",
)
NEITHER = _said(
    "都没有 都不是 以上都没有 以上都不是 以上皆非 以上均无 以上均不是 以上都无 均无 均没有",
    "none neither none_of_the_above none_of_them none_of_these neither_of_them",
)
"""That none of the choices fits."""
NOTHING = _said("没有 没 无 没有任何")
UNKNOWN = _said(
    "不知道 不清楚 不大清楚 不太清楚 不了解 说不清 说不好 不好说 不确定 不晓得",
    "unknown unsure not_sure no_idea don't_know i_don't_know",
)
ALL = re.compile(
    r"(?:全|全都|都|全部|全部都|所有的?都?|以上都|以上全部?)(?:选|选择|要|有|是)|全部|所有的?|以上全部"
    r"|all(?: of (?:them|the above|these))?|all the above|everything"
)

_NONE_FITS = re.compile(r"(?:以上)?(?:都|均|全都?|皆)[不没无非]|none of|neither of")
_EMPHASIS = re.compile(r"^(?:真的?(?=[没不])|(?:确实|绝对|肯定)(?=[没不是有]))")
_REPEATED = re.compile(r"(.{1,3}?)[ ,]?(?:\1[ ,]?)+")
_PIECES = re.compile(r" ?[,、。;!.]+ ?")
_MOST_PIECES = 4
_BOTH_WAYS = re.compile(
    r"(\w)[不没]\1|有没有|有无|是否|能否|可否"
    r"|不同|不足|不良|不仅|不但|不断|未来|无线|不论|无论|不超过|不少于|不低于"
)
_NEGATIVE = re.compile(r"[不没未无]|\b(?:not|never|no|without|hardly)\b|n't")


def assent(words: str) -> bool | None:
    """True for a yes, False for a no, None for anything else or both at once: `是，不是`."""
    pieces = [piece for piece in _PIECES.split(words) if piece]
    if len(pieces) > _MOST_PIECES:
        return None
    said = {_one(words)} if _one(words) is not None else {_one(piece) for piece in pieces}
    return said.pop() if len(said) == 1 else None


def _one(words: str) -> bool | None:
    words = _EMPHASIS.sub("", words)
    if words in YES or words in NO:
        return words in YES
    once = _REPEATED.fullmatch(words)  # 对对对, 没有没有
    if once and (once[1] in YES or once[1] in NO):
        return once[1] in YES
    return None


def fits_none(label: str) -> bool:
    """Does the label say that none of the others fits: `以上都不是`, `都不去`?"""
    return label in NEITHER or label in NOTHING or bool(_NONE_FITS.match(label))


def denied(words: str) -> bool:
    """Is there a no in the words?"""
    return bool(re.search(r"[不没未无非否别勿]|\b(?:not|never|no|none|without|hardly)\b|n't|\b(?:un|dis)", words))


def is_negative(question: Question) -> bool:
    """Does the question already say no (`您没有请过假，对吗？`), so that `没有` or `嗯` could mean either?"""
    return bool(_NEGATIVE.search(_BOTH_WAYS.sub("", asked(question))))


_CONFIRMED = YES - {"有", "有的"} | _said(
    "好 好的 好滴 好吧 好了 同意 已同意 知道 知道了 确认 已确认 收到 收到了 明白 明白了 了解 了解了 已了解",
    "已阅 已阅读 阅 已读 已知悉 知悉 没问题 已阅读并同意 清楚 清楚了 懂了 👌 👍 ✅",
    "ok okay agree agreed understood confirm confirmed fine accept accepted got_it no_problem have_read read_and_agree",
)
_HEARD_AND_CONFIRMED = re.compile("(?:好的?|嗯+|ok)(?:收到|知道|明白|了解|同意|没问题)了?")


def confirmed(text: str) -> bool:
    """Do the words say yes to what is to be confirmed?"""
    return hear(text, _confirming).answer is True


def _confirming(words: str) -> Meant[bool]:
    said = bare(words)
    pieces = {said} if said in _CONFIRMED else {piece for piece in _PIECES.split(said) if piece}
    return Meant((True,) if pieces and all(map(_confirms, pieces)) else ())


def _confirms(piece: str) -> bool:
    once = _REPEATED.fullmatch(piece)  # 好的好的
    return piece in _CONFIRMED or bool(_HEARD_AND_CONFIRMED.fullmatch(piece) or (once and once[1] in _CONFIRMED))
