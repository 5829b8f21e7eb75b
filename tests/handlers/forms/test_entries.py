"""Entries taken away, pages and filling in, visits to entries: what ODK has no steps for. And any form, any walk."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms import walk
from handlers.forms.entries import renumbered
from handlers.forms.form import Choice, Form, Item, from_plain, to_plain
from handlers.forms.view import MOST_ENTRIES
from handlers.forms.walk import (
    Again,
    Another,
    Answer,
    Ask,
    Back,
    Done,
    FellAway,
    Heading,
    Note,
    Picked,
    Refused,
    Remove,
    Review,
    Say,
    Skip,
    Step,
    Submit,
    Toggle,
    Visit,
)
from handlers.talk import Label
from tests.handlers.forms.made import answered, form, group, items, q, refused, repeat, said_by
from tests.handlers.forms.reading import said

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def go(form: Form, *given: walk.Given | Any, start: Step | None = None) -> Step:
    """The last step after all that was given; what is no move is an answer."""
    step = start or walk.begin(form, NOW, "seed")
    for one in given:
        move = one if type(one).__module__.endswith("moves") else Answer(one)
        step = walk.step(form, step.state, move, NOW)
    return step


KIDS = form(
    repeat("kid", q("text", "name"), repeat("toy", q("text", "what"))),
    q("text", "z", "${names}"), q("calculate", "names", calculation="join(',', ${name})"),
)  # fmt: skip
THREE = ("A", "a1", Again(True), "a2", Again(False), Again(True), "B", "b1", Again(False), Again(True), "C", "c1",
         Again(False), Again(False))  # fmt: skip


# Entries taken away ------------------------------------------------------------------------------------------


def test_an_entry_is_taken_away_and_those_behind_it_move_up() -> None:
    step = go(KIDS, *THREE, "end", Remove("/data/kid[1]"))
    assert said_by(step) == "review"
    assert answered(KIDS, step) == {
        "kid[1]/name": "B", "kid[1]/toy[1]/what": "b1", "kid[2]/name": "C", "kid[2]/toy[1]/what": "c1", "z": "end",
        "names": "B,C",
    }  # fmt: skip
    assert step.state["made"] == {"/data/kid": 2, "/data/kid[1]/toy": 1, "/data/kid[2]/toy": 1}
    step = go(KIDS, Remove("/data/kid[2]"), Remove("/data/kid[1]"), start=step)
    assert answered(KIDS, step) == {"z": "end"}
    step = go(KIDS, Back(), Back(), start=step)
    assert step.events[-1] == Another("/data/kid", KIDS.items[0].label, 0)
    assert said_by(go(KIDS, Again(True), start=step)) == "kid[1]/name"


def test_a_walk_in_an_entry_taken_away_goes_on_with_what_follows() -> None:
    at_b = go(KIDS, *THREE, *[Back()] * 5)
    assert said_by(at_b) == "kid[2]/toy?"
    at_b = go(KIDS, Back(), start=at_b)
    assert said_by(go(KIDS, Remove("/data/kid[2]"), start=at_b)) == "kid[2]/name"
    assert said_by(go(KIDS, Remove("/data/kid[1]"), start=at_b)) == "kid[1]/toy[1]/what"
    assert said_by(go(KIDS, Remove("/data/kid[3]"), start=at_b)) == "kid[2]/toy[1]/what"
    assert said_by(go(KIDS, Remove("/data/kid[2]/toy[1]"), start=at_b)) == "kid[2]/toy?"


def test_what_cannot_be_taken_away_stays() -> None:
    counted = form(repeat("r", q("text", "t"), count="2"), q("text", "z"))
    step = go(counted, "x")
    for path in ("/data/r[1]", "/data/r", "/data/z", "/data/r[9]", "nonsense"):
        assert go(counted, Remove(path), start=step) == step
    step = go(KIDS, *THREE)
    for path in ("/data/kid[4]", "/data/kid[0]", "/data/kid[01]", "/data/kid[1]/toy[3]", "/data/kid[9]/toy[1]"):
        assert answered(KIDS, go(KIDS, Remove(path), start=step)) == answered(KIDS, step)


def test_paths_are_renumbered() -> None:
    assert renumbered("/data/kid[3]/toy[2]/what", "/data/kid", 2) == "/data/kid[2]/toy[2]/what"
    assert renumbered("/data/kid[2]/name", "/data/kid", 2) is None
    assert renumbered("/data/kid[1]/name", "/data/kid", 2) == "/data/kid[1]/name"
    assert renumbered("/data/kids[3]/name", "/data/kid", 2) == "/data/kids[3]/name"


# From the review ---------------------------------------------------------------------------------------------


def test_the_review_says_where_an_entry_begins() -> None:
    review = go(KIDS, *THREE, "end").events[-1]
    assert isinstance(review, Review)
    assert [(line.path.removeprefix("/data/"), said(line.heading)) for line in review.lines] == [
        ("kid[1]/name", "KID 1"), ("kid[1]/toy[1]/what", "TOY 1"), ("kid[1]/toy[2]/what", "TOY 2"),
        ("kid[2]/name", "KID 2"), ("kid[2]/toy[1]/what", "TOY 1"), ("kid[3]/name", "KID 3"),
        ("kid[3]/toy[1]/what", "TOY 1"), ("z", ""),
    ]  # fmt: skip


def test_an_entry_is_added_from_the_review() -> None:
    step = go(KIDS, "A", "a1", Again(False), Again(False), "end", Visit("/data/kid"))
    assert said_by(step) == "kid?"
    assert said_by(go(KIDS, Again(False), start=step)) == "review"
    assert said_by(go(KIDS, Back(), start=step)) == "review"
    places = []
    for one in (Again(True), "B", "b1", Again(False), Again(False)):
        step = go(KIDS, one, start=step)
        places.append(said_by(step))
    assert places == ["kid[2]/name", "kid[2]/toy[1]/what", "kid[2]/toy?", "kid?", "review"]
    assert said_by(go(KIDS, Visit("/data/kid[2]/name"), start=step)) == "kid[2]/name"


def test_an_entry_taken_away_on_a_visit() -> None:
    step = go(KIDS, *THREE, "end", Visit("/data/kid[2]/name"))
    assert said_by(go(KIDS, Remove("/data/kid[2]"), start=step)) == "review"
    assert said_by(go(KIDS, Remove("/data/kid[1]"), start=step)) == "kid[1]/name"


def test_a_larger_count_is_asked_for_on_a_visit() -> None:
    made = form(q("integer", "k"), repeat("r", q("text", "t"), count="${k}"), q("text", "z"))
    step = go(made, 1, "x", "z", Visit("/data/k"), 3)
    assert said_by(step) == "r[2]/t"
    assert said_by(go(made, "y", "w", start=step)) == "review"
    step = go(made, "y", "w", Visit("/data/k"), 0, start=step)
    assert isinstance(step.events[0], FellAway)
    assert len(step.events[0].labels) == 3


# What a question says of itself --------------------------------------------------------------------------------


def test_headings_positions_and_whether_they_are_settled() -> None:
    made = form(
        q("text", "a"), group("g", q("text", "b"), repeat("r", q("text", "c"), count="2"), relevant="${a} = 'x'"),
        q("text", "d"),
    )  # fmt: skip
    asks = [walk.begin(made).events[-1]]
    step = walk.begin(made)
    for one in ("x", "", "", ""):
        step = go(made, one, start=step)
        asks.append(step.events[-1])
    found = [
        (one.position, one.total, one.settled, [said(heading) for heading in one.headings])
        for one in asks
        if isinstance(one, Ask)
    ]
    assert found == [
        (1, 2, False, []), (2, 4, True, ["G"]), (3, 4, True, ["G", "R 1"]), (4, 5, True, ["G", "R 2"]),
        (5, 5, True, []),
    ]  # fmt: skip


def test_a_repeat_without_a_label_is_numbered() -> None:
    made = form(repeat("r", q("text", "c")))
    bare = from_plain({**to_plain(made), "items": [{**to_plain(made)["items"][0], "label": [{}, ""]}]})
    event = walk.begin(bare).events[-1]
    assert isinstance(event, Ask)
    assert [said(heading) for heading in event.headings] == ["No. 1"]
    assert not event.settled


# A page -------------------------------------------------------------------------------------------------------

PAGE = form(
    q("integer", "k", constraint=". < 9", required="true()"), q("note", "n"), q("text", "b", relevant="${k} > 1"),
    group("g", q("select_one", "s", choices="x y"), repeat("r", q("text", "t", relevant="${k} < 3"), count="${k}")),
    repeat("u", q("text", "v")),
)  # fmt: skip


def names(blocks: tuple[walk.Block, ...]) -> list[str]:
    return [type(block).__name__ + " " + block.path.removeprefix("/data/") for block in blocks]


def test_a_page_has_all_that_is_relevant_in_order() -> None:
    begun = walk.begin(PAGE)
    assert names(walk.page(PAGE, begun.state)) == [
        "Ask k", "Note n", "Heading g", "Ask g/s", "Heading u[1]", "Ask u[1]/v", "Another u",
    ]  # fmt: skip
    step = walk.fill(PAGE, begun.state, {"/data/k": 2})
    assert names(walk.page(PAGE, step.state)) == [
        "Ask k", "Note n", "Ask b", "Heading g", "Ask g/s", "Heading g/r[1]", "Ask g/r[1]/t", "Heading g/r[2]",
        "Ask g/r[2]/t", "Heading u[1]", "Ask u[1]/v", "Another u",
    ]  # fmt: skip
    headings = [said(block.label) for block in walk.page(PAGE, step.state) if isinstance(block, Heading)]
    assert headings == ["G", "R 1", "R 2", "U 1"]


def test_many_answers_at_once_are_taken_in_the_order_of_the_form() -> None:
    begun = walk.begin(PAGE)
    told = {
        "/data/g/r[2]/t": "two",
        "/data/b": "b",
        "/data/k": "2",
        "/data/g/s": "nobody",
        "/data/u[2]/v": "no",
        "x": 1,
    }
    step = walk.fill(PAGE, begun.state, told)
    assert answered(PAGE, step) == {"k": 2, "b": "b", "g/r[2]/t": "two"}
    assert refused(step) == ("g/s", "choice")
    assert step.state["at"] == begun.state["at"]
    step = walk.fill(PAGE, step.state, {"/data/k": 10, "/data/b": ""})
    assert refused(step) == ("k", "constraint")
    assert answered(PAGE, step) == {"k": 2, "g/r[2]/t": "two"}
    step = walk.fill(PAGE, step.state, {"/data/k": 3})
    assert [type(event) for event in step.events] == [FellAway]
    assert refused(walk.fill(PAGE, step.state, {"/data/k": None})) == ("k", "required")


def test_the_walk_goes_on_where_its_place_is_gone() -> None:
    step = go(PAGE, 2)
    assert said_by(step) == "b"
    filled = walk.fill(PAGE, step.state, {"/data/k": 1})
    assert filled.state["at"] == "/data/g/s"
    assert filled.events == ()
    review = go(form(q("text", "a")), "x")
    assert walk.fill(form(q("text", "a")), review.state, {"/data/a": "y"}).state["at"] == ""


def test_what_is_handed_in_cannot_be_filled() -> None:
    made = form(q("text", "a"))
    done = go(made, "x", Submit())
    assert walk.fill(made, done.state, {"/data/a": "y"}).state == done.state


# Limits ---------------------------------------------------------------------------------------------------------


def test_there_is_an_end_to_entries() -> None:
    made = form(repeat("r", q("note", "n"), count="999999"), q("text", "z"))
    step = walk.begin(made)
    assert said_by(step) == "z"
    assert step.state["made"] == {"/data/r": MOST_ENTRIES}


def test_a_state_of_three_hundred_answers_in_entries_is_small() -> None:
    made = form(repeat("r", *(q("text", f"question{n}") for n in range(10))))
    step = walk.begin(made)
    for _ in range(30):
        step = go(made, *["五十个字" * 10] * 10, Again(True), start=step)
    assert len(answered(made, step)) == 300
    assert len(json.dumps(step.state, ensure_ascii=False).encode()) < 64_000


# Any form, any walk -------------------------------------------------------------------------------------------

ABOVE = ("q0", "q1", "q2")
conditions = st.sampled_from(
    ["", "", "${q0} = 'yes'", "${q1} != ''", "${q0} > 3", "selected(${q2}, 'yes')", "not(${q1} = ${q0})", "${c} > 2"]
)
constraints = st.sampled_from(["", "", ". > 3", "string-length(.) < 4", ". != ${q0}", "regex(., '[a-z0-9 ]+')"])
defaults = st.sampled_from(
    [("", False), ("", False), ("yes", False), ("5", False), ("${q0}", True), ("position(..)", True)]
)
calculations = st.sampled_from(["", "", "", "${q0}", "concat(${q1}, 'x')", "once(${q0} + 1)", "random()"])
kinds = st.sampled_from(
    ["text", "integer", "decimal", "date", "note", "select_one", "select_multiple", "rank", "time", "dateTime", "range",
     "acknowledge", "image", "calculate", "hidden"]
)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn, name: str) -> Item:
    default, dynamic = draw(defaults)
    kind = draw(kinds)
    chooses = kind in ("select_one", "select_multiple", "rank")
    fields = {
        "default": default, "dynamic": dynamic, "relevant": draw(conditions), "constraint": draw(constraints),
        "calculation": draw(calculations), "required": draw(st.sampled_from(["", "", "true()", "${q0} != 1"])),
        "read_only": draw(st.sampled_from(["", "", "", "${q1} = 'yes'"])), "randomize": chooses and draw(st.booleans()),
        "choice_filter": draw(st.sampled_from(["", "name != ${q0}"])) if chooses else "",
        "trigger": draw(st.sampled_from([(), (), ("q0",)])),
    }  # fmt: skip
    return q(kind, name, f"{name} ${{q0}}", "yes no" if chooses else "", **fields)


@st.composite
def insides(draw: st.DrawFn, name: str, depth: int) -> list[Item]:
    made: list[Item] = []
    for number in range(draw(st.integers(1, 3))):
        here = f"{name}{number}"
        what = draw(st.integers(0, 4)) if depth < 2 else 4
        if what == 0:
            made.append(group(f"g{here}", *draw(insides(here, depth + 1)), relevant=draw(conditions)))
        elif what == 1:
            count = draw(st.sampled_from(["", "", "${q0}", "2", "${c} - 1"]))
            made.append(repeat(f"r{here}", *draw(insides(here, depth + 1)), relevant=draw(conditions), count=count))
        else:
            made.append(draw(questions(f"q{here}")))
    return made


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Small forms with groups, repeats in repeats and all kinds; expressions name the three questions at the top."""
    top = [
        q(draw(st.sampled_from(["text", "integer"])), name, default=draw(st.sampled_from(["", "1"]))) for name in ABOVE
    ]
    return form(*top, q("calculate", "c", calculation="${q0} + 1"), *draw(insides("a", 0)), q("text", "last"))


values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["yes", "no", "5", 1, 2, 3, 5, 2.5, "2026-10-01", "09:30", "2026-10-01T09:30", ["yes"],
                     ["no", "yes"],                     "OK", "", None]),
    st.text(max_size=4), st.integers(-3, 9), st.floats(), st.booleans(), st.lists(st.text(max_size=3), max_size=2),
)  # fmt: skip
paths = st.sampled_from(
    ["/data/q0", "/data/last", "/data/ra0", "/data/ra0[1]", "/data/ra0[2]", "/data/ra1[1]", "/data/ra0[1]/qa00",
     "/data/ra0[2]/qa00", "/data/ra0[1]/ra00[1]", "/data/ra0[1]/ra00", "nowhere", "/data/ra0[x]"]
)  # fmt: skip
givens: st.SearchStrategy[walk.Given] = st.one_of(
    values.map(Answer), values.map(Answer), st.just(Skip()), st.just(Skip()),
    st.sampled_from(["是", "1、2", ""]).map(Say),
    st.booleans().map(Again), st.booleans().map(Again), st.just(Back()), st.just(Picked()),
    st.builds(Submit, st.booleans()), st.builds(Toggle, st.sampled_from(["yes", "x"]), st.sampled_from([None, True])),
    paths.map(Visit), paths.map(Remove),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(forms(), st.lists(givens, max_size=25), st.dictionaries(paths, values, max_size=3))
def test_any_input_leads_somewhere_and_replays_the_same(
    form: Form, given: list[walk.Given], filled: dict[str, Any]
) -> None:
    step = walk.begin(form, NOW, "seed")
    again = walk.begin(form, NOW, "seed")
    copy = from_plain(json.loads(json.dumps(to_plain(form))))
    for one in given:
        frozen = json.dumps(step.state)
        following = walk.step(form, step.state, one, NOW)
        assert json.dumps(step.state) == frozen, "a step changed the state it was given"
        again = walk.step(copy, json.loads(json.dumps(again.state)), one, NOW)
        assert again.state == following.state
        assert again.events == following.events
        assert isinstance(following.events[-1], Ask | Another | Review | Done)
        assert following.events[-1] == walk.current(form, following.state, NOW)[-1]
        assert following.state["seq"] - step.state["seq"] in (0, 1)
        step = following
    assert all(isinstance(block, Ask | Note | Another | Heading) for block in walk.page(form, step.state, NOW))
    after = walk.fill(form, step.state, filled, NOW)
    assert all(isinstance(event, Refused | FellAway) for event in after.events)
    assert after == walk.fill(copy, json.loads(json.dumps(step.state)), filled, NOW)


@settings(max_examples=100, deadline=None)
@given(forms(), st.lists(givens, max_size=15))
def test_back_then_forward_changes_nothing(form: Form, given: list[walk.Given]) -> None:
    step = go(form, *given)
    if "done" in step.state or "todo" in step.state:
        return
    back = go(form, Back(), start=step)
    if isinstance(back.events[-1], Another):
        forward = go(form, Again(False), start=back)
    else:
        asked = back.events[-1]
        assert isinstance(asked, Ask | Review)
        forward = go(form, Skip(), start=back) if isinstance(asked, Ask) and asked.value is not None else step
    assert answered(form, forward) == answered(form, back)


@settings(max_examples=100, deadline=None)
@given(forms(), forms(), st.lists(givens, max_size=8), st.lists(givens, max_size=4), st.data())
def test_the_state_of_another_form_or_a_broken_one_is_no_danger(
    form: Form, other: Form, first: list[walk.Given], then: list[walk.Given], data: st.DataObject
) -> None:
    state = json.loads(json.dumps(go(form, *first).state))
    for key in data.draw(st.lists(st.sampled_from(sorted(state)), max_size=2)):
        state[key] = data.draw(st.one_of(values, st.dictionaries(paths, values, max_size=2), st.none()))
    step = Step(state, ())
    for one in then:
        step = walk.step(other, step.state, one, NOW)
        assert step.events
    walk.page(other, step.state, NOW)


def test_a_state_that_waits_at_what_is_not_asked_takes_no_answer() -> None:
    state = walk.begin(form(q("text", "a"))).state
    for kind in ("calculate", "hidden", "note"):
        other = form(q(kind, "a"), q("text", "b"))
        assert walk.step(other, state, Answer("x")).state["answers"] == {}


def test_an_entry_that_is_there_in_one_language_only_can_be_asked() -> None:
    """Its relevance reads a label, and in the other language that says something else."""
    names = {"en": "Yes", "zh_CN": "是"}
    words = Label({"en": "${a} in English", "zh_CN": "中文的${a}"}, "en")
    made = Form(
        "made", Label({"en": "Made"}), "1", ("en", "zh_CN"), "en",
        items(
            q("select_one", "a", offered=(Choice("y", Label(names, "en")),)),
            repeat("r", replace(q("text", "t"), label=words), relevant="jr:choice-name(${a}, '${a}') = 'Yes'"),
        ),
    )  # fmt: skip
    step = go(made, "y")
    asked = step.events[-1]
    assert isinstance(asked, Ask)
    assert (asked.path, asked.question.label.words["en"]) == ("/data/r[1]/t", "y in English")
