"""An officer of the HR office: the rounds, how far they are, and what is done with them."""

from dataclasses import replace

from handlers import doors
from handlers.refusals import NotFound
from handlers.surveys import desk as at
from handlers.surveys.audiences import weigh
from handlers.surveys.officers import officer, ordered
from handlers.surveys.rolls import round_of
from handlers.surveys.rules import officers, rounds, whens
from handlers.surveys.wording import invitation_to
from handlers.talk import Message, Part, Reply, Turn, Typed, say, t
from storage.records import Round, RoundState
from storage.store import Store

FLOW = "hr"
RUNNING = (RoundState.OPEN, RoundState.PAUSED)


@doors.command("rounds")
@doors.tap("rl")
async def list_rounds(turn: Turn, store: Store) -> Reply:
    """All rounds, a page at a time."""
    await officer(turn, store)
    page, *_ = [*at.numbers(turn, 0), 0]
    return _said(turn, officers.all_rounds(await store.surveys.rounds(), page))


@doors.command("progress")
async def show_progress(turn: Turn, store: Store) -> Reply:
    """How far the running rounds are."""
    await officer(turn, store)
    found = [round for round in reversed(await store.surveys.rounds()) if round.state in RUNNING]
    return _said(turn, officers.running([(round, await store.surveys.progress(round.id)) for round in found]))


@doors.command("broadcast")
async def choose_round(turn: Turn, store: Store) -> Reply:
    """Which round is to be sent out?"""
    await officer(turn, store)
    waiting = [round for round in await store.surveys.rounds() if round.state in rounds.UNOPENED]
    return _said(turn, officers.to_send(waiting[: officers.PAGE]))


@doors.tap("r")
async def show_round(turn: Turn, store: Store) -> Reply:
    """One round, and what can be done with it."""
    round = await _round(turn, store)
    if turn.account.flow.partition(":")[0] == FLOW:
        await store.people.set_flow(turn.account.id, "")
    return await _details(turn, store, round)


@doors.tap("rv", "rp", "rr")
async def do_at_once(turn: Turn, store: Store) -> Reply:
    """What does no harm: approve, pause, resume."""
    round = await _round(turn, store)
    match at.verb(turn):
        case "rv":
            name, done = "approve_round", t("Approved: it can be sent out now.")
        case "rp":
            name, done = "pause_round", t("Paused: nobody can answer until it goes on.")
        case _:
            name, done = "resume_round", t("It goes on.")
    round = await ordered(name, turn, store, round_id=round.id)
    return await _details(turn, store, round, done)


@doors.tap("rw")
async def show_invitation(turn: Turn, store: Store) -> Reply:
    """The invitation as it will look, to the officer in person."""
    round = await _round(turn, store)
    return _said(turn, officers.shown(await invitation_to(round, at.person(turn), store), round))


@doors.tap("rt")
async def try_round(turn: Turn, store: Store) -> Reply:
    """The questionnaire of a round that is not open yet, walked as people will."""
    round = await _round(turn, store)
    if round.state not in rounds.UNOPENED:
        return say(t("“{round}” has been opened: a preview is for before.", round=round.name))
    return await at.try_out(turn, store, round)


@doors.tap("ro", "roy")
async def send_out(turn: Turn, store: Store) -> Reply:
    """Sends a round out, after a second tap on what will happen."""
    round = await _round(turn, store)
    size = await weigh(round.audience, store)
    _, *counted = at.numbers(turn, 1)
    if at.verb(turn) == "roy" and counted == [size.asked]:
        opened = await ordered("open_round", turn, store, round_id=round.id)
        return await _details(turn, store, opened, t("It is on its way. /progress shows how far it is."))
    rounds.opened(round, size.asked, turn.now)
    return _said(turn, officers.before_sending(round, size, await invitation_to(round, at.person(turn), store)))


@doors.tap("rc", "rcy")
async def close(turn: Turn, store: Store) -> Reply:
    """Closes a round, after a second tap."""
    round = await _round(turn, store)
    if at.verb(turn) == "rcy":
        closed = await ordered("close_round", turn, store, round_id=round.id)
        return await _details(turn, store, closed, t("Closed."))
    rounds.closed(round, turn.now)
    return _said(turn, officers.before_closing(round, await store.surveys.progress(round.id)))


@doors.tap("rx", "rxy")
async def call_off(turn: Turn, store: Store) -> Reply:
    """Calls a round off, for a reason in words and after a second tap."""
    round = await _round(turn, store)
    about, _, reason = turn.account.flow.removeprefix(f"{FLOW}:cancel:").partition(":")
    if at.verb(turn) == "rx" or about != str(round.id) or not reason:
        rounds.cancelled(round)
        await _await(turn, store, "cancel", round)
        return _said(turn, officers.ask_reason(round))
    cancelled = await ordered("cancel_round", turn, store, round_id=round.id, reason=reason)
    await store.people.set_flow(turn.account.id, "")
    return await _details(turn, store, cancelled, t("Called off."))


@doors.tap("re", "ret", "rey")
async def extend(turn: Turn, store: Store) -> Reply:
    """Gives a round more time: a time in words, said back, and a second tap."""
    round = await _round(turn, store)
    _, *minutes = at.numbers(turn, 1)
    match at.verb(turn), minutes:
        case "rey", [until]:
            closes = officers.unpacked(until)
            extended = await ordered("extend_round", turn, store, round_id=round.id, closes=closes)
            await store.people.set_flow(turn.account.id, "")
            return await _details(turn, store, extended, t("Extended."))
        case "ret", [until]:
            closes = officers.unpacked(until)
            rounds.extended(round, closes, turn.now)
            return _said(turn, officers.before_extending(round, closes, await store.surveys.progress(round.id)))
    rounds.check_extensible(round, turn.now)
    await _await(turn, store, "extend", round)
    return _said(turn, officers.ask_time(round))


@doors.tap("rn", "rnt", "rny")
async def repeat(turn: Turn, store: Store) -> Reply:
    """Draws up a copy of a round: until when in words, said back, and a second tap."""
    round = await _round(turn, store)
    _, *minutes = at.numbers(turn, 1)
    match at.verb(turn), minutes:
        case "rny", [until]:
            copy = await ordered("copy_round", turn, store, round_id=round.id, closes=officers.unpacked(until))
            await store.people.set_flow(turn.account.id, "")
            return await _details(turn, store, copy, t("Drawn up. Somebody else of the HR office approves it."))
        case "rnt", [until]:
            return _said(turn, officers.before_repeating(round, officers.unpacked(until)))
    await _await(turn, store, "repeat", round)
    return _said(turn, officers.ask_time(replace(round, closes=None)))


@doors.flow(FLOW)
async def take_words(turn: Turn, store: Store) -> Reply:
    """A time or a reason in words."""
    return replace(await _take_words(turn, store), taken=isinstance(turn.what, Typed))


async def _take_words(turn: Turn, store: Store) -> Reply:
    await officer(turn, store)
    _, about, number, *_ = [*turn.account.flow.split(":", 3), "", "0"]
    round = await round_of(int(number), store)
    if not isinstance(turn.what, Typed):
        return say(t("Please type it in words."))
    if about == "cancel":
        return await _take_reason(turn, store, round, turn.what.text)
    before = round.closes if about == "extend" else None
    found = whens.closing(turn.what.text, turn.now, before)
    if len(found) != 1:
        asked = round if about == "extend" else replace(round, closes=None)
        return _said(turn, officers.which_time(asked, "re" if about == "extend" else "rn", found))
    if about == "extend":
        rounds.extended(round, found[0], turn.now)
        return _said(turn, officers.before_extending(round, found[0], await store.surveys.progress(round.id)))
    rounds.copied(round, "", None, found[0], "", turn.now)
    return _said(turn, officers.before_repeating(round, found[0]))


async def _take_reason(turn: Turn, store: Store, round: Round, reason: str) -> Reply:
    rounds.cancelled(round)
    reason = " ".join(reason.split())
    await store.people.set_flow(turn.account.id, f"{FLOW}:cancel:{round.id}:{reason}")
    return _said(turn, officers.before_calling_off(round, await store.surveys.progress(round.id), reason))


async def _await(turn: Turn, store: Store, what: str, round: Round) -> None:
    """From now on words typed at this account are about this."""
    await store.people.set_flow(turn.account.id, f"{FLOW}:{what}:{round.id}")


async def _round(turn: Turn, store: Store) -> Round:
    """The round a button is about, for an officer alone. Raises NotAllowed, NotFound."""
    await officer(turn, store)
    round = await store.surveys.round(at.numbers(turn, 1)[0])
    if round is None:
        raise NotFound(t("There is no such round any more. /rounds shows all there are."))
    return round


async def _details(turn: Turn, store: Store, round: Round, done: Part = "") -> Reply:
    """The round as it stands now; first what has been done."""
    size = await weigh(round.audience, store) if round.state in rounds.UNOPENED else None
    title = officers.titled(await store.surveys.questionnaire(round.questionnaire_id))
    who = officers.audience(round.audience, await store.people.units())
    counts = await store.surveys.progress(round.id)
    own = round.created_by == (await officer(turn, store)).name
    told = officers.details(round, title, who, size, counts, own)
    return _said(turn, replace(told, parts=(done, *told.parts) if done else told.parts))


def _said(turn: Turn, message: Message) -> Reply:
    return say(*message.parts, buttons=message.buttons, replaces=at.tapped(turn))
