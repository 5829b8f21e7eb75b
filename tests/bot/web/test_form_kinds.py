"""Laws that every kind of question keeps on a page: what is entered is stored, stands there again, and what does not
fit is told beside the field and above."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.controls import control, read, steps, written
from handlers.forms.form import Choice, Form, Group, Question
from handlers.forms.kind import Misfit, Value, kinds
from handlers.forms.moves import Ask
from handlers.talk import Label
from storage.database import Database
from storage.records import Picture
from tests.fakes.forms import Visitor, Ward, ward
from tests.handlers.surveys.paper import HELP, LIKERT, label


@dataclass(frozen=True)
class Example:
    """A question, what is entered and what is stored; what does not fit (none: nothing can be entered wrongly)."""

    question: Question
    entered: str | list[str]
    stored: Value
    wrong: str | list[str] | None = None

    @property
    def name(self) -> str:
        return f"{self.question.type} {self.question.appearance}".strip()


def ask(type: str, **more: Any) -> Question:
    return Question("/data/q", "q", type, label("问题", "The question"), **more)


RANKED = ask("rank", choices=LIKERT[:3])
EXAMPLES = [
    Example(ask("text"), " 一 句 话 ", "一 句 话"),
    Example(ask("text", appearance="multiline"), "一\n二", "一\n二"),
    Example(ask("text", constraint="string-length(.) < 3"), "一二", "一二", "一二三四"),
    Example(ask("integer"), "12", 12, "1.5"),
    Example(ask("integer"), "１２", 12, "twelve"),
    Example(ask("integer"), "1,200", 1200),
    Example(ask("decimal"), "2.50", 2.5, "two"),
    Example(ask("decimal"), "−3", -3.0),
    Example(ask("range", parameters={"start": "0", "end": "10", "step": "1"}), "7", 7),
    Example(ask("range", parameters={"start": "0", "end": "100", "step": "5"}), "35", 35, "36"),
    Example(ask("select_one", choices=LIKERT), "4", "4"),
    Example(ask("select_one", choices=LIKERT, appearance="likert"), "4", "4"),
    Example(ask("select_one", choices=LIKERT, appearance="minimal"), "4", "4"),
    Example(ask("select_one", choices=tuple(Choice(f"c{n}", label(f"第{n}项")) for n in range(13))), "c12", "c12"),
    Example(ask("select_multiple", choices=HELP), ["talk", "course"], ["talk", "course"]),
    Example(RANKED, ["3", "1", "2"], ["3", "1", "2"], ["3", "1", "1"]),
    Example(RANKED, ["3", "1", "2"], ["3", "1", "2"], ["3", "", ""]),
    Example(ask("date"), "2026-03-31", "2026-03-31", "2026-02-30"),
    Example(ask("time"), "14:30", "14:30", "25:00"),
    Example(ask("dateTime"), "2026-03-31T14:30", "2026-03-31T14:30", "2026-03-31"),
    Example(ask("acknowledge"), ["OK"], "OK"),
]
FILES = {"image", "file"}


def form_of(*questions: Question) -> Form:
    """A form of these questions."""
    return Form("one", label("一题", "One question"), "1", ("zh_CN", "en"), "zh_CN", questions)


@asynccontextmanager
async def asked(question: Question, database: Database) -> AsyncIterator[tuple[Ward, Visitor]]:
    async with ward(database, form_of(question)) as here:
        visitor = await here.visitor()
        await visitor.press("Begin")
        yield here, visitor


def test_every_kind_that_is_asked_has_an_example() -> None:
    assert {example.question.type for example in EXAMPLES} | FILES == {
        name for name, kind in kinds().items() if kind.asked and not getattr(kind, "silent", False)
    }


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_what_is_entered_is_stored_and_stands_there_again(example: Example, database: Database) -> None:
    async with asked(example.question, database) as (here, visitor):
        await visitor.press("Look over your answers", q=example.entered)
        assert visitor.status == 200
        assert (await here.answers())["/data/q"] == example.stored
        await visitor.open(f"{visitor.place}?at=/data/q")
        again = visitor.paper.value("q")
        shown = written(example.stored)
        assert again == (shown if isinstance(again, list) else shown[0])
        await visitor.press("Look over your answers")
        assert (await here.answers())["/data/q"] == example.stored


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.wrong], ids=lambda example: example.name)
async def test_what_does_not_fit_stands_there_with_the_reason(example: Example, database: Database) -> None:
    async with asked(example.question, database) as (here, visitor):
        assert example.wrong
        await visitor.press("Look over your answers", q=example.wrong)
        assert visitor.status == 422
        assert visitor.paper.value("q") == example.wrong
        key = next(id for id in visitor.paper.ids if id.endswith("-error"))
        assert visitor.paper.said[key].strip() in visitor.paper.said["wrong"]
        assert visitor.paper.said[key].strip()
        assert "/data/q" not in await here.answers()
        await visitor.press("Look over your answers", q=example.entered)
        assert (await here.answers())["/data/q"] == example.stored


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_an_answer_can_be_taken_back_unless_it_is_required(example: Example, database: Database) -> None:
    async with asked(example.question, database) as (here, visitor):
        await visitor.press("Look over your answers", q=example.entered)
        await visitor.open(f"{visitor.place}?at=/data/q")
        empty: str | list[str] = [] if isinstance(example.entered, list) else ""
        await visitor.press("Look over your answers", q=empty)
        assert visitor.status == 200
        assert "/data/q" not in await here.answers()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_what_is_required_is_marked_in_words_and_asked_for(example: Example, database: Database) -> None:
    required = replace(example.question, required="true()")
    async with asked(required, database) as (here, visitor):
        assert "must be answered" in visitor.paper.text
        await visitor.press("Look over your answers")
        assert visitor.status == 422
        assert "This question needs an answer." in visitor.paper.said["wrong"]
        await visitor.press("Look over your answers", q=example.entered)
        assert (await here.answers())["/data/q"] == example.stored


PICTURE = (Path(__file__).parents[2] / "samples" / "every-kind-media" / "steps.png").read_bytes()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("type", sorted(FILES))
async def test_a_file_is_kept_until_another_takes_its_place(type: str, database: Database) -> None:
    async with asked(ask(type, required="true()"), database) as (here, visitor):
        await visitor.press("Look over your answers")
        assert "This question needs an answer." in visitor.paper.said["wrong"]
        await visitor.press("Look over your answers", files={"q": ("../../走访 1.png", PICTURE)})
        assert visitor.status == 200
        name = (await here.answers())["/data/q"]
        async with database.reading() as store:
            kept = await store.surveys.upload(here.round.id, name)
        assert kept
        assert kept.mime == "image/png"
        await visitor.open(f"{visitor.place}?at=/data/q")
        assert "A file is here already" in visitor.paper.text
        await visitor.press("Look over your answers", files={"q": ("", b"")})
        assert (await here.answers())["/data/q"] == name
        await visitor.open(f"{visitor.place}?at=/data/q")
        assert (await visitor.draft())[0] == 200
        assert (await here.answers())["/data/q"] == name
        await visitor.press("Hand in" if "review" in visitor.address else "Look over your answers")
        await visitor.press("Hand in")
        assert (await here.sheet()).handed_in


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("type", sorted(FILES))
async def test_a_file_that_cannot_be_taken_is_told_and_the_page_stays(type: str, database: Database) -> None:
    questions = (Question("/data/words", "words", "text", label("话", "Words")), ask(type))
    async with ward(database, form_of(*questions)) as here:
        visitor = await here.visitor()
        await visitor.press("Begin")
        await visitor.press("Look over your answers", files={"q": ("a.exe", b"MZ\0\1")}, words="有话说")
        assert visitor.status == 422
        assert "Please send a" in visitor.paper.said["wrong"]
        assert visitor.paper.value("words") == "有话说"
        assert await here.answers() == {"/data/words": "有话说"}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_questionnaires_pictures_are_shown_to_those_who_fill_it_in(database: Database) -> None:
    note = Question("/data/n", "n", "note", label("看图", "Look"), image=Label({"zh_CN": "steps.png"}, "zh_CN"))
    pictures = {"steps.png": Picture("d1", "image/png", PICTURE)}
    async with ward(database, form_of(note, ask("text")), pictures) as here:
        visitor, stranger = await here.visitor(), here.stranger()
        await visitor.press("Begin")
        address = f"{visitor.place}/pictures/steps.png"
        async with visitor.client.get(address) as response:
            assert (response.status, response.content_type) == (200, "image/png")
            assert await response.read() == PICTURE
        async with visitor.client.get(f"{visitor.place}/pictures/other.png") as response:
            assert response.status == 404
        async with stranger.client.get(address) as response:
            assert response.status == 403


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_entries_are_added_and_removed_on_the_page(database: Database) -> None:
    name = Question("/data/kid/name", "name", "text", label("名字", "Name"), required="true()")
    kid = Group("/data/kid", "kid", label("孩子", "Child"), items=(name,), repeat=True)
    async with ward(database, form_of(kid)) as here:
        visitor = await here.visitor()
        await visitor.press("Begin")
        await visitor.press("Add an entry: Child", **{"kid[1]/name": "甲"})
        await visitor.press("Add an entry: Child", **{"kid[2]/name": "乙"})
        await visitor.press("Look over your answers", **{"kid[3]/name": "丙"})
        assert await here.answers() == {f"/data/kid[{n}]/name": one for n, one in enumerate("甲乙丙", 1)}
        await visitor.open(f"{visitor.place}?at=/data/kid[2]/name")
        remove = next(one for one in visitor.paper.buttons if one[1] == "remove:/data/kid[2]")
        visitor.paper.buttons = [remove]
        await visitor.press(remove[2])
        assert await here.answers() == {"/data/kid[1]/name": "甲", "/data/kid[2]/name": "丙"}
        await visitor.press("Look over your answers", **{"kid[2]/name": "丁"})
        await visitor.press("Hand in")
        assert (await here.sheet()).handed_in


def asking(question: Question) -> Ask:
    return Ask("/data/q", question, question.choices, None, (), False, 1, 1)


@given(st.sampled_from(EXAMPLES), st.lists(st.text(max_size=20), max_size=4))
def test_whatever_is_posted_is_read_without_an_error(example: Example, typed: list[str]) -> None:
    value = read(example.question, typed)
    kind = kinds()[example.question.type]
    if value is not None:
        kind.take(example.question, example.question.choices, value)
    assert control(asking(example.question), form_of(example.question))


NUMBERS = st.decimals(-1000, 1000, places=2).map(str)


@given(st.fixed_dictionaries({}, optional={"start": NUMBERS, "end": NUMBERS, "step": NUMBERS}))
def test_the_numbers_of_a_range_are_few_in_order_and_all_fit(parameters: dict[str, str]) -> None:
    question = ask("range", parameters=parameters)
    found = steps(question)
    assert len(found) <= 11
    assert [float(text) for text in found] in (sorted(map(float, found)), sorted(map(float, found), reverse=True))
    assert not any(isinstance(kinds()["range"].take(question, (), text), Misfit) for text in found)


def test_a_range_shows_its_numbers_as_they_are_counted() -> None:
    down = ask("range", parameters={"start": "10", "end": "0", "step": "2.5"})
    assert steps(down) == ["10.0", "7.5", "5.0", "2.5", "0.0"]
    assert steps(ask("range")) == [str(number) for number in range(1, 11)]
