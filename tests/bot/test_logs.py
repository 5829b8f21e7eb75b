"""Logs: what may never be in a line is not, whoever speaks and however loudly."""

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

CANARY = "123:TOKEN-canary 张三 非常不同意"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_libraries_are_never_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("debug", console=False)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.example/bot%s/sendMessage", CANARY)
    logging.getLogger("telegram.ext").debug(f"update {CANARY}")
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("asyncio").exception("Task failed: %r", CANARY)
    told = lines(capsys)
    assert [line["logger"] for line in told] == ["httpx", "telegram.ext", "asyncio"]
    assert told[2]["error"] == "ValueError"
    assert "test_logs.py" in str(told[2]["where"])
    assert "canary" not in json.dumps(told)


def test_our_own_lines_carry_known_keys_only(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", console=False)
    log = structlog.get_logger("bot.x")
    log.info("letter sent", letter=3, channel="telegram", person=CANARY, text=CANARY)
    try:
        raise RuntimeError(CANARY)
    except RuntimeError as problem:
        log.error("failed", exc_info=problem)
        log.error("failed", exc_info=True)
    log.debug("not at this level")
    first, second, third = lines(capsys)
    assert (first["event"], first["letter"], first["logger"]) == ("letter sent", 3, "bot.x")
    assert second["error"] == third["error"] == "RuntimeError"
    assert "canary" not in json.dumps([first, second, third])


def test_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", console=True)
    structlog.get_logger("bot.x").info("ready", count=2)
    logging.getLogger("lib").info("x %d", "broken")
    assert "ready" in capsys.readouterr().err


def test_what_ends_the_process_or_a_thread_says_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", console=False)
    try:
        raise ExceptionGroup(CANARY, [ValueError(CANARY), ExceptionGroup(CANARY, [KeyError(CANARY)])])
    except ExceptionGroup as problem:
        sys.excepthook(type(problem), problem, problem.__traceback__)

    def fail() -> None:
        raise RuntimeError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    told = lines(capsys)
    assert [line["error"] for line in told] == ["ValueError", "KeyError", "RuntimeError"]
    assert "test_logs.py" in str(told[2]["where"])
    assert "canary" not in json.dumps(told)
