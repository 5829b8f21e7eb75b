"""Binding an account to a person with a one-time code, and unbinding it.

An account that is not bound learns how to bind, and nothing else.
"""

from handlers import doors
from handlers.people.rules import codes
from handlers.refusals import NotAllowed
from handlers.talk import (
    LANGUAGES,
    Button,
    Command,
    Left,
    Message,
    Part,
    Removal,
    Reply,
    Tap,
    Text,
    Turn,
    Typed,
    say,
    t,
    tn,
)
from storage.records import Code, Disposition, Person
from storage.store import Store

ABOUT = t(
    "This is Huiyin. Your HR office sends you self-assessments and questionnaires through it, and you answer here."
)
OFF_ROSTER = t(
    "You are not on the roster any more, so nothing waits for you here. If that is a mistake, tell your HR office."
)
HOW = t(
    "To begin, send the one-time code that your HR office gave you: {length} letters and digits. "
    "If you have none, ask your HR office for one.",
    length=codes.LENGTH,
)
NO_CODE = t(
    "This is not a whole code. The signs 0, O, 1, I and L never occur in one. Please check it and send it again."
)
DEAD_CODE = t(
    "This code does not work: it has been used, is too old, or a newer one was made. Please ask for a new one."
)
NOT_YOU = t("If that is not you: /unbind")
PRIVACY = t("What is stored about you, and your copy of it: /privacy")
DONE_WITH = (Disposition.HANDED_IN, Disposition.DECLINED, Disposition.EXCUSED)
ONWARD = ((Button(t("What waits for me"), "my"), Button(t("Menu"), "m")),)


@doors.stranger
async def enrol(turn: Turn, store: Store) -> Reply:
    """Whatever a stranger says: a code is tried, a language is chosen, all else is told how to bind.

    Nothing a stranger writes is kept: we do not know who it is, and need it for nothing.
    """
    match turn.what:
        case Left():
            return Reply(confidential=True)
        case Tap(data) if data.removeprefix("l:") in LANGUAGES:
            await store.people.set_language(turn.account.id, data.removeprefix("l:"))
            return _how(turn)
        case Command("start", text) | Typed(text):
            return await _try(text, turn, store)
    return _how(turn)


@doors.command("start")
async def greet(turn: Turn, store: Store) -> Reply:
    """A bound account starts again, perhaps from the link on the code sheet: a code is not looked at any more."""
    person = _person(turn)
    hello = t("Hello, {name}. This account is bound to you already.", name=person.name)
    with_code = isinstance(turn.what, Command) and turn.what.argument != ""
    message = Message((hello, NOT_YOU, await _waiting(person, store)), ONWARD)
    return Reply((message, *_without(turn, with_code)), confidential=with_code)


@doors.command("unbind")
@doors.tap("u")
async def unbind(turn: Turn, store: Store) -> Reply:
    """Asks what to unbind, and does it once that is tapped."""
    person = _person(turn)
    accounts = [account for account in await store.people.all_accounts() if account.person_id == person.id]
    others = [account for account in accounts if account.id != turn.account.id]
    match turn.what:
        case Tap("u:this"):
            await store.people.unbind(turn.account.id)
            return say(
                t("This account is no longer bound to you. Your answers stay with your HR office."),
                t("A new code from your HR office binds it again."),
                replaces=turn.message_id,
            )
        case Tap("u:others"):
            for account in others:
                await store.people.unbind(account.id)
            return say(t("Only this account is bound to you now."), buttons=ONWARD, replaces=turn.message_id)
        case Tap("u:no"):
            return say(t("Nothing was changed."), buttons=ONWARD, replaces=turn.message_id)
    return _ask_what(turn, person, len(others))


def _ask_what(turn: Turn, person: Person, others: int) -> Reply:
    choices = [Button(t("Unbind this account"), "u:this")]
    if others:
        choices.append(Button(tn("Unbind my other account", "Unbind my {count} other accounts", others), "u:others"))
    return say(
        t(
            "This account is bound to you, {name}. Once it is unbound, nothing about you is shown here.",
            name=person.name,
        ),
        buttons=(*((choice,) for choice in choices), (Button(t("Leave it as it is"), "u:no"),)),
        replaces=turn.message_id if isinstance(turn.what, Tap) else "",
    )


async def _try(text: str, turn: Turn, store: Store) -> Reply:
    """Binds where a living code is in the text. The same answer to codes unknown, used and expired."""
    code = codes.find(text)
    if not code:
        return _how(turn, *((NO_CODE,) if codes.resembles(text) else ()))
    found = await store.people.code(codes.digest(code))
    person = await store.people.person(found.person_id) if found and _lives(found, turn) else None
    if found is None or person is None or person.left:
        return _how(turn, DEAD_CODE)
    await store.people.use_code(found.digest)
    await store.people.bind(turn.account.id, person.id)
    unit = next(unit for unit in await store.people.units() if unit.id == person.unit_id)
    welcome = t("Welcome, {name} of {unit}. This account is bound to you now.", name=person.name, unit=unit.name)
    message = Message((welcome, NOT_YOU, await _waiting(person, store), PRIVACY), ONWARD)
    return Reply((message, *_without(turn, True)), confidential=True)


def _lives(code: Code, turn: Turn) -> bool:
    return not code.used and turn.now < code.expires


def _without(turn: Turn, with_code: bool) -> tuple[Removal, ...]:
    """Takes the message that holds a code out of the chat: whoever looks over the shoulder shall not use it."""
    return (Removal(turn.message_id),) if with_code and turn.message_id else ()


async def _waiting(person: Person, store: Store) -> Text:
    """How many questionnaires wait; those the person could not be reached for count as sent from now on."""
    count = 0
    for round, invitation in await store.surveys.invitations(person.id):
        count += invitation.disposition not in DONE_WITH
        if invitation.disposition is Disposition.UNREACHABLE:
            await store.surveys.set_disposition(round.id, person.id, Disposition.INVITED)
    if not count:
        return t("Nothing waits for you now. You will be told here when something does.")
    return tn("One questionnaire waits for you.", "{count} questionnaires wait for you.", count)


def _how(turn: Turn, *first: Part) -> Reply:
    """How to bind, in any of our languages."""
    tapped = isinstance(turn.what, Tap)
    message = Message(
        (*(first or (OFF_ROSTER if turn.account.person_id else ABOUT,)), HOW),
        (tuple(Button(name, f"l:{tag}") for tag, name in LANGUAGES.items()),),
        turn.message_id if tapped else "",
    )
    return Reply((message,), confidential=True)


def _person(turn: Turn) -> Person:
    if turn.person is None:
        raise NotAllowed(HOW)
    return turn.person
