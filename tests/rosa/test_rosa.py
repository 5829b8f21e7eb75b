"""Our engine asks, refuses, offers and hands in exactly as JavaRosa does: random forms, random walks.

A walk that goes apart is shrunk and printed as a sample: keep it in `tests/samples/rosa`, whose walks are played first.
Where JavaRosa is not to be followed and `form.py` cannot make it, the sample says why (`artefact`): it must go apart,
and the random forms do not write such.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tests.rosa.form import Rows
from tests.rosa.java import running
from tests.rosa.making import random_form
from tests.rosa.sides import StepIn, Theirs, Walk, ours
from tests.rosa.walking import Apart, Walker, compared, smaller

FORMS, WALKS = 340, 6
"""Of `make test`: 2,040 walks."""
MANY_FORMS = 8400
"""Of `make test-long`: 50,400 walks."""
SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "rosa").glob("*.json"))
NO_JAVA = "JavaRosa is not compared: there is no Java development kit here (javac)"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theirs]:
    if not shutil.which("javac"):
        if os.environ.get("HUIYIN_TESTS_SKIP_NOTHING") == "yes":
            pytest.fail(NO_JAVA)
        pytest.skip(NO_JAVA)
    with running(tmp_path_factory.mktemp("rosa")) as rosa:
        yield Theirs(rosa)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_walk_that_once_went_apart(theirs: Theirs, sample: Path) -> None:
    kept = json.loads(sample.read_text())
    apart = _replayed(theirs, kept["form"], kept["steps"])
    assert bool(apart) == ("artefact" in kept), str(apart)


@pytest.mark.timeout(300)
def test_random_walks_are_equal(theirs: Theirs) -> None:
    _compare(theirs, range(FORMS))


@pytest.mark.long
@pytest.mark.timeout(6000)
def test_many_more_random_walks_are_equal(theirs: Theirs) -> None:
    first = int(time.time()) * 10_000
    _compare(theirs, range(first, first + MANY_FORMS))


def _compare(theirs: Theirs, seeds: range) -> None:
    """Plays random walks through the random form of every seed; fails with the first that goes apart, shrunk.
    While Java plays one form's walks, Python plays the next one's."""
    with ThreadPoolExecutor(1) as java:
        waiting: list[tuple[int, Rows, list[Walk], Future[list[Walk]]]] = []
        for seed in seeds:
            rows = random_form(seed)
            walks = [ours(rows, Walker(Random(f"{seed}/{number}"), rows).next) for number in range(WALKS)]
            playing = java.submit(lambda rows=rows, walks=walks: [theirs.play(rows, walk.steps) for walk in walks])
            waiting.append((seed, rows, walks, playing))
            if len(waiting) > 2:
                _equal(theirs, *waiting.pop(0))
        for one in waiting:
            _equal(theirs, *one)


def _equal(theirs: Theirs, seed: int, rows: Rows, walks: list[Walk], playing: "Future[list[Walk]]") -> None:
    for one, other in zip(walks, playing.result(), strict=True):
        if apart := compared(rows, one, other):
            pytest.fail(f"seed {seed}\n{smaller(apart, lambda *less: _still(theirs, *less))}")


def _replayed(theirs: Theirs, rows: Rows, steps: list[StepIn]) -> Apart | None:
    given = iter(steps)
    walk = ours(rows, lambda _: next(given, None))
    return compared(rows, walk, theirs.play(rows, walk.steps))


def _still(theirs: Theirs, rows: Rows, steps: list[StepIn]) -> Apart | None:
    """Does it still go apart? A form that has lost what it needs cannot be asked: no."""
    try:
        return _replayed(theirs, rows, steps)
    except Exception:
        return None
