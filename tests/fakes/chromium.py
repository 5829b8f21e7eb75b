"""A real Chromium, without a window, that reports everything a page of ours must not do."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
PATIENCE = 60_000
"""Milliseconds a page may take for anything on a machine that is busy with much else."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Chromium:
    """The browser; `complaints` gathers console errors, exceptions, and requests that leave this machine."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def visitor(self, **options: Any) -> AsyncIterator[Page]:
        """A page in a fresh profile."""
        context = await self.browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **options})
        context.set_default_timeout(PATIENCE)
        try:
            yield await self.page(context)
        finally:
            await context.close()

    async def page(self, context: BrowserContext) -> Page:
        """One more page in the same profile."""
        page = await context.new_page()
        page.on("console", lambda said: self._complain(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda problem: self._complain(str(problem)))
        page.on("request", lambda request: self._check(request.url))
        return page

    def _check(self, address: str) -> None:
        if urlsplit(address).hostname not in {"127.0.0.1", None}:
            self._complain(f"asked for {address}")

    def _complain(self, text: str) -> None:
        self.complaints.append(text)


@asynccontextmanager
async def chromium() -> AsyncIterator[Chromium]:
    """Starts it, and ends it."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield Chromium(browser)
        finally:
            await browser.close()
