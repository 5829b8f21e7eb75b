"""What people are told about a round: the invitation, where it stands, the receipt."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.forms.form import Form
from handlers.surveys.rules import letters
from handlers.surveys.rules.honesty import page_of
from handlers.surveys.rules.rounds import has_ended
from handlers.surveys.rules.sheets import answered, is_final
from handlers.talk import Button, Message, Part, Text, t, tn
from storage.records import Person, Round, RoundState, Sheet

Rows = tuple[tuple[Button, ...], ...]

TRIAL = t("A preview: this is how people will be asked. Nothing of it is kept.")


NAMED = t("This is a named questionnaire: the HR office sees your answers together with your name.")


def notice(round: Round, form: Form) -> tuple[Part, ...]:
    """What a person must know before the first question: named, what it is, who asks, until when."""
    return (NAMED, *_facts(round, form))


def _facts(round: Round, form: Form) -> tuple[Part, ...]:
    parts: list[Part] = [
        t("{round}: {title}", round=round.name, title=form.title),
        t("Your HR office asks."),
    ]
    if round.closes is not None:
        parts.append(t("It is open until {time}.", time=round.closes))
    parts.append(t("Every answer is kept at once. You can stop and go on later, on another account of yours too."))
    return tuple(parts)


def invitation(round: Round, form: Form, name: str = "", unit: str = "") -> Message:
    """The letter everybody on the roll of a named round gets: that it is named, then HR's own words, for whoever is
    called `name` and works in `unit`."""
    button = Button(t("Begin"), f"ao:{round.id}")
    rows: Rows = ((button,), (page_button(round),))
    if round.voluntary:
        rows = (*rows, (Button(t("I would rather not take part"), f"dn:{round.id}"),))
    return Message((NAMED, *letters.filled(round, name, unit), *_facts(round, form)), rows)


def next_one(invitation: Message, round: Round) -> Message:
    """An invitation that has waited until another round was out of hand."""
    return replace(invitation, parts=(t("Next: “{round}”", round=round.name), *invitation.parts))


def set_aside(round: Round, form: Form, sheet: Sheet) -> Message:
    """To somebody who begins another round in the middle of this one."""
    told = tn(
        "“{round}” is set aside with your {count} answer, which is kept.",
        "“{round}” is set aside with your {count} answers, which are kept.",
        answered(form, sheet),
        round=round.name,
    )
    return Message((told,), ((Button(t("Back to “{round}”", round=round.name), f"ao:{round.id}"),),))


def extended(round: Round) -> Message:
    """To those who have not handed in: there is more time."""
    if round.closes is None:
        raise ValueError("what has no closing time is not extended")
    return Message(
        (t("“{round}” stays open longer: until {time}.", round=round.name, time=round.closes),),
        ((Button(t("Fill it in"), f"ao:{round.id}"),),),
    )


def closed_early(round: Round) -> Message:
    """To those in the middle of a round that HR has ended; how many answers of theirs are kept is added to it."""
    return Message((t("Your HR office has closed “{round}” earlier than planned.", round=round.name),))


def called_off(round: Round, reason: str) -> Message:
    """To everybody who was asked."""
    told = t("Your HR office has called off “{round}”: {reason}", round=round.name, reason=reason)
    return Message((told, t("Nothing more is needed of you.")))


def kept(form: Form, sheet: Sheet) -> Text | None:
    """What becomes of the answers of somebody in the middle of a round that ends; None where there are none."""
    count = answered(form, sheet)
    if not count:
        return None
    return tn(
        "Your {count} answer is kept; you need do no more.",
        "Your {count} answers are kept; you need do no more.",
        count,
    )


def decline(round: Round) -> Message:
    """Before somebody says that they do not take part: what follows from it."""
    return Message(
        (
            t("“{round}” is voluntary. Nobody is worse off for not taking part.", round=round.name),
            t("Your HR office sees that you do not take part, and no reason. Shall it be so?"),
        ),
        ((Button(t("Yes, I do not take part"), f"dy:{round.id}"),), (Button(t("No, begin"), f"ao:{round.id}"),)),
    )


def declined(round: Round) -> Message:
    """After it, with the way back."""
    return Message(
        (t("You do not take part in “{round}”. While it is open you can still begin.", round=round.name),),
        ((Button(t("Begin after all"), f"ao:{round.id}"),),),
    )


def excused(round: Round, reason: str) -> Message:
    """To somebody HR has excused after the invitation."""
    return Message(
        (
            t("Your HR office has excused you from “{round}”: there is nothing more for you to do.", round=round.name),
            t("The reason: {reason}", reason=reason),
        )
    )


def asked_after_all(round: Round) -> Message:
    """To somebody who had begun, was excused, and is asked again."""
    return Message(
        (t("You are asked in “{round}” again. Your answers so far are kept.", round=round.name),),
        ((Button(t("Go on"), f"ao:{round.id}"),),),
    )


def paper_notice(person: Person, before: Sheet | None) -> tuple[Part, ...]:
    """To the clerk, before anything of the form on paper is entered; `before`: what is handed in already."""
    if before is None or before.handed_in is None:
        return (t("Enter what stands on the paper form. It counts once you hand it in."),)
    facts: dict[str, Any] = {"time": before.handed_in, "receipt": before.receipt}
    if before.entered_by:
        told = t(
            "The paper form was handed in by {clerk} on {time}. Receipt: {receipt}", clerk=before.entered_by, **facts
        )
    else:
        told = t("{name} has handed in on {time}. Receipt: {receipt}", name=person.name, **facts)
    return told, t("What you enter and hand in here replaces that; you will be asked first.")


def paper_entered(round: Round, sheet: Sheet) -> Message:
    """To somebody whose form on paper has been entered."""
    return Message(
        (
            t("Your HR office has entered the form you filled in on paper for “{round}”.", round=round.name),
            *receipt_lines(round, sheet),
            t("Please see whether everything is as you wrote it."),
        ),
        ((Button(t("Look at it or change it"), f"ac:{round.id}"),),),
    )


def page_button(round: Round) -> Button:
    """The way to a page on which all is filled in."""
    return Button(t("Fill in on a page"), f"al:{round.id}")


def page_link(round: Round, link: str, until: datetime) -> Message:
    """The way to the page of this round."""
    return Message(
        (
            t("Here you fill in “{round}” on a page:", round=round.name),
            link,
            t("The link is for you alone: it works once, until {time}. Please do not pass it on.", time=until),
            t("What you answer there and here goes to the same place; you can go on in either."),
        )
    )


def not_now(round: Round, form: Form, sheet: Sheet | None, now: datetime) -> Text:
    """Why nothing can be answered now, and what becomes of the answers there are."""
    if has_ended(round, now):
        return _ended(round, form, sheet)
    if round.state is RoundState.PAUSED:
        return t("“{round}” is paused at the moment. Your answers are kept; please go on later.", round=round.name)
    return t("“{round}” has not been opened yet.", round=round.name)


def _ended(round: Round, form: Form, sheet: Sheet | None) -> Text:
    if sheet is not None and sheet.handed_in is not None:
        return t(
            "“{round}” has closed. What you handed in on {time} counts; your receipt is {receipt}.",
            round=round.name,
            time=sheet.handed_in,
            receipt=sheet.receipt,
        )
    count = answered(form, sheet) if sheet is not None else 0
    if round.state is RoundState.CANCELLED:
        return _called_off(round, count)
    if count == 0:
        return t("“{round}” has closed.", round=round.name)
    return tn(
        "“{round}” has closed; your {count} answer is kept.",
        "“{round}” has closed; your {count} answers are kept.",
        count,
        round=round.name,
    )


def _called_off(round: Round, count: int) -> Text:
    if count == 0:
        return t("“{round}” was called off; nothing is asked of you any more.", round=round.name)
    return tn(
        "“{round}” was called off; your {count} answer is kept.",
        "“{round}” was called off; your {count} answers are kept.",
        count,
        round=round.name,
    )


def thanks(round: Round, sheet: Sheet) -> Message:
    """After handing in: the receipt, and the way to change answers while the round is open."""
    return Message(
        (t("Thank you. Your answers to “{round}” are handed in.", round=round.name), *receipt_lines(round, sheet)),
        change_button(round),
    )


def already(round: Round, sheet: Sheet) -> Message:
    """To somebody who answers what has been handed in."""
    return Message(
        (t("You have already handed in “{round}”.", round=round.name), *receipt_lines(round, sheet)),
        change_button(round),
    )


def receipt_lines(round: Round, sheet: Sheet) -> Sequence[Part]:
    """When it was handed in, the receipt, and until when answers may be changed."""
    lines: list[Part] = []
    if sheet.handed_in is not None:
        lines.append(t("Handed in on {time}. Receipt: {receipt}", time=sheet.handed_in, receipt=sheet.receipt))
    if round.closes is not None:
        lines.append(t("You can change your answers until {time}.", time=round.closes))
    return lines


def change_button(round: Round) -> Rows:
    """The way back into what was handed in."""
    return ((Button(t("Change my answers"), f"ac:{round.id}"),),)


def waiting(rounds: Sequence[tuple[Round, Sheet | None]], declined: Sequence[Round] = ()) -> Message:
    """What waits for a person, what has been begun, what is handed in, and in what they do not take part."""
    if not rounds and not declined:
        return Message((t("Nothing waits for you at the moment."),))
    open_still = ((round, sheet) for round, sheet in rounds if round.state is RoundState.OPEN)
    return Message(
        (
            *(_line(round, sheet) for round, sheet in rounds),
            *(t("“{round}”: you do not take part.", round=round.name) for round in declined),
        ),
        (
            *((_button(round, sheet),) for round, sheet in open_still),
            *((_button(round, None),) for round in declined if round.state is RoundState.OPEN),
        ),
    )


def _line(round: Round, sheet: Sheet | None) -> Text:
    if round.anonymous:
        return _anonymous_line(round)
    if sheet is not None and sheet.handed_in is not None:
        return t(
            "“{round}”: handed in on {time}, receipt {receipt}.",
            round=round.name,
            time=sheet.handed_in,
            receipt=sheet.receipt,
        )
    if round.state is RoundState.PAUSED:
        return t("“{round}”: paused at the moment.", round=round.name)
    if round.closes is None:
        if sheet is None:
            return t("“{round}”: not begun.", round=round.name)
        return t("“{round}”: begun.", round=round.name)
    if sheet is None:
        return t("“{round}”: not begun, open until {time}.", round=round.name, time=round.closes)
    return t("“{round}”: begun, open until {time}.", round=round.name, time=round.closes)


def _anonymous_line(round: Round) -> Text:
    """The same whether somebody has answered or not: nobody knows."""
    if round.state is RoundState.PAUSED:
        return t("“{round}”: anonymous, paused at the moment.", round=round.name)
    if round.closes is None:
        return t("“{round}”: anonymous.", round=round.name)
    return t("“{round}”: anonymous, open until {time}.", round=round.name, time=round.closes)


def _button(round: Round, sheet: Sheet | None) -> Button:
    if round.anonymous:
        verb = "bo" if round.secrecy.in_chat else "bl"
        return Button(t("Answer “{round}”", round=round.name), f"{verb}:{round.id}", page=page_of(round))
    if sheet is None:
        return Button(t("Begin “{round}”", round=round.name), f"ao:{round.id}")
    if is_final(sheet):
        return Button(t("Change “{round}”", round=round.name), f"ac:{round.id}")
    return Button(t("Go on with “{round}”", round=round.name), f"ao:{round.id}")
