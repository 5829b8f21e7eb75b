"""Our engine asks, refuses, offers and hands in exactly as JavaRosa does: random forms, random walks.

A walk that goes apart is shrunk and printed as a sample: keep it in `tests/samples/rosa`, whose walks are played first.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.rosa.form import Rows
from tests.rosa.java import running
from tests.rosa.making import random_form
from tests.rosa.sides import Ours, Theirs
from tests.rosa.walking import Apart, StepIn, Walker, play, replay, smaller

FORMS, WALKS = 340, 6
"""Of `make test`: 2,040 walks."""
MANY_FORMS = 8400
"""Of `make test-long`: 50,400 walks."""
SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "rosa").glob("*.json"))
NO_JAVA = "JavaRosa is not compared: there is no Java development kit here (javac)"


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ours, Theirs]]:
    if not shutil.which("javac"):
        if os.environ.get("HUIYIN_TESTS_SKIP_NOTHING") == "yes":
            pytest.fail(NO_JAVA)
        pytest.skip(NO_JAVA)
    with running(tmp_path_factory.mktemp("rosa")) as rosa:
        yield Ours(), Theirs(rosa)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_walk_that_once_went_apart(sides: tuple[Ours, Theirs], sample: Path) -> None:
    kept = json.loads(sample.read_text())
    apart = replay(*sides, kept["form"], kept["steps"])
    assert apart is None, str(apart)


@pytest.mark.timeout(300)
def test_random_walks_are_equal(sides: tuple[Ours, Theirs]) -> None:
    _compare(sides, range(FORMS))


@pytest.mark.long
@pytest.mark.timeout(6000)
def test_many_more_random_walks_are_equal(sides: tuple[Ours, Theirs]) -> None:
    first = int(time.time()) * 10_000
    _compare(sides, range(first, first + MANY_FORMS))


def _compare(sides: tuple[Ours, Theirs], seeds: range) -> None:
    """Plays random walks through the random form of every seed; fails with the first that goes apart, shrunk."""
    for seed in seeds:
        rows = random_form(seed)
        for walk in range(WALKS):
            apart = play(*sides, rows, Walker(Random(f"{seed}/{walk}"), rows).next)
            if apart:
                pytest.fail(f"seed {seed}, walk {walk}\n{smaller(apart, lambda *less: _apart(sides, *less))}")


def _apart(sides: tuple[Ours, Theirs], rows: Rows, steps: list[StepIn]) -> Apart | None:
    """Does it still go apart? A form that has lost what it needs cannot be asked: no."""
    try:
        return replay(*sides, rows, steps)
    except Exception:
        return None
