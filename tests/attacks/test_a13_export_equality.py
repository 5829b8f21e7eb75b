"""A13: two exports that differ.

The attacker may see results: as HR, as one who was asked, as a program with a token, at the command line, at HR's desk.
He fetches them in every way and in every format, before and after each answer, again and again, and lays them side by
side: wherever two differ, the difference is somebody. What must hold: before the count everybody is refused in the
same words, whatever has come in; after it, everything that can be fetched is the stored tables, number by number, in
every role, in both formats, and the hundredth time as the first.
"""

import argparse
import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.commands import rounds
from handlers.refusals import Refusal
from handlers.surveys import chat_results
from handlers.surveys.rules.secrecy import Terms
from handlers.talk import Tap, Turn
from storage.database import Database
from storage.records import Account, Attribute, Released, Remark
from tests.attacks.serving import SCOPES, Said, Served, serving
from tests.handlers.surveys.urn import FIRST, OFFICER, SECOND, STAFF, Urn, urn_on


class Reader:
    """Everything the attacker can fetch."""

    def __init__(self, urn: Urn, here: Served, directory: Path) -> None:
        self.urn, self.here, self.directory = urn, here, directory
        self.ways: dict[str, Mapping[str, str]] = {}
        self.link = "unknown"

    async def prepare(self) -> None:
        """Two tokens of programs, one that may do much less, a browser at the desk, one that is nobody's."""
        self.ways["a program"] = await self.here.token("one", SCOPES)
        self.ways["another program"] = await self.here.token("two", frozenset({"answers:read"}))
        self.ways["a program that may not"] = await self.here.token("three", frozenset({"rounds:read"}))
        self.ways["the desk"] = await self.here.officer(self.urn.person[OFFICER])
        self.ways["nobody"] = {}

    async def fetched(self) -> dict[str, Said]:
        """Every way to results, by who asks and where."""
        id = self.urn.round.id
        places = [f"/api/v1/rounds/{id}/results", f"/api/v1/rounds/{id}/answers", f"/desk/rounds/{id}"]
        places += [f"/desk/rounds/{id}/answers.csv", f"/results/{id}/{self.link}"]
        return {f"{who} {place}": await self.here.get(place, way) for who, way in self.ways.items() for place in places}

    async def written(self) -> dict[str, bytes]:
        """What the command line writes, or the words with which it refuses."""
        out = self.directory / "out.csv"
        try:
            await rounds.round_answers(argparse.Namespace(id=self.urn.round.id, out=out), self.here.chosen)
        except Refusal as no:
            return {"refused": no.text.message.encode()}
        return {file.name: file.read_bytes() for file in sorted(self.directory.glob("out*.csv"))}

    async def told(self, number: str) -> str:
        """What one of the people is told in the chat."""
        async with self.here.database.reading() as store:
            who = await store.people.person(self.urn.person[number])
            assert who
            account = Account(1, "webchat", "x", who.id)
            turn = Turn(Tap(f"rs:{self.urn.round.id}"), account, who, "en", self.urn.organ.now, site="http://site")
            try:
                return str(await chat_results.show_results(turn, store))
            except Refusal as no:
                return no.text.message


@pytest.fixture
async def reader(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    urn = await urn_on(database, secrecy=Terms(breakdowns=(Attribute.UNIT,)))
    async with serving(database, database_url, lambda: urn.organ.now, tmp_path, monkeypatch) as here:
        found = Reader(urn, here, tmp_path)
        await found.prepare()
        yield found


async def test_before_the_count_there_is_one_refusal_whatever_has_come_in(reader: Reader) -> None:
    fetched, written = await reader.fetched(), await reader.written()
    told = await reader.told(STAFF[3])
    assert {said.status for place, said in fetched.items() if "/api/" in place} == {401, 403}
    for number in STAFF[:12]:
        assert await reader.urn.vote(number, words="没有意见")
        assert await reader.fetched() == fetched
    assert await reader.written() == written
    assert list(written) == ["refused"]
    assert await reader.told(number) == await reader.told(STAFF[3]) == told == written["refused"].decode()
    await reader.urn.close()
    closed = await reader.fetched()
    assert {place: said for place, said in closed.items() if "/api/" in place} == {
        place: said for place, said in fetched.items() if "/api/" in place
    }
    await reader.urn.unlock(FIRST)
    assert await reader.fetched() == closed


async def test_after_the_count_all_is_what_is_stored_in_every_role_and_format(reader: Reader) -> None:
    for at, number in enumerate(STAFF):
        assert await reader.urn.vote(number, words=f"意见{at}", fair=str(1 + at % 5), open=str(1 + at // 5))
    await reader.urn.close()
    await reader.urn.unlock(FIRST)
    count = await reader.urn.unlock(SECOND)
    assert count
    reader.link = count.link
    async with reader.here.database.reading() as store:
        tables = await store.counts.released(reader.urn.round.id)
        remarks = await store.counts.remarks(reader.urn.round.id)
    assert any(one.figures for one in tables)
    assert len(remarks) == len(STAFF)

    fetched, written = await reader.fetched(), await reader.written()
    again, rewritten = await reader.fetched(), await reader.written()
    assert (again, rewritten) == (fetched, written)
    id = reader.urn.round.id
    assert from_json(fetched[f"a program /api/v1/rounds/{id}/results"]) == stored(tables, remarks)
    assert fetched[f"another program /api/v1/rounds/{id}/results"] == fetched[f"a program /api/v1/rounds/{id}/results"]
    for said in (f"a program that may not /api/v1/rounds/{id}/results", f"nobody /api/v1/rounds/{id}/results"):
        assert fetched[said].status in (401, 403)
    desk = fetched[f"the desk /desk/rounds/{id}/answers.csv"]
    assert from_csv(desk.body) == from_csv(written["out.csv"]) == leaves(tables)
    assert comments(written["out.comments.csv"]) == [one.words for one in remarks]
    pages = [said for place, said in fetched.items() if f"/results/{id}/" in place]
    assert len(set(pages)) == 1
    assert shown(pages[0].text) == shown(fetched[f"the desk /desk/rounds/{id}"].text)
    assert len({await reader.told(number) for number in (STAFF[0], STAFF[9], OFFICER, FIRST)}) == 1


def stored(tables: list[Released], remarks: list[Remark]) -> Any:
    """What lies in the tables, as plain values."""
    by_question: dict[str, list[str]] = {}
    for one in remarks:
        by_question.setdefault(one.about, []).append(one.words)
    return [(one.about, one.group, one.figures) for one in tables], by_question


def from_json(said: Said) -> Any:
    """The same out of REST."""
    plain = json.loads(said.body)
    tables = [(one["about"], one["group"], one["figures"]) for one in plain["tables"]]
    return tables, {one["about"]: one["comments"] for one in plain["comments"]}


def leaves(tables: list[Released]) -> list[tuple[str, str, str, str, str]]:
    """Every stored figure by itself."""
    found = []
    for one in tables:
        if one.figures is None:
            found.append((one.about, one.group, "hidden", "", ""))
        else:
            found += [(one.about, one.group, *leaf) for leaf in _leaves(one.figures)]
    return found


def _leaves(figures: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for name, value in figures.items():
        flat = [("", value)]
        while any(isinstance(inner, dict | list) for _, inner in flat):
            flat = [deeper for path, inner in flat for deeper in _one_deeper(path, inner)]
        found += [(name, path, _plain(inner)) for path, inner in flat]
    return found


def _one_deeper(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(str(at), inner) for at, inner in enumerate(value, 1)]
    else:
        return [(path, value)]
    return [(f"{path}/{name}" if path else name, inner) for name, inner in pairs]


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def from_csv(content: bytes) -> list[tuple[str, str, str, str, str]]:
    """The same out of a table, without the words."""
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [
        (line["about"], line["group"], line["measure"], line["choice"], line["value"].removeprefix("'"))
        for line in lines
    ]


def comments(content: bytes) -> list[str]:
    """The comments out of their own table."""
    return [line["comment"] for line in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def shown(html: str) -> list[str]:
    """The tables of a page, and the comments."""
    return re.findall(r"<table>.*?</table>|<li dir=\"auto\">.*?</li>", html, re.S)
