"""The command line, as the person who runs the server types it."""

import asyncio
import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.fakes.telegram import FakeTelegram
from tests.stories.crowd import settings

SAMPLES = Path(__file__).parents[2] / "bot" / "samples"
FORM = str(SAMPLES / "self-assessment.xlsx")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUIYIN_LOCALE", "en")
    for name in ("HUIYIN_DATABASE_URL", "HUIYIN_CHANNELS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def migrated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    capsys.readouterr()


@pytest.fixture
def staffed(migrated: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roster", "import", str(SAMPLES / "roster.xlsx")]) == 0
    capsys.readouterr()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, out: bool = False) -> str:
    assert main(arguments) == 1
    streams = capsys.readouterr()
    assert bool(streams.out) == out
    assert "Traceback" not in streams.err
    return streams.err


def stop_at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr("bot.app.now", lambda: datetime.fromisoformat(moment).replace(tzinfo=UTC))


def test_migrate_and_check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(monkeypatch, "2026-10-08T01:00")
    assert "huiyin migrate" in refused(capsys, "round", "list")
    assert "is at schema" in said(capsys, "migrate")
    monkeypatch.setenv("HUIYIN_TELEGRAM_TOKEN", "1:secret")
    told = said(capsys, "check")
    assert "HUIYIN_LOCALE=en  (environment)" in told
    assert "HUIYIN_TELEGRAM_TOKEN=…  (environment)" in told
    assert "secret" not in told
    monkeypatch.setenv("HUIYIN_HTTP", "nowhere")
    assert "HUIYIN_HTTP is 'nowhere'" in refused(capsys, "check", out=True)


@pytest.mark.usefixtures("migrated")
def test_a_roster_is_looked_at_then_imported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    roster = str(SAMPLES / "roster.xlsx")
    assert json.loads(said(capsys, "roster", "import", roster, "--dry-run"))["added"]
    assert json.loads(said(capsys, "roster", "import", roster))["added"]
    assert not json.loads(said(capsys, "roster", "import", roster))["added"]
    (tmp_path / "bad.csv").write_text("工号,姓名\n1,\n", encoding="utf-8")
    assert len(refused(capsys, "roster", "import", "bad.csv").splitlines()) > 1
    assert "No such file" in refused(capsys, "roster", "import", "none.xlsx")


@pytest.mark.usefixtures("staffed")
def test_codes_for_paper(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "120 codes" in said(capsys, "roster", "codes", "--out", "codes.csv")
    rows = list(csv.DictReader((tmp_path / "codes.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len({row["code"] for row in rows}) == 120
    assert rows[0]["link"] == f"http://127.0.0.1:8080/chat?start={rows[0]['code']}"
    one = rows[0]["person"]
    assert "1 codes" in said(capsys, "roster", "codes", "--out", "one.html", "--person", one)
    assert rows[0]["name"] in (tmp_path / "one.html").read_text(encoding="utf-8")
    assert ".csv or .html" in refused(capsys, "roster", "codes", "--out", "codes.pdf")
    refused(capsys, "roster", "codes", "--out", "codes.csv", "--person", "nobody")


@pytest.mark.usefixtures("staffed")
def test_the_life_of_a_round(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert said(capsys, "round", "new", FORM, "--name", "Q4", "--closes", "2099-01-01T09:00").strip() == "1"
    planned = json.loads(said(capsys, "round", "new", FORM, "--name", "Q5", "--json"))
    assert planned["name"] == "Q5"
    assert "planned\tQ4" in said(capsys, "round", "list")
    assert len(json.loads(said(capsys, "round", "list", "--json"))) == 2
    assert "open" in said(capsys, "round", "open", "1")
    assert refused(capsys, "round", "open", "1")
    assert json.loads(said(capsys, "round", "show", "1", "--json"))["invited"] == 120
    assert "invited 120" in said(capsys, "round", "progress", "1", "--watch")
    assert json.loads(said(capsys, "round", "progress", "1", "--watch", "--json"))["letters"] == 0
    assert "paused" in said(capsys, "round", "pause", "1")
    assert "open" in said(capsys, "round", "resume", "1")
    assert "closed" in said(capsys, "round", "close", "1")
    assert "0 rows" in said(capsys, "round", "answers", "1", "--out", "answers.csv")
    assert (tmp_path / "answers.csv").read_bytes().startswith(b"\xef\xbb\xbfstaff_number,")
    assert refused(capsys, "round", "show", "99")


@pytest.mark.usefixtures("staffed")
def test_a_draft_by_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.txt").write_text("{name}同志：请填{round}。\n", encoding="utf-8")
    new = ("round", "new", FORM, "--name", "Q4", "--closes", "2099-01-01T09:00")
    draft = json.loads(said(capsys, *new, "--draft", "--letter", "letter.txt", "--json"))
    assert (draft["state"], draft["letter"]) == ("draft", "{name}同志：请填{round}。")
    assert "second person" in refused(capsys, "round", "open", "1")
    assert "yourself" in refused(capsys, "round", "approve", "1")
    monkeypatch.setattr("getpass.getuser", lambda: "second")
    assert said(capsys, "round", "approve", "1") == "1\tplanned\tQ4\n"
    assert json.loads(said(capsys, "round", "change", "1", "--name", "Q5", "--json"))["state"] == "draft"
    assert "Say what is to be changed" in refused(capsys, "round", "change", "1")
    assert "no file nothing.txt" in refused(capsys, "round", "change", "1", "--letter", "nothing.txt")
    assert said(capsys, "round", "extend", "1", "2099-02-01T09:00") == "1\tdraft\tQ5\n"
    assert said(capsys, "round", "copy", "1", "--closes", "2099-03-01T09:00").strip() == "2"
    assert said(capsys, "round", "cancel", "1", "no longer needed") == "1\tcancelled\tQ5\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))
    assert main(["round", "preview", "2", "--lang", "zh_CN"]) == 3
    shown = capsys.readouterr().out
    assert shown.startswith("这是实名问卷：组织人事部门能看到您的姓名和回答。\n\nsecond同志：请填Q5。")
    assert "120 人" in shown
    assert "岗位类别" in shown
    assert json.loads(said(capsys, "round", "preview", "2", "--json"))["size"]["asked"] == 120


@pytest.mark.usefixtures("staffed")
def test_what_a_round_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    new = ("round", "new", FORM, "--name", "x")
    assert "is no time" in refused(capsys, *new, "--opens", "tomorrow")
    assert "for anonymous rounds only" in refused(capsys, *new, "--threshold", "12")
    assert "threshold must be 5" in refused(capsys, *new, "--anonymous", "--threshold", "4")
    assert "names of two questions" in refused(capsys, *new, "--anonymous", "--pair", "a")


@pytest.mark.usefixtures("staffed")
def test_an_anonymous_round_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    new = ("round", "new", str(SAMPLES / "performance-management.xlsx"), "--name", "x", "--anonymous")
    terms = ("--breakdown", "unit", "--breakdown", "post_class", "--one-tabulator", "--in-chat")
    draft = json.loads(said(capsys, *new, "--closes", "2099-01-01T09:00", *terms, "--json"))
    assert draft["state"] == "draft"
    secrecy = draft["secrecy"]
    assert [one["attribute"] for one in secrecy["breakdowns"]] == ["unit", "post_class"]
    assert (secrecy["threshold"], secrecy["tabulators"], secrecy["in_chat"]) == (10, 1, True)
    told = json.loads(said(capsys, "round", "change", "1", "--threshold", "20", "--no-one-tabulator", "--json"))
    assert (told["secrecy"]["threshold"], told["secrecy"]["tabulators"], told["secrecy"]["in_chat"]) == (20, 2, True)
    assert "never lowered" in refused(capsys, "round", "change", "1", "--threshold", "19")
    assert "yourself" in refused(capsys, "round", "approve", "1")
    plan = ("plan", "new", str(SAMPLES / "performance-management.xlsx"), "--name", "x", "--anonymous")
    kept = json.loads(said(capsys, *plan, "--every", "quarter", "--threshold", "15", "--json"))
    assert (kept["anonymous"], kept["secrecy"]["threshold"]) == (True, 15)
    kept = json.loads(said(capsys, "plan", "change", "1", "--in-chat", "--json"))
    assert (kept["secrecy"]["threshold"], kept["secrecy"]["in_chat"]) == (15, True)
    assert refused(capsys, *new, "--unit", "no such unit")
    assert refused(capsys, *new, "--closes", "2001-01-01T00:00+08:00")


@pytest.mark.usefixtures("staffed")
def test_groups_and_deputies(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "who.txt").write_text("YH001\nYH002, YH003\n", encoding="utf-8-sig")
    assert said(capsys, "group", "put", "班子", "--people", "who.txt") == "班子\t3\n"
    assert said(capsys, "group", "put", "两人", "--people", "YH001，YH002") == "两人\t2\n"
    assert json.loads(said(capsys, "group", "list", "--json"))[1]["people"] == ["YH001", "YH002", "YH003"]
    assert "两人\t2\tYH001 YH002" in said(capsys, "group", "list")
    told = refused(capsys, "group", "put", "x", "--people", "YH001,YH999,none")
    assert "YH999" in told
    assert "none" in told
    (tmp_path / "empty").write_text("")
    assert "no staff number" in refused(capsys, "group", "put", "x", "--people", "empty")
    assert json.loads(said(capsys, "round", "audience", "--group", "班子", "--group", "两人", "--json"))["asked"] == 3
    assert "deleted" in said(capsys, "group", "delete", "两人")
    assert "两人" in refused(capsys, "round", "audience", "--group", "两人")

    days = ("--from", "2099-01-01", "--until", "2099-01-09")
    assert said(capsys, "deputy", "add", "YH001", "YH002", *days) == "1\n"
    assert "January 1, 2099" in refused(capsys, "deputy", "add", "YH001", "YH003", *days)
    assert "YH001 周立安\tYH002 沈若衡\t2099-01-01 to 2099-01-09" in said(capsys, "deputy", "list")
    assert json.loads(said(capsys, "deputy", "list", "--json"))[0]["deputy"] == "YH002"
    assert "沈若衡 does not act for 周立安" in said(capsys, "deputy", "end", "1")
    assert said(capsys, "deputy", "list") == ""
    with pytest.raises(SystemExit, match="2"):
        main(["deputy", "add", "YH001", "YH002", "--from", "tomorrow", "--until", "2099-01-09"])


@pytest.mark.usefixtures("staffed")
def test_whom_a_round_asks(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "round", "audience", "--excuse", "probation,long_leave", "--exempt", "YH001=另行考核")
    assert (
        told
        == "asked 113, of them without account 113\nexcused 2: long_leave\nexcused 4: probation\nexcused 1: 另行考核\n"
    )
    chosen = ("--unit-only", "云禾镇/党建工作办公室", "--kind", "contract", "--level", "staff", "--post-class", "party")
    assert said(capsys, "round", "audience", *chosen).startswith("asked 1,")
    new = ("round", "new", FORM, "--name", "x", "--voluntary", *chosen)
    planned = json.loads(said(capsys, *new, "--person", "YH001,YH002", "--json"))
    assert planned["voluntary"]
    assert len(planned["audience"]["person_ids"]) == 2
    assert said(capsys, "round", "audience", "1").startswith("asked 1,")
    assert "one of the two" in refused(capsys, "round", "audience", "1", "--kind", "contract")
    wrong = refused(capsys, *new, "--excuse", "sleeping", "--person", "YH999", "--group", "none", "--unit", "nowhere")
    assert [word for word in ("sleeping", "YH999", "none", "nowhere") if word not in wrong] == []
    assert "staff number, = and the reason" in refused(capsys, *new, "--exempt", "YH001")
    assert "excused" in refused(capsys, "round", "audience", "--person", "YH017", "--excuse", "probation")


@pytest.mark.usefixtures("staffed")
def test_a_roll_in_hrs_hands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(capsys, "round", "new", FORM, "--name", "Q4", "--unit", "云禾镇/党建工作办公室")
    said(capsys, "round", "open", "1")
    assert said(capsys, "round", "excuse", "1", "YH024", "YH025", "--reason", "在外学习").startswith("YH024\t贺丽娜\n")
    assert "excused 2" in said(capsys, "round", "show", "1")
    assert "already" in refused(capsys, "round", "excuse", "1", "YH024", "--reason", "x")
    assert json.loads(said(capsys, "round", "readmit", "1", "YH025", "--json")) == [
        {"number": "YH025", "name": "秦浩然"}
    ]
    assert said(capsys, "round", "add", "1", "YH001") == "YH001\t周立安\n"
    assert said(capsys, "round", "add", "1", "--joiners", "--dry-run") == ""
    assert "already" in refused(capsys, "round", "add", "1", "--joiners")
    shown = json.loads(said(capsys, "round", "show", "1", "--json"))
    assert sum(shown["dispositions"].values()) == shown["invited"]

    link = said(capsys, "round", "paper", "1", "YH001")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/form/1\?key=[\w-]{43}\n", link)
    (tmp_path / "answers.json").write_text('{"nothing": 1}', encoding="utf-8")
    assert "nothing" in refused(capsys, "round", "paper", "1", "YH001", "--answers", "answers.json")
    for content, why in (("[]", "JSON object"), ("{", "not JSON")):
        (tmp_path / "answers.json").write_text(content, encoding="utf-8")
        assert why in refused(capsys, "round", "paper", "1", "YH001", "--answers", "answers.json")


@pytest.mark.usefixtures("staffed")
def test_paper_forms_by_script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = ("survey | | |", "| type | name | label", "| integer | handled | 办结多少件？", "| text | need | 需要什么？")
    (tmp_path / "mine.md").write_text("".join(f"| {row} |\n" for row in rows), encoding="utf-8")
    said(capsys, "round", "new", "mine.md", "--name", "Q4")
    said(capsys, "round", "open", "1")
    (tmp_path / "answers.json").write_text('{"handled": 12, "need": "人手"}', encoding="utf-8")
    paper = ("round", "paper", "1", "YH001", "--answers", "answers.json")
    assert re.fullmatch(r"YH001\t周立安\t[A-Z2-7]{8}\n", said(capsys, *paper))
    assert "already" in refused(capsys, *paper)
    assert json.loads(said(capsys, *paper, "--replace", "--json"))["receipt"]
    said(capsys, "round", "answers", "1", "--out", "out.csv")
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (row["person"], row["handled"], row["need"]) == ("周立安", "12", "人手")
    assert row["entered_by"]


@pytest.mark.usefixtures("migrated")
def test_the_organs_own_holidays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "2025-10-01\tholiday\t国庆节" in said(capsys, "calendar", "show", "2025")
    assert "2031" in refused(capsys, "calendar", "show", "2031")
    (tmp_path / "bad.csv").write_text("日期,类别\n2031-13-01,休息\n2031-05-01,睡觉\n", encoding="utf-8")
    told = refused(capsys, "calendar", "import", "bad.csv").splitlines()
    assert len(told) == 3
    rows = [f"2031-{day},休息日,法定" for day in ("01-01", "05-01", "05-02", "10-01", "10-02", "10-03")]
    (tmp_path / "good.csv").write_text("\n".join(["日期,类别,名称", *rows, "2031-10-11,上班,国庆"]), encoding="utf-8")
    report = json.loads(said(capsys, "calendar", "import", "good.csv"))
    assert report == {"days": 7, "years": [2031]}
    assert json.loads(said(capsys, "calendar", "show", "2031", "--json"))[-1]["kind"] == "workday"


@pytest.mark.usefixtures("staffed")
def test_check_says_what_the_calendar_lacks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, "2026-10-30T01:00")
    assert "calendar import" not in said(capsys, "check")
    stop_at(monkeypatch, "2026-11-02T01:00")
    told = said(capsys, "check")
    assert "2027 are not known yet" in told
    assert "calendar import" in told
    said(capsys, "round", "new", FORM, "--name", "Year's end", "--opens", "2026-12-30T09:00")
    told = refused(capsys, "check", out=True)
    assert "“Year's end” (round 1) needs the calendar of 2027" in told
    assert "2027" in said(capsys, "round", "show", "1")
    said(capsys, "round", "close", "1")
    said(capsys, "check")
    stop_at(monkeypatch, "2027-01-01T01:00")
    assert "2027" in refused(capsys, "check", out=True)


@pytest.mark.usefixtures("staffed")
def test_a_round_reminds_as_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    new = ("round", "new", FORM, "--name", "x", "--json")
    planned = json.loads(said(capsys, *new, "--reminders", "2", "--remind-after", "5", "--remind-every", "4"))
    assert planned["reminding"] == {"most": 2, "first": 5, "every": 4}
    assert json.loads(said(capsys, *new))["reminding"] == {"most": 3, "first": 3, "every": 3}
    assert "At most 3 reminders" in refused(capsys, *new, "--reminders", "4")


def test_forms_are_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = said(capsys, "form", "check", FORM)
    assert "zh_CN, zh_TW, en" in told
    assert "a person is asked" in told or "每人" in told
    assert json.loads(said(capsys, "form", "check", FORM, "--json"))["untranslated"] == []
    (tmp_path / "bad.md").write_text(
        "| survey |\n| | type | name | label |\n| | geopoint | a | A |\n| | nonsense | a | B |\n"
    )
    told = refused(capsys, "form", "check", "bad.md")
    assert len(told.splitlines()) >= 3
    assert "geopoint" in told


@pytest.mark.usefixtures("migrated")
def test_a_token_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(said(capsys, "token", "add", "backend", "--scope", "rounds:read").strip()) == 43


def test_wrong_usage_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["round", "open", "first"])
    assert ended.value.code == 2


def test_a_database_out_of_reach(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_DATABASE_URL", "postgresql+asyncpg://x:secret@127.0.0.1:1/x")
    told = refused(capsys, "round", "list")
    assert "HUIYIN_DATABASE_URL" in told
    assert "secret" not in told


def test_a_form_is_talked_through(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f.md").write_text(
        "| survey |\n| | type | name | label::English (en) | label::中文 (zh-CN) "
        "| hint::English (en) | hint::中文 (zh-CN) |\n"
        "| | note | n | Hello | 您好 | | |\n| | integer | a | How many? | 几次？ | A number | 数字 |\n"
        "| | select_one yn | b | Sure? | 确定吗？ | | |\n"
        "| choices |\n| | list_name | name | label::English (en) | label::中文 (zh-CN) |\n"
        "| | yn | y | Yes | 是 |\n| | yn | n | No | 否 |\n"
    )
    lines = ['{"answer": "x"}', "", '{"say": "三次"}', '{"answer": "y"}', '{"submit": true}', '{"answer": 1}']
    (tmp_path / "script.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told = [json.loads(line) for line in said(capsys, "form", "talk", "f.md", "--script", "script.jsonl").splitlines()]
    assert [next(iter(one)) for one in told] == ["note", "ask", "refused", "ask", "ask", "review", "done"]
    assert told[-1] == {"done": {"answers": {"a": 3, "b": "y"}}}

    monkeypatch.setattr("sys.stdin", io.StringIO('{"answer": 1}\n'))
    assert main(["form", "talk", "f.md", "--script", "-", "--lang", "en"]) == 3
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"open": {"a": 1}}

    monkeypatch.setattr("sys.stdin", io.StringIO("lots\n3\n/back\n2\nyes\n/submit\nmore\n"))
    shown = said(capsys, "form", "talk", "f.md", "--lang", "en")
    assert "How many?" in shown
    assert "  1. Yes" in shown
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["form", "talk", "f.md"]) == 3
    assert "JSON" in refused(capsys, "form", "talk", "f.md", "--script", "f.md", out=True)


@pytest.mark.usefixtures("staffed")
def test_without_a_web_chat_the_codes_lead_to_the_bot(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sheet() -> None:
        async with FakeTelegram(judge=False) as fake:
            for name, value in settings(fake, CHANNELS="telegram", PROFILE="open").items():
                monkeypatch.setenv(f"HUIYIN_{name}", value)
            await asyncio.to_thread(said, capsys, "roster", "codes", "--out", "codes.csv")

    asyncio.run(sheet())
    row = next(csv.DictReader((tmp_path / "codes.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert re.fullmatch(rf"https://t\.me/\w+\?start={row['code']}", row["link"])


@pytest.mark.usefixtures("staffed")
def test_the_life_of_a_plan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    new = ("plan", "new", FORM, "--name", "Q{quarter}", "--every", "quarter", "--rest-days", "keep")
    assert said(capsys, *new, "--month", "-1", "--working-day", "1").strip() == "1"
    plan = json.loads(said(capsys, *new, "--day", "31", "--json"))
    assert (plan["state"], plan["schedule"]) == ("draft", {"every": "quarter", "day": 31, "rest": "keep"})
    assert "draft\tQ{quarter}\tnext" in said(capsys, "plan", "list")
    assert "somebody else must approve it" in refused(capsys, "plan", "approve", "2")
    monkeypatch.setattr("getpass.getuser", lambda: "second")
    assert "running" in said(capsys, "plan", "approve", "2")
    changed = json.loads(
        said(capsys, "plan", "change", "2", "--day", "1", "--month", "2", "--unit", "便民服务中心", "--json")
    )
    assert changed["schedule"] == {"every": "quarter", "month": 2, "day": 1, "rest": "keep"}
    reminded = json.loads(said(capsys, "plan", "change", "2", "--remind-after", "2", "--json"))
    assert reminded["reminding"] == {"most": 3, "first": 2, "every": 3}
    assert "somebody else must approve it" in refused(capsys, "plan", "approve", "2")
    monkeypatch.setattr("getpass.getuser", lambda: "third")
    assert json.loads(said(capsys, "plan", "approve", "2", "--json"))["approved_by"] == "third"
    for verb, state in (("pause", "paused"), ("resume", "running")):
        assert json.loads(said(capsys, "plan", verb, "2", "--json"))["state"] == state
    told = said(capsys, "plan", "show", "2", "--count", "2")
    assert "drawn up by second" in told
    assert "approved by third" in told
    assert len(re.findall(r"^  \d{4}Q\d +\w{3} \d{4}-\d\d-01 09:00 – .* people  Q\d$", told, re.MULTILINE)) == 2
    shown = json.loads(said(capsys, "plan", "show", "2", "--json"))
    assert len(shown["coming"]) == 8
    assert len(json.loads(said(capsys, "plan", "list", "--json"))) == 2
    assert "ended" in said(capsys, "plan", "end", "2")
    assert "nothing further" in said(capsys, "plan", "show", "2")


@pytest.mark.usefixtures("staffed")
def test_a_plan_by_cron_and_one_by_a_date(capsys: pytest.CaptureFixture[str]) -> None:
    made = json.loads(said(capsys, "plan", "new", FORM, "--name", "x", "--cron", "0 9 1 * *", "--json"))
    assert made["schedule"] == {"every": "cron", "cron": "0 9 1 * *", "rest": "forward"}
    dated = ("--date-of", "joined", "--offset", "-3", "--open-days", "3")
    assert said(capsys, "plan", "new", FORM, "--name", "x", *dated).strip() == "2"
    changed = json.loads(said(capsys, "plan", "change", "2", "--offset-working", "5", "--form", FORM, "--json"))
    assert changed["schedule"]["offset_working"] == 5
    assert "offset" not in changed["schedule"]
    assert json.loads(said(capsys, "plan", "change", "2", "--every", "week", "--json"))["schedule"]["every"] == "week"


@pytest.mark.usefixtures("staffed")
def test_what_a_plan_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    new = ("plan", "new", FORM, "--name", "x")
    assert "Say how often" in refused(capsys, *new)
    told = refused(capsys, *new, "--every", "year", "--month", "13", "--first", "2099-02-01", "--last", "2099-01-01")
    assert "no month 13" in told
    assert "would end (January 1, 2099) before it begins" in told
    assert "“{yaer}”" in refused(capsys, "plan", "new", FORM, "--name", "{yaer}", "--every", "week")
    assert refused(capsys, "plan", "show", "9")
    said(capsys, *new, "--every", "week")
    assert "Say what is to be different" in refused(capsys, "plan", "change", "1")
    with pytest.raises(SystemExit) as wrong:
        main([*new, "--every", "week", "--first", "soon"])
    assert wrong.value.code == 2
    assert "is no day" in capsys.readouterr().err


@pytest.mark.usefixtures("staffed")
def test_check_says_which_plan_waits_for_the_calendar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "plan", "new", FORM, "--name", "{year}-{month}", "--every", "month", "--open-days", "366")
    assert "“{year}-{month}”" not in checked(capsys)
    monkeypatch.setattr("getpass.getuser", lambda: "second")
    said(capsys, "plan", "approve", "1")
    assert "“{year}-{month}” (plan 1) needs the calendar of" in checked(capsys)


def checked(capsys: pytest.CaptureFixture[str]) -> str:
    """What `check` says, whether all is well or not."""
    main(["check"])
    return "".join(capsys.readouterr())
