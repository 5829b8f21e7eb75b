"""Enrolment codes on paper: cards to cut out, ten to a page, each with a QR code for one person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import segno

from bot.html import Html
from handlers.talk import Part, t

CARDS = 10
"""cards on a page of A4"""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One person's card: name, staff number, unit, the code in fours, and the link that carries it."""

    person: str
    number: str
    unit: str
    code: str
    link: str


def render_sheet(lines: Sequence[SheetLine], word: Callable[[Part, str], str], language: str, expires: datetime) -> str:
    """A page of its own, to print or to look at; it needs no other file and fetches nothing."""
    cards = [{"line": line, "qr": _qr(line.link), "place": _place(line.link)} for line in lines]
    pages = [cards[at : at + CARDS] for at in range(0, len(cards), CARDS)]
    texts = {
        "title": t("Personal codes"),
        "about": t("Cut the cards apart and hand each one over personally, in an envelope if you can."),
        "scan": t("Scan this with your phone,"),
        "type": t("or open this address and enter the code:"),
        "once": t("Only for you, works once. Good until {time}.", time=expires),
    }
    return Html("", "").fill(
        "cards.html",
        lang=language.replace("_", "-"),
        say={name: word(text, language) for name, text in texts.items()},
        pages=[
            (word(t("Page {n} of {total}", n=n, total=len(pages)), language), page) for n, page in enumerate(pages, 1)
        ],
    )


def _qr(link: str) -> str:
    """The link as a drawing of its own; `m` repairs a code of which a seventh is dirty or folded."""
    out = BytesIO()
    segno.make_qr(link, error="m").save(out, kind="svg", xmldecl=False, svgns=True, border=0, omitsize=True, nl=False)
    return out.getvalue().decode()


def _place(link: str) -> str:
    """The address without its beginning and its code: what somebody can type."""
    return link.partition("?")[0].partition("://")[2]
