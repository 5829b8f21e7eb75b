"""The menu, help, why and how, privacy, language; and what is said where no other door opens."""

from dataclasses import replace

from handlers import doors
from handlers.home import rules
from handlers.refusals import NotAllowed
from handlers.talk import LANGUAGES, Button, Command, Message, Part, Reply, Sent, Tap, Turn, Typed, say, t
from storage.records import Account, Person, Role, Unit
from storage.store import Store

LINES = 10_000
"""newest lines of the conversation that go into a person's copy"""

MINE = Button(t("What waits for me"), "my")
MENU = Button(t("Menu"), "m")
REMINDERS = Button(t("Reminders on or off"), "mu")
BACK = ((MINE, MENU),)


@doors.command("menu")
@doors.tap("m")
async def show_menu(turn: Turn, store: Store) -> Reply:
    """Everything that can be done here, to tap."""
    officer = Role.HR in await _roles(turn, store)
    rounds = ((Button(t("Rounds of questionnaires (HR office)"), "rl"),),) if officer else ()
    rows = (
        (MINE,),
        *rounds,
        (Button(t("What this is"), "w"), Button(t("How results are reached"), "hw")),
        (Button(t("What is stored about me"), "p"), Button(t("Language"), "l")),
        (REMINDERS, Button(t("Help"), "h")),
    )
    return say(t("What would you like to do, {name}?", name=_person(turn).name), buttons=rows, replaces=_tapped(turn))


@doors.command("help")
@doors.tap("h")
async def help_me(turn: Turn, store: Store) -> Reply:
    """The commands, one line each."""
    return _page(turn, *rules.help_for(await _roles(turn, store)))


@doors.command("why")
@doors.tap("w")
async def say_why(turn: Turn, store: Store) -> Reply:
    """What this is, who decides, how to object."""
    return _page(turn, *rules.WHY)


@doors.command("how")
@doors.tap("hw")
async def say_how(turn: Turn, store: Store) -> Reply:
    """How a result is reached."""
    return _page(turn, *rules.HOW)


@doors.command("privacy")
@doors.tap("p")
async def show_stored(turn: Turn, store: Store) -> Reply:
    """What is stored about me."""
    person = _person(turn)
    reached = (await store.people.accounts_of([person.id])).get(person.id, [turn.account])
    told = rules.stored(person, await _unit(person, store), [account.channel for account in reached])
    told = (*told, t("How anonymous questionnaires are kept anonymous: {page}", page=f"{turn.site}/anonymity"))
    rows = ((Button(t("My copy"), "pc"), Button(t("Unbind"), "u")), (MENU,))
    return say(*told, buttons=rows, replaces=_tapped(turn))


@doors.tap("pc")
async def hand_copy(turn: Turn, store: Store) -> Reply:
    """My copy of what is stored, as a file; the copy itself stays out of the transcript."""
    person = _person(turn)
    said = await store.transcripts.of(person.id, LINES)
    asked = []
    for round in reversed(await store.surveys.rounds()):
        if invitation := await store.surveys.invitation(round.id, person.id):
            asked.append(rules.Asked(round, invitation, await store.surveys.sheet(round.id, person.id)))
    above = await store.people.person(person.supervisor_id) if person.supervisor_id else None
    kept = rules.Kept(
        *(person, await _unit(person, store), above, await _accounts(person, store), asked, said),
        groups=await store.groups.of(person.id),
        deputies=await _deputies(person, store),
    )
    parts: list[Part] = [t("This is what is stored about you. Keep it where only you can read it.")]
    if len(said) == LINES:
        parts.append(
            t("Of your conversation it has the newest {count} lines; your HR office has the rest.", count=LINES)
        )
    return Reply((Message(tuple(parts), file=rules.copy_of(kept)),), confidential=True)


@doors.command("language")
@doors.tap("l")
async def choose_language(turn: Turn, store: Store) -> Reply:
    """Which language this account is spoken to in."""
    match turn.what:
        case Tap(data) if data.removeprefix("l:") in LANGUAGES:
            return await _speak(turn, store, data.removeprefix("l:"))
    choices = tuple(Button(name, f"l:{tag}") for tag, name in LANGUAGES.items())
    return say(t("Which language would you like?"), buttons=(choices, (MENU,)), replaces=_tapped(turn))


async def _speak(turn: Turn, store: Store, language: str) -> Reply:
    """From now on in this language; what is going on here is said once more in it."""
    await store.people.set_language(turn.account.id, language)
    done = t("This account's language is now {language}.", language=LANGUAGES[language])
    stand = doors.standing_door(turn.account.flow)
    if stand is None:
        return say(done, buttons=BACK, replaces=turn.message_id)
    where = await stand(replace(turn, language=language), store)
    return replace(where, messages=(Message((done,), replaces=turn.message_id), *where.messages))


@doors.command("mute")
@doors.tap("mu")
async def mute(turn: Turn, store: Store) -> Reply:
    """No more reminders, or again; a button may say which, else it is the other way round than now."""
    person = _person(turn)
    wished = {"mu:on": True, "mu:off": False}
    muted = wished.get(turn.what.data, not person.muted) if isinstance(turn.what, Tap) else not person.muted
    await store.people.mute(person.id, muted)
    if muted:
        return say(*rules.MUTED, buttons=((Button(t("Remind me again"), "mu:off"),), *BACK))
    return say(*rules.REMINDED, buttons=((Button(t("No more reminders"), "mu:on"),), *BACK))


@doors.fallback
async def point_to_menu(turn: Turn, store: Store) -> Reply:
    """Words, files, commands and buttons nobody waits for."""
    match turn.what:
        case Tap():
            return Reply(
                (Message((t("The menu shows what you can do."),), BACK),), toast=t("This button is no longer in use.")
            )
        case Command():
            return say(t("There is no such command. The menu shows what you can do."), buttons=BACK)
        case Typed():
            return say(t("No question waits for an answer in words now. The menu shows what you can do."), buttons=BACK)
        case Sent():
            return say(t("Files, pictures and voice messages cannot be taken here."), buttons=BACK)
    return Reply()


def _page(turn: Turn, *parts: Part) -> Reply:
    return say(*parts, buttons=BACK, replaces=_tapped(turn))


async def _accounts(person: Person, store: Store) -> list[Account]:
    return [account for account in await store.people.all_accounts() if account.person_id == person.id]


async def _deputies(person: Person, store: Store) -> list[rules.Deputyship]:
    """Who acts for this person, and for whom this person acts, whenever it was."""
    mine = [one for one in await store.groups.deputies() if person.id in (one.person_id, one.deputy_id)]
    both = [(one, await store.people.person(one.person_id), await store.people.person(one.deputy_id)) for one in mine]
    return [(one, absent, acting) for one, absent, acting in both if absent and acting]


async def _roles(turn: Turn, store: Store) -> frozenset[Role]:
    """What whoever speaks may do today, as a deputy too."""
    return await store.groups.roles_of(_person(turn), turn.now.date())


async def _unit(person: Person, store: Store) -> Unit:
    return next(unit for unit in await store.people.units() if unit.id == person.unit_id)


def _person(turn: Turn) -> Person:
    if turn.person is None:
        raise NotAllowed(t("Send the one-time code from your HR office first."))
    return turn.person


def _tapped(turn: Turn) -> str:
    """The message to edit in place: the one whose button was tapped."""
    return turn.message_id if isinstance(turn.what, Tap) else ""
