"""All shelves in one hand, for one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.access import Access
from storage.inbox import Inbox
from storage.mailbox import Mailbox
from storage.outbox import Outbox
from storage.people import People
from storage.surveys import Surveys
from storage.transcripts import Transcripts


@dataclass(frozen=True, slots=True)
class Store:
    """What a door is given. What is written here becomes durable together, when the transaction ends."""

    people: People
    surveys: Surveys
    inbox: Inbox
    outbox: Outbox
    mailbox: Mailbox
    transcripts: Transcripts
    access: Access

    async def preload(self, person_ids: Sequence[int]) -> None:
        """Fetches at once what chat turns of these people will read: their open rounds and their sheets."""
        await self.surveys.preload(person_ids)

    async def flush(self) -> None:
        """Writes what the shelves hold back; the end of a transaction does it anyway."""
        await self.people.flush()
        await self.surveys.flush()
        await self.transcripts.flush()
        await self.outbox.flush()
