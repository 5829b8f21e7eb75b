"""Officers of the HR office in chat: who is one, and how they order what the office's own interface orders."""

from typing import Any

from handlers import doors
from handlers.refusals import NotAllowed
from handlers.surveys.desk import person
from handlers.talk import Turn, t
from storage.records import Clerk, Role
from storage.store import Store


async def officer(turn: Turn, store: Store) -> Clerk:
    """Whoever speaks, as a clerk. Raises NotAllowed where it is nobody of the HR office."""
    who = person(turn)
    roles = await store.groups.roles_of(who, turn.now.date())
    if Role.HR not in roles:
        raise NotAllowed(t("Only the HR office can do this. /menu shows what you can do."))
    return Clerk(f"{who.name} ({who.number})", roles, turn.now, turn.draw, who.id)


async def ordered(name: str, turn: Turn, store: Store, /, **fields: Any) -> Any:
    """Has an office door carry something out for whoever speaks. Raises Refusal."""
    return await doors.ordered(name, await officer(turn, store), store, **fields)
