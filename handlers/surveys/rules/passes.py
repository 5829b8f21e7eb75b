"""Passes: how a person comes from the chat to the page of a round. The key is in the link, and nowhere else."""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from storage.records import Pass

LINK = timedelta(hours=24)
"""How long a link can be opened."""
STAY = timedelta(hours=24)
"""How long the browser that opened it may go on."""


def issued(
    person_id: int, round_id: int, now: datetime, draw: Callable[[int], bytes], entered_by: str = ""
) -> tuple[str, Pass]:
    """A new key (256 bits, base64url), and the pass that is kept of it; `entered_by`: the clerk it is for."""
    key = base64.urlsafe_b64encode(draw(32)).decode().rstrip("=")
    return key, Pass(digest(key), person_id, round_id, now + LINK, entered_by=entered_by)


def digest(secret: str) -> bytes:
    """What is kept of a key, and of the browser that has used it: SHA-256."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).digest()


def opens(found: Pass | None, round_id: int, now: datetime, *, used: bool) -> bool:
    """Whether this pass lets somebody in to this round now."""
    return found is not None and found.round_id == round_id and found.used is used and now < found.expires
