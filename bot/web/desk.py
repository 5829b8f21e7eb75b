"""HR's desk in the demo: how far each round is, and its answers as they come. Nothing can be changed here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from bot.html import Html
from bot.visits import wishes
from bot.web import report, terms
from bot.web.forms import Knock
from bot.web.results import said, wording
from bot.web.tables import Cell, table_csv
from bot.words import Words, language_of
from handlers.refusals import NotAllowed, NotFound
from handlers.talk import Text, t
from storage.records import Disposition, Person, Role, Round, RoundState

Officer = Callable[[web.Request], Awaitable[Person | None]]
"""Who sits at this desk, as far as the browser's cookies tell."""
SENTENCES: Mapping[str, Text] = {
    "brand": t("Huiyin"),
    "home": t("Huiyin, start page"),
    "desk": t("HR's desk"),
    "rounds": t("Rounds"),
    "none": t("There are no rounds yet."),
    "invited": t("Invited"),
    "reached": t("Reached"),
    "started": t("Begun"),
    "handed_in": t("Handed in"),
    "answers": t("Answers"),
    "to_answers": t("See the answers"),
    "no_answers": t("No answers yet. They appear here as they come."),
    "to_results": t("See the results"),
    "to_promises": t("See where it stands"),
    "report": t("The auditors' report"),
    "csv": t("Save as CSV"),
    "stages": t("Everybody on the roll"),
    "live": t("This page keeps itself up to date."),
}


class Order(Protocol):
    """Knocks at an office door by name. Raises Refusal or Unavailable."""

    async def __call__(self, name: str, **fields: Any) -> Any: ...


class Desk:
    """The pages below `/desk`."""

    def __init__(self, html: Html, words: Words, locale: str, order: Order, knock: Knock, officer: Officer) -> None:
        self._html = html
        self._words = words
        self._locale = locale
        self._order = order
        self._knock = knock
        self._officer = officer

    async def rounds(self, request: web.Request) -> web.Response:
        """All rounds and how far they are."""
        officer, language = await self._enter(request)
        rounds: Sequence[Round] = await self._order("list_rounds")
        shown = [await self._round(one, language) for one in rounds]
        return self._html.page("desk.html", language, 200, **self._common(language, officer), rounds=shown)

    async def answers(self, request: web.Request) -> web.Response:
        """One round and its answers; of an anonymous one what everybody sees of it."""
        officer, language = await self._enter(request)
        one = await self._find(request)
        if one.anonymous:
            return await self._results(one, officer, language)
        table = await self._order("round_answers", round_id=one.id, language=language)
        places = _readable(table.columns, table.rows)
        return self._html.page(
            "answers.html",
            language,
            200,
            **self._common(language, officer),
            round=await self._round(one, language),
            columns=[self._column(table.columns[place], language) for place in places],
            rows=[[self._cell(table.columns[place], row[place], language) for place in places] for row in table.rows],
        )

    async def report(self, request: web.Request) -> web.Response:
        """How an anonymous round was kept, to print."""
        officer, language = await self._enter(request)
        one = await self._find(request)
        told = await self._order("round_assurance", round_id=one.id)
        word = wording(self._words, language)
        return self._html.page(
            "report.html",
            language,
            200,
            **self._common(language, officer),
            round=one,
            title=word(report.TITLE),
            chapters=report.chapters(told, word),
        )

    async def _results(self, one: Round, officer: Person, language: str) -> web.Response:
        found, not_yet = None, ""
        try:
            found = await self._knock("see_at_desk", "", "", round_id=one.id)
        except NotAllowed as no:
            not_yet = self._words.word(no.text, language)
        common = self._common(language, officer)
        return self._html.page(
            "desk_results.html",
            language,
            200,
            **{**common, "say": {**said(self._words, language), **common["say"]}},
            round=await self._round(one, language),
            found=found,
            not_yet=not_yet,
            reported=one.secrecy.digest != "",
            word=wording(self._words, language),
        )

    async def csv(self, request: web.Request) -> web.Response:
        """The same answers, codes and words, as a file."""
        _, language = await self._enter(request)
        one = await self._find(request)
        table = await self._order("round_answers", round_id=one.id, language=language)
        return web.Response(
            body=table_csv(table.columns, table.rows),
            content_type="text/csv",
            charset="utf-8",
            headers={**self._html.headers, "Content-Disposition": f'attachment; filename="round-{one.id}.csv"'},
        )

    async def _enter(self, request: web.Request) -> tuple[Person, str]:
        officer = await self._officer(request)
        if officer is None or Role.HR not in officer.roles:
            raise NotAllowed(t("HR's desk is open to the HR office only."))
        return officer, language_of(wishes(request), self._locale)

    async def _find(self, request: web.Request) -> Round:
        wanted = request.match_info["id"]
        rounds: Sequence[Round] = await self._order("list_rounds")
        found = next((one for one in rounds if str(one.id) == wanted), None)
        if found is None:
            raise NotFound(t("There is no such round."))
        return found

    async def _round(self, one: Round, language: str) -> dict[str, object]:
        """A round as the templates take it. Of an anonymous one nobody sees live how many have answered."""
        progress = await self._order("round_progress", round_id=one.id)
        handed_in = 0 if one.anonymous else progress.handed_in
        started = 0 if one.anonymous else progress.started
        return {
            "id": one.id,
            "name": one.name,
            "state": self._words.word(terms.STATES[one.state], language),
            "open": one.state == RoundState.OPEN,
            "anonymous": one.anonymous,
            "ended": one.state is RoundState.CLOSED,
            "closes": self._words.word(t("Closes {time}", time=one.closes), language) if one.closes else "",
            "invited": progress.invited,
            "reached": progress.invited - progress.unreachable,
            "started": started,
            "handed_in": handed_in,
            "stages": [] if one.anonymous else self._stages(progress.dispositions, language),
        }

    def _stages(self, counts: Mapping[Disposition, int], language: str) -> list[tuple[str, int]]:
        """Where everybody on the roll is, as far as anybody is there; the numbers add up to the invited."""
        return [(self._words.word(terms.STAGES[one], language), counts[one]) for one in Disposition if counts[one]]

    def _common(self, language: str, officer: Person) -> dict[str, Any]:
        say = {name: self._words.word(text, language) for name, text in SENTENCES.items()}
        return {"say": say, "officer": officer.name}

    def _column(self, name: str, language: str) -> str:
        plain = name.removesuffix(LABEL).removeprefix("/data/")
        return self._words.word(terms.COLUMNS.get(name, plain), language)

    def _cell(self, column: str, value: Cell, language: str) -> str:
        if value is None:
            return ""
        match column:
            case "status":
                return self._words.word(terms.STAGES.get(str(value), str(value)), language)
            case "handed_in":
                return self._words.word(Text("{time}", {"time": datetime.fromisoformat(str(value))}), language)
        return str(value)


LABEL = " (label)"
"""how a column is headed that has the words for the codes in another"""
ABOUT = ("person", "unit", "status", "handed_in")
"""what is shown of a person, in this order"""
PAPER = "entered_by"
"""shown behind it where there is a form on paper"""


def _readable(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """The columns for people: words instead of codes, and only what somebody has answered; the file has them all."""
    worded = {name.removesuffix(LABEL) for name in columns if name.endswith(LABEL)}
    answers = [
        place
        for place, name in enumerate(columns)
        if name not in terms.COLUMNS
        and name not in worded
        and not any(name.startswith(f"{base}/") for base in worded)
        and any(row[place] is not None for row in rows)
    ]
    paper = [place for place, name in enumerate(columns) if name == PAPER and any(row[place] for row in rows)]
    return [columns.index(name) for name in ABOUT] + paper + answers
