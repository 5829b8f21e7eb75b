"""Whatever is tapped and typed, in whatever order, on two accounts: the sheet stays right."""

import random

import pytest

from handlers.forms.walk import answers
from handlers.surveys.rules import sheets
from storage.database import Database
from storage.records import Round, Sheet
from tests.handlers.surveys.paper import form
from tests.handlers.surveys.player import LATER, Organ, Player, organ_on

WORDS = ("很好", "12", "-1", "1,2", "忙", "2026-01-15", "", "🙂" * 50, "/x")
ONWARD = ("a:", "as:", "ad:", "ah:")


async def given(organ: Organ, round: Round) -> tuple[Sheet, dict[str, object]]:
    """The sheet, and the answers that count."""
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    return sheet, answers(form(), sheets.counted(sheet))


def is_present(data: str, sheet: Sheet) -> bool:
    """Is this a button of what stands there now?"""
    return data.split(":")[2:3] == [str(sheets.walk_of(sheet)["seq"])] and not sheets.is_final(sheet)


async def act(player: Player, chance: random.Random) -> tuple[str, bool]:
    """Something or other; the button tapped, if one was."""
    shown = [(id, b.data) for id, message in player.shown.items() for row in message.buttons for b in row]
    latest = [(player.last, data) for _, data in player.buttons()]
    match chance.randrange(10):
        case 0:
            await player.command(chance.choice(["my", "cancel"]))
        case 1:
            await player.send("photo")
        case 2 | 3:
            await player.type(chance.choice(WORDS))
            return "", True
        case 4 | 5 if shown:
            id, data = chance.choice(shown)
            await player.tap(data, id)
            return data, False
        case _ if latest:
            id, data = chance.choices(latest, [6 if data.startswith(ONWARD) else 1 for _, data in latest])[0]
            await player.tap(data, id)
            return data, False
    return "", False


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_only_present_buttons_and_words_change_answers(database: Database, seed: int) -> None:
    organ, chance = await organ_on(database), random.Random(seed)
    round = await organ.opened()
    players = [await organ.player("001"), await organ.player("001", "77", "telegram")]
    for player in players:
        await player.tap(f"ao:{round.id}")
    handed_in = 0
    for _ in range(150):
        before, counted = await given(organ, round)
        organ.now += LATER
        data, typed = await act(chance.choice(players), chance)
        after, counted_after = await given(organ, round)
        if (data and not is_present(data, before)) or (not data and not typed):
            assert counted_after == counted
            assert after.handed_in == before.handed_in
        if before.handed_in and counted_after != counted:
            assert data.startswith("ah:")
        if after.handed_in != before.handed_in:
            assert data.startswith("ah:")
            assert after.handed_in == organ.now
            assert {"/data/work/done"} <= counted_after.keys()
            handed_in += 1
        assert after.receipt == before.receipt or not before.receipt
    assert handed_in
