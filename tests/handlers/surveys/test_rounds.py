"""The life of a round."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers.refusals import AlreadyDone, BadInput, NotAllowed, Refusal, TooLate
from handlers.surveys.rules import rounds
from storage.records import Round, RoundState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLANNED = Round(7, "一季度", 1, RoundState.PLANNED)
OPEN, PAUSED, CLOSED = (replace(PLANNED, state=s) for s in (RoundState.OPEN, RoundState.PAUSED, RoundState.CLOSED))
CANCELLED, DRAFT = (replace(PLANNED, state=s) for s in (RoundState.CANCELLED, RoundState.DRAFT))


def test_a_plan_without_times_is_fine() -> None:
    rounds.check_plan(PLANNED, NOW)
    rounds.check_plan(replace(PLANNED, opens=NOW - HOUR, closes=NOW + HOUR), NOW)


def test_everything_wrong_with_a_plan_is_said_at_once() -> None:
    with pytest.raises(BadInput) as no:
        rounds.check_plan(replace(PLANNED, name="  ", letter="匿名", opens=NOW + HOUR, closes=NOW), NOW)
    said = [problem.message for problem in no.value.problems]
    assert len(said) == 4
    assert "name" in said[0]
    assert "is past" in said[1]
    assert "before it opens" in said[2]
    assert "never called anonymous" in said[3]


def test_closing_at_the_moment_of_opening_is_refused() -> None:
    with pytest.raises(BadInput):
        rounds.check_plan(replace(PLANNED, opens=NOW + HOUR, closes=NOW + HOUR), NOW)


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(BadInput) as no:
        rounds.check_plan(replace(PLANNED, opens=datetime(2026, 4, 1), closes=NOW + HOUR), NOW)  # noqa: DTZ001
    assert "time zone" in no.value.problems[0].message


def test_opening_keeps_the_moment() -> None:
    assert rounds.opened(PLANNED, 2, NOW) == replace(PLANNED, state=RoundState.OPEN, opens=NOW)


@pytest.mark.parametrize(
    ("round", "no"),
    [
        *((OPEN, AlreadyDone), (PAUSED, AlreadyDone), (CLOSED, TooLate), (CANCELLED, TooLate), (DRAFT, NotAllowed)),
        (replace(PLANNED, closes=NOW), TooLate),
    ],
)
def test_only_a_planned_round_is_opened(round: Round, no: type[Refusal]) -> None:
    with pytest.raises(no):
        rounds.opened(round, 1, NOW)


def test_a_round_of_nobody_is_not_opened() -> None:
    with pytest.raises(BadInput):
        rounds.opened(PLANNED, 0, NOW)


def test_pausing_and_resuming() -> None:
    assert rounds.paused(OPEN) == PAUSED
    assert rounds.resumed(PAUSED) == OPEN
    assert rounds.closed(PAUSED, NOW) == replace(CLOSED, closes=NOW)
    assert rounds.closed(PLANNED, NOW) == replace(CLOSED, closes=NOW)


def test_a_closing_time_that_is_past_stays() -> None:
    assert rounds.closed(replace(OPEN, closes=NOW - HOUR), NOW).closes == NOW - HOUR
    assert rounds.closed(replace(OPEN, closes=NOW + HOUR), NOW).closes == NOW


@pytest.mark.parametrize(
    ("round", "no"), [(PAUSED, AlreadyDone), (PLANNED, BadInput), (CLOSED, TooLate)], ids=lambda x: str(x)[:12]
)
def test_only_an_open_round_is_paused(round: Round, no: type[Refusal]) -> None:
    with pytest.raises(no):
        rounds.paused(round)


@pytest.mark.parametrize(
    ("round", "no"), [(OPEN, AlreadyDone), (PLANNED, BadInput), (CLOSED, TooLate)], ids=lambda x: str(x)[:12]
)
def test_only_a_paused_round_is_resumed(round: Round, no: type[Refusal]) -> None:
    with pytest.raises(no):
        rounds.resumed(round)


def test_closing_twice_is_refused() -> None:
    with pytest.raises(AlreadyDone):
        rounds.closed(CLOSED, NOW)


def test_what_is_due() -> None:
    assert rounds.is_due(replace(PLANNED, opens=NOW), NOW)
    assert not rounds.is_due(replace(PLANNED, opens=NOW + HOUR), NOW)
    assert not rounds.is_due(replace(PLANNED, opens=NOW - HOUR, closes=NOW), NOW)
    assert not rounds.is_due(PLANNED, NOW)
    assert not rounds.is_due(replace(OPEN, opens=NOW), NOW)
    assert rounds.is_overdue(replace(OPEN, closes=NOW), NOW)
    assert rounds.is_overdue(replace(PLANNED, closes=NOW), NOW)
    assert not rounds.is_overdue(replace(OPEN, closes=NOW + HOUR), NOW)
    assert not rounds.is_overdue(replace(CLOSED, closes=NOW), NOW)


def test_answers_are_taken_until_the_closing_time_even_where_the_clock_is_late() -> None:
    round = replace(OPEN, closes=NOW)
    assert rounds.takes_answers(round, NOW - timedelta(microseconds=1))
    assert not rounds.takes_answers(round, NOW)
    assert rounds.has_ended(round, NOW)
    assert not rounds.takes_answers(PAUSED, NOW)
    assert not rounds.has_ended(PAUSED, NOW)
    assert rounds.has_ended(CLOSED, NOW)


def test_a_receipt_names_round_person_and_time() -> None:
    assert rounds.receipt(7, 1, NOW) == "763JTLGM"
    others = {rounds.receipt(7, 2, NOW), rounds.receipt(8, 1, NOW), rounds.receipt(7, 1, NOW + HOUR)}
    assert len(others | {rounds.receipt(7, 1, NOW)}) == 4


# Drafts, changes, more time, copies -----------------------------------------------------------------------

LINS = replace(DRAFT, created_by="林一", closes=NOW + HOUR)


def test_a_second_person_approves_a_draft() -> None:
    approved = rounds.approved(LINS, "何二", NOW)
    assert approved == replace(LINS, state=RoundState.PLANNED, approved=NOW, approved_by="何二")
    assert rounds.opened(approved, 1, NOW).state is RoundState.OPEN
    with pytest.raises(AlreadyDone) as no:
        rounds.approved(approved, "林一", NOW)
    assert no.value.text.args["person"] == "何二"  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    ("round", "no", "words"),
    [
        (replace(LINS, created_by="何二"), NotAllowed, "drew up"),
        (replace(LINS, closes=NOW), TooLate, "change it first"),
        (PLANNED, AlreadyDone, "is no draft"),
        (OPEN, AlreadyDone, "opened already"),
        (PAUSED, AlreadyDone, "opened already"),
        (CLOSED, TooLate, "closed"),
        (CANCELLED, TooLate, "called off"),
    ],
    ids=lambda x: str(x)[:12],
)
def test_what_cannot_be_approved(round: Round, no: type[Refusal], words: str) -> None:
    with pytest.raises(no) as refusal:
        rounds.approved(round, "何二", NOW)
    assert words in refusal.value.text.message


def test_a_changed_draft_must_be_approved_again_by_another_than_who_changed_it() -> None:
    approved = rounds.approved(LINS, "何二", NOW)
    changed = rounds.changed(approved, "何二", NOW, name=" 二季度 ")
    assert changed == replace(LINS, name="二季度", created_by="何二")
    with pytest.raises(NotAllowed):
        rounds.approved(changed, "何二", NOW)
    assert rounds.approved(changed, "林一", NOW).state is RoundState.PLANNED


def test_a_round_planned_without_approval_stays_planned_when_changed() -> None:
    assert rounds.changed(PLANNED, "何二", NOW, letter="各位：") == replace(PLANNED, letter="各位：")


@pytest.mark.parametrize(
    ("round", "news", "no", "words"),
    [
        (OPEN, {"name": "x"}, TooLate, "is open"),
        (CLOSED, {"name": "x"}, TooLate, "closed"),
        (CANCELLED, {"name": "x"}, TooLate, "called off"),
        (PLANNED, {"name": " "}, BadInput, "not changed"),
        (PLANNED, {"closes": NOW}, BadInput, "not changed"),
        (PLANNED, {"letter": "{nmae}"}, BadInput, "not changed"),
    ],
    ids=lambda x: str(x)[:12],
)
def test_what_cannot_be_changed(round: Round, news: dict[str, object], no: type[Refusal], words: str) -> None:
    with pytest.raises(no) as refusal:
        rounds.changed(round, "何二", NOW, **news)
    assert words in refusal.value.text.message


def test_more_time() -> None:
    round = replace(OPEN, closes=NOW + HOUR)
    assert rounds.extended(round, NOW + 2 * HOUR, NOW).closes == NOW + 2 * HOUR
    assert rounds.extended(replace(PAUSED, closes=NOW + HOUR), NOW + 2 * HOUR, NOW).state is RoundState.PAUSED


@pytest.mark.parametrize(
    ("round", "closes", "no", "words"),
    [
        (replace(OPEN, closes=NOW + HOUR), NOW + HOUR, BadInput, "give a later time"),
        (replace(OPEN, closes=NOW + HOUR), NOW, BadInput, "give a later time"),
        (replace(OPEN, closes=NOW + HOUR), datetime(2027, 1, 1), BadInput, "time zone"),  # noqa: DTZ001
        (replace(OPEN, closes=NOW), NOW + HOUR, TooLate, "is over"),
        (OPEN, NOW + HOUR, BadInput, "has no closing time"),
        (CLOSED, NOW + HOUR, TooLate, "is over"),
        (CANCELLED, NOW + HOUR, TooLate, "is over"),
    ],
    ids=lambda x: str(x)[:12],
)
def test_what_cannot_be_extended(round: Round, closes: datetime, no: type[Refusal], words: str) -> None:
    with pytest.raises(no) as refusal:
        rounds.extended(round, closes, NOW)
    assert words in refusal.value.text.message


def test_calling_off() -> None:
    for round in (DRAFT, PLANNED, OPEN, PAUSED):
        assert rounds.cancelled(round) == replace(CANCELLED, closes=round.closes)
    with pytest.raises(AlreadyDone):
        rounds.cancelled(CANCELLED)
    with pytest.raises(TooLate):
        rounds.cancelled(CLOSED)
    with pytest.raises(AlreadyDone):
        rounds.closed(CANCELLED, NOW)


def test_a_copy_is_a_new_draft_with_its_own_dates() -> None:
    old = replace(CLOSED, letter="各位：", voluntary=True, plan_id=3, period="2026Q1", closes=NOW - HOUR)
    old = replace(old, approved=NOW - HOUR, approved_by="何二", created_by="林一")
    copy = rounds.copied(old, "", None, NOW + HOUR, "何二", NOW)
    assert copy == Round(
        0,
        "一季度",
        1,
        RoundState.DRAFT,
        closes=NOW + HOUR,
        created=NOW,
        created_by="何二",
        voluntary=True,
        letter="各位：",
    )
    assert rounds.copied(old, " 二季度 ", None, None, "何二", NOW).name == "二季度"
    with pytest.raises(BadInput):
        rounds.copied(old, "", NOW + HOUR, NOW, "何二", NOW)
