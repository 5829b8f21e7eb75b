"""The progress of a round at a terminal."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands import watching
from bot.settings import Settings, gather, read
from handlers.surveys.office import Progress
from storage.records import Disposition, RoundState

BEGUN = Progress(
    7, "一季度", RoundState.OPEN, 100, 10, 0, 0, {Disposition.INVITED: 90, Disposition.UNREACHABLE: 10}, letters=90
)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return read(gather({"HUIYIN_DATA_DIR": str(tmp_path)}, tmp_path))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK", 0.001)


async def seen(chosen: Settings, *progress: Progress) -> Progress:
    looks = list(progress)

    async def look() -> Progress:
        return looks.pop(0) if len(looks) > 1 else looks[0]

    found = await watching.watch(look, chosen)
    assert isinstance(found, Progress)
    return found


async def test_a_bar_until_the_last_letter_is_out(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    ends = datetime(2026, 3, 2, 4, 0, 5, tzinfo=UTC)
    half = replace(BEGUN, letters=45, ends=ends)
    last = await seen(chosen, BEGUN, half, replace(half, state=RoundState.PAUSED, ends=None), replace(half, letters=0))
    assert last.letters == 0
    drawn = capsys.readouterr().out.split("\r")
    assert f"{'░' * 30} 0/90 letters" in drawn[1]
    assert f"{'█' * 15}{'░' * 15} 45/90 letters, until 03-02 12:00:05" in drawn[2]
    assert "45/90 letters, paused" in drawn[3]
    assert f"{'█' * 30} 90/90 letters" in drawn[4]


async def test_where_nobody_sends_it_says_so_and_ends(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert await seen(chosen, BEGUN) == BEGUN
    assert "`huiyin serve` does not run" in capsys.readouterr().out


async def test_without_a_terminal_one_look_and_a_plain_line(
    chosen: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    watching.show(await seen(chosen, BEGUN, replace(BEGUN, letters=0)), as_json=False)
    line = "7\topen\tinvited 100, without account 10, started 0, handed in 0, letters to go 90"
    line += "\tinvited 90, unreachable 10\n"
    assert capsys.readouterr().out == line
