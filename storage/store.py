"""All shelves in one hand, for one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.access import Access
from storage.ballots import Ballots
from storage.broadcasts import Broadcasts
from storage.calendar import Days
from storage.counts import Counts
from storage.groups import Groups
from storage.inbox import Inbox
from storage.mailbox import Mailbox
from storage.outbox import Outbox
from storage.people import People
from storage.plans import Plans
from storage.roll import Roll
from storage.surveys import Surveys
from storage.tabulators import Tabulators
from storage.transcripts import Transcripts
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Store:
    """What a door is given. What is written here becomes durable together, when the transaction ends.

    But for `ballots` and `vault`: each of their calls is durable by itself, and no transaction joins a ballot to
    anything that names a person.
    """

    people: People
    groups: Groups
    surveys: Surveys
    plans: Plans
    roll: Roll
    inbox: Inbox
    broadcasts: Broadcasts
    calendar: Days
    outbox: Outbox
    mailbox: Mailbox
    transcripts: Transcripts
    access: Access
    tabulators: Tabulators
    counts: Counts
    ballots: Ballots
    vault: Vault
    _connection: AsyncConnection

    async def preload(self, person_ids: Sequence[int]) -> None:
        """Fetches at once what chat turns of these people will read: their open rounds and their sheets."""
        await self.surveys.preload(person_ids)

    async def flush(self) -> None:
        """Writes what the shelves hold back; the end of a transaction does it anyway."""
        await self._connection.run_sync(self._write)

    async def leave(self) -> None:
        """Gives the connection to the main database back, where all that is left to do is with `ballots` and `vault`:
        nobody who reads waits for somebody's ballot to reach the disk. Only for a store to read from."""
        await self._connection.close()

    async def commit(self) -> None:
        """Flushes, and makes everything durable. For the database alone to call."""
        await self._connection.run_sync(self._commit)

    def _write(self, db: Connection) -> None:
        self.people.write(db)
        self.surveys.write(db)
        self.transcripts.write(db)
        self.outbox.write(db)

    def _commit(self, db: Connection) -> None:
        self._write(db)
        db.commit()
