"""Whether a round may be asked anonymously: the rules of opening. Pure. Source: `docs/anonymity.md`.

At planning what stands in the plan is judged (`planned`); at approval and at opening the roster, the earlier rounds
and the tabulators as they are then (`obstacles`). Everything that speaks against it is said at once.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations

from handlers.forms.form import Form
from handlers.forms.kind import kinds
from handlers.surveys.rules import bands, fitness
from handlers.surveys.rules.audience import subtree
from handlers.talk import Text, t, tn
from handlers.terms import ATTRIBUTES
from storage.records import (
    Attribute,
    Audience,
    Breakdown,
    Crowd,
    Difference,
    Person,
    Plan,
    Round,
    Secrecy,
    Standing,
    Tabulator,
    Unit,
)

LEAST_PEOPLE = 10
"""Eligible people in a round."""
LEAST = bands.LEAST
"""Eligible people in each part of it, in each difference to an earlier round; the lowest threshold."""
LISTED = timedelta(days=7)
"""So long somebody must have been on the roster to be eligible."""
WITHIN = timedelta(days=180)
"""Rounds opened so long ago are compared."""
TESTED = timedelta(days=30)
"""So long ago at most a tabulator unlocked the key."""
BREAKDOWNS = 2
_CLAIM = re.compile("匿名|anonym", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Terms:
    """What HR chooses for an anonymous round; the rest of its `Secrecy` comes of the opening.

    `breakdowns`: by what the results may be told apart, at most two. `pairs`: names of questions whose answers are
    tabulated against each other.
    """

    threshold: int = 10
    tabulators: int = 2
    in_chat: bool = False
    breakdowns: tuple[Attribute, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Keeper:
    """A tabulator, and who it is."""

    person: Person
    tabulator: Tabulator


def secrecy_of(terms: Terms) -> Secrecy:
    """The secrecy of a round that is planned on these terms."""
    breakdowns = tuple(Breakdown(one) for one in terms.breakdowns)
    return Secrecy(terms.threshold, terms.tabulators, terms.in_chat, breakdowns, terms.pairs)


def bare(secrecy: Secrecy) -> Secrecy:
    """The same terms for another round, without what came of an opening."""
    breakdowns = tuple(Breakdown(one.attribute) for one in secrecy.breakdowns)
    return replace(secrecy, breakdowns=breakdowns, digest="", box="")


# Planning -------------------------------------------------------------------------------------------------


def planned(one: Round | Plan, has_end: bool) -> list[Text]:
    """What is wrong with a round or plan, as far as that can be seen without its questionnaire and the roster."""
    if not one.anonymous:
        return [*_claims(one.name, one.letter), *_idle(one.secrecy)]
    found = [*_terms(one.secrecy), *_by_hand(one.audience)]
    if not has_end:
        found.append(t("An anonymous round closes at a time that is fixed before it opens: give a closing time."))
    if one.voluntary:
        found.append(
            t("An anonymous round is voluntary by itself: nobody learns who has not answered. Leave that out.")
        )
    for signs in (fitness.marks(one.name), fitness.marks(one.letter)):
        if signs:
            found.append(t("Name or letter have signs that are not seen ({signs}): take them out.", signs=signs))
    return found


def asked(one: Round | Plan, form: Form) -> list[Text]:
    """What is wrong with the questionnaire of this round or plan."""
    if one.anonymous:
        return fitness.problems(form, one.secrecy.pairs)
    named = dict.fromkeys(name for name, text in fitness.words(form) if _CLAIM.search(text))
    return [
        t("“{name}” speaks of anonymity in a named questionnaire: that would mislead. Change its words.", name=name)
        for name in named
    ]


def lowered(before: Secrecy, after: Secrecy) -> list[Text]:
    """What a change would take back of what was laid down."""
    if after.threshold >= before.threshold:
        return []
    return [t("The threshold is {count}: it can be raised, never lowered.", count=before.threshold)]


def _claims(*words: str) -> list[Text]:
    if not any(_CLAIM.search(one) for one in words):
        return []
    return [t("A named round is never called anonymous: change the name or the letter, or plan it as anonymous.")]


def _idle(secrecy: Secrecy) -> list[Text]:
    if secrecy == Secrecy():
        return []
    return [t("Threshold, breakdowns, tabulators and pairs are for anonymous rounds only: leave them out.")]


def _terms(secrecy: Secrecy) -> list[Text]:
    found = []
    if secrecy.threshold < LEAST:
        found.append(t("The threshold must be {count} or more.", count=LEAST))
    if secrecy.tabulators not in (1, 2):
        found.append(t("One or two tabulators open the box: say 1 or 2."))
    attributes = [one.attribute for one in secrecy.breakdowns]
    if len(attributes) > BREAKDOWNS or len(set(attributes)) < len(attributes):
        found.append(t("Results can be told apart by at most {count} things, each named once.", count=BREAKDOWNS))
    return found


def _by_hand(audience: Audience) -> list[Text]:
    found = []
    if audience.person_ids or audience.group_ids:
        found.append(t("An anonymous round asks whole units: no people one by one, no groups."))
    if audience.exempt:
        found.append(t("In an anonymous round nobody is excused one by one."))
    return found


# Approval and opening -------------------------------------------------------------------------------------


def obstacles(
    one: Round | Plan,
    crowds: Collection[Crowd],
    units: Sequence[Unit],
    differences: Sequence[Difference],
    keepers: Sequence[Keeper],
    today: date,
) -> list[Text]:
    """Everything that speaks against asking this anonymously now.

    `crowds`: everybody in its units, those too whom its filters leave out; `differences`: to the anonymous rounds of
    the last 180 days that ask some of the same.
    """
    within = list(members(one.audience, crowds))
    return [
        *_too_few(one.audience, within, units),
        *_left_out(one.audience, crowds),
        *_alike(one.secrecy, within),
        *differing(differences),
        *_not_opened_by(one.secrecy, keepers, today),
    ]


def members(audience: Audience, crowds: Iterable[Crowd]) -> Iterable[Crowd]:
    """Those of the people in its units whom the audience asks."""
    return (crowd for crowd in crowds if _is_asked(audience, crowd))


def _is_asked(audience: Audience, crowd: Crowd) -> bool:
    return (
        (not audience.post_classes or crowd.post_class in audience.post_classes)
        and (not audience.levels or crowd.level in audience.levels)
        and (not audience.kinds or crowd.kind in audience.kinds)
        and crowd.standing not in audience.excused
    )


def _too_few(audience: Audience, within: Sequence[Crowd], units: Sequence[Unit]) -> list[Text]:
    found = []
    if (count := _eligible(within)) < LEAST_PEOPLE:
        found.append(
            tn(
                "It asks {count} person who counts; {least} are needed: on the roster for {days} days, and with an "
                "account that reaches them.",
                "It asks {count} people who count; {least} are needed: on the roster for {days} days, and with an "
                "account that reaches them.",
                count,
                least=LEAST_PEOPLE,
                days=LISTED.days,
            )
        )
    names = {unit.id: unit.name for unit in units}
    declared = [(id, subtree([id], units)) for id in audience.unit_ids] + [(id, {id}) for id in audience.alone_ids]
    for id, inside in declared:
        count = _eligible(crowd for crowd in within if crowd.unit_id in inside)
        if count < LEAST:
            found.append(
                t(
                    "Of the unit “{unit}” {count} count; {least} are needed.",
                    unit=names.get(id, ""),
                    count=count,
                    least=LEAST,
                )
            )
    return found


def _left_out(audience: Audience, crowds: Iterable[Crowd]) -> list[Text]:
    """A filter is a list of people in disguise where it leaves out a few: each kind of people that it leaves out must
    be five or more, or none."""
    parts: dict[tuple[str, ...], list[Crowd]] = defaultdict(list)
    for crowd in crowds:
        if not _is_asked(audience, crowd):
            parts[_kind(audience, crowd)].append(crowd)
    return [
        t(
            "Leaving out {people} would leave out {count}, fewer than {least} who count: ask them too.",
            people=", ".join(kind) or Standing.NORMAL.value,
            count=sum(one.people for one in part),
            least=LEAST,
        )
        for kind, part in sorted(parts.items())
        if _eligible(part) < LEAST
    ]


def _kind(audience: Audience, crowd: Crowd) -> tuple[str, ...]:
    """What a crowd is as the filters of this audience see it."""
    seen = (
        (audience.post_classes, crowd.post_class.value),
        (audience.levels, crowd.level.value),
        (audience.kinds, crowd.kind.value),
        (crowd.standing in audience.excused, crowd.standing.value),
    )
    return tuple(value for used, value in seen if used)


def _alike(secrecy: Secrecy, within: Sequence[Crowd]) -> list[Text]:
    return [
        t(
            "The results cannot be told apart by {attribute}: all but a few are the same there. Leave it out.",
            attribute=ATTRIBUTES[one.attribute],
        )
        for one in bands.bands(secrecy.breakdowns, within)
        if len(one.bands) < 2
    ]


def differing(differences: Iterable[Difference]) -> list[Text]:
    """The earlier rounds beside which this one would show what fewer than five people answer."""
    return [
        t(
            "“{other}” asked some of the same questions, of nearly the same people: {here} are only here, {there} only "
            "there. Each must be none, or {least} or more who count; else what one person answers could be computed.",
            other=one.name,
            here=one.only_here,
            there=one.only_there,
            least=LEAST,
        )
        for one in differences
        if (one.only_here > 0 and one.eligible_here < LEAST) or (one.only_there > 0 and one.eligible_there < LEAST)
    ]


def _eligible(crowds: Iterable[Crowd]) -> int:
    return sum(crowd.eligible for crowd in crowds)


# Tabulators -----------------------------------------------------------------------------------------------


def allowed(secrecy: Secrecy, keepers: Sequence[Keeper], today: date) -> tuple[tuple[int, ...], ...]:
    """Who may open the box together: all pairs of tabulators from different units who have unlocked their key within
    30 days; where one is enough, each of them alone."""
    ready = [one for one in keepers if not stale(one, today)]
    if secrecy.tabulators == 1:
        return tuple((one.person.id,) for one in ready)
    return tuple(
        (one.person.id, other.person.id)
        for one, other in combinations(ready, 2)
        if one.person.unit_id != other.person.unit_id
    )


def stale(keeper: Keeper, today: date) -> bool:
    """Could this one not open a box for certain: no key yet, gone from the organ, or the last unlock is long ago?"""
    tested = keeper.tabulator.tested
    return keeper.tabulator.key is None or keeper.person.left or tested is None or today - tested > TESTED


def _not_opened_by(secrecy: Secrecy, keepers: Sequence[Keeper], today: date) -> list[Text]:
    if allowed(secrecy, keepers, today):
        return []
    untested = [
        t(
            "{name} ({number}) has not unlocked the key within {days} days: a test on the page {page} is needed.",
            name=one.person.name,
            number=one.person.number,
            days=TESTED.days,
            page="/keys",
        )
        for one in keepers
        if one.tabulator.key and not one.person.left and stale(one, today)
    ]
    command = "huiyin staff add NUMBER --role tabulator"
    if secrecy.tabulators == 1:
        return [t("Nobody could open the box: enrol a tabulator with `{command}`.", command=command), *untested]
    return [
        t(
            "Two people from different units must open the box, and there are not two who could: enrol them with "
            "`{command}`.",
            command=command,
        ),
        *untested,
    ]


# Questions and what is fixed ------------------------------------------------------------------------------


def overlap(one: Form, other: Form) -> bool:
    """Do they ask some question alike: of the same type, with the same name and choices, or with the same words?"""
    return not _questions(one).isdisjoint(_questions(other))


def _questions(form: Form) -> frozenset[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for question in form.questions():
        if kinds()[question.type].asked:
            found.add(("name", question.type, question.name, *sorted(choice.name for choice in question.choices)))
            found |= {("words", question.type, " ".join(text.split())) for text in question.label.words.values()}
    return frozenset(found)


def fixed(round: Round, questionnaire: str) -> str:
    """All that is fixed when a round opens, as JSON; `questionnaire` is the digest of what is asked."""
    facts: Mapping[str, object] = {
        "round": round.id,
        "name": round.name,
        "letter": round.letter,
        "questionnaire": questionnaire,
        "audience": asdict(round.audience),
        "opens": round.opens,
        "closes": round.closes,
        "drawn up by": round.created_by,
        "approved by": round.approved_by,
        "secrecy": {**asdict(round.secrecy), "digest": ""},
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, default=_moment)


def fingerprint(fixed: str) -> str:
    """SHA-256 in hex of all that is fixed."""
    return hashlib.sha256(fixed.encode()).hexdigest()


def is_kept(round: Round, questionnaire: str, before: str) -> bool:
    """Is all that was fixed `before` as it was? A round may have closed earlier than it said, never later."""
    then, now = json.loads(before), json.loads(fixed(round, questionnaire))
    earlier = now.pop("closes") <= then.pop("closes")
    return earlier and now == then and fingerprint(before) == round.secrecy.digest


def _moment(moment: datetime) -> float:
    """The same in every time zone."""
    return moment.timestamp()
