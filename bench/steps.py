"""A step through a form of 300 questions and 100 expressions, ours beside JavaRosa's; and how long that form loads."""

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter_ns
from typing import Any

from openpyxl import Workbook

from handlers.forms import walk, xlsform
from handlers.forms.plan import plan
from tests.rosa.form import Row, Rows, xform
from tests.rosa.java import running

QUESTIONS = 300
WARM, MEASURED = 60, 40
"""Walks: before the clock counts, and while it does."""
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
SCALE = ("完全不符合", "不太符合", "一般", "比较符合", "完全符合")


def rows() -> Rows:
    """The form: of every ten rows five five-point questions, two numbers, one text, one day, one with several choices;
    one in three has an expression (40 conditions, 30 constraints, 30 calculations)."""
    survey: list[Row] = []
    for number in range(1, QUESTIONS + 1):
        row = _question(number)
        group = (number - 1) // 10
        if number % 10 == 5:
            row["relevant"] = f"${{q{number - 4}}} >= 2 and ${{q{number - 1}}} != '5'"
        if number % 30 == 17:
            row["relevant"] = f"${{c{group}}} > 6 or selected(${{q{number - 7}}}, '3')"
        if number % 10 == 6:
            row["constraint"] = f". >= 0 and . <= 100 + ${{q{number - 5}}}"
        survey.append(row)
        if number % 10 == 7:
            some = ", ".join(f"${{q{number - back}}}" for back in (6, 5, 4, 1))
            survey.append({"type": "calculate", "name": f"c{group + 1}", "calculation": f"round(max({some}) div 3, 1)"})
    choices = [{"list_name": "s", "name": str(n), "label": words} for n, words in enumerate(SCALE, 1)]
    return {"survey": survey, "choices": choices, "settings": [{"form_title": "基准问卷", "form_id": "bench"}]}


def _question(number: int) -> Row:
    kinds = {6: "integer", 7: "decimal", 8: "text", 9: "date", 0: "select_multiple s"}
    inserted = f"（上一题：${{q{number - 1}}}）" if number % 50 == 3 else ""
    label = f"{number}. 我清楚本单位为什么开展绩效管理{inserted}"
    return {"type": kinds.get(number % 10, "select_one s"), "name": f"q{number}", "label": label, "required": "yes"}


def workbook(rows: Rows) -> bytes:
    """The form as an .xlsx file."""
    book = Workbook()
    book.remove(book.active)
    for name, some in rows.items():
        sheet = book.create_sheet(name)
        columns = list(dict.fromkeys(column for row in some for column in row))
        sheet.append(columns)
        for row in some:
            sheet.append([row.get(column) for column in columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def answers(form: walk.Form) -> list[Any]:
    """What is answered, question by question, to the end: 2, 3, 4 in turn, whatever the kind."""
    given: list[Any] = []
    event = walk.begin(form, NOW)
    while isinstance(ask := event.events[-1], walk.Ask):
        given.append(_answer(ask.question.type, 2 + len(given) % 3))
        event = walk.step(form, event.state, walk.Answer(given[-1]), NOW)
    return given


def _answer(kind: str, number: int) -> Any:
    by_kind: Mapping[str, Any] = {
        "integer": number * 11, "decimal": number + 0.5, "text": "按季度", "date": f"2026-10-0{number}",
        "select_multiple": [str(number), "1"],
    }  # fmt: skip
    return by_kind.get(kind, str(number))


@dataclass(frozen=True)
class Times:
    """Of one side, in microseconds."""

    name: str
    steps: list[float]

    @property
    def median(self) -> float:
        return median(self.steps)

    @property
    def slow(self) -> float:
        """The 99th percentile."""
        return quantiles(self.steps, n=100)[98]


def ours(form: walk.Form, given: list[Any], *, stored: bool) -> Times:
    """Each step's time in our engine: from the state the last step left in memory, as JavaRosa has it; or from one that
    comes out of storage, as between two messages of a chat (reading the JSON is not counted)."""
    taken: list[int] = []
    for number in range(WARM // 10 + MEASURED):
        state = walk.begin(form, NOW).state
        for value in given:
            before = json.loads(json.dumps(state)) if stored else state
            started = perf_counter_ns()
            state = walk.step(form, before, walk.Answer(value), NOW).state
            if number >= WARM // 10:
                taken.append(perf_counter_ns() - started)
    return Times("from storage" if stored else "huiyin", [ns / 1000 for ns in taken])


def theirs(rows: Rows, given: list[Any]) -> Times:
    """Each step's time in JavaRosa, measured inside its own process, when it is warm."""
    walk = {"load": xform(rows), "times": [{"answer": value} for value in given]}
    taken: list[int] = []
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as rosa:
        for number in range(WARM + MEASURED):
            told = rosa.told(walk)
            assert "review" in told["last"][-1], "JavaRosa walks another way"
            if number >= WARM:
                taken += told["times"]
    return Times("javarosa", [ns / 1000 for ns in taken])


def loading(content: bytes, times: int) -> tuple[float, float]:
    """Milliseconds from the file to the first question, and of the first question once more."""
    first, again = [], []
    for _ in range(times):
        started = perf_counter_ns()
        form = xlsform.read(content, "bench.xlsx")
        walk.begin(form, NOW)
        first.append(perf_counter_ns() - started)
        started = perf_counter_ns()
        walk.begin(form, NOW)
        again.append(perf_counter_ns() - started)
    plan.cache_clear()
    return median(first) / 1e6, median(again) / 1e6


def measure(times: int) -> None:
    """Measures and prints."""
    made = rows()
    content = workbook(made)
    form = xlsform.read(content, "bench.xlsx")
    given = answers(form)
    found = [ours(form, given, stored=False), ours(form, given, stored=True), theirs(made, given)]
    print(f"\n(4) a step of a form of {QUESTIONS} questions with 100 expressions, the same {len(given)} answers")
    print(f"{'':14}{'median µs':>10}{'p99 µs':>10}{'ratio':>7}{'p99':>7}   as a multiple of JavaRosa's")
    for one in found:
        ratio, slow = one.median / found[-1].median, one.slow / found[-1].slow
        print(f"{one.name:14}{one.median:10.0f}{one.slow:10.0f}{ratio:7.2f}{slow:7.2f}")
    first, again = loading(content, times)
    print(f"from the .xlsx to the first question {first:.0f} ms; that form once more {again:.2f} ms")
