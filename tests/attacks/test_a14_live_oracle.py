"""A14: watching the server while somebody answers.

The attacker has every address that can be asked: the whole REST interface with a token that may read everything, HR's
desk, the pages, `/metrics`, `/healthz`, `/readyz`. He asks all of them again and again, while one colleague opens her
link, fills in, hands in, and changes her mind: any number, tag, header, size or status that moves tells him that it was
she. Then he measures how long answers take, of a round nobody has answered beside one that many have. What must hold:
nothing moves by a byte, and the times do not tell the rounds apart.
"""

import random
import re
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from handlers.surveys.rules.secrecy import Terms
from storage.database import Database
from storage.records import Attribute
from tests.attacks.serving import SCOPES, Said, Served, serving
from tests.handlers.surveys.urn import OFFICER, STAFF, Urn, opened, urn_on

HEARD = re.compile(r"^huiyin_(heard|sent|batch|commit)")
"""What `/metrics` counts of a chat: something was heard or said, by whomever and about whatever."""
SURE = 0.001
"""As likely at most are such times if there is no difference."""


class Watcher:
    """Everything that can be asked of the server without changing anything."""

    def __init__(self, urn: Urn, here: Served) -> None:
        self.urn, self.here = urn, here
        self.places: list[tuple[str, Mapping[str, str]]] = []

    async def prepare(self) -> None:
        """Finds the addresses: all GETs of the OpenAPI document, and the pages."""
        token = await self.here.token("all", SCOPES)
        desk = await self.here.officer(self.urn.person[OFFICER])
        document = await self.here.client.get("/api/v1/openapi.json")
        for path, operations in (await document.json())["paths"].items():
            if "get" in operations:
                self.places.append((f"/api/v1{self._filled(path)}", token))
        id = self.urn.round.id
        pages = ["/", "/anonymity", "/chat", f"/ballot/{id}", f"/form/{id}", f"/results/{id}/unknown", "/keys"]
        self.places += [(page, {}) for page in (*pages, "/metrics", "/healthz", "/readyz")]
        self.places += [(page, desk) for page in ("/desk", *(f"/desk/rounds/{id}{end}" for end in self._ends()))]

    @staticmethod
    def _ends() -> Sequence[str]:
        return "", "/answers.csv", "/report"

    def _filled(self, path: str) -> str:
        known = {"round_id": str(self.urn.round.id), "year": "2026"}
        return re.sub(r"\{(\w+)\}", lambda name: known.get(name.group(1), "1"), path)

    async def seen(self) -> dict[str, Said]:
        """All of it, once."""
        return {place: _still(await self.here.get(place, headers)) for place, headers in self.places}


def _still(said: Said) -> Said:
    """Without what is drawn anew for every visit, whatever goes on: cookies and form tokens."""
    headers = tuple((name, "" if name == "Set-Cookie" else value) for name, value in said.headers)
    return Said(said.status, headers, re.sub(rb'name="(csrf|id)" value="[^"]*"|[0-9a-f]{64}', b"", said.body))


@pytest.fixture
async def watcher(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    urn = await urn_on(database, secrecy=Terms(breakdowns=(Attribute.UNIT,)))
    async with serving(database, database_url, lambda: urn.organ.now, tmp_path, monkeypatch) as here:
        found = Watcher(urn, here)
        await found.prepare()
        yield found


async def test_nothing_moves_while_somebody_answers(watcher: Watcher) -> None:
    before = await watcher.seen()
    assert len(before) > 30
    assert sum(said.status == 200 for said in before.values()) > 12
    voter = await watcher.here.voter(watcher.urn.round, watcher.urn.person[STAFF[4]])
    assert await voter.press() == 200
    for go in ("begin", "next", "hand-in", "change", "hand-in"):
        if go == "next":
            voter.paper.enter("fair", "4")
        assert await voter.press(go) == 200
        assert differing(before, await watcher.seen()) == []
    assert len(await watcher.urn.ballots()) == 1


async def test_nothing_moves_while_everybody_answers_until_the_round_is_over(watcher: Watcher) -> None:
    before = await watcher.seen()
    for number in STAFF:
        voter = await watcher.here.voter(watcher.urn.round, watcher.urn.person[number])
        await voter.vote(fair="3", words="会议太多")
    assert differing(before, await watcher.seen()) == []
    assert len(await watcher.urn.ballots()) == len(STAFF)


async def test_the_watcher_would_see_it(watcher: Watcher) -> None:
    """A negative control: a change that everybody may see is seen."""
    before = await watcher.seen()
    await watcher.urn.organ.planned(name="另一轮")
    assert any("/api/v1/rounds" in place for place in differing(before, await watcher.seen()))


def differing(before: Mapping[str, Said], after: Mapping[str, Said]) -> list[str]:
    """Where the two are not the same."""
    return [place for place in before if before[place] != after[place]]


async def test_times_do_not_tell_an_answered_round_from_one_that_is_not(watcher: Watcher) -> None:
    """Both rounds are asked about in turn, in an order made by chance, so that a busy machine hits both alike. What is
    found three times in a row, each as unlikely as one in a thousand, is a difference."""
    silent = await opened(watcher.urn.organ, name="另一轮匿名问卷", secrecy=Terms(breakdowns=(Attribute.UNIT,)))
    for number in STAFF:
        assert await watcher.urn.vote(number, words="字" * 500)
    token, desk = watcher.places[0][1], watcher.places[-1][1]
    for place, headers in (
        ("/api/v1/rounds/{}/results", token),
        ("/api/v1/rounds/{}/progress", token),
        ("/desk/rounds/{}", desk),
    ):
        for _ in range(3):
            pairs = await _pairs(watcher.here, [place.format(one.round.id) for one in (watcher.urn, silent)], headers)
            if chance_of(pairs) > SURE:
                break
        else:
            pytest.fail(f"{place} takes another time where there are ballots")


async def _pairs(here: Served, places: Sequence[str], headers: Mapping[str, str]) -> list[float]:
    """How much longer the first takes than the second, in seconds, many times."""
    chance = random.Random(1)
    found = []
    for _ in range(50):
        took: dict[str, float] = {}
        for place in chance.sample(places, 2):
            begun = time.perf_counter()
            await here.get(place, headers)
            took[place] = time.perf_counter() - begun
        found.append(took[places[0]] - took[places[1]])
    return found


def chance_of(differences: Sequence[float], trials: int = 2000) -> float:
    """How likely such differences are if each might as well have had the other sign: a permutation test of their
    ranks' sum (Wilcoxon's), which a few slow answers do not sway."""
    chance = random.Random(2)
    ordered = sorted(differences, key=abs)
    seen = abs(sum(rank if one > 0 else -rank for rank, one in enumerate(ordered, 1)))
    ranks = range(1, len(ordered) + 1)
    as_far = sum(abs(sum(rank * chance.choice((-1, 1)) for rank in ranks)) >= seen for _ in range(trials))
    return as_far / trials


def test_the_test_of_times_finds_a_difference_and_invents_none() -> None:
    chance = random.Random(3)
    noise = [chance.gauss(0, 1) for _ in range(80)]
    assert statistics.fmean(chance_of([chance.gauss(0, 1) for _ in range(80)], 500) <= SURE for _ in range(40)) < 0.1
    assert chance_of([one + 0.8 for one in noise]) <= SURE


async def test_metrics_have_no_name_for_anything_anonymous(watcher: Watcher) -> None:
    """What is counted has a channel, a lane or a reason as its label, and nothing that grows with ballots."""
    voter = await watcher.here.voter(watcher.urn.round, watcher.urn.person[STAFF[5]])
    await voter.vote(fair="2")
    lines = [line for line in (await watcher.here.get("/metrics")).text.splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
        assert set(labels) <= {"channel", "lane", "reason", "what", "le"}, line
        assert not re.search(r"ballot|anonym|round|tag", line), line
        assert not line.startswith("huiyin_") or HEARD.match(line) or line.split("{")[0].split(" ")[0] in KNOWN, line


KNOWN = {
    *("huiyin_failed_total", "huiyin_failed_created", "huiyin_buried_total", "huiyin_buried_created"),
    *("huiyin_unsent_total", "huiyin_unsent_created", "huiyin_leads"),
}
