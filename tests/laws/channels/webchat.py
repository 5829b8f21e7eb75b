"""The web chat under the law, as a browser has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.ear import Ear
from tests.fakes.webchat import Browser, World, world
from tests.laws.channels import Driver


class InABrowser:
    """One person with the page open; what is not taken is sent again, as the page's script would."""

    def __init__(self, here: World, browser: Browser) -> None:
        self.channel = here.chat
        self.ear = here.ear
        self.address = browser.address
        self._browser = browser
        self._mailbox = here.mailbox

    async def say(self, text: str) -> None:
        await self._browser.open()
        await self._post(text=text)

    async def tap(self, label: str) -> str:
        form, (name, value) = (await self._browser.open()).button(label)
        return await self._post(**form.fields, **{name: value})

    async def shown(self) -> list[tuple[str, list[str]]]:
        seen = await self._browser.open()
        labels = {form.fields.get("message"): [words for _, _, words in form.buttons] for form in seen.forms}
        return [(words, labels.get(key, [])) for _, key, words in seen.messages]

    def keeps(self, text: str) -> bool:
        return any(place.posted.body["text"] == text for place in self._mailbox._places[self.address].values())

    async def leave(self) -> bool:
        return False

    async def _post(self, **fields: str) -> str:
        status, answer = 503, {"toast": ""}
        while status == 503:
            status, answer = await self._browser.post_for_script(**fields)
        return answer["toast"]


@asynccontextmanager
async def page(ear: Ear) -> AsyncIterator[Driver]:
    async with world(ear=ear) as here:
        browser = here.browser()
        await browser.open()
        yield InABrowser(here, browser)
