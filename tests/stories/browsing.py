"""A simulated civil servant in the web chat: the same habits as on Telegram, with a real browser for hands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.async_api import Page

from tests.fakes.telegram import Posted
from tests.stories.civil import Civil

LAST = """before => new Promise(resolve => {
    const look = () => {
        const shown = [...document.querySelectorAll('article.bot')].pop();
        if (!shown) return false;
        const words = [...shown.querySelectorAll('.words p')].map(p => p.textContent).join('\\n\\n');
        const found = [shown.id, words, [...shown.querySelectorAll('button[name=data]')].map(b => b.value)];
        if (JSON.stringify(found) === before) return false;
        resolve(found);
        return true;
    };
    if (look()) return;
    const watch = new MutationObserver(() => { if (look()) watch.disconnect(); });
    watch.observe(document.body, {subtree: true, childList: true, characterData: true});
})"""
"""The last message of the bot: its id, its words, what its buttons carry; waits until it is not what it was before."""


@dataclass
class Hands:
    """Stands where Telegram's person stands: remembers what is to be done next."""

    chat_id: int
    tapped: str = ""
    typed: str = ""
    events: Sequence[object] = field(default_factory=list)

    def tap(self, data: str, _message: Posted | None = None) -> None:
        self.tapped = data

    def say(self, text: str) -> None:
        self.typed = text


async def browse(page: Page, url: str, code: str, civil: Civil) -> None:
    """Opens the link on the printed card, confirms, and answers to the receipt."""
    hands = civil.person
    assert isinstance(hands, Hands)
    await page.goto(f"{url}/chat?start={code}")
    await page.locator("#welcome button.primary").click()
    await page.locator('button[value="my"]').last.click()
    before = ""
    numbers: dict[str, int] = {}
    while not civil.receipt:
        key, words, data = found = await page.evaluate(LAST, before)
        before = _as_script(found)
        number = numbers.setdefault(key, len(numbers) + 1)
        message = Posted(number, False, words, (tuple((value, value) for value in data),))
        civil.take(message)
        await _do(page, key, hands)


async def _do(page: Page, key: str, hands: Hands) -> None:
    tapped, typed, hands.tapped, hands.typed = hands.tapped, hands.typed, "", ""
    if tapped:
        await page.locator(f'[id="{key}"] button[value="{tapped}"]').click()
    elif typed:
        await page.locator("#text").fill(typed)
        await page.locator("#composer button.primary").click()


def _as_script(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
