"""Tabulators at the command line, from enrolment to the opened ballots; and what `huiyin check` says of the keys."""

import asyncio
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from storage.database import Database
from tests.handlers.surveys.player import START
from tests.handlers.surveys.urn import FIRST, SECOND, STAFF, THIRD, WORDS, urn_on, weak

Said = Callable[..., str]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUIYIN_LOCALE", "en")
    monkeypatch.setenv("HUIYIN_PUBLIC_URL", "https://huiyin.example.gov.cn")
    for name in ("HUIYIN_DATABASE_URL", "HUIYIN_CHANNELS", "HUIYIN_KEYS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("bot.app.now", lambda: START.astimezone(UTC))
    weak(monkeypatch)
    assert main(["migrate"]) == 0


@pytest.fixture
def voted(tmp_path: Path) -> int:
    """An open round in which everybody has answered; its id."""

    async def play() -> int:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'huiyin.db'}")
        await database.start()
        urn = await urn_on(database, FIRST, SECOND)
        for number in STAFF:
            assert await urn.vote(number)
        await database.stop()
        return urn.round.id

    return asyncio.run(play())


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs a command, `typed` on its stdin; what it printed, which is on stderr where it `fails`."""

    def run(*arguments: object, typed: str = "", fails: bool = False) -> str:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed + "\n"))
        status = main([str(one) for one in arguments])
        streams = capsys.readouterr()
        assert status == int(fails), streams.err
        assert "Traceback" not in streams.err
        return streams.err if fails else streams.out

    return run


def test_the_whole_way(voted: int, said: Said, tmp_path: Path) -> None:
    assert said("keys", "test", "--as", FIRST, typed=WORDS[FIRST]) == f"The key of 某{FIRST} works.\n"
    assert "not right" in said("keys", "test", "--as", FIRST, typed="something else", fails=True)
    assert "only when nobody can answer" in said(
        "round", "unlock", voted, "--as", FIRST, typed=WORDS[FIRST], fails=True
    )
    assert "Only two tabulators" in said("keys", "bundle", voted, "--out", "sealed.keys")
    assert (tmp_path / "sealed.keys").stat().st_mode & 0o077 == 0
    said("round", "close", voted)
    assert f"某{SECOND}" in said("round", "unlock", voted, "--as", FIRST, typed=WORDS[FIRST])
    assert f"某{SECOND}" in said("round", "unlock", voted, "--as", FIRST, typed=WORDS[FIRST])
    assert "the results are released" in said("round", "unlock", voted, "--as", SECOND, typed=WORDS[SECOND])
    assert "were counted" in said("round", "unlock", voted, "--as", SECOND, typed=WORDS[SECOND], fails=True)
    assert "need no keys any more" in said("keys", "restore", "sealed.keys", fails=True)
    assert "counted" in said("round", "discard", voted, "--yes", fails=True)


def test_tabulators_are_added_listed_and_removed(voted: int, said: Said) -> None:
    link = said("staff", "add", THIRD, "--role", "tabulator").strip()
    assert link.startswith("https://huiyin.example.gov.cn/keys/enrol#")
    assert len(link.partition("#")[2]) == 43
    assert json.loads(said("staff", "add", THIRD, "--role", "tabulator", "--json"))["link"] != link
    lines = said("staff", "list").splitlines()
    assert lines[0] == f"{FIRST}\t某{FIRST}\t党政办公室\ttested 2026-03-02\tmay open with {SECOND}"
    assert lines[2] == f"{THIRD}\t某{THIRD}\t综合执法队\tnot enrolled\tmay open with nobody"
    assert "Nobody has the staff number" in said("staff", "add", "999", "--role", "tabulator", fails=True)
    assert len(json.loads(said("staff", "list", "--json"))) == 3
    told = said("staff", "remove", SECOND)
    assert "the key is destroyed" in told
    assert f"Round {voted} (一季度自评) can be opened by nobody now" in told
    assert "none of those" in said("staff", "remove", SECOND, fails=True)
    assert json.loads(said("staff", "remove", THIRD, "--json"))["lost"] == {}


def test_a_round_whose_keys_are_lost(voted: int, said: Said, tmp_path: Path) -> None:
    said("keys", "bundle", voted, "--out", "sealed.keys")
    assert "same volume" in said("check")
    kept = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    (tmp_path / "keys" / f"round-{voted}.tag").unlink()
    assert f"huiyin keys recover {voted}" in said("check", fails=True)
    assert f"某{SECOND}" in said("keys", "recover", voted, "--as", FIRST, typed=WORDS[FIRST])
    assert "can be answered again" in said("keys", "recover", voted, "--as", SECOND, typed=WORDS[SECOND])
    assert {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == kept
    (tmp_path / "keys" / f"round-{voted}.box").unlink()
    assert "its sealed key is gone" in said("check", fails=True)
    assert f"round {voted}" in said("keys", "restore", "sealed.keys")
    said("check")
    (tmp_path / "keys" / f"round-{voted}.box").unlink()
    said("round", "close", voted)
    assert "cannot be opened any more" in said("round", "unlock", voted, "--as", FIRST, typed=WORDS[FIRST], fails=True)
    assert "say --yes" in said("round", "discard", voted, fails=True)
    assert "destroyed unread" in said("round", "discard", voted, "--yes")
    assert not list((tmp_path / "keys").iterdir())


def test_check_looks_at_rights(voted: int, said: Said, tmp_path: Path) -> None:
    (tmp_path / "keys").chmod(0o750)
    assert "chmod 700" in said("check", fails=True)
    (tmp_path / "keys").chmod(0o700)
    (tmp_path / "keys" / f"round-{voted}.tag").chmod(0o640)
    assert "chmod 600" in said("check", fails=True)


def test_check_advises(voted: int, said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "Fewer than two" not in said("check")
    monkeypatch.setattr("bot.app.now", lambda: datetime(2026, 4, 2, tzinfo=UTC))
    told = said("check")
    assert f"The tabulator {FIRST} has not tried the key for 30 days" in told
    assert "Fewer than two tabulators" in told


def test_check_says_nothing_of_keys_where_nobody_needs_them(said: Said) -> None:
    told = said("check")
    assert "tabulator" not in told
    assert "keys of anonymous" not in told


def test_on_a_terminal_nothing_is_echoed(
    voted: int, said: Said, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked = []
    monkeypatch.setattr(sys, "stdin", Terminal(f"{voted + 1}\n"))
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or WORDS[FIRST])
    assert main(["keys", "test", "--as", FIRST]) == 0
    assert asked == ["Passphrase: "]
    assert main(["round", "discard", str(voted)]) == 1
    assert "Nothing was destroyed" in capsys.readouterr().err
