"""A4. Can rows be joined by what wrote them?

Databases keep for each row which transaction wrote it (PostgreSQL: `xmin`), and an attacker with the whole database
lines rows up by it, by row numbers, or by comparing the database just before and just after somebody answered. What
must hold: while a round is open, handing in changes nothing in any table that names a person or an account, and no
ballot shares a transaction with anything else; after the close, what can be read was written by a transaction that
concerns everybody who was asked alike, and nobody in particular but the two who opened the box.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from storage.database import Database
from tests.attacks.files import Loot, Rows
from tests.attacks.lives import WORDS, Life
from tests.attacks.world import furnished

SECRET = ("ballots", "drafts", "urns")
PERSON = ("person_id", "account_id", "address", "number")
"""Columns that lead to somebody."""


def known(rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
    """Everything but ballots."""
    return {name: list(found) for name, found in rows.items() if name not in SECRET}


async def test_handing_in_changes_nothing_that_names_anybody(database: Database, database_url: str) -> None:
    world = await furnished(database, (6, 6))
    life, loot = Life(world, await world.anonymous()), Loot(database_url)
    for person in world.people[:4]:
        before = await loot.rows()
        await life.answer(person, {"/data/trust": "2", WORDS: "想说的话"})
        after = await loot.rows()
        assert len(after["ballots"]) == len(before["ballots"]) + 1
        assert known(after) == known(before)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_no_ballot_shares_a_transaction(database: Database, database_url: str) -> None:
    world = await furnished(database, (6, 6))
    life, loot = Life(world, await world.anonymous()), Loot(database_url)
    for person in world.people:
        await life.answer(person, {"/data/trust": "2", WORDS: "想说的话"})
    rows = await loot.rows()
    wrote = {name: {row["xmin"] for row in found} for name, found in rows.items()}
    ballots = wrote.pop("ballots")
    assert len(ballots) == len(world.people)
    assert not [name for name, transactions in wrote.items() if transactions & ballots]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_results_were_written_together_with_nobody(database: Database, database_url: str) -> None:
    world = await furnished(database, (6, 6))
    life, loot = Life(world, await world.anonymous()), Loot(database_url)
    for person in world.people[:11]:  # the last one does not answer
        await life.answer(person, {"/data/trust": "2", WORDS: f"{person.id} 号的话"})
    await life.close()
    await life.count()
    rows = await loot.rows()
    assert len(rows["remarks"]) == 11
    [wrote] = {row["xmin"] for name in ("remarks", "released") for row in rows[name]}
    touched = {
        (name, column, row[column])
        for name, found in rows.items()
        for row in found
        if row["xmin"] == wrote
        for column in PERSON
        if row.get(column) is not None
    }
    answered = {one.id for one in world.people[:11]}
    named = {value for _, column, value in touched if column == "person_id"} - set(world.tabulators)
    assert not named & answered or named >= {one.id for one in world.people} - set(world.tabulators), touched


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_no_row_number_leads_from_a_person_to_a_comment(database: Database, database_url: str) -> None:
    world = await furnished(database, (6, 6))
    life, loot = Life(world, await world.anonymous()), Loot(database_url)
    for person in world.people:
        await life.answer(person, {"/data/trust": "2", WORDS: f"{person.id} 号的话"})
    await life.close()
    await life.count()
    rows = await loot.rows()
    assert len(rows["remarks"]) == len(world.people)
    assert not rows["ballots"]
    assert not rows["drafts"]
    # What is left in the file of ballots is an empty shell: no page of it holds a tag or a ballot any more.
    assert len(loot.files[1].read_bytes()) <= 4 * 4096
    for row in rows["remarks"]:
        assert set(row) == {"round_id", "about", "key", "words"}
        assert len(row["key"]) >= 16
