"""A year of rounds that run themselves: every due thing happens once, on the right local day.

What happens stands in `golden/year-ZONE.txt`, an event a line, for a person to read. After a change that is meant,
`WRITE_GOLDEN=1 python -m pytest tests/handlers/surveys/test_year.py` writes it anew: read what git shows of it.
"""

import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from handlers.surveys.rules.schedules import Every, Schedule
from storage.outbox import Outbox
from storage.records import RoundState
from storage.surveys import Surveys
from tests.handlers.surveys.year import Year

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("zone", [ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")], ids=str)
async def test_a_year_runs_itself(database_url: str, zone: ZoneInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(day: str, time: str = "12:00") -> datetime:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone)

    year = await Year.begin(database_url, at("2024-01-02"))
    with capture_logs() as logs:
        await year.plan("{year} 年第{quarter}季度自评", Schedule(Every.QUARTER, month=-1, working_day=-5, open_days=10))
        await year.plan("{year} 年 {month} 月问卷", Schedule(Every.MONTH, day=31, open_days=1))
        await year.plan("{year} 年度问卷", Schedule(Every.YEAR, month=2, day=12, open_working_days=10))
        await year.until(at("2024-02-20"))
        await year.crash(Surveys, "draw_up_roll", "a round was being opened", monkeypatch)
        await year.until(at("2024-04-10"))
        await year.crash(Surveys, "put_round", "a round was being drawn up", monkeypatch)
        await year.until(at("2024-06-24", "08:00"))
        await year.sleep(at("2024-07-01", "19:00"))
        await year.until(at("2024-09-25", "08:00"))
        await year.crash(Outbox, "sent", "letters were being sent", monkeypatch)
        await year.until(at("2024-10-05"))
        await year.crash(Surveys, "save_round", "a round was being closed", monkeypatch)
        await year.until(at("2025-01-10"))
    assert [log for log in logs if log["log_level"] in ("error", "warning")] == []
    await _happened_once(year)
    _as_golden(year)
    await year.organ.database.stop()


async def _happened_once(year: Year) -> None:
    async with year.organ.database.reading() as store:
        rounds = [round for round in await store.surveys.rounds() if round.opens < year.organ.now]  # type: ignore[operator]
        missed = [round for round in rounds if not any((await store.surveys.progress(round.id)).values())]
    assert Counter(round.plan_id for round in rounds) == {1: 4, 2: 12, 3: 1}
    assert len({(round.plan_id, round.period) for round in rounds}) == len(rounds)
    assert {round.state for round in rounds} == {RoundState.CLOSED}
    assert [round.period for round in missed] == ["2024-06"]
    assert set(year.invited.values()) == {1}
    assert len(year.invited) == 2 * (len(rounds) - len(missed))
    assert set(year.reminded.values()) == {1}
    assert len(year.answered) == len(rounds) - len(missed)


def _as_golden(year: Year) -> None:
    golden = GOLDEN / f"year-{year.zone.key.replace('/', '-')}.txt"
    told = "\n".join(year.events) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
