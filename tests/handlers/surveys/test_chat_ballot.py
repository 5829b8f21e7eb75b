"""An anonymous round in a chat: what is tapped there, what is not, and what late or foreign buttons do."""

from datetime import timedelta

import pytest

from handlers.forms.form import Form, Question
from handlers.surveys import desk
from handlers.surveys.rules.secrecy import Terms
from handlers.talk import Tap, Turn
from storage import vault
from storage.database import Database
from storage.records import Round
from tests.attacks.world import LIKERT, World, furnished, label
from tests.handlers.surveys.player import Player

TAPPED = Terms(in_chat=True)


@pytest.fixture(autouse=True)
def weak_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """No passphrase is guessed here: the tabulators' are stretched as little as can be."""
    monkeypatch.setattr(vault, "_EFFORT", 1)
    monkeypatch.setattr(vault, "_MEMORY", 8192)


@pytest.fixture
async def world(database: Database) -> World:
    return await furnished(database)


def player(world: World, number: int = 4) -> Player:
    return Player(world, "telegram", world.people[number].number, "en")


def question(name: str, kind: str, words: str) -> Question:
    choices = LIKERT if kind == "select_one" else ()
    return Question(f"/data/{name}", name, kind, label(words), choices=choices)


async def begun(world: World) -> tuple[Round, Player]:
    """A round that may be tapped, and somebody at its first question."""
    round = await world.anonymous(secrecy=TAPPED)
    one = player(world)
    await one.hear_tap(f"bo:{round.id}")
    return round, one


async def test_a_late_tap_shows_the_present_question_and_changes_nothing(world: World) -> None:
    _, one = await begun(world)
    first = one.buttons()[0][1]
    await one.press("一般")
    now = one.text()
    await one.tap(first)
    assert one.toast == "This has changed since. Here is the present question."
    assert one.text() == now


@pytest.mark.parametrize(
    "data", ["b:1", "b:1:x", "bo", "bo:999", "b:999:1:1", "bl:999", "bv:1:1:99", "bg:1:1:1", "br:1:1:0"]
)
async def test_buttons_that_are_none_of_ours_change_nothing(world: World, data: str) -> None:
    round, one = await begun(world)
    await one.hear_tap(data)
    await one.hear_tap(f"bo:{round.id}")
    assert "Question 1 of 7" in one.text()


async def test_back_and_a_changed_answer(world: World) -> None:
    _, one = await begun(world)
    await one.press("一般")
    await one.press("Back")
    assert tuple(words for words, _ in one.buttons() if words.startswith("✓")) == ("✓ 一般",)
    await one.press("很同意")
    assert "Question 2 of 7" in one.text()


async def test_where_the_office_does_not_let_it_the_way_to_the_page_is_shown(world: World) -> None:
    round = await world.anonymous()
    one = player(world)
    await one.hear_tap(f"bo:{round.id}")
    assert f"/ballot/{round.id}#" in one.text()
    await one.hear_tap(f"b:{round.id}:1:0")
    assert "Question" not in one.text()


async def test_where_words_repeat_answers_the_way_to_the_page_is_shown(world: World) -> None:
    items = (question("name", "text", "主题"), question("fair", "select_one", "${name}是否公道"))
    await world.ask(Form("piped", label("问卷"), "1", ("zh_CN",), "zh_CN", items))
    round = await world.anonymous(secrecy=TAPPED)
    one = player(world)
    await one.hear_tap(f"bo:{round.id}")
    assert f"/ballot/{round.id}#" in one.text()


async def test_after_it_has_closed_nothing_is_taken(world: World) -> None:
    _, one = await begun(world)
    world.now += timedelta(days=15)
    await one.press("一般")
    assert "has closed" in one.text()


async def test_a_lost_key_is_said_and_nothing_is_taken(world: World) -> None:
    round, one = await begun(world)
    (world.database.vault.directory / f"round-{round.id}.tag").unlink()
    await one.press("一般")
    assert "the key to it is missing" in one.text()


async def test_no_named_way_leads_there_and_what_an_officer_has_tried_is_gone_at_the_opening(world: World) -> None:
    round = await world.drafted(secrecy=TAPPED)
    who = world.people[4]
    async with world.database.transaction() as store:
        account, person = (await store.people.recognise([("telegram", who.number)]))["telegram", who.number]
        turn = Turn(Tap(f"rt:{round.id}"), account, person, "en", world.now)
        assert "A preview" in str(await desk.try_out(turn, store, round))
    one = player(world)
    await one.hear_tap(f"a:{round.id}:1:2")
    assert "领导听得进意见" in one.text()
    await world.sent(await world.approved(round))
    assert await world.sheet(round, who.number) is None
    for verb in ("ao", "ac", "al"):
        await one.hear_tap(f"{verb}:{round.id}")
        assert "is anonymous: it is not answered under your name" in one.text()
    assert await world.sheet(round, who.number) is None
