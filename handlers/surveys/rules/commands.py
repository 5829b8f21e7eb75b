"""Words that are no answer but say what to do: the same as the buttons do.

They are looked up only where what was typed cannot be an answer. Never guessed: the whole of what was typed must be
one of these, but for punctuation.
"""

import re
from enum import StrEnum

from handlers.forms.numerals import number
from handlers.forms.understand import fold


class Order(StrEnum):
    """What is to be done."""

    BACK = "back"
    SKIP = "skip"
    CLEAR = "clear"
    SAME = "same"
    OVER = "over"
    DONE = "done"
    HELP = "help"
    PAUSE = "pause"
    YES = "yes"
    NO = "no"
    FURTHER = "further"
    EARLIER = "earlier"
    HAND_IN = "hand in"


_WORDS = {
    Order.BACK: "上一题|上一題|上一个|上一個|返回|回到上一题|回到上一題|back|go back|previous|previous question",
    Order.SKIP: "跳过|跳過|略过|略過|下一题|下一題|不填|不改|不变|不變|保留"
    "|skip|next|next question|keep|keep my answer",
    Order.CLEAR: "清空|清除|删除答案|刪除答案|clear|clear my answer",
    Order.SAME: "同上|同前|跟上题一样|跟上題一樣|和上题一样|和上題一樣|same|same as before|as before|ditto",
    Order.OVER: "重选|重選|重排|重新选|重新選|重新排|重来|重來|start over|again|reset",
    Order.DONE: "完成|选好了|選好了|排好了|好了|done|finished|ready|ok",
    Order.HELP: "帮助|幫助|说明|說明|怎么填|怎麼填|help|?",
    Order.PAUSE: "暂停|暫停|先停一下|稍后再填|稍後再填|以后再填|以後再填|pause|stop|later",
    Order.YES: "是|是的|有|还有|還有|要|再来一条|再來一條|再填一条|再填一條|再加一条|再加一條|再来一个|再來一個"
    "|继续|繼續|yes|y|one more|another|add another|more",
    Order.NO: "否|不|不要|没有了|沒有了|没了|沒了|没有|沒有|不用|不用了|就这些|就這些|no|n|no more|none|that is all",
    Order.FURTHER: "下一页|下一頁|更多|后面|後面|more|more choices|further|further answers|next page",
    Order.EARLIER: "上一页|上一頁|前面|earlier|earlier choices|earlier answers|previous page",
    Order.HAND_IN: "提交|交卷|确认提交|確認提交|交|hand in|submit|send",
}
_BOOK = {order: frozenset(fold(word) for word in words.split("|")) for order, words in _WORDS.items()}
_AROUND = " 。.,，!！~～、"
_CHANGE = re.compile(
    r"(?:改|修改|更改|change|edit)?\s*(?:第\s*)?(\d+|[一二两兩三四五六七八九十百]+)\s*(?:题|題|项|項|条|條)?"
)


def ordered(words: str, *possible: Order) -> Order | None:
    """Which of the possible orders these words are."""
    said = fold(words).strip(_AROUND)
    return next((order for order in possible if said in _BOOK[order]), None)


def line_named(words: str) -> int:
    """The line of the review that is to be changed: `3`, `改第三题`, `change 3`; 0 if none is named."""
    found = _CHANGE.fullmatch(fold(words).strip(_AROUND))
    return int(number(found[1]) or 0) if found else 0
