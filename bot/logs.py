"""Structured logs that cannot carry a name, an answer or a token.

Ours: only the keys in `KEYS` pass, and of exceptions only the type and the places in the code.
Libraries': their message is never formatted and never shown, because it may hold a URL with a
token or a whole update; what remains is who spoke, how loudly, and from which line.
"""

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

KEYS = frozenset(
    {"event", "level", "timestamp", "logger", "channel", "letter", "round", "attempt", "count", "seconds", "reason"}
    | {"id", "path", "status", "signal", "error", "where"}
)
OURS = ("bot", "handlers", "storage")
"""Who is heard at `info`; libraries only when they warn, or at `debug`."""

EventDict = MutableMapping[str, Any]


def set_up(level: str, *, console: bool) -> None:
    """Routes structlog and the standard library's logging to stderr: lines for people, or JSON."""
    shape: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places,
        _allow,
    ]
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=[_foreign, *shape],
            keep_exc_info=False,
            keep_stack_info=False,
            use_get_message=False,
        )
    )
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper() if level in {"debug", "error"} else "WARNING")
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *shape,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _unhandled
    threading.excepthook = lambda about: _unhandled(about.exc_type, about.exc_value, about.exc_traceback)


def _unhandled(kind: type[BaseException], problem: BaseException | None, places: TracebackType | None) -> None:
    """What ends the process is said in our way too: Python's own would print what an exception says."""
    if isinstance(problem, BaseExceptionGroup):
        for one in problem.exceptions:
            _unhandled(type(one), one, one.__traceback__)
    else:
        structlog.get_logger("bot").critical("nobody expected this", exc_info=(kind, problem, places))


def _foreign(_logger: object, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    where = f"{Path(record.pathname).name}:{record.lineno}"
    kept: EventDict = {"event": "a library spoke", "logger": record.name, "where": where, "_record": record}
    if record.exc_info:
        kept["exc_info"] = record.exc_info
    kept["_from_structlog"] = event.get("_from_structlog", False)
    return kept


def _places(_logger: object, _method: str, event: EventDict) -> EventDict:
    problem = event.pop("exc_info", None)
    if problem is True:
        problem = sys.exc_info()
    if isinstance(problem, BaseException):
        problem = (type(problem), problem, problem.__traceback__)
    if problem and problem[0] is not None:
        event["error"] = problem[0].__name__
        frames = traceback.extract_tb(problem[2])
        event["where"] = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    return event


def _allow(_logger: object, _method: str, event: EventDict) -> EventDict:
    withheld = [key for key in event if key not in KEYS and not key.startswith("_")]
    for key in withheld:
        del event[key]
    return event
