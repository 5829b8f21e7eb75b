"""When the running product says that it is ready."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import app, settings
from bot.app import App
from storage.database import Database
from tests.samples.holidays import year_of


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    for name in ("HUIYIN_DATABASE_URL", "HUIYIN_CHANNELS"):
        monkeypatch.delenv(name, raising=False)
    return settings.load()


async def test_not_ready_in_a_year_without_a_calendar(
    chosen: settings.Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = App(chosen, database)
    # Eight hours later it is the new year at the organ.
    for moment, ready in (("2030-12-31T15:59", False), ("2026-12-31T15:59", True), ("2026-12-31T16:00", False)):
        monkeypatch.setattr(app, "now", lambda moment=moment: datetime.fromisoformat(moment).replace(tzinfo=UTC))
        assert (await running._ready() == "") is ready
    assert "2027 needs a calendar" in await running._ready()
    async with database.transaction() as store:
        await store.calendar.put_days([], year_of(2027))
    assert await running._ready() == ""
