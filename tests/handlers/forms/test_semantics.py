"""How an ODK form behaves: statements observed with JavaRosa 5.1.0, that `test_walk` does not have yet."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.forms import walk
from handlers.forms.form import Choice, Form
from handlers.forms.walk import Again, Answer, Ask, Back, Done, FellAway, Note, Remove, Skip, Step, Submit, Visit
from handlers.talk import Label
from tests.handlers.forms.made import answered, form, group, q, refused, repeat, said_by
from tests.handlers.forms.reading import said

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def go(form: Form, *given: walk.Given | Any, start: Step | None = None) -> Step:
    """The last step after all that was given; what is no move is an answer."""
    step = start or walk.begin(form, NOW, "seed")
    for one in given:
        move = one if type(one).__module__.endswith("moves") else Answer(one)
        step = walk.step(form, step.state, move, NOW)
    return step


def ask(step: Step) -> Ask:
    event = step.events[-1]
    assert isinstance(event, Ask)
    return event


def label(step: Step) -> str:
    return said(ask(step).question.label)


# 2 Relevance, 4 Defaults -------------------------------------------------------------------------------------


def test_the_default_of_a_hidden_question_is_empty_while_hidden() -> None:
    made = form(q("text", "a"), q("text", "b", relevant="${a} = 'x'", default="kept"), q("text", "z", "[${b}]"))
    assert label(go(made, "y")) == "[]"
    assert answered(made, go(made, "y")) == {"a": "y"}
    step = go(made, "x")
    assert ask(step).value == "kept"
    assert label(go(made, Skip(), start=step)) == "[kept]"


def test_a_calculation_that_is_not_relevant_is_empty() -> None:
    made = form(
        q("integer", "a"), q("calculate", "c", calculation="${a} * 2", relevant="${a} > 1"), q("text", "z", "[${c}]")
    )
    assert label(go(made, 1)) == "[]"
    assert answered(made, go(made, 2)) == {"a": 2, "c": 4}


def test_a_default_is_there_from_the_start_and_satisfies_required() -> None:
    made = form(q("integer", "a", default="7", required="true()"), q("calculate", "c", calculation="${a} + 1"))
    begun = walk.begin(made)
    assert answered(made, begun) == {"a": 7, "c": 8}
    assert said_by(go(made, Skip())) == "review"
    assert refused(go(made, None)) == ("a", "required")


def test_a_computed_default_is_computed_once_when_its_entry_is_made() -> None:
    made = form(
        q("integer", "k", default="7"),
        repeat(
            "r",
            q("integer", "x", default="${k} + 1", dynamic=True),
            q("integer", "n", default="position(..)", dynamic=True),
        ),
    )
    step = go(made, 9, Skip(), Skip(), Again(True))
    assert answered(made, step) == {"k": 9, "r[1]/x": 8, "r[1]/n": 1, "r[2]/x": 10, "r[2]/n": 2}


def test_computed_defaults_see_those_before_them_but_no_calculation_yet() -> None:
    made = form(
        q("integer", "a", default="${b} + 1", dynamic=True), q("integer", "b", default="3"),
        q("calculate", "c", calculation="${b} * 2"), q("text", "d", default="concat('[', ${c}, ']')", dynamic=True),
        q("integer", "e", default="${f} + 1", dynamic=True), q("integer", "f", default="${a} + 1", dynamic=True),
        q("text", "t", default="true() and 1", dynamic=True),
    )  # fmt: skip
    assert answered(made, walk.begin(made)) == {"a": 4, "b": 3, "c": 6, "d": "[]", "f": 5, "t": "1"}


def test_a_computed_default_of_nothing_lets_what_follows_be_worked_out() -> None:
    made = form(
        q("integer", "a"), q("integer", "b", default="${a}", dynamic=True),
        q("calculate", "c", calculation="count-selected(${b}) + 1"),
        q("text", "d", default="concat('[', ${c}, ']')", dynamic=True),
    )  # fmt: skip
    assert answered(made, walk.begin(made)) == {"c": 1, "d": "[1]"}


def test_computed_defaults_know_what_is_never_relevant() -> None:
    made = form(
        q("text", "d", default="concat('[', ${h}, ${i}, ${k}, ']')", dynamic=True),
        group("g", q("text", "h", default="H"), relevant="false()"), q("text", "i", default="I", relevant="false()"),
        q("text", "k", default="K", relevant="1 = 2"),
    )  # fmt: skip
    assert answered(made, walk.begin(made)) == {"d": "[K]"}


def test_a_default_choice_that_is_not_offered_is_dropped_when_reached() -> None:
    made = form(
        q("text", "a"), q("select_multiple", "m", choices="x y", default="x no y"),
        q("select_one", "s", choices="x y", default="no"), q("text", "z"),
    )  # fmt: skip
    assert answered(made, walk.begin(made))["s"] == "no"
    step = go(made, Skip())
    assert ask(step).value == ["x", "y"]
    assert ask(go(made, Skip(), start=step)).value is None


# 5 Calculations ----------------------------------------------------------------------------------------------


def test_calculations_are_worked_out_in_the_order_of_what_depends_on_what() -> None:
    made = form(
        q("calculate", "c", calculation="${d} + 1"), q("integer", "a"), q("calculate", "d", calculation="${a} * 10"),
        q("text", "z", "${c}"),
    )  # fmt: skip
    step = go(made, 2)
    assert label(step) == "21"
    assert label(go(made, Back(), 3, start=step)) == "31"
    assert answered(made, go(made, Skip())) == {}


def test_once_keeps_the_first_value_that_is_not_empty() -> None:
    made = form(
        q("integer", "k"), q("calculate", "o", calculation="once(${k})"),
        q("calculate", "i", calculation="once(if(${k} > 3, 'hi', ''))"), q("text", "z", "${o} ${i}"),
    )  # fmt: skip
    step = go(made, 2)
    assert label(step) == "2 "
    step = go(made, Back(), 5, start=step)
    assert label(step) == "2 hi"
    assert label(go(made, Back(), 1, start=step)) == "2 hi"


def test_once_keeps_what_it_was_while_defaults_are_set() -> None:
    made = form(
        q("integer", "a", default="round(2.5)", dynamic=True), q("text", "b", default="concat('b', '')", dynamic=True),
        q("calculate", "o", calculation="once(coalesce(${b}, ${a}))"), q("calculate", "p", calculation="once(${b})"),
    )  # fmt: skip
    assert answered(made, walk.begin(made)) == {"a": 3, "b": "b", "o": 3, "p": "b"}


def test_once_follows_while_it_is_hidden() -> None:
    made = form(
        q("integer", "k"), q("integer", "h"), q("calculate", "o", calculation="once(${k})", relevant="${h} = 1")
    )
    step = go(made, 2, 1, Back(), 0, Back(), Back(), 5, 1)
    assert answered(made, step) == {"k": 5, "h": 1, "o": 5}


def test_a_calculated_question_holds_the_answer_until_its_sources_are_touched() -> None:
    made = form(q("integer", "a"), q("integer", "b", calculation="${a} * 2.5"), q("text", "z", "${b}"))
    step = go(made, 3)
    assert ask(step).value == 7
    step = go(made, 9, start=step)
    assert label(step) == "9"
    step = go(made, Back(), Back(), start=step)
    assert answered(made, step)["b"] == 9
    assert ask(go(made, 3, start=step)).value == 7, "the same answer again is a change, too"
    assert answered(made, go(made, None, None)) == {}


def test_a_calculated_question_is_touched_by_the_relevance_of_its_sources_not_by_its_own() -> None:
    made = form(
        q("integer", "a"), q("text", "y", relevant="${a} > 1"), q("text", "b", calculation="concat('v', ${y})"),
        group("g", q("text", "c", calculation="'fixed'"), relevant="${a} > 1"), q("text", "z"),
    )  # fmt: skip
    step = go(made, 2, "yes", "mine", "mine", Back(), Back(), Back(), Back(), 3)
    assert answered(made, step) == {"a": 3, "y": "yes", "b": "vyes", "g/c": "mine"}


def test_a_triggered_calculation_is_set_when_the_answer_changes() -> None:
    made = form(
        q("integer", "a"), q("calculate", "c", calculation="${a} * 2"),
        q("text", "b", calculation="concat(${c}, '!')", trigger=("a",)),
        q("calculate", "t", calculation="${a} > 3", trigger=("a",)),
        q("text", "d", calculation="'from b'", trigger=("b",)),
    )  # fmt: skip
    assert answered(made, walk.begin(made)) == {}
    step = go(made, 5)
    assert answered(made, step) == {"a": 5, "c": 10, "b": "10!", "t": "1", "d": "from b"}
    step = go(made, "mine", Back(), Back(), 5, start=step)
    assert answered(made, step)["b"] == "mine", "the same answer again triggers nothing"
    assert answered(made, go(made, Back(), 6, start=step))["b"] == "12!"


def test_what_a_trigger_writes_is_a_text() -> None:
    made = form(
        q("integer", "a"), q("calculate", "t", calculation="${a} * 2", trigger=("a",)),
        q("calculate", "c", calculation="if(${t}, 'true', 'false')"),
        q("calculate", "same", calculation="${t} = '0.0'"), q("calculate", "more", calculation="${t} + 1"),
    )  # fmt: skip
    assert answered(made, go(made, 0)) == {"a": 0, "t": "0", "c": "true", "same": False, "more": 1}
    assert answered(made, go(made, None)) == {"c": "false", "same": False}


# 6 Choices ---------------------------------------------------------------------------------------------------

CITIES = tuple(
    Choice(name, Label({"": name}), {"region": region}) for name, region in (("n1", "n"), ("n2", "n"), ("s1", "s"))
)
FILTERED = form(
    q("select_one", "region", choices="n s"),
    q("select_one", "city", offered=CITIES, choice_filter="region = ${region}"),
    q("select_multiple", "several", offered=CITIES, choice_filter="region = ${region} or name = 'n1'"),
    q("text", "z", "${city} ${several}"),
)


def test_choices_are_filtered_when_reached_and_dropped_when_no_longer_offered() -> None:
    assert ask(go(FILTERED, None)).choices == ()
    step = go(FILTERED, "n")
    assert [choice.name for choice in ask(step).choices] == ["n1", "n2"]
    assert refused(go(FILTERED, "s1", start=step)) == ("city", "choice")
    step = go(FILTERED, "n2", ["n2", "n1"], Back(), Back(), Back(), "s", start=step)
    assert ask(step).value is None
    assert [choice.name for choice in ask(step).choices] == ["s1"]
    assert ask(go(FILTERED, Skip(), start=step)).value == ["n1"]


def test_what_depends_on_a_dropped_choice_follows_at_once() -> None:
    made = form(*FILTERED.items, q("text", "y", relevant="${city} != ''"))
    step = go(made, "n", "n2", Skip(), Skip(), "why", Visit("/data/region"), "s")
    assert said_by(step) == "city"
    assert isinstance(step.events[0], FellAway)
    assert answered(made, step) == {"region": "s"}


def test_choices_stand_in_an_order_of_their_own_for_each_seed() -> None:
    made = form(q("integer", "n"), q("select_one", "s", choices="1 2 3 10", randomize=True, seed="${n}"))
    orders = {seed: [choice.name for choice in ask(go(made, seed)).choices] for seed in (2, 21, None)}
    assert orders == {2: ["2", "3", "1", "10"], 21: ["1", "2", "10", "3"], None: ["3", "2", "10", "1"]}
    free = form(q("select_one", "s", choices=" ".join(map(str, range(20))), randomize=True))
    first, second = ([one.name for one in ask(walk.begin(free, None, seed)).choices] for seed in ("one", "two"))
    assert set(first) == set(second)
    assert first != second
    assert first == [one.name for one in ask(walk.begin(free, None, "one")).choices]


# 7 Repeats ---------------------------------------------------------------------------------------------------

KIDS = form(
    q("text", "a"), repeat("kid", q("text", "name"), q("integer", "age", "Age of ${name}")), q("text", "z"),
)  # fmt: skip


def walked(form: Form, *given: Any) -> list[str]:
    step = walk.begin(form, NOW)
    places = [said_by(step)]
    for one in given:
        step = go(form, one, start=step)
        places.append(said_by(step))
    return places


def test_a_repeat_goes_on_as_long_as_the_person_wants() -> None:
    given = ["x", "n1", 1, Again(True), "n2", 2, Again(False), "end"]
    assert walked(KIDS, *given) == [
        "a", "kid[1]/name", "kid[1]/age", "kid?", "kid[2]/name", "kid[2]/age", "kid?", "z", "review",
    ]  # fmt: skip
    step = go(KIDS, *given, Submit())
    kids = [{"name": "n1", "age": 1}, {"name": "n2", "age": 2}]
    assert step.events[-1] == Done({"a": "x", "kid": kids, "z": "end"})


def test_back_and_forward_through_a_repeat() -> None:
    step = go(KIDS, "x", "n1", 1, Again(True), "n2", 2, Again(False))
    back = [step := go(KIDS, Back(), start=step) for _ in range(6)]
    assert [said_by(one) for one in back] == ["kid?", "kid[2]/age", "kid[2]/name", "kid[1]/age", "kid[1]/name", "a"]
    forward = [step := go(KIDS, Skip(), start=step) for _ in range(5)]
    assert [said_by(one) for one in forward] == ["kid[1]/name", "kid[1]/age", "kid[2]/name", "kid[2]/age", "kid?"]
    assert label(forward[1]) == "Age of n1"


def test_another_waits_only_for_again() -> None:
    at = go(KIDS, "x", "n1", 1)
    for other in ("answer", Skip(), Submit(), Visit("/data/a"), Remove("/data/kid"), Remove("/data/a[1]")):
        assert go(KIDS, other, start=at) == at
    assert go(KIDS, Again(True)) == walk.begin(KIDS, NOW, "seed")


COUNTED = form(q("integer", "k"), repeat("r", q("text", "t"), count="${k} + 1"), q("text", "z", "${c}"),
               q("calculate", "c", calculation="count(${r})"))  # fmt: skip


def test_a_count_says_how_many_entries_there_are() -> None:
    assert walked(COUNTED, 1, "x", "y") == ["k", "r[1]/t", "r[2]/t", "z"]
    assert walked(COUNTED, -1) == ["k", "z"]
    assert walked(COUNTED, None) == ["k", "z"]
    step = go(COUNTED, 2, "x", "y", "w")
    assert label(step) == "3"
    step = go(COUNTED, Back(), Back(), Back(), Back(), 0, start=step)
    assert isinstance(step.events[0], FellAway)
    assert answered(COUNTED, go(COUNTED, Skip(), start=step)) == {"k": 0, "r[1]/t": "x", "c": 1}
    assert answered(COUNTED, go(COUNTED, Back(), 2, start=step))["r[3]/t"] == "w", "entries beyond are kept"


def test_entries_that_are_made_on_the_way_lead_back_to_nothing() -> None:
    made = form(
        q("text", "needed", relevant="${k} > 0"), q("text", "early", relevant="count(${c}) > 2"),
        repeat("r", q("calculate", "c", calculation="5"), q("text", "x", relevant="false()"), count="${k}"),
        q("integer", "k"), q("text", "z"),
    )  # fmt: skip
    assert walked(made, 3, Back(), Back(), "a", Skip(), Skip()) == ["k", "z", "k", "needed", "k", "z", "review"]


def test_a_count_that_grows_at_the_end_is_asked_for() -> None:
    made = form(repeat("r", q("text", "t", required="true()"), count="${k}"), q("integer", "k", default="1"))
    assert walked(made, "x", 3) == ["r[1]/t", "k", "review"]
    step = go(made, "x", 3, Submit())
    assert said_by(step) == "r[2]/t"
    step = go(made, "y", "w", start=step)
    assert said_by(step) == "review"
    assert answered(made, go(made, Submit(), start=step))["r[3]/t"] == "w"
    assert refused(go(made, "x", 3, Submit(mend=False))) == ("r[2]/t", "required")


def test_a_repeat_that_is_not_relevant_has_no_entries_until_it_is() -> None:
    made = form(
        q("text", "a"), repeat("r", q("integer", "n", default="2 + 3", dynamic=True), relevant="${a} = 'x'"),
        q("text", "z", "${c} ${s}"), q("calculate", "c", calculation="count(${r})"),
        q("calculate", "s", calculation="sum(${n})"),
    )  # fmt: skip
    step = go(made, "y")
    assert (said_by(step), label(step)) == ("z", "0 0")
    step = go(made, Back(), "x", 7, Again(False), start=step)
    assert label(step) == "1 7"
    step = go(made, Back(), Back(), Back(), "y", start=step)
    assert isinstance(step.events[0], FellAway)
    step = go(made, Back(), "x", start=step)
    assert ask(step).value == 7


def test_nested_repeats_begin_with_a_first_entry_each() -> None:
    made = form(repeat("o", q("text", "t"), repeat("i", q("text", "u"))))
    given = ("t", "u", Again(True), "v", Again(False), Again(True), "t2", "u2", Again(False))
    assert walked(made, *given, Again(False)) == [
        "o[1]/t", "o[1]/i[1]/u", "o[1]/i?", "o[1]/i[2]/u", "o[1]/i?", "o?", "o[2]/t", "o[2]/i[1]/u", "o[2]/i?", "o?",
        "review",
    ]  # fmt: skip
    step = go(made, *given)
    inner = [{"t": "t", "i": [{"u": "u"}, {"u": "v"}]}, {"t": "t2", "i": [{"u": "u2"}]}]
    assert walk.nested(made, step.state) == {"o": inner}


def test_the_first_entry_inside_a_new_one_sees_what_is_worked_out_there() -> None:
    made = form(
        repeat(
            "o", q("text", "t"), q("calculate", "c", calculation="position(..) * 7"),
            repeat("i", q("text", "u", default="${c}", dynamic=True)),
        ),
    )  # fmt: skip
    step = go(made, Skip(), Skip(), Again(False), Again(True))
    assert answered(made, step) == {"o[1]/c": 7, "o[2]/c": 14, "o[2]/i[1]/u": "14"}


def test_names_inside_an_entry_mean_its_own_answers() -> None:
    made = form(
        q("integer", "k"),
        repeat(
            "r", q("integer", "n"), q("calculate", "d", calculation="${n} * ${k} + position(..)"),
            repeat("s", q("integer", "m", "${n} ${d}", constraint=". > ${n}")),
        ), q("text", "z", "${all}"),
        q("calculate", "all", calculation="concat(sum(${d}), ' ', count(${m}), join('-', ${m}))"),
    )  # fmt: skip
    step = go(made, 10, 1, 2, Again(True), None, Again(False), Again(True), 2)
    assert label(step) == "2 22"
    assert refused(go(made, 2, start=step)) == ("r[2]/s[1]/m", "constraint")
    assert label(go(made, 3, Again(False), Again(False), start=step)) == "33 32--3"


def test_paths_and_predicates() -> None:
    expressions = {
        "previous": "/data/r[position() = position(current()/..) - 1]/n", "all": "sum(../../r/n)",
        "same": "count(${r}[n = current()/../n])", "own": "sum(/data/r/n)", "first": "indexed-repeat(${n}, ${r}, 1)",
        "none": "indexed-repeat(${n}, ${r}, 0)", "one": "count(${r})", "at": "position(../..)", "group": "position(..)",
    }  # fmt: skip
    inside = [q("calculate", name, calculation=one) for name, one in expressions.items() if name not in ("at", "group")]
    deeper = [q("calculate", name, calculation=expressions[name]) for name in ("at", "group")]
    outside = {
        "second": "/data/r[2]/n", "big": "sum(${r}[n > 3]/n)", "counted": "count(${r}[position() < 3])",
        "beyond": "indexed-repeat(${n}, ${r}, 9)", "largest": "max(${n}[. < 8])", "named": "sum(${r}[${n} > 3]/n)",
        "twice": "count(${r}[n > 3][position() = 1])", "together": "concat(${n})",
    }  # fmt: skip
    made = form(
        repeat("r", q("integer", "n"), *inside, group("g", *deeper)),
        *(q("calculate", name, calculation=one) for name, one in outside.items()),
    )  # fmt: skip
    found = answered(made, go(made, 3, Again(True), 5, Again(True), 8))
    assert {name: found[name] for name in outside if name in found} == {
        "second": 5, "big": 13, "counted": 2, "largest": 5, "named": 13, "twice": 1, "together": "358",
    }  # fmt: skip
    third = {name: found.get(f"r[3]/{name}") for name in expressions if name not in ("at", "group")}
    assert third == {"previous": 5, "all": 16, "same": 1, "own": 8, "first": 3, "none": None, "one": 1}
    assert (found["r[3]/g/at"], found["r[3]/g/group"]) == (3, 1)
    assert "r[1]/previous" not in found


def test_labels_of_choices_in_the_language_of_the_words() -> None:
    words = Label({"en": "Yes", "zh": "是"}, "en")
    made = form(
        q("select_one", "a", offered=(Choice("yes", words),)),
        q("calculate", "c", calculation="jr:choice-name(${a}, '${a}')"),
    )  # fmt: skip
    asked = q("text", "z")
    made = form(*made.items, type(asked)("", "z", "text", Label({"en": "so: ${c}", "zh": "答：${c}"}, "en")))
    assert ask(go(made, "yes")).question.label.words == {"en": "so: Yes", "zh": "答：是"}
    assert ask(go(made, None)).question.label.words == {"en": "so: ", "zh": "答："}
    assert answered(made, go(made, "yes"))["c"] == "Yes"


# 8 Read-only, what notes itself -------------------------------------------------------------------------------


def test_a_read_only_question_is_shown_and_handed_in() -> None:
    made = form(
        q("integer", "a"), q("integer", "b", calculation="${a} + 1", read_only="true()"),
        q("select_one", "c", choices="x y", default="y", read_only="${a} > 3"), q("text", "z"),
    )  # fmt: skip
    step = go(made, 5)
    notes = [event for event in step.events if isinstance(event, Note)]
    assert [(note.path, said(note.shown)) for note in notes] == [("/data/b", "6"), ("/data/c", "Y")]
    assert said_by(step) == "z"
    assert answered(made, step) == {"a": 5, "b": 6, "c": "y"}
    assert said_by(go(made, Back(), start=step)) == "a"
    assert said_by(go(made, 1)) == "c"


def test_a_read_only_answer_that_does_not_fit_is_asked_at_the_end() -> None:
    made = form(q("text", "a", default="1", read_only="true()", constraint="string-length(.) > 1"), q("text", "z"))
    step = go(made, "z", Submit())
    assert refused(step) == ("a", "constraint")
    assert said_by(go(made, "12", Submit(), start=step)) == "done"


def test_the_form_notes_when_it_was_opened_and_handed_in() -> None:
    made = form(q("today", "t"), q("start", "s"), q("end", "e"), q("hidden", "h", default="here"), q("text", "a"))
    before = {"t": "2026-11-25", "s": "2026-11-25T09:30", "h": "here"}
    assert answered(made, walk.begin(made, NOW)) == before
    later = datetime(2026, 11, 25, 10, tzinfo=UTC)
    step = walk.step(made, go(made, Skip()).state, Submit(), later)
    assert step.events[-1] == Done({**before, "e": "2026-11-25T10:00"})
    assert answered(made, walk.begin(made)) == {"h": "here"}


@pytest.mark.parametrize(("kind", "expected"), [("integer", 3), ("decimal", 3.7), ("text", "3.7"), ("calculate", 3.7)])
def test_a_calculation_is_stored_as_the_question_has_it(kind: str, expected: object) -> None:
    made = form(q(kind, "a", calculation="3.7"), q("text", "z"))
    assert answered(made, walk.begin(made)) == {"a": expected}


def test_truths_and_days_are_handed_in_as_such() -> None:
    made = form(
        q("calculate", "t", calculation="1 = 1"), q("calculate", "d", calculation="date('2026-01-31')"),
        q("calculate", "n", calculation="6 div 2"),
        q("date", "e", calculation="date('2026-01-31') + 1"), q("text", "z"),
    )  # fmt: skip
    assert answered(made, walk.begin(made)) == {"t": True, "d": "2026-01-31", "n": 3, "e": "2026-02-01"}
