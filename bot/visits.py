"""Who visits our pages: the cookie, the form token, where a request comes from, and what a form says."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from aiohttp import BodyPartReader, web

from handlers.talk import File, Sent

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 bits in base64url"""
LASTING = 180 * 24 * 3600
"""seconds a browser keeps the cookie after the last visit; binding a browser is like binding a phone"""
WORD = 300
"""characters of a word left for the next page, at most"""
FIELDS = 20
"""fields of a form, at most"""


FILE_NAME = 200
"""characters of a file's name, at most"""
CHUNK = 64 * 1024
"""bytes of a file read at once"""


class TooLarge(Exception):
    """The request's body is longer than this form can be."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser. The token stays between the browser and the request; only what follows from it is kept."""

    token: str = field(repr=False)
    fresh: bool = False
    """the browser does not know the token yet"""

    @property
    def address(self) -> str:
        """Where this browser is reached: 128 bits that do not give the token away."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:32]

    @property
    def form_token(self) -> str:
        """What our own forms send along and a foreign page cannot know."""
        return hmac.digest(self.token.encode(), b"csrf", "sha256").hex()

    def other(self, purpose: str) -> "Visit":
        """Another visit of the same browser that follows from this one."""
        digest = hmac.digest(self.token.encode(), f"visit {purpose}".encode(), "sha256")
        return Visit(base64.urlsafe_b64encode(digest).decode().rstrip("="), fresh=True)


class Visitors:
    """Tells browsers apart by a cookie. Over https its name says that only this host may set it."""

    def __init__(self, public_url: str, name: str = "huiyin") -> None:
        address = urlsplit(public_url)
        self._secure = address.scheme == "https"
        self._host = address.netloc
        self._cookie = f"__Host-{name}" if self._secure else name

    def of(self, request: web.Request) -> Visit | None:
        """The visit the browser tells of; None for a browser without our cookie."""
        token = request.cookies.get(self._cookie, "")
        return Visit(token) if TOKEN.fullmatch(token) else None

    def welcome(self, request: web.Request) -> Visit:
        """The visit the browser tells of, or a new one."""
        return self.of(request) or Visit(secrets.token_urlsafe(32), fresh=True)

    def remember(self, response: web.StreamResponse, visit: Visit) -> None:
        """Hands the cookie to the browser, good for another `LASTING` seconds.

        SameSite is Lax: with Strict, the browser would not send the cookie when a QR code or a link in
        another app opens the page, and everybody would seem to be a stranger. What changes anything is a
        POST, which Lax keeps from other sites, and needs the form token besides.
        """
        response.set_cookie(
            self._cookie,
            visit.token,
            max_age=LASTING,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self._secure,
        )

    def genuine(self, request: web.Request, visit: Visit, form_token: str) -> bool:
        """Whether a page of ours sent this form: by its token, and by what the browser says of its origin.

        Browsers send `Origin: null` with forms of pages that send no referrer, as ours; that alone proves nothing.
        """
        site = request.headers.get("Sec-Fetch-Site")
        alone = site == "none" or (site is None and request.headers.get("Origin", "null") == "null")
        ours = alone or self.scripted(request)
        return ours and hmac.compare_digest(visit.form_token.encode(), form_token.encode())

    def scripted(self, request: web.Request) -> bool:
        """Whether a script on a page of ours asks this, by what the browser says of its origin."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        return urlsplit(request.headers.get("Origin", "null")).netloc in {request.host, self._host}

    def leave_word(self, response: web.StreamResponse, visit: Visit, text: str) -> None:
        """A few words for the page the browser is sent to next, sealed so that nobody else can put them there."""
        content = base64.urlsafe_b64encode(text[:WORD].encode()).decode().rstrip("=")
        response.set_cookie(
            f"{self._cookie}-word",
            f"{content}.{_seal(visit, content)}",
            max_age=60,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self._secure,
        )

    def take_word(self, request: web.Request, visit: Visit) -> str:
        """The words left for this page; empty where there are none, or none of ours."""
        content, _, seal = request.cookies.get(f"{self._cookie}-word", "").partition(".")
        if not content or not hmac.compare_digest(_seal(visit, content).encode(), seal.encode()):
            return ""
        return base64.urlsafe_b64decode(content + "==").decode()

    def drop_word(self, response: web.StreamResponse) -> None:
        """The words have been read."""
        response.del_cookie(f"{self._cookie}-word", path="/", httponly=True, samesite="Lax", secure=self._secure)


def _seal(visit: Visit, content: str) -> str:
    return hmac.digest(visit.token.encode(), f"word {content}".encode(), "sha256").hex()[:32]


async def read_form(request: web.Request, limit: int) -> dict[str, str]:
    """The fields of a posted form, read only up to `limit` bytes. Raises TooLarge.

    Line ends become `\\n`, and NUL, which no database takes, is left out.
    """
    if (request.content_length or 0) > limit:
        raise TooLarge
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise TooLarge
    try:
        fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        return {}
    return {name: value.replace("\0", "").replace("\r\n", "\n") for name, value in fields}


async def read_upload(request: web.Request, limit: int) -> tuple[dict[str, str], Sent | None]:
    """The fields of a form posted with a file, and the file, read only up to `limit` bytes. Raises TooLarge."""
    if (request.content_length or 0) > limit:
        raise TooLarge
    fields: dict[str, str] = {}
    sent: Sent | None = None
    size = 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                return {}, None
            body = bytearray()
            while chunk := await part.read_chunk(CHUNK):
                body += chunk
                size += len(chunk)
                if size > limit:
                    raise TooLarge
            if part.filename is None:
                fields[part.name or ""] = body.decode(errors="replace").replace("\0", "")
            elif body:
                name = part.filename[:FILE_NAME].replace("\0", "")
                sent = Sent("document", name, len(body), file=File(name, "", bytes(body)))
            if len(fields) > FIELDS:
                return {}, None
    except ValueError:
        return {}, None
    return fields, sent


def wishes(request: web.Request) -> list[str]:
    """The languages the browser asks for, the most wanted first."""
    found: list[tuple[float, str]] = []
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        if tag and tag != "*":
            found.append((_weight(weight), tag))
    return [tag for _, tag in sorted(found, key=lambda one: -one[0])]


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
