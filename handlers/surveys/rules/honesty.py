"""What is promised to those who answer an anonymous round, as it truly is there, and what is not protected.

Each sentence is chosen by how the round is kept: one tabulator or two, its threshold, chat or page, and by the
channel it is read on. Rule: `docs/anonymity.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.forms.form import Form
from handlers.talk import Button, Message, Part, Text, joined, t, tn
from handlers.terms import ATTRIBUTES
from storage.records import Attribute, Round

PAGE = "page"
"""As a channel: the page on which a round is answered."""
OURS = frozenset({PAGE, "webchat"})
"""Where no chat platform stands between us and the reader."""
PLATFORMS: Mapping[str, str] = {"telegram": "Telegram"}
"""Channels of somebody else, by the name people know them by."""

ANONYMOUS = t("This questionnaire is anonymous.")
HIDDEN = t("Not shown, to protect those who answered.")
"""What stands in place of every table that is not shown, for whatever reason."""
UNPROTECTED: tuple[Text, ...] = (
    t("Whoever fully controls the server while the round is open could read answers at the moment they arrive."),
    t(
        "The chat platform sees what is tapped or typed in its chat, and that the link was opened; "
        "not what you answer on the page."
    ),
    t(
        "Your employer's archive of chats, where it has one, keeps the same, "
        "and also what has been deleted in the chat."
    ),
    t(
        "The people who open the box: two of them together (in a small organ the one) who had got hold of the keys on "
        "the server while the round was open could find out who wrote what."
    ),
    t("The way you write: free words may be recognised by those who know you."),
)
"""What nothing here protects from, in plain words."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom a round asks: how many people, of which units; none named: the whole organ."""

    people: int
    units: tuple[str, ...] = ()


def invitation(round: Round, form: Form, circle: Circle) -> Message:
    """What everybody is told alike, word for word, before anything is asked."""
    letter = (round.letter.strip(),) if round.letter.strip() else ()
    return Message((ANONYMOUS, *letter, *facts(round, form, circle), *promise(round)), ways_in(round))


def ways_in(round: Round) -> tuple[tuple[Button, ...], ...]:
    """Where it can be answered, to tap; the same for everybody."""
    page = (Button(t("Fill in on the page"), f"bl:{round.id}", page=page_of(round)),)
    here = (Button(t("Answer here by tapping"), f"bo:{round.id}", page=page_of(round)),)
    return (page, here) if round.secrecy.in_chat else (page,)


def page_of(round: Round) -> str:
    """The path of the page on which it is answered, the same for everybody."""
    return f"/ballot/{round.id}"


def facts(round: Round, form: Form, circle: Circle) -> tuple[Part, ...]:
    """What is fixed when the round opens: whom it asks, until when, by what its results are told apart."""
    told: list[Part] = [t("{round}: {title}", round=round.name, title=form.title), _asked(circle)]
    if round.closes is not None:
        told.append(
            t("It is open until {time}. Until then you can answer again: the last answer counts.", time=round.closes)
        )
    return (*told, _told_apart([one.attribute for one in round.secrecy.breakdowns]))


def promise(round: Round, channel: str = "") -> tuple[Part, ...]:
    """What is promised and what is not, as it is for whoever reads it on this channel (`PAGE`: on the page; empty: on
    whichever). The same words for everybody there."""
    return (
        t(
            "The database, its backups, its logs and exports hold no answer that can be read as yours, "
            "and not who has answered."
        ),
        _opened(round.secrecy.tabulators),
        tn(
            "What fewer than {count} person answered is never shown to anybody.",
            "What fewer than {count} people answered is never shown to anybody.",
            round.secrecy.threshold,
        ),
        *_seen(round.secrecy.in_chat, channel),
        t("The server sees an answer at the moment it arrives. Please write nothing by which you could be recognised."),
    )


def _asked(circle: Circle) -> Text:
    if not circle.units:
        return tn(
            "Your HR office asks the whole organ: {count} person.",
            "Your HR office asks the whole organ: {count} people.",
            circle.people,
        )
    return tn(
        "Your HR office asks {count} person, of {units}.",
        "Your HR office asks {count} people, of {units}.",
        circle.people,
        units=joined(circle.units),
    )


def _told_apart(attributes: Sequence[Attribute]) -> Text:
    if not attributes:
        return t("The results are shown for all together.")
    names = [ATTRIBUTES[one] for one in attributes]
    if len(names) == 1:
        return t(
            "The results are shown for all together and by {attribute}; small groups are put together.",
            attribute=names[0],
        )
    return t(
        "The results are shown for all together, by {attribute} and by {other}; small groups are put together.",
        attribute=names[0],
        other=names[1],
    )


def _opened(tabulators: int) -> Text:
    if tabulators == 1:
        return t(
            "After it closes, the marks that could lead from a ballot to you are destroyed first. Then one person "
            "opens the box alone: there are not two for it in this organ."
        )
    return t(
        "After it closes, the marks that could lead from a ballot to you are destroyed first. Then two people from "
        "different units open the box together; none of them can alone."
    )


def _seen(in_chat: bool, channel: str) -> tuple[Text, ...]:
    """Who sees what on the way."""
    if channel == PAGE:
        return (t("You are on our own page: your answers pass through no chat."),)
    if channel in OURS:
        return (
            t(
                "This chat keeps its messages on our server, so nothing of your answers is said in it: "
                "you answer on the page."
            ),
        )
    if channel:
        return _seen_by(PLATFORMS.get(channel, channel), in_chat)
    if not in_chat:
        return (
            t(
                "You answer on a page, and your answers pass through no chat. The chat platform, and your employer "
                "where it archives chats, can see that you opened the link."
            ),
        )
    return (
        t(
            "On the page your answers pass through no chat: the chat platform, and your employer where it archives "
            "chats, can see only that you opened the link. What you tap in a chat they can see. If you mind, choose "
            "the page."
        ),
        t("In our own web chat everything is answered on the page."),
    )


def _seen_by(platform: str, in_chat: bool) -> tuple[Text, ...]:
    if in_chat:
        return (
            t(
                "{platform}, and your employer where it archives chats, can see what you tap here. If you mind, answer "
                "on the page: then they can see only that you opened the link.",
                platform=platform,
            ),
        )
    return (
        t(
            "You answer on a page, and your answers pass through no chat. {platform}, and your employer where it "
            "archives chats, can see that you opened the link.",
            platform=platform,
        ),
    )
