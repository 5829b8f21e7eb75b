"""Conversations, as far as they may be kept. 会话记录"""

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.bulk import Bulk
from storage.records import Speaker, Utterance
from storage.tables import UtteranceRow, table

_utterances = table(UtteranceRow)
_ADD = Bulk(insert(_utterances), "account_id", "person_id", "at", "speaker", "body")


class Transcripts:
    """What was said, by whom, when."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self._new: list[Utterance] = []

    async def add(self, utterance: Utterance) -> None:
        """Keeps it; written when the transaction ends."""
        self._new.append(utterance)

    async def of(self, person_id: int, limit: int) -> list[Utterance]:
        """The last things said with this person, oldest first."""
        await self._db.run_sync(self.write)
        mine = select(_utterances).where(_utterances.c.person_id == person_id)
        rows = (await self._db.execute(mine.order_by(_utterances.c.id.desc()).limit(limit))).all()
        return [Utterance(r.account_id, r.person_id, r.at, Speaker(r.speaker), r.body) for r in reversed(rows)]

    def write(self, db: Connection) -> None:
        """Writes what was added."""
        _ADD.run(db, [(said.account_id, said.person_id, said.at, said.speaker.value, said.body) for said in self._new])
        self._new.clear()
