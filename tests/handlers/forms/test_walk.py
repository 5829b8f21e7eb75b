"""The walk, statement by statement of ODK's behaviour, and what chat adds: drafts, visits, the review."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms import walk
from handlers.forms.form import Form, from_plain, load, to_plain
from handlers.forms.walk import (
    Answer,
    Ask,
    Back,
    Done,
    FellAway,
    Note,
    Picked,
    Refused,
    Review,
    Say,
    Skip,
    Step,
    Submit,
    Toggle,
    Visit,
)
from handlers.talk import Label
from tests.handlers.forms.reading import YES_NO, read, said, sheet, survey

TODAY = datetime(2026, 10, 17, 12, tzinfo=UTC)


def go(form: Form, *given: walk.Given, start: Step | None = None) -> Step:
    """The last step after all that was given."""
    step = start or walk.begin(form, TODAY)
    for one in given:
        step = walk.step(form, step.state, one, TODAY)
    return step


def asked(step: Step) -> str:
    """The name of the question asked now, or what came instead."""
    match step.events[-1]:
        case Ask(path):
            return path.rpartition("/")[2]
        case Review():
            return "review"
    return "done"


def refused(step: Step) -> tuple[str, str]:
    """Which question was refused, and why."""
    found = [event for event in step.events if isinstance(event, Refused)]
    return (found[0].path.rpartition("/")[2], found[0].reason) if found else ("", "")


def ask(step: Step) -> Ask:
    event = step.events[-1]
    assert isinstance(event, Ask)
    return event


ABC = survey("type | name | label", "text | a | A", "note | n | N", "text | b | B", "text | c | C")


# Order -----------------------------------------------------------------------------------------------------


def test_the_rows_are_asked_in_order_and_then_reviewed() -> None:
    form = read(ABC)
    step = walk.begin(form)
    assert asked(step) == "a"
    step = go(form, Answer("1"), start=step)
    assert step.events[0] == Note("/data/n", Label({"": "N"}))
    assert asked(step) == "b"
    step = go(form, Answer("2"), Answer("3"), start=step)
    assert asked(step) == "review"
    assert asked(go(form, Submit(), start=step)) == "done"
    assert go(form, Submit(), start=step).events == (Done({"a": "1", "b": "2", "c": "3"}),)


def test_after_going_back_later_questions_come_again_answered_or_not() -> None:
    form = read(ABC)
    step = go(form, Answer("1"), Answer("2"), Answer("3"), Back(), Back(), Answer("22"))
    assert asked(step) == "c"
    assert ask(step).value == "3"
    assert walk.answers(form, step.state) == {"/data/a": "1", "/data/b": "22", "/data/c": "3"}


def test_back_passes_over_notes_and_forward_shows_them_again() -> None:
    form = read(ABC)
    step = go(form, Answer("1"), Back())
    assert asked(step) == "a"
    assert len(step.events) == 1
    assert isinstance(go(form, Answer("1"), start=step).events[0], Note)


def test_back_from_the_first_question_stays_there() -> None:
    form = read(ABC)
    before = walk.begin(form)
    after = go(form, Back(), start=before)
    assert asked(after) == "a"
    assert after.state == before.state


def test_back_from_the_review_is_the_last_question() -> None:
    form = read(ABC)
    assert asked(go(form, Skip(), Skip(), Skip(), Back())) == "c"


def test_an_earlier_question_made_relevant_is_met_on_the_way_back_only() -> None:
    form = read(
        survey("type | name | label | relevant", "text | q1 | 1 | ${q3} = 'yes'", "text | q2 | 2 |", "text | q3 | 3 |")
    )
    step = go(form, Answer("x"), Answer("yes"))
    assert asked(step) == "review"
    assert asked(go(form, Back(), Back(), Back(), start=step)) == "q1"


@pytest.mark.parametrize("mend", [True, False])
def test_the_check_at_the_end_names_the_first_bad_question(mend: bool) -> None:
    form = read(
        survey(
            "type | name | label | relevant | required",
            "text | q1 | 1 | ${q3} = 'yes' | yes", "text | q2 | 2 | |", "text | q3 | 3 | |",
        )
    )  # fmt: skip
    step = go(form, Answer("x"), Answer("yes"), Submit(mend))
    assert refused(step) == ("q1", "required")
    assert asked(step) == "q1"
    step = go(form, Answer("1"), start=step)
    assert asked(step) == ("review" if mend else "q2")


def test_the_check_at_the_end_sees_constraints_broken_by_later_answers() -> None:
    form = read(
        survey("type | name | label | constraint", "integer | a | A | . < ${b} or ${b} = ''", "integer | b | B |")
    )
    step = go(form, Answer(5), Answer(3), Submit())
    assert refused(step) == ("a", "constraint")
    assert asked(go(form, Answer(2), Submit(), start=step)) == "done"


# Relevance ---------------------------------------------------------------------------------------------------

CHAIN = (
    survey(
        "type | name | label | relevant",
        "select_one yn | q1 | 1 |",
        "select_one yn | q2 | 2 | ${q1} = 'yes'",
        "text | q3 | 3 | ${q2} = 'yes'",
        "text | q4 | 4 | ${q2} != 'yes'",
    )
    + YES_NO
)


def test_a_hidden_answer_counts_as_empty_and_hiding_runs_on() -> None:
    form = read(CHAIN)
    step = go(form, Answer("yes"), Answer("yes"), Answer("three"), Back(), Back(), Back(), Answer("no"))
    fell = step.events[0]
    assert isinstance(fell, FellAway)
    assert [said(label) for label in fell.labels] == ["2", "3"]
    assert asked(step) == "q4"
    assert walk.answers(form, step.state) == {"/data/q1": "no"}


def test_a_hidden_answer_is_kept_and_comes_back() -> None:
    form = read(CHAIN)
    step = go(
        form, Answer("yes"), Answer("yes"), Answer("three"), Back(), Back(), Back(), Answer("no"), Back(), Answer("yes")
    )
    assert asked(step) == "q2"
    assert ask(step).value == "yes"
    assert ask(step).picked == ("yes",)
    assert walk.answers(form, step.state) == {"/data/q1": "yes", "/data/q2": "yes", "/data/q3": "three"}


def test_a_group_that_is_not_relevant_hides_all_in_it() -> None:
    form = read(
        survey(
            "type | name | label | relevant",
            "select_one yn | q | Q |", "begin group | g | G | ${q} = 'yes'", "begin group | h | H |",
            "text | a | A | true()", "note | n | N |", "end group", "end group", "text | z | Z |",
        ) + YES_NO
    )  # fmt: skip
    step = go(form, Answer("no"))
    assert asked(step) == "z"
    assert ask(step).total == 2
    step = go(form, Back(), Answer("yes"), start=step)
    assert asked(step) == "a"
    assert (ask(step).position, ask(step).total) == (2, 3)
    step = go(form, Answer("inside"), start=step)
    assert isinstance(step.events[0], Note)
    step = go(form, Answer("end"), Submit(), start=step)
    assert step.events[-1] == Done({"q": "yes", "g": {"h": {"a": "inside"}}, "z": "end"})


@pytest.mark.parametrize(("cell", "count"), [("no", 1), ("FALSE", 1), ("yes", 2), ("'false'", 2), ("0", 1), ("''", 1)])
def test_any_value_will_do_as_a_condition(cell: str, count: int) -> None:
    form = read(survey("type | name | label | relevant", "text | a | A |", f"text | b | B | {cell}"))
    assert ask(walk.begin(form)).total == count


def test_relevance_may_depend_on_what_stands_below() -> None:
    form = read(
        survey(
            "type | name | label | relevant", "text | a | A | ${b} = ''", "text | b | B | ${c} = ''", "text | c | C |"
        )
    )
    step = go(form, Answer("1"), Answer("2"), Answer("3"))
    assert walk.answers(form, step.state) == {"/data/a": "1", "/data/c": "3"}


def test_the_day_is_an_argument() -> None:
    form = read(
        survey("type | name | label | relevant", "text | a | A | today() > date('2026-10-01')", "text | b | B |")
    )
    assert asked(walk.begin(form, TODAY)) == "a"
    assert asked(walk.begin(form, datetime(2026, 9, 1, tzinfo=UTC))) == "b"
    assert asked(walk.begin(form)) == "b"


def test_a_question_that_passed_with_the_night_can_still_be_answered() -> None:
    form = read(
        survey("type | name | label | relevant", "text | a | A | today() < date('2026-10-18')", "text | b | B |")
    )
    step = walk.step(form, walk.begin(form, TODAY).state, Answer("x"), datetime(2026, 10, 18, tzinfo=UTC))
    assert asked(step) == "b"
    assert walk.answers(form, step.state, datetime(2026, 10, 18, tzinfo=UTC)) == {}
    assert walk.answers(form, step.state, TODAY) == {"/data/a": "x"}


# Refusals ----------------------------------------------------------------------------------------------------


def test_a_refused_answer_changes_nothing() -> None:
    form = read(survey("type | name | label | constraint", "integer | a | A | . > 3", "text | b | B |"))
    before = go(form, Answer(5), Back())
    after = go(form, Answer(1), start=before)
    assert refused(after) == ("a", "constraint")
    assert asked(after) == "a"
    assert ask(after).value == 5
    assert after.state == before.state


def test_required_refuses_the_empty_answer_where_it_is_reached() -> None:
    form = read(
        survey(
            "type | name | label | required | required_message", "select_one yn | a | A | |",
            "text | b | B | ${a} = 'yes' | Say why", "text | c | C | no |",
        ) + YES_NO
    )  # fmt: skip
    step = go(form, Answer("yes"))
    assert ask(step).required
    assert refused(go(form, Skip(), start=step)) == ("b", "required")
    step = go(form, Answer(None), start=step)
    assert refused(step) == ("b", "required")
    first = step.events[0]
    assert isinstance(first, Refused)
    assert said(first.message) == "Say why"
    step = go(form, Back(), Answer("no"), start=step)
    assert not ask(step).required
    assert asked(go(form, Skip(), Skip(), start=step)) == "review"


def test_without_a_message_of_the_author_there_is_ours() -> None:
    form = read(survey("type | name | label | required | constraint", "integer | a | A | yes | . > 3"))
    for one, words in ((Skip(), "needs an answer"), (Answer(1), "does not fit"), (Answer("x"), "whole number")):
        event = go(form, one).events[0]
        assert isinstance(event, Refused)
        assert words in said(event.message)


def test_a_constraint_is_never_asked_about_an_empty_answer() -> None:
    form = read(survey("type | name | label | constraint", "text | a | A | string-length(.) > 3"))
    assert asked(go(form, Answer(None))) == "review"
    assert asked(go(form, Skip())) == "review"


def test_a_constraint_sees_the_other_answers() -> None:
    form = read(survey("type | name | label | constraint", "integer | a | A |", "integer | b | B | . > ${a}"))
    assert refused(go(form, Answer(5), Answer(5))) == ("b", "constraint")
    assert asked(go(form, Answer(5), Answer(6))) == "review"
    assert refused(go(form, Skip(), Answer(5))) == ("b", "constraint")


def test_a_constraint_naming_its_own_question_means_the_new_answer() -> None:
    form = read(survey("type | name | label | constraint", "integer | a | A | ${a} > 3"))
    assert asked(go(form, Answer(5))) == "review"
    assert refused(go(form, Answer(5), Back(), Answer(2))) == ("a", "constraint")


def test_the_result_of_a_constraint_is_taken_as_truth() -> None:
    form = read(survey("type | name | label | constraint", "integer | a | A | . - 3"))
    assert refused(go(form, Answer(3))) == ("a", "constraint")
    assert asked(go(form, Answer(4))) == "review"


def test_skip_keeps_what_is_there_and_an_empty_answer_removes_it() -> None:
    form = read(survey("type | name | label | required", "text | a | A | yes", "text | b | B |"))
    step = go(form, Answer("1"), Answer("2"), Back(), Back(), Skip())
    assert walk.answers(form, step.state) == {"/data/a": "1", "/data/b": "2"}
    step = go(form, Answer(""), start=step)
    assert walk.answers(form, step.state) == {"/data/a": "1"}


# Words naming answers ----------------------------------------------------------------------------------------


def test_labels_show_the_answers_they_name() -> None:
    form = read(
        survey(
            "type | name | label | hint | constraint | constraint_message | required | required_message",
            "select_one yn | a | A | | | | |",
            "text | b | You said ${a}. | not ${n} | . != ${a} | not ${a} | yes | say ${a}",
            "integer | n | N for ${b} | | | | |",
        )
        + sheet("choices", "list_name | name | label", "yn | yes | Yes", "yn | no | No ${n}")
    )
    step = walk.begin(form)
    assert said(ask(step).choices[1].label) == "No "
    step = go(form, Answer("yes"), start=step)
    assert said(ask(step).question.label) == "You said yes."
    assert said(ask(step).question.hint) == "not "
    messages = [go(form, given, start=step).events[0] for given in (Answer("yes"), Skip())]
    assert [said(event.message) for event in messages if isinstance(event, Refused)] == ["not yes", "say yes"]
    step = go(form, Answer("so"), Answer(3), start=step)
    review = step.events[0]
    assert isinstance(review, Review)
    assert [said(line.label) for line in review.lines] == ["A", "You said yes.", "N for so"]
    assert said(ask(go(form, Back(), Back(), start=step)).question.hint) == "not 3"


# Ticking -----------------------------------------------------------------------------------------------------

THINGS = survey(
    "type | name | label | constraint | required",
    "select_multiple t | m | M | count-selected(.) < 3 | yes",
    "text | z | Z | |",
) + sheet("choices", "list_name | name | label", "t | a | A", "t | b | B", "t | c | C")


def test_choices_are_ticked_in_a_draft_that_becomes_the_answer() -> None:
    form = read(THINGS)
    begun = walk.begin(form)
    step = go(
        form, Toggle("c"), Toggle("a"), Toggle("b", on=True), Toggle("b", on=True), Toggle("c", on=False), start=begun
    )
    assert ask(step).picked == ("a", "b")
    assert step.state["seq"] == begun.state["seq"]
    assert walk.answers(form, step.state) == {}
    step = go(form, Picked(), start=step)
    assert asked(step) == "z"
    assert walk.answers(form, step.state) == {"/data/m": ["a", "b"]}
    step = go(form, Back(), Toggle("a"), start=step)
    assert ask(step).picked == ("b",)
    assert walk.answers(form, go(form, Picked(), start=step).state) == {"/data/m": ["b"]}
    assert walk.answers(form, go(form, Skip(), start=step).state) == {"/data/m": ["a", "b"]}
    assert ask(go(form, Skip(), Back(), start=step)).picked == ("a", "b")


def test_a_refused_draft_stays_ticked() -> None:
    form = read(THINGS)
    step = go(form, Toggle("a"), Toggle("b"), Toggle("c"), Picked())
    assert refused(step) == ("m", "constraint")
    assert ask(step).picked == ("a", "b", "c")
    assert refused(go(form, Picked())) == ("m", "required")
    assert refused(go(form, Toggle("a"), Toggle("a"), Picked())) == ("m", "required")


def test_what_cannot_be_ticked_is_not() -> None:
    form = read(THINGS)
    begun = walk.begin(form)
    assert go(form, Toggle("nothing"), start=begun) == begun
    at_text = go(form, Answer(["a"]), start=begun)
    assert go(form, Toggle("a"), start=at_text) == Step(at_text.state, at_text.events)
    assert go(form, Picked(), start=at_text).state == at_text.state


# Review and visits -------------------------------------------------------------------------------------------


def test_the_review_shows_every_relevant_question_in_words() -> None:
    form = read(
        survey(
            "type | name | label", "select_one yn | a | A", "begin group | g | G", "select_multiple yn | m | M",
            "decimal | d | D", "end group", "date | e | E", "text | t | T",
        ) + YES_NO
    )  # fmt: skip
    step = go(form, Answer("no"), Answer(["no", "yes"]), Answer("2.50"), Answer("2026-10-01"), Skip())
    review = step.events[0]
    assert isinstance(review, Review)
    assert [(line.path, said(line.shown), line.value) for line in review.lines] == [
        ("/data/a", "No", "no"), ("/data/g/m", "No, Yes", ["no", "yes"]), ("/data/g/d", "2.5", 2.5),
        ("/data/e", "2026-10-01", "2026-10-01"), ("/data/t", "(no answer)", None),
    ]  # fmt: skip
    assert review.answers == {"a": "no", "g": {"m": ["no", "yes"], "d": 2.5}, "e": "2026-10-01"}


def test_a_visit_changes_one_answer_and_returns() -> None:
    form = read(CHAIN)
    step = go(form, Answer("yes"), Answer("yes"), Answer("three"))
    visit = go(form, Visit("/data/q3"), start=step)
    assert asked(visit) == "q3"
    assert ask(visit).value == "three"
    assert asked(go(form, Answer("3"), start=visit)) == "review"
    assert asked(go(form, Back(), start=visit)) == "review"
    assert asked(go(form, Skip(), start=visit)) == "review"
    assert "todo" not in go(form, Back(), start=visit).state
    assert asked(go(form, Visit("/data/q1"), start=visit)) == "q1"


def test_a_visit_asks_what_became_relevant_and_is_unanswered() -> None:
    form = read(
        survey(
            "type | name | label | relevant",
            "select_one yn | q1 | 1 |", "note | n | N | ${q1} = 'no'", "select_one yn | q2 | 2 | ${q1} = 'no'",
            "text | q3 | 3 | ${q2} = 'yes'", "text | q4 | 4 | ${q1} = 'no'", "text | q5 | 5 |",
        ) + YES_NO
    )  # fmt: skip
    step = go(form, Answer("yes"), Skip(), Visit("/data/q1"), Answer("no"))
    assert isinstance(step.events[0], Note)
    assert asked(step) == "q2"
    step = go(form, Answer("yes"), start=step)
    assert asked(step) == "q3"
    assert asked(go(form, Skip(), Skip(), start=step)) == "review"
    answered = go(form, Answer("three"), Answer("four"), start=step)
    again = go(form, Visit("/data/q1"), Answer("yes"), Visit("/data/q1"), Answer("no"), start=answered)
    assert asked(again) == "review", "what was answered before is not asked again"


def test_what_fell_away_again_on_a_visit_is_not_asked() -> None:
    form = read(
        survey(
            "type | name | label | relevant", "select_one yn | q1 | 1 |", "select_one yn | q2 | 2 | ${q1} = 'no'",
            "text | q3 | 3 | ${q1} = 'no' and ${q2} != 'no'", "note | n | N | ${q2} = 'no'",
        ) + YES_NO
    )  # fmt: skip
    step = go(form, Answer("yes"), Visit("/data/q1"), Answer("no"), Answer("no"))
    assert [type(event) for event in step.events] == [Note, Review]


def test_only_the_review_is_left_for_a_visit() -> None:
    form = read(CHAIN)
    begun = walk.begin(form)
    assert go(form, Visit("/data/q1"), start=begun) == begun
    review = go(form, Answer("no"), Skip())
    for path in ("/data/q2", "/data/nothing", "/data"):
        assert go(form, Visit(path), start=review).state == review.state


def test_the_review_takes_no_answer_and_a_question_no_submit() -> None:
    form = read(ABC)
    begun = walk.begin(form)
    assert go(form, Submit(), start=begun) == begun
    review = go(form, Skip(), Skip(), Skip())
    for one in (Answer("x"), Say("x"), Skip(), Toggle("x"), Picked()):
        assert go(form, one, start=review) == Step(review.state, review.events[-1:])


def test_what_is_handed_in_stays_so() -> None:
    form = read(ABC)
    done = go(form, Answer("1"), Skip(), Skip(), Submit())
    assert done.state["done"] is True
    for one in (Answer("x"), Back(), Visit("/data/a"), Submit(), Say("x")):
        assert go(form, one, start=done) == done
    assert walk.current(form, done.state) == done.events


# The state ---------------------------------------------------------------------------------------------------


def test_seq_grows_with_every_question_put() -> None:
    form = read(ABC)
    seen = [walk.begin(form).state["seq"]]
    step = walk.begin(form)
    for one in (Answer("1"), Back(), Answer("2"), Skip(), Skip(), Visit("/data/a"), Back()):
        step = go(form, one, start=step)
        seen.append(step.state["seq"])
    assert seen == list(range(1, 9))
    assert step.state["version"] == form.version


def test_current_changes_nothing() -> None:
    form = read(ABC)
    step = go(form, Answer("1"))
    assert walk.current(form, step.state, TODAY) == step.events[-1:]


def test_a_form_of_notes_goes_straight_to_the_review() -> None:
    form = from_plain({**to_plain(read(ABC)), "items": [to_plain(read(ABC))["items"][1]]})
    assert [type(event) for event in walk.begin(form).events] == [Note, Review]


def test_free_words_are_understood() -> None:
    form = read(CHAIN)
    assert asked(go(form, Say("嗯"))) == "q2"
    assert refused(go(form, Say("maybe"))) == ("q1", "choice")


# Any form, any walk --------------------------------------------------------------------------------------------

TYPES = ["text", "integer", "decimal", "date", "note", "select_one yn", "select_multiple yn"]
conditions = st.sampled_from(
    [
        "",
        "",
        "${q0} = 'yes'",
        "${q1} != ''",
        "${q0} > 3",
        "selected(${q2}, 'yes')",
        "not(${q1} = ${q0})",
        "today() > ${q1}",
    ]
)
constraints = st.sampled_from(["", "", ". > 3", "string-length(.) < 4", ". != ${q0}", "regex(., '[a-z0-9 ]+')"])


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Small forms with groups; a condition only names questions above."""
    rows, depth = [], 0
    for number in range(draw(st.integers(4, 7))):
        condition = draw(conditions) if number > 2 else ""
        if draw(st.integers(0, 4)) == 4:
            rows.append(f"begin group | g{number} | G | {condition} | |")
            depth += 1
        kind, relevant = draw(st.sampled_from(TYPES)), draw(conditions) if number > 2 else ""
        required = "" if kind == "note" else draw(st.sampled_from(["", "yes", "${q0} != 1"]))
        rows.append(f"{kind} | q{number} | Q{number} ${{q0}} | {relevant} | {draw(constraints)} | {required}")
        if depth and draw(st.booleans()):
            rows.append("end group | | | | |")
            depth -= 1
    rows += ["end group | | | | |"] * depth + ["text | last | Last | | |"]
    return read(survey("type | name | label | relevant | constraint | required", *rows) + YES_NO)


values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["yes", "no", "abc", "5", 5, 2.5, "2026-10-01", ["yes"], ["no", "yes"], [], "", None]),
    st.text(max_size=8), st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)  # fmt: skip
givens: st.SearchStrategy[walk.Given] = st.one_of(
    values.map(Answer), values.map(Answer), st.text(max_size=10).map(Say),
    st.sampled_from(["是", "1、2", "3次", "昨天"]).map(Say),
    st.just(Skip()), st.just(Back()), st.just(Picked()), st.builds(Submit, st.booleans()),
    st.builds(Toggle, st.sampled_from(["yes", "no", "x"]), st.sampled_from([None, True, False])),
    st.sampled_from(["/data/q0", "/data/q3", "/data/last", "/data/g3/q3", "nowhere"]).map(Visit),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(forms(), st.lists(givens, max_size=25))
def test_any_input_leads_somewhere_and_replays_the_same(form: Form, given: list[walk.Given]) -> None:
    step = walk.begin(form, TODAY)
    again = walk.begin(form, TODAY)
    copy = from_plain(json.loads(json.dumps(to_plain(form))))
    for one in given:
        frozen = json.dumps(step.state)
        following = walk.step(form, step.state, one, TODAY)
        assert json.dumps(step.state) == frozen, "a step changed the state it was given"
        again = walk.step(copy, json.loads(json.dumps(again.state)), one, TODAY)
        assert again.state == following.state
        assert again.events == following.events
        assert isinstance(following.events[-1], Ask | Review | Done)
        assert following.events[-1] == walk.current(form, following.state, TODAY)[-1]
        assert following.state["seq"] - step.state["seq"] in (0, 1)
        if isinstance(following.events[-1], Ask):
            assert 1 <= following.events[-1].position <= following.events[-1].total
        step = following


@settings(max_examples=100, deadline=None)
@given(forms(), st.lists(givens, max_size=15))
def test_back_then_forward_changes_nothing(form: Form, given: list[walk.Given]) -> None:
    step = go(form, *given)
    if "done" in step.state or "todo" in step.state:
        return
    back = go(form, Back(), start=step)
    forward = go(form, Skip(), start=back)
    assert walk.answers(form, back.state, TODAY) == walk.answers(form, step.state, TODAY)
    assert walk.answers(form, forward.state, TODAY) == walk.answers(form, step.state, TODAY)
    if back.state["at"] != step.state["at"] and not refused(forward)[0]:
        assert forward.state["at"] == step.state["at"]


@settings(max_examples=60, deadline=None)
@given(forms(), st.lists(givens, max_size=20))
def test_what_is_handed_in_is_relevant_and_fits(form: Form, given: list[walk.Given]) -> None:
    step = go(form, *given)
    for _ in range(20):
        if asked(step) in ("review", "done"):
            break
        step = go(form, Answer("yes"), Answer(5), Answer("2026-10-01"), Answer("5"), start=step)
    step = go(form, Submit(), start=step)
    if asked(step) == "done":
        relevant = walk.answers(form, step.state, TODAY)
        assert step.events[-1] == Done(walk.nested(form, step.state, TODAY))
        assert set(relevant) <= set(step.state["answers"])


def test_a_state_of_three_hundred_answers_is_small() -> None:
    form = read(survey("type | name | label", *(f"text | question{n} | Q" for n in range(300))))
    step = walk.begin(form)
    for _ in range(300):
        step = walk.step(form, step.state, Answer("五十个字" * 10))
    assert asked(step) == "review"
    assert len(json.dumps(step.state, ensure_ascii=False).encode()) < 64_000


def test_loading_is_done_once() -> None:
    plain = to_plain(read(ABC))
    assert load(plain, "the same") is load(plain, "the same")
    first = load(plain, "first")
    for number in range(70):
        load(plain, f"other {number}")
    assert load(plain, "first") is not first
