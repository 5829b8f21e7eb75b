"""What a ballot holds, and that none can be told by its length."""

import sys
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms.form import Group
from handlers.forms.walk import begin, fill
from handlers.surveys.rules.ballots import most, packed
from storage import vault
from tests.attacks.world import questions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WITH_WORDS = questions()
FORM = replace(WITH_WORDS, items=tuple(one for one in WITH_WORDS.items if one.name != "words"))
SCALES = ("/data/lead/fair", "/data/lead/listens", "/data/lead/cares", "/data/trust")


@settings(deadline=None)
@given(
    scales=st.lists(st.sampled_from(["", "1", "3", "5"]), min_size=4, max_size=4),
    helped=st.lists(st.sampled_from(["talk", "course", "other"]), unique=True),
    years=st.one_of(st.none(), st.integers(-(10**15) + 1, 10**15 - 1)),
    bands=st.lists(st.integers(0, 255), max_size=2),
)
def test_all_ballots_of_a_round_are_of_one_length(
    scales: list[str], helped: list[str], years: int | None, bands: list[int]
) -> None:
    answers = {path: value or None for path, value in zip(SCALES, scales, strict=True)}
    answers |= {"/data/help": helped or None, "/data/years": years}  # type: ignore[dict-item]
    walk = fill(FORM, begin(FORM, NOW, "").state, answers, NOW).state
    ballot = packed(FORM, walk, bands, NOW)
    assert len(ballot) <= most(FORM)
    room = vault.room_for(most(FORM))
    assert room == 512
    assert len(vault.padded(ballot, room)) == 512


def test_where_words_are_written_every_ballot_is_the_largest() -> None:
    assert most(WITH_WORDS) == sys.maxsize
    assert vault.room_for(most(WITH_WORDS)) == vault.SIZES[-1]
    lead, *others = FORM.items
    assert isinstance(lead, Group)
    assert most(replace(FORM, items=(replace(lead, repeat=True), *others))) == sys.maxsize
