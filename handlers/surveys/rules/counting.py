"""The closing of an anonymous round: when ballots may be opened, what is noted for auditors, what people are told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound, Refusal, TooLate
from handlers.surveys.rules.bands import places
from handlers.surveys.rules.rounds import ENDED
from handlers.talk import Button, Message, Part, Text, joined, t
from storage.records import LEFT, Count, CountStage, Disposition, Event, Half, Invitation, Person, Round, RoundState

Cells = tuple[tuple[int, ...] | None, ...]
"""Of one person, round by round: the places in the bands of its breakdowns; None where not asked there."""
OVER = (CountStage.RELEASED, CountStage.WITHHELD, CountStage.DISCARDED)
"""Nothing is counted any more; ballots and keys are destroyed, or about to be."""

WAITS = t("The HR office has to close the round first: ballots are opened only when nobody can answer any more.")
TAGGED = NotAllowed(
    t(
        "The key that ties ballots to people still exists: nothing is opened before it is destroyed. That happens "
        "within a minute after the closing while `huiyin serve` runs; please try again then."
    )
)
LOST = NotFound(
    t(
        "The sealed key of this round is gone from the directory of keys: its ballots cannot be opened any more. If "
        "one of you kept the sealed keys, put them back (`huiyin keys restore FILE`). Otherwise the HR office has the "
        "ballots destroyed unread (`huiyin round discard ID`)."
    )
)
STRANGER = NotAllowed(
    t(
        "Your key cannot open this round: it was not among those the round was sealed to when it opened, or the one "
        "who has unlocked already is from your own unit."
    )
)
FOREIGN = NotFound(
    t(
        "The sealed key in the directory of keys is not this round's: put the right one back "
        "(`huiyin keys restore FILE`)."
    )
)


def must_wait_for_opening(round: Round, count: Count | None) -> Count:
    """The count of a round that is closed and has its ballots still sealed. Raises BadInput, TooLate, AlreadyDone."""
    if not round.anonymous:
        raise BadInput(t("“{round}” is a named round: there are no ballots to open.", round=round.name))
    if round.state not in ENDED or count is None:
        raise TooLate(WAITS) if count is None and round.state in ENDED else NotAllowed(WAITS)
    if count.stage is CountStage.DISCARDED or round.state is RoundState.CANCELLED:
        raise TooLate(t("The ballots of “{round}” were destroyed unread.", round=round.name))
    if count.stage in OVER:
        raise AlreadyDone(t("The ballots of “{round}” were counted on {time}.", round=round.name, time=_ended(count)))
    return count


def _ended(count: Count) -> datetime:
    return count.ended or count.opened


def no(half: Half) -> Refusal | None:
    """Why nothing was unlocked; None where it was no refusal."""
    return {Half.STILL_TAGGED: TAGGED, Half.LOST: LOST, Half.NOT_ALLOWED: STRANGER}.get(half)


def check_recovery(round: Round) -> None:
    """Raises NotAllowed where nobody can answer any more: then the tag key must not come back."""
    if round.state not in (RoundState.OPEN, RoundState.PAUSED) or not round.anonymous:
        raise NotAllowed(t("Only in an open anonymous round does the key come back by which people answer."))


def check_discard(round: Round, count: Count | None, *, lost: bool) -> Count:
    """The count of a round whose ballots may be destroyed unread, because nobody can open them. Raises Refusal."""
    count = must_wait_for_opening(round, count)
    if not lost:
        raise NotAllowed(
            t(
                "The ballots of “{round}” can still be opened by two tabulators. Only what nobody can open is "
                "destroyed unread.",
                round=round.name,
            )
        )
    return count


# For the auditors -----------------------------------------------------------------------------------------


def noted(count: Count, what: str, at: datetime, by: str = "") -> Count:
    """With one event more."""
    return replace(count, events=(*count.events, Event(what, at, by)))


def untagged(count: Count, now: datetime) -> Count:
    """The urn is sealed and the tag key destroyed: ballots may be opened."""
    count = noted(noted(count, "urn_sealed", now), "tag_key_destroyed", now)
    return replace(count, stage=CountStage.UNTAGGED, untagged=now)


def erased(count: Count, now: datetime) -> Count:
    """Box key and ballots are destroyed."""
    return replace(noted(noted(count, "box_key_destroyed", now), "ballots_erased", now), erased=now)


def discarded(count: Count, now: datetime, by: str) -> Count:
    """Nothing was or will be opened."""
    return replace(noted(count, "discarded", now, by), stage=CountStage.DISCARDED, ended=now)


def counted(
    count: Count, *, withheld: bool, report: Mapping[str, object], link: str, by: Sequence[str], now: datetime
) -> Count:
    """The ballots were opened by these and counted."""
    stage = CountStage.WITHHELD if withheld else CountStage.RELEASED
    count = noted(noted(count, "unlocked", now, by[-1]), stage.value, now)
    return replace(
        count, stage=stage, unlocked_by=tuple(by), ended=now, link=count.link or link, report={**count.report, **report}
    )


# Who was asked --------------------------------------------------------------------------------------------


def was_asked(line: Invitation) -> bool:
    """Could this line have a ballot? Whoever left later could; who was excused when the round opened could not."""
    return line.disposition is not Disposition.EXCUSED or line.reason == LEFT


def seats(round: Round, lines: Iterable[Invitation]) -> dict[int, tuple[int, ...]]:
    """Who was asked in a round, by person id, with the places in the bands of its breakdowns."""
    known: dict[tuple[int, ...], tuple[int, ...]] = {}  # one tuple for all in the same bands: rolls are long
    found = {}
    for line in lines:
        if was_asked(line):
            mine = places(round.secrecy.breakdowns, line)
            found[line.person_id] = known.setdefault(mine, mine)
    return found


def asked(rolls: Sequence[Mapping[int, tuple[int, ...]]]) -> Counter[Cells]:
    """How many people there are of each sort, told apart by their `seats` in each of these rounds."""
    people = set().union(*rolls)
    return Counter(tuple(one.get(person) for one in rolls) for person in people)


# What people are told -------------------------------------------------------------------------------------


def results_are_here(round: Round) -> Message:
    """To everybody who was asked, and to the office: the same tables for all."""
    told = t(
        "The results of “{round}” are here. Everybody sees the same: you, your leaders, the HR office.",
        round=round.name,
    )
    return Message((told, DESTROYED), ((Button(t("See the results"), f"rs:{round.id}"),),))


DESTROYED = t("The single answers are destroyed: nobody can read them any more, nor tell who answered.")


def nothing_is_shown(round: Round) -> Message:
    """To the same, where too few answered."""
    told = t("Too few took part in “{round}” for anything to be shown without giving somebody away.", round=round.name)
    return Message((told, DESTROYED))


def unread(round: Round) -> Message:
    """To the same, where the ballots were destroyed because nobody could open them."""
    told = t("The answers to “{round}” could not be opened: the key to them is lost.", round=round.name)
    return Message((told, t("They were destroyed unread. Nobody has seen them.")))


def waits_for_tabulators(round: Round, names: Sequence[str], *, alone: bool, lost: bool) -> Message:
    """To the HR office, once nobody can answer any more."""
    if lost:
        return Message((t("“{round}” is closed.", round=round.name), LOST.text))
    text = t(
        "“{round}” is closed. Its ballots wait until two of these unlock them: {names}.",
        round=round.name,
        names=joined(names),
    )
    one = t("“{round}” is closed. Its ballots wait until {names} unlocks them.", round=round.name, names=joined(names))
    return Message((one if alone else text, t("Until then nobody can read them.")))


def key_is_needed(round: Round) -> Message:
    """To a tabulator."""
    parts: list[Part] = [t("“{round}” is closed, and your key is needed to open its ballots.", round=round.name)]
    return Message((*parts, how()))


def other_key_is_needed(round: Round, first: Person) -> Message:
    """To the tabulators who may open together with the one who was first."""
    told = t("{name} has unlocked “{round}”. Now your key is needed.", name=first.name, round=round.name)
    return Message((told, how()))


def how() -> Text:
    """Where a tabulator goes."""
    return t("Open the page “/keys” of this site, and type your staff number and your passphrase there.")
