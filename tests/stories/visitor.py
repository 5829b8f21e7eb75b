"""Somebody in the web chat whose browser knows no JavaScript: loads the page, fills in its forms, taps its buttons."""

import io
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from tests.fakes.webchat import Seen, read

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Visitor:
    """One browser, and the page it shows."""

    client: aiohttp.ClientSession
    url: str
    seen: Seen
    status: int = 0

    async def look(self) -> None:
        """Loads the page."""
        async with self.client.get(f"{self.url}/chat") as response:
            self._show(response.status, await response.text())

    async def post(self, **fields: str) -> int:
        """Sends the form at the foot of the page with these fields; the status. The page is what comes back."""
        form = self.seen.form("composer").fields
        return await self.send({"csrf": form["csrf"], "id": secrets.token_hex(8), **fields})

    async def send(self, fields: Mapping[str, str]) -> int:
        """Sends a form of any make; the status."""
        body = io.BytesIO(urlencode(fields).encode())
        async with self.client.post(f"{self.url}/chat/send", data=body, headers=FORM) as response:
            text = await response.text()
            if response.status != 403:
                self._show(response.status, text)
            return response.status

    async def tap(self, verb: str) -> int:
        """Taps the lowest button whose verb this is."""
        buttons = [
            (form, value) for form in self.seen.forms for _, value, _ in form.buttons if value.partition(":")[0] == verb
        ]
        form, value = buttons[-1]
        return await self.post(data=value, message=form.fields["message"])

    def _show(self, status: int, text: str) -> None:
        self.status = status
        self.seen = read(text)


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    """A browser that has opened the page for the first time."""
    jar = aiohttp.CookieJar(unsafe=True)
    headers = {"Accept-Language": "zh-CN"}
    async with aiohttp.ClientSession(cookie_jar=jar, headers=headers, skip_auto_headers=["User-Agent"]) as client:
        visitor = Visitor(client, url, Seen())
        await visitor.look()
        yield visitor
