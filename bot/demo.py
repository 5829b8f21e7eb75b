"""The demo organ: a township of 120 invented people, a self-assessment round, an anonymous questionnaire.

It lives in a directory of its own and never touches an organ's real data.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.app import clerk, give_order
from bot.ceremony import Ceremony
from bot.knocking import visit
from bot.settings import Settings
from handlers.doors import Guest
from storage.database import Database
from storage.records import Clerk, Person

SAMPLES = Path(__file__).parent / "samples"
LONG = timedelta(days=30)
"""Since when everybody is on the demo's roster."""
OPEN = timedelta(days=14)
TABULATORS = ("YH022", "YH030")
"""One of the HR office, one of discipline inspection."""
PASSPHRASE = "four words for the demo"  # noqa: S105 - printed when the demo starts
REMARKS = (
    "指标能不能少一点，突出重点。",
    "希望考核后有人当面谈一谈。",
    "评优的理由应该公开。",
    "日常报表太多，占了干活的时间。",
    "今年比去年规范多了。",
    "不同岗位一把尺子量，不太合理。",
    "结果出来得太晚了。",
    "没有意见。",
)


def settings_for(chosen: Settings, directory: Path | None, port: int | None) -> Settings:
    """The settings, less everything that is real: own directory, own SQLite file, own keys.

    Telegram is spoken too where the environment has a token: nobody in the demo is real, so nothing goes
    abroad. One in `.env` may be the organ's own bot, and is left alone.
    """
    data_dir = (directory or chosen.data_dir / "demo").absolute()
    channels = ("webchat", "telegram") if os.environ.get("HUIYIN_TELEGRAM_TOKEN") else ("webchat",)
    port = chosen.port if port is None else port
    public_url = chosen.public_url if port == chosen.port else f"http://{chosen.host}:{port}"
    return replace(
        chosen,
        data_dir=data_dir,
        keys_dir=data_dir / "keys",
        database_url=f"sqlite+aiosqlite:///{data_dir}/demo.db",
        channels=channels,
        port=port,
        public_url=public_url,
        profile="open",
    )


async def furnish(database: Database) -> None:
    """Staff, units, an open self-assessment, and an anonymous questionnaire: an earlier round with its results, and
    one that is open. Nothing if there is anybody yet."""
    async with database.reading() as store:
        if await store.people.people():
            return
    by = clerk("demo", UTC)
    roster = {"content": (SAMPLES / "roster.xlsx").read_bytes(), "filename": "roster.xlsx"}
    await give_order(database, replace(by, now=by.now - LONG), "import_roster", roster)
    people = await _seated(database)
    asked = await _questionnaire(database, by, "self-assessment.xlsx")
    plan = {"name": "2026 年第四季度平时考核自评", "questionnaire_id": asked, "closes": by.now + OPEN}
    planned = await give_order(database, by, "plan_round", plan)
    await give_order(database, by, "open_round", {"round_id": planned.id})
    for number in TABULATORS:
        await _enrolled(database, by, number)
    asked = await _questionnaire(database, by, "performance-management.xlsx")
    earlier = await _anonymous(database, by, "绩效管理现状调查（上一轮）", asked)
    await _answered(database, by, earlier, people)
    await _counted(database, by, earlier)
    await _anonymous(database, by, "绩效管理现状调查", asked)


async def _seated(database: Database) -> list[Person]:
    """Everybody, each with a chat nobody looks into: anonymous rounds ask only whoever can be reached."""
    async with database.transaction() as store:
        people = await store.people.people()
        places = [("webchat", f"demo-{one.number}") for one in people]
        accounts = await store.people.recognise(places)
        for one, place in zip(people, places, strict=True):
            await store.people.bind(accounts[place][0].id, one.id)
    return people


async def _questionnaire(database: Database, by: Clerk, file: str) -> int:
    form = {"content": (SAMPLES / file).read_bytes(), "filename": file}
    return int((await give_order(database, by, "add_questionnaire", form)).id)


async def _enrolled(database: Database, by: Clerk, number: str) -> None:
    """Somebody becomes a tabulator, as by the link."""
    ceremony = Ceremony(database, lambda: by.now)
    added = await give_order(database, by, "add_tabulator", {"number": number})
    _, recovery = await ceremony.enrol(added.secret, PASSPHRASE, PASSPHRASE)
    await ceremony.finish(number, recovery, recovery.rpartition("-")[2], PASSPHRASE)


async def _anonymous(database: Database, by: Clerk, name: str, questionnaire_id: int) -> int:
    """A round drawn up by one of the office and approved by another."""
    secrecy = {"breakdowns": ["unit", "post_class"]}
    plan = {"name": name, "questionnaire_id": questionnaire_id, "anonymous": True, "secrecy": secrecy}
    planned = await give_order(database, by, "plan_round", {**plan, "closes": by.now + OPEN})
    order = {"round_id": planned.id}
    await give_order(database, replace(by, name="demo, a second person"), "approve_round", order)
    await give_order(database, by, "open_round", order)
    return int(planned.id)


async def _answered(database: Database, by: Clerk, round_id: int, people: Sequence[Person]) -> None:
    """Nine of ten hand in; what they answer is made up, and the same in every demo."""
    chance = Random(2026)
    for one in people:
        if chance.random() < 0.1:
            continue
        guest = Guest(f"demo-{one.number}", "", by.now)
        link = await visit(database, guest, "issue_ticket", round_id=round_id)
        ballot = {"round_id": round_id, "link": link}
        questions = await visit(database, guest, "see_questions", **ballot)
        await visit(database, guest, "begin_ballot", answers=_made_up(questions, chance), **ballot)
        await visit(database, guest, "cast_ballot", **ballot)


def _made_up(questions: Mapping[str, Any], chance: Random) -> dict[str, Any]:
    """Answers of somebody who is more or less content."""
    mood = chance.gauss(3.4, 0.7)
    found: dict[str, Any] = {}
    for path, question in questions.items():
        names = [choice.name for choice in question.choices]
        if question.type == "select_one" and names[:5] == ["1", "2", "3", "4", "5"]:
            found[path] = str(min(5, max(1, round(chance.gauss(mood, 0.9)))))
        elif question.type == "select_one":
            found[path] = chance.choice(names)
        elif question.type == "select_multiple":
            found[path] = chance.sample(names[:-1], 2)
        elif question.type == "text" and chance.random() < 0.3:
            found[path] = chance.choice(REMARKS)
    return found


async def _counted(database: Database, by: Clerk, round_id: int) -> None:
    """Closed by the office, opened by both tabulators."""
    await give_order(database, by, "close_round", {"round_id": round_id})
    ceremony = Ceremony(database, lambda: by.now)
    for number in TABULATORS:
        await ceremony.unlock(round_id, number, PASSPHRASE)


def greeting(chosen: Settings) -> str:
    """What is printed when the demo is up."""
    return (
        f"\nHuiyin 回音 is running with a demo organ.\n"
        f"  Demo log-ins   {chosen.public_url}/\n"
        f"  Web chat       {chosen.public_url}/chat\n"
        f"  HR's desk      {chosen.public_url}/desk\n"
        f"  Ballots        {chosen.public_url}/keys  (tabulators {' and '.join(TABULATORS)}: {PASSPHRASE})\n"
        f"  REST           {chosen.public_url}/api/v1/openapi.json\n"
        f"Its data lies in {chosen.data_dir}. Ctrl-C stops it.\n"
    )
