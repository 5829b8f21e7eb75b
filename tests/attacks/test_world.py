"""The organ that is attacked works: an anonymous round opens in it."""

from handlers.surveys.rules.secrecy import Terms
from storage.database import Database
from storage.records import Attribute, CountStage, Disposition
from tests.attacks.world import furnished


async def test_an_anonymous_round_opens(database: Database) -> None:
    world = await furnished(database)
    round = await world.anonymous(secrecy=Terms(breakdowns=(Attribute.UNIT, Attribute.POST_CLASS)))
    assert len(round.secrecy.box) == len(round.secrecy.digest) == 64
    units, classes = round.secrecy.breakdowns
    assert [band.invited for band in units.bands] == [10, 10, 10, 10]
    assert [band.invited for band in classes.bands] == [20, 20]
    async with database.transaction() as store:
        assert {line.disposition for line in await store.surveys.roll(round.id)} == {Disposition.INVITED}
        count = await store.counts.count(round.id)
        assert count
        assert count.stage is CountStage.SEALED
        assert await store.surveys.round(round.id) == round
    assert world.database.vault.is_ready(round.id)
