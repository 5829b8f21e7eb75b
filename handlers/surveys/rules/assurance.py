"""The auditors' report of an anonymous round: what was promised, what was done, and how to see that it was. 核验报告"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.refusals import BadInput, NotAllowed
from handlers.surveys.rules import secrecy
from handlers.talk import t
from storage.records import Attribute, Count, CountStage, Event, Round


@dataclass(frozen=True, slots=True)
class BandTold:
    """People told apart together: units by name, or values of the roll; how many were invited."""

    values: Sequence[str]
    invited: int


@dataclass(frozen=True, slots=True)
class BreakdownTold:
    """One attribute by which results may be told apart, and the groups made of it: small ones stand together."""

    attribute: Attribute
    bands: Sequence[BandTold]


@dataclass(frozen=True, slots=True)
class Assurance:
    """What an auditor may know of a round at any time; no number of it tells how many have answered.

    `digest`: SHA-256 of all that was fixed when the round opened; `fixed`: that text; `intact`: everything is still so,
    but that the round may have closed earlier. `opened`: keys made; `untagged`: the key that could
    link people with ballots destroyed; `unlocked_by`: who then opened the ballots; `ended`: results released or
    withheld; `erased`: the last key and all ballots destroyed;
    `events`: each step of it, with who took it. `report`: the rules applied and, by rule, how many
    tables each of them hid.
    """

    round: int
    title: str
    stage: CountStage
    threshold: int
    tabulators: int
    in_chat: bool
    breakdowns: Sequence[BreakdownTold]
    pairs: Sequence[Sequence[str]]
    approved_by: str
    digest: str
    fixed: str
    intact: bool
    opened: datetime
    untagged: datetime | None
    unlocked_by: Sequence[str]
    ended: datetime | None
    erased: datetime | None
    events: Sequence[Event]
    report: Mapping[str, Any]


def assured(round: Round, questionnaire: str, count: Count | None, units: Mapping[str, str]) -> Assurance:
    """The report as it stands; `questionnaire` is the digest of what is asked.

    Raises BadInput for a named round, NotAllowed for one that was never opened.
    """
    if not round.anonymous:
        raise BadInput(t("“{round}” is a named questionnaire: there is no such report of it.", round=round.name))
    if count is None:
        raise NotAllowed(t("“{round}” has not been opened yet: there are no keys and no ballots.", round=round.name))
    rules, fixed = round.secrecy, str(count.report["fixed"])
    return Assurance(
        *(round.id, round.name, count.stage, rules.threshold, rules.tabulators, rules.in_chat),
        [
            BreakdownTold(
                one.attribute,
                [BandTold([units.get(v, v) for v in band.values], band.invited) for band in one.bands],
            )
            for one in rules.breakdowns
        ],
        [list(pair) for pair in rules.pairs],
        *(round.approved_by, rules.digest, fixed),
        secrecy.is_kept(round, questionnaire, fixed),
        *(count.opened, count.untagged, list(count.unlocked_by)),
        count.ended,
        count.erased,
        list(count.events),
        {name: told for name, told in count.report.items() if name != "fixed"},
    )
