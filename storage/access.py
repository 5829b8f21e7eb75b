"""Who may use the REST interface. 接口令牌"""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import ApiToken
from storage.tables import TokenRow, table

_tokens = table(TokenRow)


class Access:
    """Bearer tokens, as hashes."""

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
