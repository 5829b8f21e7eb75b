"""A form on paper, handed in for a person by HR, on the page or by script: so the bot is never the only way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.refusals import AlreadyDone
from handlers.surveys.rolls import tell
from handlers.surveys.rules import attachments, notices, sheets
from handlers.talk import t
from storage.records import Disposition, Person, Round, Sheet
from storage.store import Store


async def before(person: Person, round: Round, store: Store) -> Sheet | None:
    """What is handed in already, by the person or from a form on paper."""
    sheet = await store.surveys.sheet(round.id, person.id)
    return sheet if sheet and sheet.handed_in else None


async def enter(
    person: Person, round: Round, walk: Mapping[str, Any], clerk: str, now: datetime, store: Store, *, replace: bool
) -> Sheet:
    """Hands in this walk for the person and tells them. Raises AlreadyDone where something is handed in and is not to
    be replaced."""
    there = await before(person, round, store)
    if there and not replace:
        raise AlreadyDone(
            t(
                "{name} has handed in already (receipt {receipt}). Nothing was changed; "
                "confirm that the paper form is to replace it.",
                name=person.name,
                receipt=there.receipt,
            )
        )
    blank = sheets.begun(round.id, person.id, walk, sheets.PAGE)
    sheet = sheets.handed_in(sheets.reworked(there, blank) if there else blank, walk, now, clerk)
    await store.surveys.save_sheet(sheet)
    await store.surveys.set_disposition(round.id, person.id, Disposition.HANDED_IN)
    await store.surveys.keep_uploads(round.id, person.id, attachments.in_use(sheet))
    await tell(person, notices.paper_entered(round, sheet), store)
    return sheet
