"""A24: what stands beside the answers.

The attacker reads no answer; he reads everything around it that the HR backend gives out of anonymous rounds: names of
fields, times, numbers. A field with a time to the second, or a number that goes up with each ballot, would be enough to
line ballots up with people. What must hold: each record of an anonymous round has the fields that are written down
here and no others; results have no time at all; and no number anywhere, nor any counter of the database, has moved
when ballots came in.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from handlers import doors
from handlers.surveys.rules.secrecy import Terms
from storage.database import Database
from storage.records import Attribute, Round
from tests.attacks.serving import SCOPES, Served, serving
from tests.handlers.surveys.urn import FIRST, SECOND, STAFF, urn_on

FIELDS: Mapping[str, set[str]] = {
    "Results": {"round", "title", "threshold", "withheld", "tables", "comments"},
    "ResultTable": {"about", "question", "group", "of", "choices", "figures"},
    "Remarks": {"about", "question", "comments"},
    "Assurance": {
        *("round", "title", "stage", "threshold", "tabulators", "in_chat", "breakdowns", "pairs", "approved_by"),
        *("digest", "fixed", "intact", "opened", "untagged", "unlocked_by", "ended", "erased", "events", "report"),
    },
    "BreakdownTold": {"attribute", "bands"},
    "BandTold": {"values", "invited"},
    "Event": {"what", "at", "by"},
    "Secrecy": {"threshold", "tabulators", "in_chat", "breakdowns", "pairs", "digest", "box"},
    "Breakdown": {"attribute", "bands"},
    "Band": {"values", "invited"},
}
"""All that is ever told of an anonymous round besides what every round has."""
EVENTS = {
    *("first_half", "urn_sealed", "tag_key_destroyed", "tag_key_recovered", "keys_restored", "unlocked", "released"),
    *("withheld", "box_key_destroyed", "ballots_erased", "discarded"),
}
"""Steps of a whole round. None of them is a ballot's."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT|\d\d:\d\d")


@pytest.mark.parametrize("name", FIELDS)
def test_records_of_anonymous_rounds_have_no_other_fields(name: str) -> None:
    kinds = [kind for office in doors.offices().values() for kind in (office.order, office.answer)]
    _, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    assert set(components[name]["properties"]) == FIELDS[name]


def test_nothing_of_a_ballot_is_in_a_round() -> None:
    """Beside its secrecy an anonymous round has what a named one has."""
    assert not [one.name for one in dataclasses.fields(Round) if re.search("ballot|answered|count|voted", one.name)]


async def test_results_have_no_time_and_the_report_only_those_of_the_round(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = await urn_on(database)
    for number in STAFF:
        await urn.vote(number, fair=str(1 + int(number) % 5))
    await urn.close()
    await urn.unlock(FIRST)
    await urn.unlock(SECOND)
    async with serving(database, database_url, lambda: urn.organ.now, tmp_path, monkeypatch) as here:
        token = await here.token("all", SCOPES)
        results = await here.get(f"/api/v1/rounds/{urn.round.id}/results", token)
        report = msgspec.json.decode((await here.get(f"/api/v1/rounds/{urn.round.id}/assurance", token)).body)
    assert results.status == 200
    assert not MOMENT.search(results.text)
    assert {event["what"] for event in report["events"]} <= EVENTS
    assert len(report["events"]) == len({event["what"] for event in report["events"]})
    assert not MOMENT.search(str(report["report"]))
    assert report["intact"]


async def test_no_number_grows_with_ballots(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = await urn_on(database, secrecy=Terms(breakdowns=(Attribute.UNIT,)))
    async with serving(database, database_url, lambda: urn.organ.now, tmp_path, monkeypatch) as here:
        token = await here.token("all", SCOPES)
        places = [f"/api/v1/rounds/{urn.round.id}{end}" for end in ("", "/progress", "/assurance", "/results")]
        places += ["/api/v1/rounds", "/api/v1/people", "/api/v1/dead-letters"]
        before = [numbers((await here.get(place, token)).text) for place in places]
        first = (await urn.organ.planned(name="一")).id
        counters = await _counters(database)
        for number in STAFF:
            await _answers(here, urn.round, urn.person[number])
        assert await _counters(database) == counters
        assert (await urn.organ.planned(name="二")).id == first + 1
        after = [numbers((await here.get(place, token)).text) for place in places if place != "/api/v1/rounds"]
    assert after == [one for place, one in zip(places, before, strict=True) if place != "/api/v1/rounds"]
    assert len(await urn.ballots()) == len(STAFF)


async def _answers(here: Served, round: Round, person_id: int) -> None:
    await (await here.voter(round, person_id)).vote(fair="2", words="好")


def numbers(told: str) -> list[str]:
    """Every number in an answer."""
    return re.findall(r"\d+", told)


async def _counters(database: Database) -> Any:
    """What the database itself counts: the last number of every sequence."""
    async with database.reading() as store:
        if store._connection.dialect.name == "sqlite":
            rows = await store._connection.execute(text("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
        else:
            rows = await store._connection.execute(
                text("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2")
            )
        return [tuple(row) for row in rows]
