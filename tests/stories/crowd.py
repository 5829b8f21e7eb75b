"""Many simulated civil servants at once on the fake Telegram, and what must be in HR's table afterwards."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from tests.fakes.telegram import FakeTelegram
from tests.stories.civil import Answer, Civil
from tests.stories.organ import Organ

FIRST_CHAT = 7_310_000_000


def settings(fake: FakeTelegram, **more: str) -> dict[str, str]:
    """Telegram's settings for the product."""
    return {"CHANNELS": "webchat,telegram", "TELEGRAM_TOKEN": fake.token, "TELEGRAM_API": fake.api, **more}


def crowd(fake: FakeTelegram, organ: Organ) -> dict[str, Civil]:
    """One civil servant for each code; a few tap and talk in English and in traditional Chinese."""
    found = {}
    for seed, number in enumerate(organ.codes):
        language, code = {7: ("en", "en"), 8: ("zh_TW", "zh-hant")}.get(seed % 20, ("zh_CN", "zh-hans"))
        spoken = organ.languages.get(number, language)
        found[number] = Civil(fake.person(FIRST_CHAT + seed, code), organ.form, seed, spoken)
    return found


async def live(civil: Civil, code: str) -> None:
    await civil.enter(code)
    await civil.play()


def compare(told: Mapping[str, Civil], table: Mapping[str, Mapping[str, str]]) -> None:
    """HR's table holds exactly what each person answered."""
    assert set(table) == set(told)
    for number, civil in told.items():
        row = table[number]
        assert row["status"] == "handed_in"
        for question in civil.form.questions():
            column = question.path if question.path in row else question.name
            if column in row:
                said = _cell(civil.answers.get(question.name))
                assert row[column] == said, f"{number}, {column}: {row[column]!r} instead of {said!r}"


def _cell(answer: Answer | None) -> str:
    match answer:
        case None:
            return ""
        case list():
            return " ".join(answer)
        case _:
            return str(answer)


async def play(told: Mapping[str, Civil], organ: Organ) -> None:
    """Everybody at once, to the receipt."""
    async with asyncio.TaskGroup() as nursery:
        for number, civil in told.items():
            nursery.create_task(live(civil, organ.codes[number]))


def nothing_told(log: Path, fake: FakeTelegram, organ: Organ, told: Iterable[Civil] = ()) -> None:
    """The log says nothing of anybody: no token, chat, name, code or answer, however it is written."""
    lines = log.read_text(encoding="utf-8")
    assert lines.isascii()
    words = {fake.token, *organ.codes.values(), *organ.names.values(), *map(str, fake.methods.persons)}
    words |= {code.replace("-", "") for code in organ.codes.values()}
    words |= {answer for civil in told for answer in civil.answers.values() if isinstance(answer, str)}
    telling = [word for word in words if len(word) > 8 or not word.isascii()]
    assert not [word for word in telling for said in (word, json.dumps(word)[1:-1], quote(word)) if said in lines]
