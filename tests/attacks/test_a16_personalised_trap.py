"""A16, the personalised trap.

The attacker is the HR office. If the words that one person reads differ from those of the others, be it by a sign that
nobody sees, whatever that person quotes or copies tells who it was; and if the questionnaire itself notes the time, a
number of its own or a picture, each ballot bears a mark. They try merge fields, signs without ink, metadata, clocks and
chance, uploads.

What must hold: all of it is refused, with the place named; and what goes out is the same for everybody, to the byte,
with no link that is anybody's own.
"""

import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.form import Choice, Form, Group, Question
from handlers.refusals import BadInput
from handlers.surveys.rules import fitness
from storage.database import Database
from tests.attacks.world import World, furnished, label, questions
from tests.handlers.surveys.paper import WORDS

SIGNS = ("\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e", "\ufe0f", "\u3164", "\u2009", "\x07", "\ue000", "\U000e0041")


async def refused(world: World, **plan: object) -> str:
    """Why it is refused when it is planned."""
    with pytest.raises(BadInput) as no:
        await world.drafted(**plan)
    return "\n".join(WORDS.word(text, "en") for text in no.value.problems)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_words_that_differ_or_have_marks(database: Database) -> None:
    world = await furnished(database)
    assert "the same for everybody" in await refused(world, letter="{name}同志：请填写。")
    for sign in SIGNS:
        assert f"U+{ord(sign):04X}" in await refused(world, letter=f"各位{sign}同志：")
        assert "not seen" in await refused(world, name=f"作风{sign}问卷")


def trapped(**facts: object) -> Form:
    """The questionnaire, and one more question or group in it."""
    form = questions()
    more = Question(**{"path": "/data/trap", "name": "trap", "type": "text", "label": label("再问一句"), **facts})  # type: ignore[arg-type]
    return replace(form, items=(*form.items, Group("/data/more", "more", label("其他"), items=(more,))))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"type": "start"}, "would note the time"),
        ({"type": "end"}, "would note the time"),
        ({"type": "today"}, "would note the time"),
        ({"type": "image"}, "picture or file"),
        ({"type": "file"}, "picture or file"),
        ({"type": "calculate", "calculation": "now()"}, "now()"),
        ({"type": "calculate", "calculation": "once( uuid() )"}, "uuid()"),
        ({"type": "hidden", "default": "random()", "dynamic": True}, "random()"),
        ({"type": "date", "default": "today()", "dynamic": True}, "today()"),
        ({"relevant": "format-date(today(), '%d') = '05'"}, "today()"),
        ({"choice_filter": "random() > 0.5"}, "random()"),
        ({"label": label("再问\u200b一句")}, "U+200B"),
        ({"hint": label("请\ufeff写")}, "U+FEFF"),
        ({"type": "select_one", "choices": (Choice("a", label("好\u2060")),)}, "U+2060"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_questionnaires_that_mark_a_ballot(database: Database, facts: dict[str, object], why: str) -> None:
    world = await furnished(database)
    await world.ask(trapped(**facts))
    told = await refused(world)
    assert why in told
    assert "“trap”" in told


def test_what_keeps_nothing_and_what_only_sounds_like_it_is_let_through() -> None:
    for facts in (
        {"type": "date", "constraint": ". <= today()"},
        {"type": "calculate", "calculation": "if(${years} > 3, 'know()', 'n')"},
        {"type": "text", "relevant": "${trust} = '5'"},
    ):
        assert fitness.problems(trapped(**facts)) == []


@given(st.text(st.characters(categories=["Lo", "Ll", "Lu", "Nd", "Po", "Sm"], max_codepoint=0x9FFF), max_size=40))
def test_words_that_can_be_seen_have_no_marks(words: str) -> None:
    inked = "".join(sign for sign in words if sign not in "\u115f\u1160\u2800\u3164")
    assert fitness.marks(inked) == ""


@given(st.text(max_size=20), st.characters(categories=["Cf", "Cc", "Co", "Cn"], exclude_characters="\n\t"))
def test_a_sign_without_ink_is_always_found(words: str, sign: str) -> None:
    assert unicodedata.category(sign).startswith("C")
    assert f"U+{ord(sign):04X}" in fitness.marks(f"{words}{sign}{words}")


async def test_everybody_reads_the_same_to_the_byte(database: Database) -> None:
    """A letter of the office's own, people in four units, some of whom read Traditional Chinese."""
    world = await furnished(database)
    await world.anonymous(letter="各位同志：请抽空填写。")
    async with database.transaction() as store:
        letters = await store.outbox.claim("telegram", 100, world.now, world.now)
    assert len(letters) == len(world.people)
    bodies = {json.dumps(letter.body, ensure_ascii=False, sort_keys=True) for letter in letters}
    assert len(bodies) == 1
    (body,) = bodies
    assert not [one for one in world.people if one.number in body or one.name in body]
    assert "#" not in body
    assert "key=" not in body
