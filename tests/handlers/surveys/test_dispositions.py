"""Whatever happens in whatever order: only allowed transitions, and the counts add up to the roll."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.form import Form, Group, Question
from handlers.refusals import Refusal
from handlers.surveys import clock_roll, office, office_roll
from handlers.surveys.closing import settle
from handlers.surveys.fanning import next_batch
from handlers.surveys.rolls import OneRound
from storage.database import Database
from storage.records import FOLLOWING, Disposition, RosterLine, Round, before
from tests.handlers.surveys.paper import label
from tests.handlers.surveys.player import LATER, Organ, organ_on
from tests.storage.organ import line

OVER = (Disposition.HANDED_IN, Disposition.DECLINED, Disposition.EXCUSED, Disposition.PARTLY, Disposition.UNANSWERED)
STAFF = ("001", "002", "003")


def reachable(start: Disposition) -> set[Disposition]:
    found: set[Disposition] = set()
    new = {start}
    while new:
        found |= new
        new = set().union(*(FOLLOWING[one] for one in new)) - found
    return found


def test_the_table_leads_everywhere_and_to_an_end() -> None:
    assert reachable(Disposition.PLANNED) == set(Disposition)
    assert not FOLLOWING[Disposition.HANDED_IN]
    for one, later in FOLLOWING.items():
        assert one not in later
        # Whoever is not through yet can be settled when the round closes.
        assert one in OVER or Disposition.UNANSWERED in later
    assert Disposition.PARTLY not in set().union(
        *(later for one, later in FOLLOWING.items() if one is not Disposition.STARTED)
    )


@given(st.sampled_from(Disposition), st.sampled_from(Disposition))
def test_before_is_following_read_backwards(one: Disposition, other: Disposition) -> None:
    assert (one in before(other)) == (other in FOLLOWING[one])


@pytest.mark.parametrize("old", Disposition)
@pytest.mark.parametrize("known", [True, False])
async def test_the_shelf_writes_nothing_else(database: Database, old: Disposition, known: bool) -> None:
    organ = await organ_on(database)
    round = await organ.opened()
    person = await organ.person("001")
    for new in Disposition:
        await put(organ, round, person.id, old)
        async with database.transaction() as store:
            if known:
                await store.surveys.invitation(round.id, person.id)
            await store.surveys.set_disposition(round.id, person.id, new)
        now = (await standing(organ, round))[person.id]
        assert now == (new if new in FOLLOWING[old] else old)


async def put(organ: Organ, round: Round, person_id: int, disposition: Disposition) -> None:
    """Puts a line where no transition would bring it, as a test may."""
    async with organ.database.transaction() as store:
        await store._connection.exec_driver_sql(
            f"UPDATE invitations SET disposition = '{disposition.value}' "
            f"WHERE round_id = {round.id} AND person_id = {person_id}"
        )


async def standing(organ: Organ, round: Round) -> Mapping[int, Disposition]:
    async with organ.database.reading() as store:
        return {one.person_id: one.disposition for one in await store.surveys.roll(round.id)}


async def watch(organ: Organ) -> None:
    """From now on SQLite itself refuses every step that is not in the table."""
    steps = ", ".join(f"'{one} {new}'" for one, later in FOLLOWING.items() for new in later)
    async with organ.database.transaction() as store:
        if store._connection.dialect.name == "sqlite":
            await store._connection.exec_driver_sql(
                "CREATE TRIGGER watched BEFORE UPDATE OF disposition ON invitations "
                f"WHEN (old.disposition || ' ' || new.disposition) NOT IN ({steps}) "
                "BEGIN SELECT RAISE(ABORT, 'a step that is not allowed'); END"
            )


async def test_the_watch_is_awake(database: Database) -> None:
    organ = await organ_on(database)
    round = await organ.opened()
    await watch(organ)
    person = await organ.person("001")
    async with organ.database.reading() as store:
        sqlite = store._connection.dialect.name == "sqlite"
    if sqlite:
        with pytest.raises(Exception, match="not allowed"):
            await put(organ, round, person.id, Disposition.PARTLY)


class Life:
    """A round and three people, to whom anything may happen."""

    def __init__(self, organ: Organ, round: Round, chance: random.Random) -> None:
        self.organ = organ
        self.round = round
        self.chance = chance
        self.on_roster = set(STAFF)

    async def happen(self) -> str:
        number = self.chance.choice(STAFF)
        events = (
            *(self.bind, self.begin, self.begin, self.answer, self.answer, self.hand_in, self.change),
            *(self.decline, self.excuse, self.readmit, self.paper, self.leave, self.return_),
            *(self.deliver, self.lose, self.tick, self.pause, self.join),
        )
        event = self.chance.choice(events)
        try:
            await event(number)
        except Refusal:
            return f"{event.__name__} {number}: refused"
        return f"{event.__name__} {number}"

    async def bind(self, number: str) -> None:
        await self.organ.player(number, f"{number}-{self.chance.randrange(2)}")

    async def _tap(self, number: str, *verbs: str) -> None:
        player = await self.organ.player(number)
        for verb in verbs:
            await player.tap(f"{verb}:{self.round.id}")

    async def begin(self, number: str) -> None:
        await self._tap(number, "ao")

    async def answer(self, number: str) -> None:
        player = await self.organ.player(number)
        await player.tap(f"ao:{self.round.id}")
        if any(words.endswith("很好") for words, _ in player.buttons()):
            await player.press("很好")

    async def hand_in(self, number: str) -> None:
        player = await self.organ.player(number)
        await player.tap(f"ao:{self.round.id}")
        for words in ("很好", "Skip", "Done", "Skip", "Skip", "Hand in"):
            if any(label.endswith(words) for label, _ in player.buttons()):
                await player.press(words)

    async def change(self, number: str) -> None:
        await self._tap(number, "ac")

    async def decline(self, number: str) -> None:
        await self._tap(number, "dn", "dy")

    async def excuse(self, number: str) -> None:
        await self.organ.order(office_roll.excuse_people, office_roll.Excuse(self.round.id, (number,), "在外学习"))

    async def readmit(self, number: str) -> None:
        await self.organ.order(office_roll.readmit_people, office_roll.Readmit(self.round.id, (number,)))

    async def paper(self, number: str) -> None:
        form = office_roll.EnterPaper(self.round.id, number, {"done": "4"}, self.chance.random() < 0.5)
        await self.organ.order(office_roll.enter_paper, form)

    async def leave(self, number: str) -> None:
        self.on_roster.discard(number)
        async with self.organ.database.transaction() as store:
            await store.people.mark_left([number])

    async def return_(self, number: str) -> None:
        self.on_roster.add(number)
        back: RosterLine = line(number, "2")
        async with self.organ.database.transaction() as store:
            await store.people.put_people([back])

    async def deliver(self, number: str) -> None:
        person = await self.organ.person(number)
        async with self.organ.database.transaction() as store:
            await store.surveys.set_disposition(self.round.id, person.id, Disposition.DELIVERED)

    async def lose(self, number: str) -> None:
        person = await self.organ.person(number)
        async with self.organ.database.transaction() as store:
            for account in (await store.people.accounts_of([person.id])).get(person.id, ()):
                await store.people.mark_gone(account.channel, account.address)
            await store.surveys.set_disposition(self.round.id, person.id, Disposition.UNREACHABLE)

    async def tick(self, number: str) -> None:
        async with self.organ.database.transaction() as store:
            await clock_roll.follow_roster(self.organ.now, store)
        async with self.organ.database.transaction() as store:
            for broadcast in await store.broadcasts.under_way():
                await next_batch(broadcast, self.organ.now, store)

    async def pause(self, number: str) -> None:
        await self.organ.order(office.pause_round, OneRound(self.round.id))
        try:
            await self.excuse(number)
        finally:
            await self.organ.order(office.resume_round, OneRound(self.round.id))

    async def join(self, number: str) -> None:
        await self.organ.order(office_roll.add_people, office_roll.Join(self.round.id, joiners=True))


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_the_roll_stays_right(database: Database, seed: int) -> None:
    organ, chance = await organ_on(database), random.Random(seed)
    await organ.player("001")
    round = await organ.opened(voluntary=True, closes=organ.now + LATER)
    await watch(organ)
    life, log = Life(organ, round, chance), []
    before_it = await standing(organ, round)
    for _ in range(40):
        log.append(await life.happen())
        after = await standing(organ, round)
        # One event may be several steps, so there is a way along the table; each single one SQLite has watched.
        strange = {id: (before_it[id], now) for id, now in after.items() if now not in reachable(before_it[id])}
        assert not strange, log[-3:]
        assert before_it.keys() == after.keys()
        progress = await organ.order(office.round_progress, OneRound(round.id))
        assert isinstance(progress, office.Progress)
        assert sum(progress.dispositions.values()) == progress.invited == 3
        before_it = after
    await closed(organ, round, life)


async def closed(organ: Organ, round: Round, life: Life) -> None:
    """Closes it: everybody has come to an end, and each to the right one."""
    before_it = await standing(organ, round)
    sheets = {number: await organ.sheet(round, number) for number in STAFF}
    await organ.order(office.close_round, OneRound(round.id))
    after = await standing(organ, round)
    for number in STAFF:
        id, sheet = (await organ.person(number)).id, sheets[number]
        answers = bool(sheet and sheet.state["walk"]["answers"])
        if before_it[id] in (Disposition.HANDED_IN, Disposition.DECLINED, Disposition.EXCUSED):
            expected = before_it[id]
            if before_it[id] is Disposition.DECLINED and number not in life.on_roster:
                expected = Disposition.EXCUSED
        elif number not in life.on_roster:
            expected = Disposition.EXCUSED
        else:
            begun = before_it[id] is Disposition.STARTED
            expected = Disposition.PARTLY if begun and answers else Disposition.UNANSWERED
        assert after[id] is expected, (number, before_it[id])
    assert set(after.values()) <= set(OVER)
    async with organ.database.transaction() as store:
        await settle(round, store)
    assert await standing(organ, round) == after


def noting() -> Form:
    """A form that notes something by itself before anything is answered, also in an entry of a repeat."""
    today = Question("/data/to_day", "to_day", "today", label(""))
    inner = Question("/data/kid/born", "born", "today", label(""))
    kid = Group(
        "/data/kid", "kid", label("孩子"), items=(inner, Question("/data/kid/name", "name", "text", label("名")))
    )
    kids = replace(kid, repeat=True, count="1")
    # Like the first one's path but for the sign that stands for any other in a pattern.
    near = Question("/data/to-day", "to-day", "text", label("今天"))
    return Form("noting", label("记"), "1", (), "", (today, kids, near))


@pytest.mark.parametrize(("answered", "last"), [(False, Disposition.UNANSWERED), (True, Disposition.PARTLY)])
async def test_what_the_form_notes_by_itself_is_no_answer(
    database: Database, answered: bool, last: Disposition
) -> None:
    organ = await organ_on(database, noting)
    player = await organ.player("001")
    round = await organ.opened()
    await player.tap(f"ao:{round.id}")
    await player.press("Skip")
    if answered:
        await player.type("很好")
    sheet = await organ.sheet(round, "001")
    assert sheet is not None
    assert {"/data/to_day", "/data/kid[1]/born"} <= sheet.state["walk"]["answers"].keys()
    await organ.order(office.close_round, OneRound(round.id))
    assert (await standing(organ, round))[sheet.person_id] is last
