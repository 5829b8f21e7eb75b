"""What people are told about a round: the invitation, where it stands, the receipt."""

from collections.abc import Sequence
from datetime import datetime

from handlers.forms.form import Form
from handlers.surveys.rules.rounds import has_ended
from handlers.surveys.rules.sheets import answered, is_final
from handlers.talk import Button, Message, Part, Text, t, tn
from storage.records import Round, RoundState, Sheet

Rows = tuple[tuple[Button, ...], ...]


def notice(round: Round, form: Form) -> tuple[Part, ...]:
    """What a person must know before the first question: named, what it is, who asks, until when."""
    parts: list[Part] = [
        t("This is a named questionnaire: the HR office sees your answers together with your name."),
        t("{round}: {title}", round=round.name, title=form.title),
        t("Your HR office asks."),
    ]
    if round.closes is not None:
        parts.append(t("It is open until {time}.", time=round.closes))
    parts.append(t("Every answer is kept at once. You can stop and go on later, on another account of yours too."))
    return tuple(parts)


def invitation(round: Round, form: Form) -> Message:
    """The letter everybody on the roll gets."""
    button = Button(t("Begin"), f"ao:{round.id}")
    return Message(notice(round, form), ((button,), (page_button(round),)))


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
    if count == 0:
        return t("“{round}” has closed.", round=round.name)
    return tn(
        "“{round}” has closed; your {count} answer is kept.",
        "“{round}” has closed; your {count} answers are kept.",
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


def waiting(rounds: Sequence[tuple[Round, Sheet | None]]) -> Message:
    """What waits for a person, what has been begun, and what is handed in."""
    if not rounds:
        return Message((t("Nothing waits for you at the moment."),))
    return Message(
        tuple(_line(round, sheet) for round, sheet in rounds),
        tuple((_button(round, sheet),) for round, sheet in rounds if round.state is RoundState.OPEN),
    )


def _line(round: Round, sheet: Sheet | None) -> Text:
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


def _button(round: Round, sheet: Sheet | None) -> Button:
    if sheet is None:
        return Button(t("Begin “{round}”", round=round.name), f"ao:{round.id}")
    if is_final(sheet):
        return Button(t("Change “{round}”", round=round.name), f"ac:{round.id}")
    return Button(t("Go on with “{round}”", round=round.name), f"ao:{round.id}")
