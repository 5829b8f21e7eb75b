"""What of a form is counted, and how ballots become columns."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from handlers.forms import xlsform
from handlers.forms.form import from_plain, to_plain
from handlers.surveys.rules.tallying import Box, sheet
from tests.handlers.forms.reading import problems, read
from tests.handlers.surveys.counted import form, question, round_of, scale

SAMPLES = Path(__file__).parents[3] / "bot" / "samples"


def test_the_sample_questionnaire_has_eleven_dimensions_on_five_points() -> None:
    found = sheet(xlsform.read((SAMPLES / "performance-management.xlsx").read_bytes(), "sample.xlsx"))
    assert [one.path[-1] for one in found.dimensions] == list("abcdefghijk")
    assert sum(len(one.items) for one in found.dimensions) == 34
    scales = {one.name: one.scale for one in found.questions if one.kind == "choices"}
    assert {len(found) for found in scales.values() if found} == {5}
    assert scales["tenure"] is scales["age"] is scales["level"] is None
    assert {one.name for one in found.questions if one.kind == "words"} == {"m1_other", "o1", "o2"}
    assert found.left_out == {}


def test_an_item_is_reverse_keyed_by_a_column() -> None:
    rows = (
        "| survey | | | | |\n| | type | name | label | huiyin_reverse |\n| | select_one s | a | A | |\n"
        "| | select_one s | b | B | yes |\n| | select_one s | c | C | no |\n| choices | | | |\n"
        "| | list_name | name | label |\n| | s | 1 | one |\n| | s | 2 | two |\n| | s | 3 | three |\n"
    )
    read_form = read(rows)
    assert [one.reversed for one in read_form.questions()] == [False, True, False]
    assert [one.reversed for one in from_plain(to_plain(read_form)).questions()] == [False, True, False]


def test_only_an_item_of_a_scale_can_be_reverse_keyed() -> None:
    rows = "| survey | | | | |\n| | type | name | label | huiyin_reverse |\n| | text | a | A | yes |\n"
    assert [text for text in problems(rows) if "1, 2, 3" in str(text)]


def test_batches_may_come_from_threads_at_once() -> None:
    asked = form(scale("/data/d", 2), question("/data/w", "text"))
    box = Box(asked, round_of((3, 2)))
    batches = [
        [
            json.dumps({"a": {"/data/d/q0": str(at % 5 + 1), "/data/w": " x "}, "b": [batch % 3, at % 2]}).encode()
            for at in range(50)
        ]
        for batch in range(12)
    ]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(box.add, batches))
    tally = box.shut()
    assert len(tally.cells) == 600
    assert tally.columns["/data/d/q0"].dtype.itemsize == 2
    assert sorted(tally.columns["/data/d/q0"].tolist()) == sorted([*range(5)] * 120)
    assert (tally.columns["/data/d/q1"] == -1).all()
    assert tally.words["/data/w"] == ["x"] * 600
    assert [tally.names[cell] for cell in sorted(set(tally.cells.tolist()))] == [
        (unit, kind) for unit in range(3) for kind in range(2)
    ]
    assert len(box.shut().cells) == 0, "it is empty now"


def test_a_process_that_does_not_count_goes_without_scipy() -> None:
    """It takes 25 MB and more; everything that serves is imported here."""
    code = "import sys, bot.app; from handlers import doors; doors.find(); sys.exit('scipy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
