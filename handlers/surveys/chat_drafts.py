"""An officer of the HR office plans a round, question by question: a draft for somebody else to approve."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import doors
from handlers.refusals import BadInput
from handlers.surveys import desk as at
from handlers.surveys.audiences import weigh
from handlers.surveys.officers import officer, ordered
from handlers.surveys.rules import drafts, officers, whens
from handlers.surveys.rules.audience import Named, audience_of
from handlers.surveys.rules.drafts import Draft
from handlers.talk import Button, Part, Reply, Turn, Typed, say, t
from storage.records import Audience
from storage.store import Store

TAP = t("Please tap one of the buttons.")
LONGEST_NAME = 60
SEPARATORS = "、,，;；\n"


@doors.tap("n")
async def plan(turn: Turn, store: Store) -> Reply:
    """Begins with nothing known."""
    await officer(turn, store)
    return await _ask(turn, store, Draft())


@doors.tap("nq", "nu", "nd", "nc", "nb")
async def take_tap(turn: Turn, store: Store) -> Reply:
    """A questionnaire, a unit, all units, no closing time, or one step back."""
    draft = await _draft(turn, store)
    if draft is None:
        return _stale()
    number, *_ = [*at.numbers(turn, 0), 0]
    match at.verb(turn):
        case "nq" if not draft.form and any(one.id == number for one in await store.surveys.newest_questionnaires()):
            draft = replace(draft, form=number)
        case "nu" if draft.name and not draft.picked:
            draft = drafts.toggled(draft, number)
        case "nd" if draft.name and not draft.picked:
            draft = replace(draft, picked=True)
        case "nc" if draft.picked and not draft.closes:
            draft = replace(draft, closes="-")
        case "nb":
            draft = drafts.step_back(draft)
    return await _ask(turn, store, draft)


@doors.tap("nx")
async def leave(turn: Turn, store: Store) -> Reply:
    """Out of it; nothing is drawn up."""
    await officer(turn, store)
    await store.people.set_flow(turn.account.id, "")
    return say(t("Nothing was drawn up."), buttons=((officers.NEW, officers.LIST),), replaces=at.tapped(turn))


@doors.tap("ny")
async def draw_up(turn: Turn, store: Store) -> Reply:
    """All is right: the draft is drawn up."""
    draft = await _draft(turn, store)
    if draft is None or not draft.closes:
        return _stale()
    round = await ordered("plan_round", turn, store, **drafts.order(draft, await store.people.units()))
    await store.people.set_flow(turn.account.id, "")
    told = t("“{round}” is drawn up. Somebody else of the HR office approves it, by /rounds.", round=round.name)
    return say(told, buttons=((Button(round.name, f"r:{round.id}"), officers.LIST),), replaces=at.tapped(turn))


@doors.flow(drafts.FLOW)
async def take_words(turn: Turn, store: Store) -> Reply:
    """A name, units or a time in words."""
    return replace(await _take_words(turn, store), taken=isinstance(turn.what, Typed))


async def _take_words(turn: Turn, store: Store) -> Reply:
    draft = await _draft(turn, store)
    if draft is None or not isinstance(turn.what, Typed):
        return await _ask(turn, store, draft or Draft(), TAP)
    words = " ".join(turn.what.text.split())
    if draft.form and not draft.name:
        if len(words) > LONGEST_NAME:
            return await _ask(
                turn, store, draft, t("That is too long for a name; {count} characters do.", count=LONGEST_NAME)
            )
        return await _ask(turn, store, replace(draft, name=words))
    if draft.name and not draft.picked:
        return await _take_units(turn, store, draft, turn.what.text)
    if draft.picked and not draft.closes:
        return await _take_time(turn, store, draft, words)
    return await _ask(turn, store, draft, TAP)


async def _take_units(turn: Turn, store: Store, draft: Draft, text: str) -> Reply:
    for separator in SEPARATORS:
        text = text.replace(separator, "\n")
    wanted = Named(units=tuple(name for name in text.split("\n") if name.strip()))
    try:
        named = audience_of(wanted, await store.people.units(), [], {}).unit_ids
    except BadInput as no:
        return await _ask(turn, store, draft, *no.problems)
    more = tuple(id for id in named if id not in draft.units)
    return await _ask(turn, store, replace(draft, units=(*draft.units, *more)))


async def _take_time(turn: Turn, store: Store, draft: Draft, words: str) -> Reply:
    found = whens.closing(words, turn.now)
    if len(found) != 1:
        asked: Sequence[Part] = [
            t("That may mean {first} or {second}. Please type the one you mean.", first=found[0], second=found[1])
            if len(found) > 1
            else t("That is no time I understand.")
        ]
        return await _ask(turn, store, draft, *asked)
    if found[0] <= turn.now:
        return await _ask(turn, store, draft, t("The closing time {closes} is past.", closes=found[0]))
    return await _ask(turn, store, replace(draft, closes=found[0].isoformat()))


async def _ask(turn: Turn, store: Store, draft: Draft, *before: Part) -> Reply:
    """Keeps what is known, and asks on."""
    await store.people.set_flow(turn.account.id, drafts.flow(draft))
    units = await store.people.units()
    forms = await store.surveys.newest_questionnaires()
    size = None
    if draft.closes:
        size = await weigh(Audience(draft.units), store)
    asked = drafts.asks(draft, forms, units, size, before)
    return say(*asked.parts, buttons=asked.buttons, replaces=at.tapped(turn))


async def _draft(turn: Turn, store: Store) -> Draft | None:
    """What is known so far, for an officer alone; None where nothing is being planned here. Raises NotAllowed."""
    await officer(turn, store)
    return drafts.draft_in(turn.account.flow)


def _stale() -> Reply:
    return say(t("Nothing is being planned here now."), buttons=((officers.NEW, officers.LIST),))
