"""Tabulators' keys: enrolling, wrong passphrases, resting, recovery; and unlocking up to the count."""

import asyncio
from datetime import timedelta

import pytest

from bot import ceremony
from bot.ceremony import Ceremony
from handlers.refusals import BadInput, NotAllowed, NotFound, Refusal, TooLate
from handlers.surveys import office_staff
from storage import vault
from storage.database import Database
from tests.handlers.surveys.urn import FIRST, SECOND, WORDS, enrol, invite, organ_with_tabulators, weak


@pytest.fixture(autouse=True)
def _weak(monkeypatch: pytest.MonkeyPatch) -> None:
    weak(monkeypatch)


async def test_enrolling_ends_with_a_test_of_the_key(database: Database) -> None:
    organ = await organ_with_tabulators(database)
    here = Ceremony(database, lambda: organ.now)
    added = await invite(organ, FIRST)
    assert (await here.whose(added.secret)).number == FIRST
    with pytest.raises(BadInput):
        await here.enrol(added.secret, "short", "short")
    _, recovery = await here.enrol(added.secret, WORDS[FIRST], WORDS[FIRST])
    [line] = await organ.order(office_staff.list_tabulators, office_staff.ListTabulators())
    assert line.enrolled
    assert line.tested is None
    assert not line.fresh
    with pytest.raises(BadInput):
        await here.finish(FIRST, recovery, "AAAA", WORDS[FIRST])
    await here.finish(FIRST, recovery, f" {recovery[-4:].lower()} ", WORDS[FIRST])
    [line] = await organ.order(office_staff.list_tabulators, office_staff.ListTabulators())
    assert line.tested == organ.now.date()
    assert line.fresh
    with pytest.raises(NotFound):
        await here.whose(added.secret)


async def test_a_link_is_good_for_seven_days_and_a_new_one_voids_it(database: Database) -> None:
    organ = await organ_with_tabulators(database)
    here = Ceremony(database, lambda: organ.now)
    first = await invite(organ, FIRST)
    second = await invite(organ, FIRST)
    with pytest.raises(NotFound):
        await here.whose(first.secret)
    organ.now += timedelta(days=7)
    with pytest.raises(TooLate):
        await here.whose(second.secret)
    with pytest.raises(NotFound):
        await here.whose("")


async def test_whoever_has_a_key_is_not_given_another(database: Database) -> None:
    organ = await organ_with_tabulators(database, FIRST)
    with pytest.raises(NotAllowed):
        await invite(organ, FIRST)


@pytest.mark.parametrize("number", [FIRST, SECOND, "999", ""])
async def test_one_answer_to_everything_that_is_wrong(database: Database, number: str) -> None:
    """A wrong passphrase of a tabulator, one who is none, and a number nobody has."""
    organ = await organ_with_tabulators(database, FIRST)
    with pytest.raises(NotAllowed) as no:
        await Ceremony(database, lambda: organ.now).test(number, "not the right words")
    assert no.value.text.message.startswith("The staff number or the passphrase is not right.")


async def test_after_five_failures_a_key_rests_even_across_restarts(database: Database) -> None:
    organ = await organ_with_tabulators(database, FIRST)
    for _ in range(5):
        with pytest.raises(NotAllowed):
            await Ceremony(database, lambda: organ.now).test(FIRST, "wrong wrong wrong")
    with pytest.raises(NotAllowed):
        await Ceremony(database, lambda: organ.now).test(FIRST, WORDS[FIRST])
    organ.now += timedelta(minutes=15)
    await Ceremony(database, lambda: organ.now).test(FIRST, WORDS[FIRST])


async def test_four_failures_and_a_right_one_begin_anew(database: Database) -> None:
    organ = await organ_with_tabulators(database, FIRST)
    here = Ceremony(database, lambda: organ.now)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotAllowed):
                await here.test(FIRST, "wrong wrong wrong")
        await here.test(FIRST, WORDS[FIRST])


async def test_many_at_once_get_no_sixth_try(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    organ = await organ_with_tabulators(database, FIRST)
    here = Ceremony(database, lambda: organ.now)
    tried = []
    monkeypatch.setattr(vault, "unlock", lambda key, words: tried.append(key.public))
    answers = await asyncio.gather(*(here.test(FIRST, "wrong") for _ in range(8)), return_exceptions=True)
    assert all(isinstance(one, NotAllowed) for one in answers)
    assert len([one for one in tried if one]) == 5
    assert len(tried) == 8


async def test_only_so_many_wait(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    organ = await organ_with_tabulators(database, FIRST)
    monkeypatch.setattr(ceremony, "WAITING", 2)
    here = Ceremony(database, lambda: organ.now)
    answers = await asyncio.gather(*(here.test("999", "wrong") for _ in range(3)), return_exceptions=True)
    assert len([one for one in answers if one is ceremony.BUSY]) == 1


async def test_a_forgotten_passphrase(database: Database) -> None:
    organ = await organ_with_tabulators(database)
    recovery = await enrol(organ, FIRST)
    here = Ceremony(database, lambda: organ.now)
    fresh = "other words this time"
    with pytest.raises(NotAllowed):
        await here.renew(FIRST, "AAAA-BBBB", fresh, fresh)
    with pytest.raises(NotAllowed):
        await here.renew("999", recovery, fresh, fresh)
    await here.renew(FIRST, recovery.lower().replace("-", " "), fresh, fresh)
    await here.test(FIRST, fresh)
    with pytest.raises(NotAllowed):
        await here.test(FIRST, WORDS[FIRST])


@pytest.mark.parametrize(
    "words",
    [
        "",
        "elevenchars",
        "password1234",
        "1234567890123",
        "qwertyuiopasdf",
        "aaaaaaaaaaaaaa",
        "huiyinhuiyin2026",
        "x" * 201,
    ],
)
async def test_passphrases_that_are_refused(database: Database, words: str) -> None:
    organ = await organ_with_tabulators(database)
    added = await invite(organ, FIRST)
    with pytest.raises(BadInput):
        await Ceremony(database, lambda: organ.now).enrol(added.secret, words, words)


@pytest.mark.parametrize("words", ["twelve chars", "四五个不相干的词语放在一起", "no rules here at all, none! " * 4])
async def test_passphrases_that_are_taken(database: Database, words: str) -> None:
    organ = await organ_with_tabulators(database)
    added = await invite(organ, FIRST)
    here = Ceremony(database, lambda: organ.now)
    await here.enrol(added.secret, words, words)
    await here.test(FIRST, words)
    with pytest.raises(Refusal):
        await here.test(FIRST, words + "x")


async def test_the_two_must_be_alike(database: Database) -> None:
    organ = await organ_with_tabulators(database)
    added = await invite(organ, FIRST)
    with pytest.raises(BadInput):
        await Ceremony(database, lambda: organ.now).enrol(added.secret, WORDS[FIRST], WORDS[SECOND])


async def test_who_leaves_opens_nothing(database: Database) -> None:
    organ = await organ_with_tabulators(database, FIRST, SECOND)
    async with database.transaction() as store:
        await store.people.mark_left([FIRST])
    with pytest.raises(NotAllowed):
        await Ceremony(database, lambda: organ.now).test(FIRST, WORDS[FIRST])
    with pytest.raises(NotAllowed):
        await invite(organ, FIRST)
