"""A small organ with one open round, for the storage tests."""

from dataclasses import replace
from datetime import UTC, datetime

from storage.records import (
    Disposition,
    Invitation,
    Lane,
    Level,
    NewLetter,
    Person,
    PostClass,
    RosterLine,
    Round,
    RoundState,
)
from storage.store import Store

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def line(number: str, unit: str = "01", **more: object) -> RosterLine:
    """A line of the roster; the name is the number's."""
    given = RosterLine(number, f"name of {number}", unit, PostClass.GENERAL, Level.STAFF)
    return replace(given, **more)  # type: ignore[arg-type]


def letter(address: str, lane: Lane = Lane.REPLY, channel: str = "telegram") -> NewLetter:
    """A letter that says its address."""
    return NewLetter(channel, address, "zh_CN", lane, {"parts": [f"to {address}"]})


async def people(store: Store, *numbers: str) -> list[Person]:
    """A unit 01 with these people."""
    await store.people.put_unit("01", "党政办", None)
    await store.people.put_people([line(number) for number in numbers])
    found = {person.number: person for person in await store.people.people()}
    return [found[number] for number in numbers]


async def bound(store: Store, person: Person, address: str, channel: str = "telegram") -> int:
    """An account of this person; its id."""
    account, _ = (await store.people.recognise([(channel, address)]))[channel, address]
    await store.people.bind(account.id, person.id)
    return account.id


async def round_of(
    store: Store,
    *asked: Person,
    name: str = "Q3",
    state: RoundState = RoundState.OPEN,
    line: Disposition = Disposition.INVITED,
) -> Round:
    """A round in this state that asks these people, who have come so far."""
    questionnaire = await store.surveys.put_questionnaire("self", {"en": "Self"}, {"items": []}, "digest")
    opened = await store.surveys.put_round(
        Round(0, name, questionnaire.id, state, opens=NOW, created=NOW, created_by="hr")
    )
    await store.surveys.put_roll([Invitation(opened.id, p.id, p.unit_id, p.post_class, line) for p in asked])
    return opened
