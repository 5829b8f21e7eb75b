"""Events of the walk become one message."""

from dataclasses import replace

import pytest

from handlers.forms.form import Choice, Question
from handlers.forms.walk import Ask, Done, Event, FellAway, Note, Refused, Review, ReviewLine
from handlers.surveys.rules import asking
from handlers.surveys.rules.asking import Place, put
from handlers.talk import Label, Message, t
from tests.handlers.surveys.paper import LIKERT, WORDS, form, label

FORM = form()
PLACE = Place(FORM, 12, 5)
QUESTIONS = {question.path: question for question in FORM.questions()}


def ask(path: str, **more: object) -> Ask:
    question = QUESTIONS[path]
    facts = {"value": None, "picked": (), "required": bool(question.required), "position": 2, "total": 6, **more}
    return Ask(path, question, question.choices, **facts)  # type: ignore[arg-type]


def text(message: Message, language: str = "en") -> list[str]:
    return [WORDS.word(part, language) for part in message.parts]


def buttons(message: Message) -> list[list[tuple[str, str]]]:
    return [[(WORDS.word(button.label, "zh_CN"), button.data) for button in row] for row in message.buttons]


def test_a_question_says_where_one_is_and_what_to_do() -> None:
    message = put(PLACE, [ask("/data/work/why")])
    assert text(message) == ["Question 2 of 6", "Work", "Main reason", "A sentence or two", "Please type your answer."]
    assert text(message, "zh_CN")[2] == "主要原因"
    assert buttons(message) == [[("Back", "ab:12:5")]]


def test_short_choices_stand_beside_each_other() -> None:
    message = put(PLACE, [ask("/data/work/done", position=1)])
    assert buttons(message) == [
        [("很差", "a:12:5:0"), ("较差", "a:12:5:1"), ("一般", "a:12:5:2"), ("较好", "a:12:5:3"), ("很好", "a:12:5:4")]
    ]


LONG = tuple(Choice(str(n), Label({"zh_CN": f"工作完成得{n}分好"})) for n in range(5))
MANY = tuple(Choice(str(n), Label({"zh_CN": str(n)})) for n in range(7))


@pytest.mark.parametrize(
    ("choices", "appearance", "rows"),
    [(LONG, "", 5), (LONG, "likert", 1), (LONG, "w1 horizontal", 1), (LONG, "minimal", 5), (MANY, "likert", 7)],
)
def test_anchored_sentences_stand_below_each_other_unless_the_author_says_otherwise(
    choices: tuple[Choice, ...], appearance: str, rows: int
) -> None:
    question = replace(QUESTIONS["/data/work/done"], choices=choices, appearance=appearance)
    message = put(PLACE, [Ask(question.path, question, choices, None, (), True, 1, 6)])
    assert len(message.buttons) == rows


def test_a_translation_that_is_long_breaks_the_row_too() -> None:
    choices = (Choice("1", label("很好", "Very good indeed")), Choice("2", label("差", "Bad")))
    question = replace(QUESTIONS["/data/work/done"], choices=choices)
    message = put(PLACE, [Ask(question.path, question, choices, None, (), True, 1, 6)])
    assert len(message.buttons) == 2


def test_choices_are_known_by_their_place_among_all_even_if_few_are_offered() -> None:
    question = QUESTIONS["/data/work/done"]
    offered = (LIKERT[1], LIKERT[3])
    present = Ask(question.path, question, offered, None, (), True, 1, 6)
    assert [data for row in buttons(put(PLACE, [present])) for _, data in row] == ["a:12:5:1", "a:12:5:3"]
    assert asking.offered(present, 3) == LIKERT[3]
    assert asking.offered(present, 0) is None
    assert asking.offered(present, 5) is None


def test_an_answer_that_is_there_can_be_kept_and_a_required_one_not_cleared() -> None:
    message = put(PLACE, [ask("/data/work/done", value="2", picked=("2",))])
    assert [labels for labels in buttons(message)[0] if labels[0].startswith("✓")] == [("✓ 较差", "a:12:5:1")]
    assert buttons(message)[1] == [("Back", "ab:12:5"), ("Keep my answer", "as:12:5")]
    message = put(PLACE, [ask("/data/work/count", value=0)])
    assert "Your answer so far: 0" in text(message)
    assert buttons(message) == [
        [("Back", "ab:12:5"), ("Keep my answer", "as:12:5"), ("Clear my answer", "ax:12:5")],
    ]


def test_an_optional_question_can_be_skipped() -> None:
    assert buttons(put(PLACE, [ask("/data/work/count", position=1)])) == [[("Skip", "as:12:5")]]


def test_several_answers_are_ticked_one_by_one() -> None:
    message = put(PLACE, [ask("/data/help", picked=("course",))])
    assert text(message)[-1] == "Tap what applies, if anything, then “Done”."
    assert text(put(PLACE, [ask("/data/help", required=True)]))[-1] == "Tap all that apply, then “Done”."
    assert buttons(message) == [
        [("☐ 谈话", "at:12:5:0:1")],
        [("☑ 培训", "at:12:5:1:0")],
        [("Done", "ad:12:5")],
        [("Back", "ab:12:5")],
    ]


def test_what_happened_before_is_said_above_the_question() -> None:
    events: list[Event] = [
        Refused("/data/work/count", "constraint", label("不能小于零")),
        FellAway((label("主要原因"),)),
        Note("/data/hello", label("请如实填写。")),
        Done({}),
        ask("/data/work/count"),
    ]
    message = put(PLACE, events, before=["Noted: x"], replaces="m1")
    assert message.replaces == "m1"
    said = text(message)
    assert said[:2] == ["Noted: x", "不能小于零"]
    assert said[3:6] == ["主要原因", "请如实填写。", "Question 2 of 6"]


def test_a_question_without_help_says_nothing_more() -> None:
    question = Question("/data/x", "x", "note", label("位置"))
    assert text(put(PLACE, [Ask("/data/x", question, (), None, (), True, 1, 1)])) == ["Question 1 of 1", "位置"]


def review(count: int) -> Review:
    lines = [ReviewLine(f"/data/q{n}", label(f"问{n}"), f"答{n}", f"答{n}") for n in range(1, count + 1)]
    return Review(tuple(lines), {})


def test_the_review_shows_every_answer_with_a_button_to_change_it() -> None:
    lines = (
        ReviewLine("/data/a", label("甲"), "x" * 500, "x" * 500),
        ReviewLine("/data/b", label("乙"), "(no answer)", None),
        ReviewLine("/data/c", label("丙"), t("{a}, {b}", a="1", b="2"), ["1", "2"]),
    )
    message = put(PLACE, [Review(lines, {})])
    assert text(message)[1:] == [f"1. 甲\n→ {'x' * 200}…", "2. 乙\n→ (no answer)", "3. 丙\n→ 1, 2"]
    assert buttons(message) == [
        [("Change 1", "av:12:5:0"), ("Change 2", "av:12:5:1"), ("Change 3", "av:12:5:2")],
        [("Hand in", "ah:12:5")],
    ]


@pytest.mark.parametrize(
    ("page", "first", "last", "turns"),
    [
        (0, "1. 问1", "8. 问8", ["Further answers"]),
        (1, "9. 问9", "16. 问16", ["Earlier answers", "Further answers"]),
        (2, "17. 问17", "18. 问18", ["Earlier answers"]),
        (9, "17. 问17", "18. 问18", ["Earlier answers"]),
    ],
)
def test_a_long_review_has_pages(page: int, first: str, last: str, turns: list[str]) -> None:
    message = put(replace(PLACE, page=page), [review(18)])
    assert text(message)[1].startswith(first)
    assert text(message)[-1].startswith(last)
    rows = buttons(message)
    assert rows[-1] == [("Hand in", "ah:12:5")]
    assert [words for words, _ in rows[-2]] == turns
    assert all(len(data.encode()) <= 64 for row in rows for _, data in row)


def test_a_review_of_eight_needs_no_second_page_and_one_of_nothing_none() -> None:
    assert len(buttons(put(PLACE, [review(8)]))) == 3
    assert buttons(put(PLACE, [review(0)])) == [[("Hand in", "ah:12:5")]]


def test_an_answer_is_said_back_shortly_and_none_is_not() -> None:
    present = ask("/data/work/why")
    state = {"answers": {"/data/work/done": "1", "/data/work/why": "忙" * 300}, "at": ""}
    assert [WORDS.word(part, "en") for part in asking.noted(FORM, state, present, None)] == [f"Noted: {'忙' * 200}…"]
    assert asking.noted(FORM, {"answers": {}, "at": ""}, present, None) == ()
