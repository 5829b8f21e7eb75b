"""Whole lives of anonymous rounds, through the same functions the page and the tabulators' page use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.ceremony import Ceremony
from handlers.forms.walk import begin, fill
from handlers.surveys import booth, clock_count, office, tickets
from handlers.surveys.rolls import OneRound
from storage.records import Count, Person, Round
from tests.attacks.world import DRAWN_UP_BY, PASSPHRASES, World

WORDS = "/data/words"


@dataclass
class Life:
    """One round in the organ."""

    world: World
    round: Round

    async def answer(self, person: Person, answers: Mapping[str, Any]) -> None:
        """Somebody opens the link and hands in, by a draft on the way."""
        now = self.world.now
        async with self.world.database.reading() as store:
            line = await store.surveys.invitation(self.round.id, person.id)
            assert line
            link = await tickets.issue(self.round, person, line, now, store)
            round, form, ticket = await tickets.redeem(self.round.id, link, now, store)
            walk = fill(form, begin(form, now, link[:8]).state, answers, now).state
            await booth.keep(round, form, ticket, walk, now, store)
            await booth.cast(round, form, ticket, walk, now, store)

    async def close(self) -> None:
        """HR closes; the clock destroys what made the tags."""
        async with self.world.database.transaction() as store:
            await office.close_round(OneRound(self.round.id), self.world.clerk(DRAWN_UP_BY), store)
        await self.world.tick(clock_count.finish_count)

    async def count(self) -> Count:
        """Both tabulators unlock; the results are out, and everything else is destroyed."""
        ceremony = Ceremony(self.world.database, lambda: self.world.now)
        numbers = {one.id: one.number for one in self.world.people}
        counted = None
        for id, passphrase in zip(self.world.tabulators, PASSPHRASES, strict=True):
            _, counted = await ceremony.unlock(self.round.id, numbers[id], passphrase)
        assert counted
        assert counted.erased
        return counted


async def lived(world: World, answers: Sequence[tuple[Person, Mapping[str, Any]]], **plan: object) -> Life:
    """A round from its draft to its results: these people answer, in this order."""
    life = Life(world, await world.anonymous(**plan))
    for person, given in answers:
        world.now += timedelta(minutes=1)
        await life.answer(person, given)
    await life.close()
    await life.count()
    return life
