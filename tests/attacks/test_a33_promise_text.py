"""A33, the promise that is not kept.

No attacker here, but the temptation of every system: to promise more than is done. The text before the first question
is held against how the round is really kept: one person opening the box or two, the threshold, tapping in the chat or
the page alone, our own chat, a platform of somebody else, the employer's archive; in each language.

What must hold: each sentence is there where it is true and nowhere else; what is not protected is always said; and a
named round is never called anonymous, in no language, but says in its first line that it is named.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from bot.words import Words
from handlers.refusals import BadInput
from handlers.surveys import wording
from handlers.surveys.rules import honesty
from handlers.surveys.rules.secrecy import Terms
from handlers.talk import LANGUAGES, Part
from handlers.terms import ATTRIBUTES
from storage.database import Database
from storage.records import Attribute, Round, RoundState, Secrecy
from tests.attacks.world import START, ZONE, furnished, questions

ROUND = Round(7, "作风建设问卷", 1, RoundState.OPEN, anonymous=True, opens=START, closes=START)
WORDS = Words(ZONE)
CHANNELS = ("", "telegram", "webchat", honesty.PAGE)
SAID = {
    "two": {"zh_CN": "两个部门的人共同开箱", "zh_TW": "兩個部門的人共同開箱", "en": "two people from different units"},
    "one": {"zh_CN": "一名开箱人单独开箱", "zh_TW": "一名開箱人單獨開箱", "en": "one person opens the box alone"},
    "archive": {"zh_CN": "会话存档", "zh_TW": "對話存檔", "en": "archives chats"},
    "tapped": {"zh_CN": "点选的内容", "zh_TW": "點選的內容", "en": "What you tap"},
    "server": {"zh_CN": "一瞬间能看到答案", "zh_TW": "一瞬間能看到答案", "en": "at the moment it arrives"},
    "anonymous": {"zh_CN": "匿名", "zh_TW": "匿名", "en": "anonym"},
    "named": {"zh_CN": "实名", "zh_TW": "具名", "en": "named"},
}
"""Words by which a sentence is known."""


def says(parts: Sequence[Part], what: str, language: str) -> bool:
    return SAID[what][language].lower() in read(parts, language).lower()


def read(parts: Sequence[Part], language: str) -> str:
    return "\n".join(WORDS.word(part, language) for part in parts)


@pytest.mark.parametrize(("channel", "language"), list(product(CHANNELS, LANGUAGES)))
@pytest.mark.parametrize("in_chat", [False, True])
@pytest.mark.parametrize("tabulators", [1, 2])
def test_the_promise_is_what_is_done(tabulators: int, in_chat: bool, channel: str, language: str) -> None:
    secrecy = Secrecy(threshold=12, tabulators=tabulators, in_chat=in_chat)
    told = honesty.promise(replace(ROUND, secrecy=secrecy), channel)
    assert says(told, "two", language) == (tabulators == 2)
    assert says(told, "one", language) == (tabulators == 1)
    assert "12" in read(told, language)
    assert says(told, "server", language)
    foreign = channel in ("", "telegram")
    assert says(told, "archive", language) == foreign
    assert ("Telegram" in read(told, language)) == (channel == "telegram")
    tapping = "what you tap" if language == "en" else SAID["tapped"][language]
    assert (tapping in read(told, language).lower()) == (foreign and in_chat)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_protected_is_all_said(language: str) -> None:
    """Root on the live server, the platform, the archive, two colluding tabulators, style."""
    told = [WORDS.word(one, language) for one in honesty.UNPROTECTED]
    marks = {
        "zh_CN": ("服务器", "聊天平台", "会话存档", "开箱人", "文风"),
        "zh_TW": ("伺服器", "聊天平台", "對話存檔", "開箱人", "文風"),
        "en": ("controls the server", "platform", "archive", "open the box", "way you write"),
    }
    assert len(told) == 5
    assert all(mark in one for mark, one in zip(marks[language], told, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    """A promise in a language the reader does not know promises nothing."""
    if language == "en":
        return
    for secrecy in (Secrecy(in_chat=a, tabulators=b) for a in (False, True) for b in (1, 2)):
        for channel in CHANNELS:
            parts = (*honesty.promise(replace(ROUND, secrecy=secrecy), channel), *honesty.UNPROTECTED, honesty.HIDDEN)
            assert not [one for one in parts if WORDS.word(one, language) == WORDS.word(one, "en")]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_invitation_as_it_goes_out(database: Database, language: str) -> None:
    world = await furnished(database)
    terms = Terms(threshold=11, in_chat=True, breakdowns=(Attribute.UNIT, Attribute.POST_CLASS))
    round = await world.anonymous(units=("1", "2"), secrecy=terms, letter="各位同志：")
    async with database.reading() as store:
        told = await wording.invitation_of(round, store)
    first, letter, *rest = told.parts
    assert says([first], "anonymous", language)
    assert WORDS.word(letter, language) == "各位同志："
    text = read(rest, language)
    attributes = [WORDS.word(ATTRIBUTES[one], language) for one in terms.breakdowns]
    for fact in ("20", "第1科", "第2科", "11", *attributes):
        assert fact in text
    assert str(round.closes.year if round.closes else "") in text
    assert not says(told.parts, "named", language)
    assert [button.data for row in told.buttons for button in row] == [f"bl:{round.id}", f"bo:{round.id}"]


async def test_a_page_only_round_offers_no_tapping(database: Database) -> None:
    world = await furnished(database)
    round = await world.anonymous()
    async with database.reading() as store:
        told = await wording.invitation_of(round, store)
    assert [button.data for row in told.buttons for button in row] == [f"bl:{round.id}"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_named_round_says_so_and_never_anonymous(database: Database, language: str) -> None:
    world = await furnished(database)
    named = await world.drafted(anonymous=False, draft=True, letter="各位同志：")
    async with database.reading() as store:
        told = await wording.invitation_of(named, store)
    assert says(told.parts[:1], "named", language)
    assert not says(told.parts, "anonymous", language)


async def test_a_named_round_cannot_be_worded_as_anonymous(database: Database) -> None:
    world = await furnished(database)
    for words in ({"name": "匿名问卷"}, {"letter": "放心，这是匿名的。"}, {"letter": "It is Anonymous."}):
        with pytest.raises(BadInput) as no:
            await world.drafted(anonymous=False, **words)
        assert "never called anonymous" in no.value.problems[0].message
    form = questions()
    await world.ask(replace(form, title=replace(form.title, words={"zh_CN": "匿名调查"})))
    with pytest.raises(BadInput) as no:
        await world.drafted(anonymous=False)
    assert "speaks of anonymity" in no.value.problems[0].message
