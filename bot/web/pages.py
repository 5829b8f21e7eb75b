"""Pages for people: the start page, rounds to fill in, in the demo the log-ins of its people, and HR's desk."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from aiohttp import web

from bot.ceremony import Ceremony
from bot.channels.base import ChannelError
from bot.channels.webchat.channel import WebChat
from bot.html import Html
from bot.visits import TooLarge, Visitors, read_form, wishes
from bot.web import terms
from bot.web.api import STATUS
from bot.web.ballots import Ballots
from bot.web.desk import Desk, Order
from bot.web.forms import Forms, Knock
from bot.web.keys import Keys
from bot.web.posted import scripted
from bot.web.results import Results
from bot.words import Words, language_of
from handlers.refusals import NotAllowed, NotFound, Refusal
from handlers.talk import LANGUAGES, Part, Text, t, tn
from handlers.terms import POST_CLASSES
from storage.database import Unavailable
from storage.records import Person, PostClass, Role, Unit

Who = Callable[[str], Awaitable[Person | None]]
"""The person a web chat's address belongs to."""
Hear = Callable[[str], Awaitable[str]]
Enter = Callable[[Person, Hear], Awaitable[None]]
"""Binds a web chat to a person by letting it `hear` a code."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FORM = 4096
"""bytes of a posted form"""
GUIDES = (Role.SUPERVISOR, Role.BRANCH_LEADER, Role.HEAD)
"""of whom the demo shows one each, beside one person of each post class"""

SENTENCES: Mapping[str, Text] = {
    "brand": t("Huiyin"),
    "home": t("Huiyin, start page"),
    "demo": t("Demo"),
    "landing": t("Your HR office asks, you answer in a chat, and what comes of it comes back to you."),
    "to_chat": t("Open the chat"),
    "landing_code": t("The first time, you need the personal code your HR office has given you."),
    "title": t("Whose place do you want to take?"),
    "about": t(
        "This is a demo organ: a township with invented people. Answer as one of its civil servants, "
        "and watch the answers arrive on HR's desk, in this browser or another."
    ),
    "desk": t("HR's desk"),
    "desk_about": t("How far each round is, and the answers as they come"),
    "open": t("Open"),
    "some": t("Answer as a civil servant"),
    "all": t("Everybody, by unit"),
    "search": t("Search by name, unit or staff number"),
    "find": t("Search"),
    "nobody": t("Nobody is found by that."),
    "back": t("Back to the start page"),
    "anonymity": t("How your anonymity is kept"),
}


class Pages:
    """The pages. Without `demo` only the start page is there."""

    def __init__(
        self,
        *,
        words: Words,
        locale: str,
        public_url: str,
        demo: bool,
        order: Order,
        who: Who,
        enter: Enter,
        knock: Knock,
        webchat: WebChat | None,
        ceremony: Ceremony,
    ) -> None:
        self._words = words
        self._locale = locale
        self._demo = demo
        self._order = order
        self._who = who
        self._enter = enter
        self._webchat = webchat
        self._html = Html(public_url, "/static")
        self._browsers = Visitors(public_url, "huiyin-demo")
        self._chats = Visitors(public_url)
        self._desks = Visitors(public_url, "huiyin-desk")
        self._forms = Forms(self._html, words, locale, public_url, knock)
        self._ballots = Ballots(self._html, words, locale, public_url, knock)
        self._results = Results(self._html, words, locale, knock)
        self._desk = Desk(self._html, words, locale, order, knock, self._officer)
        self._keys = Keys(self._html, words, locale, public_url, ceremony)

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        found = [
            ("GET", "/", self._start),
            ("GET", "/form/{round}", self._forms.show),
            ("POST", "/form/{round}", self._forms.take),
            ("GET", "/form/{round}/pictures/{name}", self._forms.picture),
            ("GET", "/ballot/{round}", self._ballots.show),
            ("POST", "/ballot/{round}", self._ballots.take),
            ("POST", "/ballot/{round}/ticket", self._ballots.ticket),
            ("GET", "/ballot/{round}/pictures/{name}", self._ballots.picture),
            ("GET", "/results/{round}/{link}", self._results.show),
            ("GET", "/anonymity", self._results.explain),
            ("GET", "/keys", self._keys.show),
            ("POST", "/keys", self._keys.take),
            ("GET", "/keys/enrol", self._keys.enrol),
            ("POST", "/keys/enrol", self._keys.take_enrolment),
        ]
        if self._demo:
            found += [
                ("POST", "/demo/enter", self._take_place),
                ("GET", "/desk", self._desk.rounds),
                ("GET", "/desk/rounds/{id}", self._desk.answers),
                ("GET", "/desk/rounds/{id}/answers.csv", self._desk.csv),
                ("GET", "/desk/rounds/{id}/report", self._desk.report),
            ]
        return [self._html.route(), *(web.route(method, path, self._calmly(door)) for method, path, door in found)]

    async def _start(self, request: web.Request) -> web.Response:
        """In the demo the people to choose from, else the way to the chat."""
        language = language_of(wishes(request), self._locale)
        if not self._demo:
            say = self._say(language)
            return self._html.page("landing.html", language, say=say, chat=self._webchat is not None)
        browser = self._browsers.welcome(request)
        query = request.query.get("q", "").strip()[:100]
        people = [Seat(listed.person, listed.unit) for listed in await self._order("list_people")]
        found = [seat for seat in people if seat.matches(query)]
        word = self._wording(language)
        response = self._html.page(
            "demo.html",
            language,
            say=self._say(language),
            csrf=browser.form_token,
            query=query,
            officer=next((seat.person for seat in people if Role.HR in seat.person.roles), None),
            some=[] if query else [seat.view(word) for seat in representatives(people)],
            units=[(unit.name, [seat.view(word) for seat in seats]) for unit, seats in by_unit(found)],
            count=word(tn("{count} person", "{count} people", len(found))),
        )
        self._browsers.remember(response, browser)
        return response

    async def _take_place(self, request: web.Request) -> web.Response:
        """Sits the visitor down as a demo person, in the chat or at the desk.

        Each browser has a chat of its own with each person, and finds it again; what one person was
        told is not shown to the next. The desk has its own cookie, so that one browser can have both.
        """
        browser = self._browsers.of(request)
        form = await read_form(request, FORM)
        if browser is None or not self._browsers.genuine(request, browser, form.get("csrf", "")):
            raise NotAllowed(t("This page was open too long, or the browser keeps no cookies. Please try again."))
        place = "desk" if form.get("place") == "desk" else "chat"
        person = await self._person(form.get("person", ""))
        visit = browser.other(f"{place} {person.number}")
        if await self._who(visit.address) is None:
            await self._enter(person, self._hear(visit.address, language_of(wishes(request), self._locale)))
        response = web.Response(status=303, headers={**self._html.headers, "Location": f"/{place}"})
        (self._desks if place == "desk" else self._chats).remember(response, visit)
        return response

    def _hear(self, address: str, language: str) -> Hear:
        async def hear(text: str) -> str:
            if self._webchat is None:
                raise ChannelError("there is no web chat")
            return await self._webchat.hear(address, text, language)

        return hear

    async def _person(self, number: str) -> Person:
        for listed in await self._order("list_people"):
            person: Person = listed.person
            if person.number == number:
                return person
        raise NotFound(t("Nobody is found by that."))

    async def _officer(self, request: web.Request) -> Person | None:
        """An HR officer by the desk's cookie, else whoever chats in this browser."""
        for visitors in (self._desks, self._chats):
            visit = visitors.of(request)
            person = await self._who(visit.address) if visit else None
            if person is not None:
                return person
        return None

    def _calmly(self, handler: Handler) -> Handler:
        """A no, or a database that is away, is said on a page of ours."""

        @wraps(handler)
        async def calm(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except Refusal as no:
                return self._sorry(request, STATUS.get(type(no), 400), no.text)
            except TooLarge:
                return self._sorry(request, 413, t("That was too long. Nothing was changed."))
            except (Unavailable, ChannelError):
                return self._sorry(request, 503, t("That cannot be done just now. Please try again in a moment."))

        return calm

    def _sorry(self, request: web.Request, status: int, text: Text) -> web.Response:
        language = language_of(wishes(request), self._locale)
        said = self._words.word(text, language)
        if scripted(request):
            return web.json_response({"error": said}, status=status, headers=self._html.headers)
        return self._html.page("sorry.html", language, status, say=self._say(language), text=said)

    def _say(self, language: str) -> dict[str, str]:
        return {name: self._words.word(text, language) for name, text in SENTENCES.items()}

    def _wording(self, language: str) -> Callable[[Part], str]:
        return lambda part: self._words.word(part, language)


class Seat:
    """A person of the demo with the unit."""

    def __init__(self, person: Person, unit: Unit) -> None:
        self.person = person
        self.unit = unit

    def matches(self, query: str) -> bool:
        """Whether the query is part of the name, the unit or the staff number."""
        person = self.person
        return any(query.casefold() in text.casefold() for text in (person.name, person.number, self.unit.name))

    def view(self, word: Callable[[Part], str]) -> dict[str, Any]:
        """As the template takes it."""
        person = self.person
        return {
            "number": person.number,
            "name": person.name,
            "unit": self.unit.name,
            "post": word(POST_CLASSES[person.post_class]),
            "roles": [word(terms.ROLES[role]) for role in Role if role in person.roles and role in terms.ROLES],
            "language": LANGUAGES.get(person.language, ""),
        }


def representatives(people: Sequence[Seat]) -> list[Seat]:
    """One without a role of each post class, each from another unit if possible, and one of each kind of guide."""
    found: list[Seat] = []
    for post in PostClass:
        seats = [seat for seat in people if seat.person.post_class == post and not seat.person.roles]
        seen = {seat.unit.id for seat in found}
        found += sorted(seats, key=lambda seat: seat.unit.id in seen)[:1]
    for role in GUIDES:
        found += [seat for seat in people if role in seat.person.roles and seat not in found][:1]
    return found


def by_unit(people: Iterable[Seat]) -> list[tuple[Unit, list[Seat]]]:
    """The people in their units, in the order in which they come."""
    units: dict[int, tuple[Unit, list[Seat]]] = {}
    for seat in people:
        units.setdefault(seat.unit.id, (seat.unit, []))[1].append(seat)
    return list(units.values())
