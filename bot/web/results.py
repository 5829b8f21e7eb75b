"""Pages about anonymous rounds for everybody: what came of one, and how anonymity is kept.

No script, no cookie, nothing to tell one reader from another: the language stands in the address.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot.html import Html
from bot.visits import wishes
from bot.web.forms import Knock
from bot.words import Words, language_of
from handlers.talk import LANGUAGES, Part, Text, t

SENTENCES: Mapping[str, Text] = {
    "brand": t("Huiyin"),
    "home": t("Huiyin, start page"),
    "language": t("Language"),
    "results": t("Results"),
    "on_this_page": t("On this page"),
    "comments": t("Comments"),
    "by_chance": t("In an order made by chance."),
    "methods": t("How these numbers were made"),
    "anonymity": t("How your anonymity is kept"),
    "steps": t("What happens to an answer"),
    "rules": t("What is shown, and what is not"),
    "seen": t("Who can see what"),
    "who": t("Who"),
    "while_open": t("While the questionnaire is open"),
    "afterwards": t("After it has closed"),
    "limits": t("What this does not protect you from"),
    "advice": t("What you can do"),
    "word": t("When the word “anonymised” is true"),
    "back": t("Back to the start page"),
}
WISH = "in"
"""the part of an address that names a language"""


class Results:
    """`/results/{round}/{link}` and `/anonymity`."""

    def __init__(self, html: Html, words: Words, locale: str, knock: Knock) -> None:
        self._html = html
        self._words = words
        self._locale = locale
        self._knock = knock

    async def show(self, request: web.Request) -> web.Response:
        """What came of a round, for whoever has its address."""
        number, link = request.match_info["round"], request.match_info["link"]
        round_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
        found = await self._knock("see_results", "", "", round_id=round_id, link=link)
        return self._page(request, "results.html", found=found)

    async def explain(self, request: web.Request) -> web.Response:
        """How anonymity is kept."""
        return self._page(request, "anonymity.html", told=await self._knock("explain_anonymity", "", ""))

    def _page(self, request: web.Request, template: str, **values: Any) -> web.Response:
        language = language_of(request.query.get(WISH, ""), wishes(request), self._locale)
        return self._html.page(
            template,
            language,
            say=said(self._words, language),
            word=wording(self._words, language),
            tongue=language,
            tongues=LANGUAGES,
            **values,
        )


def said(words: Words, language: str) -> dict[str, str]:
    """Our own sentences of these pages."""
    return {name: words.word(text, language) for name, text in SENTENCES.items()}


def wording(words: Words, language: str) -> Callable[[Part], str]:
    """Words parts in this language."""
    return lambda part: words.word(part, language)
