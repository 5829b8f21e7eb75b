"""A civil servant says that they do not take part, where a round lets them."""

from handlers import doors
from handlers.refusals import NotAllowed, NotFound
from handlers.surveys import desk as at
from handlers.surveys.rules import notices
from handlers.surveys.rules.rounds import takes_answers
from handlers.talk import Message, Reply, Tap, Turn, t
from storage.records import Disposition, Round
from storage.store import Store


@doors.tap("dn")
async def ask_decline(turn: Turn, store: Store) -> Reply:
    """What follows from not taking part; nothing is written."""
    return _in_place(turn, notices.decline(await _voluntary(turn, store)))


@doors.tap("dy")
async def decline(turn: Turn, store: Store) -> Reply:
    """I do not take part; beginning undoes it."""
    round, who = await _voluntary(turn, store), at.person(turn)
    await store.surveys.set_disposition(round.id, who.id, Disposition.DECLINED)
    for account in (await store.people.accounts_of([who.id])).get(who.id, ()):
        if at.round_in(account.flow) == round.id:
            await store.people.set_flow(account.id, "")
    return _in_place(turn, notices.declined(round))


async def _voluntary(turn: Turn, store: Store) -> Round:
    """The round the button is about. Raises NotFound, or NotAllowed with why it cannot be declined now."""
    number = turn.what.data.partition(":")[2] if isinstance(turn.what, Tap) else ""
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound(t("This button does not work any more. /my shows what waits for you."))
    asked = await at.asked_in(at.person(turn), int(number), store)
    if asked.anonymous:
        raise NotAllowed(
            t(
                "“{round}” is anonymous and voluntary: whoever does not want to does not answer.",
                round=asked.name,
            )
        )
    round, sheet, form, _ = await at.asked_of(at.person(turn), int(number), store)
    if not takes_answers(round, turn.now):
        raise NotAllowed(notices.not_now(round, form, sheet, turn.now))
    if not round.voluntary:
        raise NotAllowed(t("“{round}” is part of your duties: it cannot be declined.", round=round.name))
    if sheet is not None and sheet.handed_in is not None:
        raise NotAllowed(t("You have handed in “{round}” already; it counts.", round=round.name))
    return round


def _in_place(turn: Turn, message: Message) -> Reply:
    return Reply((Message(message.parts, message.buttons, at.tapped(turn)),))
