"""What a request to the web chat says. Pure."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping

from aiohttp import web

from handlers.talk import Command, Tap, Typed, heard_words

DATA = 64
"""bytes a button carries"""


def heard_in(form: Mapping[str, str]) -> Tap | Typed | Command | None:
    """What a posted form says: a tapped button, an enrolment code, or words; None where it says nothing."""
    if "data" in form:
        return Tap(form["data"]) if 0 < len(form["data"].encode()) <= DATA else None
    if "start" in form:
        return Command("start", form["start"].strip())
    return heard_words(form["text"]) if form.get("text", "").strip() else None


def event_id(address: str, form: Mapping[str, str]) -> str:
    """The same for one form posted twice; another as soon as it says something else or somebody else posts it.

    A form without an `id` never comes twice.
    """
    said = [form.get(name, "") for name in ("message", "data", "start", "text")]
    said += [address, form.get("id") or secrets.token_hex(16)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def scripted(request: web.Request) -> bool:
    """Whether a script asks, which wants JSON, or a person, who wants a page."""
    return "application/json" in request.headers.get("Accept", "")


def number(text: str) -> int:
    """A number from an address or a header; 0 for what is none or too long for a database."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
