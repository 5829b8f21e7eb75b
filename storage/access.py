"""Who may use the REST interface, and who may fill in a round on a page. 接口令牌、填写凭证"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import ApiToken, Pass
from storage.tables import PassRow, TokenRow, table

_tokens, _passes = table(TokenRow), table(PassRow)


class Access:
    """Bearer tokens and passes, as hashes."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def put_token(self, token: ApiToken) -> None:
        """Keeps a new token."""
        values = {
            "digest": token.digest,
            "name": token.name,
            "scopes": " ".join(sorted(token.scopes)),
            "expires": token.expires,
        }
        await self._db.execute(insert(_tokens).values(values))

    async def token(self, digest: bytes) -> ApiToken | None:
        """The token with this digest, expired ones too."""
        row = (await self._db.execute(select(_tokens).where(_tokens.c.digest == digest))).first()
        return ApiToken(row.digest, row.name, frozenset(row.scopes.split()), row.expires) if row else None

    async def put_pass(self, issued: Pass, now: datetime) -> None:
        """Keeps a new pass; those that have expired go."""
        await self._db.execute(delete(_passes).where(_passes.c.expires <= now))
        values = {
            "digest": issued.digest,
            "person_id": issued.person_id,
            "round_id": issued.round_id,
            "expires": issued.expires,
            "used": issued.used,
            "entered_by": issued.entered_by,
            "walk": issued.walk,
        }
        await self._db.execute(insert(_passes).values(values))

    async def find_pass(self, digest: bytes) -> Pass | None:
        """The pass with this digest, expired ones too."""
        row = (await self._db.execute(select(_passes).where(_passes.c.digest == digest))).first()
        return Pass(*row) if row else None

    async def keep_walk(self, digest: bytes, walk: Mapping[str, Any] | None) -> None:
        """How far the form on paper has come that is entered by this pass; None: it is not begun."""
        await self._db.execute(update(_passes).where(_passes.c.digest == digest).values(walk=walk))

    async def use_pass(self, digest: bytes, browser: bytes, expires: datetime) -> bool:
        """Turns a link's pass into one of this browser, in place of any it had; False if the link is used already."""
        await self._db.execute(delete(_passes).where(_passes.c.digest == browser))
        change = (
            update(_passes)
            .where(_passes.c.digest == digest, _passes.c.used.is_(False))
            .values(digest=browser, expires=expires, used=True)
        )
        return (await self._db.execute(change)).rowcount == 1
