"""The tabulators' pages: `/keys/enrol`, to be given a key, and `/keys`, to try it and to open ballots.

Nobody is logged in here: each thing that is done asks for the passphrase again. The secret of an enrolment link stands
behind its `#`, which no server and no proxy sees; a script puts it into the form.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.ceremony import Ceremony
from bot.html import Html
from bot.visits import Visitors, read_form, read_upload, wishes
from bot.web.api import STATUS
from bot.words import Words, language_of
from handlers.refusals import NotAllowed, NotFound, Refusal
from handlers.talk import Part, Text, joined, t
from storage.records import CountStage, Person

FORM = 8192
"""Bytes of a posted form."""
BUNDLE = 1024 * 1024
"""Bytes of a file of sealed keys, at most."""
STALE = NotAllowed(t("This page was open too long, or the browser keeps no cookies. Please try again."))

SENTENCES: Mapping[str, Text] = {
    "brand": t("Huiyin"),
    "home": t("Huiyin, start page"),
    "title": t("Your key to the ballots"),
    "about": t("Anonymous rounds are opened by two people from different units, after the closing and never before."),
    "number": t("Staff number"),
    "passphrase": t("Passphrase"),
    "try": t("Try my key"),
    "your_rounds": t("Your rounds"),
    "none": t("No round waits for you."),
    "unlock": t("Unlock with my key"),
    "recover": t("Bring the answering back"),
    "bundle": t("Save the sealed keys"),
    "bundle_about": t("So that the round can be opened even if the server is lost. Only both passphrases open them."),
    "restore": t("Put sealed keys back"),
    "restore_about": t("Only if the keys were lost on the server."),
    "file": t("File of sealed keys"),
    "renew": t("I have forgotten my passphrase"),
    "recovery": t("Recovery key"),
    "new_passphrase": t("New passphrase"),
    "again": t("The same once more"),
    "renew_do": t("Set the new passphrase"),
    "wait": t("One moment: this is slow on purpose."),
    "enrol": t("Take over your key"),
    "enrol_about": t(
        "You are one of those who open the ballots of anonymous rounds, together with somebody from another unit. "
        "Choose a passphrase that only you know."
    ),
    "hint": t("At least 12 characters: four or five words that belong to no saying do well."),
    "enrol_do": t("Make my key"),
    "no_script": t("This page needs JavaScript: only with it the link stays hidden from everybody between you and us."),
    "no_secret": t("The link is not whole. Please open it once more, just as you were given it."),
    "print_title": t("Print your recovery key"),
    "print_about": t(
        "With it you can set a new passphrase if you forget yours. It is shown only now. Print it or write it down, "
        "and keep it under lock and key."
    ),
    "print": t("Print"),
    "last": t("The last four characters on your paper"),
    "once_more": t("Your passphrase once more, to try the key"),
    "finish": t("Done, try my key"),
    "sealed": t("Sealed. Nobody can read the answers, and you cannot either."),
    "lost": t("The sealed key of this round is gone from the server. Put it back, or the ballots can never be opened."),
    "untagged": t("Nobody can answer at the moment: the key for that is lost, as after a restart of the server."),
    "tagged": t("Closed just now. In less than a minute it can be unlocked."),
    "mine": t("You have unlocked. It is the others' turn."),
    "results": t("See the results"),
    "to_keys": t("To your key"),
    "done_title": t("Your key works"),
    "done": t("You will be told when a round needs you. Try the key once a month: else it does not count."),
}


class Keys:
    """The pages below `/keys`."""

    def __init__(self, html: Html, words: Words, locale: str, public_url: str, ceremony: Ceremony) -> None:
        self._html = html
        self._words = words
        self._locale = locale
        self._ceremony = ceremony
        self._visitors = Visitors(public_url, "huiyin-keys")

    async def show(self, request: web.Request) -> web.Response:
        """What asks for number and passphrase."""
        return self._page(request, "keys.html")

    async def enrol(self, request: web.Request) -> web.Response:
        """What asks for a new passphrase; the script finds the secret in the address."""
        return self._page(request, "keys_enrol.html")

    async def take(self, request: web.Request) -> web.Response:
        """What is posted to `/keys`: the key is tried, and then done what it was for."""
        fields, bundle = await self._read(request)
        number = fields.get("number", "").strip()[:60]
        try:
            return await self._do(request, fields, bundle, number)
        except Refusal as no:
            return self._page(request, "keys.html", STATUS.get(type(no), 400), number=number, refused=no.text)

    async def _do(self, request: web.Request, fields: Mapping[str, str], bundle: bytes, number: str) -> web.Response:
        passphrase, do, round_id = fields.get("passphrase", ""), fields.get("do", ""), _id(fields.get("round", ""))
        told: list[Part] = []
        results = ""
        match do:
            case "unlock":
                unlocked, count = await self._ceremony.unlock(round_id, number, passphrase)
                person = unlocked.person
                told = [_unlocked(unlocked, count)]
                results = f"/results/{round_id}/{count.link}" if count and count.stage is CountStage.RELEASED else ""
            case "recover":
                found = await self._ceremony.recover(round_id, number, passphrase)
                person, told = found.person, [recovered(found)]
            case "bundle":
                await self._ceremony.test(number, passphrase)
                return self._file(round_id, await self._ceremony.bundle(round_id))
            case "restore":
                person = await self._ceremony.test(number, passphrase)
                back = await self._ceremony.restore(bundle)
                told = [t("The sealed keys of “{round}” are back.", round=back.name)]
            case "renew":
                given = fields.get("recovery", ""), fields.get("new", ""), fields.get("again", "")
                person = await self._ceremony.renew(number, *given)
                told = [t("Your new passphrase is set.")]
            case _:
                person = await self._ceremony.test(number, passphrase)
                told = [t("Your key works.")]
        return await self._rounds(request, person, told, results)

    async def take_enrolment(self, request: web.Request) -> web.Response:
        """What is posted to `/keys/enrol`: the passphrase chosen, then the recovery key typed back."""
        fields, _ = await self._read(request)
        secret, passphrase = fields.get("secret", "")[:100], fields.get("passphrase", "")
        if fields.get("do") == "finish":
            return await self._finish(request, fields, passphrase)
        try:
            person, recovery = await self._ceremony.enrol(secret, passphrase, fields.get("again", ""))
        except Refusal as no:
            return self._page(request, "keys_enrol.html", 422, secret=secret, refused=no.text)
        return self._page(request, "keys_print.html", name=person.name, recovery=recovery, number=person.number)

    async def _finish(self, request: web.Request, fields: Mapping[str, str], passphrase: str) -> web.Response:
        number, recovery = fields.get("number", "")[:60], fields.get("recovery", "")[:60]
        try:
            person = await self._ceremony.finish(number, recovery, fields.get("last", ""), passphrase)
        except Refusal as no:
            shown = {"name": fields.get("name", "")[:60], "recovery": recovery, "number": number}
            return self._page(request, "keys_print.html", 422, **shown, refused=no.text)
        return self._page(request, "keys_done.html", name=person.name)

    # What is shown ----------------------------------------------------------------------------------------

    async def _rounds(self, request: web.Request, person: Person, told: list[Part], results: str) -> web.Response:
        marks = await self._ceremony.rounds(person)
        language = self._language(request)
        rounds = [{"mark": one, "lines": [self._words.word(part, language) for part in lines_of(one)]} for one in marks]
        said = [self._words.word(part, language) for part in told]
        return self._page(
            request,
            "keys_rounds.html",
            name=person.name,
            number=person.number,
            rounds=rounds,
            told=said,
            results=results,
        )

    def _page(
        self, request: web.Request, template: str, status: int = 200, refused: Part = "", **values: Any
    ) -> web.Response:
        language, visit = self._language(request), self._visitors.welcome(request)
        response = self._html.page(
            template,
            language,
            status,
            say={name: self._words.word(text, language) for name, text in SENTENCES.items()},
            csrf=visit.form_token,
            refused=self._words.word(refused, language),
            **{"number": "", "secret": "", **values},
        )
        self._visitors.remember(response, visit)
        return response

    def _file(self, round_id: int, bundle: bytes) -> web.Response:
        name = f"huiyin-round-{round_id}.keys"
        headers = {**self._html.headers, "Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=bundle, content_type="application/octet-stream", headers=headers)

    async def _read(self, request: web.Request) -> tuple[Mapping[str, str], bytes]:
        """The fields of a form of ours, and the file. Raises NotAllowed, TooLarge."""
        bundle = b""
        if request.content_type == "multipart/form-data":
            fields, sent = await read_upload(request, BUNDLE)
            bundle = sent.file.content if sent and sent.file else b""
        else:
            fields = await read_form(request, FORM)
        visit = self._visitors.of(request)
        if visit is None or not self._visitors.genuine(request, visit, fields.get("csrf", "")):
            raise STALE
        return fields, bundle

    def _language(self, request: web.Request) -> str:
        return language_of(wishes(request), self._locale)


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        if text:
            raise NotFound(t("There is no such round."))
        return 0
    return int(text)


def _unlocked(unlocked: Any, count: Any) -> Text:
    if count is None:
        return waits(unlocked)
    if count.stage is CountStage.RELEASED:
        return t(
            "The ballots of “{round}” are counted and destroyed, and the results are released.",
            round=unlocked.round.name,
        )
    return t(
        "The ballots of “{round}” are counted and destroyed. Too few took part: nothing is shown.",
        round=unlocked.round.name,
    )


def waits(unlocked: Any) -> Text:
    """Your half is noted."""
    return t(
        "Your half of unlocking “{round}” is noted. Now one of these is needed: {names}.",
        round=unlocked.round.name,
        names=joined(unlocked.others),
    )


def recovered(found: Any) -> Text:
    """What came of bringing the answering back."""
    if found.others:
        return waits(found)
    return t("“{round}” can be answered again.", round=found.round.name)


def lines_of(mark: Any) -> list[Part]:
    """How a round stands, in sentences."""
    lines: list[Part] = []
    if mark.is_open:
        lines.append(t("Open until {time}.", time=mark.closed) if mark.closed else t("Open."))
    else:
        lines.append(t("Closed on {time}. It waits to be opened.", time=mark.closed) if mark.closed else t("Closed."))
    if mark.first and not mark.mine:
        lines.append(t("{name} has unlocked. With your key the ballots are opened and counted.", name=mark.first))
    elif mark.others and not mark.mine:
        lines.append(t("You open it together with one of these: {names}.", names=joined(mark.others)))
    return lines
