"""The demo organ: a township of 120 invented people, a self-assessment round, a questionnaire.

It lives in a directory of its own and never touches an organ's real data.
"""

import os
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

from bot.app import clerk, give_order, now
from bot.settings import Settings
from storage.database import Database

SAMPLES = Path(__file__).parent / "samples"


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
    """Staff, units and two open rounds, if there is nobody yet."""
    async with database.reading() as store:
        if await store.people.people():
            return
    by = clerk("demo", UTC)
    roster = {"content": (SAMPLES / "roster.xlsx").read_bytes(), "filename": "roster.xlsx"}
    await give_order(database, by, "import_roster", roster)
    for name, file in (
        ("2026 年第四季度平时考核自评", "self-assessment.xlsx"),
        ("绩效管理现状调查", "performance-management.xlsx"),
    ):
        form = {"content": (SAMPLES / file).read_bytes(), "filename": file}
        questionnaire = await give_order(database, by, "add_questionnaire", form)
        plan = {"name": name, "questionnaire_id": questionnaire.id, "closes": now() + timedelta(days=14)}
        planned = await give_order(database, by, "plan_round", plan)
        await give_order(database, by, "open_round", {"round_id": planned.id})


def greeting(chosen: Settings) -> str:
    """What is printed when the demo is up."""
    return (
        f"\nHuiyin 回音 is running with a demo organ.\n"
        f"  Demo log-ins   {chosen.public_url}/\n"
        f"  Web chat       {chosen.public_url}/chat\n"
        f"  HR's desk      {chosen.public_url}/desk\n"
        f"  REST           {chosen.public_url}/api/v1/openapi.json\n"
        f"Its data lies in {chosen.data_dir}. Ctrl-C stops it.\n"
    )
