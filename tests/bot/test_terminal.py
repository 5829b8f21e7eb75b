"""A form talked through by its author, in a terminal or through a pipe."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from bot import terminal
from handlers.forms.script import Talk
from tests.handlers.forms.reading import YES_NO, read, said, survey

FORM = (
    survey(
        "type | name | label::English (en) | label::中文 (zh-CN) | hint::English (en) | required",
        "note | hello | Good day | 您好 | |",
        "integer | times | How often? | 几次？ | A whole number | yes",
        "select_one yn | sure | Sure? | 确定吗？ | |",
        "begin group | g | | | |",
        "select_multiple yn | both | Which? | 哪些？ | |",
        "end group | | | | |",
    )
    + YES_NO
)


def talked(*lines: str, form: str = FORM) -> tuple[bool, str]:
    """Whether it was handed in, and all that was said."""
    heard: list[str] = []
    talk = Talk(read(form), lambda part, tongue: said(part, tongue), "en")
    done = terminal.by_hand(talk, lines, heard.append)
    return done, "\n".join(heard)


def test_questions_hints_choices_and_the_answers_at_the_end() -> None:
    done, told = talked("3\n", "1\n", "1, 2\n", "/submit\n", "never heard\n")
    assert done
    assert told.startswith("Answer in words or with a choice's number. Also: /back")
    assert "\n\nGood day\n\nHow often? *\nA whole number\n" in told
    assert "\nSure?\n  1. Yes\n  2. No\n" in told
    assert told.endswith("Handed in:\n\n  How often?: 3\n  Sure?: Yes\n  Which?: Yes, No")


def test_commands() -> None:
    done, told = talked(
        "/skip", "3", "/back", "4", "/lang zh_CN", "/clear", "2", "/review", "/nonsense", "/skip", "/back"
    )
    assert not done
    assert told.count("How often?") >= 3
    assert "确定吗？" in told
    assert "How often? * [3]" in told
    assert "There is no command /nonsense." in told
    assert "  How often?: 4\n" in told
    assert told.endswith("Not handed in. The answers so far:\n\n  How often?: 4\n  哪些？: No")


def test_an_answer_that_is_refused_is_asked_for_again() -> None:
    _, told = talked("lots")
    assert told.count("How often? *") == 2


def test_ctrl_c_ends_it_cleanly() -> None:
    def typed() -> Iterator[str]:
        yield "3"
        raise KeyboardInterrupt

    heard: list[str] = []
    talk = Talk(read(FORM), lambda part, tongue: said(part, tongue), "en")
    assert not terminal.by_hand(talk, typed(), heard.append)
    assert heard[-1] == "  How often?: 3"


def test_an_empty_input_ends_it() -> None:
    done, told = talked()
    assert not done
    assert "Not handed in." in told


class Repeating:
    """A conversation that waits for another entry."""

    tongue = "en"
    done = False

    def __init__(self) -> None:
        self.heard: list[str] = []

    def word(self, part: object, tongue: str) -> str:
        return said(part, tongue)  # type: ignore[arg-type]

    def begin(self) -> list[dict[str, object]]:
        return [{"repeat": {"path": "/data/kid", "count": 1}}]

    def hear(self, line: str) -> Iterable[dict[str, object]]:
        self.heard.append(line)
        return self.begin()

    def open(self) -> dict[str, object]:
        return {"open": {"kid": [{"name": "甲", "toys": ["a", "b"]}, {"name": "乙"}], "g": {"x": 1}}}


def test_another_entry_is_answered_with_yes_or_no() -> None:
    talk, heard = Repeating(), list[str]()
    terminal.by_hand(talk, ["y", "否", "maybe", "/back", "/again yes"], heard.append)  # type: ignore[arg-type]
    assert talk.heard == ['{"again": true}', '{"again": false}', '{"back": true}', '{"again": true}']
    assert "Another entry of /data/kid? There are 1. (yes/no)" in heard
    assert "Please answer yes or no." in heard
    assert heard[-4:] == ["  name: 甲", "  toys: a, b", "  name: 乙", "  x: 1"]


def test_ctrl_c_in_a_real_terminal(tmp_path: Path) -> None:
    (tmp_path / "f.md").write_text(FORM, encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot", "form", "talk", str(tmp_path / "f.md"), "--lang", "en"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=False) as running:
        os.close(theirs)
        told = _until(ours, b"> ", 20)
        os.write(ours, b"3\n")
        told += _until(ours, b"Sure?", 20)
        running.send_signal(2)
        told += _until(ours, b"How often?: 3", 20)
        assert running.wait(20) == 3
    os.close(ours)
    assert b"Traceback" not in told


def _until(terminal_end: int, expected: bytes, seconds: float) -> bytes:
    told, ends = b"", monotonic() + seconds
    while expected not in told:
        assert monotonic() < ends, told
        if select.select([terminal_end], [], [], 0.2)[0]:
            told += os.read(terminal_end, 4096)
    return told
