"""What the product says about itself, and a person's own copy of what is stored: pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.talk import File, Part, Text, t, tn
from handlers.terms import KINDS, LEVELS, POST_CLASSES
from storage.records import (
    Account,
    Deputy,
    Invitation,
    Person,
    Role,
    Round,
    Sheet,
    Standing,
    Unit,
    Utterance,
)

STANDINGS: Mapping[Standing, Text] = {
    Standing.NORMAL: t("at work"),
    Standing.PROBATION: t("on probation"),
    Standing.LONG_LEAVE: t("on long leave"),
    Standing.SECONDMENT: t("on secondment"),
    Standing.INVESTIGATION: t("under investigation"),
}

HELP: Sequence[Part] = (
    t("/my: what waits for you"),
    t("/menu: everything you can do here"),
    t("/back and /skip: to the question before; on without an answer"),
    t("/cancel: leave a questionnaire; your answers so far are kept"),
    t("/why: what this is, who decides, how to object"),
    t("/how: how results are reached"),
    t("/privacy: what is stored about you, and your copy of it"),
    t("/language: 简体中文, 繁體中文, English"),
    t("/mute: reminders off, or on again"),
    t("/unbind: this account is yours no longer"),
    t("You can tap a button or type your answer. Anything else: ask your HR office."),
)
OFFICERS_HELP: Sequence[Part] = (
    t("For the HR office: /rounds plans, sends out, extends, closes and repeats rounds"),
    t("/progress: how far the open rounds are; /broadcast: send a round out"),
)
WHY: Sequence[Part] = (
    t("Huiyin asks you what your HR office wants to know, and hands it what you answer, under your name."),
    t(
        "It decides nothing: your HR office asks, and people decide. "
        "If you would rather answer on paper, ask your HR office."
    ),
    t("There are no points, no ranking, and no count of how often or how fast you answer."),
    t(
        "You can change what you handed in until the questionnaire closes. If you object to a question or to how you "
        "are asked, tell your HR office; nobody may be treated worse for it (Civil Servants Law, Article 59)."
    ),
)
HOW: Sequence[Part] = (
    t("Your HR office reads what you hand in as you wrote it. This version makes no grades or scores of it."),
    t(
        "Grades are determined by people: after hearing colleagues your supervisor proposes one, the head of your "
        "organ or its appraisal committee determines it, and you are told in writing "
        "(Civil Servants Law, Articles 37 and 38)."
    ),
)

MUTED: Sequence[Part] = (
    t("Reminders are off: you get none any more."),
    t(
        "Invitations to new questionnaires still come, and so does every notice for which the law sets a last day. "
        "What waits for you is always under /my."
    ),
)
REMINDED: Sequence[Part] = (
    t(
        "Reminders are on: at most three for a questionnaire you have not handed in, at most one a day, "
        "never at night or on days of rest."
    ),
)


def help_for(roles: Collection[Role]) -> Sequence[Part]:
    """The commands somebody with these roles can use."""
    return (*HELP[:-1], *(OFFICERS_HELP if Role.HR in roles else ()), HELP[-1])


def stored(person: Person, unit: Unit, channels: Sequence[str]) -> Sequence[Part]:
    """What is stored about this person, what for, how long, and what is not."""
    return (
        t(
            "From your organ's roster: {name}, staff number {number}, {unit}, post class {post_class}, {level}; "
            "your supervisor and your roles.",
            name=person.name,
            number=person.number,
            unit=unit.name,
            post_class=POST_CLASSES[person.post_class],
            level=LEVELS[person.level],
        ),
        *_terms(person),
        tn(
            "{count} account is bound to you: {channels}.",
            "{count} accounts are bound to you: {channels}.",
            len(channels),
            channels=", ".join(channels),
        ),
        t(
            "Your answers, when you handed them in, and what you and this program write to each other. "
            "Your HR office can read all of it, for appraisals and questionnaires."
        ),
        t(
            "Of an anonymous questionnaire: that you were asked. Neither what you answer nor whether you do is stored "
            "with your name. While it is open a ballot lies sealed under a mark, and so may a draft; the key that "
            "leads from you to the mark is destroyed before anybody can read a ballot."
        ),
        t(
            "Not stored: your phone number, your contacts, where you are, when you read a message, "
            "how long you were here."
        ),
        t(
            "How long: until your HR office deletes it; this version deletes none of it by itself. "
            "Your HR office tells you how long it keeps what, and corrects what is wrong."
        ),
    )


def _terms(person: Person) -> Sequence[Part]:
    kept: list[Part] = [
        t(
            "Staff kind: {kind}. Standing: {standing}.",
            kind=KINDS[person.kind],
            standing=STANDINGS[person.standing],
        )
    ]
    if person.joined:
        kept.append(t("Joined: {day}.", day=person.joined))
    if person.probation_ends:
        kept.append(t("End of probation: {day}.", day=person.probation_ends))
    return kept


@dataclass(frozen=True, slots=True)
class Asked:
    """One round a person was asked in, and the sheet with the answers if one was begun."""

    round: Round
    invitation: Invitation
    sheet: Sheet | None


Deputyship = tuple[Deputy, Person, Person]
"""With who is absent and who acts."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is stored about one person."""

    person: Person
    unit: Unit
    supervisor: Person | None
    accounts: Sequence[Account]
    asked: Sequence[Asked]
    said: Sequence[Utterance]
    groups: Sequence[str] = ()
    deputies: Sequence[Deputyship] = ()


def copy_of(kept: Kept) -> File:
    """A person's own copy: JSON, which every text reader shows and another program can take over (PIPL, Article 45)."""
    plain = {
        "person": _plain_person(kept),
        "accounts": [
            {"channel": one.channel, "address": one.address, "language": one.language} for one in kept.accounts
        ],
        "rounds": [_plain_round(one) for one in kept.asked],
        "conversation": [{"at": one.at.isoformat(), "by": one.speaker, **one.body} for one in kept.said],
    }
    content = json.dumps(plain, ensure_ascii=False, indent=1, default=dict)
    return File("huiyin.txt", "text/plain; charset=utf-8", content.encode())


def _plain_person(kept: Kept) -> dict[str, Any]:
    person = kept.person
    return {
        "number": person.number,
        "name": person.name,
        "unit": kept.unit.code,
        "post_class": person.post_class,
        "level": person.level,
        "supervisor": kept.supervisor.name if kept.supervisor else "",
        "roles": sorted(person.roles),
        "language": person.language,
        "muted": person.muted,
        "reminded": person.reminded.isoformat() if person.reminded else "",
        "kind": person.kind,
        "standing": person.standing,
        "joined": person.joined.isoformat() if person.joined else "",
        "probation_ends": person.probation_ends.isoformat() if person.probation_ends else "",
        "groups": sorted(kept.groups),
        "deputies": [_plain_deputy(one) for one in kept.deputies],
    }


def _plain_deputy(one: Deputyship) -> dict[str, Any]:
    deputy, absent, acting = one
    days = {"from": deputy.first.isoformat(), "until": deputy.last.isoformat()}
    return {"person": absent.name, "deputy": acting.name, **days}


def _plain_round(one: Asked) -> dict[str, Any]:
    sheet = one.sheet
    if one.round.anonymous:  # whether somebody has answered is written down nowhere
        return {"name": one.round.name, "anonymous": True, "state": one.invitation.disposition}
    return {
        "name": one.round.name,
        "state": one.invitation.disposition,
        "reason": one.invitation.reason,
        "entered_by": sheet.entered_by if sheet else "",
        "handed_in": sheet.handed_in.isoformat() if sheet and sheet.handed_in else "",
        "receipt": sheet.receipt if sheet else "",
        "answers": sheet.state if sheet else {},
    }
