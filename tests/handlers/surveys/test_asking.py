"""Events of the walk become one message."""

from dataclasses import replace
from datetime import date

import pytest

from handlers.forms.form import Choice, Form, Group, Question
from handlers.forms.moves import Another, Ask, Done, Event, FellAway, Note, Refused, Review, ReviewLine
from handlers.surveys.rules import asking, keys
from handlers.surveys.rules.asking import put
from handlers.surveys.rules.places import Place
from handlers.talk import Button, Label, Message, Part, Stored, t
from tests.handlers.surveys.paper import LIKERT, WORDS, form, label

FORM = form()
PLACE = Place(FORM, 12, 5)
QUESTIONS = {question.path: question for question in FORM.questions()}


def ask(path: str, **more: object) -> Ask:
    question = QUESTIONS[path]
    facts = {
        "value": None,
        "picked": (),
        "headings": (),
        "required": bool(question.required),
        "position": 2,
        "total": 6,
        **more,
    }
    return Ask(path, question, question.choices, **facts)  # type: ignore[arg-type]


def one(*events: object, **more: object) -> Message:
    """The message with the question."""
    return put(*events, **more)[-1]  # type: ignore[arg-type]


def text(message: Message, language: str = "en") -> list[str]:
    return [WORDS.word(part, language) for part in message.parts]


def buttons(message: Message) -> list[list[tuple[str, str]]]:
    """Label and data of all buttons but the one for help, which is under every question."""
    rows = [[(WORDS.word(button.label, "zh_CN"), button.data) for button in row] for row in message.buttons]
    return [kept for row in rows if (kept := [key for key in row if not key[1].startswith("aw:")])]


def test_a_question_says_where_one_is_and_what_to_do() -> None:
    message = one(PLACE, [ask("/data/work/why", headings=(label("工作", "Work"),))])
    assert text(message) == ["Question 2 of 6", "Work", "Main reason", "A sentence or two", "Please type your answer."]
    assert text(message, "zh_CN")[2] == "主要原因"
    assert buttons(message) == [[("Back", "ab:12:5")]]


def test_short_choices_stand_beside_each_other() -> None:
    message = one(PLACE, [ask("/data/work/done", position=1)])
    assert buttons(message) == [
        [("很差", "a:12:5:0"), ("较差", "a:12:5:1"), ("一般", "a:12:5:2"), ("较好", "a:12:5:3"), ("很好", "a:12:5:4")]
    ]


LONG = tuple(Choice(str(n), Label({"zh_CN": f"工作完成得{n}分好"})) for n in range(5))
MANY = tuple(Choice(str(n), Label({"zh_CN": str(n)})) for n in range(7))


@pytest.mark.parametrize(
    ("choices", "appearance", "rows"),
    [(LONG, "", 5), (LONG, "likert", 1), (LONG, "w1 horizontal", 1), (LONG, "minimal", 5), (MANY, "likert", 1)],
)
def test_anchored_sentences_stand_below_each_other_unless_the_author_says_otherwise(
    choices: tuple[Choice, ...], appearance: str, rows: int
) -> None:
    question = replace(QUESTIONS["/data/work/done"], choices=choices, appearance=appearance)
    message = one(PLACE, [Ask(question.path, question, choices, None, (), True, 1, 6)])
    assert len(buttons(message)) == rows


def test_a_translation_that_is_long_breaks_the_row_too() -> None:
    choices = (Choice("1", label("很好", "Very good indeed")), Choice("2", label("差", "Bad")))
    question = replace(QUESTIONS["/data/work/done"], choices=choices)
    message = one(PLACE, [Ask(question.path, question, choices, None, (), True, 1, 6)])
    assert len(buttons(message)) == 2


def test_choices_are_known_by_their_place_among_all_even_if_few_are_offered() -> None:
    question = QUESTIONS["/data/work/done"]
    offered = (LIKERT[1], LIKERT[3])
    present = Ask(question.path, question, offered, None, (), True, 1, 6)
    assert [data for row in buttons(one(PLACE, [present])) for _, data in row] == ["a:12:5:1", "a:12:5:3"]
    assert keys.offered(present, 3) == LIKERT[3]
    assert keys.offered(present, 0) is None
    assert keys.offered(present, 5) is None


def test_an_answer_that_is_there_can_be_kept_and_a_required_one_not_cleared() -> None:
    message = one(PLACE, [ask("/data/work/done", value="2", picked=("2",))])
    assert [labels for labels in buttons(message)[0] if labels[0].startswith("✓")] == [("✓ 较差", "a:12:5:1")]
    assert buttons(message)[1] == [("Back", "ab:12:5"), ("Keep my answer", "as:12:5")]
    message = one(PLACE, [ask("/data/work/count", value=0)])
    assert "Your answer so far: 0" in text(message)
    assert buttons(message) == [
        [("Back", "ab:12:5"), ("Keep my answer", "as:12:5"), ("Clear my answer", "ax:12:5")],
    ]


def test_an_optional_question_can_be_skipped() -> None:
    assert buttons(one(PLACE, [ask("/data/work/count", position=1)])) == [[("Skip", "as:12:5")]]


def test_several_answers_are_ticked_one_by_one() -> None:
    message = one(PLACE, [ask("/data/help", picked=("course",))])
    assert text(message)[-1] == "Tap what applies, if anything, then “Done”."
    assert text(one(PLACE, [ask("/data/help", required=True)]))[-1] == "Tap all that apply, then “Done”."
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
    message = one(PLACE, events, before=["Noted: x"], replaces="m1")
    assert message.replaces == "m1"
    said = text(message)
    assert said[:2] == ["Noted: x", "不能小于零"]
    assert said[3:6] == ["主要原因", "请如实填写。", "Question 2 of 6"]


def test_a_question_without_help_says_nothing_more() -> None:
    question = Question("/data/x", "x", "note", label("位置"))
    assert text(one(PLACE, [Ask("/data/x", question, (), None, (), True, 1, 1)])) == ["Question 1 of 1", "位置"]


def review(count: int) -> Review:
    lines = [ReviewLine(f"/data/q{n}", label(f"问{n}"), f"答{n}", f"答{n}") for n in range(1, count + 1)]
    return Review(tuple(lines), {})


def test_the_review_shows_every_answer_with_a_button_to_change_it() -> None:
    lines = (
        ReviewLine("/data/a", label("甲"), "x" * 500, "x" * 500),
        ReviewLine("/data/b", label("乙"), "(no answer)", None),
        ReviewLine("/data/c", label("丙"), t("{a}, {b}", a="1", b="2"), ["1", "2"]),
    )
    message = one(PLACE, [Review(lines, {})])
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
    message = one(replace(PLACE, page=page), [review(18)])
    assert text(message)[1].startswith(first)
    assert text(message)[-1].startswith(last)
    rows = buttons(message)
    assert rows[-1] == [("Hand in", "ah:12:5")]
    assert [words for words, _ in rows[-2]] == turns
    assert all(len(data.encode()) <= 64 for row in rows for _, data in row)


def test_a_review_of_eight_needs_no_second_page_and_one_of_nothing_none() -> None:
    assert len(buttons(one(PLACE, [review(8)]))) == 3
    assert buttons(one(PLACE, [review(0)])) == [[("Hand in", "ah:12:5")]]


def test_an_answer_is_said_back_shortly_and_none_is_not() -> None:
    present = ask("/data/work/why")
    state = {"answers": {"/data/work/done": "1", "/data/work/why": "忙" * 300}, "at": ""}
    assert [WORDS.word(part, "en") for part in asking.noted(FORM, state, present, None)] == [f"Noted: {'忙' * 200}…"]
    assert asking.noted(FORM, {"answers": {}, "at": ""}, present, None) == ()


# Every kind ----------------------------------------------------------------------------------------------


def asked(type: str, *names: str, value: object = None, picked: tuple[str, ...] = (), **more: object) -> Ask:
    """A question of any kind, the first of three and not required."""
    choices = tuple(Choice(name, label(f"选项{name}", f"Choice {name}")) for name in names)
    question = Question("/data/q", "q", type, label("问题", "Question"), choices=choices, **more)  # type: ignore[arg-type]
    return Ask("/data/q", question, choices, value, picked, False, 1, 3)  # type: ignore[arg-type]


def data(message: Message) -> list[list[str]]:
    return [[key for _, key in row] for row in buttons(message)]


@pytest.mark.parametrize(("settled", "says"), [(True, "Question 1 of 3"), (False, "Question 1 of 3 so far")])
def test_progress_does_not_lie_while_later_answers_may_change_it(settled: bool, says: str) -> None:
    assert text(one(PLACE, [replace(asked("text"), settled=settled)]))[0] == says


def test_groups_and_entries_are_named_together() -> None:
    message = one(PLACE, [replace(asked("text"), headings=(Label({}), label("住户", "Household"), "2"))])
    assert text(message)[1] == "Household\n2"


def test_a_scale_is_one_row_of_numbers_with_what_they_mean() -> None:
    message = one(PLACE, [asked("select_one", "5", "4", "3", appearance="likert", picked=("4",))])
    assert text(message)[2] == "1 = Choice 5\n2 = Choice 4\n3 = Choice 3"
    assert buttons(message)[0] == [("1", "a:12:5:0"), ("✓ 2", "a:12:5:1"), ("3", "a:12:5:2")]


NAMES = tuple(f"{n}" for n in range(20))


def test_a_long_list_is_turned_and_says_how_to_search() -> None:
    long = asked("select_one", *NAMES)
    message = one(PLACE, [long])
    assert "There are 20 choices." in text(message)[2]
    assert data(message) == [[f"a:12:5:{n}"] for n in range(8)] + [["am:12:5:1"], ["as:12:5"]]
    assert data(one(replace(PLACE, part=1), [long]))[8] == ["am:12:5:0", "am:12:5:2"]
    last = one(replace(PLACE, part=99), [long])
    assert data(last) == [[f"a:12:5:{n}"] for n in range(16, 20)] + [["am:12:5:1"], ["as:12:5"]]
    assert [button.number for row in last.buttons for button in row][:4] == [17, 18, 19, 20]
    assert data(one(PLACE, [replace(long, picked=("17",), value="17")]))[0] == ["a:12:5:16"]


def test_words_find_choices_of_a_long_list_in_any_language() -> None:
    long = asked("select_one", *NAMES)
    assert keys.found(long, "选项1") == {"1", *map(str, range(10, 20))}
    found = keys.found(long, "CHOICE 7")
    message = one(replace(PLACE, found=found), [long])
    assert text(message)[2] == "These choices fit what you typed:"
    assert data(message) == [["a:12:5:7"], ["am:12:5:0"], ["as:12:5"]]
    assert keys.found(long, "nothing like it") == keys.found(asked("select_one", "7"), "7") == frozenset()


def test_many_ticks_are_turned_too_and_those_out_of_view_are_named() -> None:
    message = one(replace(PLACE, part=1), [asked("select_multiple", *NAMES, picked=("2", "9"))])
    assert "Ticked so far: Choice 2 · Choice 9" in text(message)
    assert data(message)[:2] == [["at:12:5:8:1"], ["at:12:5:9:0"]]
    assert data(message)[-2:] == [["am:12:5:0", "am:12:5:2"], ["ad:12:5"]]


def test_a_rank_grows_place_by_place_and_is_done_when_all_have_one() -> None:
    message = one(PLACE, [asked("rank", "a", "b", "c", picked=("c",))])
    assert text(message)[2:] == ["1. Choice c", "Tap what comes at place 2."]
    assert data(message) == [["at:12:5:0:1"], ["at:12:5:1:1"], ["ae:12:5"], ["as:12:5"]]
    message = one(PLACE, [asked("rank", "a", "b", picked=("b", "a"))])
    assert text(message)[2:] == ["1. Choice b\n2. Choice a"]
    assert data(message) == [["ad:12:5"], ["ae:12:5"], ["as:12:5"]]
    assert data(one(PLACE, [asked("rank", "a")])) == [["at:12:5:0:1"], ["as:12:5"]]


@pytest.mark.parametrize(
    ("start", "end", "step", "labels"),
    [
        ("0", "10", "1", [["0", "1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"]]),
        ("1", "2", "0.5", [["1", "1.5", "2"]]),
        ("5", "1", "-2", [["5", "3", "1"]]),
    ],
)
def test_a_short_range_is_tapped(start: str, end: str, step: str, labels: list[list[str]]) -> None:
    question = asked("range", parameters={"start": start, "end": end, "step": step})
    rows = buttons(one(PLACE, [question]))[:-1]
    assert [[words for words, _ in row] for row in rows] == labels
    every = [int(key.split(":")[3]) for row in rows for _, key in row]
    assert [str(keys.ready(question, number)) for number in every] == [words for row in labels for words in row]
    assert keys.ready(question, len(every)) is None


def test_a_long_range_is_typed() -> None:
    message = one(PLACE, [asked("range", parameters={"start": "0", "end": "100", "step": "5"})])
    assert text(message)[-1] == "Please type a number from 0 to 100, in steps of 5."
    assert data(message) == [["as:12:5"]]


def test_a_range_shows_the_answer_there_is() -> None:
    question = asked("range", value=2, parameters={"start": "1", "end": "3", "step": "1"})
    assert buttons(one(PLACE, [question]))[0][1] == ("✓ 2", "an:12:5:1")


def test_today_and_yesterday_are_tapped_where_the_day_is_known() -> None:
    question = asked("date")
    message = one(replace(PLACE, today=date(2026, 3, 1)), [question])
    assert data(message)[0] == ["an:12:5:20260301", "an:12:5:20260228"]
    assert [keys.ready(question, n) for n in (20260301, 20260228)] == ["2026-03-01", "2026-02-28"]
    assert data(one(PLACE, [question])) == [["as:12:5"]]


def test_to_acknowledge_is_one_button() -> None:
    question = asked("acknowledge")
    assert buttons(one(PLACE, [question]))[0] == [("I confirm", "an:12:5:0")]
    assert (keys.ready(question, 0), keys.ready(question, 1), keys.ready(asked("text"), 0)) == ("OK", None, None)


@pytest.mark.parametrize(
    ("type", "how", "attach"),
    [
        ("time", "Please type a time, for example 14:30.", ""),
        ("dateTime", "Please type a day and a time, for example 2026-03-31 14:30.", ""),
        ("image", "Please send a picture.", "image"),
        ("file", "Please send a file.", "file"),
    ],
)
def test_what_is_typed_or_sent_says_so(type: str, how: str, attach: str) -> None:
    message = one(PLACE, [asked(type)])
    assert text(message)[-1] == how
    assert message.attach == attach


def test_one_more_entry_is_asked_with_two_buttons() -> None:
    message = one(PLACE, [Another("/data/kid", label("孩子", "Child"), 2)])
    assert text(message) == ["Child: 2 entered so far. Is there one more?"]
    assert data(message) == [["ag:12:5:1", "ag:12:5:0"], ["ab:12:5"]]
    assert text(one(PLACE, [Another("/data/kid", label("孩子", "Child"), 0)])) == [
        "Child: nothing is entered yet. Is there one?"
    ]


def test_in_a_matrix_the_answer_before_is_one_tap_away() -> None:
    question = asked("select_one", "1", "2", "3", appearance="likert")
    message = one(replace(PLACE, same="2"), [question])
    assert buttons(message)[1] == [("Same as before: 选项2", "a:12:5:1")]
    assert len(data(one(replace(PLACE, same="gone"), [question]))) == 2


def test_a_read_only_question_is_shown_with_its_value() -> None:
    message = one(PLACE, [Note("/data/n", label("平均", "On average"), "2.5"), asked("text")])
    assert text(message)[0] == "On average: 2.5"


# Pictures ------------------------------------------------------------------------------------------------

MEDIA = {"a.png": "0a", "b.png": "0b"}


def test_pictures_come_before_the_question_and_only_when_it_is_new() -> None:
    place = replace(PLACE, media=MEDIA, language="en")
    note = Note("/data/n", label("看图", "Look"), image=Label({"zh_CN": "a.png"}, "zh_CN"))
    question = replace(asked("text").question, image=Label({"en": "b.png", "zh_CN": "a.png"}, "zh_CN"))
    events = [note, replace(asked("text"), question=question)]
    messages = put(place, events, before=["Noted: x"], replaces="m1", pictures=True)
    assert [message.file for message in messages] == [None, Stored("a.png", "0a"), Stored("b.png", "0b"), None]
    assert text(messages[1]) == ["Noted: x", "Look"]
    assert (messages[0].replaces, messages[3].replaces) == ("m1", "")
    assert text(messages[3])[0] == "Question 1 of 3"
    again = put(place, events, replaces="m1")
    assert [message.file for message in again] == [None]
    assert again[0].replaces == "m1"


def test_choices_with_pictures_are_shown_with_their_numbers() -> None:
    choices = tuple(Choice(n, label(n), image=Label({"": f"{n}.png"})) for n in ("a", "b", "c"))
    question = replace(asked("select_one").question, choices=choices)
    place = replace(PLACE, media=MEDIA)
    messages = put(place, [Ask("/data/q", question, choices, None, (), False, 1, 1)], pictures=True)
    assert [(text(message), message.file) for message in messages[:-1]] == [
        (["1. a"], Stored("a.png", "0a")),
        (["2. b"], Stored("b.png", "0b")),
    ]


# The review with entries ---------------------------------------------------------------------------------

KIDS = Form(
    "kids",
    label("表"),
    "1",
    ("zh_CN",),
    "zh_CN",
    (
        Group("/data/work", "work", label("工作"), items=(Question("/data/work/a", "a", "text", label("甲")),)),
        Group(
            "/data/kid", "kid", label("孩子"), items=(Question("/data/kid/n", "n", "text", label("名")),), repeat=True
        ),
        Group(
            "/data/car",
            "car",
            label("车"),
            items=(Question("/data/car/n", "n", "text", label("牌号")),),
            repeat=True,
            count="2",
        ),
    ),
)


def line(path: str, heading: Part = "") -> ReviewLine:
    return ReviewLine(path, label("问"), "答", "答", heading)


def test_the_review_stands_under_headings_and_entries_can_be_removed() -> None:
    lines = (
        line("/data/work/a"),
        line("/data/kid[1]/n", "孩子 1"),
        line("/data/kid[1]/m"),
        line("/data/kid[2]/n", "孩子 2"),
        line("/data/car[1]/n", "车 1"),
    )
    message = one(Place(KIDS, 12, 5), [Review(lines, {})])
    assert [part for part in text(message, "zh_CN") if part.startswith("【")] == [
        "【工作】",
        "【孩子 1】",
        "【孩子 2】",
        "【车 1】",
    ]
    removals = [row for row in buttons(message) if row[0][1].startswith("ar:")]
    assert removals == [[("Remove “孩子 1”", "ar:12:5:1")], [("Remove “孩子 2”", "ar:12:5:3")]]


def test_a_heading_is_said_again_on_the_next_page() -> None:
    lines = (line("/data/kid[1]/n", "孩子 1"), *(line(f"/data/kid[1]/q{n}") for n in range(9)))
    assert text(one(Place(KIDS, 12, 5, page=1), [Review(lines, {})]))[1] == "【孩子 1】"


# Words that are given back -------------------------------------------------------------------------------


def test_long_words_that_are_refused_are_given_back_whole_and_short_ones_not() -> None:
    back = asking.given_back(asked("text"), "长" * 500)
    assert [WORDS.word(part, "en") for part in back] == ["You wrote:\n" + "长" * 500]
    assert asking.given_back(asked("text"), "short") == ()
    assert asking.given_back(asked("text"), "长" * 10_000_000) == ()
    assert asking.given_back(asked("integer"), "长" * 500) == ()


def test_every_button_of_every_kind_fits_its_64_bytes() -> None:
    place = Place(KIDS, 2**31 - 1, 10**6, today=date(2026, 12, 31))
    for type in ("select_one", "select_multiple", "rank", "date", "range", "acknowledge"):
        names = NAMES if type in ("select_one", "select_multiple", "rank") else ()
        message = one(place, [asked(type, *names, parameters={"start": "0", "end": "10", "step": "1"})])
        every: list[Button] = [button for row in message.buttons for button in row]
        assert every
        assert all(len(button.data.encode()) <= 64 for button in every)
